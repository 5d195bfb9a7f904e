"""Windows of monitoring, beside the log: what was counted in each, and by which bins. Nobody is named in them.

The counts are as they are, groups of one person too: they are never published from here (`monitor/` leaves small groups
out of whatever it signs or shows).
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from ombud.store.database import Database
from ombud.store.schema import METADATA

WINDOWS: Final = Table(
    "windows",
    METADATA,
    Column("system", String(64), primary_key=True),
    Column("start", String(27), primary_key=True),
    Column("end", String(27), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("fingerprint", String(80), nullable=False),
    Column("questions", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("signed", Integer, nullable=False),
    Column("taken_at", String(27), nullable=False),
    Column("counts", LargeBinary, nullable=False),
    Column("points", LargeBinary, nullable=False),
)
"""One row a window: how many rows it held, a fingerprint of them, what was counted, and what the counts show."""

BASELINES: Final = Table(
    "baselines",
    METADATA,
    Column("system", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""What windows are compared with, by the digest of everything that it follows from."""

Plain = Mapping[str, Any]


@frozen(kw_only=True)
class KeptWindow:
    """A window as the store keeps it.

    Attributes:
        start, end: half-open, as statements write instants.
        rows: how many it held when it was counted; late: how many of them came after it had first been counted.
        fingerprint: of its rows, whatever their order.
        questions: digest of what was asked of them: columns, bins, and what they are compared with.
        version: how often it was counted; signed: the version that was last signed, 0 for none.
        taken_at: when it was counted.
        counts, points: plain forms of the counts, and of the points of each series; None where they were not read.
    """

    start: str
    end: str
    rows: int
    late: int = 0
    fingerprint: str
    questions: str
    version: int = 0
    signed: int = 0
    taken_at: str
    counts: Plain | None = None
    points: Sequence[Plain] | None = None


_BRIEF: Final = ("start", "end", "rows", "late", "fingerprint", "questions", "version", "signed", "taken_at")
_BLOBS: Final = ("counts", "points")


