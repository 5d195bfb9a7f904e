"""Ed25519 keys, named by the SHA-256 of their 32 raw public bytes."""

import hashlib
from typing import Final

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ombud.errors import Misused

SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = 32


def key_id(public: bytes) -> str:
    """The name of a key: SHA-256 of its raw public bytes, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()


@frozen(eq=False)
class SigningKey:
    """A private key. It shows itself as its public name only.

    Attributes:
        private: the key itself; never printed.
        public: 32 raw bytes.
        key_id: see `key_id`.
    """

    private: Ed25519PrivateKey = field(repr=False)
    public: bytes = field(init=False, repr=False)
    key_id: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "public", self.private.public_key().public_bytes_raw())
        object.__setattr__(self, "key_id", key_id(self.public))

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed (RFC 8032, section 5.1.5); randomness is the caller's.

        Raises:
            Misused: a seed of another length.
        """
        if len(seed) != SEED_BYTES:
            raise Misused(f"an Ed25519 seed has {SEED_BYTES} bytes, this one {len(seed)}")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`, 64 bytes."""
        return self.private.sign(data)


@frozen
class PublicKey:
    """A public key, read once and used for many signatures.

    Raises:
        Misused: bytes that are no Ed25519 key.
    """

    raw: bytes
    _loaded: Ed25519PublicKey = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        try:
            object.__setattr__(self, "_loaded", Ed25519PublicKey.from_public_bytes(self.raw))
        except ValueError:
            raise Misused(f"an Ed25519 public key has {PUBLIC_BYTES} bytes, this has {len(self.raw)}") from None

    @property
    def key_id(self) -> str:
        """See `key_id`."""
        return key_id(self.raw)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` over exactly these bytes was made with this key."""
        try:
            self._loaded.verify(signature, data)
        except InvalidSignature:
            return False
        return True
