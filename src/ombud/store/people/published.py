"""The lists as one small file, `.ombud/lists.bin`, that a scoring service reads without a database.

Bytes: magic, the 16-byte keyed hash of all that follows, then canonical JSON. Written whole and renamed into place.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from ombud.errors import NotFound, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.store.errors import reported
from ombud.store.people.listed import Listed
from ombud.store.settings import FOLDER

FILE: Final = "lists.bin"
MAGIC: Final = b"ombud lists 1\n"
_MAC_BYTES: Final = 16


def published_at(root: Path) -> Path:
    """Where the lists of a workspace are published."""
    return root / FOLDER / FILE


def publish(root: Path, key: bytes, lists: Sequence[Listed], fingerprints: Mapping[str, frozenset[bytes]]) -> Path:
    """Write the lists, in place of those before: on return they are on disk."""
    entries = [
        [one.hex(), listed.list, listed.system, listed.since.isoformat(), _iso(listed.until)]
        for listed in lists
        for one in sorted(fingerprints.get(listed.alias, ()))
    ]
    content = canonical({"entries": entries})
    path = published_at(root)
    part = path.with_suffix(f".{os.getpid()}.part")
    with reported(str(path)):
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(MAGIC + _mac(key, content) + content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    return path


def read_published(root: Path, key: bytes) -> list[tuple[bytes, str, str | None, date, date | None]]:
    """The published lists: fingerprint, list, system (None: all), since, until.

    Raises:
        NotFound: none were published.
        Unreadable: the file was changed, or was not written with this key.
    """
    path = published_at(root)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("published lists", str(path), "Publish them with: ombud rights lists publish") from None
    head = len(MAGIC) + _MAC_BYTES
    content = data[head:]
    if not data.startswith(MAGIC) or not hmac.compare_digest(data[len(MAGIC) : head], _mac(key, content)):
        raise Unreadable(str(path), "it was changed, or written with another key", "Publish the lists again.")
    plain: Any = parse(content, FILE)
    return [
        (bytes.fromhex(name), list_, system, date.fromisoformat(since), date.fromisoformat(until) if until else None)
        for name, list_, system, since, until in plain["entries"]
    ]


def _mac(key: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(content, key=key, digest_size=_MAC_BYTES, person=b"ombud lists").digest()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
