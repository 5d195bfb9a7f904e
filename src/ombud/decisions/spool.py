"""The spool: files to which processes that decide append, and from which a drainer moves decisions into the store.

A file belongs to the process that made it, and only that process appends. For each append it takes the file's lock
for a moment; whoever removes a drained file takes the same lock, so that nothing is ever appended to a file that is
gone. A lock that is taken is not waited for: the writer goes on in a new file.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import threading
from pathlib import Path
from typing import Final

from attrs import define, field

from ombud.decisions.errors import SpoolFailed
from ombud.decisions.frames import frame
from ombud.store.clock import Clock, SystemClock
from ombud.store.settings import FOLDER

LARGEST: Final = 8 << 20
"""Bytes after which a writer begins a new file."""

SUFFIX: Final = ".spool"
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def spool_of(root: Path) -> Path:
    """The spool of a workspace; made if it is not there, for its owner only, and kept out of Git."""
    folder = root / FOLDER / "spool"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="ascii")
    except OSError as error:
        raise _failed(folder, error) from None
    return folder


def files_of(folder: Path) -> list[Path]:
    """The spool files, in about the order in which they were begun."""
    return sorted(folder.glob(f"*{SUFFIX}"))


@define(eq=False)
class Spool:
    """One process's end of the spool. Threads may share it; a child of a fork gets a file of its own.

    Attributes:
        folder: where spool files are; clock: for their names.
    """

    folder: Path
    clock: Clock = field(factory=SystemClock)
    _appending: threading.Lock = field(factory=threading.Lock, init=False, repr=False)
    _syncing: threading.Lock = field(factory=threading.Lock, init=False, repr=False)
    _pid: int = field(factory=os.getpid, init=False, repr=False)
    _path: Path | None = field(default=None, init=False, repr=False)
    _file: int | None = field(default=None, init=False, repr=False)
    _size: int = field(default=0, init=False, repr=False)
    _appended: int = field(default=0, init=False, repr=False)
    _synced: int = field(default=0, init=False, repr=False)
    _lost: list[range] = field(factory=list, init=False, repr=False)
    _unsynced: list[int] = field(factory=list, init=False, repr=False)
    _begun: bool = field(default=False, init=False, repr=False)

    def append(self, *contents: bytes) -> int:
        """Hand records to the operating system; a number to give to `sync`.

        From here on they outlive this process, whatever ends it. They do not outlive the machine before `sync`.

        Raises:
            SpoolFailed: the disk is full, or the folder cannot be written; nothing of them was kept.
        """
        data = b"".join(map(frame, contents))
        if self._pid != os.getpid():
            self._begin_anew()
        with self._appending:
            try:
                self._open_for(len(data))
                self._write(data)
            except OSError as error:
                raise _failed(self._path or self.folder, error) from None
            self._appended += 1
            return self._appended

    def sync(self, number: int | None = None) -> None:
        """Return when everything up to a number (None: everything so far) is on disk.

        Of threads that wait at once, one writes for all.

        Raises:
            SpoolFailed: the disk refused; whether the records are kept is not known.
        """
        wanted = self._appended if number is None else number
        with self._syncing:
            if self._synced < wanted:
                self._sync_all()
            if any(wanted in lost for lost in self._lost):
                raise SpoolFailed(str(self.folder), "the disk refused, so whether the decision is kept is not known")

    def close(self) -> None:
        """Let go of the file; what is in it stays for the drainer. The next append begins a new one."""
        with self._appending:
            self._let_go()

    # --- the file -----------------------------------------------------------------------------------------------------

    def _open_for(self, size: int) -> None:
        """Make sure that there is a file of ours with room for so many bytes, and that it is locked."""
        if self._file is None or self._size + size > LARGEST or not self._locked(self._file):
            self._let_go()
            self._begin()

    def _locked(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        if os.fstat(file).st_nlink:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
        return False

    def _begin(self) -> None:
        begun = self.clock.now().strftime("%Y%m%dT%H%M%S%f")
        self._path = self.folder / f"{begun}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._file = os.open(self._path, _FLAGS, 0o600)
        self._size, self._begun = 0, True
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._unsynced.append(os.dup(self._file))

    def _write(self, data: bytes) -> None:
        """All or nothing: what was written of a record that did not fit is cut off again."""
        assert self._file is not None
        try:
            written = os.write(self._file, data)
            if written < len(data):
                os.ftruncate(self._file, self._size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._size += len(data)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _sync_all(self) -> None:
        with self._appending:
            reached, files, begun = self._appended, self._unsynced, self._begun
            self._unsynced = [os.dup(self._file)] if self._file is not None else []
            self._begun = False
        try:
            for file in files:
                os.fdatasync(file)
            if begun:
                self._sync_folder()
        except OSError:
            # the system may call the same pages clean from now on: whoever waited for them is told, and nobody after
            self._lost.append(range(self._synced + 1, reached + 1))
            self.close()
        finally:
            self._synced = reached
            for file in files:
                os.close(file)

    def _sync_folder(self) -> None:
        """A new file is found after a crash of the machine once its folder is on disk."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _begin_anew(self) -> None:
        """After a fork: the parent's files are not ours to write or to sync, and its locks may never open again."""
        for file in (self._file, *self._unsynced):
            if file is not None:
                with contextlib.suppress(OSError):
                    os.close(file)
        self._appending, self._syncing, self._pid = threading.Lock(), threading.Lock(), os.getpid()
        self._file, self._unsynced, self._begun, self._synced = None, [], False, self._appended


def _failed(path: Path, error: OSError) -> SpoolFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpoolFailed(str(path.parent), "the disk is full, so the decision could not be recorded")
    said = (error.strerror or "the operating system refused").lower()
    return SpoolFailed(str(path), f"the decision could not be recorded: {said}")
