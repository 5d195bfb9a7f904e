"""SQLite's write-ahead log and rollback journal: every page image in them, also those that count no more."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from ombud.errors import Unreadable
from ombud.rights.proof.sink import Sink, Undecoded
from ombud.rights.proof.sqlite import Head, Lookup, Reader, page_of

WAL_MAGICS: Final = (bytes.fromhex("377f0682"), bytes.fromhex("377f0683"))
JOURNAL_MAGIC: Final = bytes.fromhex("d9d505f920a163d7")


@frozen
class Image:
    """A page as it was: its number, its bytes, and which transaction wrote it."""

    number: int
    page: bytes
    time: int = 0


def scan_wal(data: memoryview, sink: Sink, base: memoryview | None) -> None:
    """Read a write-ahead log; pages that it does not hold come from its database."""
    size = int.from_bytes(data[8:12], "big")
    if size < 512 or size & (size - 1) or size > 65536:
        raise Unreadable("a write-ahead log", "its head is damaged")
    _images(list(_frames(data, size)), sink, base, "WAL", size)
    if (len(data) - 32) % (24 + size):
        sink.raw("WAL", data[-((len(data) - 32) % (24 + size)) :])


def _frames(data: memoryview, size: int) -> Iterator[Image]:
    time = 0
    for start in range(32, len(data) - 24 - size + 1, 24 + size):
        page = bytes(data[start + 24 : start + 24 + size])
        yield Image(int.from_bytes(data[start : start + 4], "big"), page, time)
        time += any(data[start + 4 : start + 8])  # the last page of a transaction says how large the database is


def scan_journal(data: memoryview, sink: Sink, base: memoryview | None) -> None:
    """Read a rollback journal, also one whose head was emptied when its transaction ended."""
    whole = bytes(data[:28])
    if whole[:8] == JOURNAL_MAGIC:
        sector, size = int.from_bytes(whole[20:24], "big"), int.from_bytes(whole[24:28], "big")
    elif base is not None:
        sector, size = 512, Head.read(bytes(base[:100])).page_size
    else:
        raise Undecoded("a journal without its head and without its database")
    if size < 512 or size & (size - 1) or size > 65536 or not 32 <= sector <= 65536:
        raise Unreadable("a journal", "its head is damaged")
    _images(list(_records(data, sector, size)), sink, base, "journal", size)
    sink.raw("journal", data[:28])


def _records(data: memoryview, sector: int, size: int) -> Iterator[Image]:
    """Pages follow a head that fills a sector; further heads begin at further sectors."""
    place = sector
    while place + 8 + size <= len(data):
        if bytes(data[place : place + 8]) == JOURNAL_MAGIC:
            place += sector
            continue
        yield Image(int.from_bytes(data[place : place + 4], "big"), bytes(data[place + 4 : place + 4 + size]))
        place += 8 + size
        if place % sector and bytes(data[(ahead := -(-place // sector) * sector) : ahead + 8]) == JOURNAL_MAGIC:
            place = ahead
    if place < len(data):
        yield Image(0, bytes(data[place:]))


def _images(images: list[Image], sink: Sink, base: memoryview | None, place: str, size: int) -> None:
    head = _head(images, base, size)
    known: dict[int, list[Image]] = {}
    for image in images:
        known.setdefault(image.number, []).append(image)
    reader, loose = Reader(head, _lookup(known, base, head, 0), sink, place), {}
    for image in images:
        reader.page = _lookup(known, base, head, image.time)
        if len(image.page) != size or not image.page.strip(b"\0"):
            sink.raw(f"{place} remains", image.page)
        elif not (image.number and reader.tree_page(image.number, image.page)):
            loose[image.number] = image.page
            reader.loose_page("page", image.page)
    reader.rejoin(loose)


def _lookup(known: Mapping[int, Sequence[Image]], base: memoryview | None, head: Head, time: int) -> Lookup:
    """Pages as they were at the end of a transaction."""

    def page(number: int) -> bytes | None:
        several = known.get(number, ())
        place = bisect_right(several, time, key=lambda image: image.time)
        if place:
            return several[place - 1].page
        return None if base is None else page_of(base, head, number)

    return page


def _head(images: list[Image], base: memoryview | None, size: int) -> Head:
    """From the first page, wherever it is; else as most databases are."""
    firsts = [image.page for image in images if image.number == 1]
    for page in [*reversed(firsts), *([bytes(base[:100])] if base is not None else [])]:
        try:
            return Head.read(page)
        except Unreadable:
            continue
    return Head(size, size, "utf-8", 0, False)
