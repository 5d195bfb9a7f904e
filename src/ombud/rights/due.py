"""What is due: every open request with its clocks, the most urgent first."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from attrs import frozen

from ombud.cases import Case, cases_of
from ombud.rights.request import REQUESTS
from ombud.rights.request_clocks import RequestClock, clocks, received_at
from ombud.store.workspace import Workspace


@frozen(kw_only=True)
class Due:
    """An open request at a moment.

    Attributes:
        case: it; at: the moment it is looked at.
        clocks: of all its laws; beside: other open requests of the same person.
    """

    case: Case
    at: datetime
    clocks: tuple[RequestClock, ...]
    beside: tuple[str, ...] = ()

    @property
    def overdue(self) -> bool:
        """Whether a duty is late."""
        return any(clock.overdue(self.at) for clock in self.clocks)

    @property
    def next(self) -> RequestClock | None:
        """The clock that runs out first, of those that still run."""
        running = [one for one in self.clocks if one.day and not one.settled and one.counts]
        return min(running, key=lambda one: one.day or date.max, default=None)

    def to_json(self) -> dict[str, Any]:
        """For programs; nothing in it names the person."""
        opened, first = self.case.opened, self.next
        on = first.day.isoformat() if first and first.day else None
        return {
            "case": self.case.id, "right": opened["right"], "laws": list(opened["laws"]), "state": self.case.state,
            "received_at": received_at(self.case).isoformat(), "alias": self.case.alias, "overdue": self.overdue,
            "next": {"law": first.law, "what": first.what, "on": on} if first else None,
            "repeats": list(opened.get("repeats") or ()), "beside": list(self.beside),
            "clocks": [clock.to_json(self.at) for clock in self.clocks],
        }  # fmt: skip


def due(workspace: Workspace, at: datetime | None = None) -> tuple[Due, ...]:
    """Every open request, the one that runs out first at the head.

    Args:
        workspace: whose log.
        at: the moment to look from; None: now.
    """
    moment = at or workspace.context.clock.now()
    open_cases = [case for case in cases_of(workspace.ledger.log(), REQUESTS) if not case.ended]
    found = (_due(case, open_cases, moment) for case in open_cases)
    return tuple(sorted(found, key=lambda one: (one.next.day if one.next and one.next.day else date.max, one.case.id)))


def due_of(case: Case, at: datetime) -> Due:
    """One request at a moment."""
    return Due(case=case, at=at, clocks=clocks(case))


def _due(case: Case, open_cases: list[Case], at: datetime) -> Due:
    return Due(case=case, at=at, clocks=clocks(case), beside=tuple(_beside(case, open_cases)))


def _beside(case: Case, open_cases: list[Case]) -> Iterator[str]:
    yield from (other.id for other in open_cases if other.alias == case.alias and other.id != case.id)
