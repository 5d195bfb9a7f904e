"""What must hold of every table: counting apart and adding is counting together, and nobody is lost."""

import math
from collections import Counter
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.statistics.cube import Cube
from ombud.tables.counts import grouped
from ombud.tables.levels import level
from ombud.tables.needs import Classes, Counts, Overlap, Role
from ombud.tables.open import open_frame
from tabled import data, taken

TEXT = st.none() | st.sampled_from(["a", "b", "ü", "'", '"', "", " × "])
NUMBER = st.none() | st.sampled_from([0.0, -0.0, 1.0, 2.5, float("nan"), float("inf")])
BIT = st.none() | st.sampled_from([0, 1])
ROW = st.tuples(TEXT, NUMBER, BIT)
ROWS = st.lists(ROW, max_size=40)
ROLES = {"protected": ["g", "x"], "decision": ["d"]}
TYPES = (pa.string(), pa.float64(), pa.int64())
few = settings(max_examples=40, deadline=None)


def columns(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    turned = list(zip(*rows, strict=True)) or [[], [], []]
    return {name: pa.array(list(values), kind) for name, values, kind in zip("gxd", turned, TYPES, strict=True)}


def counted(rows: list[tuple[Any, ...]]) -> Cube:
    return grouped(open_frame(pa.table(columns(rows)), "t"), ("g", "x", "d"))


@few
@given(ROWS, ROWS)
def test_counting_apart_and_adding_is_counting_together(some: list[Any], others: list[Any]) -> None:
    assert counted(some) + counted(others) == counted(some + others)


@few
@given(ROWS)
def test_the_engine_counts_what_a_loop_counts(rows: list[Any]) -> None:
    assert counted(rows).cells == Counter(tuple(map(level, row)) for row in rows)


@few
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Any], shuffled: Any) -> None:
    other = list(rows)
    shuffled.shuffle(other)
    assert counted(rows) == counted(other)


@few
@given(ROWS.filter(lambda rows: any(row[2] == 1 for row in rows)), st.integers(1, 6))
def test_whoever_is_left_out_is_counted_as_such(rows: list[Any], minimum: int) -> None:
    answer = taken(Counts(), data(minimum, roles=ROLES, evaluation=columns(rows)))
    for cube in answer.calls[:2]:
        assert cube.total + answer.left_out == len(rows)
        assert all(n >= minimum for n in cube.over("group").cells.values())


@few
@given(ROWS.filter(lambda rows: any(row[2] == 1 for row in rows)), st.integers(1, 6))
def test_needs_answered_together_are_answered_as_alone(rows: list[Any], minimum: int) -> None:
    from ombud.tables.take import take

    given = data(minimum, roles=ROLES | {"label": ["d"]}, evaluation=columns(rows))
    needs = [Counts(), Counts(of=(Role.DECISION, Role.LABEL)), Counts(of=(Role.LABEL,))]
    together = take(needs, given)
    assert together == {need: take([need], given)[need] for need in needs}


@few
@given(st.lists(st.tuples(TEXT, NUMBER, BIT), min_size=1, max_size=40))
def test_classes_are_those_of_a_loop(rows: list[Any]) -> None:
    keys = Counter((g, None if x is None or math.isnan(x) else x + 0.0) for g, x, _ in rows)
    given = data(roles={"quasi_identifiers": ["g", "x"]}, training=columns(rows))
    (sizes,) = taken(Classes(), given).calls[0]
    assert sizes.over("size").cells == Counter((str(n),) for n in keys.values())


@few
@given(ROWS, ROWS)
def test_shared_rows_are_those_of_a_loop(some: list[Any], others: list[Any]) -> None:
    def plain(rows: list[Any]) -> list[Any]:
        return [tuple("nan" if isinstance(v, float) and math.isnan(v) else v for v in row) for row in rows]

    given = data(roles={"features": ["g", "x"], "label": ["d"]}, training=columns(some), evaluation=columns(others))
    (cube,) = taken(Overlap(), given).calls
    known = set(plain(some))
    assert cube.count(what="shared") == sum(row in known for row in plain(others))
    assert cube.count(what="duplicates in training") == len(some) - len(known)
