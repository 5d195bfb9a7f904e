"""The search for a less discriminatory alternative: one threshold, chosen on some folds and judged on others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.release.alternatives import CANDIDATES, Scored, decisions, equal_rates, one_threshold, trial


def people(seed: int = 1, n: int = 600) -> Scored:
    random = np.random.default_rng(seed)
    group = np.where(np.arange(n) % 4 == 0, "b", "a")
    merit = random.normal(np.where(group == "b", 0.4, 0.9), 1.0)
    return Scored(
        score=1 / (1 + np.exp(-merit)),
        label=merit + random.normal(0, 0.7, n) > 0,
        group=group,
        fold=np.arange(n) % 5,
    )


def test_no_row_is_judged_by_a_threshold_it_helped_to_choose() -> None:
    """Turning all labels of one fold around leaves the threshold chosen for that fold as it was."""
    plain = people()
    for k in range(5):
        label = np.where(plain.fold == k, ~plain.label, plain.label)
        turned = Scored(plain.score, label, plain.group, plain.fold)
        assert one_threshold(plain, 0.5, 0.02, "g").chosen[k] == one_threshold(turned, 0.5, 0.02, "g").chosen[k]


def test_the_cube_counts_each_person_once() -> None:
    found = one_threshold(people(), 0.5, 0.02, "g")
    assert found.cube.total == 600
    assert found.cube.count(group="b") == 150


def test_the_choice_agrees_with_brute_force() -> None:
    sample = people(3)
    for k, chosen in enumerate(one_threshold(sample, 0.5, 0.02, "g").chosen):
        rest = sample.fold != k
        best = (-1.0, -1.0)
        for t in CANDIDATES:
            favourable = sample.score[rest] >= t
            agreement = np.mean(favourable == sample.label[rest])
            before = np.mean((sample.score[rest] >= 0.5) == sample.label[rest])
            rates = [favourable[sample.group[rest] == g].mean() for g in ("a", "b")]
            if agreement >= before - 0.02:
                best = max(best, (min(rates) / max(rates), t))
        assert chosen == best[1]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), band=st.floats(0, 0.1))
def test_on_the_rows_it_was_chosen_on_the_loss_stays_within_the_band(seed: int, band: float) -> None:
    sample = people(seed)
    for k, chosen in enumerate(one_threshold(sample, 0.5, band, "g").chosen):
        rest = sample.but(sample.fold != k)
        assert trial(rest, chosen).agreement >= trial(rest, 0.5).agreement - band
        assert trial(rest, chosen).ratio >= trial(rest, 0.5).ratio or band == 0


def test_equal_rates_do_equalise_and_are_only_shown() -> None:
    sample = people()
    thresholds = equal_rates(sample, 0.5)
    rates = [np.mean(sample.score[sample.group == g] >= t) for g, t in thresholds.items()]
    assert abs(rates[0] - rates[1]) < 0.02


def test_without_folds_there_is_no_honest_search() -> None:
    one = people()
    with pytest.raises(Misused, match="fold"):
        one_threshold(Scored(one.score, one.label, one.group, np.zeros(600, dtype=np.int64)), 0.5, 0.01, "g")


def test_a_score_that_is_missing_is_refused() -> None:
    one = people()
    with pytest.raises(Misused, match="not finite"):
        Scored(np.where(np.arange(600) == 3, np.nan, one.score), one.label, one.group, one.fold)


def test_decisions_follow_the_threshold_inclusively() -> None:
    sample = Scored(np.array([0.5, 0.49]), np.array([True, False]), np.array(["a", "a"]), np.array([0, 1]))
    assert decisions(sample, 0.5, "g").count(decision="favourable") == 1
