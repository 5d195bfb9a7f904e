from fractions import Fraction

import pytest

from counting import cube, groups_cube
from ombud.errors import Misused
from ombud.statistics.cube import Cube
from ombud.statistics.groups import (
    FAVOURABLE,
    UNFAVOURABLE,
    Group,
    best_group,
    choose_reference,
    rates,
    rates_by,
    whole,
)


def test_a_rate_is_exact() -> None:
    assert Group("a", 1, 3).rate == Fraction(1, 3)


def test_more_selected_than_considered_is_refused() -> None:
    with pytest.raises(Misused, match="group a: 4 selected of 3"):
        Group("a", 4, 3)


def test_a_rate_of_nobody_is_refused() -> None:
    with pytest.raises(Misused, match="nobody"):
        _ = Group("a", 0, 0).rate


def test_people_without_a_decision_are_counted_apart() -> None:
    counts = Cube(("group", "decision"), {("a", FAVOURABLE): 3, ("a", UNFAVOURABLE): 4, ("a", None): 5})
    assert rates(counts) == (Group("a", 3, 7, undecided=5),)


def test_people_with_a_missing_value_are_a_row_of_their_own_and_come_last() -> None:
    found = rates(cube(white=(3, 5), missing=(1, 2), black=(2, 4)))
    assert found == (Group("black", 2, 4), Group("white", 3, 5), Group("unknown", 1, 2, missing=True))


def test_a_level_really_called_unknown_is_not_mixed_with_missing() -> None:
    names = [group.name for group in rates(cube(unknown=(3, 5), missing=(1, 2)))]
    assert names == ["unknown", "unknown (missing)"]


def test_a_combination_with_a_missing_part_is_missing() -> None:
    found = rates(groups_cube([Group("black × missing", 1, 2), Group("black × f", 1, 2)], "race × sex"))
    assert [(group.name, group.missing) for group in found] == [("black × f", False), ("black × missing", True)]


def test_a_level_called_missing_on_a_single_column_is_a_group() -> None:
    assert not rates(groups_cube([Group("missing × x", 1, 2)], "race"))[0].missing


def test_among_some_people_a_group_without_any_stays_with_nobody() -> None:
    counts = Cube(
        ("group", "decision", "label"), {("a", FAVOURABLE, FAVOURABLE): 3, ("b", FAVOURABLE, UNFAVOURABLE): 4}
    )
    assert rates(counts, "decision", ("label", FAVOURABLE)) == (Group("a", 3, 3), Group("b", 0, 0))
    assert rates(counts, "decision", ("label", None)) == (Group("a", 0, 0), Group("b", 0, 0))


def test_rates_by_an_axis_are_the_rates_among_each_of_its_levels() -> None:
    cells = {("a", FAVOURABLE, "x"): 3, ("b", UNFAVOURABLE, "x"): 4, ("a", FAVOURABLE, None): 2}
    counts = Cube(("group", "decision", "stratum"), cells)
    for level, groups in rates_by(counts, "stratum").items():
        assert groups == rates(counts, "decision", ("stratum", level))


def test_the_whole_holds_everybody() -> None:
    together = whole(rates(cube(a=(1, 2), missing=(3, 9))))
    assert (together.selected, together.total) == (4, 11)


def test_the_best_group_has_the_highest_rate() -> None:
    assert best_group([Group("a", 10, 50), Group("b", 20, 50)]) == Group("b", 20, 50)


def test_a_best_group_of_forty_out_of_forty_in_a_pool_of_2540_does_not_decide() -> None:
    groups = [Group("tiny", 40, 40), Group("a", 1500, 2000), Group("b", 300, 500)]
    assert best_group(groups) == groups[1]


def test_two_percent_of_the_pool_is_enough_and_so_are_thirty_people() -> None:
    assert best_group([Group("small", 40, 40), Group("large", 900, 1960)]) == Group("small", 40, 40)
    assert best_group([Group("small", 30, 30), Group("large", 50, 100)]) == Group("small", 30, 30)
    assert best_group([Group("small", 29, 29), Group("large", 50, 100)]) == Group("large", 50, 100)


def test_ties_go_to_the_larger_group_then_to_the_first_name() -> None:
    assert best_group([Group("a", 20, 40), Group("z", 40, 80)]) == Group("z", 40, 80)
    assert best_group([Group("z", 20, 40), Group("a", 20, 40)]) == Group("a", 20, 40)


def test_people_whose_value_is_missing_are_never_the_reference() -> None:
    assert best_group([Group("unknown", 50, 50, missing=True), Group("a", 10, 50)]) == Group("a", 10, 50)


def test_without_a_large_group_there_is_no_reference_and_it_says_why() -> None:
    chosen = choose_reference("race", [Group("a", 5, 20), Group("b", 5, 20)])
    assert chosen.name is None
    assert chosen.how == "no group of race can be the reference: none has 30 people and 2 % of all"


def test_a_named_reference_is_taken_though_it_is_not_the_best() -> None:
    chosen = choose_reference("race", [Group("a", 5, 100), Group("b", 50, 100)], "a")
    assert (chosen.name, chosen.how) == ("a", "reference named by policy")


def test_a_named_reference_that_does_not_occur_is_never_replaced() -> None:
    chosen = choose_reference("race", [Group("a", 5, 100), Group("b", 50, 100)], "whtie")
    assert chosen.name is None
    assert "'whtie'" in chosen.how
