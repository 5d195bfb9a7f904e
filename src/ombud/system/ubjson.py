"""UBJSON, as much of it as XGBoost writes: a bounded reader, and a writer for what was validated.

The reader trusts no length in the file: every count is held against the bytes that are left, nesting is bounded, and a
key that occurs twice is an error (two readers could otherwise see two different models in the same bytes).

Source: https://ubjson.org, draft 12; the strongly typed arrays are big-endian.
"""

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from attrs import define
from numpy.typing import NDArray

from ombud.errors import Unreadable

MAX_DEPTH: Final = 32
MAX_VALUES: Final = 20_000_000
_NUMBERS: Final = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
_WORDS: Final[Mapping[str, Any]] = {"Z": None, "T": True, "F": False}


@define
class _Reader:
    data: memoryview
    at: int = 0
    values: int = 0

    def fail(self, problem: str) -> Unreadable:
        return Unreadable("UBJSON", f"{problem} at byte {self.at}")

    def take(self, n: int) -> memoryview:
        if n < 0 or n > len(self.data) - self.at:
            raise self.fail(f"{n} bytes promised, {len(self.data) - self.at} left")
        self.at += n
        return self.data[self.at - n : self.at]

    def marker(self) -> str:
        return chr(self.take(1)[0])

    def peek(self) -> str:
        return chr(self.data[self.at]) if self.at < len(self.data) else ""

    def number(self, kind: str) -> Any:
        form = np.dtype(_NUMBERS[kind])
        return np.frombuffer(self.take(form.itemsize), form)[0].item()

    def count(self) -> int:
        kind = self.marker()
        if kind not in "iUIlL":
            raise self.fail(f"{kind!r} is no type of a length")
        return int(self.number(kind))

    def text(self) -> str:
        try:
            return bytes(self.take(self.count())).decode("utf-8")
        except UnicodeDecodeError:
            raise self.fail("text that is not UTF-8") from None

    def value(self, kind: str, depth: int) -> Any:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise self.fail("nested too deeply" if depth > MAX_DEPTH else "too many values")
        if kind in _NUMBERS:
            return self.number(kind)
        if kind in _WORDS:
            return _WORDS[kind]
        if kind in "CS":
            return self.text() if kind == "S" else self.marker()
        if kind in "[{":
            return self.array(depth + 1) if kind == "[" else self.mapping(depth + 1)
        raise self.fail(f"unknown type {kind!r}")

    def shape(self) -> tuple[str | None, int | None]:
        """What stands after an opening bracket: the type of all members, and how many there are."""
        kind = None
        if self.peek() == "$":
            self.take(1)
            kind = self.marker()
        if self.peek() == "#":
            self.take(1)
            return kind, self.count()
        if kind is not None:
            raise self.fail("a typed container without a count")
        return None, None

    def array(self, depth: int) -> Any:
        kind, n = self.shape()
        if kind is not None and n is not None:
            return self.typed(kind, n)
        members: list[Any] = []
        while (n is None and self.peek() != "]") or (n is not None and len(members) < n):
            members.append(self.value(self.marker(), depth))
        if n is None:
            self.take(1)
        return members

    def typed(self, kind: str, n: int) -> NDArray[Any]:
        if kind not in _NUMBERS:
            raise self.fail(f"an array of type {kind!r}")
        form = np.dtype(_NUMBERS[kind])
        return np.frombuffer(self.take(n * form.itemsize), form).astype(form.newbyteorder("="))

    def mapping(self, depth: int) -> dict[str, Any]:
        kind, n = self.shape()
        found: dict[str, Any] = {}
        while (n is None and self.peek() != "}") or (n is not None and len(found) < n):
            key = self.text()
            if key in found:
                raise self.fail("a key that occurs twice")
            found[key] = self.value(kind or self.marker(), depth)
        if n is None:
            self.take(1)
        return found


def read_ubjson(data: bytes) -> Any:
    """Read one value; typed arrays of numbers become numpy arrays, everything else plain Python.

    Raises:
        Unreadable: truncated, nested deeper than 32, a length beyond the end, a repeated key, bytes after the end.
    """
    reader = _Reader(memoryview(data))
    value = reader.value(reader.marker(), 0)
    if reader.at != len(data):
        raise reader.fail(f"{len(data) - reader.at} bytes after the end")
    return value


def write_ubjson(value: Any) -> bytes:
    """Write mappings, lists, text, integers and numpy arrays (int32, int64, uint8, float32) in XGBoost's manner."""
    match value:
        case Mapping():
            members = (_text(key) + write_ubjson(member) for key, member in value.items())
            return b"{" + b"".join(members) + b"}"
        case np.ndarray():
            kind = next(kind for kind, form in _NUMBERS.items() if np.dtype(form) == value.dtype.newbyteorder(">"))
            return b"[$" + kind.encode() + b"#" + _length(value.size) + value.astype(_NUMBERS[kind]).tobytes()
        case str():
            return b"S" + _text(value)
        case int():
            return b"L" + struct.pack(">q", value)
        case _:
            return b"[#" + _length(len(value)) + b"".join(write_ubjson(member) for member in value)


def _length(n: int) -> bytes:
    return b"L" + struct.pack(">q", n)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _length(len(encoded)) + encoded
