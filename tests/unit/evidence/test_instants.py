from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.evidence.instants import instant, is_instant, later, parsed


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_the_order_of_text_is_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (instant(one) < instant(other)) == (one < other)
    assert parsed(instant(one)) == one and is_instant(instant(one))


def test_a_time_elsewhere_is_written_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert instant(datetime(2026, 11, 23, 8, tzinfo=berlin)) == "2026-11-23T07:00:00.000000Z"
    assert instant("2026-11-23T08:00:00+01:00") == "2026-11-23T07:00:00.000000Z"


def test_a_bare_date_means_its_end() -> None:
    assert instant("2026-11-23") == instant(date(2026, 11, 23)) == "2026-11-23T23:59:59.999999Z"


def test_the_next_instant_is_a_microsecond_later() -> None:
    assert later("2026-12-31T23:59:59.999999Z") == "2027-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("text", ["2026-11-23T07:00:00", "yesterday", "", "2026-13-01", "2026-02-30T00:00:00Z"])
def test_what_names_no_instant_is_refused(text: str) -> None:
    with pytest.raises(Misused):
        instant(text)


@pytest.mark.parametrize(
    "text", ["2026-11-23T07:00:00Z", "2026-02-30T00:00:00.000000Z", None, "٢026-11-23T07:00:00.000000Z"]
)
def test_only_the_one_form_is_an_instant_of_evidence(text: str | None) -> None:
    assert not is_instant(text)
