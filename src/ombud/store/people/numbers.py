"""People as running numbers: who is met for the first time gets the next one, and keeps it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select, text

from ombud.store.people.key import FINGERPRINT_BYTES
from ombud.store.schema import MEMBERS

_AT_ONCE: Final = 500

_INCOMING: Final = {
    "sqlite": "(fingerprint BLOB PRIMARY KEY) WITHOUT ROWID",
    "postgresql": "(fingerprint BYTEA)",
}
_TAKE_IN: Final = text(
    "INSERT INTO members (number, fingerprint) "
    "SELECT :first - 1 + row_number() OVER (ORDER BY i.fingerprint), i.fingerprint FROM ombud_incoming i "
    "WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.fingerprint = i.fingerprint)"
)
_LOOK_UP: Final = "SELECT m.number FROM ombud_incoming i JOIN members m ON m.fingerprint = i.fingerprint"


def take_in(connection: Connection, prints: bytes) -> Any:
    """The numbers of people by their fingerprints, ascending and each once; new people get new numbers."""
    import numpy as np

    _bring(connection, _sorted_once(prints))
    first = int(connection.execute(select(func.coalesce(func.max(MEMBERS.c.number), -1))).scalar_one()) + 1
    connection.execute(_TAKE_IN, {"first": first})
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(_LOOK_UP)
        numbers = np.fromiter((row[0] for row in cursor), dtype=np.int64)
    finally:
        cursor.close()
    connection.execute(text("DROP TABLE ombud_incoming"))
    return np.sort(numbers)


def numbers_of(connection: Connection, prints: Sequence[bytes]) -> list[int]:
    """The numbers of the people with these fingerprints, as far as they were ever in a table."""
    found: list[int] = []
    for start in range(0, len(prints), _AT_ONCE):
        part = prints[start : start + _AT_ONCE]
        found += connection.execute(select(MEMBERS.c.number).where(MEMBERS.c.fingerprint.in_(part))).scalars()
    return [int(number) for number in found]


def _sorted_once(prints: bytes) -> bytes:
    """Fingerprints in ascending order, each once: in order, an index is read and grown from one end to the other."""
    import numpy as np

    halves = np.frombuffer(prints, dtype=">u8").reshape(-1, FINGERPRINT_BYTES // 8).astype("u8")
    ordered = halves[np.lexsort((halves[:, 1], halves[:, 0]))]
    new = np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)][: len(ordered)]
    return bytes(ordered[new].astype(">u8").tobytes())


def _bring(connection: Connection, prints: bytes) -> None:
    """Fingerprints into a temporary table, in the fastest way that each database has."""
    rows = ((one,) for one in _cut(prints))
    connection.execute(text(f"CREATE TEMPORARY TABLE ombud_incoming {_INCOMING[connection.dialect.name]}"))
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy("COPY ombud_incoming FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["bytea"])
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany("INSERT INTO ombud_incoming VALUES (?)", rows)
    finally:
        cursor.close()


def _cut(prints: bytes) -> Iterator[bytes]:
    return (prints[at : at + FINGERPRINT_BYTES] for at in range(0, len(prints), FINGERPRINT_BYTES))
