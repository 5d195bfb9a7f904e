import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chi2, fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable

from ombud.statistics.equality import fisher
from ombud.statistics.strata import (
    Stratum,
    all_independent,
    conditional_independence,
    detectable_odds_ratio,
    homogeneity,
    odds_ratio,
    odds_ratio_interval,
    room,
)

BERKELEY = [  # women and men admitted and considered in six departments, Bickel, Hammel and O'Connell (1975)
    Stratum("A", 89, 108, 512, 825),
    Stratum("B", 17, 25, 353, 560),
    Stratum("C", 202, 593, 120, 325),
    Stratum("D", 131, 375, 138, 417),
    Stratum("E", 94, 393, 53, 191),
    Stratum("F", 24, 341, 22, 373),
]
UNEQUAL = [Stratum("x", 20, 40, 30, 50), Stratum("y", 35, 60, 15, 55), Stratum("z", 5, 30, 12, 45)]


def _theirs(strata: list[Stratum]) -> StratifiedTable:
    return StratifiedTable([np.array(stratum.cells).reshape(2, 2) for stratum in strata])


@pytest.mark.parametrize("strata", [BERKELEY, UNEQUAL])
def test_the_common_odds_ratio_its_interval_and_tests_agree_with_statsmodels(strata: list[Stratum]) -> None:
    theirs, value = _theirs(strata), odds_ratio(strata)
    assert float(value or 0) == pytest.approx(theirs.oddsratio_pooled)
    assert odds_ratio_interval(strata) == pytest.approx(theirs.oddsratio_pooled_confint(0.05))
    assert conditional_independence(strata) == pytest.approx(theirs.test_null_odds(correction=False).pvalue)


@pytest.mark.parametrize("strata", [BERKELEY, UNEQUAL])
def test_homogeneity_agrees_with_statsmodels_with_tarones_correction(strata: list[Stratum]) -> None:
    theirs, ours = _theirs(strata).test_equal_odds(adjust=True), homogeneity(strata)
    assert ours is not None
    assert (ours.statistic, ours.p_value) == (pytest.approx(theirs.statistic), pytest.approx(theirs.pvalue))
    assert ours.df == len(strata) - 1


def test_the_common_odds_ratio_is_exact() -> None:
    assert odds_ratio([Stratum("x", 1, 3, 2, 4)]) == Fraction(1 * 2, 2 * 2)


def test_the_odds_ratio_is_undefined_without_two_groups() -> None:
    assert odds_ratio([Stratum("x", 1, 3, 0, 0)]) is None
    assert odds_ratio([]) is None
    assert odds_ratio_interval([Stratum("x", 0, 3, 2, 4)]) is None
    assert homogeneity([Stratum("x", 1, 3, 2, 4)]) is None


def test_strata_that_hold_one_group_change_nothing() -> None:
    more = [*BERKELEY, Stratum("G", 0, 0, 7, 9), Stratum("H", 5, 5, 3, 3)]
    assert odds_ratio(more) == odds_ratio(BERKELEY)
    assert conditional_independence(more) == conditional_independence(BERKELEY)
    assert homogeneity(more) == homogeneity(BERKELEY)


def test_no_stratum_that_tells_anything_gives_no_evidence() -> None:
    assert conditional_independence([Stratum("x", 3, 3, 4, 4), Stratum("y", 1, 2, 0, 0)]) == 1


SPARSE = [Stratum("x", 1, 6, 4, 9), Stratum("y", 0, 5, 2, 4), Stratum("z", 1, 3, 3, 5)]


def test_few_people_in_one_stratum_are_tested_as_fisher_does() -> None:
    one = Stratum("x", 1, 6, 4, 9)
    assert conditional_independence([one]) == pytest.approx(fisher_exact([[1, 5], [4, 5]]).pvalue)
    assert conditional_independence([one]) == pytest.approx(fisher(1, 6, 4, 9))


def test_few_people_in_several_strata_are_tested_exactly() -> None:
    assert room(SPARSE) < 5
    ways: dict[int, int] = {}
    for split in itertools.product(*(range(stratum.marked + 1) for stratum in SPARSE)):
        pairs = list(zip(split, SPARSE, strict=True))
        number = math.prod(math.comb(s.total, x) * math.comb(s.reference_total, s.marked - x) for x, s in pairs)
        ways[sum(split)] = ways.get(sum(split), 0) + number
    seen = ways[sum(stratum.selected for stratum in SPARSE)]
    brute_force = sum(number for number in ways.values() if number <= seen) / sum(ways.values())
    assert conditional_independence(SPARSE) == pytest.approx(brute_force)


def test_two_groups_have_the_same_generalised_test() -> None:
    counts = [[s.selected, s.reference_selected] for s in UNEQUAL], [[s.total, s.reference_total] for s in UNEQUAL]
    assert all_independent(*counts) == pytest.approx(conditional_independence(UNEQUAL))


def test_one_stratum_of_three_groups_is_pearsons_test_but_for_one_person() -> None:
    from scipy.stats import chi2_contingency

    selected, total = [20, 35, 22], [60, 70, 80]
    pearson = chi2_contingency([[x, n - x] for x, n in zip(selected, total, strict=True)], correction=False).statistic
    assert all_independent([selected], [total]) == pytest.approx(chi2.sf(pearson * 209 / 210, 2))


def test_groups_that_never_meet_are_no_evidence() -> None:
    assert all_independent([[3, 0], [0, 9]], [[10, 0], [0, 10]]) == 1
    assert all_independent([], []) == 1


def test_the_generalised_test_keeps_its_level() -> None:
    rng, total = np.random.default_rng(5), np.array([[40, 50, 30], [20, 60, 80]])
    rates = np.array([[0.2], [0.6]])
    alarms = [all_independent(rng.binomial(total, rates).tolist(), total.tolist()) < 0.05 for _ in range(2000)]
    assert 0.035 <= np.mean(alarms) <= 0.062


def test_the_detectable_odds_ratio_is_noticed_four_times_in_five() -> None:
    strata = [Stratum("x", 150, 300, 150, 300), Stratum("y", 60, 300, 60, 300)]
    ratio = detectable_odds_ratio(strata)
    assert ratio is not None and ratio < 1
    rng = np.random.default_rng(9)

    def drawn(rate: float) -> Stratum:
        root = math.sqrt(ratio)  # both groups move, so that the margins stay as they are
        odds = rate / (1 - rate)
        ours, theirs = odds * root / (1 + odds * root), odds / root / (1 + odds / root)
        return Stratum("x", int(rng.binomial(300, ours)), 300, int(rng.binomial(300, theirs)), 300)

    noticed = [conditional_independence([drawn(0.5), drawn(0.2)]) < 0.05 for _ in range(1500)]
    assert np.mean(noticed) == pytest.approx(0.8, abs=0.03)
    assert detectable_odds_ratio([Stratum("x", 3, 3, 4, 4)]) is None
