"""Private input: what a person wrote and is known by comes from a file or from stdin, since arguments can be seen."""

import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

from ombud.errors import Misused, OmbudError, Unreadable
from ombud.law.tree import Node, parse
from ombud.store.identity import Identity

MOST_BYTES = 1_000_000
_KEYS = ("identities", "name", "contact", "words")
_FORM = "Write YAML with identities (a list of KIND=VALUE), name, contact and words; each may be left out."


@frozen
class Private:
    """What a private file says."""

    identities: tuple[Identity, ...] = field(default=(), repr=False)
    name: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    words: str = field(default="", repr=False)


def read_bytes(file: Path) -> bytes:
    """The bytes of a file, or of stdin for "-".

    Raises:
        Unreadable: not there, or too large; nothing of it is repeated.
    """
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(_where(file), (error.strerror or "it cannot be read").lower()) from None
    if len(data) > MOST_BYTES:
        raise Unreadable(_where(file), f"more than {MOST_BYTES} bytes", "Keep long letters in files of your own.")
    return data


def read_text(file: Path) -> str:
    """The text of a file, or of stdin for "-"; raises as `read_bytes`, or Unreadable if it is not UTF-8."""
    try:
        return read_bytes(file).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(_where(file), "not UTF-8", "Save it as UTF-8.") from None


def _where(file: Path) -> str:
    return "stdin" if str(file) == "-" else str(file)


def read_private(file: Path) -> Private:
    """A private file.

    Raises:
        Unreadable: it cannot be read.
        Misused: it is not of the form; nothing of it is repeated, not even a key.
    """
    text = read_text(file)
    try:
        top = parse(text, "private file").value
        if not isinstance(top, dict) or not set(top) <= set(_KEYS):
            raise TypeError
        listed = top.get("identities")
        rows = _rows(listed)
        return Private(identities=identities(rows), **{key: _text(top.get(key)) for key in _KEYS[1:]})
    except (OmbudError, TypeError):
        raise Misused("the private file is not of the form that is read", _FORM) from None


def identities(written: Sequence[str]) -> tuple[Identity, ...]:
    """Identities written KIND=VALUE, each once."""
    return tuple(dict.fromkeys(Identity.parse(one) for one in written))


def _rows(node: Node | None) -> list[str]:
    if node is None or node.value is None:
        return []
    if not isinstance(node.value, list):
        raise TypeError
    return [_text(one) for one in node.value]


def _text(node: Node | None) -> str:
    if node is None or node.value is None:
        return ""
    if not isinstance(node.value, str):
        raise TypeError
    return node.value
