"""What all kinds of files have in common: rows are found, the files concerned replaced, and all asked again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final, Protocol
from urllib.parse import unquote

from attrs import define, evolve, field, frozen

from ombud.errors import Misused, OmbudError, Unreadable
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.matching import Wanted, canonical, columns_of, ready
from ombud.rights.sources.objects import Files
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection, State, Value

Fixed = Mapping[str, Value]
"""Columns that a file's folders name (`country=DE/part-0.parquet`) → the value of all its rows."""

MASKED: Final = "[erased]"
"""Written into a text column that must not be empty, where the map names no mask."""

DISK: Final = "space on disks that was freed and not yet written over, and snapshots of disks"
VERSIONS: Final = "earlier versions of objects, if the store keeps them"


@frozen
class Edit:
    """What becomes of the person's rows.

    Attributes:
        values: column → new value, None to empty it; without any, the rows are deleted.
        where: only rows in which a column holds a value.
        required: what a text column that must not be empty gets instead of None.
    """

    values: Mapping[str, Value] | None = field(default=None, repr=False)
    where: Mapping[str, Value] | None = field(default=None, repr=False)
    required: str | None = None

    @property
    def deletes(self) -> bool:
        """Whether rows go."""
        return self.values is None


@frozen
class Written:
    """What a rewritten file holds: rows before, rows edited, and keys of its metadata that were cleaned."""

    before: int
    edited: int
    cleaned: int = 0

    def after(self, edit: Edit) -> int:
        """Rows it must hold now."""
        return self.before - self.edited if edit.deletes else self.before


class Format(Protocol):
    """How one kind of file is read and written. `name` is only for errors."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How names of its files end."""
        ...

    def rows(
        self, stream: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted], columns: Sequence[str] | None
    ) -> Iterator[dict[str, Value]]:
        """The rows that fit."""
        ...

    def count(self, stream: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted]) -> int:
        """How many rows fit."""
        ...

    def rewrite(
        self, stream: IO[bytes], target: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted], edit: Edit
    ) -> Written:
        """Copy a file with the rows that fit edited."""
        ...

    def verify(self, stream: IO[bytes], original: IO[bytes], name: str, rows: int) -> None:
        """Read a copy back to its last row.

        Raises:
            Unreadable: it does not hold that many rows, or its shape is another.
        """
        ...

    def values(self, stream: IO[bytes], name: str, fixed: Fixed, column: str) -> Iterator[Value]:
        """What a column holds, repeats left out where that is cheap."""
        ...


@define
class Tally:
    """What happened to the files of a collection."""

    found: int = 0
    edited: int = 0
    cleaned: int = 0
    files: list[str] = field(factory=list)
    problems: dict[str, int] = field(factory=dict)
    linked: int = 0

    def fail(self, problem: str) -> None:
        """Say what went wrong, once."""
        self.problems[problem] = self.problems.get(problem, 0) + 1

    def because(self) -> str:
        """All of it, in one sentence."""
        parts = [f"{problem} ({count} files)" if count > 1 else problem for problem, count in self.problems.items()]
        if self.cleaned:
            parts.append(f"{self.cleaned} entries of file metadata held an identifier and were removed")
        return "; ".join(parts)


