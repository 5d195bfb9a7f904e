"""Checkpoints: the log's size and root hash, signed, as a C2SP signed note and tlog checkpoint.

A checkpoint that somebody else holds is what makes a later change of the log show.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from ombud.errors import Misused, Unreadable
from ombud.evidence.keys import PublicKey, SigningKey

_ED25519: Final = b"\x01"
_SIGNATURE_LINE: Final = re.compile(r"— (\S+) ([A-Za-z0-9+/]+=*)")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
MAX_BYTES: Final = 64_000
_ROOT_BYTES: Final = 32


def origin_of(root_key: str) -> str:
    """The name of a log: it says whose it is by the first characters of its root key."""
    return f"ombud.dev/log/{root_key[:16]}"


def _key_hash(name: str, public: bytes) -> bytes:
    """Four bytes that say which key signed (C2SP signed note, "Signatures")."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


@frozen
class Checkpoint:
    """What a log promised about itself.

    Attributes:
        origin: name of the log.
        size: number of entries.
        root: root hash of the tree, 32 bytes.
        extensions: further lines; kept, not understood.
        signatures: name and bytes (4 bytes of key hash, then the signature) of each signature line.
    """

    origin: str
    size: int
    root: bytes = field(repr=lambda root: root.hex()[:16])
    extensions: tuple[str, ...] = ()
    signatures: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    @property
    def body(self) -> bytes:
        """The signed text."""
        lines = (self.origin, str(self.size), _text(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines).encode()

    def signed(self, key: SigningKey) -> "Checkpoint":
        """The checkpoint with one more signature, under the log's own name."""
        signature = _key_hash(self.origin, key.public) + key.sign(self.body)
        return Checkpoint(
            self.origin, self.size, self.root, self.extensions, (*self.signatures, (self.origin, signature))
        )

    def signed_by(self, keys: Sequence[PublicKey]) -> PublicKey | None:
        """The first of these keys that signed it under the log's name; None if none did."""
        for name, signature in self.signatures:
            for key in keys if name == self.origin else ():
                named = signature[:4] == _key_hash(name, key.raw)
                if named and key.verifies(signature[4:], self.body):
                    return key
        return None

    def encode(self) -> str:
        """The signed note. Source: C2SP signed-note v1, tlog-checkpoint v1."""
        lines = "".join(f"— {name} {_text(signature)}\n" for name, signature in self.signatures)
        return f"{self.body.decode()}\n{lines}"

    @classmethod
    def read(cls, text: str, where: str = "checkpoint") -> "Checkpoint":
        """Read a signed note. Whether a known key signed it is another question: `signed_by`.

        Raises:
            Unreadable: not a checkpoint.
        """
        try:
            return _read(text)
        except (ValueError, binascii.Error):
            raise Unreadable(where, "this is not a signed checkpoint of a log") from None


def _read(text: str) -> Checkpoint:
    body, gap, signatures = text.partition("\n\n")
    origin, size, root, *extensions = body.split("\n")
    lines = signatures.removesuffix("\n").split("\n")
    found = [_SIGNATURE_LINE.fullmatch(line) for line in lines]
    if len(text) > MAX_BYTES or not gap or not signatures.endswith("\n") or not all(found) or not origin.strip():
        raise ValueError
    signed = tuple((one[1], _bytes(one[2])) for one in found if one)
    if not _SIZE.fullmatch(size) or len(_bytes(root)) != _ROOT_BYTES or "" in extensions:
        raise ValueError
    return Checkpoint(origin, int(size), _bytes(root), tuple(extensions), signed)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if _text(data) != text:
        raise ValueError
    return data


def checkpoint(root_key: str, size: int, root: bytes) -> Checkpoint:
    """The unsigned checkpoint of a log.

    Raises:
        Misused: a size below zero.
    """
    if size < 0:
        raise Misused(f"a log cannot have {size} entries")
    return Checkpoint(origin_of(root_key), size, root)
