"""Records in a spool file: how one is written, and how they are read back from bytes that may be torn or damaged.

A record is a mark (4 bytes), the length of its content (4 bytes, big-endian), a checksum of length and content (8 bytes
of BLAKE2b), and the content. One that would end after the file ends is still being written, or was torn when its writer
died. Where bytes are damaged, reading goes on at the next record that is whole.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

from ombud.decisions.plain import MOST_BYTES

MARK: Final = b"\x9dOD1"
_CHECKSUM: Final = 8
HEADER: Final = len(MARK) + 4 + _CHECKSUM


def frame(content: bytes) -> bytes:
    """A content as one record."""
    length = len(content).to_bytes(4, "big")
    return MARK + length + _checksum(length, content) + content


@frozen
class Record:
    """A whole record: its content, and where it begins and ends in the bytes."""

    content: bytes = field(repr=False)
    start: int
    end: int


@frozen
class Damaged:
    """Bytes in which no whole record begins."""

    content: bytes = field(repr=False)
    start: int
    end: int


def read_frames(data: bytes) -> Iterator[Record | Damaged]:
    """The records of some bytes, in order. A torn record at the end is left out: see where the last one ended."""
    at = 0
    while at < len(data):
        found = _record(data, at)
        if found is not None:
            yield found
            at = found.end
            continue
        if _may_be_torn(data, at) and _next(data, at + 1) == len(data):
            return
        after = _next(data, at + 1)
        torn = _torn_tail(data, at, after)
        yield Damaged(data[at:torn], at, torn)
        at = torn
        if torn != after:
            return


def _record(data: bytes, at: int) -> Record | None:
    """The whole record that begins here."""
    start = at + HEADER
    if data[at : at + 4] != MARK or start > len(data):
        return None
    length = data[at + 4 : at + 8]
    end = start + int.from_bytes(length, "big")
    content = data[start:end]
    if end > len(data) or end - start > MOST_BYTES or data[at + 8 : start] != _checksum(length, content):
        return None
    return Record(content, at, end)


def _next(data: bytes, at: int) -> int:
    """Where the next whole record begins; the end if none does."""
    while (at := data.find(MARK, at)) >= 0:
        if _record(data, at) is not None:
            return at
        at += 1
    return len(data)


def _may_be_torn(data: bytes, at: int) -> bool:
    """Whether what stands here could be the beginning of a record whose end is not there (yet)."""
    head = data[at : at + 4]
    if head != MARK[: len(head)]:
        return False
    if len(data) - at < HEADER:
        return True
    length = int.from_bytes(data[at + 4 : at + 8], "big")
    return length <= MOST_BYTES and at + HEADER + length > len(data)


def _torn_tail(data: bytes, at: int, after: int) -> int:
    """Where a torn record begins at the end of damaged bytes; else the end of the damage."""
    if after < len(data):
        return after
    probe = at + 1
    while (probe := data.find(MARK[:1], probe)) >= 0:
        if _may_be_torn(data, probe):
            return probe
        probe += 1
    return after


def _checksum(length: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(length + content, digest_size=_CHECKSUM).digest()
