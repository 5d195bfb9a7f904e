"""Deadlines: when a clock that law starts runs out, by the rules of counting of the law README.

The *legal date* is the last day (or instant) by the rule. The *target date* is the earliest reading of it: no holidays,
no pauses, no moving on from a weekend. Whoever keeps to the target is in time however the doubtful points are decided.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, frozen

from ombud.errors import Misused
from ombud.law.calendar import WEEKENDS_ONLY, Calendar
from ombud.law.clockrules import ClockRule
from ombud.law.counting import Pause, Running, add

Deadline = date | datetime
"""The last day on which it is still in time; for clocks in hours, the instant."""


@frozen
class Notice:
    """The person was told on a day that the clock is prolonged, and why."""

    on: date
    reasons: str


@frozen(kw_only=True)
class ClockResult:
    """A clock as it stands, with everything that its dates follow from.

    Attributes:
        rule: how it counts; its version is kept.
        start: the event, in the timezone of its source.
        timezone: that timezone.
        calendar, calendar_version: the working days it was counted with.
        pauses, pauses_refused: those that count, and those that do not, with the reason.
        notice: the notice of extension; extended: whether it counts.
        target: the earliest reading of the deadline; None where law sets no number.
        legal: the deadline by the rule; None where law sets no number, or while the clock stands still.
        rolled: for a clock that shows but does not rely on moving on: the day it would move to.
        notes: what a reader has to know beside the dates.
        closed: when the duty was done.
    """

    rule: ClockRule
    start: datetime
    timezone: str
    calendar: str
    calendar_version: str
    pauses: tuple[Pause, ...] = ()
    pauses_refused: tuple[tuple[Pause, str], ...] = ()
    notice: Notice | None = None
    extended: bool = False
    target: Deadline | None = None
    legal: Deadline | None = None
    rolled: date | None = None
    notes: tuple[str, ...] = ()
    closed: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The end (UTC) of the legal day, where the first late instant is; for clocks in hours, the last timely one."""
        if self.legal is None or isinstance(self.legal, datetime):
            return self.legal
        midnight = datetime.combine(self.legal + timedelta(days=1), time(), zone(self.timezone))
        return midnight.astimezone(UTC)

    def late(self, at: datetime) -> bool | None:
        """Whether the duty was not done in time, seen from an instant; None if that cannot be told.

        A clock counted back has the duty before its event in the same way: done after the legal day is late.
        """
        end, done = self.ends_at, self.closed or at
        if end is None:
            return None
        return done > end if self.rule.in_hours else done >= end

    def to_json(self) -> dict[str, Any]:
        """What a case keeps of its clock."""
        return {
            "rule": self.rule.version, "requirement": self.rule.requirement, "counting": self.rule.counting,
            "starts": self.rule.starts, "start": self.start.isoformat(), "timezone": self.timezone,
            "calendar": self.calendar, "calendar_version": self.calendar_version,
            "pauses": [_pause_json(pause) for pause in self.pauses],
            "pauses_refused": [_pause_json(pause) | {"because": why} for pause, why in self.pauses_refused],
            "notice": {"on": self.notice.on.isoformat(), "reasons": self.notice.reasons} if self.notice else None,
            "extended": self.extended, "target": _iso(self.target), "legal": _iso(self.legal),
            "rolled": _iso(self.rolled), "notes": list(self.notes), "closed": _iso(self.closed),
        }  # fmt: skip


def run_clock(
    rule: ClockRule,
    start: datetime,
    timezone: str,
    calendar: Calendar = WEEKENDS_ONLY,
    pauses: Sequence[Pause] = (),
    notice: Notice | None = None,
    closed: datetime | None = None,
) -> ClockResult:
    """When a clock runs out.

    Args:
        rule: how it counts.
        start: the event; with its offset, so that the instant is certain.
        timezone: IANA name of the place whose days count ("Europe/Berlin").
        calendar: the working days of that place.
        pauses: when it was asked to stand still. Those on a ground that the rule does not know do not count.
        notice: of an extension. One that comes late, or gives no reasons, does not count.
        closed: when the duty was done.

    Raises:
        Misused: the start has no offset, the timezone does not exist, or a pause ends before it starts.
    """
    local = _local(start, timezone)
    running = Running(rule, local.date(), calendar, tuple(p for p in pauses if _why_refused(p, rule, local) is None))
    refused = tuple((p, why) for p in pauses if (why := _why_refused(p, rule, local)))
    base = ClockResult(
        rule=rule, start=local, timezone=timezone, calendar=calendar.name, calendar_version=calendar.version,
        pauses=running.pauses, pauses_refused=refused, notice=notice, closed=closed,
    )  # fmt: skip
    return _in_hours(base) if rule.in_hours else _in_days(base, running)


