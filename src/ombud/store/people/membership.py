"""Who was in which table: people as numbers, a table as bitmaps of them, one person found in a thousand tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Connection, func, insert, select

from ombud.store.people.key import FINGERPRINT_BYTES, fingerprint
from ombud.store.people.numbers import numbers_of, take_in
from ombud.store.schema import FINGERPRINTS, MEMBERS, MEMBERSHIP, SNAPSHOTS

CHUNK_BITS: Final = 16
_LOW: Final = (1 << CHUNK_BITS) - 1

ROLES: Final = ("training", "evaluation", "reference", "decisions")


@frozen(kw_only=True)
class TableState:
    """A table as it was when it was checked.

    Attributes:
        system: whose table; role: what it is for, one of `ROLES`.
        digest: of its content; of a live table, of its schema, address and number of rows.
        live: nothing pins its content: it may change under the same digest, so who is in it is read every time.
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
    live: bool = False


@frozen(kw_only=True)
class Membership:
    """A table that somebody is, or was, in.

    Attributes:
        id: its number in the store.
        table: which; people: how many people were in it.
    """

    id: int
    table: TableState
    people: int


_FIELDS: Final = ("system", "role", "digest", "kind", "release", "model", "rows", "taken_at", "live")
_SAME: Final = ("system", "role", "digest", "kind", "release", "model")
_SAME_CONTENT: Final = ("digest", "kind")

Bitmaps = Mapping[int, bytes]
"""Chunk → serialized roaring bitmap of the low 16 bits of the numbers in it."""


def hashed(key: bytes, kind: str, subjects: Iterable[str]) -> bytes:
    """Fingerprints of subjects in comparable form, one after the other."""
    return b"".join(fingerprint(key, kind, one) for one in subjects)


def known(connection: Connection, table: TableState) -> Membership | None:
    """This very table, if it is kept already; the newest one of a live table."""
    return next(iter(_alike(connection, table, _SAME)), None)


def seen_before(connection: Connection, table: TableState) -> Membership | None:
    """A kept table of the same content, whatever it was for; of a live table nothing is known."""
    alike = () if table.live else _alike(connection, table, _SAME_CONTENT)
    return next((one for one in alike if not one.table.live), None)


def keep(connection: Connection, table: TableState, prints: bytes) -> Membership:
    """Keep who is in a table, by fingerprints; a live table in which nobody came or went is not kept twice."""
    assert len(prints) % FINGERPRINT_BYTES == 0
    return keep_numbers(connection, table, take_in(connection, prints))


def keep_numbers(connection: Connection, table: TableState, numbers: Any) -> Membership:
    """The same by people's numbers: an ascending array of int64."""
    bitmaps = dict(_chunks(numbers))
    before = known(connection, table)
    if before is not None and _bitmaps(connection, before.id) == bitmaps:
        return before
    kept = _add(connection, table, len(numbers), None)
    rows = [{"chunk": chunk, "snapshot": kept.id, "bitmap": bitmap} for chunk, bitmap in bitmaps.items()]
    if rows:
        connection.execute(insert(MEMBERSHIP), rows)
    return kept


def keep_as(connection: Connection, table: TableState, before: Membership) -> Membership:
    """Keep a table of the same content as one that is kept: the people are the same, and are not written again."""
    return _add(connection, table, before.people, _holder(connection, before.id))


def _add(connection: Connection, table: TableState, people: int, holder: int | None) -> Membership:
    id = int(connection.execute(select(func.coalesce(func.max(SNAPSHOTS.c.id), -1))).scalar_one()) + 1
    row = {name: getattr(table, name) for name in _FIELDS}
    bitmaps = id if holder is None else holder
    connection.execute(insert(SNAPSHOTS), [{"id": id, "people": people, "bitmaps": bitmaps, **row}])
    return Membership(id=id, table=table, people=people)


def _alike(connection: Connection, table: TableState, names: Sequence[str]) -> list[Membership]:
    alike = [SNAPSHOTS.c[name] == getattr(table, name) for name in names]
    return [_membership(row) for row in connection.execute(select(SNAPSHOTS).where(*alike).order_by(_NEWEST))]


