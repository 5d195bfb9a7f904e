"""The table of a matter: from which state which event leads where, what it must say, and what must hold."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ombud.cases.fields import Field, read_field
from ombud.law.reading import fields, items, mapping, maybe, one_of, text
from ombud.law.tree import Node, read_tree

if TYPE_CHECKING:
    from ombud.cases.case import Case

Details = Mapping[str, Any]

Guard = Callable[["Case", Details], str | None]
"""Told the case and what the step says: why it may not be taken, or None. Pure: of the case's own steps alone, so that
whoever reads the log later comes to the same answer."""


@frozen(kw_only=True)
class Event:
    """What may happen. must: details it cannot be without; may: those it can have."""

    name: str
    must: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


@frozen(kw_only=True)
class Transition:
    """One line of the table. guards: names of what must hold."""

    state: str
    event: str
    to: str
    guards: tuple[str, ...] = ()


@frozen(kw_only=True)
class Machine:
    """A matter: rights request, contest, incident, risk, audit.

    Attributes:
        matter: its name in statements.
        letter: first letter of the numbers of its cases.
        begins: the event that opens a case, and the state it opens in.
        ended: states after which nothing is owed any more.
        fields, events: what steps may say.
        table: (state, event) → transition.
        guards: name → what must hold.
        listed_by, shown_by: the commands that list its open cases, and that show one.
    """

    matter: str
    letter: str
    begins: tuple[str, str]
    ended: frozenset[str]
    fields: Mapping[str, Field] = field(repr=False)
    events: Mapping[str, Event] = field(repr=False)
    table: Mapping[tuple[str, str], Transition] = field(repr=False)
    guards: Mapping[str, Guard] = field(repr=False)
    listed_by: str
    shown_by: str

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the table."""
        told = (self.begins[1], *(state for one in self.table.values() for state in (one.state, one.to)))
        return tuple(dict.fromkeys(told))

    def next_events(self, state: str) -> tuple[str, ...]:
        """What may follow in a state, guards aside."""
        return tuple(event for at, event in self.table if at == state)

    def why_not(self, case: "Case", event: str, details: Details) -> str | None:
        """Why a step may not follow: the table, then what it lacks, then the guards; None if it may."""
        line = self.table.get((case.state, event))
        if line is None:
            return f"it stands at {case.state!r}, where {event!r} cannot follow"
        broken = (self.guards[name](case, details) for name in line.guards)
        return self.lacks(event, details) or next((why for why in broken if why), None)

    def lacks(self, event: str, details: Details) -> str | None:
        """What a step must say and does not, or says in another form."""
        known = self.events.get(event)
        if known is None:
            return f"there is no event {event!r}"
        missing = sorted(known.must - details.keys())
        if missing:
            return f"{event!r} lacks {', '.join(missing)}"
        wrong = ((name, self.fields[name].problem(details[name])) for name in sorted(known.must | known.may)
                 if details.get(name) is not None)  # fmt: skip
        return next((f"{name} of {event!r} {problem}" for name, problem in wrong if problem), None)

    def too_much(self, event: str, details: Details) -> str | None:
        """What a step says that it has no place for; a closed set keeps persons out of the log."""
        known = self.events[event]
        extra = sorted(details.keys() - known.must - known.may)
        return f"{event!r} has no place for {len(extra)} of the details given" if extra else None


def read_machine(path: Path, guards: Mapping[str, Guard]) -> Machine:
    """A machine from a file, with the guards that it names.

    Raises:
        NotFound, Unreadable, Invalid: with file and line.
    """
    needed = ("matter", "letter", "begins", "ended", "fields", "events", "table",
              "listed_by", "shown_by")  # fmt: skip
    top = fields(read_tree(path), needed, needed)
    known = {name: read_field(node) for name, node in mapping(top["fields"]).items()}
    events = {name: _event(name, node, known) for name, node in mapping(top["events"]).items()}
    begins = fields(top["begins"], ("event", "state"), ("event", "state"))
    return Machine(
        matter=text(top["matter"]),
        letter=text(top["letter"]),
        begins=(one_of(begins["event"], tuple(events)), text(begins["state"])),
        ended=frozenset(text(one) for one in items(top["ended"])),
        fields=known,
        events=events,
        table=_table(items(top["table"]), tuple(events), tuple(guards)),
        guards=dict(guards),
        listed_by=text(top["listed_by"]),
        shown_by=text(top["shown_by"]),
    )


def _event(name: str, node: Node, known: Mapping[str, Field]) -> Event:
    found = fields(node, ("must", "may"))
    must, may = (frozenset(one_of(one, tuple(known)) for one in _listed(found, part)) for part in ("must", "may"))
    return Event(name=name, must=must, may=may)


def _table(rows: list[Node], events: tuple[str, ...], guards: tuple[str, ...]) -> dict[tuple[str, str], Transition]:
    table: dict[tuple[str, str], Transition] = {}
    for row in rows:
        found = fields(row, ("from", "on", "to", "if"), ("from", "on"))
        names = tuple(one_of(one, guards) for one in _listed(found, "if"))
        event = one_of(found["on"], events)
        for state in (text(one) for one in items(found["from"])):
            if (state, event) in table:
                raise row.wrong(f"{event} from {state} is already told above")
            to = maybe(found, "to", text, state)
            table[state, event] = Transition(state=state, event=event, to=to, guards=names)
    return table


def _listed(found: Mapping[str, Node], key: str) -> list[Node]:
    return items(found[key]) if key in found else []