def _local(start: datetime, timezone: str) -> datetime:
    if start.tzinfo is None:
        raise Misused("the start of a clock has no offset from UTC", "Write it as 2026-11-23T10:00+01:00.")
    return start.astimezone(zone(timezone))


def zone(timezone: str) -> ZoneInfo:
    """A timezone by its IANA name.

    Raises:
        Misused: there is none of that name.
    """
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misused(f"there is no timezone {timezone!r}", "Use a name like Europe/Berlin or UTC.") from None


def _why_refused(pause: Pause, rule: ClockRule, start: datetime) -> str | None:
    if pause.until is not None and pause.until <= pause.start:
        raise Misused("a pause ends before it starts", "Give the first day of the pause, then the first day after it.")
    if not rule.pauses:
        return "this clock never stands still"
    if pause.reason not in rule.pauses:
        return f"the rule knows only: {', '.join(rule.pauses)}"
    return "it ended before the clock started" if pause.until and pause.until <= start.date() else None


def _in_hours(base: ClockResult) -> ClockResult:
    hours = base.rule.length.amount if base.rule.length else 0
    end = base.start.astimezone(UTC) + timedelta(hours=hours)
    return evolve(base, target=end, legal=end, notes=_rule_note(base.rule))


def _in_days(base: ClockResult, running: Running) -> ClockResult:
    rule = base.rule
    if rule.length is None:
        return evolve(base, notes=("law sets no number: without undue delay", *_rule_note(rule)))
    refused = _why_no_extension(base, running)
    extended = base.notice is not None and refused is None
    legal = running.legal(extended)
    target = min(running.full(extended, WEEKENDS_ONLY), running.full(extended, running.calendar), legal)
    shown = running.calendar.next_working(legal) if rule.roll == "shown" else legal
    return evolve(
        base,
        extended=extended,
        target=target,
        legal=None if running.stands_still else legal,
        rolled=shown if shown != legal else None,
        notes=(*_doubts(running, refused, legal), *_rule_note(rule)),
    )


def _doubts(running: Running, refused: str | None, last: date) -> Iterator[str]:
    if refused:
        yield f"the extension does not count: {refused}"
    if running.stands_still:
        yield "the clock stands still; the legal date is open until it goes on"
    if running.rule.roll == "none" and running.length.unit != "business_days":
        return
    if running.calendar == WEEKENDS_ONLY:
        yield "no calendar was given: weekends were counted, holidays were not"
    elif not running.calendar.knows(last):
        yield f"the calendar {running.calendar.name} does not know the holidays of {last.year}"


def _rule_note(rule: ClockRule) -> tuple[str, ...]:
    return (rule.note,) if rule.note else ()


def _why_no_extension(base: ClockResult, running: Running) -> str | None:
    notice, extension = base.notice, base.rule.extension
    if notice is None:
        return None
    if extension is None:
        return "this clock cannot be prolonged"
    if not notice.reasons.strip():
        return "the notice gives no reasons"
    last = add(running.day, extension.notice, running.calendar) if extension.notice else running.legal(False)
    if not running.day <= notice.on <= last and not (running.stands_still and notice.on >= running.day):
        return f"the notice of {notice.on} is not inside the first period, which ended on {last}"
    return None


def _iso(moment: Deadline | None) -> str | None:
    return moment.isoformat() if moment else None


def _pause_json(pause: Pause) -> dict[str, Any]:
    return {"from": pause.start.isoformat(), "until": _iso(pause.until), "reason": pause.reason}
