"""Counting windows in the engine gives what counting their rows one by one gives."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitored import MANIFEST, TYPES, Monitored, day, people
from ombud.errors import Misused
from ombud.monitor.baseline import baseline_of
from ombud.monitor.counted import HOURS, HUMAN, PEOPLE, SCORE, feature
from ombud.monitor.cuts import NEW_LEVEL, NOT_FINITE, OUT_OF_RANGE, cut
from ombud.monitor.source import open_source, source_of
from ombud.monitor.take import take
from ombud.monitor.windows import Window, windows_between
from ombud.store.windows import Windows
from ombud.tables.open import open_frame

ROWS = people(400, 0, 3, seed=11)


def test_each_cube_is_what_counting_row_by_row_gives(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    bank.arrive(ROWS)
    source = open_source(bank.system)
    asked = baseline_of(bank.system, source, Windows(bank.workspace.ledger.database)).questions
    windows = list(windows_between(day(0), day(3), "day"))
    taken = take(source, asked, windows)
    for window in windows:
        rows = [row for row in ROWS if window.start.replace(tzinfo=None) <= row["at"] < window.end.replace(tzinfo=None)]
        counted = taken[window.start]
        assert counted[PEOPLE].axes == ("race", "approved", "repaid")
        assert counted[PEOPLE].cells == Counter((r["race"], str(r["approved"]), str(r["repaid"])) for r in rows)
        assert counted[HOURS].cells == Counter((f"{r['at']:%Y-%m-%d %H}",) for r in rows)
        assert counted[HUMAN].cells == Counter((r["changed"],) for r in rows)
        assert counted[feature("region")].cells == Counter((r["region"], None) for r in rows)
        assert counted[SCORE].total == counted[feature("income")].total == len(rows)


def test_windows_that_are_not_asked_for_are_not_counted(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    bank.arrive(ROWS)
    source = open_source(bank.system)
    asked = baseline_of(bank.system, source, Windows(bank.workspace.ledger.database)).questions
    some = [Window(day(0), day(1)), Window(day(2), day(3))]
    assert set(take(source, asked, some)) == {day(0), day(2)}


# --- cuts -------------------------------------------------------------------------------------------------------------

REFERENCE = open_frame(
    pa.table(
        {"x": [float(n) for n in range(100)], "t": ["a"] * 60 + ["b"] * 35 + ["c"] * 5, "flag": [True, False] * 50}
    ),
    "reference",
)


def cell_of(column: str, value: Any, kind: pa.DataType) -> tuple[Any, ...]:
    """Where one value is counted."""
    watched = open_frame(pa.table({column: pa.array([value], kind)}), "live")
    one = cut(column, REFERENCE, watched, 4, 10)
    return one.cell(watched.engine.ask(f"SELECT {one.expression(watched)} FROM {watched.relation}")[0][0])


@pytest.mark.parametrize(
    ("value", "bin", "mark"),
    [(10.0, "01: up to 24", None), (24.0, "01: up to 24", None), (24.5, "02: 24 to 49", None),
     (99.0, "04: above 74", None), (99.1, "04: above 74", OUT_OF_RANGE), (-0.5, "01: up to 24", OUT_OF_RANGE),
     (float("inf"), "04: above 74", NOT_FINITE), (float("-inf"), "01: up to 24", NOT_FINITE),
     (float("nan"), None, NOT_FINITE), (None, None, None)],
)  # fmt: skip
def test_a_number_is_counted_in_its_bin_and_marked_where_the_reference_has_none_like_it(
    value: float | None, bin: str | None, mark: str | None
) -> None:
    assert cell_of("x", value, pa.float64()) == (bin, mark)


@pytest.mark.parametrize(
    ("value", "name", "mark"),
    [("a", "a", None), ("c", "(other values)", None), ("z", "(other values)", NEW_LEVEL), (None, None, None),
     ("(other values)", "(other values)", NEW_LEVEL), ("a' OR 'a'='a", "(other values)", NEW_LEVEL)],
)  # fmt: skip
def test_a_value_that_the_reference_never_had_is_marked_and_a_rare_one_is_not_named(
    value: str | None, name: str | None, mark: str | None
) -> None:
    assert cell_of("t", value, pa.string()) == (name, mark)


def test_truths_are_counted_as_values() -> None:
    assert cell_of("flag", True, pa.bool_()) == ("1", None)
    assert cell_of("flag", None, pa.bool_()) == (None, None)


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True, width=64)))
def test_every_number_is_counted_somewhere(value: float | None) -> None:
    bin, mark = cell_of("x", value, pa.float64())
    assert (bin is None) == (value is None or value != value)
    assert mark in (None, NOT_FINITE, OUT_OF_RANGE)


# --- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "kind"),
    [
        ([datetime(2026, 9, 1, 23, 30)], pa.timestamp("us")),  # noqa: DTZ001 (as tables hold them)
        ([datetime(2026, 9, 1, 23, 30)], pa.timestamp("us", "UTC")),  # noqa: DTZ001
        (["2026-09-01T23:30:00Z"], pa.string()),
        (["2026-09-02 01:30:00+02:00"], pa.string()),
        (["2026-09-01 23:30:00"], pa.string()),
        ([datetime(2026, 9, 1).date()], pa.date32()),  # noqa: DTZ001
    ],
)
def test_times_are_read_in_utc_however_they_are_written(tmp_path: Path, times: list[Any], kind: pa.DataType) -> None:
    bank = Monitored(tmp_path)
    one = pa.Table.from_pylist([{**ROWS[0], "at": None}], schema=TYPES).drop_columns(["at"])
    source = source_of(bank.system, open_frame(one.append_column("at", pa.array(times, kind)), "live"))
    rows = source.table.engine.ask(f"SELECT CAST({source.truncated('day')} AS VARCHAR) FROM {source.table.relation}")
    assert rows == [("2026-09-01 00:00:00",)]


def test_a_column_of_numbers_is_no_time(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, manifest=MANIFEST.replace("time: at", "time: when"), declared=False)
    one = pa.Table.from_pylist(ROWS[:1], schema=TYPES).append_column("when", pa.array([1_790_000_000]))
    with pytest.raises(Misused, match="numbers"):
        source_of(bank.system, open_frame(one, "live"))
