"""What every place with data can be asked, and how it answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from attrs import field, frozen

from ombud.rights.map.model import Collection, SourceSpec

Value = Any
"""A value of a column as the source's driver gives it: text, a number, a date, bytes, or None."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@frozen
class Match:
    """Rows whose columns hold one of some tuples of values.

    Attributes:
        columns: one or more columns of a collection.
        values: tuples, one value a column; personal data.
        form: how a single column's text is compared ("text", "email", "phone": see `store.identity.comparable`).
    """

    columns: tuple[str, ...]
    values: frozenset[tuple[Value, ...]] = field(repr=False, converter=frozenset)
    form: str = "text"


Selection = Mapping[str, tuple[Match, ...]]
"""The person's rows: address of a collection → matches; a row is the person's if any of them fits."""


class State(StrEnum):
    """What became of a person's data in one collection. Nothing is ever reported done that a re-query contradicts."""

    ERASED = "erased and verified"
    CHANGED = "changed and verified"
    NOTHING = "nothing found"
    KEPT = "not erasable"
    FAILED = "failed"


@frozen(kw_only=True)
class Outcome:
    """What was done in one collection, and what was not.

    Attributes:
        collection: its address.
        state: what became of it; "changed" where a value was put right, else one of the other four.
        found: rows of the person before; erased: rows deleted; masked: rows kept without the person in them;
        kept: rows left as they are, on `ground`; left: rows still found by a query of its own afterwards.
        files: files rewritten (names within the source, no personal data).
        ground: key of the ground on which something was kept; because: one sentence, without personal data.
        not_covered: where copies may live on, each with the day it ends if that is known ("backups, until 2027-01-05").
    """

    collection: str
    state: State
    found: int = 0
    erased: int = 0
    masked: int = 0
    kept: int = 0
    left: int = 0
    files: tuple[str, ...] = ()
    ground: str | None = None
    because: str = ""
    not_covered: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What the ledger keeps of it."""
        return {
            "collection": self.collection, "state": str(self.state), "found": self.found, "erased": self.erased,
            "masked": self.masked, "kept": self.kept, "left": self.left, "files": list(self.files),
            "ground": self.ground, "because": self.because, "not_covered": list(self.not_covered),
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Outcome":
        """Read what the ledger kept of one."""
        lists = {name: tuple(said.get(name) or ()) for name in ("files", "not_covered")}
        return cls(**{**said, "state": State(said["state"]), "because": said.get("because") or "", **lists})


@frozen(kw_only=True)
class Change:
    """New values for the person's rows of one collection (rectification, or a restriction mark).

    Attributes:
        collection: its address; values: column → new value.
        where: only rows in which a column still holds this value; None: all of the person's rows.
    """

    collection: str
    values: Mapping[str, Value] = field(repr=False)
    where: Mapping[str, Value] | None = field(default=None, repr=False)


class Source(Protocol):
    """An open place with data. Every method may raise `OmbudError`: away, slow, permission denied, renamed column."""

    spec: SourceSpec

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Value]]:
        """The rows that fit any of the matches, each once, as column → value; all columns if None. Streams."""
        ...

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        """How many rows fit any of the matches, by a query of its own."""
        ...

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        """What `lookup` would ask, for a dry run: with placeholders instead of values."""
        ...

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:
        """Erase the person's rows in all collections of this source, in one transaction where the source has any.

        Idempotent: after a crash at any point, calling it again completes it. Outcomes are verified by a re-query.
        """
        ...

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """Set columns of the person's rows; verified by a re-query."""
        ...

    def identities(self, collection: Collection, column: str) -> Iterator[str]:
        """All distinct values of an identity column, streamed; to replay an erasure list on a restored copy."""
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...
