"""Lengths of time as people write them: `90d`, `6m`, `10y`."""

import calendar
import re
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from ombud.errors import Misused

_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,4})\s?([hdwmy])")
_NAMES: Final = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}


@frozen
class Duration:
    """A length of time by the calendar: a month is a calendar month, not thirty days.

    Attributes:
        count: how many, 1 to 99,999.
        unit: h, d, w, m (months) or y.
    """

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read `90d`.

        Raises:
            Misused: it is not a number followed by h, d, w, m or y.
        """
        found = _WRITTEN.fullmatch(text.strip())
        if not found:
            raise Misused(f"{text[:40]!r} is not a length of time", "Write a number and h, d, w, m or y: 90d, 6m, 10y.")
        return cls(int(found[1]), found[2])

    def after(self, start: datetime) -> datetime:
        """The instant this long after `start`; a day that the month lacks becomes its last (31 January + 1m).

        Beyond the year 9999 it is the last instant there is.
        """
        try:
            return self._by_calendar(start)
        except (OverflowError, ValueError):
            return datetime.max.replace(tzinfo=start.tzinfo)

    def _by_calendar(self, start: datetime) -> datetime:
        if self.unit in "hdw":
            return start + timedelta(**{_NAMES[self.unit]: self.count})
        months = start.year * 12 + start.month - 1 + self.count * (12 if self.unit == "y" else 1)
        year, month = divmod(months, 12)
        return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))

    @property
    def days(self) -> int:
        """The length in whole days where no start is known, never longer than by the calendar (28 days a month)."""
        return {"h": self.count // 24, "d": self.count, "w": 7 * self.count}.get(self.unit, self._days_of_months())

    def _days_of_months(self) -> int:
        years, months = (self.count, 0) if self.unit == "y" else divmod(self.count, 12)
        return 365 * years + 28 * months

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def words(self) -> str:
        """`90 days`, `1 year`."""
        return f"{self.count} {_NAMES[self.unit][: -1 if self.count == 1 else None]}"
