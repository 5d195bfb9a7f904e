"""DSSE envelopes: signed bytes with their type, verified over exactly the bytes that were received."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Unreadable
from ombud.evidence.keys import PublicKey, SigningKey
from ombud.evidence.statement import Statement

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
SIGNATURE_BYTES: Final = 64


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed. Source: DSSE protocol v1.0.0, "PAE"."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@frozen
class Envelope:
    """Bytes, their type, and one signature.

    Attributes:
        payload: the signed bytes, exactly as received.
        key_id: the key that is claimed to have signed; a hint until `verify` has said yes.
        signature: 64 bytes.
        payload_type: what the payload is; in-toto for statements.
        made_here: signed by this very process a moment ago, so that the ledger need not verify its own work on
            receipt. Who reads evidence never looks at it: reading verifies the bytes.
    """

    payload: bytes
    key_id: str
    signature: bytes
    payload_type: str = PAYLOAD_TYPE
    made_here: bool = field(default=False, eq=False, repr=False)

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers."""
        return pre_authentication_encoding(self.payload_type, self.payload)

    def verify(self, public: PublicKey | bytes) -> bool:
        """Whether this key signed these bytes under this type. The claimed key id plays no part."""
        key = public if isinstance(public, PublicKey) else PublicKey(public)
        return key.verifies(self.signature, self.signed)

    def encode(self) -> bytes:
        """The canonical JSON bytes of the envelope.

        Every member is ASCII text, for which Python's own encoder writes the form of RFC 8785 (a test holds it).
        """
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("ascii")

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical envelope; what other statements call this one by."""
        return hashlib.sha256(self.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The JSON form of DSSE v1."""
        return {
            "payload": _text(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.key_id, "sig": _text(self.signature)}],
        }

    @classmethod
    def from_json(cls, data: Any, where: str = "envelope") -> "Envelope":
        """Read one.

        Raises:
            Unreadable: not an envelope with exactly one signature, or base64 in another form than the usual.
        """
        try:
            _exactly(data, ("payload", "payloadType", "signatures"))
            (signature,) = data["signatures"]
            _exactly(signature, ("keyid", "sig"))
            return cls(_bytes(data["payload"]), signature["keyid"], _bytes(signature["sig"]), data["payloadType"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Unreadable(where, "this is not a DSSE envelope with one signature") from None


def sign(statement: Statement, key: SigningKey) -> Envelope:
    """Sign a statement.

    Raises:
        Misused: a statement that lacks what its kind must say.
    """
    return sign_bytes(statement.encode(), PAYLOAD_TYPE, key)


def sign_bytes(payload: bytes, payload_type: str, key: SigningKey) -> Envelope:
    """Sign bytes of another type than a statement."""
    signature = key.sign(pre_authentication_encoding(payload_type, payload))
    return Envelope(payload, key.key_id, signature, payload_type, made_here=True)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    """Decode strictly: one text for the same bytes, so that one envelope has one digest."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if _text(data) != text:
        raise ValueError("base64 with spare bits")
    return data


def _exactly(data: Mapping[str, Any], members: tuple[str, ...]) -> None:
    if not isinstance(data, dict) or set(data) != set(members):
        raise ValueError("other members than expected")
    if any(not isinstance(data[name], str) for name in members if name != "signatures"):
        raise ValueError("a member that is not text")
    if not all(data[name].isascii() for name in members if name != "signatures"):
        raise ValueError("a member that is not ASCII")
