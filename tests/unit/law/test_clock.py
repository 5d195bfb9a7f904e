"""Clocks against hand-checked dates, and what must hold of every clock."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused, NotFound
from ombud.law.calendar import WEEKENDS_ONLY, Calendar, calendar, calendars
from ombud.law.clock import ClockResult, Notice, run_clock
from ombud.law.clockrules import ClockRule, Length, clock_rule, clock_rules
from ombud.law.counting import Pause, add
from ombud.law.load import load_pack

CASES = Path(__file__).parents[2] / "cases" / "law"
VECTORS = yaml.safe_load((CASES / "clock-vectors.yaml").read_text())["vectors"]


def run(id: str, start: str, place: str | None = None, **more) -> ClockResult:
    began = datetime.fromisoformat(start if "T" in start else f"{start}T12:00+00:00")
    return run_clock(clock_rule(id, began.date()), began, "UTC", calendar(place) if place else WEEKENDS_ONLY, **more)


def day(written: str) -> date:
    return date.fromisoformat(written)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['clock']} {v['start']} {v.get('place', '')}")
def test_hand_checked_dates(vector) -> None:
    notice = Notice(vector["extended"], "many requests") if "extended" in vector else None
    result = run(vector["clock"], vector["start"].isoformat(), vector.get("place"), notice=notice)
    assert result.extended == ("extended" in vector)
    assert result.legal == vector["legal"]
    assert result.target == vector.get("target", vector["legal"])
    assert result.rolled == vector.get("rolled")


def test_seventy_two_hours_run_through_the_weekend_in_utc() -> None:
    began = datetime.fromisoformat("2026-10-23T16:30+02:00")  # a Friday; summer time ends on Sunday
    result = run_clock(clock_rule("eu-breach-authority", began.date()), began, "Europe/Berlin", calendar("DE"))
    assert result.legal == datetime(2026, 10, 26, 14, 30, tzinfo=UTC)
    assert result.target == result.legal
    assert result.start.isoformat() == "2026-10-23T16:30:00+02:00"


def test_the_day_of_receipt_is_the_day_where_the_duty_lies() -> None:
    began = datetime.fromisoformat("2026-11-23T23:30+00:00")
    rule = clock_rule("eu-refusal", began.date())
    assert run_clock(rule, began, "UTC").legal == day("2026-12-23")
    assert run_clock(rule, began, "Europe/Berlin").legal == day("2026-12-24")


def test_a_duty_without_a_number_has_no_date() -> None:
    result = run("eu-breach-people", "2026-11-23")
    assert (result.target, result.legal) == (None, None)
    assert "law sets no number: without undue delay" in result.notes
    assert result.late(datetime(2030, 1, 1, tzinfo=UTC)) is None


def test_a_pause_moves_the_legal_date_and_never_the_target() -> None:
    pause = Pause(day("2026-12-01"), day("2026-12-06"), "identity")
    result = run("eu-rights-request", "2026-11-23", "DE", pauses=[pause])
    assert (result.target, result.legal) == (day("2026-12-23"), day("2026-12-28"))
    assert result.pauses == (pause,)


def test_overlapping_pauses_are_counted_once() -> None:
    pauses = [
        Pause(day("2026-12-01"), day("2026-12-06"), "identity"),
        Pause(day("2026-12-04"), day("2026-12-06"), "scope"),
        Pause(day("2026-11-01"), day("2026-11-20"), "scope"),
    ]
    result = run("eu-rights-request", "2026-11-23", "DE", pauses=pauses)
    assert result.legal == day("2026-12-28")
    assert [why for _, why in result.pauses_refused] == ["it ended before the clock started"]


def test_while_it_stands_still_the_legal_date_is_open_and_the_target_stays() -> None:
    result = run("eu-rights-request", "2026-11-23", "DE", pauses=[Pause(day("2026-12-01"), None, "identity")])
    assert (result.target, result.legal) == (day("2026-12-23"), None)
    assert any("stands still" in note for note in result.notes)


def test_california_never_stands_still_not_even_to_verify() -> None:
    pause = Pause(day("2026-12-01"), day("2026-12-06"), "identity")
    result = run("ca-rights-request", "2026-11-23", pauses=[pause])
    assert result.legal == day("2027-01-07")
    assert result.pauses_refused == ((pause, "this clock never stands still"),)


def test_a_ground_that_the_rule_does_not_know_does_not_count() -> None:
    result = run(
        "eu-rights-request", "2026-11-23", "DE", pauses=[Pause(day("2026-12-01"), day("2026-12-06"), "holidays")]
    )
    assert result.legal == day("2026-12-23")
    assert result.pauses_refused[0][1] == "the rule knows only: identity, scope"


def test_an_extension_notified_on_the_last_day_of_the_first_period_counts_and_a_day_later_does_not() -> None:
    intime = run("ca-rights-request", "2026-11-23", notice=Notice(day("2027-01-07"), "many requests"))
    late = run("ca-rights-request", "2026-11-23", notice=Notice(day("2027-01-08"), "many requests"))
    assert (intime.extended, intime.legal) == (True, day("2027-02-21"))
    assert (late.extended, late.legal) == (False, day("2027-01-07"))
    assert any("not inside the first period" in note for note in late.notes)


def test_an_extension_without_reasons_does_not_count() -> None:
    result = run("eu-rights-request", "2026-11-23", notice=Notice(day("2026-12-01"), "  "))
    assert not result.extended
    assert "the extension does not count: the notice gives no reasons" in result.notes


def test_a_clock_that_law_does_not_let_run_longer_is_not_prolonged() -> None:
    result = run("ca-opt-out", "2026-11-23", "US-CA", notice=Notice(day("2026-12-01"), "busy"))
    assert not result.extended
    assert "the extension does not count: this clock cannot be prolonged" in result.notes


def test_without_a_calendar_the_result_says_that_holidays_were_not_counted() -> None:
    assert any("holidays were not" in note for note in run("eu-rights-request", "2026-11-23").notes)
    assert not any("holidays" in note for note in run("eu-rights-request", "2026-11-23", "DE").notes)
    assert not any("holidays" in note for note in run("ca-rights-request", "2026-11-23").notes)


def test_beyond_its_years_a_calendar_says_that_it_does_not_know() -> None:
    assert "the calendar DE does not know the holidays of 2031" in run("eu-rights-request", "2030-12-10", "DE").notes


def test_a_deadline_in_days_is_met_until_midnight_where_the_duty_lies() -> None:
    began = datetime.fromisoformat("2026-11-23T12:00+01:00")
    result = run_clock(clock_rule("eu-refusal", began.date()), began, "Europe/Berlin", calendar("DE"))
    assert result.ends_at == datetime(2026, 12, 23, 23, 0, tzinfo=UTC)
    assert result.late(datetime(2026, 12, 23, 22, 59, 59, tzinfo=UTC)) is False
    assert result.late(datetime(2026, 12, 23, 23, 0, tzinfo=UTC)) is True


def test_a_closed_clock_stays_in_time_however_late_one_looks() -> None:
    closed = datetime(2026, 12, 1, tzinfo=UTC)
    assert run("eu-rights-request", "2026-11-23", closed=closed).late(datetime(2028, 1, 1, tzinfo=UTC)) is False


def test_a_result_keeps_everything_that_its_dates_follow_from() -> None:
    kept = run("eu-rights-request", "2026-11-23", "DE").to_json()
    assert kept["rule"] == "eu-rights-request since 2018-05-25"
    assert kept["requirement"] == "GDPR.12.3"
    assert kept["starts"] == "receipt of the request, by any channel"
    assert kept["calendar_version"].startswith("2026-11-23 ")
    assert (kept["start"], kept["timezone"]) == ("2026-11-23T12:00:00+00:00", "UTC")
    assert (kept["target"], kept["legal"]) == ("2026-12-23", "2026-12-23")


def test_the_start_of_a_clock_needs_an_offset() -> None:
    with pytest.raises(Misused, match="no offset"):
        run_clock(clock_rule("eu-refusal", day("2026-11-23")), datetime(2026, 11, 23), "UTC")  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "", "\0"])
def test_a_timezone_that_does_not_exist_is_an_error_in_words(name: str) -> None:
    with pytest.raises(Misused, match="there is no timezone"):
        run_clock(clock_rule("eu-refusal", day("2026-11-23")), datetime(2026, 11, 23, tzinfo=UTC), name)


def test_a_pause_that_ends_before_it_starts_is_an_error() -> None:
    with pytest.raises(Misused, match="ends before it starts"):
        run("eu-rights-request", "2026-11-23", pauses=[Pause(day("2026-12-05"), day("2026-12-05"), "identity")])


def test_a_clock_starts_nothing_before_its_law() -> None:
    with pytest.raises(Misused, match="starts nothing before 2027-01-01"):
        clock_rule("ca-admt-opt-out", day("2026-12-31"))


def test_an_unknown_clock_or_calendar_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as error:
        clock_rule("eu-right-request", day("2026-11-23"))
    assert "eu-rights-request" in error.value.next_step
    with pytest.raises(NotFound) as error:
        calendar("DEU")
    assert "Did you mean DE" in error.value.next_step


def test_a_date_outside_the_years_that_exist_is_an_error() -> None:
    with pytest.raises(Misused, match="is no date"):
        add(day("9999-12-31"), Length(1, "months"), WEEKENDS_ONLY)


def test_every_clock_hangs_on_a_requirement_that_ships() -> None:
    ids = {row.id for row in load_pack().rows}
    outside = {rule.id for rule in clock_rules() if rule.requirement is None}
    assert outside == {"cra-early-warning", "cra-notification"}
    assert {rule.requirement for rule in clock_rules() if rule.requirement} <= ids


def test_every_calendar_loads_and_knows_christmas_and_its_years() -> None:
    assert {"DE", "FR", "IE", "US-CA", "GB-ENG"} <= set(calendars())
    for place in calendars():
        found = calendar(place)
        assert (found.first, found.last) == (2025, 2030)
        assert not found.works(day("2026-12-25")), place
        assert {holiday.year for holiday in found.holidays} == set(range(2025, 2031)), place


def test_the_day_after_thanksgiving_is_a_holiday_in_california_and_not_in_new_york() -> None:
    assert not calendar("US-CA").works(day("2026-11-27"))
    assert calendar("US-NY").works(day("2026-11-27"))


def test_a_saturday_holiday_does_not_give_california_the_friday() -> None:
    assert calendar("US-CA").works(day("2026-07-03"))


counting = st.sampled_from([rule for rule in clock_rules() if rule.length and not rule.in_hours])
starts = st.datetimes(datetime(2027, 1, 1), datetime(2030, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
places = st.sampled_from([WEEKENDS_ONLY, calendar("DE"), calendar("US-CA"), calendar("GB-SCT")])


@given(rule=counting, start=starts, where=places)
def test_the_target_is_never_after_the_legal_date(rule: ClockRule, start: datetime, where: Calendar) -> None:
    result = run_clock(rule, start, "UTC", where)
    assert result.target <= result.legal


@given(rule=counting, start=starts, where=places)
def test_a_later_start_never_ends_earlier(rule: ClockRule, start: datetime, where: Calendar) -> None:
    later = start + timedelta(days=1)
    assert run_clock(rule, start, "UTC", where).legal <= run_clock(rule, later, "UTC", where).legal


@given(start=starts, where=places)
def test_a_rolled_period_ends_on_a_working_day(start: datetime, where: Calendar) -> None:
    result = run_clock(clock_rule("eu-rights-request", start.date()), start, "UTC", where)
    assert where.works(result.legal)
    assert not any(where.works(result.target + timedelta(days=n)) for n in range((result.legal - result.target).days))


@given(start=starts, where=places)
def test_an_extension_never_shortens_a_clock(start: datetime, where: Calendar) -> None:
    notice = Notice(start.date(), "many requests")
    for id in ("eu-rights-request", "ca-rights-request", "eu-prior-consultation"):
        rule = clock_rule(id, start.date())
        assert run_clock(rule, start, "UTC", where, notice=notice).legal >= run_clock(rule, start, "UTC", where).legal


@given(start=st.dates(date(2025, 1, 1), date(2030, 12, 1)), n=st.integers(1, 60), where=places)
def test_working_days_are_counted_one_by_one(start: date, n: int, where: Calendar) -> None:
    end = where.add(start, n)
    between = [start + timedelta(days=i) for i in range(1, (end - start).days + 1)]
    assert sum(where.works(moment) for moment in between) == n
    assert where.works(end)


@given(start=st.dates(date(2020, 1, 1), date(2030, 12, 31)), months=st.integers(1, 60))
def test_a_month_ends_on_the_same_date_or_the_last_day(start: date, months: int) -> None:
    end = add(start, Length(months, "months"), WEEKENDS_ONLY)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or ((end + timedelta(days=1)).day == 1 and end.day < start.day)
