"""SQLite's pages: cells of tables and indexes with their overflow chains, free pages, and the slack between cells."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ombud.errors import Unreadable
from ombud.rights.proof.sink import Sink

MAGIC: Final = b"SQLite format 3\0"
_ENCODINGS: Final = {0: "utf-8", 1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_LEAF_TABLE, _INNER_TABLE, _LEAF_INDEX, _INNER_INDEX = 13, 5, 10, 2
_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)

_MOST_JOINS: Final = 100_000
"""Places that may be the end of a freed cell; a file made to have more of them must not take hours."""

Lookup = Callable[[int], bytes | None]
"""A page by its number, counted from 1; None where there is none."""


@frozen
class Head:
    """What the first page says of all others."""

    page_size: int
    usable: int
    encoding: str
    free: int
    pointers: bool

    @classmethod
    def read(cls, data: bytes) -> "Head":
        """Read the first 100 bytes.

        Raises:
            Unreadable: they are not SQLite's.
        """
        size = int.from_bytes(data[16:18], "big")
        size = 65536 if size == 1 else size
        usable = size - data[20] if len(data) >= 100 else 0
        encoding = int.from_bytes(data[56:60], "big")
        if data[:16] != MAGIC or size < 512 or size & (size - 1) or usable < 480 or encoding not in _ENCODINGS:
            raise Unreadable("SQLite", "its first page is damaged")
        free, pointers = int.from_bytes(data[32:36], "big"), int.from_bytes(data[52:56], "big") > 0
        return cls(size, usable, _ENCODINGS[encoding], free, pointers)


@define(eq=False)
class Reader:
    """Reads pages into a sink.

    Attributes:
        head: of the database; page: a page by its number; sink: where it goes; place: put before kinds ("WAL");
        chained: overflow pages that a cell uses → how many of their bytes; slack: what lies between cells.
    """

    head: Head
    page: Lookup
    sink: Sink
    place: str = ""
    chained: dict[int, int] = field(factory=dict)
    slack: list[bytes] = field(factory=list)

    def tree_page(self, number: int, page: bytes) -> bool:
        """Read a page of a table or an index; False if it is none."""
        start = 100 if number == 1 else 0
        if page[start] not in (_LEAF_TABLE, _INNER_TABLE, _LEAF_INDEX, _INNER_INDEX):
            return False
        inner = page[start] in (_INNER_TABLE, _INNER_INDEX)
        cells = int.from_bytes(page[start + 3 : start + 5], "big")
        array = start + (12 if inner else 8)
        if array + 2 * cells > self.head.usable:
            self.sink.unread(self._of("a damaged page"))
            self.sink.raw(self._of("page"), page)
            return True
        known = [(0, array + 2 * cells)]
        for index in range(cells):
            place = int.from_bytes(page[array + 2 * index : array + 2 * index + 2], "big")
            known.append(self._cell(page, page[start], place))
        self._between(page, known)
        return True

    def loose_page(self, kind: str, page: bytes, following: bool = True) -> None:
        """A page that no cell uses any more: whatever is in it, and where its chain went on."""
        self.sink.raw(self._of(kind), page)
        self.slack.append(page) if following else None
        after = self.page(int.from_bytes(page[:4], "big"))
        if after is not None:
            reach = self.sink.matcher.longest
            self.sink.raw(
                self._of(kind), page[max(4, self.head.usable - reach) : self.head.usable] + after[4 : 4 + reach]
            )

    def rejoin(self, loose: Mapping[int, bytes]) -> None:
        """Freed cells whose end lay on a page of their own: slack that ends with the number of a loose page."""
        numbers, reach = np.array(sorted(loose.keys() - {0}), np.uint32), self.sink.matcher.longest
        left = _MOST_JOINS
        for part in self.slack if len(numbers) else ():
            for place in _pointers(part, numbers):
                left -= 1
                if left < 0:
                    self.sink.unread(self._of("more freed chains than are followed"))
                    return
                after = loose[int.from_bytes(part[place : place + 4], "big")]
                joined = part[max(0, place - reach) : place] + after[4 : 4 + reach]
                self.sink.raw(self._of("freed overflow chain"), joined)

    def _of(self, kind: str) -> str:
        return f"{self.place} {kind}" if self.place else kind

    # --- cells ---

    def _cell(self, page: bytes, kind: int, place: int) -> tuple[int, int]:
        """Read a cell, and say where on the page it lies."""
        try:
            return self._read(page, kind, place)
        except (Unreadable, IndexError):
            self.sink.unread(self._of("a damaged cell"))
            return place, place

    def _read(self, page: bytes, kind: int, place: int) -> tuple[int, int]:
        at = place + (4 if kind in (_INNER_TABLE, _INNER_INDEX) else 0)
        if kind == _INNER_TABLE:
            _, end = varint(page, at)
            return place, end
        size, at = varint(page, at)
        if kind == _LEAF_TABLE:
            row, at = varint(page, at)
            self.sink.integers(self._of("value"), np.array([_signed(row)], np.int64))
        local = _local(size, self.head.usable, kind == _LEAF_TABLE)
        end = at + local + (4 if local < size else 0)
        if end > len(page):
            raise Unreadable("SQLite", "a cell is longer than its page")
        payload = page[at : at + local]
        if local < size:
            payload += self._chain(int.from_bytes(page[at + local : end], "big"), size - local)
        self._record(payload)
        return place, max(end, place + 4)

    def _chain(self, number: int, left: int) -> bytes:
        """The rest of a cell from its overflow pages; a chain that turns back on itself ends there."""
        parts, seen = [], set()
        while left > 0:
            page = self.page(number)
            if page is None or number in seen:
                raise Unreadable("SQLite", "an overflow chain is broken")
            seen.add(number)
            part = page[4 : 4 + min(left, self.head.usable - 4)]
            self.chained[number] = max(self.chained.get(number, 0), 4 + len(part))
            parts.append(part)
            left -= len(part)
            number = int.from_bytes(page[:4], "big")
        return b"".join(parts)

    def _record(self, payload: bytes) -> None:
        size, place = varint(payload, 0)
        if size > len(payload):
            raise Unreadable("SQLite", "a row's head is longer than the row")
        kinds, numbers = [], []
        while place < size:
            kind, place = varint(payload, place)
            kinds.append(kind)
        for kind in kinds:
            width = _SIZES[kind] if kind < 10 else (kind - 12) // 2
            value = payload[place : place + width]
            if len(value) < width or kind in (10, 11):
                raise Unreadable("SQLite", "a row ends too early")
            place += width
            if 0 < kind < 7:
                numbers.append(int.from_bytes(value, "big", signed=True))
            elif kind >= 12:
                self._value(value, kind % 2 == 1)
        if numbers:
            self.sink.integers(self._of("value"), np.array(numbers, np.int64))

    def _value(self, value: bytes, text: bool) -> None:
        if text and self.head.encoding != "utf-8":
            value = value.decode(self.head.encoding, "replace").encode("utf-8", "replace")
        if text or _is_text(value):
            self.sink.text(self._of("value"), value)
        else:
            self._blob(value)

    def _blob(self, value: bytes) -> None:
        """Packed files in a column are unpacked."""
        from ombud.rights.proof.decode import decode, is_packed

        self.sink.raw(self._of("value"), value)
        if is_packed(value):
            decode(memoryview(value), self.sink.inside("blob"))

    def _between(self, page: bytes, known: list[tuple[int, int]]) -> None:
        """Whatever lies between cells: freed ones, and what was there before."""
        end = 0
        for start, stop in [*sorted(known), (len(page), len(page))]:
            if start > end and page[end:start].strip(b"\0"):
                self.slack.append(page[end:start])
                self.sink.raw(self._of("slack"), page[end:start])
            end = max(end, stop)


def scan_sqlite(data: memoryview, sink: Sink) -> None:
    """Read all pages of a database file.

    Raises:
        Unreadable: its first page is damaged.
    """
    head = Head.read(bytes(data[:100]))
    reader = Reader(head, lambda number: page_of(data, head, number), sink)
    free = _free(head, reader.page)
    loose: dict[int, bytes] = {}
    for number, page in pages(data, head):
        if number in free or not reader.tree_page(number, page):
            loose[number] = page
    _leave_used(reader, loose, free)
    for number, page in loose.items():
        reader.loose_page("freelist page" if number in free else "page of no table", page)
    reader.rejoin(loose)
    if len(data) % head.page_size:
        sink.raw("after the last page", data[len(data) // head.page_size * head.page_size :])
        sink.unread("it ends in the middle of a page")


def _leave_used(reader: Reader, loose: dict[int, bytes], free: set[int]) -> None:
    """Overflow pages in use were read with their cells; what is behind a chain's end on its last page was not."""
    for number, used in reader.chained.items():
        page = loose.pop(number, None) if number not in free else None
        if page is not None and page[used:].strip(b"\0"):
            reader.sink.raw("slack of an overflow page", page[used:])