@frozen
class FileSource:
    """Files of one format."""

    spec: SourceSpec
    files: Files
    format: Format

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Value]]:
        """See `Source`."""
        wanted = ready(matches)
        for name in self.names(collection):
            with Reported(self.shown(name, wanted)) as where, self.files.open(name) as stream:
                yield from self.format.rows(stream, where, self.fixed(name), wanted, columns)

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        """See `Source`."""
        wanted = ready(matches)
        return sum(self._count(name, wanted) for name in self.names(collection))

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        """See `Source`."""
        return tuple(_question(collection, match) for match in matches)

    def names(self, collection: Collection) -> tuple[str, ...]:
        """The files of a collection, below the source's address."""
        return self.files.find(collection.table, self.format.suffixes)

    def fixed(self, name: str) -> Fixed:
        """The columns that a file does not hold itself, because its folders name them."""
        return fixed_of(name)

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:
        """See `Source`. Files have no transaction: each is replaced on its own, and a second call does the rest."""
        here = [one for one in self.spec.collections if one.address in selection]
        return tuple(self._erase(one, ready(selection[one.address]), progress or silent) for one in here)

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """See `Source`; `masked` counts the rows that were changed."""
        collection = {one.address: one for one in self.spec.collections}[change.collection]
        wanted, edit = ready(matches), Edit(change.values, change.where)
        tally = Tally()
        try:
            self._edit_all(self.names(collection), wanted, edit, tally, silent)
            left = self._unchanged(collection, matches, change)
        except OmbudError as error:
            tally.fail(said(error))
            left = 0
        done = self.outcome(collection, edit, tally, left)
        return evolve(done, state=State.CHANGED) if done.state is State.ERASED else done

    def identities(self, collection: Collection, column: str) -> Iterator[str]:
        """See `Source`; after a million distinct values, one may come again."""
        seen: set[str] = set()
        for name in self.names(collection):
            with Reported(self.shown(name, ())) as where, self.files.open(name) as stream:
                for value in self.format.values(stream, where, self.fixed(name), column):
                    text = value if isinstance(value, str) else canonical(value)
                    if text is not None and text not in seen:
                        if len(seen) < 1_000_000:
                            seen.add(text)
                        yield text

    def close(self) -> None:
        """See `Source`; no file stays open between calls."""

    def shown(self, name: str, wanted: Sequence[Wanted]) -> str:
        """A file's name as it may be told: without what its folders and its own name say of a person."""
        columns = set(columns_of(wanted)) | {
            column for one in self.spec.collections for column in (*one.identities, *one.columns)
        }
        parts = (_shown_part(part, columns, wanted) for part in name.split("/"))
        return "/".join(parts)

    # --- one collection ---

    def _erase(self, collection: Collection, wanted: Sequence[Wanted], progress: Progress) -> Outcome:
        tally, edit, left = Tally(), edit_of(collection, wanted), 0
        try:
            names = self.names(collection)
            if collection.on_erase == "keep" or collection.exemption is not None:
                return self.kept(collection, sum(self._count(name, wanted) for name in names))
            self.files.sweep(names)
            self._edit_all(names, wanted, edit, tally, progress)
            left = self._ask_again(collection, wanted, tally)
        except OmbudError as error:
            tally.fail(said(error))
        return self.outcome(collection, edit, tally, left)

    def _edit_all(
        self, names: Sequence[str], wanted: Sequence[Wanted], edit: Edit, tally: Tally, progress: Progress
    ) -> None:
        for place, name in enumerate(names):
            progress(f"searching {self.spec.name}", place, len(names))
            try:
                found = self._count(name, wanted)
                tally.found += found
                if found:
                    progress(f"rewriting {self.shown(name, wanted)}", place, len(names))
                    self._edit(name, wanted, edit, tally)
            except OmbudError as error:
                tally.fail(said(error))
        progress(f"searched {self.spec.name}", len(names), len(names))

    def _edit(self, name: str, wanted: Sequence[Wanted], edit: Edit, tally: Tally) -> None:
        shown, fixed = self.shown(name, wanted), self.fixed(name)
        linked = self.files.links(name) > 1
        with Reported(shown), self.files.replacing(name) as draft:
            with self.files.open(name) as stream:
                written = self.format.rewrite(stream, draft.stream, shown, fixed, wanted, edit)
            if written.edited:
                self._verify(draft, name, shown, wanted, edit, written)
                draft.publish()
                tally.files.append(shown)
        tally.edited += written.edited
        tally.cleaned += written.cleaned
        tally.linked += linked
        if shown != name and edit.deletes and not written.after(edit):
            self.files.remove(name)
        elif edit.deletes and _names(name, wanted):
            tally.fail("the name of a file holds an identifier of the person and other people's rows are in it")

    def _verify(
        self, draft: Any, name: str, shown: str, wanted: Sequence[Wanted], edit: Edit, written: Written
    ) -> None:
        with draft.reread() as copy, self.files.open(name) as original:
            self.format.verify(copy, original, shown, written.after(edit))
        if edit.deletes:
            with draft.reread() as copy:
                if self.format.count(copy, shown, self.fixed(name), wanted):
                    raise Unreadable(shown, "the rewritten file still holds the person and was thrown away")

    def _ask_again(self, collection: Collection, wanted: Sequence[Wanted], tally: Tally) -> int:
        """Files that could not be read were told of already: what they hold is not known, and not zero."""
        left = 0
        for name in self.names(collection):
            try:
                left += self._count(name, wanted)
            except OmbudError as error:
                if not tally.problems:
                    tally.fail(said(error))
        return left

    def _unchanged(self, collection: Collection, matches: Sequence[Match], change: Change) -> int:
        """Rows of the person that do not hold the new values, though they should."""
        columns = tuple(dict.fromkeys((*change.values, *(change.where or ()))))
        old = {name: canonical(value) for name, value in (change.where or {}).items()}
        new = {name: canonical(value) for name, value in change.values.items()}
        rows = list(self.lookup(collection, matches, columns))
        if old:
            rows = [row for row in rows if all(canonical(row[name]) == value for name, value in old.items())]
        return sum(any(canonical(row[name]) != value for name, value in new.items()) for row in rows)

    def _count(self, name: str, wanted: Sequence[Wanted]) -> int:
        if not wanted:
            return 0
        with Reported(self.shown(name, wanted)) as where, self.files.open(name) as stream:
            return self.format.count(stream, where, self.fixed(name), wanted)

    # --- what is said ---

    def kept(self, collection: Collection, found: int) -> Outcome:
        """What is reported of a collection that the map keeps."""
        ground = collection.exemption.ground if collection.exemption else None
        state = State.KEPT if found else State.NOTHING
        because = "the map says that it is kept" if found else ""
        return Outcome(
            collection=collection.address,
            state=state,
            found=found,
            kept=found,
            left=found,
            ground=ground,
            because=because,
        )

    def outcome(self, collection: Collection, edit: Edit, tally: Tally, left: int) -> Outcome:
        """What is reported: failed if anything is in doubt."""
        state = State.ERASED if tally.found else State.NOTHING
        if left:
            tally.fail(f"{left} rows are still found")
        if tally.problems:
            state = State.FAILED
        return Outcome(
            collection=collection.address, state=state, found=tally.found, left=left, files=tuple(tally.files),
            erased=tally.edited if edit.deletes else 0, masked=0 if edit.deletes else tally.edited,
            because=tally.because(), not_covered=self.not_covered(tally) if tally.found or tally.problems else (),
        )  # fmt: skip

    def not_covered(self, tally: Tally) -> tuple[str, ...]:
        """Where copies of what was erased may live on."""
        parts = [DISK if self.files.atomic else VERSIONS]
        if not self.files.atomic:
            parts.append("the moment of the copy: this store replaces an object by a copy, not by renaming")
        if tally.linked:
            parts.append(f"other names of the same file ({tally.linked} hard-linked files)")
        kept = f"for {self.spec.backups}" if self.spec.backups else "for how long is not known"
        return (*parts, f"copies and backups, {kept}")


