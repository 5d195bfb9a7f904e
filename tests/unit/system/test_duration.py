"""Lengths of time."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.system.duration import Duration

durations = st.builds(Duration, st.integers(1, 2_000), st.sampled_from("hdwmy"))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90d", datetime(2026, 5, 1, tzinfo=UTC)),
        ("1m", datetime(2026, 2, 28, tzinfo=UTC)),
        ("13m", datetime(2027, 2, 28, tzinfo=UTC)),
        ("2y", datetime(2028, 1, 31, tzinfo=UTC)),
        ("72h", datetime(2026, 2, 3, tzinfo=UTC)),
        ("2w", datetime(2026, 2, 14, tzinfo=UTC)),
    ],
)
def test_a_length_of_time_goes_by_the_calendar(text: str, end: datetime) -> None:
    assert Duration.parse(text).after(datetime(2026, 1, 31, tzinfo=UTC)) == end


def test_a_leap_day_ages_to_the_last_day_of_february() -> None:
    assert Duration.parse("1y").after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)


def test_the_end_of_the_calendar_is_no_error() -> None:
    assert Duration.parse("9999y").after(datetime(2026, 1, 1, tzinfo=UTC)).year == 9999
    assert Duration.parse("99999w").after(datetime(9990, 1, 1, tzinfo=UTC)).year == 9999


@pytest.mark.parametrize("text", ["", "90", "d", "0d", "-1d", "1.5y", "90 days", "１d", "100000d", "9" * 5000 + "d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(Misused):
        Duration.parse(text)


@given(duration=durations)
def test_its_text_is_read_back(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


@given(duration=durations, start=st.datetimes(timezones=st.just(UTC)))
def test_days_are_never_more_than_the_calendar_has(duration: Duration, start: datetime) -> None:
    end = duration.after(start)
    assume(end.year < 9999)  # beyond it the calendar ends, and `after` with it
    assert 0 <= duration.days <= (end - start).days


def test_words_for_people() -> None:
    assert Duration.parse("1y").words == "1 year"
    assert Duration.parse("90d").words == "90 days"