def pages(data: memoryview, head: Head) -> Iterator[tuple[int, bytes]]:
    """All whole pages that are not empty."""
    for number in range(1, len(data) // head.page_size + 1):
        page = bytes(data[(number - 1) * head.page_size : number * head.page_size])
        if number == 1 or page.strip(b"\0"):
            yield number, page


def page_of(data: memoryview, head: Head, number: int) -> bytes | None:
    """A page by its number."""
    if number < 1 or number * head.page_size > len(data):
        return None
    return bytes(data[(number - 1) * head.page_size : number * head.page_size])


def _free(head: Head, page: Lookup) -> set[int]:
    """Numbers of the free pages; a list that turns back on itself ends there."""
    found: set[int] = set()
    trunk = head.free
    while trunk and trunk not in found and (here := page(trunk)) is not None:
        found.add(trunk)
        count = min(int.from_bytes(here[4:8], "big"), head.usable // 4 - 2)
        found.update(int.from_bytes(here[8 + 4 * i : 12 + 4 * i], "big") for i in range(count))
        trunk = int.from_bytes(here[:4], "big")
    return found


def _local(size: int, usable: int, table: bool) -> int:
    """How much of a cell lies on its own page."""
    most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    fitting = least + (size - least) % (usable - 4)
    return fitting if fitting <= most else least


def varint(data: bytes, place: int) -> tuple[int, int]:
    """SQLite's number of one to nine bytes, and where it ends; IndexError at the end of the data."""
    value = 0
    for step in range(8):
        byte = data[place + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + step + 1
    return value << 8 | data[place + 8], place + 9


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _is_text(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pointers(part: bytes, numbers: Any) -> list[int]:
    """Where four bytes are one of some page numbers."""
    if len(part) < 4:
        return []
    letters = np.frombuffer(part, np.uint8).astype(np.uint32)
    words = letters[:-3] << 24 | letters[1:-2] << 16 | letters[2:-1] << 8 | letters[3:]
    return [int(place) for place in np.nonzero(np.isin(words, numbers))[0]]
