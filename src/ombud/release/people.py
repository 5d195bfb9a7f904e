"""Answer `People`: keep who is in the tables of a system, and see who of the lists a model learned from.

A model learned from whoever was in its training table whenever it was checked: deleting a row afterwards takes nobody
out of a model. So the table is kept as it was (as bitmaps, with the digest of the model), and a new model begins anew.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from attrs import frozen

from ombud.errors import OmbudError
from ombud.evidence.canonical import digest
from ombud.evidence.log import Log
from ombud.release.composite import Composite
from ombud.store.people import Listed, Membership, People, TableState
from ombud.store.workspace import Workspace
from ombud.system.manifest import System
from ombud.tables.answers import CannotMeasure, Data, Taken, Unmet
from ombud.tables.needs import Role
from ombud.tables.people import ListedPeople, nameless, subjects
from ombud.tables.table import Snapshot, Table

_KIND: Final = re.compile(r"[a-z][a-z0-9_.]{0,62}")


@frozen(kw_only=True)
class ModelDecision:
    """What was decided about one person and one model that learned from them.

    Attributes:
        case: the request in which it was decided; alias: the person.
        model: digest of the model.
        choice: "exclude" (from the next version), "retrain" (until a day), "unlearn" (exactly; `becomes` is the digest
            of the model after it), "suppress" (its output about the person) or "keep" (on a ground).
        until: last day on which it is valid; None: for good.
        ground: key of the reason.
        at: when it was decided (UTC).
    """

    case: str
    alias: str
    model: str
    choice: str
    until: date | None = None
    becomes: str | None = None
    ground: str | None = None
    at: datetime

    def covers(self, model: str, listed: Listed, today: date) -> bool:
        """Whether it answers, today, for a model and what somebody asked for; what they ask for later it does not."""
        if self.alias != listed.alias or self.at.date() < listed.since:
            return False
        if self.choice == "unlearn":
            return self.becomes == model
        dated = self.until is not None or self.choice != "retrain"
        return self.model == model and dated and (self.until is None or today <= self.until)


def standing(decisions: Sequence[ModelDecision], model: str, listed: Listed, today: date) -> ModelDecision | None:
    """The newest decision about a person and a model, if it answers for what the person asked; None if it does not."""
    about = [one for one in decisions if one.alias == listed.alias and model in (one.model, one.becomes)]
    return about[-1] if about and about[-1].covers(model, listed, today) else None


Decided = Callable[[Log], Iterable[ModelDecision]]
"""Reads decisions from a log, in its order."""


def nobody(_log: Log) -> Iterable[ModelDecision]:
    """No decisions: whoever asks a check for itself does not know of any."""
    return ()


def people_answer(
    workspace: Workspace, system: System, data: Data | Unmet, release: Composite, decided: Decided
) -> Taken | Unmet:
    """Keep who is in each table, and answer the need; the reason where it cannot be answered."""
    if isinstance(data, Unmet):
        return data
    try:
        return _answered(workspace, system, data, release, decided)
    except CannotMeasure as reason:
        return reason.unmet
    except OmbudError as error:
        return Unmet(str(error), "")


def _answered(workspace: Workspace, system: System, data: Data, release: Composite, decided: Decided) -> Taken:
    column = data.column(Role.SUBJECT, "subject")
    kind = subject_kind(system, column)
    there = {role: table for role, table in data.tables.items() if column in table.columns}
    people = workspace.people
    kept = {
        role: _remember(people, table, column, _state(workspace, system, role, table.snapshot(), kind, release))
        for role, table in there.items()
    }
    training = data.first(("training",), (column,), "data.training.table")[1]
    learned = _learned_from(people, kept["training"])
    who = _Who(
        people.lists(), tuple(decided(workspace.ledger.log())), system.name, release.model or "", _today(workspace)
    )
    answer = who.answer(
        frozenset().union(*(people.listed_in(one) for one in learned)), people.people_in(learned),
        {role: people.listed_in(one) for role, one in kept.items() if role != "training"},
        nameless(training, column), kept["training"].table.live,
    )  # fmt: skip
    return Taken(calls=(answer,), tables=(training.snapshot(),))


def subject_kind(system: System, column: str) -> str:
    """The kind of identity in the subject column: as the manifest says, else what the column is called.

    Raises:
        CannotMeasure: the column's name is none of a kind.
    """
    kind = system.subject_kind or column.lower()
    if not _KIND.fullmatch(kind):
        raise CannotMeasure(
            "the name of the subject column does not say what kind of identity it is", "columns.subject_kind"
        )
    return kind


def _state(
    workspace: Workspace, system: System, role: str, seen: Snapshot, kind: str, release: Composite
) -> TableState:  # fmt: skip
    return TableState(
        system=system.name, role=role, digest=seen.digest or digest([seen.schema_digest, seen.address, seen.rows]),
        kind=kind, release=release.digest, model=release.model or "", rows=seen.rows, taken_at=workspace.now(),
        live=not seen.addressed,
    )  # fmt: skip


def _remember(people: People, table: Table, column: str, state: TableState) -> Membership:
    kept = people.remember(state, subjects(table, column, state.kind))
    table.refuse_change()
    return kept


def _learned_from(people: People, current: Membership) -> list[Membership]:
    """The training table in every state in which it was seen with this model; without a model, as it is now."""
    now = current.table
    return [
        one
        for one in people.tables()
        if one.id == current.id
        or (
            now.model and one.table.model == now.model and one.table.system == now.system and one.table.role == now.role
        )
    ]


def _today(workspace: Workspace) -> date:
    return datetime.fromisoformat(workspace.now()).date()


@frozen
class _Who:
    """Lists and decisions, as they bear on one model on one day."""

    lists: Sequence[Listed]
    decisions: Sequence[ModelDecision]
    system: str
    model: str
    today: date

    def answer(
        self, learned: frozenset[str], people: int, elsewhere: Mapping[str, frozenset[str]], nameless: int, live: bool
    ) -> ListedPeople:
        """Count those of the lists who are among some aliases."""
        stopped = self._stopped()
        here = {alias: lists for alias, lists in stopped.items() if alias in learned}
        open = {alias: without for alias, lists in here.items() if (without := list(self._open(lists)))}
        return ListedPeople(
            people=people, nameless=nameless, listed=len(here), undecided=len(open),
            by_list=Counter(name for lists in open.values() for name in {one.list for one in lists}),
            decided=Counter(choice for alias in here.keys() - open.keys() for choice in self._choices(here[alias])),
            elsewhere={role: n for role, there in elsewhere.items() if (n := len(there & stopped.keys()))}, live=live,
        )  # fmt: skip

    def _stopped(self) -> Mapping[str, list[Listed]]:
        """Alias → what they asked for that stops training in this system today."""
        found: dict[str, list[Listed]] = {}
        for one in self.lists:
            if one.stops and one.holds(self.today, self.system):
                found.setdefault(one.alias, []).append(one)
        return found

    def _open(self, lists: Iterable[Listed]) -> Iterator[Listed]:
        return (one for one in lists if self._last(one) is None)

    def _choices(self, lists: Iterable[Listed]) -> set[str]:
        return {last.choice for one in lists if (last := self._last(one)) is not None}

    def _last(self, listed: Listed) -> ModelDecision | None:
        return standing(self.decisions, self.model, listed, self.today)
