import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import PermutationMethod, chi2_contingency, fisher_exact

from ombud.statistics.equality import (
    equality,
    fisher,
    omnibus,
    pearson,
    pearson_statistic,
    smallest_expected,
    statistic_moments,
)


def _table(selected: list[int], total: list[int]) -> list[list[int]]:
    return [[x, n - x] for x, n in zip(selected, total, strict=True)]


@pytest.mark.parametrize(
    ("selected", "total"), [([162, 200], [400, 400]), ([30, 41, 22], [60, 75, 80]), ([5, 9, 7, 3], [30, 31, 44, 52])]
)
def test_pearson_agrees_with_scipy(selected: list[int], total: list[int]) -> None:
    theirs = chi2_contingency(_table(selected, total), correction=False)
    assert pearson_statistic(selected, total) == pytest.approx(theirs.statistic)
    assert pearson(selected, total) == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize("counts", [(0, 30, 8, 40), (3, 50, 0, 60), (30, 30, 36, 40), (1, 30, 4, 900), (7, 31, 7, 31)])
def test_fisher_agrees_with_scipy(counts: tuple[int, int, int, int]) -> None:
    x, n, y, m = counts
    assert fisher(*counts) == pytest.approx(fisher_exact([[x, n - x], [y, m - y]]).pvalue)


def test_fisher_is_the_lady_tasting_tea() -> None:
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)  # Fisher (1935): two-sided, 2 (1 + 16) of 70


def test_fisher_takes_over_below_an_expected_count_of_five() -> None:
    assert smallest_expected([4, 6], [50, 50]) == 5
    assert equality(4, 50, 6, 50) == pearson([4, 6], [50, 50])
    assert equality(3, 50, 6, 50) == fisher(3, 50, 6, 50) > pearson([3, 6], [50, 50])


def test_162_of_400_against_200_of_400_has_the_published_p_value() -> None:
    assert round(equality(162, 400, 200, 400), 3) == 0.007


def test_groups_that_are_all_selected_or_all_refused_are_equal() -> None:
    assert equality(40, 40, 50, 50) == equality(0, 40, 0, 50) == omnibus([9, 9, 9], [9, 9, 9]) == 1


def test_one_group_is_equal_to_itself() -> None:
    assert omnibus([3], [30]) == 1


def test_two_groups_have_the_omnibus_of_their_only_pair() -> None:
    assert omnibus([3, 9], [40, 45]) == equality(3, 40, 9, 45)


def test_the_omnibus_of_large_groups_is_pearsons() -> None:
    selected, total = [30, 41, 22], [60, 75, 80]
    assert omnibus(selected, total) == pytest.approx(chi2_contingency(_table(selected, total)).pvalue)


def _all_tables(chosen: int, total: list[int]) -> Counter[tuple[int, ...]]:
    """Every way the chosen can fall on the groups, with the number of ways: brute force."""
    ways: Counter[tuple[int, ...]] = Counter()
    for x in itertools.product(*(range(n + 1) for n in total)):
        if sum(x) == chosen:
            ways[x] = math.prod(math.comb(n, k) for n, k in zip(total, x, strict=True))
    return ways


@pytest.mark.parametrize(("chosen", "total"), [(3, [4, 5, 6]), (7, [3, 9, 2, 5]), (1, [5, 5, 5]), (2, [1, 2, 1])])
def test_the_moments_of_pearsons_statistic_are_exact(chosen: int, total: list[int]) -> None:
    ways = _all_tables(chosen, total)
    rate, all_ways = Fraction(chosen, sum(total)), sum(ways.values())
    value = {
        x: sum(Fraction((k - n * rate) ** 2, n) for k, n in zip(x, total, strict=True)) / (rate * (1 - rate))
        for x in ways
    }
    mean = sum(value[x] * w for x, w in ways.items()) / all_ways
    variance = sum((value[x] - mean) ** 2 * w for x, w in ways.items()) / all_ways
    assert statistic_moments(chosen, total) == (mean, variance)


@pytest.mark.parametrize(
    ("selected", "total"),
    [([4, 1, 9], [60, 70, 80]), ([0, 2, 1, 7, 0], [31, 40, 300, 60, 35]), ([1, 0, 0], [30, 30, 30])],
)
def test_the_omnibus_of_rare_events_is_near_the_permutation_test(selected: list[int], total: list[int]) -> None:
    method = PermutationMethod(n_resamples=19_999, rng=np.random.default_rng(5))
    theirs = chi2_contingency(_table(selected, total), correction=False, method=method).pvalue
    assert omnibus(selected, total) == pytest.approx(theirs, abs=0.03)


def test_the_omnibus_of_rare_events_keeps_its_level() -> None:
    rng, total = np.random.default_rng(11), [30, 45, 60, 200]
    false_alarms = np.mean([omnibus(rng.binomial(total, 0.02).tolist(), total) < 0.05 for _ in range(3000)])
    assert false_alarms <= 0.055
