"""The anchor: checkpoints written to plain files outside the store, so that a store cannot quietly go back.

`ombud.checkpoint` holds the newest one, as a signed note; `ombud.checkpoint.history` gets one line for each, and only
grows. Both are small text, made to be committed to Git, where whoever pulls holds them too.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from ombud.errors import Unreadable
from ombud.evidence.checkpoint import MAX_BYTES, Checkpoint
from ombud.evidence.errors import LedgerBroken
from ombud.store.errors import reported


@frozen
class Anchor:
    """Where checkpoints are kept.

    Attributes:
        path: the file with the newest one.
    """

    path: Path

    @property
    def history(self) -> Path:
        """The file with one line for each checkpoint."""
        return self.path.with_name(self.path.name + ".history")

    def read(self) -> Checkpoint | None:
        """The newest checkpoint; None if there never was one.

        Raises:
            LedgerBroken: the file is not a checkpoint any more.
        """
        with reported(str(self.path)):
            if not self.path.exists():
                return None
            if self.path.stat().st_size > MAX_BYTES:
                raise self._broken()
            data = self.path.read_bytes()
        try:
            return Checkpoint.read(data.decode(), str(self.path))
        except (Unreadable, UnicodeDecodeError):
            raise self._broken() from None

    def write(self, checkpoint: Checkpoint) -> None:
        """Add to the history, then put the newest in place in one step; both are on disk on return."""
        with reported(str(self.path)):
            _append_line(self.history, _line(checkpoint))
            replace_whole(self.path, checkpoint.encode())

    def all(self) -> Iterator[Checkpoint]:
        """Every checkpoint of the history, oldest first; a last line cut short by a crash is not one.

        Raises:
            LedgerBroken: a line is not a checkpoint.
        """
        if not self.history.exists():
            return
        with reported(str(self.history)), self.history.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if line.endswith("\n"):
                    yield self._from_line(number, line)

    def _from_line(self, number: int, line: str) -> Checkpoint:
        try:
            origin, size, root, signature = line.split()
            return Checkpoint.read(f"{origin}\n{size}\n{root}\n\n— {origin} {signature}\n")
        except (ValueError, Unreadable):
            raise LedgerBroken(str(self.history), f"line {number} is not a checkpoint") from None

    def _broken(self) -> LedgerBroken:
        return LedgerBroken(
            str(self.path), "this is not a checkpoint any more", "Restore the file, for example from Git."
        )


def _line(checkpoint: Checkpoint) -> str:
    """Origin, size, root and signature on one line."""
    body, _, signatures = checkpoint.encode().partition("\n\n")
    return f"{' '.join(body.split(chr(10)))} {signatures.split()[-1]}\n"


def _append_line(path: Path, line: str) -> None:
    """Append in one write; a line that a crash cut short before is ended first."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.ftruncate(descriptor, _whole(descriptor, size)) if torn else None
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _whole(descriptor: int, size: int) -> int:
    """Length up to and with the last line end."""
    start = max(0, size - MAX_BYTES)
    return start + os.pread(descriptor, size - start, start).rfind(b"\n") + 1


def replace_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new one, never a part."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
