"""The ledger: signed statements in the order they came, under one Merkle tree, anchored outside the store."""

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define, field
from sqlalchemy import Connection, func, insert, select

from ombud.errors import NotFound, Unreadable
from ombud.evidence.canonical import canonical, digest, parse
from ombud.evidence.checkpoint import Checkpoint, checkpoint, origin_of
from ombud.evidence.dsse import Envelope
from ombud.evidence.entry import CLOCK_BEHIND, Entry, Examined
from ombud.evidence.errors import LedgerBroken, Refused
from ombud.evidence.instants import instant, later, parsed
from ombud.evidence.keyring import Keyring
from ombud.evidence.keys import SigningKey
from ombud.evidence.kinds import CHECKPOINT
from ombud.evidence.log import Examiner, Log
from ombud.evidence.tree import Peaks, consistency_proof, grow, inclusion_proof, peaks_at, stored_size
from ombud.evidence.trust import STRUCTURAL
from ombud.statistics.cube import Cube
from ombud.store.anchor import Anchor
from ombud.store.clock import Clock
from ombud.store.database import Database
from ombud.store.intake import Intake
from ombud.store.schema import CUBES, ENTRIES, NODES
from ombud.store.workers import FEWEST, examine_in_parallel, examine_leaves

CLOCK_TOLERANCE_SECONDS: Final = 1.0
"""How far the clock may stand behind the last entry before an entry is flagged."""


