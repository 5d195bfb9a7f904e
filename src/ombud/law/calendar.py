"""Calendars: which days are working days somewhere, as a dated snapshot."""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from attrs import field, frozen

from ombud.errors import NotFound
from ombud.law.reading import day, fields, items, mapping, one_of, text
from ombud.law.tree import Node, nearest, read_tree

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@frozen(kw_only=True)
class Calendar:
    """The working days of a place.

    Attributes:
        name: place ("DE", "US-CA"), or "weekends only".
        version: the day it was made and the start of its digest; a clock keeps it.
        first, last: years for which holidays are known; both 0 if for none.
        weekend: ISO numbers of the days of the week on which nobody works.
        holidays: day → name.
    """

    name: str
    version: str
    first: int
    last: int
    weekend: frozenset[int]
    holidays: Mapping[date, str] = field(factory=dict, repr=False)

    def works(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day.isoweekday() not in self.weekend and day not in self.holidays

    def knows(self, day: date) -> bool:
        """Whether the holidays of the day's year are known."""
        return self.first <= day.year <= self.last

    def next_working(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def add(self, day: date, working_days: int) -> date:
        """The working day so many after (or, negative, before) a day; the day itself is not counted."""
        step = timedelta(days=1 if working_days > 0 else -1)
        left = abs(working_days)
        while left:
            day += step
            left -= self.works(day)
        return day


WEEKENDS_ONLY: Final = Calendar(name="weekends only", version="none", first=0, last=0, weekend=frozenset((6, 7)))
"""No holidays at all. Never later than a calendar of holidays, when counting forwards."""


def calendars() -> tuple[str, ...]:
    """The places whose calendars come with Ombud."""
    return tuple(sorted(path.stem for path in _folder().iterdir() if path.suffix == ".yaml"))


@cache
def calendar(place: str) -> Calendar:
    """The calendar of a place.

    Raises:
        NotFound: there is none for it.
    """
    if place not in calendars():
        close = nearest(place, calendars())
        meant = f"Did you mean {close}? " if close else ""
        raise NotFound("calendar", place, f"{meant}Known: {', '.join(calendars())}; or give a file of your own.")
    return read_calendar(_folder() / f"{place}.yaml")


def read_calendar(path: Path) -> Calendar:
    """A calendar from a file.

    Raises:
        NotFound, Unreadable, Invalid: with file and line.
    """
    needed = ("calendar", "title", "made", "source", "covers", "weekend", "holidays")
    found = fields(read_tree(path), needed, needed)
    holidays = {_day(written, node): text(node) for written, node in mapping(found["holidays"]).items()}
    years = [_year(node) for node in items(found["covers"])]
    if len(years) != 2 or years[0] > years[1]:
        raise found["covers"].wrong("give the first and the last year")
    said = "\n".join(f"{day} {name}" for day, name in sorted(holidays.items()))
    return Calendar(
        name=text(found["calendar"]),
        version=f"{day(found['made'])} {hashlib.sha256(said.encode()).hexdigest()[:12]}",
        first=years[0],
        last=years[1],
        weekend=frozenset(DAYS.index(one_of(node, DAYS)) + 1 for node in _some(found["weekend"])),
        holidays=holidays,
    )


def _some(node: Node) -> list[Node]:
    """The weekend: at most six days, or no day would ever be a working day."""
    listed = items(node)
    if len(listed) > 6:
        raise node.wrong("a week needs a working day")
    return listed


def _day(written: str, node: Node) -> date:
    return day(Node(written, node.path, node.line, node.key))


def _year(node: Node) -> int:
    written = text(node)
    if not (written.isdecimal() and len(written) == 4):
        raise node.wrong(f"{written!r} is not a year")
    return int(written)


def _folder() -> Path:
    return Path(str(files("ombud.law") / "calendars"))
