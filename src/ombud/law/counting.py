"""Counting days by the rules of law: calendar months, weeks, working days, pauses."""

import calendar as months
from datetime import date, timedelta

from attrs import evolve, frozen

from ombud.errors import Misused
from ombud.law.calendar import Calendar
from ombud.law.clockrules import ClockRule, Length


@frozen
class Pause:
    """The clock stands still from a day up to, and not including, another; `until` None: it still does."""

    start: date
    until: date | None
    reason: str


@frozen
class Running:
    """A clock in days, being counted."""

    rule: ClockRule
    day: date
    calendar: Calendar
    pauses: tuple[Pause, ...]

    @property
    def length(self) -> Length:
        """The first length, negative if counted back."""
        if self.rule.length is None:
            raise Misused(f"{self.rule.id}: law sets no number", "Ask whether the rule has a length first.")
        return evolve(self.rule.length, amount=-self.rule.length.amount) if self.rule.back else self.rule.length

    def first(self, calendar: Calendar) -> date:
        """The last day of the first length."""
        return add(self.day, self.length, calendar)

    def full(self, extended: bool, calendar: Calendar) -> date:
        """The last day without pauses and moving on; of two readings of an extended month end, the earlier."""
        first, extension = self.first(calendar), self.rule.extension
        if not extended or extension is None:
            return first
        if extension.total:
            return add(self.day, extension.length, calendar)
        stepwise = add(first, extension.length, calendar)
        return min(stepwise, self._direct(extension.length, calendar) or stepwise)

    def _direct(self, more: Length, calendar: Calendar) -> date | None:
        if self.length.unit != more.unit:
            return None
        return add(self.day, evolve(more, amount=self.length.amount + more.amount), calendar)

    def legal(self, extended: bool) -> date:
        """The last day by the rule, pauses and moving on included."""
        last = self.full(extended, self.calendar) + timedelta(days=self.paused_days())
        return self.calendar.next_working(last) if self.rule.roll == "next_working_day" else last

    def paused_days(self) -> int:
        """Days that do not count: the union of the pauses, from the start on."""
        days: set[date] = set()
        for pause in self.pauses:
            first, until = max(pause.start, self.day), pause.until or pause.start
            days.update(first + timedelta(days=n) for n in range((until - first).days))
        return len(days)

    @property
    def stands_still(self) -> bool:
        """Whether a pause has no end yet."""
        return any(pause.until is None for pause in self.pauses)


def add(day: date, length: Length, calendar: Calendar) -> date:
    """A day moved by a length of law; the day itself is not counted. Months end on the same date, or their last day.

    Raises:
        Misused: the date would lie outside the years that exist.
    """
    try:
        return _add(day, length, calendar)
    except (OverflowError, ValueError):
        raise Misused(f"{day} and {length} is no date", "Check the year of the event.") from None


def _add(day: date, length: Length, calendar: Calendar) -> date:
    amount = length.amount
    match length.unit:
        case "months":
            return _add_months(day, amount)
        case "years":
            return _add_months(day, 12 * amount)
        case "weeks":
            return day + timedelta(weeks=amount)
        case "business_days":
            return calendar.add(day, amount)
        case "days":
            return day + timedelta(days=amount)
        case "hours":
            raise Misused("hours are not added to a day", "Run the clock from an instant.")


def _add_months(day: date, amount: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