@define(eq=False)
class Ledger:
    """One log in one store.

    Attributes:
        database: where it is kept.
        anchor: where its checkpoints go.
        root_key: id of the pinned root key.
        clock: for `received_at`.
        log_key: gives the key that signs checkpoints.
        examiner: how whole logs are verified; by default with all processors.
    """

    database: Database
    anchor: Anchor
    root_key: str
    clock: Clock
    log_key: Callable[[], SigningKey]
    examiner: Examiner = examine_in_parallel
    _log: Log | None = field(default=None, init=False)
    _intake: tuple[int, Intake] | None = field(default=None, init=False)

    @property
    def where(self) -> str:
        """The store's place, safe to show."""
        return self.database.where

    @property
    def size(self) -> int:
        """Number of entries."""
        with self.database.reading() as connection:
            return _size(connection)

    def root(self, size: int | None = None) -> bytes:
        """Root hash of the tree, now or when it had `size` entries."""
        with self.database.reading() as connection:
            return _peaks(connection, _size(connection) if size is None else size, self.where).root

    def append(self, envelopes: Sequence[Envelope], cubes: Iterable[Cube] = ()) -> tuple[Entry, ...]:
        """Take signed statements, all or none, with the cubes they rest on; on return they are on disk and anchored.

        Raises:
            Refused: one of them would not be believed, or is in the log already; nothing was written.
            StoreFailed: the store could not write; nothing was written.
            NotFound: the log's own key is not here, so that nothing could be anchored; nothing was written.
        """
        self.log_key()
        with self.database.writing() as connection:
            size = _size(connection)
            self._hold_anchor(connection, size)
            entries = self._received(connection, size, envelopes)
            intake = self._let_in(connection, size, entries)
            self._write(connection, size, entries)
            _write_cubes(connection, cubes)
        self._intake = (size + len(entries), intake)
        if self._log is not None and len(self._log.entries) == size:
            self._log = self._log.extended(entries)
        if entries:
            self.anchor_now()
        return entries

    def log(self) -> Log:
        """The whole log, held against its tree and its anchor.

        Raises:
            LedgerBroken: the store is not what the anchor promised.
        """
        with self.database.reading() as connection:
            size = _size(connection)
            if self._log is None or len(self._log.entries) > size:
                self._log = Log(self._read(connection, 0), self.root_key, self.examiner)
                self._check_tree(connection, self._log)
            elif len(self._log.entries) < size:
                self._log = self._log.extended(self._read(connection, len(self._log.entries)))
                self._check_tree(connection, self._log)
        return self._log

    def entry(self, index: int) -> Entry:
        """One entry.

        Raises:
            NotFound: the log is shorter.
        """
        with self.database.reading() as connection:
            found = connection.execute(select(ENTRIES.c.leaf).where(ENTRIES.c.position == index)).scalar()
        if found is None:
            raise NotFound(f"entry {index}", self.where, "Entries are counted from 0; see `ombud ledger show`.")
        return self._entry(index, found)

    def keyring(self) -> Keyring:
        """The keys as they stand now, from the deciding entries alone."""
        with self.database.reading() as connection:
            return self._doorkeeper(connection, _size(connection)).trust.keyring

    def checkpoint(self) -> str:
        """A signed note of size and root as they are now; also what `append` leaves in the anchor."""
        return self.checkpoint_of(self.size).encode()

    def checkpoint_of(self, size: int) -> Checkpoint:
        """The signed checkpoint of the first `size` entries."""
        return self._signed(size, self.root(size))

    def inclusion(self, index: int) -> tuple[int, tuple[bytes, ...]]:
        """Tree size and audit path of an entry (RFC 9162).

        Raises:
            Misused: no such entry.
        """
        with self.database.reading() as connection:
            size = _size(connection)
            return size, inclusion_proof(index, size, lambda places: _nodes(connection, places, self.where))

    def consistency(self, old: int) -> tuple[int, tuple[bytes, ...]]:
        """Tree size and proof that the first `old` entries are its prefix (RFC 9162).

        Raises:
            Misused: the log never had that size.
        """
        with self.database.reading() as connection:
            size = _size(connection)
            return size, consistency_proof(old, size, lambda places: _nodes(connection, places, self.where))

    def put_cube(self, cube: Cube) -> str:
        """Keep a cube; its digest. A cube that is kept already is not kept twice."""
        with self.database.writing() as connection:
            return _write_cubes(connection, (cube,))[0]

    def cube(self, name: str) -> Cube:
        """The cube with this digest.

        Raises:
            NotFound: it is not kept here.
            LedgerBroken: what is kept has another digest.
        """
        return Cube.from_json(self.cube_json(name))

    def cube_json(self, name: str) -> dict[str, Any]:
        """The plain form of a cube; see `cube`."""
        with self.database.reading() as connection:
            content = connection.execute(select(CUBES.c.content).where(CUBES.c.digest == name)).scalar()
        if content is None:
            raise NotFound(f"cube {name[:16]}", self.where, "Run the check again to count anew.")
        data = _bytes(content)
        if hashlib.sha256(data).hexdigest() != name:
            raise LedgerBroken(self.where, f"cube {name[:16]} was changed: its digest is another now")
        plain: dict[str, Any] = parse(data, f"cube {name[:16]}")
        return plain

    def check_anchor(self) -> Checkpoint | None:
        """Hold the store's tree against its newest anchored checkpoint; that checkpoint, None for an empty log.

        Raises:
            LedgerBroken: the store is behind its anchor, or not the one that was anchored.
        """
        anchored = self.anchor.read()
        with self.database.reading() as connection:
            size = _size(connection)
            if anchored is None:
                if size:
                    raise self._broken(f"{size} entries, but the checkpoint file {self.anchor.path} is gone")
                return None
            self._hold(connection, size, anchored)
            if anchored.size:
                self._check_anchor_key(connection, size, anchored)
        return anchored

    def verify(self) -> Log:
        """Hold every entry against the tree, the tree against the anchor and all its history; verify every signature.

        Raises:
            LedgerBroken: what does not fit, by entry where it can be named.
        """
        with self.database.reading() as connection:
            size = _size(connection)
            publics = {name: key.raw for name, key in self._doorkeeper(connection, size).publics.items()}
            rows = self._rows(connection, 0)
            with ThreadPoolExecutor(1) as beside:
                examining = beside.submit(_examine_beside, [leaf for _, leaf in rows], publics)
                entries = self._entries(rows, 0)
                self._check_tree(connection, Log(entries, self.root_key))
                for past in self.anchor.all():
                    self._hold(connection, size, past)
                seen = examining.result()
        if seen is None:
            self._log = Log(entries, self.root_key, self.examiner)
        else:
            self._log = Log.examined_already(entries, self.root_key, self.examiner, seen)
        _ = self._log.standings
        return self._log

    def anchor_now(self) -> None:
        """Write a checkpoint of what is stored; under the writer's lock, so that the anchor never goes back.

        Raises:
            LedgerBroken: the store is not what the present anchor promised.
        """
        with self.database.writing() as connection:
            size = _size(connection)
            self._hold_anchor(connection, size)
            root = _peaks(connection, size, self.where).root
            self.anchor.write(self._signed(size, root))

    def backup(self, path: Path) -> None:
        """See `Database.backup`."""
        self.database.backup(path)

    def _received(self, connection: Connection, size: int, envelopes: Sequence[Envelope]) -> tuple[Entry, ...]:
        """Give each its position and time: the clock's, but always after the entry before."""
        last = self._entry(size - 1, _leaf(connection, size - 1)).received_at if size else None
        now = instant(self.clock.now())
        behind = last is not None and (parsed(last) - parsed(now)).total_seconds() > CLOCK_TOLERANCE_SECONDS
        entries = []
        for index, envelope in enumerate(envelopes, start=size):
            last = now if last is None or last < now else later(last)
            entries.append(Entry.at(index, last, envelope, (CLOCK_BEHIND,) if behind else ()))
        return tuple(entries)

    def _let_in(self, connection: Connection, size: int, entries: Sequence[Entry]) -> Intake:
        _refuse_repeats(connection, entries)
        intake = self._doorkeeper(connection, size)
        try:
            for entry in entries:
                intake.check(entry)
        except Refused:
            self._intake = None
            raise
        return intake

    def _doorkeeper(self, connection: Connection, size: int) -> Intake:
        if self._intake is not None and self._intake[0] == size:
            return self._intake[1]
        rows = connection.execute(
            select(ENTRIES.c.position, ENTRIES.c.leaf)
            .where(ENTRIES.c.kind.in_(STRUCTURAL))
            .order_by(ENTRIES.c.position)
        ).all()
        deciding = {position: self._entry(position, leaf) for position, leaf in rows}
        return Intake.after(self.root_key, _well_signed(deciding, self.root_key), self._placer())

    def _placer(self) -> Callable[[str], int | None]:
        def place(name: str) -> int | None:
            with self.database.reading() as connection:
                return connection.execute(select(ENTRIES.c.position).where(ENTRIES.c.digest == name)).scalar()

        return place

    def _write(self, connection: Connection, size: int, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        _, stored = grow(_peaks(connection, size, self.where), (entry.leaf_hash for entry in entries))
        start = stored_size(size)
        connection.execute(
            insert(ENTRIES),
            [{"position": e.index, "kind": e.statement.kind, "digest": e.digest, "leaf": e.leaf} for e in entries],
        )
        connection.execute(insert(NODES), [{"position": start + i, "hash": h} for i, h in enumerate(stored)])

    def _read(self, connection: Connection, start: int) -> tuple[Entry, ...]:
        return self._entries(self._rows(connection, start), start)

    def _rows(self, connection: Connection, start: int) -> list[tuple[int, bytes]]:
        rows = connection.execute(
            select(ENTRIES.c.position, ENTRIES.c.leaf).where(ENTRIES.c.position >= start).order_by(ENTRIES.c.position)
        ).all()
        return [(position, _bytes(leaf)) for position, leaf in rows]

    def _entries(self, rows: Sequence[tuple[int, bytes]], start: int) -> tuple[Entry, ...]:
        for expected, (position, _) in enumerate(rows, start=start):
            if position != expected:
                raise self._broken(f"entry {expected} is missing")
        with _without_collecting():
            return tuple(self._entry(position, leaf) for position, leaf in rows)

    def _entry(self, index: int, leaf: bytes) -> Entry:
        try:
            return Entry.read(index, _bytes(leaf))
        except Unreadable as error:
            raise self._broken(f"{error.where} was changed: {error.problem}") from None

    def _check_tree(self, connection: Connection, log: Log) -> None:
        """Hold the entries against every hash of the tree, and the tree against the anchor."""
        self._check_entries(connection, log)
        self.check_anchor()

    def _check_entries(self, connection: Connection, log: Log) -> None:
        """Name the entry that was changed, if one was."""
        rows = connection.execute(select(NODES.c.hash).order_by(NODES.c.position)).scalars().all()
        _, stored = grow(Peaks(), (entry.leaf_hash for entry in log.entries))
        kept = [_bytes(row) for row in rows]
        if kept != stored:
            raise self._broken(_which_changed(log, kept))

    def _hold_anchor(self, connection: Connection, size: int) -> None:
        anchored = self.anchor.read()
        if anchored is not None:
            self._hold(connection, size, anchored)

    def _hold(self, connection: Connection, size: int, held: Checkpoint) -> None:
        if held.origin != origin_of(self.root_key):
            raise self._broken(f"the checkpoint in {self.anchor.path} is of another log, {held.origin}")
        if held.size > size:
            raise self._broken(
                f"the checkpoint promised {held.size} entries, the store has {size}: the tail is missing"
            )
        if _peaks(connection, held.size, self.where).root != held.root:
            raise self._broken(f"the first {held.size} entries are not those of the checkpoint that was written then")

    def _check_anchor_key(self, connection: Connection, size: int, anchored: Checkpoint) -> None:
        intake = self._doorkeeper(connection, size)
        ring = intake.trust.keyring
        able = [public for name, public in intake.publics.items() if _may_checkpoint(ring, name)]
        if anchored.signed_by(able) is None:
            self._check_entries(connection, Log(self._read(connection, 0), self.root_key))
            raise self._broken(f"the checkpoint in {self.anchor.path} was not signed by this log")

    def _signed(self, size: int, root: bytes) -> Checkpoint:
        return checkpoint(self.root_key, size, root).signed(self.log_key())

    def _broken(self, problem: str) -> LedgerBroken:
        return LedgerBroken(self.where, problem)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Entries hold no cycles: looking for some while many are made takes as long as making them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _examine_beside(leaves: Sequence[bytes], publics: Mapping[str, bytes]) -> Sequence[Examined] | None:
    return examine_leaves(leaves, publics) if len(leaves) >= FEWEST else None


def _size(connection: Connection) -> int:
    last = connection.execute(select(func.max(ENTRIES.c.position))).scalar()
    return 0 if last is None else int(last) + 1


def _bytes(value: bytes | memoryview | str) -> bytes:
    """What a column of bytes holds; text only where somebody wrote it there behind our back."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else bytes(value)


def _leaf(connection: Connection, index: int) -> bytes:
    return _bytes(connection.execute(select(ENTRIES.c.leaf).where(ENTRIES.c.position == index)).scalar_one())


def _nodes(connection: Connection, places: Sequence[int], where: str) -> Mapping[int, bytes]:
    rows = connection.execute(select(NODES.c.position, NODES.c.hash).where(NODES.c.position.in_(places))).all()
    found = {position: _bytes(node) for position, node in rows}
    if len(found) != len(set(places)):
        raise LedgerBroken(where, "hashes of the tree are missing")
    return found


def _peaks(connection: Connection, size: int, where: str) -> Peaks:
    return peaks_at(size, lambda places: _nodes(connection, places, where))


def _write_cubes(connection: Connection, cubes: Iterable[Cube]) -> list[str]:
    contents = {digest(plain): canonical(plain) for plain in (cube.to_json() for cube in cubes)}
    kept = set(connection.execute(select(CUBES.c.digest).where(CUBES.c.digest.in_(contents))).scalars())
    new = [{"digest": name, "content": content} for name, content in contents.items() if name not in kept]
    if new:
        connection.execute(insert(CUBES), new)
    return list(contents)


def _refuse_repeats(connection: Connection, entries: Sequence[Entry]) -> None:
    digests = [entry.digest for entry in entries]
    if len(set(digests)) != len(digests):
        raise Refused("the same signed statement stands twice in one batch", "Append each statement once.")
    known = connection.execute(
        select(ENTRIES.c.position).where(ENTRIES.c.digest.in_(digests)).order_by(ENTRIES.c.position)
    ).scalar()
    if known is not None:
        raise Refused(f"this signed statement is in the log already, as entry {known}", "There is nothing to do.")


def _well_signed(deciding: Mapping[int, Entry], root_key: str) -> dict[int, Entry]:
    log = Log(tuple(deciding.values()), root_key)
    return {
        index: entry
        for (index, entry), seen in zip(deciding.items(), log.examined, strict=True)
        if seen.signed and seen.problem is None
    }


def _may_checkpoint(ring: Keyring, name: str) -> bool:
    key = ring.keys.get(name)
    return key is not None and any(span.may(CHECKPOINT) for span in key.spans)


def _which_changed(log: Log, kept: Sequence[bytes]) -> str:
    """Find the first entry whose hash is not the one that was stored when it came in."""
    for entry in log.entries:
        place = stored_size(entry.index)
        if place >= len(kept):
            return f"entry {entry.index} was put in behind the ledger's back: no hash was stored for it"
        if kept[place] != entry.leaf_hash:
            return f"entry {entry.index} was changed: its bytes do not have the hash that was stored for it"
    return "the hashes of the tree were changed"
