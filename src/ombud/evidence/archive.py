"""Files of a bundle as names and bytes: in one zip file or in a folder, written alike, read with suspicion."""

import io
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from attrs import frozen

from ombud.errors import Misused, Unreadable

NAME: Final = re.compile(r"(?:(?:checkpoints|cubes|attachments)/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""What a file in a bundle may be called: no folders but these three, no path that leads elsewhere."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 1 << 20


@frozen
class Limits:
    """How much a bundle may hold; whoever means to read a larger one says so.

    Attributes:
        files: number of files.
        file_bytes: bytes of one file, unpacked.
        total_bytes: bytes of all files, unpacked.
    """

    files: int = 200_000
    file_bytes: int = 1 << 31
    total_bytes: int = 1 << 32


def pack(files: Mapping[str, bytes]) -> bytes:
    """One zip file: the same files always give the same bytes (sorted, dated 1980, not compressed)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(_allowed(name, "bundle"), _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def write(files: Mapping[str, bytes], path: Path) -> None:
    """Write a bundle: a zip file if the name ends in .zip, a folder otherwise.

    Raises:
        Misused: something is there already, or it cannot be written.
    """
    if path.exists():
        raise Misused(f"{path} is there already", "Name a new file or folder; an export never overwrites another.")
    try:
        if path.suffix == ".zip":
            _write_whole(path, pack(files))
            return
        for name in sorted(files):
            target = path / _allowed(name, "bundle")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[name])
    except OSError as error:
        problem = (error.strerror or "it was refused").lower()
        raise Misused(f"{path} cannot be written: {problem}", "Check space and permissions.") from None


def read(path: Path, limits: Limits | None = None) -> dict[str, bytes]:
    """Read a bundle from a zip file or a folder.

    Raises:
        Unreadable: it is missing, damaged, too large, or holds names that no bundle has.
    """
    bounds = limits or Limits()
    try:
        if path.is_dir():
            return _read_folder(path, bounds)
        with zipfile.ZipFile(path) as archive:
            return _read_zip(archive, str(path), bounds)
    except (OSError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError):
        raise Unreadable(str(path), "this is not a bundle: no whole zip file and no folder") from None


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read_zip(archive: zipfile.ZipFile, where: str, limits: Limits) -> dict[str, bytes]:
    entries = archive.infolist()
    files: dict[str, bytes] = {}
    left = _few_enough(len(entries), where, limits)
    for entry in entries:
        name = _allowed(entry.filename, where)
        if name in files:
            raise Unreadable(where, f"two files in it have one name: {name}")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            raise Unreadable(where, f"{name} is packed in a way that bundles are not")
        with archive.open(entry) as file:
            files[name] = _bounded(file, name, where, min(left, limits.file_bytes))
        left -= len(files[name])
    return files


def _read_folder(folder: Path, limits: Limits) -> dict[str, bytes]:
    where = str(folder)
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    files: dict[str, bytes] = {}
    left = _few_enough(len(found), where, limits)
    for path in found:
        name = _allowed(path.relative_to(folder).as_posix(), where)
        if any(part.is_symlink() for part in (path, path.parent)) or not path.is_file():
            raise Unreadable(where, f"{name} is a link or a device, not a file")
        with path.open("rb") as file:
            files[name] = _bounded(file, name, where, min(left, limits.file_bytes))
        left -= len(files[name])
    return files


def _few_enough(count: int, where: str, limits: Limits) -> int:
    if count > limits.files:
        raise Unreadable(where, f"it holds {count} files, more than a bundle may ({limits.files})")
    return limits.total_bytes


def _bounded(file: IO[bytes], name: str, where: str, most: int) -> bytes:
    """Read no more than `most` bytes, whatever the archive claims."""
    parts, left = [], most
    while part := file.read(min(_CHUNK, left + 1)):
        left -= len(part)
        if left < 0:
            raise Unreadable(where, f"{name} unpacks to more than a bundle may hold")
        parts.append(part)
    return b"".join(parts)


def _allowed(name: str, where: str) -> str:
    if not NAME.fullmatch(name) or (os.sep != "/" and os.sep in name):
        raise Unreadable(where, f"no bundle holds a file called {name[:80]!r}")
    return name
