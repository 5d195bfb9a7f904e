"""Look for thousands of needles in gigabytes at once."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import numpy as np
from attrs import frozen

from ombud.rights.proof.identifiers import Identifier, Needle, needles_of

CHUNK: Final = 4 * 2**20
_BITS: Final = 20
_MIX: Final = np.uint32(2654435761)
_ESCAPE: Final = re.compile(rb"\\+(?:u([0-9a-fA-F]{4})|([nrtbf\"/]))")
_PRINTED: Final = re.compile(rb"=([0-9A-F]{2})|=\r?\n")
_SEPARATED: Final = re.compile(rb"(?<=\d)(?:[ ()\-./]|\xc2\xa0|\xa0){1,4}(?=\d)")
_SPECIAL: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b'"': b'"', b"/": b"/"}

Found = Counter[int]
"""Place of an identifier in the list → how often it was seen."""


@frozen(eq=False)
class Matcher:
    """Identifiers made ready to be looked for.

    The first and last four letters of all needles are in small tables; only where both are in theirs is a place
    looked at closely, so that the time does not grow with the number of identifiers.
    """

    identifiers: tuple[Identifier, ...]
    needles: dict[bytes, tuple[Needle, ...]]
    first: Any
    last: dict[int, Any]
    longest: int
    phones: bool
    numbers: Any

    @classmethod
    def of(cls, identifiers: Sequence[Identifier]) -> "Matcher":
        """Make identifiers ready."""
        needles: dict[bytes, tuple[Needle, ...]] = {}
        for needle in needles_of(identifiers):
            needles[needle.found] = (*needles.get(needle.found, ()), needle)
        first = _table(needle[:4] for needle in needles)
        lengths = {len(needle) for needle in needles}
        last = {size: _table(needle[-4:] for needle in needles if len(needle) == size) for size in lengths}
        known = [one.number for one in identifiers]
        numbers = np.array(sorted({number for number in known if number is not None}), np.int64)
        phones = any(one.form == "phone" for one in identifiers)
        return cls(tuple(identifiers), needles, first, last, max(lengths, default=0), phones, numbers)

    def text(self, data: bytes | memoryview) -> Found:
        """Identifiers in text, values separated by NUL or anything else that is not a letter; also behind escapes."""
        found: Found = Counter()
        for piece, end in _chunks(data, self.longest * 3 + 16):
            seen: Found = Counter()
            for stage, shown in enumerate(self._unwrapped(piece)):
                seen |= self._find(shown, bounded=True, end=end if stage == 0 else len(shown))
            found += seen
        return found

    def raw(self, data: bytes | memoryview) -> Found:
        """Identifiers in bytes of no known structure: whatever stands before and after them."""
        found: Found = Counter()
        for piece, end in _chunks(data, self.longest):
            found += self._find(piece, bounded=False, end=end)
        return found

    def integers(self, values: Any) -> Found:
        """Identifiers among stored whole numbers, or floats without a fraction."""
        if not len(self.numbers):
            return Counter()
        here, counts = np.unique(values[np.isin(values, self.numbers)], return_counts=True)
        seen = {int(value): int(count) for value, count in zip(here, counts, strict=True)}
        return Counter({place: seen[number] for place, number in self._numbered() if number in seen})

    def _numbered(self) -> Iterator[tuple[int, int]]:
        return ((place, one.number) for place, one in enumerate(self.identifiers) if one.number is not None)

    def _unwrapped(self, data: bytes) -> Iterator[bytes]:
        """The text itself, then step by step without the escapes of JSON, URLs, HTML and mail."""
        yield data
        shown = data
        for mark, plain in _STEPS:
            if mark in shown:
                after = plain(shown)
                if after != shown:
                    shown = after
                    yield shown
        if self.phones:
            yield _SEPARATED.sub(b"", shown)

    def _find(self, data: bytes, *, bounded: bool, end: int) -> Found:
        """Count needles that begin before `end`."""
        found: Found = Counter()
        low = data.lower()
        for place, size in self._candidates(low):
            if place < end:
                for needle in self.needles.get(low[place : place + size], ()):
                    if _stands(needle, data, place, bounded):
                        found[needle.identifier] += 1
        return found

    def _candidates(self, low: bytes) -> Iterator[tuple[int, int]]:
        """Places and lengths at which a needle may stand."""
        letters = np.frombuffer(low, np.uint8)
        if not self.needles or len(letters) < 4:
            return
        starts = np.concatenate([_starts(letters, shift, self.first) for shift in range(4)])
        for size, table in self.last.items():
            fitting = starts[starts <= len(letters) - size]
            ends = _gather(letters, fitting + size - 4)
            for place in fitting[table[_mixed(ends)]]:
                yield int(place), size


def _table(keys: Iterator[bytes]) -> Any:
    table = np.zeros(1 << _BITS, np.bool_)
    wanted = np.frombuffer(b"".join(keys), "<u4")
    table[_mixed(wanted)] = True
    return table


def _mixed(values: Any) -> Any:
    with np.errstate(over="ignore"):
        return (values.astype(np.uint32) * _MIX) >> np.uint32(32 - _BITS)


def _starts(letters: Any, shift: int, table: Any) -> Any:
    count = (len(letters) - shift) // 4
    words = np.frombuffer(letters[shift : shift + 4 * count].tobytes(), "<u4")
    return np.nonzero(table[_mixed(words)])[0] * 4 + shift


def _gather(letters: Any, places: Any) -> Any:
    whole = np.zeros(len(places), np.uint32)
    for shift in range(4):
        whole |= letters[places + shift].astype(np.uint32) << np.uint32(8 * shift)
    return whole


def _chunks(data: bytes | memoryview, overlap: int) -> Iterator[tuple[bytes, int]]:
    """Pieces that overlap, and where in each the next one begins."""
    for start in range(0, max(len(data), 1), CHUNK):
        last = start + CHUNK >= len(data)
        ahead = min(start, 4)
        piece = bytes(data[start - ahead : start + CHUNK + overlap])
        yield piece, len(piece) if last else CHUNK + ahead


def _stands(needle: Needle, data: bytes, place: int, bounded: bool) -> bool:
    """Whether the needle really stands there, in its case, and is not part of something longer."""
    end = place + len(needle.found)
    if needle.exact is not None and data[place:end] != needle.exact:
        return False
    if not bounded or needle.edge == "none":
        return True
    before = [_letter(data, place - step * needle.width, needle) for step in (1, 2)]
    return _free(needle, before, _letter(data, end, needle))


def _letter(data: bytes, place: int, needle: Needle) -> str:
    """The letter at a place; "" where there is none or it is not ASCII."""
    unit = data[place : place + needle.width] if place >= 0 else b""
    if len(unit) < needle.width:
        return ""
    code = int.from_bytes(unit, "big" if needle.big else "little")
    return chr(code) if 0 < code < 128 else ""


def _free(needle: Needle, before: list[str], after: str) -> bool:
    if needle.edge == "digits":  # 00 before it is another way to write +
        return (not before[0].isdigit() or before == ["0", "0"]) and not after.isdigit()
    if before[0].isalnum() or after.isalnum():
        return False
    return needle.edge != "email" or not (before[0] in tuple("._+-") and before[1].isalnum())  # mary.ann@example.org


def _unescaped(data: bytes) -> bytes:
    """JSON's escapes, also of JSON inside of JSON; pairs for letters beyond 16 bits are put together."""

    def plain(found: re.Match[bytes]) -> bytes:
        if found[2]:
            return _SPECIAL[found[2]]
        return chr(int(found[1], 16)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()

    return _ESCAPE.sub(plain, _PAIR.sub(_paired, data))


_PAIR: Final = re.compile(rb"\\+u([dD][89abAB][0-9a-fA-F]{2})\\+u([dD][c-fC-F][0-9a-fA-F]{2})")


def _paired(found: re.Match[bytes]) -> bytes:
    return (bytes.fromhex((found[1] + found[2]).decode())).decode("utf-16-be", "replace").encode()


def _without_html(data: bytes) -> bytes:
    return html.unescape(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _unprinted(data: bytes) -> bytes:
    """The quoted-printable encoding of mail."""
    return _PRINTED.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else b"", data)


_STEPS: Final = ((b"\\", _unescaped), (b"%", unquote_to_bytes), (b"&", _without_html), (b"=", _unprinted))
