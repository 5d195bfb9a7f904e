"""Count a period of decisions: who had a hand in them, and which elements of human involvement are on record."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from ombud.decisions.contest import contests, decided_again
from ombud.decisions.contest_reviewers import Reviewer, notices, reviewers, staff_number
from ombud.decisions.decision import Decision, Human
from ombud.decisions.intake import between
from ombud.decisions.live import open_live, reader_of
from ombud.decisions.oversight import Hand, Tally
from ombud.decisions.readers import listed
from ombud.decisions.rows import BadRow
from ombud.evidence.log import Log
from ombud.store.workspace import Workspace
from ombud.system.spec import System
from ombud.tables.needs import Role

OUTPUT: Final = frozenset(("score", "reasons", "explanation"))
"""What a reviewer sees that is the system's own output; whatever else is named is other information."""

Progress = Callable[[str, int, int], None]
"""Told what is done, how many decisions were counted, and of how many (0: nobody knows)."""


@frozen(kw_only=True)
class Known:
    """What the log says of reviewers, by their numbers.

    Attributes:
        named: number → the records by which they may change decisions.
        told: number → since when they know that times are measured.
    """

    system: str
    named: Mapping[str, tuple[Reviewer, ...]]
    told: Mapping[str, datetime]

    @classmethod
    def of(cls, workspace: Workspace, log: Log, system: str) -> "Known":
        """Read from the log; numbers of staff come from the store."""
        named: dict[str, tuple[Reviewer, ...]] = {}
        for one in reviewers(log):
            number = staff_number(workspace, one.staff)
            named[number] = (*named.get(number, ()), one)
        told = {staff_number(workspace, alias): since for alias, since in notices(log, system).items()}
        return cls(system=system, named=named, told=told)

    def records(self, human: Human, at: datetime) -> tuple[Reviewer, ...]:
        """The records that held for a reviewer at a moment: made before it, and not over."""
        return tuple(one for one in self.named.get(human.who, ()) if one.holds(self.system, at))

    def timed(self, human: Human, at: datetime) -> bool:
        """Whether a review's time may be looked at."""
        since = self.told.get(human.who)
        return since is not None and since <= at


def tally(
    workspace: Workspace, system: System, start: datetime, end: datetime, progress: Progress | None = None
) -> Tally:  # fmt: skip
    """Count what was decided from `start` on and before `end`, wherever it is kept.

    What a review of a contest changed is a decision of its own on record; it is counted as a contest and not again.
    """
    log = workspace.ledger.log()
    count = _Count(Known.of(workspace, log, system.name))
    for one in _recorded(workspace, system.name, start, end):
        count.take(one, progress)
    if "decisions" in system.data and system.columns.of(Role.ID):
        _count_live(count, system, start, end, progress)
    reviewed, changed = _contests(workspace, system.name, start, end)
    return Tally(
        decisions=count.decisions, hands=count.hands, told=len(count.known.told), untimed=count.untimed,
        left_out=count.left_out, contests=reviewed, reversed=changed,
    )  # fmt: skip


@define
class _Count:
    """A count that goes on. seen: numbers of what was counted, so that none counts again in the system's own table."""

    known: Known
    decisions: int = 0
    untimed: int = 0
    left_out: int = 0
    hands: dict[str, Hand] = field(factory=dict)
    seen: set[str] = field(factory=set)

    def take(self, one: Decision, progress: Progress | None) -> None:
        """Count one decision."""
        self.decisions += 1
        self.seen.add(one.id)
        if progress and self.decisions % 1_000 == 0:
            progress("counting decisions", self.decisions, 0)
        if one.human is not None:
            self._review(self.hands.setdefault(one.human.who, Hand()), one.human, one.at)

    def _review(self, hand: Hand, human: Human, at: datetime) -> None:
        records, saw = self.known.records(human, at), frozenset(human.saw)
        trained, able = any(one.training for one in records), bool(records)
        informed = bool(saw & OUTPUT) and bool(saw - OUTPUT)
        hand.reviews += 1
        hand.changed += human.changed
        hand.trained += trained
        hand.informed += informed
        hand.able += able
        hand.whole += trained and informed and able
        if self.known.timed(human, at):
            self.untimed += human.seconds is None
            hand.seconds += [] if human.seconds is None else [human.seconds]


def _recorded(workspace: Workspace, system: str, start: datetime, end: datetime) -> Iterator[Decision]:
    ours = decided_again(workspace, system)
    return (kept.decision for kept in between(workspace, system, start, end) if kept.commitment not in ours)


def _count_live(count: _Count, system: System, start: datetime, end: datetime, progress: Progress | None) -> None:
    """Decisions in the system's own table; a row that is none is left out, and their number is told."""
    recorded = frozenset(count.seen)
    with closing(open_live(system)) as table:
        reader, names = reader_of(system, table), list(table.columns)
        for batch in table.engine.batches(f"SELECT {listed(table)} FROM {table.relation}"):  # noqa: S608
            for number, row in enumerate(batch, start=1):
                try:
                    one = reader.read(number, dict(zip(names, row, strict=True)))
                except BadRow:
                    count.left_out += 1
                    continue
                if start <= one.at < end and one.id not in recorded:
                    count.take(one, progress)


def _contests(workspace: Workspace, system: str, start: datetime, end: datetime) -> tuple[int, int]:
    """Reviews of contested decisions in a period, and how many came out otherwise."""
    outcomes = [
        step.details["outcome"] for case in contests(workspace, system) for step in case.all("reviewed")
        if start <= step.at < end
    ]  # fmt: skip
    return len(outcomes), sum(one != "upheld" for one in outcomes)
