"""Hours without a decision are missing only where decisions are usual."""

from datetime import UTC, datetime, timedelta

from ombud.monitor.gaps import Hours, gaps

MONDAY = datetime(2026, 8, 3, tzinfo=UTC)


def days(count: int, open_from: int = 9, open_until: int = 17, without: frozenset[str] = frozenset()) -> list[Hours]:
    """Days on which decisions are made at office hours, Monday to Friday, but for some hours."""
    found = []
    for number in range(count):
        start = MONDAY + timedelta(days=number)
        hours = range(open_from, open_until) if start.weekday() < 5 else ()
        names = {f"{start:%Y-%m-%d} {hour:02d}" for hour in hours}
        found.append((start, start + timedelta(days=1), frozenset(names - without)))
    return found


def test_nights_and_weekends_are_no_gaps() -> None:
    points = list(gaps(days(60)))
    assert points and all(point.value == 0 for point in points)
    assert all(point.start.weekday() < 5 and point.n == 8 for point in points)


def test_an_office_day_without_decisions_is_eight_hours_of_gap() -> None:
    missing = frozenset(f"2026-09-09 {hour:02d}" for hour in range(24))
    by_day = {point.start.date().isoformat(): point for point in gaps(days(60, without=missing))}
    assert (by_day["2026-09-09"].value, by_day["2026-09-09"].n) == (8, 8)
    assert by_day["2026-09-16"].value == 0


def test_before_anything_is_usual_nothing_is_missed() -> None:
    assert list(gaps(days(20))) == []
