"""Hold the decisions in the store against what the log holds of them: what was changed, added or taken away is named.

A row is named by its number and the first digits of its commitment. Where somebody changed a row and its commitment
together, the root tells, and the partial roots narrow it down to `commit.PART` rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field, frozen

from ombud.decisions.batch import KIND, RECORDED
from ombud.decisions.commit import PART, commitment, parts_over, root_over
from ombud.decisions.decision import Decision
from ombud.decisions.plain import decode
from ombud.decisions.removal import ERASED, EXPIRED
from ombud.errors import Unreadable
from ombud.evidence.entry import Entry
from ombud.store.decided import Batch, KeptRow, micros
from ombud.store.people.key import fingerprint_of
from ombud.store.workspace import Workspace

NAMED: Final = 100
"""Problems that are told one by one; of more, there is the count."""


@frozen(kw_only=True)
class Audit:
    """What was found of one system.

    Attributes:
        rows: how many there are; anchored: how many of them the log holds; removed: how many only as commitments.
        batches: how many the log holds.
        problems: what was changed, added or taken away, as sentences; more: how many further ones are not told.
        remarks: what is no fault, and should be known.
    """

    system: str
    rows: int
    anchored: int
    removed: int
    batches: int
    problems: tuple[str, ...] = ()
    more: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether everything is as the log holds it."""
        return not self.problems

    @property
    def text(self) -> str:
        """In words."""
        head = (
            f"{self.system}: {'whole' if self.whole else 'not whole'}, {self.rows:,} rows in {self.batches:,} batches"
        )
        gone = f", {self.removed:,} of them only as commitments" if self.removed else ""
        more = [f"and {self.more:,} more"] if self.more else []
        return "\n".join([head + gone, *(f"  {one}" for one in (*self.problems, *more, *self.remarks))])

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {
            "system": self.system, "whole": self.whole, "rows": self.rows, "anchored": self.anchored,
            "removed": self.removed, "batches": self.batches, "problems": list(self.problems), "more": self.more,
            "remarks": list(self.remarks),
        }  # fmt: skip


@define(eq=False)
class _Auditing:
    """What was seen so far of one system."""

    workspace: Workspace
    system: str
    key: bytes = field(repr=False)
    rows: int = 0
    last: int = 0
    problems: list[str] = field(factory=list)
    more: int = 0
    removed: dict[int, list[bytes]] = field(factory=lambda: defaultdict(list))

    def wrong(self, problem: str) -> None:
        """One more problem."""
        if len(self.problems) < NAMED:
            self.problems.append(problem)
        else:
            self.more += 1

    def see(self, row: KeptRow) -> None:
        """One more row, in order of numbers."""
        if row.number != self.last + 1:
            self.wrong(f"{_numbers(self.last + 1, row.number - 1)}: taken away")
        self.rows, self.last = self.rows + 1, row.number
        problem = _emptied(row) if row.content is None else _changed(row, self.key)
        if problem is not None:
            self.wrong(f"row {row.number} ({row.commitment.hex()[:16]}): {problem}")
        if row.removal is not None:
            self.removed[row.removal].append(row.commitment)


def audit(workspace: Workspace, system: str) -> Audit:
    """Hold all decisions of a system against the log.

    Raises:
        LedgerBroken: the log itself is not what its anchor promised.
    """
    entries = [one for one in workspace.ledger.log().trusted(KIND) if one.statement.system == system]
    on = _Auditing(workspace, system, workspace.people.key)
    batches, remarks = workspace.decided.batches(system), []
    anchored = _batches(on, batches, entries)
    for row in workspace.decided.since(system, on.last):
        on.see(row)
    _removals(on, entries)
    if on.last > anchored:
        remarks.append(f"{on.last - anchored:,} rows are not in the log yet: nothing protects them so far")
    pending = [one for one in workspace.decided.removals(system) if one.entry is None]
    if pending:
        remarks.append(
            f"{sum(one.count for one in pending):,} removed rows are not on record yet: ombud decisions drain"
        )
    return Audit(
        system=system, rows=on.rows, anchored=anchored, removed=sum(map(len, on.removed.values())),
        batches=sum(one.entry is not None for one in batches), problems=tuple(on.problems), more=on.more,
        remarks=tuple(remarks),
    )  # fmt: skip


