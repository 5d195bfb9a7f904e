"""Who was in which table: people as numbers, a table as bitmaps of them, one person found in a thousand tables."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Connection, func, insert, select, text

from ombud.store.people.key import fingerprint
from ombud.store.schema import MEMBERS, MEMBERSHIP, SNAPSHOTS

CHUNK_BITS: Final = 16
ROLES: Final = ("training", "evaluation", "reference", "decisions")


@frozen(kw_only=True)
class TableState:
    """A table as it was when it was checked.

    Attributes:
        system: whose table; role: what it is for.
        digest: of its content; of a live table, of its schema, address and number of rows (so it may change unseen).
        kind: kind of identity in its subject column.
        release, model: digests of the release and of the model file it was checked with; "" where there is no model.
        rows: how many; taken_at: when, as statements write instants.
    """

    system: str
    role: str
    digest: str
    kind: str
    release: str
    model: str
    rows: int
    taken_at: str


@frozen(kw_only=True)
class Membership:
    """A table that a person is, or was, in. people: how many people were in it."""

    table: TableState
    people: int


def remember(connection: Connection, key: bytes, table: TableState, subjects: Iterable[str]) -> int:
    """Keep who is in a table: `subjects` in comparable form; how many people. See `People.remember`."""
    import numpy as np

    known = _same(connection, table)
    if known is not None:
        return known
    numbers = _numbers(connection, (fingerprint(key, table.kind, one) for one in subjects))
    id = int(connection.execute(select(func.coalesce(func.max(SNAPSHOTS.c.id), -1))).scalar_one()) + 1
    values = {name: getattr(table, name) for name in _FIELDS}
    connection.execute(insert(SNAPSHOTS), [{"id": id, "people": len(numbers), **values}])
    chunks = list(_chunks(np.asarray(numbers, dtype=np.int64)))
    rows = [{"chunk": chunk, "snapshot": id, "bitmap": bitmap} for chunk, bitmap in chunks]
    if rows:
        connection.execute(insert(MEMBERSHIP), rows)
    return len(numbers)


_FIELDS: Final = ("system", "role", "digest", "kind", "release", "model", "rows", "taken_at")
_SAME: Final = ("system", "role", "digest", "kind", "release", "model")


def _same(connection: Connection, table: TableState) -> int | None:
    """How many people were in this very table, if it is kept already."""
    alike = [SNAPSHOTS.c[name] == getattr(table, name) for name in _SAME]
    return connection.execute(select(SNAPSHOTS.c.people).where(*alike).limit(1)).scalar()


def _numbers(connection: Connection, prints: Iterable[bytes]) -> list[int]:
    """The numbers of people, new ones given to whoever is new; in one pass through a temporary table."""
    place = "%s" if connection.dialect.name == "postgresql" else "?"
    kind = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    connection.execute(text("DROP TABLE IF EXISTS incoming"))
    connection.execute(text(f"CREATE TEMPORARY TABLE incoming (fingerprint {kind} PRIMARY KEY)"))
    rows = sorted({(one,) for one in prints})
    if rows:
        connection.exec_driver_sql(f"INSERT INTO incoming VALUES ({place})", rows)  # noqa: S608 (a placeholder)
    first = int(connection.execute(select(func.coalesce(func.max(MEMBERS.c.number), -1))).scalar_one()) + 1
    connection.execute(_TAKE_IN, {"first": first})
    found = connection.execute(_LOOK_UP).scalars().all()
    connection.execute(text("DROP TABLE incoming"))
    return [int(number) for number in found]


_TAKE_IN: Final = text(
    "INSERT INTO members (number, fingerprint) "
    "SELECT :first - 1 + row_number() OVER (ORDER BY fingerprint), fingerprint FROM incoming "
    "WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.fingerprint = incoming.fingerprint)"
)
_LOOK_UP: Final = text("SELECT m.number FROM incoming i JOIN members m ON m.fingerprint = i.fingerprint")


def _chunks(numbers: Any) -> Iterator[tuple[int, bytes]]:
    import numpy as np
    from pyroaring import BitMap

    if not len(numbers):
        return
    ordered = np.sort(numbers)
    high = ordered >> CHUNK_BITS
    starts = np.flatnonzero(np.r_[True, high[1:] != high[:-1]])
    for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
        low = (ordered[start:end] & ((1 << CHUNK_BITS) - 1)).astype(np.uint32)
        bitmap = BitMap(low)
        bitmap.run_optimize()
        yield int(high[start]), bitmap.serialize()


def numbers_of(connection: Connection, prints: Sequence[bytes]) -> list[int]:
    """The numbers of the people with these fingerprints, as far as they were ever in a table."""
    found: list[int] = []
    for start in range(0, len(prints), 500):
        part = prints[start : start + 500]
        found += connection.execute(select(MEMBERS.c.number).where(MEMBERS.c.fingerprint.in_(part))).scalars()
    return [int(number) for number in found]


def holding(connection: Connection, number: int) -> list[int]:
    """The ids of the snapshots that hold a person."""
    from pyroaring import BitMap

    low = number & ((1 << CHUNK_BITS) - 1)
    rows = connection.execute(
        select(MEMBERSHIP.c.snapshot, MEMBERSHIP.c.bitmap).where(MEMBERSHIP.c.chunk == number >> CHUNK_BITS)
    )
    return [int(row.snapshot) for row in rows if low in BitMap.deserialize(bytes(row.bitmap))]


def among(connection: Connection, snapshot: int, numbers: Iterable[int]) -> set[int]:
    """Those of some people who are in a snapshot."""
    from pyroaring import BitMap

    wanted = BitMap(numbers)
    rows = connection.execute(
        select(MEMBERSHIP.c.chunk, MEMBERSHIP.c.bitmap).where(
            MEMBERSHIP.c.snapshot == snapshot, MEMBERSHIP.c.chunk.in_({number >> CHUNK_BITS for number in wanted})
        )
    )
    held = {int(row.chunk): BitMap.deserialize(bytes(row.bitmap)) for row in rows}
    mask = (1 << CHUNK_BITS) - 1
    return {number for number in wanted if number & mask in held.get(number >> CHUNK_BITS, ())}


def snapshots(connection: Connection, ids: Iterable[int] | None = None) -> dict[int, Membership]:
    """Snapshots by id: some, or all."""
    asked = select(SNAPSHOTS).order_by(SNAPSHOTS.c.id)
    rows = connection.execute(asked if ids is None else asked.where(SNAPSHOTS.c.id.in_(set(ids))))
    return {int(row.id): _membership(row) for row in rows}


def _membership(row: Any) -> Membership:
    return Membership(table=TableState(**{name: getattr(row, name) for name in _FIELDS}), people=int(row.people))
