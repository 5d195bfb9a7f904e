from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.statistics.cube import Cell, Cube
from ombud.statistics.disclosure import publishable


def people(sizes: dict[tuple[str | None, ...], int], *axes: str) -> Cube:
    """A cube of people by protected levels, every second one selected."""
    cells: dict[Cell, int] = {}
    for cell, n in sizes.items():
        cells |= {(*cell, "favourable"): n // 2, (*cell, "unfavourable"): n - n // 2}
    return Cube((*axes, "decision"), cells)


def test_large_groups_are_all_shown() -> None:
    cube = people({("a", "f"): 20, ("a", "m"): 30, ("b", "f"): 40, ("b", "m"): 11}, "race", "sex")
    shown = publishable(cube, ("race", "sex"), 10)
    assert shown.combined == cube
    assert shown.single == {"race": cube.over("race", "decision"), "sex": cube.over("sex", "decision")}
    assert shown.left_out == 0


def test_people_of_a_small_level_are_in_no_margin() -> None:
    cube = people({("a", "f"): 20, ("a", "m"): 30, ("b", "f"): 4, ("b", "m"): 5}, "race", "sex")
    shown = publishable(cube, ("race", "sex"), 10)
    assert shown.left_out == 9
    assert shown.single["race"].total == shown.single["sex"].total == 50


def test_a_level_of_exactly_the_minimum_stays() -> None:
    assert publishable(people({("a",): 10, ("b",): 9}, "race"), ("race",), 10).single["race"].levels("race") == ("a",)


def test_a_level_that_becomes_small_goes_too() -> None:
    cube = people({("a", "f"): 60, ("b", "f"): 8, ("b", "m"): 12, ("c", "m"): 5, ("a", "m"): 1}, "race", "sex")
    shown = publishable(cube, ("race", "sex"), 14)
    assert shown.single["sex"].levels("sex") == ("f",)  # without c there are 13 m, and without them 8 b
    assert shown.single["race"].levels("race") == ("a",)
    assert shown.left_out == 26


def test_missing_is_a_level_like_any_other() -> None:
    shown = publishable(people({("a",): 30, (None,): 3}, "race"), ("race",), 10)
    assert shown.single["race"].levels("race") == ("a",)
    assert shown.left_out == 3


def test_one_axis_has_no_combination() -> None:
    assert publishable(people({("a",): 30}, "race"), ("race",), 10).combined is None


def test_a_small_combination_is_guarded_by_others_on_its_lines() -> None:
    cube = people({("a", "f"): 3, ("a", "m"): 30, ("b", "f"): 40, ("b", "m"): 50, ("c", "f"): 60, ("c", "m"): 70},
                  "race", "sex")  # fmt: skip
    combined = publishable(cube, ("race", "sex"), 10).combined
    assert combined is not None
    assert {cell[:2] for cell in combined.cells} == {("c", "f"), ("c", "m")}


def test_a_guard_is_not_one_that_is_alone_on_its_own_line() -> None:
    cube = people({("a", "f"): 12, ("b", "f"): 3, ("b", "m"): 20, ("c", "f"): 100, ("c", "m"): 100}, "race", "sex")
    combined = publishable(cube, ("race", "sex"), 10).combined
    assert combined is not None
    assert {cell[:2] for cell in combined.cells} == {("a", "f")}


def test_where_nothing_can_guard_a_small_combination_no_combination_is_shown() -> None:
    cube = people({("a", "f"): 100, ("b", "f"): 3, ("b", "m"): 100}, "race", "sex")
    shown = publishable(cube, ("race", "sex"), 10)
    assert shown.combined is None
    assert shown.single["race"].total == 203


def test_a_small_outcome_of_a_large_group_is_shown() -> None:
    cube = Cube(("race", "decision"), {("a", "favourable"): 1, ("a", "unfavourable"): 99})
    assert publishable(cube, ("race",), 10).single["race"] == cube


def test_a_minimum_of_one_shows_everything() -> None:
    cube = people({("a", "f"): 1, ("b", "m"): 1}, "race", "sex")
    assert publishable(cube, ("race", "sex"), 1).combined == cube


def test_nobody_is_published_as_nobody() -> None:
    shown = publishable(Cube(("race", "sex", "decision"), {}), ("race", "sex"), 10)
    assert (shown.left_out, shown.single["race"].total) == (0, 0)


def test_without_a_protected_axis_nothing_is_published() -> None:
    with pytest.raises(Misused):
        publishable(people({("a",): 3}, "race"), (), 10)


LEVELS = [
    st.sampled_from(["a", "b", "c", "d", None]),
    st.sampled_from(["f", "m", "x"]),
    st.sampled_from(["old", "young"]),
]


@st.composite
def any_people(draw: st.DrawFn) -> tuple[Cube, tuple[str, ...]]:
    dimensions = draw(st.integers(2, 3))
    sizes = draw(st.dictionaries(st.tuples(*LEVELS[:dimensions]), st.integers(1, 40), min_size=1, max_size=20))
    axes = ("race", "sex", "age")[:dimensions]
    return people(sizes, *axes), axes


def _hidden(cube: Cube, axes: tuple[str, ...], minimum: int) -> tuple[dict[Cell, int], Cube]:
    """People of combinations left out, and what an onlooker sees: found from the outside, by subtraction."""
    shown = publishable(cube, axes, minimum)
    kept = cube
    while True:
        small = {(axis, level) for axis in axes for level in kept.levels(axis) if kept.count(**{axis: level}) < minimum}
        if not small:
            break
        kept = kept.where(lambda row, small=small: not any((axis, row[axis]) in small for axis in axes))
    seen = shown.combined.over(*axes).cells if shown.combined else {}
    return {cell: n for cell, n in kept.over(*axes).cells.items() if cell not in seen}, kept


@settings(deadline=None, max_examples=300)
@given(any_people(), st.integers(2, 15))
def test_nothing_small_is_shown_and_what_is_shown_is_true(
    given_people: tuple[Cube, tuple[str, ...]], minimum: int
) -> None:
    cube, axes = given_people
    shown = publishable(cube, axes, minimum)
    for axis in axes:
        assert all(n >= minimum for n in shown.single[axis].over(axis).cells.values())
    totals = {shown.single[axis].total for axis in axes}
    assert totals == {cube.total - shown.left_out}
    if shown.combined is not None:
        assert all(n >= minimum for n in shown.combined.over(*axes).cells.values())
        assert all(cube.cells[cell] == n for cell, n in shown.combined.cells.items())


@settings(deadline=None, max_examples=300)
@given(any_people(), st.integers(2, 15))
def test_on_each_line_nobody_is_hidden_or_several_combinations_of_enough_people(
    given_people: tuple[Cube, tuple[str, ...]], minimum: int
) -> None:
    cube, axes = given_people
    if publishable(cube, axes, minimum).combined is None:
        return
    hidden, _ = _hidden(cube, axes, minimum)
    lines: Counter[tuple[int, str | None]] = Counter()
    cells: Counter[tuple[int, str | None]] = Counter()
    for cell, n in hidden.items():
        for line in enumerate(cell):
            lines[line] += n
            cells[line] += 1
    assert all(cells[line] >= 2 and n >= minimum for line, n in lines.items())


@settings(deadline=None, max_examples=300)
@given(any_people(), st.integers(2, 15))
def test_no_small_combination_follows_from_the_margins_by_sums_and_differences(
    given_people: tuple[Cube, tuple[str, ...]], minimum: int
) -> None:
    cube, axes = given_people
    if publishable(cube, axes, minimum).combined is None:
        return
    hidden, _ = _hidden(cube, axes, minimum)
    ordered = list(hidden)
    lines = {line for cell in ordered for line in enumerate(cell)}
    equations = [[Fraction(line[1] == cell[line[0]]) for cell in ordered] for line in lines]
    for unknown in _solved(equations):
        assert hidden[ordered[unknown]] >= minimum


def _solved(equations: list[list[Fraction]]) -> list[int]:
    """Which unknowns a system of equations fixes: exact Gauss–Jordan elimination."""
    rows, done = [row[:] for row in equations], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for i, row in enumerate(rows):
            if i != done and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    alone = [[at for at, value in enumerate(row) if value] for row in rows[:done]]
    return [row[0] for row in alone if len(row) == 1]


def test_two_rings_joined_by_one_small_combination_do_not_give_it_away() -> None:
    ring = {("a", "1"): 30, ("a", "2"): 4, ("b", "1"): 4, ("b", "2"): 30, ("c", "3"): 30, ("c", "4"): 4, ("d", "3"): 4,
            ("d", "4"): 30}  # fmt: skip
    cube = people(ring | {("b", "3"): 5} | {(r, "5"): 50 for r in "abcd"} | {("e", s): 50 for s in "12345"}, "r", "s")
    shown = publishable(cube, ("r", "s"), 10)
    assert shown.combined is not None
    hidden, _ = _hidden(cube, ("r", "s"), 10)
    ordered = list(hidden)
    lines = {line for cell in ordered for line in enumerate(cell)}
    solved = _solved([[Fraction(line[1] == cell[line[0]]) for cell in ordered] for line in lines])
    assert [ordered[at] for at in solved if hidden[ordered[at]] < 10] == []