_NEWEST: Final = SNAPSHOTS.c.id.desc()


def _holder(connection: Connection, id: int) -> int:
    return int(connection.execute(select(SNAPSHOTS.c.bitmaps).where(SNAPSHOTS.c.id == id)).scalar_one())


def _bitmaps(connection: Connection, id: int) -> Bitmaps:
    asked = select(MEMBERSHIP.c.chunk, MEMBERSHIP.c.bitmap).where(MEMBERSHIP.c.snapshot == _holder(connection, id))
    return {int(row.chunk): bytes(row.bitmap) for row in connection.execute(asked)}


def _chunks(numbers: Any) -> Iterator[tuple[int, bytes]]:
    """Numbers in ascending order as bitmaps, 65,536 people to a chunk."""
    import numpy as np
    from pyroaring import BitMap

    if not len(numbers):
        return
    high = numbers >> CHUNK_BITS
    starts = np.flatnonzero(np.r_[True, high[1:] != high[:-1]])
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        bitmap = BitMap((numbers[start:end] & _LOW).astype(np.uint32))
        bitmap.run_optimize()
        yield int(high[start]), bitmap.serialize()


# --- looking up -------------------------------------------------------------------------------------------------------


def holding(connection: Connection, prints: Sequence[bytes]) -> tuple[Membership, ...]:
    """The tables that somebody with one of these fingerprints is in, the oldest first."""
    holders = {one for number in numbers_of(connection, prints) for one in _holders_of(connection, number)}
    if not holders:
        return ()
    rows = connection.execute(select(SNAPSHOTS).where(SNAPSHOTS.c.bitmaps.in_(holders)).order_by(SNAPSHOTS.c.id))
    return tuple(_membership(row) for row in rows)


def _holders_of(connection: Connection, number: int) -> list[int]:
    from pyroaring import BitMap

    asked = select(MEMBERSHIP.c.snapshot, MEMBERSHIP.c.bitmap).where(MEMBERSHIP.c.chunk == number >> CHUNK_BITS)
    low = number & _LOW
    return [int(row.snapshot) for row in connection.execute(asked) if low in BitMap.deserialize(bytes(row.bitmap))]


def listed_in(connection: Connection, kept: Membership) -> frozenset[str]:
    """The aliases of people on any list who are in a table."""
    asked = (
        select(FINGERPRINTS.c.alias, MEMBERS.c.number)
        .join(MEMBERS, MEMBERS.c.fingerprint == FINGERPRINTS.c.fingerprint)
        .where(FINGERPRINTS.c.kind == kept.table.kind)
    )
    listed = [(str(row.alias), int(row.number)) for row in connection.execute(asked)]
    there = _among(connection, kept.id, {number for _, number in listed})
    return frozenset(alias for alias, number in listed if number in there)


def _among(connection: Connection, id: int, numbers: set[int]) -> set[int]:
    """Those of some people who are in a table."""
    from pyroaring import BitMap

    held = _bitmaps(connection, id) if numbers else {}
    read = {chunk: BitMap.deserialize(held[chunk]) for chunk in {one >> CHUNK_BITS for one in numbers} & held.keys()}
    return {number for number in numbers if number & _LOW in read.get(number >> CHUNK_BITS, ())}


def people_in(connection: Connection, ids: Iterable[int]) -> int:
    """How many different people are in some tables."""
    from pyroaring import BitMap

    by_chunk: dict[int, list[bytes]] = {}
    for holder in {_holder(connection, id) for id in ids}:
        for chunk, bitmap in _bitmaps(connection, holder).items():
            by_chunk.setdefault(chunk, []).append(bitmap)
    return sum(len(BitMap.union(*map(BitMap.deserialize, held))) for held in by_chunk.values())


def everything(connection: Connection) -> tuple[Membership, ...]:
    """Every table that is kept, the oldest first."""
    return tuple(_membership(row) for row in connection.execute(select(SNAPSHOTS).order_by(SNAPSHOTS.c.id)))


def _membership(row: Any) -> Membership:
    table = TableState(**{name: getattr(row, name) for name in _FIELDS})
    return Membership(id=int(row.id), table=table, people=int(row.people))
