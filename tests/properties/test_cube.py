import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.statistics.cube import Cube

AXES = ("group", "decision", "label")
LEVEL = st.one_of(st.none(), st.sampled_from(["a", "b", "é × \"'", "", "None"]))
ROWS = st.lists(st.tuples(LEVEL, LEVEL, LEVEL), max_size=40)

Row = tuple[str | None, str | None, str | None]


def counted(rows: list[Row]) -> Cube:
    return Cube(AXES, Counter(rows), "race")


@given(ROWS, ROWS)
def test_counting_two_tables_together_is_counting_them_apart_and_adding(one: list[Row], other: list[Row]) -> None:
    assert counted(one + other) == counted(one) + counted(other)


@given(ROWS, ROWS, ROWS)
def test_adding_is_associative_and_commutative_with_the_empty_table_as_zero(
    a: list[Row], b: list[Row], c: list[Row]
) -> None:
    x, y, z = counted(a), counted(b), counted(c)
    assert (x + y) + z == x + (y + z)
    assert x + y == y + x
    assert x + counted([]) == x


@given(ROWS, ROWS)
def test_rolling_up_a_sum_is_the_sum_of_roll_ups(a: list[Row], b: list[Row]) -> None:
    both = counted(a) + counted(b)
    assert both.over("label", "group") == counted(a).over("label", "group") + counted(b).over("label", "group")
    assert both.over("group", "label").over("group") == both.over("group")


@given(ROWS)
def test_a_roll_up_counts_what_a_loop_over_the_rows_counts(rows: list[Row]) -> None:
    cube = counted(rows)
    assert cube.total == cube.over().total == len(rows)
    for level in cube.levels("group"):
        assert cube.count(group=level) == sum(row[0] == level for row in rows)
        assert cube.count(group=level, label="a") == sum(row[0] == level and row[2] == "a" for row in rows)


@given(ROWS)
def test_each_row_is_kept_or_not_by_a_condition(rows: list[Row]) -> None:
    cube = counted(rows)
    missing = cube.where(lambda row: row["decision"] is None)
    assert missing.total == sum(row[1] is None for row in rows)
    assert missing + cube.where(lambda row: row["decision"] is not None) == cube


@given(ROWS)
def test_a_cube_survives_the_journey_through_json_in_one_fixed_order(rows: list[Row]) -> None:
    cube = counted(rows)
    written = json.dumps(cube.to_json())
    assert Cube.from_json(json.loads(written)) == cube
    assert json.dumps(counted(rows[::-1]).to_json()) == written


@given(ROWS)
def test_levels_are_sorted_with_missing_last(rows: list[Row]) -> None:
    levels = counted(rows).levels("group")
    assert set(levels) == {row[0] for row in rows}
    assert None not in levels[:-1]
    assert sorted(level for level in levels if level is not None) == [level for level in levels if level is not None]


def test_cells_cannot_be_changed_and_empty_ones_are_not_kept() -> None:
    cube = Cube(("group",), {("a",): 3, ("b",): 0})
    assert dict(cube.cells) == {("a",): 3}
    with pytest.raises(TypeError):
        cube.cells["a",] = 4  # type: ignore[index]


def test_a_negative_count_and_a_cell_of_another_length_are_refused() -> None:
    with pytest.raises(Misused):
        Cube(("group",), {("a",): -1})
    with pytest.raises(Misused):
        Cube(("group",), {("a", "b"): 1})


def test_cubes_over_other_axes_cannot_be_added_and_an_unknown_axis_is_named() -> None:
    with pytest.raises(Misused, match="cannot be added"):
        Cube(("group",), {}) + Cube(("label",), {})
    with pytest.raises(Misused, match="no axis 'sex'"):
        Cube(("group",), {}).over("sex")
