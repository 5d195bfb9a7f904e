"""Taking decisions in: many at once, each once, and nothing ever overwritten."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from ombud.store.decided.by_id import rows_by_id
from ombud.store.decided.rows import Conflict, New, TakenIn
from ombud.store.decided.tables import DECISIONS

_COLUMNS: Final = "system, number, id, at, received_at, person, content, salt, commitment"
_INSERT: Final = f"INSERT INTO decisions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 (our own names)
_COPY: Final = f"COPY decisions ({_COLUMNS}) FROM STDIN (FORMAT BINARY)"
_TYPES: Final = ("varchar", "int8", "varchar", "int8", "int8", "bytea", "bytea", "bytea", "bytea")

Known = dict[str, tuple[int, bytes | None, bytes]]
"""Id → number, content and commitment."""


def take(connection: Connection, rows: Sequence[New]) -> TakenIn:
    """Keep what is new, inside the only writer's transaction. Rows keep the order in which they are given.

    Args:
        rows: of any systems.
    """
    by_system: dict[str, list[tuple[int, New]]] = {}
    for index, row in enumerate(rows):
        by_system.setdefault(row.system, []).append((index, row))
    parts = [_of_system(connection, system, part) for system, part in by_system.items()]
    return TakenIn(
        sum(part.new for part in parts),
        sum(part.same for part in parts),
        tuple(conflict for part in parts for conflict in part.conflicts),
    )


def last_number(connection: Connection, system: str) -> int:
    """The number of the newest row of a system; 0 if it has none."""
    newest = select(func.max(DECISIONS.c.number)).where(DECISIONS.c.system == system)
    return int(connection.execute(newest).scalar() or 0)


def _of_system(connection: Connection, system: str, rows: Sequence[tuple[int, New]]) -> TakenIn:
    known = _known(connection, system, [row.id for _, row in rows])
    number, same = last_number(connection, system), 0
    new: list[tuple[Any, ...]] = []
    conflicts: list[Conflict] = []
    for index, row in rows:
        here = known.get(row.id)
        if here is None:
            number += 1
            known[row.id] = (number, row.content, row.commitment)
            new.append((system, number, *row[1:]))
        elif here[1] == row.content:
            same += 1
        else:
            conflicts.append(Conflict(index, here[0], here[2], row.commitment))
    _insert(connection, new)
    return TakenIn(len(new), same, tuple(conflicts))


def _known(connection: Connection, system: str, ids: Sequence[str]) -> Known:
    columns = (DECISIONS.c.id, DECISIONS.c.number, DECISIONS.c.content, DECISIONS.c.commitment)
    return {
        row.id: (row.number, None if row.content is None else bytes(row.content), bytes(row.commitment))
        for row in rows_by_id(connection, DECISIONS, columns, system, ids)
    }


def _insert(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """In the fastest way that each database has."""
    if not rows:
        return
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(_COPY) as copy:
                copy.set_types(_TYPES)
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_INSERT, rows)
    finally:
        cursor.close()
