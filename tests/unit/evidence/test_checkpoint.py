import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import key
from ombud.errors import Unreadable
from ombud.evidence.checkpoint import Checkpoint, checkpoint
from ombud.evidence.keys import PublicKey, SigningKey

ROOT = b"\x07" * 32


def signed(size: int = 3) -> Checkpoint:
    return checkpoint("ab" * 32, size, ROOT).signed(key("log"))


def public(name: str) -> PublicKey:
    return PublicKey(key(name).public)


def test_a_checkpoint_reads_as_the_specification_writes_it() -> None:
    lines = signed().encode().split("\n")
    assert lines[:4] == ["ombud.dev/log/abababababababab", "3", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=", ""]
    assert lines[4].startswith("— ombud.dev/log/abababababababab ") and lines[5:] == [""]


def test_the_key_hash_is_that_of_the_signed_note_specification() -> None:
    # C2SP signed-note, the key of its example: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
    import base64

    from ombud.evidence.checkpoint import _key_hash

    raw = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    assert _key_hash("PeterNeumann", raw).hex() == "c74f20a3"


@given(st.integers(0, 10**9), st.binary(min_size=32, max_size=32))
def test_what_was_written_is_read_back(size: int, root: bytes) -> None:
    made = checkpoint("cd" * 32, size, root).signed(key("log"))
    assert Checkpoint.read(made.encode()) == made


def test_only_the_key_that_signed_it_verifies() -> None:
    assert signed().signed_by([public("ml"), public("log")]) == public("log")
    assert signed().signed_by([public("ml")]) is None
    other = Checkpoint("another log", 3, ROOT, (), signed().signatures)
    assert other.signed_by([public("log")]) is None


@pytest.mark.parametrize(("old", "new"), [("\n3\n", "\n4\n"), ("BwcH", "CwcH"), ("\n\n", "\nmore\n\n")])
def test_no_part_of_the_text_may_change(old: str, new: str) -> None:
    changed = Checkpoint.read(signed().encode().replace(old, new, 1))
    assert changed.signed_by([public("log")]) is None


def test_further_lines_and_signatures_are_kept() -> None:
    made = Checkpoint("log", 1, ROOT, ("witnessed today",)).signed(key("log")).signed(SigningKey.from_seed(b"w" * 32))
    read = Checkpoint.read(made.encode())
    assert read.extensions == ("witnessed today",) and len(read.signatures) == 2
    assert read.signed_by([public("log")]) == public("log")


HASH = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "a\n1\nAAAA\n\n— a AAAA\n", f"a\n-1\n{HASH}\n\n— a AAAA\n", f"\n1\n{HASH}\n\n— a AAAA\n",
        f"a\n01\n{HASH}\n\n— a AAAA\n", f"a\n1\n{HASH}\n\n- a AAAA\n", f"a\n1\n{HASH}\n\n— a AAAA",
        f"a\n{'9' * 30}\n{HASH}\n\n— a AAAA\n", f"a\n1\n{HASH}\n\n" + "— a AAAA\n" * 9000,
    ],
)  # fmt: skip
def test_what_is_no_signed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        Checkpoint.read(text)
