"""Look for a person in files, and prove that they are gone: found before, nowhere after, and nothing left unread."""

import mmap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from attrs import field, frozen

from ombud.errors import NotFound
from ombud.rights.proof.decode import decode
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.matcher import Matcher
from ombud.rights.proof.sink import Gathered, Place, Sink, Unread, hidden

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@frozen(kw_only=True)
class Scan:
    """What a scan saw. It names files, kinds and counts, never an identifier.

    Attributes:
        files: how many were read; bytes: how large they are together.
        found: where identifiers stand.
        possible: Bloom filters that answer "possible" about as often as chance would have it.
        not_read: what could not be decoded, and why.
        identifiers: how many were looked for; seen: which of them, by their place in the list, were found.
        too_short: how many are shorter than four letters and were not looked for.
    """

    files: int
    bytes: int
    found: tuple[Place, ...]
    possible: tuple[Place, ...]
    not_read: tuple[Unread, ...]
    identifiers: int
    seen: frozenset[int]
    too_short: int = 0
    asked: frozenset[Identifier] = field(default=frozenset(), repr=False)

    @property
    def hits(self) -> int:
        """How often identifiers were seen, all places together."""
        return sum(place.count for place in self.found)

    @property
    def clean(self) -> bool:
        """Nothing found, everything read, everything looked for."""
        return not self.found and not self.not_read and not self.too_short


@frozen
class Proof:
    """Whether two scans prove an erasure, and why or why not; without personal data."""

    proved: bool
    because: str


def scan(
    paths: Iterable[Path],
    identifiers: Sequence[Identifier],
    progress: Progress | None = None,
    *,
    base: Path | None = None,
) -> Scan:
    """Read files and folders to the last byte and look for identifiers.

    Args:
        paths: files, and folders with all that is in them.
        identifiers: what is looked for.
        progress: told file by file.
        base: names are told from there on; default: as the paths are given.

    Raises:
        NotFound: a path is not there.
    """
    matcher, gathered = Matcher.of(identifiers), Gathered()
    files = list(_files(paths))
    for done, path in enumerate(files):
        name = hidden(_shown(path, base), matcher)
        if progress is not None:
            progress(f"reading {name}", done, len(files))
        _file(path, name, matcher, gathered)
    return _result(len(files), gathered, identifiers)


def prove(before: Scan, after: Scan) -> Proof:
    """Hold a scan after an erasure against the one before it, the positive control.

    It is proved if the first saw every identifier, so that it is known to be able to, and the second saw none and
    read everything.
    """
    if before.asked != after.asked or not before.asked:
        return Proof(False, "the two scans did not look for the same identifiers")
    if after.found:
        return Proof(False, f"identifiers still stand in {len({one.file for one in after.found})} files")
    if after.not_read:
        return Proof(False, f"{len(after.not_read)} files or parts could not be read")
    if after.too_short:
        return Proof(False, f"{after.too_short} identifiers are too short to be told from anything else")
    if len(before.seen) < before.identifiers:
        missed = before.identifiers - len(before.seen)
        return Proof(False, f"{missed} of {before.identifiers} identifiers were not seen before: there is no control")
    said = f"all {before.identifiers} identifiers were found before ({before.hits} times), none after, all was read"
    chance = sum(one.count for one in after.possible)
    return Proof(True, f"{said}; {chance} Bloom filters answer 'possible', as chance would have it" if chance else said)


def _result(files: int, gathered: Gathered, identifiers: Sequence[Identifier]) -> Scan:
    def places(counts: dict[tuple[str, str], int]) -> tuple[Place, ...]:
        return tuple(sorted(Place(file, kind, count) for (file, kind), count in counts.items()))

    return Scan(
        files=files, bytes=gathered.bytes, found=places(gathered.places), possible=places(gathered.possible),
        not_read=tuple(sorted(Unread(file, reason) for file, reason in gathered.unread)),
        identifiers=len(identifiers), seen=frozenset(gathered.seen), asked=frozenset(identifiers),
        too_short=sum(one.short for one in identifiers),
    )  # fmt: skip


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file() or one.is_symlink())
        elif path.exists():
            yield path
        else:
            raise NotFound("a file to be scanned", path.parent.name)


def _shown(path: Path, base: Path | None) -> str:
    within = base is not None and path.is_relative_to(base)
    return (path.relative_to(base) if within and base is not None else path).as_posix()


def _file(path: Path, name: str, matcher: Matcher, gathered: Gathered) -> None:
    sink = Sink(matcher, name, gathered, "Delta log" if "_delta_log" in path.parts else "")
    sink.text("file name", path.name.encode("utf-8", "surrogateescape"))
    sink.text("file name", "\0".join(path.parent.parts).encode("utf-8", "surrogateescape")) if "…" in name else None
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            gathered.bytes += size
            if size:
                with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole, memoryview(whole) as view:
                    decode(view, sink, _base(path))
    except OSError:
        sink.unread("it cannot be opened")
    except MemoryError:
        sink.unread("it does not fit in memory")
    sink.flush()


def _base(path: Path) -> memoryview | None:
    """The database of a log."""
    for ending in ("-wal", "-journal"):
        if path.name.endswith(ending):
            database = path.with_name(path.name.removesuffix(ending))
            if not database.is_file() or not database.stat().st_size:
                return None
            with database.open("rb") as stream:
                return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    return None
