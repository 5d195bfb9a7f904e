"""Thrift's compact protocol, as far as Parquet's footer and page headers need it, and never further than its bytes."""

from typing import Any, Final

from ombud.errors import Unreadable

Struct = dict[int, Any]
"""Field number → value: a number, bytes, a list or another struct. What a number means, only its reader knows."""

_DEEPEST: Final = 24
_MOST: Final = 5_000_000
"""Values that one footer may have in all; a hostile count ends here and not in memory."""


class _Reader:
    def __init__(self, data: bytes | memoryview, place: int) -> None:
        self.data, self.place, self.seen = data, place, 0

    def byte(self) -> int:
        if self.place >= len(self.data):
            raise Unreadable("Thrift", "it ends in the middle of a value")
        self.place += 1
        return self.data[self.place - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise Unreadable("Thrift", "a number is too long")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def text(self) -> bytes:
        size = self.varint()
        if size > len(self.data) - self.place:
            raise Unreadable("Thrift", "a text is longer than the rest")
        self.place += size
        return bytes(self.data[self.place - size : self.place])

    def value(self, kind: int, depth: int) -> Any:
        self.seen += 1
        if self.seen > _MOST or depth > _DEEPEST:
            raise Unreadable("Thrift", "it has too many values, or too deep ones")
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self.byte()
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 7:
            return bytes(self.byte() for _ in range(8))
        if kind == 8:
            return self.text()
        if kind in (9, 10):
            return self.several(depth)
        if kind == 11:
            return self.pairs(depth)
        if kind == 12:
            return self.struct(depth + 1)
        raise Unreadable("Thrift", "a value is of no known type")

    def several(self, depth: int) -> list[Any]:
        head = self.byte()
        count, kind = head >> 4, head & 0x0F
        if count == 15:
            count = self.varint()
        if count > len(self.data) - self.place:
            raise Unreadable("Thrift", "a list is longer than the rest")
        if kind in (1, 2):
            return [self.byte() == 1 for _ in range(count)]
        return [self.value(kind, depth + 1) for _ in range(count)]

    def pairs(self, depth: int) -> dict[Any, Any]:
        count = self.varint()
        if not count:
            return {}
        kinds = self.byte()
        if count > len(self.data) - self.place:
            raise Unreadable("Thrift", "a map is longer than the rest")
        read = ((self.value(kinds >> 4, depth + 1), self.value(kinds & 15, depth + 1)) for _ in range(count))
        return {str(key): value for key, value in read}

    def struct(self, depth: int) -> Struct:
        found: Struct = {}
        number = 0
        while True:
            head = self.byte()
            if head == 0:
                return found
            step = head >> 4
            number = number + step if step else self.zigzag()
            found[number] = self.value(head & 0x0F, depth)


def read_struct(data: bytes | memoryview, place: int = 0) -> tuple[Struct, int]:
    """A struct, and where it ends.

    Raises:
        Unreadable: the bytes are no Thrift, or not all of it.
    """
    reader = _Reader(data, place)
    return reader.struct(0), reader.place
