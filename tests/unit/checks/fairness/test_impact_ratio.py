from fractions import Fraction

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, demographic_parity_ratio, selection_rate
from hypothesis import given, settings
from hypothesis import strategies as st

from counting import cube, named
from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Scale
from ombud.tables.needs import Counts, Role

DEMO = cube(black=(131, 197), hispanic=(85, 108), white=(1525, 1681))


def test_the_ratio_is_exact_where_floating_point_is_not() -> None:
    assert named(impact_ratio(cube(a=(24, 40), b=(30, 40))), "impact_ratio").value == Fraction(4, 5)
    assert 0.6 / 0.75 < 0.8


def test_the_ratio_comes_with_interval_test_and_size() -> None:
    measured = named(impact_ratio(cube(a=(162, 400), b=(200, 400))), "impact_ratio")
    assert measured.value == Fraction(81, 100)
    assert (round(measured.low or 0, 2), round(measured.high or 0, 2)) == (0.69, 0.94)
    assert measured.p_value == measured.p_raw and round(measured.p_value or 0, 3) == 0.007
    assert (measured.n, measured.group, measured.reference, measured.protected) == (400, "a", "b", "race")
    assert measured.scale is Scale.RATIO
    assert measured.detectable == pytest.approx(0.803, abs=1e-3)


def test_the_difference_stands_beside_the_ratio() -> None:
    measured = named(impact_ratio(cube(a=(162, 400), b=(200, 400))), "selection_rate_difference")
    assert measured.value == Fraction(-38, 400)
    assert measured.scale is Scale.DIFFERENCE
    assert measured.low is not None and measured.high is not None
    assert measured.low < -0.095 < measured.high < 0


def test_rates_and_smallest_ratio_agree_with_fairlearn() -> None:
    rng = np.random.default_rng(1)
    race = rng.choice(["x", "y", "z"], 900)
    decision = (rng.random(900) < np.where(race == "x", 0.3, 0.5)).astype(int)
    counts = cube(**{g: (int(decision[race == g].sum()), int((race == g).sum())) for g in "xyz"})
    frame = MetricFrame(metrics=selection_rate, y_true=decision, y_pred=decision, sensitive_features=race)
    measured = [m for m in impact_ratio(counts) if m.name == "impact_ratio"]
    assert min(m.value for m in measured if m.value is not None) == pytest.approx(
        demographic_parity_ratio(decision, decision, sensitive_features=race)
    )
    for m in measured:
        assert float(m.value or 0) == pytest.approx(frame.by_group[m.group] / frame.by_group[m.reference])


def test_a_group_of_29_is_not_assessed_and_shown_with_its_count() -> None:
    measured = named(impact_ratio(cube(a=(1, 29), b=(30, 40), c=(20, 40))), "impact_ratio", "a")
    assert measured.unknown == "not assessed: 29 people, fewer than 30"
    assert (measured.value, measured.n, measured.counts["total"]) == (None, 29, 29)
    assert not measured.is_assessed


def test_a_group_of_30_is_assessed() -> None:
    assert named(impact_ratio(cube(a=(1, 30), b=(30, 40))), "impact_ratio").value == Fraction(2, 45)


def test_people_with_a_missing_value_are_shown_and_lower_the_assessed_share() -> None:
    measured = list(impact_ratio(cube(a=(20, 40), b=(30, 50), missing=(5, 10))))
    assert named(measured, "impact_ratio", "unknown").unknown == (
        "not assessed: 10 people whose protected value is not known"
    )
    assert named(measured, "assessed_share").value == Fraction(9, 10)


def test_people_without_a_decision_lower_the_assessed_share() -> None:
    counts = cube(a=(20, 40), b=(30, 50)) + Cube(("group", "decision"), {("a", None): 10})
    assert named(impact_ratio(counts), "assessed_share").value == Fraction(9, 10)


