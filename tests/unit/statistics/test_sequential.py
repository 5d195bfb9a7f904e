"""Bets that may be looked at for ever: fair by exact enumeration, and added up as the formula says."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ombud.statistics.sequential import (
    Bets,
    began,
    chernoff,
    log_evidence,
    log_mixture,
    on_a_rise,
    shares_of_windows,
)  # fmt: skip
from ombud.statistics.sequential_ratio import on_a_lower_ratio

rates = st.floats(0.02, 0.98)


def expected(bets: Bets, n: int, rate: float) -> np.ndarray:
    """The mean factor of each bet over all counts that n rows can show, by enumeration."""
    chance = binom.pmf(np.arange(n + 1), n, rate)
    return chance @ np.exp(bets.gains)


@given(bound=rates, below=st.just(0.0) | st.floats(1e-9, 1), n=st.integers(0, 60))
def test_a_bet_on_a_rise_is_fair_at_the_bound_and_worse_than_fair_below_it(bound: float, below: float, n: int) -> None:
    hits = np.arange(n + 1, dtype=float)
    bets = on_a_rise(np.asarray(bound), hits, np.full(n + 1, float(n)))
    assert np.allclose(expected(bets, n, bound), 1, atol=1e-9)
    assert (expected(bets, n, bound * below) <= 1 + 1e-9).all()


def test_a_bet_wins_if_the_rate_really_is_above_the_bound() -> None:
    hits = np.arange(101, dtype=float)
    assert expected(on_a_rise(np.asarray(0.3), hits, np.full(101, 100.0)), 100, 0.5).max() > 100


@given(
    bound=st.floats(0.1, 1.5), level=st.floats(0.05, 0.95), theirs=st.floats(0.02, 0.98), above=st.floats(0, 1),
    n=st.integers(1, 12), m=st.integers(1, 12),
)  # fmt: skip
def test_a_bet_on_a_lower_ratio_is_never_better_than_fair_for_any_pair_of_rates_that_is_no_change(
    bound: float, level: float, theirs: float, above: float, n: int, m: int
) -> None:
    lowest = min(1.0, bound * theirs)
    ours = lowest + above * (1 - lowest)
    if ours < bound * theirs:  # no rate of the group reaches the bound beside so high a rate of the other
        return
    pairs = np.array(list(product(range(n + 1), range(m + 1))), dtype=float)
    counts = (pairs[:, 0], np.full(len(pairs), float(n)))
    other = (pairs[:, 1], np.full(len(pairs), float(m)))
    first, second = on_a_lower_ratio(np.asarray(bound), counts, other, np.asarray(level))
    chance = binom.pmf(pairs[:, 0], n, ours) * binom.pmf(pairs[:, 1], m, theirs)
    assert (chance @ np.exp(first.gains + second.gains) <= 1 + 1e-6).all()


def test_the_shares_of_all_windows_together_are_never_more_than_the_whole() -> None:
    shares = shares_of_windows(100_000)
    assert (shares > 0).all() and (np.diff(shares) < 0).all()
    assert shares.sum() == pytest.approx(1 - 1 / (1 + math.log2(100_001)))


def test_evidence_is_the_sum_over_all_beginnings_and_what_was_not_staked_yet() -> None:
    gains = np.random.default_rng(7).normal(0, 0.5, (25, 4))
    shares = shares_of_windows(25)
    for at in (0, 3, 24):
        begun = [shares[j] * np.exp(gains[j : at + 1].sum(axis=0)).mean() for j in range(at + 1)]
        assert log_evidence(gains)[at] == pytest.approx(math.log(sum(begun) + 1 - shares[: at + 1].sum()))


def test_evidence_that_is_overwhelming_stays_a_number() -> None:
    assert np.isfinite(log_evidence(np.full((50, 3), 300.0))).all()
    assert log_mixture(np.full((50, 3), 300.0)) == pytest.approx(15_000)


def test_the_beginning_of_a_change_is_where_it_was_put() -> None:
    rng = np.random.default_rng(11)
    rate = np.where(np.arange(120) < 80, 0.4, 0.6)
    hits = rng.binomial(200, rate).astype(float)
    assert abs(began(on_a_rise(np.asarray(0.45), hits, np.full(120, 200.0)).gains) - 80) <= 2


@pytest.mark.parametrize("n", [0, 1, 10, 100, 1_000])
@pytest.mark.parametrize("rate", [0.0, 0.01, 0.3, 0.5, 0.99, 1.0])
def test_each_bound_of_a_sample_is_wrong_at_most_as_often_as_it_says(n: int, rate: float) -> None:
    low, high = chernoff(np.arange(n + 1), np.full(n + 1, n), 0.05)
    chance = binom.pmf(np.arange(n + 1), n, rate)
    assert chance[low > rate + 1e-9].sum() <= 0.05 and chance[high < rate - 1e-9].sum() <= 0.05
    assert ((low >= 0) & (high <= 1) & (low <= high)).all()


def test_rows_that_stand_together_weigh_as_if_there_were_so_many_times_fewer() -> None:
    hits, total = np.array([30.0]), np.array([50.0])
    alone, together = (on_a_rise(np.asarray(0.4), hits, total, by).gains for by in (1.0, 5.0))
    assert np.allclose(alone, together * 5)


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.floats(1e-9, 0.2))
def test_the_bounds_of_one_rate_are_those_of_the_same_rate_among_others(hits: int, more: int, error: float) -> None:
    alone = chernoff(np.asarray(hits), np.asarray(hits + more), error)
    among = chernoff(np.array([hits, 3]), np.array([hits + more, 9]), error)
    for one, others in zip(alone, among, strict=True):
        assert one.shape == () and float(one) == pytest.approx(float(others[0]), abs=1e-12)
