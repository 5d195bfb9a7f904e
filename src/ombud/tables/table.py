"""A table that can be asked questions: where it is, what its columns are, and in which state it was read."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ombud.errors import OmbudError, Unreadable
from ombud.evidence.canonical import digest
from ombud.tables.engines.engine import Engine, Kind

_LONGEST_NAME = 80
_CHUNK = 1 << 20


def named(name: str) -> str:
    """A name from outside as a message may repeat it: quoted, short, and without control characters."""
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + "..."
    return f"'{short}'" if short.isprintable() else ascii(short)


@define
class NoSuchColumn(OmbudError):
    """A column was declared that no table has. Another is never taken in its place."""

    column: str
    where: str
    nearest: str | None
    next_step: str = "Correct the name in the manifest; nothing was counted."

    def __str__(self) -> str:
        near = f"; the nearest is {named(self.nearest)}" if self.nearest else ""
        return f"there is no column {named(self.column)} in the {self.where} table{near}"

    @classmethod
    def among(cls, column: str, known: Iterable[str], where: str) -> "NoSuchColumn":
        """The error, with the nearest of the names that there are."""
        by_folded = {name.casefold(): name for name in known}
        close = difflib.get_close_matches(column.casefold(), by_folded, n=1)
        return cls(column, where, by_folded[close[0]] if close else None)


@frozen
class Snapshot:
    """In which state a table was read; holds no secret and no value.

    Attributes:
        name: what people call it: the file's name.
        digest: SHA-256 of its bytes; of a glob, over its sorted names and digests; None for a live table.
        rows: how many rows it had.
        schema_digest: SHA-256 over its columns and their types.
        address: where it is, without password and options.
        addressed: whether the digest pins its content. A live table can change under the same address.
    """

    name: str
    digest: str | None
    rows: int
    schema_digest: str
    address: str
    addressed: bool

    def to_json(self) -> dict[str, Any]:
        """A plain form for the log."""
        return {
            "name": self.name, "digest": self.digest, "rows": self.rows, "schema_digest": self.schema_digest,
            "address": self.address, "addressed": self.addressed,
        }  # fmt: skip


def _stamps(files: tuple[Path, ...]) -> tuple[tuple[int, int], ...]:
    try:
        return tuple((stat.st_size, stat.st_mtime_ns) for stat in (file.stat() for file in files))
    except OSError:
        return ()


@frozen(eq=False)
class Table:
    """A table somewhere, and the engine that counts in it.

    Attributes:
        name: what people call it.
        address: where it is, without secrets.
        engine: who counts.
        relation: what stands after FROM.
        columns: name → kind, in the table's order.
        types: name → the engine's own word for the type.
        files: the files it is made of; empty for a live table or one in memory.
        numbered: (relation, expression): a relation whose expression differs in every row and stays the same from read
            to read; None where the engine has none.
    """

    name: str
    address: str
    engine: Engine
    relation: str
    columns: Mapping[str, Kind]
    types: Mapping[str, str]
    files: tuple[Path, ...] = ()
    numbered: tuple[str, str] | None = None
    _stamps: tuple[tuple[int, int], ...] = field(init=False, repr=False)
    _kept: dict[str, Any] = field(init=False, factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_stamps", _stamps(self.files))

    def rows(self) -> int:
        """How many rows there are."""
        if "rows" not in self._kept:
            self._kept["rows"] = int(self.engine.ask(f"SELECT count(*) FROM {self.relation}")[0][0])
        return int(self._kept["rows"])

    def snapshot(self) -> Snapshot:
        """The state in which the table is read.

        Raises:
            Unreadable: a file changed since the table was opened.
        """
        if "snapshot" not in self._kept:
            rows, of_bytes = self.rows(), _digest(self.files) if self.files else None
            schema = digest([[name, self.types[name]] for name in self.columns])
            self._kept["snapshot"] = Snapshot(self.name, of_bytes, rows, schema, self.address, of_bytes is not None)
        self.refuse_change()
        found: Snapshot = self._kept["snapshot"]
        return found

    def refuse_change(self) -> None:
        """Stop if a file is no longer the one that was opened.

        Raises:
            Unreadable: size or time of a file differ.
        """
        if self.files and _stamps(self.files) != self._stamps:
            raise Unreadable(self.address, "the file changed while it was read", "Wait for its writer, then run again.")

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """The columns of some kinds."""
        return tuple(name for name, kind in self.columns.items() if kind in kinds)

    def close(self) -> None:
        """Let go of files and connections."""
        self.engine.close()


def _digest(files: tuple[Path, ...]) -> str:
    """SHA-256 of one file's bytes; of several, over their sorted names and digests."""
    if len(files) == 1:
        return _of_file(files[0])
    pairs = sorted((file.name, _of_file(file)) for file in files)
    return digest([list(pair) for pair in pairs])


def _of_file(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