def test_a_named_reference_is_used_and_the_best_group_is_said_too() -> None:
    measured = list(impact_ratio(cube(a=(20, 50), b=(30, 50), c=(40, 50)), reference="b"))
    assert {m.reference for m in measured if m.name == "impact_ratio"} == {"b"}
    assert {m.reference for m in measured if m.name == "impact_ratio_to_best"} == {"c"}
    assert named(measured, "impact_ratio_to_best", "b").value == Fraction(3, 4)
    assert "reference named by policy" in named(measured, "impact_ratio", "a").method


def test_a_named_reference_that_is_the_best_is_said_once() -> None:
    measured = list(impact_ratio(cube(a=(20, 50), b=(30, 50)), reference="b"))
    assert [m.name for m in measured] == ["impact_ratio", "selection_rate_difference", "assessed_share"]


def test_a_misspelt_reference_is_unknown_and_not_replaced() -> None:
    measured = [m for m in impact_ratio(DEMO, reference="Withe") if m.name == "impact_ratio"]
    assert len(measured) == 3
    assert all(m.value is None and "'Withe'" in (m.unknown or "") for m in measured)


@pytest.mark.parametrize(
    ("counts", "because"),
    [
        (cube(), "nobody was counted"),
        (cube(a=(30, 60)), "there is only one group: nothing to compare it with"),
        (cube(a=(1, 1)), "not assessed: 1 people, fewer than 30"),
        (cube(a=(0, 40), b=(0, 40)), "the rate of the reference group a is 0: no ratio to it"),
        (cube(missing=(10, 100)), "not assessed: 100 people whose protected value is not known"),
    ],
)
def test_what_cannot_be_compared_is_unknown_with_the_reason(counts: Cube, because: str) -> None:
    measured = [m for m in impact_ratio(counts) if m.name == "impact_ratio"]
    assert [m.unknown for m in measured] == [because]


def test_the_favourable_value_inverted_changes_the_ratio() -> None:
    inverted = cube(a=(80, 100), b=(50, 100)), cube(a=(20, 100), b=(50, 100))
    assert [named(impact_ratio(c), "impact_ratio").value for c in inverted] == [Fraction(5, 8), Fraction(2, 5)]


def test_it_asks_for_counts_by_protected_column_and_lets_policy_name_a_reference() -> None:
    assert impact_ratio.needs == (Counts(by=Role.PROTECTED, of=(Role.DECISION,)),)
    assert impact_ratio.parameters == {"reference"}
    assert impact_ratio.recomputable


ANY_GROUP = st.integers(1, 300).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@settings(deadline=None)
@given(st.lists(ANY_GROUP, min_size=2, max_size=8))
def test_the_order_of_groups_does_not_matter(groups: list[tuple[int, int]]) -> None:
    named_groups = {f"g{i}": group for i, group in enumerate(groups)}
    backwards = dict(reversed(named_groups.items()))
    assert list(impact_ratio(cube(**named_groups))) == list(impact_ratio(cube(**backwards)))


@settings(deadline=None)
@given(st.lists(ANY_GROUP, min_size=2, max_size=8))
def test_no_ratio_to_the_best_group_of_all_large_groups_exceeds_one(groups: list[tuple[int, int]]) -> None:
    large = {f"g{i}": (x + 15, n + 30) for i, (x, n) in enumerate(groups)}
    pool = sum(n for _, n in large.values())
    if all(n >= 0.02 * pool for _, n in large.values()):
        assert all(m.value <= 1 for m in impact_ratio(cube(**large)) if m.name == "impact_ratio" and m.value)


@settings(deadline=None)
@given(st.lists(ANY_GROUP, min_size=1, max_size=8))
def test_every_person_is_in_a_row_and_each_value_lies_in_its_interval(groups: list[tuple[int, int]]) -> None:
    measured = list(impact_ratio(cube(**{f"g{i}": group for i, group in enumerate(groups)})))
    rows = [m for m in measured if m.name == "impact_ratio"]
    reference = next((m.counts["reference_total"] for m in rows if "reference_total" in m.counts), None)
    if reference is not None:
        assert sum(m.n for m in rows) + reference == sum(n for _, n in groups)
    for m in measured:
        if m.value is not None and m.low is not None and m.high is not None:
            assert m.low - 1e-12 <= m.value <= m.high + 1e-12
