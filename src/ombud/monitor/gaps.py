"""Gaps in the record: hours without a decision in which decisions are usual."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from ombud.monitor.points import SeriesPoint

WEEKS: Final = 4
"""An hour is compared with the same hour of the same weekday in so many weeks before it."""

USUAL: Final = 3
"""It is usual if decisions were made at that hour in so many of them."""

Hours = tuple[datetime, datetime, frozenset[str]]
"""A window's start and end, and its hours with at least one decision ("2026-11-23 07")."""


def gaps(windows: Sequence[Hours]) -> Iterator[SeriesPoint]:
    """`gap_hours` of each window: hours without a decision, of those that are usual.

    An hour is usual if three of the four weeks before had a decision at that hour of that weekday. A window of which no
    hour is usual (nothing was seen before it, or people decide now and then) has no point: nothing can be missed there.
    """
    busy = frozenset().union(*(hours for _, _, hours in windows))
    for start, end, hours in windows:
        usual = [hour for hour in _hours(start, end) if _weeks(hour, busy) >= USUAL]
        if usual:
            missing = sum(_name(hour) not in hours for hour in usual)
            yield SeriesPoint(
                series="gap_hours", start=start, end=end, value=missing, n=len(usual),
                counts={"selected": missing, "total": len(usual)},
            )  # fmt: skip


def _weeks(hour: datetime, busy: frozenset[str]) -> int:
    return sum(_name(hour, week) in busy for week in range(1, WEEKS + 1))


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    hour = start
    while hour < end:
        yield hour
        hour += timedelta(hours=1)


def _name(hour: datetime, weeks_before: int = 0) -> str:
    return (hour - timedelta(weeks=weeks_before)).strftime("%Y-%m-%d %H")