@frozen(eq=False)
class Windows:
    """The windows of one store."""

    database: Database

    def brief(self, system: str) -> tuple[KeptWindow, ...]:
        """Every window of a system, without counts and points, in order of time."""
        return self._read(system, _BRIEF)

    def with_points(self, system: str) -> tuple[KeptWindow, ...]:
        """Every window of a system with its points and counts, in order of time."""
        return self._read(system, (*_BRIEF, *_BLOBS))

    def newest(self, system: str, most: int) -> tuple[KeptWindow, ...]:
        """The newest windows of a system with their points and counts, in order of time."""
        at = (WINDOWS.c.system == system,)
        starts = select(WINDOWS.c.start).where(*at).order_by(WINDOWS.c.start.desc()).limit(most)
        with self.database.reading() as connection:
            first = min(connection.execute(starts).scalars(), default=None)
        return () if first is None else self._read(system, (*_BRIEF, *_BLOBS), WINDOWS.c.start >= first)

    def unsigned(self, system: str) -> tuple[KeptWindow, ...]:
        """The windows whose newest version is not in the log as far as the store knows."""
        return self._read(system, (*_BRIEF, *_BLOBS), WINDOWS.c.signed < WINDOWS.c.version)

    def between(self, system: str, start: str, end: str) -> tuple[KeptWindow, ...]:
        """The windows that lie within [start, end), with their counts."""
        return self._read(system, (*_BRIEF, "counts"), WINDOWS.c.start >= start, WINDOWS.c.end <= end)

    def keep(self, system: str, windows: Iterable[KeptWindow]) -> tuple[KeptWindow, ...]:
        """Keep windows that were counted anew, all in one transaction; those that were kept.

        A window carries the version that its counting began from (0 for none). One that somebody else counted in the
        meantime is left as it is: the next run sees whether it is the same.
        """
        kept = []
        with self.database.writing() as connection:
            known = {(one.start, one.end): one for one in _rows(connection, system, _BRIEF)}
            for one in windows:
                before = known.get((one.start, one.end))
                if (before.version if before else 0) == one.version:
                    kept.append(evolve(one, version=one.version + 1))
                    _put(connection, system, kept[-1], new=before is None)
        return tuple(kept)

    def refresh(self, system: str, windows: Iterable[KeptWindow]) -> None:
        """Keep only a new fingerprint of windows whose counts came out as they were; their version stays."""
        with self.database.writing() as connection:
            for one in windows:
                at = (*_key(system, one), WINDOWS.c.version == one.version)
                connection.execute(update(WINDOWS).where(*at).values(fingerprint=one.fingerprint))

    def mark_signed(self, system: str, windows: Iterable[KeptWindow]) -> None:
        """Say that these versions are in the log."""
        with self.database.writing() as connection:
            for one in windows:
                at = (*_key(system, one), WINDOWS.c.signed < one.version)
                connection.execute(update(WINDOWS).where(*at).values(signed=one.version))

    def baseline(self, system: str, key: str) -> Plain | None:
        """What windows are compared with, by its key; None if it is not kept."""
        at = (BASELINES.c.system == system, BASELINES.c.key == key)
        with self.database.reading() as connection:
            found = connection.execute(select(BASELINES.c.content).where(*at)).scalar()
        return None if found is None else _unpacked(found)

    def keep_baseline(self, system: str, key: str, content: Plain) -> Plain:
        """Keep a baseline; if one is kept under this key already, that one stays, and is given back."""
        with self.database.writing() as connection:
            at = (BASELINES.c.system == system, BASELINES.c.key == key)
            found = connection.execute(select(BASELINES.c.content).where(*at)).scalar()
            if found is not None:
                return dict(_unpacked(found))
            connection.execute(insert(BASELINES), [{"system": system, "key": key, "content": _packed(content)}])
        return content

    def remembered(self, system: str, key: str) -> Plain:
        """What was remembered under a key; empty if nothing was. It only saves work, and may be forgotten."""
        return self.baseline(system, key) or {}

    def remember(self, system: str, key: str, content: Plain) -> None:
        """Remember something in place of what was remembered under this key."""
        at = (BASELINES.c.system == system, BASELINES.c.key == key)
        with self.database.writing() as connection:
            connection.execute(delete(BASELINES).where(*at))
            connection.execute(insert(BASELINES), [{"system": system, "key": key, "content": _packed(content)}])

    def change(self, system: str, key: str, changed: Callable[[Plain], Plain | None]) -> Plain:
        """Change what is remembered under a key in one transaction, which nobody else's comes between.

        Args:
            changed: given what is remembered (empty if nothing is), what to remember instead; None: leave it.

        Returns:
            What is remembered afterwards.
        """
        at = (BASELINES.c.system == system, BASELINES.c.key == key)
        with self.database.writing() as connection:
            found = connection.execute(select(BASELINES.c.content).where(*at)).scalar()
            before: Plain = {} if found is None else _unpacked(found)
            after = changed(before)
            if after is None:
                return before
            connection.execute(delete(BASELINES).where(*at))
            connection.execute(insert(BASELINES), [{"system": system, "key": key, "content": _packed(after)}])
        return after

    def _read(self, system: str, names: Sequence[str], *only: Any) -> tuple[KeptWindow, ...]:
        with self.database.reading() as connection:
            return _rows(connection, system, names, *only)


def _rows(connection: Connection, system: str, names: Sequence[str], *only: Any) -> tuple[KeptWindow, ...]:
    asked = select(*(WINDOWS.c[name] for name in names)).where(WINDOWS.c.system == system, *only)
    found = connection.execute(asked.order_by(WINDOWS.c.start, WINDOWS.c.end)).mappings()
    return tuple(
        KeptWindow(**{name: _unpacked(value) if name in _BLOBS else value for name, value in row.items()})
        for row in found
    )


def _put(connection: Connection, system: str, one: KeptWindow, *, new: bool) -> None:
    values = {name: getattr(one, name) for name in _BRIEF} | {"counts": _packed(one.counts)}
    values |= {"points": _packed(list(one.points or ()))}
    if new:
        connection.execute(insert(WINDOWS), [{"system": system, **values}])
    else:
        connection.execute(update(WINDOWS).where(*_key(system, one)).values(**values))


def _key(system: str, one: KeptWindow) -> tuple[Any, ...]:
    return WINDOWS.c.system == system, WINDOWS.c.start == one.start, WINDOWS.c.end == one.end


def _packed(plain: Any) -> bytes:
    return zlib.compress(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode(), 1)


def _unpacked(content: bytes | memoryview) -> Any:
    return json.loads(zlib.decompress(bytes(content)))
