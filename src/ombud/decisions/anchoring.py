"""Rows of your own table, committed to where they are: a later change of them shows, and nothing of them is copied.

Each row gets a salt of its own, and a mark by which it is found again: a keyed hash of its decision's number. Marks and
salts of a person who is erased are deleted; their commitments stay, so that the others' root stays what it was.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from ombud import __version__
from ombud.decisions.batch import KIND
from ombud.decisions.commit import SALT_BYTES, commitment, root_over
from ombud.decisions.decision import Decision
from ombud.decisions.live import open_live, reader_of
from ombud.decisions.plain import encode
from ombud.decisions.readers import listed
from ombud.decisions.rows import BadRow
from ombud.errors import Misused, OmbudError
from ombud.evidence.instants import instant
from ombud.evidence.statement import Statement, Subject
from ombud.store.decided import micros, moment
from ombud.store.decided.anchored import Anchor, Anchored, Committed
from ombud.store.people.key import fingerprint
from ombud.store.workspace import Workspace
from ombud.system.spec import System
from ombud.tables.needs import Role

TABLE: Final = "table"
"""What the statement of an anchor says in `what`."""

NAMED: Final = 100


@frozen(kw_only=True)
class TableAudit:
    """What was found of one anchor.

    Attributes:
        system, first, last: whose rows, of which stretch of time; anchored: how many were committed to.
        problems: rows that were changed, added or taken away, by their decisions' numbers where they are there.
        forgotten: rows of people who were erased, which nobody can tell any more.
    """

    system: str
    first: str
    last: str
    anchored: int
    problems: tuple[str, ...] = ()
    forgotten: int = 0

    @property
    def whole(self) -> bool:
        """Whether the table is what it was."""
        return not self.problems

    @property
    def text(self) -> str:
        """In words."""
        head = f"{self.system}, table from {self.first} to {self.last}: "
        head += f"whole, {self.anchored:,} rows" if self.whole else "not whole"
        return "\n".join([head, *(f"  {one}" for one in self.problems)])

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {
            "system": self.system, "first": self.first, "last": self.last, "whole": self.whole,
            "anchored": self.anchored, "problems": list(self.problems), "forgotten": self.forgotten,
        }  # fmt: skip


def anchor_table(workspace: Workspace, system: System, start: datetime, end: datetime, holder: str) -> Anchor:
    """Commit to the rows of the system's own table that were decided from `start` on and before `end`.

    Raises:
        Misused: the period is empty, not over yet, or holds a row that is no decision, or one number twice.
        Unreadable: the table cannot be read. Refused: the holder may not sign this.
    """
    if not start < end <= workspace.context.clock.now():
        raise Misused("the period is empty, or is not over yet", "Give finished days: --since DAY --until DAY.")
    key = workspace.people.key
    rows = sorted(_committed(one, key) for one in _decisions(system, start, end))
    if len({row.mark for row in rows}) < len(rows):
        raise Misused("a number stands at several rows of the table", "Give each decision a number of its own.")
    anchored = Anchored(workspace.ledger.database)
    _drop_unfinished(workspace, anchored, system.name)
    root = root_over(row.commitment for row in rows)
    kept = anchored.keep(Anchor(0, system.name, micros(start), micros(end), len(rows), root), rows)
    try:
        entry = _append(workspace, holder, kept)
    except OmbudError:
        anchored.drop(kept)
        raise
    anchored.is_at(kept, entry)
    return Anchor(kept.number, kept.system, kept.start, kept.end, kept.count, kept.root, entry)


def audit_tables(workspace: Workspace, systems: Sequence[System]) -> tuple[TableAudit, ...]:
    """Hold the own tables of systems against everything that was committed of them."""
    by_name = {one.name: one for one in systems}
    anchored = Anchored(workspace.ledger.database)
    stated = _stated_roots(workspace)
    return tuple(
        _audit(workspace, by_name[one.system], one, list(anchored.rows(one)), stated)
        for one in anchored.all()
        if one.system in by_name and (one.entry is not None or (one.system, one.root, one.count) in stated)
    )


def forget_rows(workspace: Workspace, system: str, ids: Sequence[str]) -> int:
    """Forget whose rows some were, before or after they are erased in the table itself; how many commitments."""
    key = workspace.people.key
    return Anchored(workspace.ledger.database).forget([_mark(key, system, id) for id in ids])


def _audit(
    workspace: Workspace, system: System, one: Anchor, rows: Sequence[Committed], stated: set[tuple[Any, ...]]
) -> TableAudit:
    problems = []
    if root_over(row.commitment for row in rows) != one.root or (one.system, one.root, one.count) not in stated:
        problems.append("the commitments are not those that the log holds: they were changed here")
    problems += _differences(workspace, system, one, rows)
    more = [f"and {len(problems) - NAMED:,} more"] if len(problems) > NAMED else []
    return TableAudit(
        system=one.system, first=instant(moment(one.start)), last=instant(moment(one.end)), anchored=one.count,
        problems=(*problems[:NAMED], *more), forgotten=sum(row.mark is None for row in rows),
    )  # fmt: skip


def _differences(workspace: Workspace, system: System, one: Anchor, rows: Sequence[Committed]) -> list[str]:
    key = workspace.people.key
    wanted: dict[bytes, Committed] = {row.mark: row for row in rows if row.mark is not None}
    found = []
    for decision in _decisions(system, moment(one.start), moment(one.end)):
        row = wanted.pop(_mark(key, decision.system, decision.id), None)
        if row is None:
            found.append(f"decision {decision.id}: added, or its number or time was changed")
        elif commitment(row.salt or b"", 0, encode(decision)) != row.commitment:
            found.append(f"decision {decision.id}: changed")
    if wanted:
        found.append(f"{len(wanted):,} rows were taken away, or their numbers or times were changed")
    return found


def _committed(decision: Decision, key: bytes) -> Committed:
    salt = os.urandom(SALT_BYTES)
    return Committed(_mark(key, decision.system, decision.id), salt, commitment(salt, 0, encode(decision)))


def _mark(key: bytes, system: str, id: str) -> bytes:
    return fingerprint(key, "decision", f"{system}\0{id}")


def _decisions(system: System, start: datetime, end: datetime) -> Iterator[Decision]:
    """What stands in the table of a stretch of time. What made them is not in the table, and is left out."""
    with closing(open_live(system)) as table:
        reader, engine = reader_of(system, table, bare=True), table.engine
        names = list(table.columns)
        column = engine.quote(system.columns.of(Role.TIME)[0])
        for batch in engine.batches(f"SELECT {listed(table)} FROM {table.relation} WHERE {column} IS NOT NULL"):  # noqa: S608
            for number, values in enumerate(batch, start=1):
                try:
                    decision = reader.read(number, dict(zip(names, values, strict=True)))
                except BadRow as bad:
                    raise Misused(f"a row of the table is no decision: {bad.kind}", "Mend the table first.") from None
                if start <= decision.at < end:
                    yield decision


def _append(workspace: Workspace, holder: str, one: Anchor) -> int:
    said: Mapping[str, Any] = {
        "system": one.system, "what": TABLE, "count": one.count, "root": one.root,
        "first": instant(moment(one.start)), "last": instant(moment(one.end)),
        "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    statement = Statement((Subject(one.system),), KIND, said)
    return workspace.ledger.append([workspace.sign(statement, holder)])[0].index


def _drop_unfinished(workspace: Workspace, anchored: Anchored, system: str) -> None:
    """What an earlier call left behind that was cut off before the log had it."""
    unfinished = [one for one in anchored.all(system) if one.entry is None]
    stated = _stated_roots(workspace) if unfinished else set()
    for one in unfinished:
        if (one.system, one.root, one.count) not in stated:
            anchored.drop(one)


def _stated_roots(workspace: Workspace) -> set[tuple[Any, ...]]:
    """System, root and count of every anchor that the log holds."""
    said = (entry.statement.predicate for entry in workspace.ledger.log().trusted(KIND))
    return {(one.get("system"), one["root"], one["count"]) for one in said if one.get("what") == TABLE}
