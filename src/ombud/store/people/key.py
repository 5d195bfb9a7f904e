"""The key under which people are hashed. Without it nobody can be found in lists or memberships any more."""

import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert, select

from ombud.errors import Misused, NotFound, Unreadable
from ombud.store.database import Database
from ombud.store.errors import reported
from ombud.store.identity import Identity
from ombud.store.schema import PEOPLE_KEY

KEY: Final = "people.key"
BYTES: Final = 32
FINGERPRINT_BYTES: Final = 16

_LOST: Final = (
    "Restore it from a backup of .ombud/keys. Without it nobody can be found in the lists or in the tables of this "
    "store any more: not by Ombud, and not by anybody else."
)


def key_of(folder: Path, database: Database) -> bytes:
    """The key of a workspace, made when it is first needed; held against what the store was written with.

    Args:
        folder: where private keys are; database: the store.

    Raises:
        NotFound: the store was written with a key that is not here any more.
        Unreadable: the file is no such key, or is not the store's.
        Misused: others than its owner may read it.
    """
    with database.reading() as connection:
        mark = _mark_in(connection)
    if mark is None:
        key = people_key(folder)
        with database.writing() as connection:
            mark = _mark_in(connection)
            if mark is None:
                connection.execute(insert(PEOPLE_KEY), [{"mark": mark_of(key)}])
                return key
    return _the_store_s(read_key(folder), mark, folder / KEY)


def people_key(folder: Path) -> bytes:
    """The key in a folder, made if there is none.

    Raises:
        Misused, Unreadable: as `read_key`.
    """
    path = folder / KEY
    if not path.exists():
        with reported(str(path)):
            _make(path)
    return read_key(folder)


def read_key(folder: Path) -> bytes:
    """The key in a folder.

    Raises:
        NotFound: it is not there.
        Misused: others than its owner may read it.
        Unreadable: the file is no such key.
    """
    path = folder / KEY
    if not path.is_file():
        raise NotFound("key of people", str(path), _LOST)
    with reported(str(path)):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Misused(f"others than its owner may read {path}", f"Run: chmod 600 {path}")
        written = path.read_bytes()
    try:
        key = bytes.fromhex(written.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise Unreadable(str(path), "this is no key of people", _LOST)
    return key


def _make(path: Path) -> None:
    """Write a new key whole, then give it its name: of two that begin at once, one key is everybody's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _the_store_s(key: bytes, mark: bytes, path: Path) -> bytes:
    if mark_of(key) != mark:
        raise Unreadable(str(path), "this is not the key that the people of this store were hashed with", _LOST)
    return key


def _mark_in(connection: Connection) -> bytes | None:
    found = connection.execute(select(PEOPLE_KEY.c.mark)).scalar()
    return None if found is None else bytes(found)


def mark_of(key: bytes) -> bytes:
    """What tells a key from another without giving it away."""
    return hashlib.blake2b(b"", key=key, digest_size=FINGERPRINT_BYTES, person=b"ombud key").digest()


def fingerprint(key: bytes, kind: str, comparable: str) -> bytes:
    """Keyed BLAKE2b (RFC 7693), 16 bytes, over a kind and a value in its comparable form."""
    said = f"{kind}\0{comparable}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, key=key, digest_size=FINGERPRINT_BYTES).digest()


def fingerprint_of(key: bytes, identity: Identity) -> bytes:
    """The fingerprint of an identity."""
    return fingerprint(key, identity.kind, identity.comparable)
