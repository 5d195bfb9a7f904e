"""Decisions come in, are found again, get their labels, and go when the person they are about is erased.

These are the functions behind every door: the command line, the drainer of the spool, and HTTP.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from ombud.decisions.batch import anchor
from ombud.decisions.commit import prepared
from ombud.decisions.decision import Decision
from ombud.decisions.errors import Differs
from ombud.decisions.kept import Kept, Receipt, kept
from ombud.errors import Misused, NotFound
from ombud.store.decided import Label, New, micros, moment
from ombud.store.people import Listed
from ombud.store.workspace import Workspace

SKEW: Final = timedelta(minutes=5)
"""How far ahead of its receipt a decision may claim to have been made before it is flagged."""

AT_ONCE: Final = 5_000
"""Decisions kept in one transaction."""


def record(workspace: Workspace, system: str, decisions: Sequence[Decision], holder: str | None) -> Receipt:
    """Keep decisions: each once by (system, id), none overwritten; on return they are on disk.

    Args:
        workspace: whose store and log; system: whose decisions they are.
        holder: whose key puts them into the log at once; None leaves that to the next `batch.anchor`.

    Raises:
        Misused: one of them is of another system; nothing was kept.
        Refused: the holder may not sign this; the decisions are kept, and in no batch yet.
    """
    if any(one.system != system for one in decisions):
        raise Misused(f"these decisions are not all of {system}", "Give the decisions of one system at a time.")
    receipt = Receipt()
    for start in range(0, len(decisions), AT_ONCE):
        receipt += take_in(workspace, decisions[start : start + AT_ONCE])
    if holder is not None and receipt.new:
        receipt += Receipt(batches=len(anchor(workspace, holder, system)))
    return receipt


def record_one(workspace: Workspace, decision: Decision, holder: str | None) -> Receipt:
    """Keep one decision.

    Raises:
        Differs: it was kept before with another content, which stays.
    """
    receipt = record(workspace, decision.system, [decision], holder)
    if receipt.differ:
        raise Differs(receipt.differ[0].kept.hex(), receipt.differ[0].came.hex())
    return receipt


def take_in(workspace: Workspace, decisions: Sequence[Decision], contents: Sequence[bytes] | None = None) -> Receipt:
    """Keep decisions of any systems in one transaction, in no batch yet; contents: their bytes, if they are known."""
    now = workspace.context.clock.now()
    people = workspace.people
    rows = prepared(decisions, micros(now), people.key, contents)
    wanted = _not_erased(rows, people.erased_among([row.person for row in rows if row.person]))
    taken = workspace.decided.keep([rows[index] for index in wanted])
    limit = micros(now + SKEW)
    return Receipt(
        new=taken.new, same=taken.same, erased=len(rows) - len(wanted),
        differ=tuple(evolve(one, index=wanted[one.index]) for one in taken.conflicts),
        ahead=sum(rows[index].at > limit for index in wanted),
    )  # fmt: skip


def find(workspace: Workspace, system: str, id: str) -> Kept:
    """The decision that a system calls so.

    Raises:
        NotFound: it is not here (any more); its number is not repeated, since it may name somebody.
    """
    row = workspace.decided.find(system, id)
    for one in kept(workspace, [row] if row else []):
        return one
    raise NotFound("decision of that number", f"decisions of {system}", "See: ombud decisions list")


def of_alias(workspace: Workspace, alias: str) -> tuple[Kept, ...]:
    """All decisions about a person, the oldest first."""
    return tuple(kept(workspace, workspace.decided.of_alias(alias)))


def between(
    workspace: Workspace, system: str, start: datetime | None = None, end: datetime | None = None
) -> Iterator[Kept]:
    """Decisions made from `start` on and before `end`, in order of time, streamed."""
    bounds = [None if one is None else micros(one) for one in (start, end)]
    return kept(workspace, workspace.decided.between(system, *bounds))


def enrol(workspace: Workspace, one: Kept) -> str:
    """The alias of whom a decision is about; a new one if they have none yet.

    Raises:
        Misused: the decision names nobody.
    """
    if one.decision.subject is None:
        raise Misused("this decision does not say whom it is about", "Record decisions with their subject.")
    return one.alias or workspace.people.enrol([one.decision.subject])


@frozen(kw_only=True)
class Labelled:
    """What became of labels: how many were new, and how many wait for a decision that is not here (yet)."""

    new: int
    waiting: int


def label(workspace: Workspace, system: str, labels: Sequence[tuple[str, str, datetime | None]]) -> Labelled:
    """Keep what came of decisions: (id, label, when it came about). Labels come late, and the newest counts.

    One whose decision is not here is held: it may have been drained late, or be a mistake; `Labelled.waiting` says so.
    """
    now = micros(workspace.context.clock.now())
    given = [Label(id, text, None if at is None else micros(at), now) for id, text, at in labels]
    new, waiting = workspace.decided.keep_labels(system, given)
    return Labelled(new=new, waiting=waiting)


def labels_of(workspace: Workspace, system: str, ids: Sequence[str]) -> Mapping[str, str]:
    """Id → the newest label, of those that have one."""
    return {id: one.label for id, one in workspace.decided.labels(system, ids).items()}


def _not_erased(rows: Sequence[New], erased: Mapping[bytes, tuple[Listed, ...]]) -> Sequence[int]:
    """What was decided about somebody before they were erased does not come back, from no file and no spool."""
    if not erased:
        return range(len(rows))
    return [
        index for index, row in enumerate(rows) if row.person is None or not _returns(row, erased.get(row.person, ()))
    ]


def _returns(row: New, entries: Sequence[Listed]) -> bool:
    day: date = moment(row.at).date()
    return any(day <= one.since and one.concerns(row.system) for one in entries)
