"""The key under which people are hashed. Without it nobody can be found in lists or memberships any more."""

import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from ombud.errors import Misused, Unreadable
from ombud.store.errors import reported
from ombud.store.identity import Identity

KEY: Final = "people.key"
BYTES: Final = 32
FINGERPRINT_BYTES: Final = 16


def people_key(folder: Path) -> bytes:
    """The key of a workspace, made when it is first needed.

    Raises:
        Misused: others than its owner may read it.
        Unreadable: the file is no such key.
    """
    path = folder / KEY
    with reported(str(path)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(path)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES))
            file.flush()
            os.fsync(file.fileno())
        return _read(path)


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Misused(f"others than its owner may read {path}", f"Run: chmod 600 {path}")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise Unreadable(str(path), "this is no key of people", "Restore it from a backup of .ombud/keys.")
    return key


def fingerprint(key: bytes, kind: str, comparable: str) -> bytes:
    """Keyed BLAKE2b (RFC 7693), 16 bytes, over a kind and a value in its comparable form."""
    said = f"{kind}\0{comparable}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, key=key, digest_size=FINGERPRINT_BYTES).digest()


def fingerprint_of(key: bytes, identity: Identity) -> bytes:
    """The fingerprint of an identity."""
    return fingerprint(key, identity.kind, identity.comparable)
