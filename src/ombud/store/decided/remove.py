"""Removing decisions: everything that says who, what and when goes; the commitment stays, and what was done is kept."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from ombud.evidence.tree import leaf_hash, root_of
from ombud.store.decided.rows import KeptRow, Removal
from ombud.store.decided.tables import DECISIONS, LABELS, REMOVALS

_AT_ONCE: Final = 500
_EMPTY: Final = {"id": None, "at": None, "person": None, "content": None, "salt": None}


def remove(connection: Connection, rows: Sequence[KeptRow], *, what: str, ground: str, at: int) -> tuple[Removal, ...]:
    """Take the content of rows, with their labels; one removal a system. Rows that are gone already stay as they are.

    Args:
        rows: which; what: "erased" or "expired"; ground: why, in words that name nobody; at: microseconds since 1970.
    """
    here = [row for row in rows if row.removal is None]
    systems = sorted({row.system for row in here})
    return tuple(
        _of_system(connection, [row for row in here if row.system == system], what, ground, at) for system in systems
    )


def _of_system(connection: Connection, rows: Sequence[KeptRow], what: str, ground: str, at: int) -> Removal:
    ordered = sorted(rows, key=lambda row: row.number)
    root = root_of(leaf_hash(row.commitment) for row in ordered).hex()
    last = connection.execute(select(func.max(REMOVALS.c.number))).scalar()
    done = Removal(int(last or 0) + 1, ordered[0].system, what, len(ordered), root, ground, at)
    connection.execute(
        insert(REMOVALS),
        [{"number": done.number, "system": done.system, "what": what, "count": done.count, "root": root,
          "ground": ground, "at": at}],
    )  # fmt: skip
    for part in _parts(ordered):
        _empty(connection, done, part)
    return done


def _empty(connection: Connection, done: Removal, rows: Sequence[KeptRow]) -> None:
    numbers, ids = [row.number for row in rows], [row.id for row in rows]
    here = (DECISIONS.c.system == done.system, DECISIONS.c.number.in_(numbers))
    connection.execute(update(DECISIONS).where(*here).values({**_EMPTY, "removal": done.number}))
    connection.execute(delete(LABELS).where(LABELS.c.system == done.system, LABELS.c.id.in_(ids)))


def _parts(rows: Sequence[KeptRow]) -> Iterator[Sequence[KeptRow]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
