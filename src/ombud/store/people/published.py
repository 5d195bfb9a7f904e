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
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import NotFound, OmbudError, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.store.errors import reported
from ombud.store.people.listed import LISTS, Listed
from ombud.store.settings import FOLDER

FILE: Final = "lists.bin"
MAGIC: Final = b"ombud lists 1\n"
_MAC_BYTES: Final = 32
_RECORD: Final = struct.Struct("<16sBHii")
"""Fingerprint, list, system (0: all), first day and last day as ordinals (0: for good)."""

WRITTEN: Final[dict[Path, int]] = {}
"""Workspace → how often this process published its lists, so that whoever enforces them here looks again at once."""

_AGAIN: Final = "Publish the lists again: ombud rights lists --publish"


@frozen
class Published:
    """The lists as they were published.

    Attributes:
        at: when, in nanoseconds since 1970; later lists have a greater one.
        kinds: kinds of identities that somebody is listed by.
        entries: fingerprint → (list, system or None for all, first day, last day or None), days as ordinals.
        bytes: size of the file.
    """

    at: int
    kinds: tuple[str, ...]
    entries: Mapping[bytes, tuple[tuple[str, str | None, int, int | None], ...]] = field(repr=False)
    bytes: int


def published_at(root: Path) -> Path:
    """Where the lists of a workspace are published."""
    return root / FOLDER / FILE


def publish(root: Path, key: bytes, lists: Sequence[Listed], prints: Iterable[tuple[str, bytes, str]]) -> Path:
    """Write the lists, in place of those before: on return they are on disk.

    Args:
        root: the workspace's folder; key: the key of people.
        lists: everybody on a list; prints: alias, fingerprint and kind of each identity of theirs.
    """
    path = published_at(root)
    content = _content(lists, list(prints), max(time.time_ns(), _last(path, key) + 1))
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


def _content(lists: Sequence[Listed], prints: Sequence[tuple[str, bytes, str]], at: int) -> bytes:
    systems = sorted({one.system for one in lists if one.system})
    by_alias: dict[str, list[Listed]] = {}
    for one in lists:
        by_alias.setdefault(one.alias, []).append(one)
    kinds = sorted({kind for alias, _, kind in prints if alias in by_alias})
    records = {
        _RECORD.pack(
            name, LISTS.index(one.list), 1 + systems.index(one.system) if one.system else 0,
            one.since.toordinal(), one.until.toordinal() if one.until else 0,
        )
        for alias, name, _ in prints
        for one in by_alias.get(alias, ())
    }  # fmt: skip
    head = canonical({"at": str(at), "kinds": kinds, "lists": list(LISTS), "systems": systems})
    return struct.pack("<I", len(head)) + head + b"".join(sorted(records))


def _last(path: Path, key: bytes) -> int:
    """When the lists that lie there were published; 0 if there are none that can be believed."""
    try:
        return _read(path, path.read_bytes(), key).at
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
    head = len(MAGIC) + _MAC_BYTES
    content = data[head:]
    if not data.startswith(MAGIC) or not hmac.compare_digest(data[len(MAGIC) : head], _mac(key, content)):
        raise Unreadable(str(path), "it was changed, cut, or written with another key", _AGAIN)
    length = int.from_bytes(content[:4], "little")
    said: Any = parse(content[4 : 4 + length], FILE)
    entries: dict[bytes, tuple[tuple[str, str | None, int, int | None], ...]] = {}
    for name, list_, system, since, until in _RECORD.iter_unpack(content[4 + length :]):
        entry = (said["lists"][list_], said["systems"][system - 1] if system else None, since, until or None)
        entries[name] = (*entries.get(name, ()), entry)
    return Published(int(said["at"]), tuple(said["kinds"]), entries, len(data))


def _mac(key: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(content, key=key, digest_size=_MAC_BYTES, person=b"ombud lists").digest()
