"""Windows follow one another without a gap, in UTC, half-open."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.monitor.windows import LENGTHS, Window, beginning, following, windows_between

OLDEST, NEWEST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1990, 2100))
MOMENTS = st.datetimes(OLDEST, NEWEST, timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(LENGTHS), st.integers(1, 500))
def test_every_moment_lies_in_exactly_one_of_the_windows(first: datetime, length: str, hours: int) -> None:
    windows = list(windows_between(first, first + timedelta(hours=hours), length))
    assert all(one.end == after.start for one, after in pairwise(windows))
    moment = first + timedelta(hours=hours - 1)
    assert sum(one.start <= moment < one.end for one in windows) == 1


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    wednesday = datetime(2026, 11, 25, 20, tzinfo=UTC)
    assert beginning(wednesday, "week") == datetime(2026, 11, 23, tzinfo=UTC)
    assert beginning(wednesday, "month") == datetime(2026, 11, 1, tzinfo=UTC)
    assert following(datetime(2026, 12, 1, tzinfo=UTC), "month") == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_day_is_the_day_in_utc_wherever_the_clock_stands() -> None:
    late = datetime(2026, 11, 25, 1, tzinfo=timezone(timedelta(hours=5)))
    assert beginning(late, "day") == datetime(2026, 11, 24, tzinfo=UTC)


def test_a_window_is_called_by_its_days() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    assert Window(start, start + timedelta(days=1)).name == "2026-11-23"
    assert Window(start, start + timedelta(days=7)).name == "2026-11-23 to 2026-11-29"


def test_another_length_is_refused_and_so_is_a_time_without_zone() -> None:
    with pytest.raises(Misused, match="length"):
        beginning(datetime(2026, 1, 1, tzinfo=UTC), "hour")
    with pytest.raises(Misused, match="time zone"):
        Window(OLDEST, datetime(2026, 1, 2, tzinfo=UTC))
