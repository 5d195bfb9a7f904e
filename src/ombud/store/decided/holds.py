"""Legal holds in the store: what may not be deleted, why, and until when."""

from collections.abc import Sequence
from datetime import date

from attrs import field, frozen
from sqlalchemy import Connection, insert, select, update

from ombud.store.decided.tables import HOLDS


@frozen(kw_only=True)
class Hold:
    """A legal hold.

    Attributes:
        number: like H-7F3A2C.
        system: whose decisions; alias: about whom; commitment: of one decision (64 hexadecimal digits). What is None
            does not narrow it.
        ground: why, in words that name nobody.
        since: first day; until: last day, None: until it is ended; ended: the day it was ended.
    """

    number: str
    system: str | None = None
    alias: str | None = None
    commitment: str | None = None
    ground: str = field(repr=False)
    since: date
    until: date | None = None
    ended: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and self.ended is None and (self.until is None or day <= self.until)


def keep(connection: Connection, hold: Hold) -> None:
    """Put a hold in force."""
    row = {
        "number": hold.number, "system": hold.system, "alias": hold.alias, "commitment": hold.commitment,
        "ground": hold.ground, "since": hold.since, "until": hold.until, "ended": hold.ended,
    }  # fmt: skip
    connection.execute(insert(HOLDS), [row])


def end(connection: Connection, number: str, day: date) -> int:
    """End a hold that is not ended yet; how many were."""
    ended = update(HOLDS).where(HOLDS.c.number == number, HOLDS.c.ended.is_(None)).values(ended=day)
    return connection.execute(ended).rowcount


def every(connection: Connection) -> Sequence[Hold]:
    """Every hold, ended ones among them, the oldest first."""
    rows = connection.execute(select(HOLDS).order_by(HOLDS.c.since, HOLDS.c.number)).mappings()
    return [Hold(**dict(row)) for row in rows]
