"""Commitments to rows of tables that stay where they are: nothing of a row is kept but that."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from attrs import frozen
from sqlalchemy import delete, func, insert, select, update

from ombud.store.database import Database
from ombud.store.decided.tables import ANCHORED, ANCHORS


class Committed(NamedTuple):
    """A commitment to one row.

    Attributes:
        mark: keyed hash of the decision's number; None once the person was erased, and so is the salt.
    """

    mark: bytes | None
    salt: bytes | None
    commitment: bytes


@frozen
class Anchor:
    """The rows of a table from `start` on and before `end` (microseconds since 1970), under one root.

    Attributes:
        number, system: which; count: how many rows; root: over their commitments in order of their marks.
        entry: where the log holds it, None until it does.
    """

    number: int
    system: str
    start: int
    end: int
    count: int
    root: str
    entry: int | None = None


@frozen(eq=False)
class Anchored:
    """The anchors of one workspace."""

    database: Database

    def keep(self, anchor: Anchor, rows: Sequence[Committed]) -> Anchor:
        """Keep an anchor with its commitments, in their order; the anchor with its number."""
        with self.database.writing() as connection:
            number = int(connection.execute(select(func.max(ANCHORS.c.number))).scalar() or 0) + 1
            connection.execute(insert(ANCHORS), [{**_plain(anchor), "number": number}])
            if rows:
                connection.execute(
                    insert(ANCHORED),
                    [{"anchor": number, "place": place, **row._asdict()} for place, row in enumerate(rows)],
                )
        return Anchor(number, anchor.system, anchor.start, anchor.end, anchor.count, anchor.root)

    def is_at(self, anchor: Anchor, entry: int) -> None:
        """The log holds an anchor."""
        with self.database.writing() as connection:
            connection.execute(update(ANCHORS).where(ANCHORS.c.number == anchor.number).values(entry=entry))

    def drop(self, anchor: Anchor) -> None:
        """Forget an anchor that never came into the log."""
        with self.database.writing() as connection:
            connection.execute(delete(ANCHORED).where(ANCHORED.c.anchor == anchor.number))
            connection.execute(delete(ANCHORS).where(ANCHORS.c.number == anchor.number))

    def all(self, system: str | None = None) -> tuple[Anchor, ...]:
        """Every anchor, the oldest first."""
        asked = select(ANCHORS).order_by(ANCHORS.c.number)
        with self.database.reading() as connection:
            rows = connection.execute(asked if system is None else asked.where(ANCHORS.c.system == system))
            return tuple(Anchor(**dict(row)) for row in rows.mappings())

    def rows(self, anchor: Anchor) -> Iterator[Committed]:
        """The commitments of an anchor, in their order, streamed."""
        asked = select(ANCHORED).where(ANCHORED.c.anchor == anchor.number).order_by(ANCHORED.c.place)
        with self.database.reading() as connection:
            for row in connection.execution_options(yield_per=5_000).execute(asked):
                yield Committed(_bytes(row.mark), _bytes(row.salt), bytes(row.commitment))

    def forget(self, marks: Sequence[bytes]) -> int:
        """Forget whose rows some are: mark and salt go, the commitment stays; how many rows."""
        gone = 0
        with self.database.writing() as connection:
            for start in range(0, len(marks), 500):
                part = marks[start : start + 500]
                emptied = update(ANCHORED).where(ANCHORED.c.mark.in_(part)).values(mark=None, salt=None)
                gone += connection.execute(emptied).rowcount
        self.database.settle()
        return gone


def _plain(anchor: Anchor) -> dict[str, Any]:
    return {"system": anchor.system, "start": anchor.start, "end": anchor.end, "count": anchor.count,
            "root": anchor.root}  # fmt: skip


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
