"""The forms in which an identifier can be stored: encodings, cases, base64, hexadecimal."""

import base64
import binascii
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final, Literal
from uuid import UUID

from attrs import field, frozen

from ombud.store.identity import comparable, form_of

SHORTEST: Final = 4
"""Identifiers with fewer letters are in everything: they are not looked for, and it is said."""

Edge = Literal["text", "email", "digits", "none"]


@frozen
class Identifier:
    """What is looked for.

    Attributes:
        value: personal data; no result of a scan repeats it.
        form: "text" (to the letter), "email" (in any case), "phone" (its digits).
        integers: whether a number with this value counts, where numbers are stored as such.
    """

    value: str = field(repr=False)
    form: str = "text"
    integers: bool = False

    @classmethod
    def of(cls, kind: str, value: str, *, integers: bool = False) -> "Identifier":
        """An identity's kind tells its form."""
        return cls(comparable(kind, value), form_of(kind), integers)

    @property
    def short(self) -> bool:
        """Whether it is too short to be told from anything else."""
        return len(self.plain) < SHORTEST

    @property
    def plain(self) -> str:
        """What is searched: digits of a telephone number, else the value."""
        return self.value.lstrip("+") if self.form == "phone" else self.value

    @property
    def number(self) -> int | None:
        """Its value as a stored number, if that is asked for and it is one."""
        asked = self.integers and self.value.isascii() and self.value.removeprefix("-").isdigit()
        number = int(self.value) if asked and len(self.value) < 20 else None
        return number if number is not None and -(2**63) <= number < 2**63 else None


@frozen
class Needle:
    """Bytes that mean an identifier.

    Attributes:
        found: in small ASCII letters, as it is searched.
        exact: the bytes as they must stand there; None where case does not count.
        identifier: its place in the list.
        edge: which letters before or after make it part of something longer.
        width: bytes a letter (2 for UTF-16), to look at the neighbours.
    """

    found: bytes = field(repr=False)
    exact: bytes | None = field(repr=False)
    identifier: int
    edge: Edge
    width: int = 1
    big: bool = False


def needles_of(identifiers: Iterable[Identifier]) -> Iterator[Needle]:
    """All forms of all identifiers that are long enough."""
    for place, one in enumerate(identifiers):
        if not one.short:
            yield from dict.fromkeys(_needles(place, one))


def _needles(place: int, one: Identifier) -> Iterator[Needle]:
    edge: Edge = {"email": "email", "phone": "digits"}.get(one.form, "text")  # type: ignore[assignment]
    loose = one.form != "text"
    for spelled in _spellings(one):
        for encoded, width, big in _encodings(spelled):
            yield Needle(encoded.lower(), None if loose else encoded, place, edge, width, big)
        yield from _wrapped(place, spelled.encode("utf-8"))
    yield from _uuid(place, one.value)


def _spellings(one: Identifier) -> set[str]:
    """Both Unicode forms, and for what has no case the ways in which it is usually written."""
    plain = one.plain
    cased = {plain, plain.lower(), plain.upper(), plain.casefold()} if one.form == "email" else {plain}
    return {unicodedata.normalize(form, spelled) for spelled in cased for form in ("NFC", "NFD")}


def _encodings(text: str) -> Iterator[tuple[bytes, int, bool]]:
    yield text.encode("utf-16-le"), 2, False
    yield text.encode("utf-16-be"), 2, True
    single = {text.encode("utf-8")}
    for encoding in ("latin-1", "cp1252"):
        with suppress(UnicodeEncodeError):
            single.add(text.encode(encoding))
    yield from ((encoded, 1, False) for encoded in single)


def _wrapped(place: int, plain: bytes) -> Iterator[Needle]:
    """Base64 at its three alignments without the letters that neighbours decide; and hexadecimal."""
    for ahead in range(3):
        coded = base64.b64encode(b"\0" * ahead + plain)
        core = coded[(0, 2, 3)[ahead] : len(coded) - (0, 3, 2)[(ahead + len(plain)) % 3]]
        for other in {core, core.replace(b"+", b"-").replace(b"/", b"_")}:
            if len(other) >= 6:
                yield Needle(other.lower(), other, place, "none")
    if len(plain) >= SHORTEST:
        yield Needle(binascii.hexlify(plain), None, place, "none")


def _uuid(place: int, value: str) -> Iterator[Needle]:
    """A UUID is often kept as its sixteen bytes."""
    if len(value) in (32, 36):
        try:
            known = UUID(value)
        except ValueError:
            return
        for raw in (known.bytes, known.bytes_le):
            yield Needle(raw.lower(), raw, place, "none")
