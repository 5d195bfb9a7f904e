"""Decisions as the store keeps them, beside the log."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import frozen
from sqlalchemy import Row, Select, delete, func, insert, select, update

from ombud.store.database import Database
from ombud.store.decided import holds, labels, take
from ombud.store.decided.holds import Hold
from ombud.store.decided.remove import remove
from ombud.store.decided.rows import Batch, KeptRow, Label, New, Removal, TakenIn
from ombud.store.decided.tables import BATCHES, DECISIONS, REMOVALS, SPOOLED
from ombud.store.people import aliases

_AT_ONCE: Final = 5_000


@frozen(eq=False)
class Decided:
    """The decisions of one workspace. All of it is personal data, kept beside the log, and can be deleted.

    Attributes:
        database: the store.
    """

    database: Database

    # --- taking in ----------------------------------------------------------------------------------------------------

    def keep(self, rows: Sequence[New]) -> TakenIn:
        """Keep decisions, all in one transaction; on return they are on disk.

        Those that are here already, with equal content, are left alone; others of a known id are refused.
        """
        with self.database.writing() as connection:
            return take.take(connection, rows)

    def mark_spool(self, name: str, offset: int) -> None:
        """A spool file has been taken in so far."""
        with self.database.writing() as connection:
            connection.execute(delete(SPOOLED).where(SPOOLED.c.name == name))
            connection.execute(insert(SPOOLED), [{"name": name, "offset": offset}])

    def spooled(self) -> Mapping[str, int]:
        """Spool file → how far it has been taken in."""
        with self.database.reading() as connection:
            return {row.name: row.offset for row in connection.execute(select(SPOOLED))}

    def forget_spool(self, name: str) -> None:
        """A spool file is gone."""
        with self.database.writing() as connection:
            connection.execute(delete(SPOOLED).where(SPOOLED.c.name == name))

    # --- looking up ---------------------------------------------------------------------------------------------------

    def find(self, system: str, id: str) -> KeptRow | None:
        """The decision that a system calls so; None if it is not here (any more)."""
        return next(self._read(select(DECISIONS).where(DECISIONS.c.system == system, DECISIONS.c.id == id)), None)

    def of_commitment(self, commitment: bytes) -> KeptRow | None:
        """The decision with a commitment; None if it is not here. Reads the whole table."""
        return next(self._read(select(DECISIONS).where(DECISIONS.c.commitment == commitment)), None)

    def of_alias(self, alias: str) -> tuple[KeptRow, ...]:
        """All decisions about a person, the oldest first, also after their identities were forgotten."""
        with self.database.reading() as connection:
            prints = aliases.fingerprints_of(connection, alias)
        return self.of_people(prints)

    def of_people(self, prints: Sequence[bytes]) -> tuple[KeptRow, ...]:
        """All decisions about whoever has one of these keyed hashes, the oldest first."""
        asked = select(DECISIONS).where(DECISIONS.c.person.in_(prints))
        return tuple(self._read(asked.order_by(DECISIONS.c.at, DECISIONS.c.system, DECISIONS.c.number)))

    def between(self, system: str, start: int | None = None, end: int | None = None) -> Iterator[KeptRow]:
        """Decisions made from `start` on and before `end` (microseconds since 1970), in order of time, streamed."""
        asked = select(DECISIONS).where(DECISIONS.c.system == system, DECISIONS.c.at.is_not(None))
        if start is not None:
            asked = asked.where(DECISIONS.c.at >= start)
        if end is not None:
            asked = asked.where(DECISIONS.c.at < end)
        return self._read(asked.order_by(DECISIONS.c.at, DECISIONS.c.number))

    def since(self, system: str, number: int = 0, last: int | None = None) -> Iterator[KeptRow]:
        """Rows after a number, up to `last`, in the order in which they came in, streamed; removed ones among them."""
        asked = select(DECISIONS).where(DECISIONS.c.system == system, DECISIONS.c.number > number)
        if last is not None:
            asked = asked.where(DECISIONS.c.number <= last)
        return self._read(asked.order_by(DECISIONS.c.number))

    def last(self, system: str) -> int:
        """The number of the newest row of a system; 0 if it has none."""
        with self.database.reading() as connection:
            return take.last_number(connection, system)

    def systems(self) -> tuple[str, ...]:
        """The systems that have decisions here, sorted."""
        with self.database.reading() as connection:
            found = connection.execute(select(DECISIONS.c.system).distinct()).scalars()
            return tuple(sorted(found))

    def count(self, system: str) -> int:
        """How many decisions of a system are here with their content."""
        asked = select(func.count()).where(DECISIONS.c.system == system, DECISIONS.c.removal.is_(None))
        with self.database.reading() as connection:
            return int(connection.execute(asked).scalar_one())

    def alias_of(self, row: KeptRow) -> str | None:
        """The alias of whom a decision is about; None if they have none (yet)."""
        return self.aliases_of([row]).get(row.person) if row.person else None

    def aliases_of(self, rows: Sequence[KeptRow]) -> Mapping[bytes, str]:
        """Keyed hash → alias, of the people in some rows who have one."""
        with self.database.reading() as connection:
            return aliases.aliases_of(connection, [row.person for row in rows if row.person])

    def every_alias_of(self, rows: Sequence[KeptRow]) -> Mapping[bytes, frozenset[str]]:
        """Keyed hash → every alias under which the person is or was known, also where only a list remembers it."""
        prints = [row.person for row in rows if row.person]
        with self.database.reading() as connection:
            return aliases.every_alias_of(connection, prints)

    # --- batches ------------------------------------------------------------------------------------------------------

    def batches(self, system: str | None = None) -> tuple[Batch, ...]:
        """Batches in order; also those that the log does not hold yet."""
        asked = select(BATCHES).order_by(BATCHES.c.system, BATCHES.c.first)
        with self.database.reading() as connection:
            rows = connection.execute(asked if system is None else asked.where(BATCHES.c.system == system))
            return tuple(Batch(row.system, row.first, row.last, row.root, row.entry) for row in rows)

    def batch_of(self, row: KeptRow) -> Batch | None:
        """The batch in which a row is; None while it is in none."""
        return next((one for one in self.batches(row.system) if one.first <= row.number <= one.last), None)

    def keep_batch(self, batch: Batch) -> bool:
        """Keep a batch that begins where the last one of its system ended; False if somebody else was quicker."""
        with self.database.writing() as connection:
            newest = connection.execute(select(func.max(BATCHES.c.last)).where(BATCHES.c.system == batch.system))
            if int(newest.scalar() or 0) + 1 != batch.first:
                return False
            connection.execute(
                insert(BATCHES),
                [{"system": batch.system, "first": batch.first, "last": batch.last, "root": batch.root}],
            )
        return True

    def batch_is_at(self, batch: Batch, entry: int) -> None:
        """The log holds a batch."""
        which = (BATCHES.c.system == batch.system, BATCHES.c.first == batch.first)
        with self.database.writing() as connection:
            connection.execute(update(BATCHES).where(*which).values(entry=entry))

    # --- removals -----------------------------------------------------------------------------------------------------

    def remove(self, rows: Sequence[KeptRow], *, what: str, ground: str, at: int) -> tuple[Removal, ...]:
        """Delete the content of rows for good; see `remove.remove`."""
        with self.database.writing() as connection:
            done = remove(connection, rows, what=what, ground=ground, at=at)
        self.database.settle()
        return done

    def removals(self, system: str | None = None) -> tuple[Removal, ...]:
        """Every removal, the oldest first."""
        asked = select(REMOVALS).order_by(REMOVALS.c.number)
        with self.database.reading() as connection:
            rows = connection.execute(asked if system is None else asked.where(REMOVALS.c.system == system))
            return tuple(Removal(**dict(row)) for row in rows.mappings())

    def removal_is_at(self, removal: Removal, entry: int) -> None:
        """The log holds a removal."""
        with self.database.writing() as connection:
            connection.execute(update(REMOVALS).where(REMOVALS.c.number == removal.number).values(entry=entry))

    # --- labels -------------------------------------------------------------------------------------------------------

    def keep_labels(self, system: str, given: Sequence[Label]) -> tuple[int, int]:
        """Keep labels; how many were new, and how many are for decisions that are not here (yet)."""
        with self.database.writing() as connection:
            return labels.keep(connection, system, given)

    def labels(self, system: str, ids: Sequence[str]) -> Mapping[str, Label]:
        """Id → the newest label of a decision."""
        with self.database.reading() as connection:
            return labels.newest_of(connection, system, ids)

    def labels_since(self, system: str, received_at: int = 0) -> tuple[Label, ...]:
        """Labels that came in after a moment (microseconds since 1970), in that order."""
        with self.database.reading() as connection:
            return tuple(labels.since(connection, system, received_at))

    def labels_waiting(self, system: str) -> int:
        """How many labels wait for a decision that is not here."""
        with self.database.reading() as connection:
            return labels.waiting(connection, system)

    # --- holds --------------------------------------------------------------------------------------------------------

    def hold(self, hold: Hold) -> None:
        """Put a hold in force."""
        with self.database.writing() as connection:
            holds.keep(connection, hold)

    def end_hold(self, number: str, day: date) -> bool:
        """End a hold; False if there is none that could be ended."""
        with self.database.writing() as connection:
            return holds.end(connection, number, day) > 0

    def holds(self) -> tuple[Hold, ...]:
        """Every hold, ended ones among them, the oldest first."""
        with self.database.reading() as connection:
            return tuple(holds.every(connection))

    def _read(self, asked: Select[tuple[object, ...]]) -> Iterator[KeptRow]:
        with self.database.reading() as connection:
            found = connection.execution_options(yield_per=_AT_ONCE).execute(asked)
            for row in found:
                yield _kept(row)


def _kept(row: Row[tuple[object, ...]]) -> KeptRow:
    return KeptRow(
        row.system, row.number, row.id, row.at, row.received_at, _bytes(row.person), _bytes(row.content),
        _bytes(row.salt), bytes(row.commitment), row.removal,
    )  # fmt: skip


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
