from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from ombud.checks.monitoring.data_quality import data_quality
from ombud.errors import Misused
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Profile
from tabled import data, taken

TRAINING = {"income": [1.0, 2.0, 3.0, 4.0], "town": ["x", "y", "y", "x"]}
NOW = {"income": [9.0, None, float("nan"), 2.0, float("inf")], "town": ["z", "x", None, None, "y"]}


def measured(today: str | None = None, **tables: dict[str, list[Any]]) -> list[Measurement]:
    (profile,) = taken(Profile(), data(**tables)).calls
    return list(data_quality(profile, today=today))


def values(found: list[Measurement], table: str) -> dict[tuple[str, str | None], Any]:
    return {(one.name, str(one.group)): one.value for one in found if str(one.group).endswith(f"({table})")}


def test_every_kind_of_bad_value_is_an_exact_share_of_all_rows() -> None:
    assert values(measured(training=TRAINING, decisions=NOW), "decisions") == {
        ("share_missing", "income (decisions)"): Fraction(1, 5),
        ("share_missing", "town (decisions)"): Fraction(2, 5),
        ("share_not_finite", "income (decisions)"): Fraction(2, 5),
        ("share_new_level", "town (decisions)"): Fraction(1, 5),
        ("share_out_of_range", "income (decisions)"): Fraction(1, 5),
    }


def test_where_nothing_is_wrong_that_is_said_once() -> None:
    found = values(measured(training=TRAINING, decisions=TRAINING), "decisions")
    assert set(found.values()) == {Fraction(0)} and len(found) == 4
    assert ("share_missing", "all columns (decisions)") in found


def test_without_a_training_table_nothing_is_called_new() -> None:
    assert {one.name for one in measured(decisions=NOW)} == {"share_missing", "share_not_finite"}


def test_dates_after_today_are_counted_and_today_itself_is_not() -> None:
    when = {"when": [date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24), date(2027, 1, 1), None]}
    (future,) = [one for one in measured("2026-11-23", decisions=when) if one.name == "rows_in_future"]
    assert (future.value, future.n, future.notes) == (2, 5, ())


def test_where_all_counted_days_are_in_the_future_the_count_is_a_floor() -> None:
    when = {"when": [date.fromordinal(date(2027, 1, 1).toordinal() + i) for i in range(80)]}
    (future,) = [one for one in measured("2026-11-23", decisions=when) if one.name == "rows_in_future"]
    assert future.value == 60 and future.notes[0].startswith("at least")


def test_without_a_date_the_future_is_not_looked_for() -> None:
    assert not [one for one in measured(decisions={"when": [date(2999, 1, 1)]}) if one.name == "rows_in_future"]


@pytest.mark.parametrize("today", ["tomorrow", "23.11.2026", ""])
def test_a_date_is_an_iso_date(today: str) -> None:
    with pytest.raises(Misused):
        measured(today, decisions={"when": [date(2026, 1, 1)]})


def test_an_empty_table_is_unknown_beside_one_that_is_not() -> None:
    found = measured(training=TRAINING, decisions={"income": [], "town": []})
    assert [one.unknown for one in found if one.value is None] == ["the decisions table holds no rows"]
    assert any(one.value == 0 for one in found)
