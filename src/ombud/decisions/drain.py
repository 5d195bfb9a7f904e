"""The drainer: moves what was spooled into the store, each decision once, whatever ends it and whenever.

What was taken in is marked in the store, and a file is removed only when all of it is there. A drainer that dies before
the mark takes some decisions in again, and finds them there already. One drainer works at a time in a spool.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from ombud.decisions.decision import Decision
from ombud.decisions.frames import Damaged, Record, read_frames
from ombud.decisions.intake import AT_ONCE, take_in
from ombud.decisions.kept import Receipt
from ombud.decisions.plain import decode
from ombud.decisions.spool import files_of, spool_of
from ombud.errors import Unreadable
from ombud.store.decided import Conflict
from ombud.store.errors import reported
from ombud.store.workspace import Workspace

ASIDE: Final = "aside"
"""Folder in the spool for what cannot be taken in: nothing is thrown away that somebody may have to look at."""


@frozen(kw_only=True)
class Drained:
    """What one pass over the spool came to.

    Attributes:
        receipt: what became of the decisions.
        damaged: stretches of bytes that are no records; unreadable: records that are no decisions. Both were set aside,
            and so were decisions that came again with another content (`receipt.differ`).
        torn: files that end in the middle of a record: never acknowledged, or still being written; it is left there.
        files: how many files were emptied and removed.
    """

    receipt: Receipt = field(factory=Receipt)
    damaged: int = 0
    unreadable: int = 0
    torn: int = 0
    files: int = 0

    def __add__(self, other: "Drained") -> "Drained":
        return Drained(
            receipt=self.receipt + other.receipt, damaged=self.damaged + other.damaged,
            unreadable=self.unreadable + other.unreadable, torn=self.torn + other.torn, files=self.files + other.files,
        )  # fmt: skip

    @property
    def clean(self) -> bool:
        """Whether everything that was there was taken in."""
        return not (self.damaged or self.unreadable or self.receipt.differ)

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        counts = {"damaged": self.damaged, "unreadable": self.unreadable, "torn": self.torn, "files": self.files}
        return self.receipt.to_json() | counts


@define(eq=False)
class Drainer:
    """A drainer of one workspace's spool.

    Attributes:
        workspace: whose.
        patient: leave a file that its writer may still use until a second pass has found nothing new in it.
    """

    workspace: Workspace
    patient: bool = False
    _sizes: dict[str, int] = field(factory=dict, init=False, repr=False)

    def drain(self) -> Drained:
        """Take everything in that is there now.

        Raises:
            StoreFailed: the store is locked, full or away. What is not in it yet stays in the spool.
        """
        folder = spool_of(self.workspace.root)
        marks, total = self.workspace.decided.spooled(), Drained()
        files = files_of(folder)
        for name in marks.keys() - {path.name for path in files}:
            self.workspace.decided.forget_spool(name)
        for path in files:
            total += self._file(path, marks.get(path.name, 0))
        return total

    def _file(self, path: Path, offset: int) -> Drained:
        with reported(str(path)):
            data = _rest(path, offset)
        done, reached = Drained(), 0
        for part in _parts(data):
            done += self._take(path, offset, part)
            reached = part[-1].end
            self.workspace.decided.mark_spool(path.name, offset + reached)
        torn = reached < len(data)
        size = offset + reached
        rests = not self.patient or self._sizes.get(path.name) == size
        self._sizes[path.name] = size
        gone = not torn and rests and self._remove(path, size)
        return done + Drained(torn=int(torn), files=int(gone))

    def _take(self, path: Path, offset: int, part: Sequence[Record | Damaged]) -> Drained:
        """Take some records in; set aside whatever is none, or no decision."""
        decisions: list[Decision] = []
        contents: list[bytes] = []
        damaged = unreadable = 0
        for one in part:
            if isinstance(one, Damaged):
                damaged += 1
                self._set_aside(path, offset + one.start, one.content)
                continue
            try:
                decisions.append(decode(one.content))
                contents.append(one.content)
            except Unreadable:
                unreadable += 1
                self._set_aside(path, offset + one.start, one.content)
        receipt = take_in(self.workspace, decisions, contents) if decisions else Receipt()
        for conflict in receipt.differ:
            self._set_aside_second(conflict, contents[conflict.index])
        return Drained(receipt=receipt, damaged=damaged, unreadable=unreadable)

    def _set_aside(self, path: Path, offset: int, content: bytes) -> None:
        _write(path.parent / ASIDE, f"{path.stem}-{offset}", content)

    def _set_aside_second(self, conflict: Conflict, content: bytes) -> None:
        _write(spool_of(self.workspace.root) / ASIDE, f"differs-{conflict.kept.hex()[:16]}-{_digest(content)}", content)

    def _remove(self, path: Path, size: int) -> bool:
        """Remove a file of which everything is in the store, unless its writer has gone on."""
        with contextlib.suppress(FileNotFoundError), reported(str(path)):
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if not _locked(file) or os.fstat(file).st_size != size:
                    return False
                path.unlink()
            finally:
                os.close(file)
        self._sizes.pop(path.name, None)
        self.workspace.decided.forget_spool(path.name)
        return True


@contextlib.contextmanager
def only_drainer(folder: Path, wait: bool = True) -> Iterator[bool]:
    """Be the one that drains a spool; False if another is and nobody wants to wait for it."""
    with reported(str(folder)):
        lock = os.open(folder / "drain.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(lock, wait)
    finally:
        os.close(lock)


def drain(workspace: Workspace) -> Drained:
    """Take everything in that was spooled, waiting for another drainer that is at work."""
    with only_drainer(spool_of(workspace.root)):
        return Drainer(workspace).drain()


def _locked(file: int, wait: bool = False) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _rest(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read()


def _parts(data: bytes) -> Iterator[list[Record | Damaged]]:
    part: list[Record | Damaged] = []
    for one in read_frames(data):
        part.append(one)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write whole, for the owner only; the same again changes nothing."""
    with reported(str(folder)):
        folder.mkdir(mode=0o700, exist_ok=True)
        part = folder / f".{name}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)


def _digest(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()[:16]
