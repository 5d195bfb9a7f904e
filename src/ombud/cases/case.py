"""A case is what its signed steps add up to: no state is stored anywhere, it follows from the log."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from attrs import evolve, field, frozen

from ombud.cases.errors import NotAllowed
from ombud.cases.machine import Machine
from ombud.evidence.entry import Entry
from ombud.evidence.instants import parsed


def _frozen_map(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Step:
    """One step that counts.

    Attributes:
        event: what happened; details: what the step says.
        state: where the case stood after it.
        at: when, by the signer's claim (UTC); holder: whose key signed; roles: what that key was for, then.
        digest, index: of its entry in the log.
    """

    event: str
    details: Mapping[str, Any] = field(converter=_frozen_map)
    state: str
    at: datetime
    holder: str
    digest: str
    index: int
    roles: frozenset[str] = frozenset()


@frozen
class Ignored:
    """A statement about a case that does not count, and why: a lost race, or a step that may not follow."""

    index: int
    event: str
    because: str


@frozen(kw_only=True)
class Case:
    """A case as it stands.

    Attributes:
        id: its number; machine: the table it follows; alias: the person, where there is one.
        state: where it stands; empty before its first step.
        steps: those that count; ignored: statements that do not.
    """

    id: str
    machine: Machine = field(repr=False, eq=False)
    alias: str | None = None
    state: str = ""
    steps: tuple[Step, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    @property
    def head(self) -> str | None:
        """Digest of the step that the next one has to name; None before the first."""
        return self.steps[-1].digest if self.steps else None

    @property
    def ended(self) -> bool:
        """Whether nothing is owed any more."""
        return self.state in self.machine.ended

    @property
    def opened(self) -> Mapping[str, Any]:
        """What the first step says."""
        return self.steps[0].details

    def all(self, *events: str) -> Iterator[Step]:
        """The steps with one of these events, in their order."""
        return (step for step in self.steps if step.event in events)

    def last(self, *events: str) -> Step | None:
        """The newest step with one of these events."""
        return next((step for step in reversed(self.steps) if step.event in events), None)

    def refused(self, problem: str) -> NotAllowed:
        """The error that says why a step may not follow, and how to see where the case stands."""
        return NotAllowed(self.id, problem, f"See where it stands: {self.machine.shown_by} {self.id}")

    def why_not(self, event: str, details: Mapping[str, Any]) -> str | None:
        """Why a step may not follow now; None if it may."""
        if self.steps:
            return self.machine.why_not(self, event, details)
        begins = self.machine.begins[0]
        return self.machine.lacks(event, details) if event == begins else f"a case begins with {begins!r}"


def fold(machine: Machine, entries: Iterable[Entry]) -> tuple[Case, ...]:
    """The cases of a matter, in the order in which they were opened.

    Args:
        machine: its table.
        entries: what may be believed (`Log.trusted("case")`), in the log's order. A step that was revoked is gone, and
            with it what followed it: whoever takes a step back takes the way on from there.
    """
    cases: dict[str, Case] = {}
    for entry in entries:
        said = entry.statement.predicate
        if said.get("matter") == machine.matter and entry.withdrawn_from is None:
            number = str(said["case"])
            cases[number] = _after(cases.get(number) or Case(id=number, machine=machine), entry, said)
    return tuple(case for case in cases.values() if case.steps)


def _after(case: Case, entry: Entry, said: Mapping[str, Any]) -> Case:
    event, details = str(said["event"]), said.get("details", {})
    why = _why_ignored(case, event, details, said)
    if why is not None:
        return evolve(case, ignored=(*case.ignored, Ignored(entry.index, event, why)))
    machine = case.machine
    state = machine.table[case.state, event].to if case.steps else machine.begins[1]
    step = Step(
        event=event, details=details, state=state, at=parsed(entry.statement.observed_at), holder=entry.holder,
        digest=entry.digest, index=entry.index, roles=entry.signer.roles if entry.signer else frozenset(),
    )  # fmt: skip
    alias = said.get("alias") if isinstance(said.get("alias"), str) else None
    return evolve(case, state=state, steps=(*case.steps, step), alias=case.alias if case.steps else alias)


def _why_ignored(case: Case, event: str, details: Any, said: Mapping[str, Any]) -> str | None:
    if said.get("after") != case.head:
        return "another step came first" if case.steps else "it follows a step that is not there"
    if not isinstance(details, Mapping):
        return "its details are none"
    return case.why_not(event, details)
