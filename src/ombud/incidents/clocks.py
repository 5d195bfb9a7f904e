"""The clocks of incidents: what has to be told to whom until when, the earliest first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from ombud.cases import Case, cases_of
from ombud.evidence.instants import parsed
from ombud.incidents.duties import Duty, duties
from ombud.incidents.incident import INCIDENTS
from ombud.incidents.incident_guards import APPLYING, answered, assessment, duties_of, is_drill
from ombud.store.workspace import Workspace


@frozen(kw_only=True)
class IncidentClock:
    """One duty of one incident, with its time.

    Attributes:
        duty: what has to be told to whom.
        applies: yes, cannot-tell (it runs all the same), not-yet or no.
        due: the last instant that is in time; None: law sets no number, or the duty does not apply.
        rule: how it was counted, or that law sets no number.
        missing: facts whose declaration would tell whether it applies.
        settled: how it was answered: "notified", "rehearsed", "not-notifiable"; "" while it is open.
        at: when it was; phase: of the last notice.
    """

    duty: Duty
    applies: str
    due: datetime | None
    rule: str
    missing: tuple[str, ...] = ()
    settled: str = ""
    at: datetime | None = None
    phase: str = ""

    @property
    def runs(self) -> bool:
        """Whether something is still owed."""
        return not self.settled and self.applies in APPLYING

    def left(self, now: datetime) -> timedelta | None:
        """The time that is left, negative once it is over; None where law sets no number."""
        return None if self.due is None else self.due - now

    def late(self, now: datetime) -> bool:
        """Whether it is over, or was when the first notice went out."""
        if self.due is None or self.settled == "not-notifiable":
            return False
        return (self.at if self.settled and self.at else now) > self.due

    def to_json(self, now: datetime) -> dict[str, Any]:
        """For programs."""
        left = self.left(now)
        return {
            "duty": self.duty.key, "title": self.duty.title, "cite": self.duty.cite, "to": self.duty.recipient,
            "applies": self.applies, "missing_facts": list(self.missing), "rule": self.rule,
            "due": self.due.isoformat() if self.due else None, "runs": self.runs, "settled": self.settled or None,
            "hours_left": round(left.total_seconds() / 3600, 2) if left is not None and self.runs else None,
            "late": self.late(now), "phase": self.phase or None,
        }  # fmt: skip


def clocks(case: Case) -> tuple[IncidentClock, ...]:
    """The clocks of an incident, the earliest first; those without a number last."""
    found = [_clock(case, key) for key in duties_of(case) if key in duties()]
    return tuple(sorted(found, key=lambda one: (*_when(one), one.duty.key)))


def _clock(case: Case, key: str) -> IncidentClock:
    row = duties_of(case)[key]
    events = ("rehearsed", "not-notifiable") if is_drill(case) else ("notified", "not-notifiable")
    steps = [one for one in case.all(*events) if one.details["duty"] == key]
    first, last = (steps[0], steps[-1]) if steps else (None, None)
    sent = first.details.get("sent_at") if first else None
    return IncidentClock(
        duty=duties()[key], applies=str(row.get("applies")), due=parsed(str(row["due"])) if row.get("due") else None,
        rule=str(row.get("rule") or ""), missing=tuple(row.get("missing") or ()),
        settled=last.event if last and answered(case, key) else "",
        at=parsed(str(sent)) if sent else (first.at if first else None),
        phase=str(last.details.get("phase") or "") if last else "",
    )  # fmt: skip


@frozen(kw_only=True)
class Standing:
    """An incident at a moment. clocks: all of them, the earliest first; at: the moment."""

    case: Case
    at: datetime
    clocks: tuple[IncidentClock, ...]

    @property
    def next(self) -> IncidentClock | None:
        """The clock that runs out first, of those with a number that still run."""
        return next((one for one in self.clocks if one.runs and one.due), None)

    @property
    def late(self) -> bool:
        """Whether something that is still owed is late; a drill is never."""
        return not is_drill(self.case) and any(one.runs and one.late(self.at) for one in self.clocks)

    @property
    def people(self) -> tuple[str, int | None]:
        """How many people are concerned: counted, stated or unknown, and the number."""
        step = self.case.last("counted")
        return (str(step.details["how"]), step.details.get("people")) if step else ("unknown", None)

    def to_json(self) -> dict[str, Any]:
        """For programs; nothing in it names anybody."""
        now, (how, people) = assessment(self.case), self.people
        return {
            "case": self.case.id, "system": self.case.opened["system"], "series": self.case.opened.get("series"),
            "drill": is_drill(self.case), "state": self.case.state, "severity": now["severity"],
            "categories": list(now["categories"]), "risk": now["risk"], "aware_at": now["aware_at"],
            "facts": now["facts"], "people": people, "people_how": how,
            "alarms": sum(1 for _ in self.case.all("alarmed")) + (self.case.opened["by"] == "alarm"),
            "late": self.late, "clocks": [one.to_json(self.at) for one in self.clocks],
        }  # fmt: skip


def standing(case: Case, at: datetime) -> Standing:
    """One incident at a moment."""
    return Standing(case=case, at=at, clocks=clocks(case))


def incidents(workspace: Workspace, *, at: datetime | None = None, drills: bool = False, ended: bool = False,
              system: str | None = None) -> tuple[Standing, ...]:  # fmt: skip
    """The incidents, the one whose clock runs out first at the head. Drills are never among the real ones.

    Args:
        workspace: whose log; at: the moment to look from, None: now.
        drills: the drills instead of the real ones; ended: also those that were closed.
        system: only those of one system.
    """
    now = at or workspace.context.clock.now()
    found = [standing(case, now) for case in _wanted(workspace, drills, ended, system)]
    return tuple(sorted(found, key=_first_due))


def _wanted(workspace: Workspace, drills: bool, ended: bool, system: str | None) -> Iterator[Case]:
    for case in cases_of(workspace.ledger.log(), INCIDENTS):
        fits = is_drill(case) == drills and (ended or not case.ended)
        if fits and system in (None, case.opened["system"]):
            yield case


def _when(one: IncidentClock | None) -> tuple[bool, float]:
    """Sorts by the end of the time; without a number last."""
    due = one.due if one else None
    return due is None, due.timestamp() if due else 0.0


def _first_due(one: Standing) -> tuple[bool, bool, float, str]:
    return one.case.ended, *_when(one.next), one.case.id
