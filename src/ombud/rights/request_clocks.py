"""The clocks of a request: each law's own, from law data and from what the case's steps say of pauses and notices."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final, Literal

from attrs import evolve, frozen

from ombud.cases import Case, Step
from ombud.errors import OmbudError
from ombud.evidence.instants import parsed
from ombud.law.calendar import WEEKENDS_ONLY, Calendar, calendar
from ombud.law.clock import ClockResult, Notice, run_clock, zone
from ombud.law.clockrules import ClockRule, clock_rule
from ombud.law.counting import Pause
from ombud.law.requests import Duty, book

What = Literal["acknowledgement", "answer", "refusal"]

NO_HOLIDAYS: Final = "none"
"""In place of a calendar: weekends alone."""


@frozen(kw_only=True)
class RequestClock:
    """One duty of one law in one request, with its time.

    Attributes:
        law, what: whose, and what has to be done: confirm, answer, or (if it is refused) tell so.
        duty: what law data says of it.
        result: the clock; None: law, or our sheets, set no number.
        prolong_by: the last day on which an extension could be announced; None: none can be.
        prolonged_to: the day it would then run to.
        problem: why the clock cannot be counted; "" if it can, or if there is none.
        counts: False for the clock of a refusal while nobody refuses.
    """

    law: str
    what: What
    duty: Duty
    result: ClockResult | None = None
    prolong_by: date | None = None
    prolonged_to: date | None = None
    problem: str = ""
    counts: bool = True

    @property
    def certainty_words(self) -> str:
        """How sure we are of duty and clock together."""
        sure = self.duty.certainty == "V" and (self.result is None or self.result.rule.certainty == "V")
        return "not yet read" if sure else "not yet read, unchecked"

    @property
    def settled(self) -> bool:
        """Whether the duty was done."""
        return self.result is not None and self.result.closed is not None

    @property
    def stands_still(self) -> bool:
        """Whether it waits for something."""
        return self.result is not None and self.result.target is not None and self.result.legal is None

    def overdue(self, at: datetime) -> bool:
        """Whether the time is over and the duty is not done."""
        return self.counts and not self.settled and self.result is not None and bool(self.result.late(at))

    @property
    def day(self) -> date | None:
        """The day to work towards: the legal one, or, while the clock stands still, the cautious one."""
        found = (self.result.legal or self.result.target) if self.result else None
        return found.date() if isinstance(found, datetime) else found

    def to_json(self, at: datetime) -> dict[str, Any]:
        """For programs."""
        told = self.result.to_json() if self.result else {"rule": None, "legal": None, "target": None}
        return {
            "law": self.law, "what": self.what, "cite": self.duty.cite, **told,
            "requirement": told.get("requirement", self.duty.requirement), "certainty": self.certainty_words,
            "stands_still": self.stands_still, "settled": self.settled, "counts": self.counts,
            "overdue": self.overdue(at),
            "prolong_by": _iso(self.prolong_by), "prolonged_to": _iso(self.prolonged_to), "problem": self.problem,
        }  # fmt: skip


def clocks(case: Case) -> tuple[RequestClock, ...]:
    """The clocks of a request, law by law."""
    return tuple(one for law in case.opened["laws"] for one in _of_law(case, str(law)))


def answer_clock(case: Case, law: str, notice: Notice | None = None) -> RequestClock | None:
    """The clock of the answer under one law, as it is or as it would be with a notice; None: law owes nothing."""
    duty = book().laws[law].duties.get(str(case.opened["right"]))
    return _clock(case, duty, "answer", duty.clock, notice or _notice(case, law)) if duty else None


def rules(case: Case) -> Iterator[tuple[str, ClockRule]]:
    """Law → how its answer's clock counts, where it has one."""
    for clock in clocks(case):
        if clock.what == "answer" and clock.result is not None:
            yield clock.law, clock.result.rule


def received_at(case: Case) -> datetime:
    """When the request came in."""
    return parsed(str(case.opened["received_at"]))


