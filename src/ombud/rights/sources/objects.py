"""Files in a folder or an object store: found by pattern, read, and replaced so that no crash leaves half of one."""

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final, Protocol

from attrs import define, field, frozen

from ombud.errors import Misused, NotFound, OmbudError

DRAFT: Final = ".ombud-erase-"
"""How the names of drafts begin: half-written replacements, hidden from readers, removed when found alone."""

_PATTERN: Final = re.compile(r"[*?\[]")
_REMOTE: Final = re.compile(r"[a-z][a-z0-9+.-]+://")


@define
class Changed(OmbudError):
    """A file is not what it was when its replacement was begun; it was not replaced."""

    next_step: str = "Let its writer finish, then run the command again."

    def __str__(self) -> str:
        return "a file changed while it was rewritten and was left as it is"


class Draft(Protocol):
    """A replacement being written."""

    stream: IO[bytes]

    def reread(self) -> IO[bytes]:
        """What was written, complete and on disk, to be verified."""
        ...

    def publish(self) -> None:
        """Put it in the place of the file.

        Raises:
            Changed: the file changed meanwhile.
        """
        ...


class Files(Protocol):
    """A folder or a bucket."""

    @property
    def atomic(self) -> bool:
        """Whether a file is replaced in one step."""
        ...

    @property
    def where(self) -> str:
        """Its address."""
        ...

    def find(self, table: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """The files that a path, folder or pattern names, sorted, below `where`; hidden ones are left out.

        Raises:
            NotFound: there are none, and the name is not that of a folder.
        """
        ...

    def open(self, name: str) -> IO[bytes]:
        """A file to read from anywhere in it."""
        ...

    def replacing(self, name: str) -> Any:
        """A context with the `Draft` of a file; unless it is published, nothing remains of it."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file, and the folders that become empty by it."""
        ...

    def sweep(self, names: tuple[str, ...]) -> int:
        """Delete drafts that a crash left beside files; how many."""
        ...

    def links(self, name: str) -> int:
        """How many names the same bytes have (hard links)."""
        ...

    def everything(self, folder: str) -> Mapping[str, float | None]:
        """All files below a folder, hidden ones too, and when each was written (seconds), if that is known."""
        ...


def open_files(address: str, base: Path) -> Files:
    """A folder (absolute, or from `base`), or through fsspec what a URL names.

    Raises:
        Misused: the package for that kind of store is not installed.
    """
    if address.startswith("file://"):
        return Folder(Path(address.removeprefix("file://")))
    if not _REMOTE.match(address):
        return Folder((base / Path(address).expanduser()).absolute())
    return _bucket(address)


@frozen
class Folder:
    """A folder on disk: a file is replaced by renaming its replacement over it."""

    root: Path
    atomic: bool = True

    @property
    def where(self) -> str:
        """The folder's path."""
        return str(self.root)

    def find(self, table: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """See `Files`."""
        whole = self.root / table
        if whole.is_dir():
            found = [path for path in whole.rglob("*") if path.name.lower().endswith(suffixes)]
        elif whole.is_file():
            found = [whole]
        else:
            found = _glob(self.root, table)
            if not found:
                raise NotFound("file", table, "Correct the table's path in the map of data.")
        names = (_relative(path, self.root) for path in found if path.is_file())
        return tuple(sorted(name.as_posix() for name in names if _visible(name)))

    def open(self, name: str) -> IO[bytes]:
        """See `Files`."""
        return (self.root / name).open("rb")

    @contextmanager
    def replacing(self, name: str) -> Iterator["_LocalDraft"]:
        """See `Files`; a symbolic link stays one: what it points at is replaced."""
        target = (self.root / name).resolve(strict=True)
        before = _stamp(target)
        handle, written = tempfile.mkstemp(prefix=DRAFT, suffix=".tmp", dir=target.parent)
        draft = Path(written)
        try:
            with os.fdopen(handle, "wb") as stream:
                _lock(stream.fileno())
                yield _LocalDraft(stream, draft, target, before)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()

    def remove(self, name: str) -> None:
        """See `Files`."""
        path = self.root / name
        path.resolve(strict=True).unlink()
        path.unlink(missing_ok=True)
        folder = path.parent
        while folder != self.root and folder.is_relative_to(self.root) and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
        _settle(folder)

    def sweep(self, names: tuple[str, ...]) -> int:
        """See `Files`; a draft that another process is writing is locked by it, and stays."""
        folders = {(self.root / name).resolve().parent for name in names}
        return sum(_remove_unlocked(path) for folder in folders for path in folder.glob(f"{DRAFT}*.tmp"))

    def links(self, name: str) -> int:
        """See `Files`."""
        return (self.root / name).stat().st_nlink

    def everything(self, folder: str) -> Mapping[str, float | None]:
        """See `Files`."""
        found = [path for path in (self.root / folder).rglob("*") if path.is_file()]
        return {_relative(path, self.root).as_posix(): path.stat().st_mtime for path in sorted(found)}


def _glob(root: Path, table: str) -> list[Path]:
    """The parts of a pattern before its first special letter are a folder, which may lie beside the root."""
    parts = (root / table).parts
    start = next((place for place, part in enumerate(parts) if _PATTERN.search(part)), None)
    return [] if start is None else list(Path(*parts[:start]).glob("/".join(parts[start:])))


def _relative(path: Path, root: Path) -> Path:
    """Relative even where the map points beside the source's folder."""
    return Path(os.path.relpath(path, root))


def _visible(name: Path) -> bool:
    """Readers skip names that begin with a dot or an underline; `_key=value` is a partition."""
    return not any(part[:1] in "._" and part != ".." and "=" not in part for part in name.parts)


@frozen
class _LocalDraft:
    stream: IO[bytes]
    path: Path
    target: Path
    before: tuple[int, ...]

    def reread(self) -> IO[bytes]:
        self.stream.flush()
        os.fsync(self.stream.fileno())
        return self.path.open("rb")

    def publish(self) -> None:
        was = self.target.stat()
        self.path.chmod(stat.S_IMODE(was.st_mode))
        with suppress(PermissionError, AttributeError):
            os.chown(self.path, was.st_uid, was.st_gid)
        self.stream.flush()
        os.fsync(self.stream.fileno())
        if _stamp(self.target) != self.before:
            raise Changed
        self.path.replace(self.target)
        _settle(self.target.parent)


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes whenever somebody writes into the file or puts another one in its place."""
    seen = path.stat()
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _settle(folder: Path) -> None:
    """Bring the folder's list of names to disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(handle: int) -> bool:
    """Hold a file as long as it is open; False if another process holds it."""
    try:
        import fcntl
    except ImportError:  # Windows: an open file cannot be deleted there anyway
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove_unlocked(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            if not _lock(stream.fileno()):
                return False
            path.unlink()
    except OSError:
        return False
    return True


@frozen
class Bucket:
    """An object store: a replacement is written beside the object, verified, copied over it and deleted."""

    system: Any
    root: str
    where: str
    atomic: bool = False

    def find(self, table: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """See `Files`."""
        whole = f"{self.root}/{table}".rstrip("/")
        if _PATTERN.search(table):
            found = self.system.glob(whole)
        elif self.system.isfile(whole):
            found = [whole]
        else:
            found = [name for name in self.system.find(whole) if name.lower().endswith(suffixes)]
        if not found and not self.system.isdir(whole):
            raise NotFound("object", table, "Correct the table's path in the map of data.")
        names = (self._short(name) for name in found if self.system.isfile(name))
        return tuple(sorted(name for name in names if _visible(Path(name))))

    def _short(self, name: str) -> str:
        return str(name).lstrip("/").removeprefix(self.root.lstrip("/")).lstrip("/")

    def _whole(self, name: str) -> str:
        return f"{self.root}/{name}"

    def open(self, name: str) -> IO[bytes]:
        """See `Files`."""
        opened: IO[bytes] = self.system.open(self._whole(name), "rb")
        return opened

    @contextmanager
    def replacing(self, name: str) -> Iterator["_RemoteDraft"]:
        """See `Files`."""
        whole = self._whole(name)
        folder = whole.rpartition("/")[0]
        draft = f"{folder}/{DRAFT}{secrets.token_hex(8)}.tmp"
        before = self._stamp(whole)
        opened = _RemoteDraft(
            self.system.open(draft, "wb"), self.system, draft, whole, lambda: self._stamp(whole), before
        )
        try:
            yield opened
        finally:
            opened.stream.close()
            with suppress(FileNotFoundError):
                self.system.rm_file(draft)

    def _stamp(self, whole: str) -> str:
        self.system.invalidate_cache()
        return str(sorted((key, str(value)) for key, value in self.system.info(whole).items()))

    def remove(self, name: str) -> None:
        """See `Files`."""
        self.system.rm_file(self._whole(name))

    def sweep(self, names: tuple[str, ...]) -> int:
        """See `Files`; a bucket has no locks: one eraser at a time."""
        folders = {self._whole(name).rpartition("/")[0] for name in names}
        found = [draft for folder in folders for draft in self.system.glob(f"{folder}/{DRAFT}*.tmp")]
        for draft in found:
            self.system.rm_file(draft)
        return len(found)

    def links(self, name: str) -> int:  # noqa: ARG002 (an object has one name)
        """See `Files`."""
        return 1

    def everything(self, folder: str) -> Mapping[str, float | None]:
        """See `Files`."""
        return dict.fromkeys(sorted(self._short(name) for name in self.system.find(f"{self.root}/{folder}")))


@frozen
class _RemoteDraft:
    stream: IO[bytes]
    system: Any
    draft: str
    target: str
    stamp: Callable[[], str]
    before: str = field(repr=False)

    def reread(self) -> IO[bytes]:
        self.stream.close()
        opened: IO[bytes] = self.system.open(self.draft, "rb")
        return opened

    def publish(self) -> None:
        if self.stamp() != self.before:
            raise Changed
        self.system.cp_file(self.draft, self.target)
        self.system.rm_file(self.draft)


def _bucket(address: str) -> Bucket:
    scheme = address.partition("://")[0]
    try:
        import fsspec
    except ImportError:
        raise Misused("object stores need one more package", "Install it: pip install 'ombud[rights]'") from None
    try:
        system, root = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError):
        hint = f"Install the fsspec package for {scheme}:// (s3fs, gcsfs, adlfs, …)."
        raise Misused(f"{scheme}:// is not opened by any installed package", hint) from None
    return Bucket(system, str(root).rstrip("/"), address)
