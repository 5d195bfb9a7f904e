"""Windows: periods of one length, half-open, in UTC, one after the other without a gap."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import field, frozen

from ombud.errors import Misused
from ombud.evidence.instants import instant

LENGTHS: Final = ("day", "week", "month")

MOST_WINDOWS: Final = 3_660
"""No system is looked at further back: ten years of days. An older row is most often a date that somebody mistyped."""


def _utc(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise Misused("a window's time names no time zone", "Give it in UTC.")
    return when.astimezone(UTC)


@frozen(order=True)
class Window:
    """One period of a system's life.

    Attributes:
        start, end: half-open: what happens at `end` belongs to the next one; UTC.
        system: whose.
    """

    start: datetime = field(converter=_utc)
    end: datetime = field(converter=_utc)
    system: str = ""

    def __attrs_post_init__(self) -> None:
        if self.start >= self.end:
            raise Misused("a window ends after it begins")

    @property
    def about(self) -> list[str]:
        """[start, end] as statements write them."""
        return [instant(self.start), instant(self.end)]

    @property
    def name(self) -> str:
        """Its first day, and for longer ones also its last: "2026-11-23", "2026-11-23 to 2026-11-29"."""
        last = (self.end - timedelta(microseconds=1)).date()
        return str(self.start.date()) if last == self.start.date() else f"{self.start.date()} to {last}"


def beginning(moment: datetime, length: str) -> datetime:
    """The beginning of the window that a moment lies in.

    Raises:
        Misused: no such length.
    """
    if length not in LENGTHS:
        raise Misused(f"{length!r} is no length of a window", f"Use one of: {', '.join(LENGTHS)}.")
    day = _utc(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    if length == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if length == "month" else day


def following(start: datetime, length: str) -> datetime:
    """The beginning of the window after the one that begins at `start`."""
    if length == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + timedelta(days=7 if length == "week" else 1)


def windows_between(first: datetime, end: datetime, length: str, system: str = "") -> Iterator[Window]:
    """The windows from the one that holds `first` to the last one that begins before `end`, in order."""
    start = beginning(first, length)
    while start < end:
        yield Window(start, following(start, length), system)
        start = following(start, length)


def earliest(now: datetime, length: str) -> datetime:
    """The furthest back that is looked: the beginning of the window `MOST_WINDOWS` ago."""
    days = {"day": 1, "week": 7, "month": 31}[length] * MOST_WINDOWS
    return beginning(max(now - timedelta(days=days), datetime(1900, 1, 1, tzinfo=UTC)), length)
