import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.statistics.corrections import benjamini_hochberg, holm
from ombud.statistics.drift import ks, psi
from ombud.statistics.equality import equality, omnibus, pearson
from ombud.statistics.intervals import clopper_pearson, difference_interval, ratio_interval, wilson
from ombud.statistics.scores import auc, auc_interval
from ombud.statistics.shrinkage import shrunk
from ombud.statistics.strata import Stratum, conditional_independence, homogeneity, odds_ratio, odds_ratio_interval

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
BINS = st.lists(st.integers(0, 300), min_size=2, max_size=12).filter(any)


@settings(deadline=None)
@given(COUNTS)
def test_intervals_of_a_rate_hold_it_and_the_other_outcome_has_the_mirrored_one(x: tuple[int, int]) -> None:
    selected, total = x
    for low, high in (wilson(*x), clopper_pearson(*x)):
        assert 0 <= low <= selected / total + 1e-12 and selected / total - 1e-12 <= high <= 1 + 1e-12
    mirrored = wilson(total - selected, total)
    assert wilson(*x) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_a_difference_turned_round_has_the_interval_turned_round(a: tuple[int, int], b: tuple[int, int]) -> None:
    low, high = difference_interval(*a, *b)
    back = difference_interval(*b, *a)
    assert (low, high) == pytest.approx((-back.high, -back.low), abs=1e-12)
    assert low - 1e-12 <= a[0] / a[1] - b[0] / b[1] <= high + 1e-12


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_a_ratio_turned_round_has_the_interval_turned_round(a: tuple[int, int], b: tuple[int, int]) -> None:
    low, high = ratio_interval(*a, *b)
    back = ratio_interval(*b, *a)
    assert low == pytest.approx(1 / back.high if back.high else math.inf, rel=1e-6, abs=1e-12)
    assert low <= high
    if b[0]:
        value = Fraction(a[0], a[1]) / Fraction(b[0], b[1])
        assert low - 1e-9 <= value <= high * (1 + 1e-9) + 1e-9


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_the_ratio_interval_and_pearsons_test_agree_but_for_a_hair(a: tuple[int, int], b: tuple[int, int]) -> None:
    people = a[1] + b[1]
    low, high = ratio_interval(*a, *b)
    p = pearson([a[0], b[0]], [a[1], b[1]])
    if low > 1 or high < 1:
        assert p < 0.05
    if p < 0.05 - 1.0 / people:  # the interval has the factor N/(N-1), the test has not
        assert low > 1 - 1e-9 or high < 1 + 1e-9


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_equality_is_symmetric_in_groups_and_outcomes(a: tuple[int, int], b: tuple[int, int]) -> None:
    p = equality(*a, *b)
    assert 0 <= p <= 1
    assert equality(*b, *a) == pytest.approx(p, rel=1e-9, abs=1e-300)
    assert equality(a[1] - a[0], a[1], b[1] - b[0], b[1]) == pytest.approx(p, rel=1e-6, abs=1e-300)


@settings(deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_the_omnibus_is_a_p_value_whatever_the_order(groups: list[tuple[int, int]]) -> None:
    p = omnibus([x for x, _ in groups], [n for _, n in groups])
    assert 0 <= p <= 1
    back = groups[::-1]
    assert omnibus([x for x, _ in back], [n for _, n in back]) == pytest.approx(p, rel=1e-6, abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_correction_never_lowers_a_p_value_and_keeps_its_order(p_values: list[float]) -> None:
    for corrected in (holm(p_values), benjamini_hochberg(p_values)):
        assert all(raw <= more <= 1 for raw, more in zip(p_values, corrected, strict=True))
        ordered = [more for _, more in sorted(zip(p_values, corrected, strict=True))]
        assert ordered == sorted(ordered)
    assert all(fdr <= fwer for fdr, fwer in zip(benjamini_hochberg(p_values), holm(p_values), strict=True))


@settings(deadline=None)
@given(st.data(), st.integers(2, 12))
def test_drift_of_two_tables_is_zero_only_for_equal_shares_and_ks_lies_between_zero_and_one(
    data: st.DataObject, bins: int
) -> None:
    same_length = st.lists(st.integers(0, 300), min_size=bins, max_size=bins).filter(any)
    a, b = data.draw(same_length), data.draw(same_length)
    assert psi(a, b) >= 0 and psi(a, a) == 0
    gap, p = ks(a, b)
    assert 0 <= gap <= 1 and 0 <= p <= 1 and ks(b, a)[0] == gap
    assert (gap == 0) == all(x * sum(b) == y * sum(a) for x, y in zip(a, b, strict=True))


@settings(deadline=None)
@given(BINS, st.data())
def test_an_auc_turned_round_is_one_minus_itself(ours: list[int], data: st.DataObject) -> None:
    theirs = data.draw(st.lists(st.integers(0, 300), min_size=len(ours), max_size=len(ours)).filter(any))
    area = auc(ours, theirs)
    assert area + auc(ours[::-1], theirs[::-1]) == 1
    low, high = auc_interval(area, sum(ours), sum(theirs))
    assert 0 <= low <= float(area) + 1e-9 and float(area) - 1e-9 <= high <= 1


@settings(deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=10))
def test_a_shrunk_rate_lies_between_the_group_and_the_whole(groups: list[tuple[int, int]]) -> None:
    selected, total = [x for x, _ in groups], [n for _, n in groups]
    pooled = sum(selected) / sum(total)
    for rate, (x, n) in zip(shrunk(selected, total), groups, strict=True):
        assert min(pooled, x / n) - 1e-9 <= rate <= max(pooled, x / n) + 1e-9


STRATUM = st.tuples(COUNTS, COUNTS).map(lambda pair: Stratum("s", *pair[0], *pair[1]))


@settings(deadline=None)
@given(st.lists(STRATUM, min_size=1, max_size=6))
def test_strata_in_any_order_and_groups_turned_round_say_the_same(strata: list[Stratum]) -> None:
    value, interval, p = odds_ratio(strata), odds_ratio_interval(strata), conditional_independence(strata)
    assert 0 <= p <= 1
    assert odds_ratio(strata[::-1]) == value
    turned = [Stratum(s.name, s.reference_selected, s.reference_total, s.selected, s.total) for s in strata]
    if value:
        assert odds_ratio(turned) == 1 / value
        assert interval is not None and interval.low <= value <= interval.high
    assert conditional_independence(turned) == pytest.approx(p, rel=1e-6, abs=1e-12)
    same = homogeneity(strata)
    if same is not None:
        assert same.statistic >= 0 and 0 <= same.p_value <= 1
