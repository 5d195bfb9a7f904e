import stat
from pathlib import Path

import pytest

from ledgers import key
from ombud.errors import Misused, NotFound, Unreadable
from ombud.store.keyfiles import KeyFiles


def test_a_key_is_read_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path / "keys")
    path = keys.save("ml", key("ml"))
    assert keys.load("ml").key_id == key("ml").key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path)
    keys.save("ml", key("ml"))
    with pytest.raises(Misused, match="has a key here already"):
        keys.save("ml", key("other"))
    assert keys.load("ml").key_id == key("ml").key_id


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path)
    keys.save("ml", key("ml")).chmod(0o644)
    with pytest.raises(Misused) as caught:
        keys.load("ml")
    assert "chmod 600" in caught.value.next_step


def test_an_encrypted_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    path = KeyFiles(tmp_path, b"open sesame").save("ml", key("ml"))
    assert b"ENCRYPTED" in path.read_bytes()
    assert KeyFiles(tmp_path, b"open sesame").load("ml").key_id == key("ml").key_id
    for word in (None, b"wrong"):
        with pytest.raises(Misused) as caught:
            KeyFiles(tmp_path, word).load("ml")
        assert "OMBUD_KEY_PASSPHRASE" in caught.value.next_step and "sesame" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "../up", "Anna", "a/b", ".x", "a b", "é", "x" * 64, "ml.pem"])
def test_a_name_that_cannot_be_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misused):
        KeyFiles(tmp_path).path(name)


@pytest.mark.parametrize(
    "data", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\x00" * 100]
)
def test_what_is_no_key_is_unreadable(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ml.pem").write_bytes(data)
    (tmp_path / "ml.pem").chmod(0o600)
    with pytest.raises(Unreadable):
        KeyFiles(tmp_path).load("ml")


def test_a_key_of_another_kind_is_unreadable(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "ml.pem").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "ml.pem").chmod(0o600)
    with pytest.raises(Unreadable, match="not an Ed25519"):
        KeyFiles(tmp_path).load("ml")


def test_a_key_that_is_not_here_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        KeyFiles(tmp_path).load("ml")
    assert KeyFiles(tmp_path / "none").names() == ()


def test_a_key_set_aside_is_kept_and_can_be_put_back(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path)
    keys.save("ml", key("ml"))
    aside = keys.set_aside("ml")
    keys.save("ml", key("ml 2"))
    assert aside.is_file() and keys.names() == ("ml",)
    keys.put_back("ml", aside)
    assert keys.load("ml").key_id == key("ml").key_id