def place_of(case: Case, law: str) -> tuple[str, Calendar]:
    """Whose days and holidays count for a law: as it was written down on receipt."""
    rows: list[dict[str, Any]] = [row for row in case.opened.get("zones") or () if row.get("law") == law]
    row = rows[0] if rows else {}
    name = row.get("calendar") or NO_HOLIDAYS
    return str(row.get("timezone") or "UTC"), WEEKENDS_ONLY if name == NO_HOLIDAYS else calendar(str(name))


def local_day(case: Case, law: str, at: datetime) -> date:
    """The day of an instant where the law's days are counted."""
    return at.astimezone(zone(place_of(case, law)[0])).date()


def _of_law(case: Case, law: str) -> Iterator[RequestClock]:
    duty = book().laws[law].duties.get(str(case.opened["right"]))
    if duty is None:
        return
    if duty.acknowledge:
        yield _clock(case, duty, "acknowledgement", duty.acknowledge, None)
    yield _prolongable(case, _clock(case, duty, "answer", duty.clock, _notice(case, law)))
    if duty.refusal:
        yield evolve(_clock(case, duty, "refusal", duty.refusal, None), counts=case.last("refused") is not None)


def _clock(case: Case, duty: Duty, what: What, id: str | None, notice: Notice | None) -> RequestClock:
    clock = RequestClock(law=duty.law, what=what, duty=duty)
    if id is None:
        return clock
    try:
        timezone, days = place_of(case, duty.law)
        started = received_at(case)
        rule = clock_rule(id, started.astimezone(zone(timezone)).date())
        pauses = _pauses(case, duty.law) if what == "answer" else ()
        done = _done(case, duty, what, timezone)
        return evolve(clock, result=run_clock(rule, started, timezone, days, pauses, notice, done))
    except OmbudError as error:  # a calendar that is gone, a clock that did not exist yet: said, never guessed
        return evolve(clock, problem=str(error))


def _prolongable(case: Case, clock: RequestClock) -> RequestClock:
    """The same with how long it could still be prolonged, if it was not."""
    result = clock.result
    if result is None or result.extended or result.rule.extension is None or clock.settled:
        return clock
    would = answer_clock(case, clock.law, Notice(result.start.date(), "asked for what could be"))
    longer, last = would.result.legal if would and would.result else None, result.legal
    if not isinstance(longer, date) or not isinstance(last, date):
        return clock
    return evolve(clock, prolong_by=last, prolonged_to=longer)


def _done(case: Case, duty: Duty, what: What, timezone: str) -> datetime | None:
    """When a duty was done: the first step that settles it."""
    settles = {"acknowledgement": ("acknowledged", "withdrawn"), "answer": ("delivered", "withdrawn", "closed")}
    events = settles.get(what, ("delivered", "withdrawn", "closed"))
    step = next(case.all(*events, *(("fulfilled",) if what == "answer" and duty.ends == "done" else ())), None)
    if step is None or "on" not in step.details:
        return step.at if step else None
    day = date.fromisoformat(str(step.details["on"]))
    return min(step.at, datetime.combine(day, time(), zone(timezone)))


def _notice(case: Case, law: str) -> Notice | None:
    step = next((step for step in case.all("extended") if law in step.details["laws"]), None)
    if step is None:
        return None
    return Notice(date.fromisoformat(str(step.details["on"])), ", ".join(step.details["because"]))


def _pauses(case: Case, law: str) -> tuple[Pause, ...]:
    """When it was asked to stand still: until it was let go on, or, while proof of identity was awaited, until that."""
    found: list[Pause] = []
    for step in case.all("paused", "resumed", "verified"):
        if step.event == "paused":
            found.append(Pause(date.fromisoformat(str(step.details["since"])), None, str(step.details["ground"])))
        elif found and found[-1].until is None and _ends(step, found[-1]):
            found[-1] = evolve(found[-1], until=_resumed(case, law, step))
    return tuple(pause for pause in found if pause.until is None or pause.until > pause.start)


def _ends(step: Step, pause: Pause) -> bool:
    return step.event == "resumed" or pause.reason == "identity"


def _resumed(case: Case, law: str, step: Step) -> date:
    return date.fromisoformat(str(step.details["on"])) if "on" in step.details else local_day(case, law, step.at)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
