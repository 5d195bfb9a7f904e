"""Decisions as the store passes them on: before they are taken in, and as they are kept."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from attrs import field, frozen

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros(when: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (when - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The moment of so many microseconds since 1970, UTC."""
    return EPOCH + timedelta(microseconds=at)


class New(NamedTuple):
    """A decision that may be new.

    Attributes:
        system, id: which; at, received_at: when it was made and came in, microseconds since 1970.
        person: keyed hash of whom it is about, 16 bytes; None where nobody is named.
        content: its canonical bytes; salt, commitment: what the log knows it by.
    """

    system: str
    id: str
    at: int
    received_at: int
    person: bytes | None
    content: bytes
    salt: bytes
    commitment: bytes


@frozen
class KeptRow:
    """A row as the store has it.

    Attributes:
        number: its place in its system, counted from 1.
        removal: which removal took its content; None while it is here.
        Others: as for `New`; id, at, person, content and salt are None after a removal.
    """

    system: str
    number: int
    id: str | None
    at: int | None
    received_at: int
    person: bytes | None = field(repr=False)
    content: bytes | None = field(repr=False)
    salt: bytes | None = field(repr=False)
    commitment: bytes
    removal: int | None = None


@frozen
class Conflict:
    """A decision that came again with another content; nothing was overwritten.

    Attributes:
        index: its place among those that were given; number: of the row that is kept.
        kept, came: the two commitments.
    """

    index: int
    number: int
    kept: bytes
    came: bytes


@frozen
class TakenIn:
    """What became of decisions that were given.

    Attributes:
        new: how many were kept; same: how many were here already, with equal content.
        conflicts: those that were here with another content.
    """

    new: int = 0
    same: int = 0
    conflicts: tuple[Conflict, ...] = ()


@frozen
class Batch:
    """Rows `first` to `last` of a system under one root; entry: where the log holds it, None until it does."""

    system: str
    first: int
    last: int
    root: str
    entry: int | None = None

    @property
    def count(self) -> int:
        """How many rows it has."""
        return self.last - self.first + 1


@frozen
class Removal:
    """Rows of one system of which only commitments are left.

    Attributes:
        number: of the removal; what: erased (a person asked) or expired (their time was over).
        count, root: how many, and the root over their commitments in order of their numbers.
        ground: why; at: when, microseconds since 1970; entry: where the log holds it, None until it does.
    """

    number: int
    system: str
    what: str
    count: int
    root: str
    ground: str
    at: int
    entry: int | None = None


@frozen
class Label:
    """What came of a decision.

    Attributes:
        id: of the decision; label: what came of it, as the system writes it.
        at: when it came about, received_at: when it came in; microseconds since 1970.
    """

    id: str
    label: str
    at: int | None
    received_at: int
