"""Private keys in files: PEM (PKCS #8), readable by their owner only, with a passphrase if one is set."""

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ombud.errors import Misused, NotFound, Unreadable
from ombud.evidence.keys import SEED_BYTES, SigningKey
from ombud.store.errors import reported

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
PASSPHRASE: Final = "OMBUD_KEY_PASSPHRASE"  # noqa: S105


@frozen
class KeyFiles:
    """The private keys of one workspace, one file a holder.

    Attributes:
        folder: where they are.
        passphrase: what they are encrypted with; None if they are not.
    """

    folder: Path
    passphrase: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, folder: Path) -> "KeyFiles":
        """The keys in a folder, with the passphrase from OMBUD_KEY_PASSPHRASE if it is set."""
        word = os.environ.get(PASSPHRASE)
        return cls(folder, word.encode() if word else None)

    def names(self) -> tuple[str, ...]:
        """The holders whose private key is here, sorted."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.pem") if _NAME.fullmatch(path.stem)))

    def has(self, holder: str) -> bool:
        """Whether the holder's private key is here."""
        return self.path(holder).is_file()

    def path(self, holder: str) -> Path:
        """The file of a holder.

        Raises:
            Misused: the name cannot be one of a file.
        """
        if not _NAME.fullmatch(holder):
            raise Misused(
                f"{holder!r} cannot be the name of a holder",
                "Use small letters, digits, - and _; a role or an alias rather than a person's full name.",
            )
        return self.folder / f"{holder}.pem"

    def generate(self) -> SigningKey:
        """A new key, not yet kept anywhere."""
        return SigningKey.from_seed(secrets.token_bytes(SEED_BYTES))

    def save(self, holder: str, key: SigningKey) -> Path:
        """Keep a key; one that is there already is never overwritten.

        Raises:
            Misused: the holder has a key here.
        """
        path = self.path(holder)
        pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, self._encryption())
        with reported(str(path)):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                raise Misused(f"{holder} has a key here already: {path}", "Use: ombud keys rotate") from None
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
        return path

    def load(self, holder: str) -> SigningKey:
        """The holder's private key.

        Raises:
            NotFound: it is not here.
            Misused: others may read the file, or the passphrase is wrong or missing.
            Unreadable: the file is not an Ed25519 key.
        """
        path = self.path(holder)
        if not path.is_file():
            raise NotFound(f"private key of {holder}", str(path), "See `ombud keys list` for the keys that are here.")
        with reported(str(path)):
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise Misused(f"others than its owner may read {path}", f"Run: chmod 600 {path}")
            data = path.read_bytes()
        return SigningKey(self._private(path, data))

    def set_aside(self, holder: str) -> Path:
        """Move a holder's key out of the way, under its key id, before another takes its place."""
        path = self.path(holder)
        aside = path.with_name(f"{holder}.{self.load(holder).key_id[:12]}.old")
        with reported(str(path)):
            path.rename(aside)
        return aside

    def put_back(self, holder: str, aside: Path) -> None:
        """Undo `set_aside`: the log did not take the new key."""
        with reported(str(aside)):
            aside.replace(self.path(holder))

    def discard(self, holder: str) -> None:
        """Remove a key that the log did not take."""
        self.path(holder).unlink(missing_ok=True)

    def _private(self, path: Path, data: bytes) -> Ed25519PrivateKey:
        encrypted = b"ENCRYPTED" in data
        if encrypted and self.passphrase is None:
            raise Misused(f"{path} is encrypted", f"Set {PASSPHRASE} to its passphrase.")
        try:
            key = load_pem_private_key(data, self.passphrase if encrypted else None)
        except ValueError:
            if encrypted:
                raise Misused(f"the passphrase does not open {path}", f"Set {PASSPHRASE} to the right one.") from None
            raise Unreadable(str(path), "this is not a private key in PEM form") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise Unreadable(str(path), "this is a private key, but not an Ed25519 one")
        return key

    def _encryption(self) -> KeySerializationEncryption:
        return NoEncryption() if self.passphrase is None else BestAvailableEncryption(self.passphrase)
