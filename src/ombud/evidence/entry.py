"""Entries: what the log holds at one position, exactly as it was hashed."""

import hashlib
import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import evolve, field, frozen

from ombud.errors import Unreadable
from ombud.evidence.dsse import PAYLOAD_TYPE, Envelope
from ombud.evidence.instants import is_instant
from ombud.evidence.keys import PublicKey
from ombud.evidence.statement import Statement
from ombud.evidence.tree import leaf_hash

CLOCK_BEHIND: Final = "clock behind"
"""Flag of an entry that came in while the clock stood before the entry ahead of it; the order is the log's."""


def leaf_data(received_at: str, envelope: bytes, flags: Sequence[str] = ()) -> bytes:
    """The canonical bytes that the Merkle tree hashes for an entry; `flags` is left out where there is none."""
    flagged = (
        b'"flags":%b,' % json.dumps(list(flags), separators=(",", ":"), ensure_ascii=False).encode() if flags else b""
    )
    return b'{"envelope":%b,%b"received_at":"%b"}' % (envelope, flagged, received_at.encode("ascii"))


_USUAL: Final = re.compile(
    rb'\{"envelope":(\{"payload":"([A-Za-z0-9+/]*={0,2})","payloadType":"application/vnd\.in-toto\+json","signatures":'
    rb'\[\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{86}==)"\}\]\}),"received_at":"([0-9TZ:.-]{27})"\}'
)
"""The canonical form of nearly every entry; what is written otherwise is read the long way."""


def _quickly(usual: re.Match[bytes]) -> Envelope | None:
    """The envelope of a usual entry; None if its base64 is not the one way to write these bytes."""
    try:
        payload, signature = a2b_base64(usual[2]), a2b_base64(usual[4])
    except ValueError:
        return None
    if b2a_base64(payload, newline=False) != usual[2] or b2a_base64(signature, newline=False) != usual[4]:
        return None
    return Envelope(payload, usual[3].decode(), signature)


def _flags(flags: Sequence[object]) -> bool:
    return all(isinstance(flag, str) and flag.isascii() for flag in flags)


@frozen
class Signer:
    """Whose key signed an entry, by the keyring at the entry's position."""

    person: str
    key_id: str
    roles: frozenset[str] = frozenset()


@frozen
class Entry:
    """One signed statement at one position of the log.

    Attributes:
        index: position, counted from 0.
        received_at: when the log took it; strictly increasing.
        envelope: the statement as signed.
        digest: SHA-256 of the canonical envelope; how other statements name this one.
        leaf: the bytes that the tree hashes.
        flags: what the log noticed on receipt (`CLOCK_BEHIND`).
        signer: who signed; set on the entries that `Log.trusted` gives.
        withdrawn_from: instant from which it is withdrawn, if it is; set by `Log.trusted` too.
    """

    index: int
    received_at: str
    envelope: Envelope = field(eq=False, repr=False)
    digest: str
    leaf: bytes = field(eq=False, repr=False)
    flags: tuple[str, ...] = ()
    signer: Signer | None = field(default=None, eq=False)
    withdrawn_from: str | None = field(default=None, eq=False)

    @classmethod
    def read(cls, index: int, leaf: bytes) -> "Entry":
        """Read an entry from its leaf.

        Raises:
            Unreadable: not the canonical form of an entry.
        """
        usual = _USUAL.fullmatch(leaf)
        envelope = _quickly(usual) if usual else None
        if usual is None or envelope is None or not is_instant(usual[5].decode()):
            return cls._read_any(index, leaf)
        return cls(index, usual[5].decode(), envelope, hashlib.sha256(usual[1]).hexdigest(), leaf)

    @classmethod
    def _read_any(cls, index: int, leaf: bytes) -> "Entry":
        where = f"entry {index}"
        try:
            data = json.loads(leaf)
            flags, received_at = data.get("flags", []), data["received_at"]
            envelope = Envelope.from_json(data["envelope"], where)
        except (ValueError, KeyError, AttributeError, RecursionError):
            raise Unreadable(where, "this is not an entry of the log") from None
        if not is_instant(received_at) or not isinstance(flags, list) or not _flags(flags):
            raise Unreadable(where, "its received_at or its flags are not what the log writes")
        encoded = envelope.encode()
        if leaf_data(received_at, encoded, flags) != leaf:
            raise Unreadable(where, "this is not the canonical form of an entry")
        return cls(index, received_at, envelope, hashlib.sha256(encoded).hexdigest(), leaf, tuple(flags))

    @classmethod
    def at(cls, index: int, received_at: str, envelope: Envelope, flags: Sequence[str] = ()) -> "Entry":
        """The entry that an envelope becomes at a position and time."""
        encoded = envelope.encode()
        leaf = leaf_data(received_at, encoded, flags)
        return cls(index, received_at, envelope, hashlib.sha256(encoded).hexdigest(), leaf, tuple(flags))

    @property
    def statement(self) -> Statement:
        """What was said; an empty statement of kind "unreadable" if the signed bytes are none."""
        return self._reading[0]

    @property
    def problem(self) -> str | None:
        """Why the signed bytes do not count as a statement of their kind; None if they do."""
        return self._reading[1]

    @property
    def leaf_hash(self) -> bytes:
        """Hash of the leaf in the tree (RFC 9162, section 2.1.1)."""
        return leaf_hash(self.leaf)

    @property
    def holder(self) -> str:
        """The person or machine who signed; empty where the signature is not attributed."""
        return self.signer.person if self.signer else ""

    @property
    def roles(self) -> frozenset[str]:
        """The roles that the signer had at this position."""
        return self.signer.roles if self.signer else frozenset()

    def by(self, signer: Signer, withdrawn_from: str | None) -> "Entry":
        """The same entry with what the keyring and the revocations say of it."""
        return evolve(self, signer=signer, withdrawn_from=withdrawn_from)

    @cached_property
    def _reading(self) -> tuple[Statement, str | None]:
        if self.envelope.payload_type != PAYLOAD_TYPE:
            return _UNREADABLE, "its payload is not an in-toto statement"
        try:
            statement = Statement.read(self.envelope.payload, f"entry {self.index}")
        except Unreadable as error:
            return _UNREADABLE, error.problem
        return statement, statement.problem


_UNREADABLE: Final = Statement((), "unreadable", {}, 0)


@frozen
class Examined:
    """What can be said of an entry wherever it stands.

    Attributes:
        kind: kind of the statement.
        known: whether this version understands the kind.
        problem: why the bytes do not count; None if they do.
        signed: whether the signature fits the key it names; None if nobody has shown that key.
    """

    kind: str
    known: bool
    problem: str | None
    signed: bool | None


def examine(entries: Iterable[Entry], publics: Mapping[str, bytes]) -> tuple[Examined, ...]:
    """Read every statement and verify every signature, one after the other (about 0.15 ms an entry)."""
    keys = {name: PublicKey(raw) for name, raw in publics.items()}
    return tuple(_examined(entry, keys.get(entry.envelope.key_id)) for entry in entries)


def _examined(entry: Entry, key: PublicKey | None) -> Examined:
    signed = None if key is None else entry.envelope.verify(key)
    statement = entry.statement
    return Examined(statement.kind, statement.known, entry.problem, signed)
