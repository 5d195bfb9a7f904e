"""The lists as one small file, `.ombud/lists.bin`, that a scoring service reads without a database.

Bytes: magic; keyed hash of all that follows; length of a head of canonical JSON, and the head; then records of one
size, one an entry and identity. Written whole and renamed into place, so that a reader sees the lists of before or of
after. It holds keyed hashes, and nothing that names anybody; but whoever holds the key can ask it about people.
"""

import hashlib
import hmac
import os
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import NotFound, OmbudError, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.store.errors import reported
from ombud.store.people.listed import LISTS
from ombud.store.settings import FOLDER

FILE: Final = "lists.bin"
MAGIC: Final = b"ombud lists 1\n"
_MAC_BYTES: Final = 32
_RECORD: Final = struct.Struct("<16sBHii")
"""Fingerprint, list, system (0: all), first day and last day as ordinals (0: for good)."""

WRITTEN: Final[dict[Path, int]] = {}
"""Workspace → how often this process published its lists, so that whoever enforces them here looks again at once."""

Row = tuple[bytes, str, str, date, date | None, str]
"""Keyed hash of an identity, list, system ("": all), first and last day, kind of the identity."""

Entry = tuple[str, str | None, int, int | None]
"""List, system (None: all), first and last day as ordinals (None: for good)."""

_AGAIN: Final = "Publish the lists again: ombud rights lists --publish"


@frozen
class Published:
    """The lists as they were published.

    Attributes:
        at: when, in nanoseconds since 1970; later lists have a greater one.
        kinds: kinds of identities that somebody is listed by.
        entries: keyed hash of an identity → what is said of it.
        bytes: size of the file.
    """

    at: int
    kinds: tuple[str, ...]
    entries: Mapping[bytes, tuple[Entry, ...]] = field(repr=False)
    bytes: int


def published_at(root: Path) -> Path:
    """Where the lists of a workspace are published."""
    return root / FOLDER / FILE


def publish(root: Path, key: bytes, rows: Iterable[Row]) -> Path:
    """Write the lists, in place of those before: on return they are on disk.

    Args:
        root: the workspace's folder; key: the key of people.
        rows: whoever is on a list, one row an entry and identity.
    """
    path = published_at(root)
    content = _content(list(rows), max(time.time_ns(), _last(path, key) + 1))
    part = path.with_suffix(f".{os.getpid()}.part")
    with reported(str(path)):
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(MAGIC + _mac(key, content) + content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    WRITTEN[root] = WRITTEN.get(root, 0) + 1
    return path


def _content(rows: Sequence[Row], at: int) -> bytes:
    systems = sorted({row[2] for row in rows if row[2]})
    number = {"": 0, **{name: place for place, name in enumerate(systems, 1)}}
    which = {name: place for place, name in enumerate(LISTS)}
    day = cache(date.toordinal)
    records = {
        _RECORD.pack(name, which[on], number[system], day(since), day(until) if until else 0)
        for name, on, system, since, until, _ in rows
    }
    kinds = sorted({row[5] for row in rows})
    head = canonical({"at": str(at), "kinds": kinds, "lists": list(LISTS), "systems": systems})
    return struct.pack("<I", len(head)) + head + b"".join(sorted(records))


def _last(path: Path, key: bytes) -> int:
    """When the lists that lie there were published; 0 if there are none that can be believed."""
    try:
        return int(_head(_believed(path, path.read_bytes(), key))[0]["at"])
    except (OSError, OmbudError):
        return 0


def _sync_folder(folder: Path) -> None:
    """A rename is on disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_published(root: Path, key: bytes) -> Published:
    """The lists of a workspace.

    Raises:
        NotFound: none were published.
        Unreadable: the file was changed, or was not written with this key.
    """
    path = published_at(root)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("published lists", str(path), _AGAIN) from None
    except OSError as error:
        raise Unreadable(str(path), (error.strerror or "it cannot be read").lower(), _AGAIN) from None
    return _read(path, data, key)


def _read(path: Path, data: bytes, key: bytes) -> Published:
    said, records = _head(_believed(path, data, key))
    entries: dict[bytes, tuple[Entry, ...]] = {}
    alike: dict[tuple[int, int, int, int], tuple[Entry, ...]] = {}  # many are listed on one day
    for name, *numbers in _RECORD.iter_unpack(records):
        what: Any = tuple(numbers)
        if what not in alike:
            on, system, since, until = what
            alike[what] = ((said["lists"][on], said["systems"][system - 1] if system else None, since, until or None),)
        entries[name] = (*entries[name], *alike[what]) if name in entries else alike[what]
    return Published(int(said["at"]), tuple(said["kinds"]), entries, len(data))


def _believed(path: Path, data: bytes, key: bytes) -> bytes:
    """The content, if it is what was written with the key."""
    head = len(MAGIC) + _MAC_BYTES
    content = data[head:]
    if not data.startswith(MAGIC) or not hmac.compare_digest(data[len(MAGIC) : head], _mac(key, content)):
        raise Unreadable(str(path), "it was changed, cut, or written with another key", _AGAIN)
    return content


def _head(content: bytes) -> tuple[Any, bytes]:
    """What the head says, and the records after it."""
    length = int.from_bytes(content[:4], "little")
    return parse(content[4 : 4 + length], FILE), content[4 + length :]


def _mac(key: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(content, key=key, digest_size=_MAC_BYTES, person=b"ombud lists").digest()