def fixed_of(name: str) -> dict[str, Value]:
    """The columns that a file's folders name."""
    pairs = (part.partition("=") for part in name.split("/")[:-1] if "=" in part)
    return {unquote(key): None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value) for key, _, value in pairs}


def edit_of(collection: Collection, wanted: Sequence[Wanted]) -> Edit:
    """Delete, or write the masks of the map over whatever is personal and over what the rows were found by."""
    if collection.on_erase != "mask":
        return Edit()
    masks = {name: column.mask for name, column in collection.columns.items()}
    names = dict.fromkeys((*collection.columns, *collection.identities, *columns_of(wanted)))
    return Edit({name: masks.get(name) for name in names}, required=MASKED)


def _question(collection: Collection, match: Match) -> str:
    columns = ", ".join(match.columns)
    compared = "" if match.form == "text" else f", compared as {match.form}"
    return f"rows of {collection.table} whose ({columns}) is one of {len(match.values)} values ?{compared}"


def _shown_part(part: str, columns: set[str], wanted: Sequence[Wanted]) -> str:
    key, mark, _ = part.partition("=")
    if mark and unquote(key) in columns:
        return f"{key}=…"
    return "…" if _names(part, wanted) else part


def _names(name: str, wanted: Sequence[Wanted]) -> bool:
    """Whether a name holds an identifier; those of one to three letters are found in every name and say nothing."""
    plain = unquote(name).casefold()
    values = (part.casefold() for one in wanted for key in one.keys for part in key if len(part) > 3)
    return any(re.search(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", plain) for value in values if value in plain)


def said(error: OmbudError) -> str:
    """What an outcome repeats of an error; errors hold no personal data."""
    return str(error)


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody listens."""


class Reported:
    """Turn what readers and the operating system say into an error that repeats no data; gives the name back."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> str:
        return self.where

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, OmbudError) or not isinstance(error, Exception):
            return
        if isinstance(error, FileNotFoundError):
            raise Unreadable(self.where, "it went away while it was read", "Run the command again.") from None
        if isinstance(error, PermissionError):
            raise Unreadable(self.where, "it may not be read or written", "Ask for the permission.") from None
        if isinstance(error, OSError) and error.errno is not None:
            raise Unreadable(self.where, "the disk or the store refused", "Check space, then run it again.") from None
        if isinstance(error, (Misused, MemoryError, AssertionError)):
            return
        problem = f"it cannot be read as what its name says, or is encrypted ({type(error).__name__})"
        raise Unreadable(self.where, problem) from None