# --- rows -------------------------------------------------------------------------------------------------------------


def _emptied(row: KeptRow) -> str | None:
    whole = row.removal is not None and (row.id, row.at, row.person, row.salt) == (None, None, None, None)
    return None if whole else "its content is gone and no removal says so"


def _changed(row: KeptRow, key: bytes) -> str | None:
    assert row.content is not None
    if row.salt is None or commitment(row.salt, row.received_at, row.content) != row.commitment:
        return "it was changed: it is not what was committed to"
    try:
        decision = decode(row.content)
    except Unreadable:
        return "it was changed: it is no decision"
    return (
        None if _filed(decision, key) == (row.system, row.id, row.at, row.person) else "it is filed under a wrong name"
    )


def _filed(decision: Decision, key: bytes) -> tuple[str, str, int, bytes | None]:
    person = None if decision.subject is None else fingerprint_of(key, decision.subject)
    return decision.system, decision.id, micros(decision.at), person


# --- batches ----------------------------------------------------------------------------------------------------------


def _batches(on: _Auditing, batches: Sequence[Batch], entries: Iterable[Entry]) -> int:
    """Hold every batch against its statement; the number of the last row that the log holds."""
    stated = {tuple(said["rows"]): said for said in _said(entries, RECORDED)}
    for batch in batches:
        said = stated.pop((batch.first, batch.last), None)
        rows = list(_seen(on, batch))
        if said is None:
            if batch.entry is not None:
                on.wrong(f"{_numbers(batch.first, batch.last)}: the log holds no such batch")
            continue
        _hold(on, batch, [row.commitment for row in rows], said)
    for first, last in sorted(stated):
        on.wrong(f"{_numbers(first, last)}: the log holds this batch, and it is not here")
    return max((one.last for one in batches if one.entry is not None), default=0)


def _seen(on: _Auditing, batch: Batch) -> Iterator[KeptRow]:
    for row in on.workspace.decided.since(on.system, batch.first - 1, batch.last):
        on.see(row)
        yield row
    if on.last < batch.last:
        on.wrong(f"{_numbers(on.last + 1, batch.last)}: taken away")
        on.last = batch.last


def _hold(on: _Auditing, batch: Batch, commitments: Sequence[bytes], said: Mapping[str, Any]) -> None:
    if root_over(commitments) == said["root"] or len(commitments) != batch.count:
        return  # a row that is missing was named already, and shifts all others
    parts, here = list(said.get("parts") or ()), parts_over(commitments)
    for place, (wanted, found) in enumerate(zip(parts, here, strict=False)):
        if wanted != found:
            first = batch.first + place * PART
            last = min(first + PART - 1, batch.last)
            on.wrong(f"{_numbers(first, last)}: at least one of them was changed together with its commitment")
    if parts == here:
        on.wrong(f"{_numbers(batch.first, batch.last)}: they do not have the root that the log holds")


# --- removals ---------------------------------------------------------------------------------------------------------


def _removals(on: _Auditing, entries: Sequence[Entry]) -> None:
    """Rows that are gone went by a removal that the log holds, or that waits to be put there."""
    stated = [(said["count"], said["root"]) for what in (ERASED, EXPIRED) for said in _said(entries, what)]
    known = {one.number: one for one in on.workspace.decided.removals(on.system)}
    for number, commitments in sorted(on.removed.items()):
        found = (len(commitments), root_over(commitments))
        kept = known.get(number)
        if kept is None or (kept.count, kept.root) != found or (kept.entry is not None and found not in stated):
            on.wrong(f"{len(commitments):,} rows were emptied, and no removal on record is of them")


def _said(entries: Iterable[Entry], what: str) -> Iterator[Mapping[str, Any]]:
    return (one.statement.predicate for one in entries if one.statement.predicate.get("what") == what)


def _numbers(first: int, last: int) -> str:
    return f"row {first}" if first == last else f"rows {first} to {last}"
