from datetime import date, datetime

import pyarrow as pa
import pytest

from ombud.tables.needs import Profile
from ombud.tables.profile import LATEST_DAYS
from tabled import data, taken, unmet

TRAINING = {
    "income": [1.0, 2.0, None, 4.0],
    "town": ["x", "y", None, "x"],
    "when": [date(2026, 1, 1), date(2026, 1, 2), None, date(2026, 1, 2)],
    "id": [1, 2, 3, 4],
}
NOW = {
    "income": [0.5, float("nan"), float("inf"), None, 2.5],
    "town": ["x", "z", "z", None, "y"],
    "when": [
        datetime.fromisoformat("2026-11-23T23:59"),
        datetime.fromisoformat("2026-11-24T00:00"),
        None,
        None,
        datetime.fromisoformat("2026-11-24T01:00"),
    ],
    "id": [11, 12, 13, 14, 15],
}
ROLES = {"subject": ["id"], "features": ["income", "town"]}


def counters(table: str, column: str, patterns: bool = False) -> dict[str, int]:
    (cube,) = taken(Profile(patterns=patterns), data(roles=ROLES, training=TRAINING, decisions=NOW)).calls
    return {str(cell[2]): n for cell, n in cube.cells.items() if cell[:2] == (table, column)}


def test_null_and_not_a_number_are_counted_apart() -> None:
    found = counters("decisions", "income")
    assert (found["rows"], found["missing"], found["not finite"]) == (5, 1, 2)


def test_values_that_training_does_not_have_are_counted() -> None:
    assert counters("decisions", "income")["out of range"] == 1  # 0.5; NaN and infinity are not finite
    assert counters("decisions", "town")["new level"] == 2
    assert "new level" not in counters("training", "town")


def test_an_identifier_is_new_in_every_table_and_that_is_no_news() -> None:
    assert "out of range" not in counters("decisions", "id")
    assert counters("decisions", "id")["declared personal"] == 1


def test_times_are_counted_by_their_last_days() -> None:
    assert {k: n for k, n in counters("decisions", "when").items() if k.startswith("day")} == {
        "day 2026-11-23": 1, "day 2026-11-24": 2,
    }  # fmt: skip
    many = [date.fromordinal(739_000 + i) for i in range(100)]
    (cube,) = taken(Profile(), data(training={"when": many})).calls
    days = sorted(str(cell[2]) for cell in cube.cells if str(cell[2]).startswith("day"))
    assert len(days) == LATEST_DAYS and days[-1] == f"day {many[-1]}"


def test_patterns_come_only_where_they_are_asked_for() -> None:
    table = {"contact": ["a@b.org", "none", "c@d.org", None]}
    both = [taken(Profile(patterns=p), data(training=table)).calls[0].count(what="e-mail") for p in (True, False)]
    assert both == [2, 0]


def test_the_same_bytes_are_searched_once_and_told_for_each_table() -> None:
    given = data(training=TRAINING, evaluation=TRAINING)
    object.__setattr__(given, "tables", {"training": given.tables["training"], "evaluation": given.tables["training"]})
    (cube,) = taken(Profile(), given).calls
    assert cube.count(table="training", what="rows") == cube.count(table="evaluation", what="rows") == 16


def test_no_table_is_a_reason() -> None:
    assert unmet(Profile(), data()).reason


def test_an_empty_table_is_profiled_as_empty() -> None:
    (cube,) = taken(Profile(patterns=True), data(training={"a": [], "b": []})).calls
    assert cube.count(what="rows") == 0


def test_a_day_is_a_day_in_utc_whatever_the_machine_says(monkeypatch: pytest.MonkeyPatch) -> None:
    when = pa.array([datetime.fromisoformat("2026-11-23T23:30:00+00:00")], pa.timestamp("us", tz="UTC"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (cube,) = taken(Profile(), data(training={"when": when})).calls
    assert cube.count(what="day 2026-11-23") == 1
