"""Batches: decisions that came in one after the other, put into the log together under one root.

A batch is first kept, then signed, then marked. A crash between the steps leaves it for the next call, which looks
whether the log holds it already. Removals are put into the log in the same way.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ombud import __version__
from ombud.decisions.commit import parts_over, root_over
from ombud.evidence.instants import instant
from ombud.evidence.statement import Statement, Subject
from ombud.store.decided import Batch, KeptRow, Removal, moment
from ombud.store.workspace import Workspace

KIND: Final = "decisions"
RECORDED: Final = "recorded"
LARGEST: Final = 65_536
"""Rows of one batch."""


def anchor(workspace: Workspace, holder: str, system: str | None = None, at_least: int = 1) -> tuple[Batch, ...]:
    """Put into the log whatever of decisions it does not hold yet.

    Args:
        workspace, holder: whose log, and whose key signs; system: only of this one.
        at_least: leave rows of a system for later while they are fewer.

    Returns:
        The batches that the log holds now and did not before.

    Raises:
        Refused: the holder may not sign this.
    """
    systems = [system] if system is not None else list(workspace.decided.systems())
    _recover(workspace, holder, system)
    return tuple(one for name in systems for one in _new_batches(workspace, holder, name, at_least))


def sign_removals(workspace: Workspace, holder: str, removals: tuple[Removal, ...]) -> None:
    """Put removals into the log."""
    for one in removals:
        workspace.decided.removal_is_at(one, _append(workspace, holder, _removed(one)))


def unanchored(workspace: Workspace, system: str) -> int:
    """How many rows of a system are in no batch yet."""
    ends = [one.last for one in workspace.decided.batches(system)]
    return workspace.decided.last(system) - max(ends, default=0)


def _new_batches(workspace: Workspace, holder: str, system: str, at_least: int) -> Iterator[Batch]:
    while unanchored(workspace, system) >= max(at_least, 1):
        ends = [one.last for one in workspace.decided.batches(system)]
        first = max(ends, default=0) + 1
        rows = list(workspace.decided.since(system, first - 1, first + LARGEST - 1))
        batch = Batch(system, first, rows[-1].number, root_over(row.commitment for row in rows))
        if workspace.decided.keep_batch(batch):
            yield _sign(workspace, holder, batch, rows)


def _sign(workspace: Workspace, holder: str, batch: Batch, rows: list[KeptRow]) -> Batch:
    entry = _append(workspace, holder, _recorded(batch, rows))
    workspace.decided.batch_is_at(batch, entry)
    return Batch(batch.system, batch.first, batch.last, batch.root, entry)


def _recover(workspace: Workspace, holder: str, system: str | None) -> None:
    """Finish what an earlier call was kept from finishing."""
    batches = [one for one in workspace.decided.batches(system) if one.entry is None]
    removals = [one for one in workspace.decided.removals(system) if one.entry is None]
    if not batches and not removals:
        return
    held = _held(workspace)
    for batch in batches:
        place = held.get((batch.system, RECORDED, batch.root))
        rows = list(workspace.decided.since(batch.system, batch.first - 1, batch.last))
        workspace.decided.batch_is_at(
            batch, _append(workspace, holder, _recorded(batch, rows)) if place is None else place
        )
    for one in removals:
        place = held.get((one.system, one.what, one.root))
        workspace.decided.removal_is_at(one, _append(workspace, holder, _removed(one)) if place is None else place)


def _held(workspace: Workspace) -> Mapping[tuple[str, str, str], int]:
    """What the log holds: (system, what, root) → entry."""
    found = {}
    for entry in workspace.ledger.log().trusted(KIND):
        said = entry.statement.predicate
        found[str(said.get("system")), str(said.get("what")), str(said.get("root"))] = entry.index
    return found


def _append(workspace: Workspace, holder: str, said: Mapping[str, Any]) -> int:
    common = {"observed_at": workspace.now(), "software": {"ombud": __version__}}
    statement = Statement((Subject(str(said["system"])),), KIND, {**said, **common})
    return workspace.ledger.append([workspace.sign(statement, holder)])[0].index


def _recorded(batch: Batch, rows: list[KeptRow]) -> dict[str, Any]:
    times = [row.at for row in rows if row.at is not None]
    return {
        "system": batch.system, "what": RECORDED, "count": batch.count, "root": batch.root,
        "rows": [batch.first, batch.last], "parts": parts_over([row.commitment for row in rows]),
        "first": instant(moment(min(times))) if times else None,
        "last": instant(moment(max(times))) if times else None,
    }  # fmt: skip


def _removed(one: Removal) -> dict[str, Any]:
    return {
        "system": one.system, "what": one.what, "count": one.count, "root": one.root, "ground": one.ground,
        "first": None, "last": None, "at": instant(moment(one.at)),
    }  # fmt: skip
