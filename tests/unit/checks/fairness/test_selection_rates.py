from fractions import Fraction

import pytest
from statsmodels.stats.proportion import proportion_confint

from counting import cube, groups_cube, named
from ombud.checks.fairness.selection_rates import selection_rates
from ombud.statistics.cube import Cube
from ombud.statistics.groups import Group
from ombud.statistics.shrinkage import shrunk


def _rates(counts: Cube) -> dict[str | None, Fraction | float | int | None]:
    return {m.group: m.value for m in selection_rates(counts)}


def test_each_group_and_everybody_has_an_exact_rate() -> None:
    assert _rates(cube(a=(20, 60), b=(40, 100))) == {None: Fraction(3, 8), "a": Fraction(1, 3), "b": Fraction(2, 5)}


def test_the_interval_is_wilsons() -> None:
    measured = named(selection_rates(cube(a=(20, 60))), "selection_rate", "a")
    assert (measured.low, measured.high) == pytest.approx(proportion_confint(20, 60, method="wilson"))


def test_people_with_a_missing_value_have_a_row_of_their_own_and_count_for_everybody() -> None:
    measured = list(selection_rates(cube(a=(20, 60), missing=(40, 40))))
    unknown = named(measured, "selection_rate", "unknown")
    assert (unknown.value, unknown.n, unknown.unknown) == (1, 40, None)
    assert unknown.notes == ("people whose protected value is not known",)
    assert measured[0].value == Fraction(60, 100)


def test_a_group_of_29_is_shown_and_not_assessed() -> None:
    measured = named(selection_rates(cube(a=(20, 60), b=(4, 29))), "selection_rate", "b")
    assert measured.value == Fraction(4, 29)
    assert measured.unknown == "not assessed: 29 people, fewer than 30"


def test_nobody_has_no_rate() -> None:
    (measured,) = selection_rates(cube())
    assert (measured.value, measured.unknown) == (None, "nobody to take a rate of")


def test_combinations_carry_a_rate_for_display_pulled_towards_the_whole() -> None:
    groups = [Group("a × f", 3, 30), Group("a × m", 30, 100), Group("b × f", 45, 90)]
    expected = shrunk([3, 30, 45], [30, 100, 90])
    measured = list(selection_rates(groups_cube(groups, "race × sex")))[1:]
    assert [m.notes for m in measured] == [(f"pulled towards the whole, for display: {x:.3f}",) for x in expected]
    assert not any(m.notes for m in list(selection_rates(groups_cube(groups, "race")))[1:])


def test_a_group_without_any_decision_is_a_row_without_a_rate() -> None:
    counts = cube(a=(20, 60)) + Cube(("group", "decision"), {("b", None): 50})
    measured = named(selection_rates(counts), "selection_rate", "b")
    assert (measured.value, measured.counts["undecided"]) == (None, 50)
    assert measured.unknown == "not assessed: 0 people, fewer than 30"
