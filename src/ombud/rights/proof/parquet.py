"""Parquet to the last byte: rows, dictionaries with unused entries, statistics, indexes, filters, metadata, gaps."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from attrs import define, field

from ombud.errors import Unreadable
from ombud.rights.proof import bloom
from ombud.rights.proof.columns import columns
from ombud.rights.proof.sink import Sink, Undecoded
from ombud.rights.proof.thrift import Struct, read_struct

MAGIC: Final = b"PAR1"
_LARGEST_PAGE: Final = 256 * 2**20
_CODECS: Final = {0: None, 1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
_WIDTHS: Final = {1: "<i4", 2: "<i8", 4: "<f4", 5: "<f8"}
_BYTES, _FIXED = 6, 7
_UNLIKELY: Final = 1e-3
"""A Bloom filter that would answer "possible" by chance less often than this, and does, is believed."""


@define
class _Map:
    """Which bytes of the file are accounted for."""

    size: int
    known: list[tuple[int, int]] = field(factory=list)

    def take(self, start: Any, size: Any) -> tuple[int, int]:
        if not isinstance(start, int) or not isinstance(size, int) or start < 0 or size < 0 or start + size > self.size:
            raise Unreadable("Parquet", "a part lies outside of the file")
        self.known.append((start, start + size))
        return start, start + size

    def gaps(self) -> Iterator[tuple[int, int]]:
        end = 0
        for start, stop in sorted(self.known):
            if start > end:
                yield end, start
            end = max(end, stop)
        if end < self.size:
            yield end, self.size


def scan_parquet(data: memoryview, sink: Sink) -> None:
    """Read all of a Parquet file.

    Raises:
        Undecoded: it is encrypted. Unreadable: it is damaged.
    """
    known = _Map(len(data))
    footer = _footer(data, known)
    _metadata(footer, sink)
    for group in _structs(footer.get(4)):
        for chunk in _structs(group.get(1)):
            _chunk(data, chunk, known, sink)
    for start, end in known.gaps():
        _gap(data[start:end], sink)
    _rows(data, sink)


def _footer(data: memoryview, known: _Map) -> Struct:
    if bytes(data[-4:]) == b"PARE" or bytes(data[:4]) == b"PARE":
        raise Undecoded("it is encrypted")
    if len(data) < 12 or bytes(data[-4:]) != MAGIC:
        raise Unreadable("Parquet", "it has no end")
    size = int.from_bytes(data[-8:-4], "little")
    start, end = known.take(len(data) - 8 - size, size)
    known.take(0, 4)
    known.take(len(data) - 8, 8)
    footer, _ = read_struct(data[start:end])
    if 8 in footer:
        raise Undecoded("some of its columns are encrypted")
    return footer


def _structs(value: Any) -> Sequence[Struct]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable("Parquet", "its footer is damaged")
    return value


def _metadata(footer: Struct, sink: Sink) -> None:
    sink.text("column name", b"\0".join(_bytes(one.get(4)) for one in _structs(footer.get(2))))
    sink.text("metadata", _bytes(footer.get(6)))
    _pairs(footer.get(5), sink)


def _pairs(pairs: Any, sink: Sink) -> None:
    for pair in _structs(pairs or []):
        key, value = _bytes(pair.get(1)), _bytes(pair.get(2))
        sink.text("metadata", key + b"\0" + value)
        if key == b"ARROW:schema":
            try:
                sink.text("metadata", base64.b64decode(value))
            except binascii.Error:
                sink.unread("Arrow's schema in its metadata")


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b""


# --- a column chunk -----------------------------------------------------------------------------------------------


def _chunk(data: memoryview, chunk: Struct, known: _Map, sink: Sink) -> None:
    about = chunk.get(3)
    if not isinstance(about, dict):
        raise Undecoded("some of its columns are encrypted, or described elsewhere")
    if chunk.get(1):
        sink.unread("a column that lies in another file")
        return
    kind = about.get(1)
    _pairs(about.get(8), sink)
    _statistics(about.get(12), kind, sink, "statistics")
    offsets = [place for place in (about.get(11), about.get(9)) if isinstance(place, int) and place > 0]
    if offsets or about.get(7):  # a row group without rows has no pages
        start, end = known.take(min(offsets, default=None), about.get(7))
        _pages(data[start:end], about, sink)
    if isinstance(chunk.get(6), int):
        _index(data, known.take(chunk[6], chunk.get(7)), kind, sink)
    if isinstance(chunk.get(4), int):
        known.take(chunk[4], chunk.get(5))
    if isinstance(about.get(14), int):
        _filter(data, about, known, sink)


def _pages(data: memoryview, about: Struct, sink: Sink) -> None:
    place = values = 0
    while place < len(data):
        header, body = read_struct(data, place)
        size = header.get(3)
        if not isinstance(size, int) or size < 0 or body + size > len(data):
            raise Unreadable("Parquet", "a page is longer than its column")
        place = body + size
        if header.get(1) == 2:
            _dictionary(data[body:place], header, about, sink)
        else:
            values += _page(header, about, sink)
    if values != about.get(5):
        sink.unread("pages that no row uses")


def _page(header: Struct, about: Struct, sink: Sink) -> int:
    """How many values a data page has; its statistics are read, its values with the rows."""
    inner = header.get(5) if header.get(1) == 0 else header.get(8)
    if not isinstance(inner, dict):
        return 0
    _statistics(inner.get(5 if header.get(1) == 0 else 8), about.get(1), sink, "page statistics")
    count = inner.get(1)
    return count if isinstance(count, int) else 0


def _dictionary(body: memoryview, header: Struct, about: Struct, sink: Sink) -> None:
    """All entries, used or not."""
    plain = _unpacked(body, header.get(2), about.get(4))
    kind, inner = about.get(1), header.get(7)
    count = inner.get(1) if isinstance(inner, dict) else None
    if kind == _BYTES:
        sink.text("dictionary", b"\0".join(_lengths(plain)))
    elif kind in _WIDTHS:
        width = np.dtype(_WIDTHS[kind])
        sink.integers("dictionary", np.frombuffer(plain[: len(plain) // width.itemsize * width.itemsize], width))
    elif kind == _FIXED and isinstance(count, int) and count > 0:
        size = len(plain) // count
        sink.text("dictionary", b"\0".join(plain[i : i + size] for i in range(0, len(plain), max(size, 1))))
    else:
        sink.raw("dictionary", plain)


def _unpacked(body: memoryview, size: Any, codec: Any) -> bytes:
    import pyarrow as pa

    if codec not in _CODECS:
        raise Undecoded("its compression is not known")
    if not isinstance(size, int) or not 0 <= size <= _LARGEST_PAGE:
        raise Undecoded("a dictionary is too large")
    name = _CODECS[codec]
    if name is None or not size:
        return bytes(body) if name is None else b""
    try:
        return bytes(pa.decompress(bytes(body), decompressed_size=size, codec=name, asbytes=True))
    except (pa.ArrowException, OSError):
        raise Unreadable("Parquet", "a dictionary cannot be unpacked") from None


def _lengths(plain: bytes) -> Iterator[bytes]:
    place = 0
    while place + 4 <= len(plain):
        size = int.from_bytes(plain[place : place + 4], "little")
        if size > len(plain) - place - 4:
            raise Unreadable("Parquet", "a dictionary's entry is longer than the dictionary")
        yield plain[place + 4 : place + 4 + size]
        place += 4 + size


def _statistics(found: Any, kind: Any, sink: Sink, where: str) -> None:
    if isinstance(found, dict):
        _bounds([found.get(number) for number in (1, 2, 5, 6)], kind, sink, where)


def _bounds(bounds: Sequence[Any], kind: Any, sink: Sink, where: str) -> None:
    present = [one for one in bounds if isinstance(one, bytes) and one]
    if kind in _WIDTHS:
        width = np.dtype(_WIDTHS[kind])
        whole = [one for one in present if len(one) == width.itemsize]
        sink.integers(where, np.frombuffer(b"".join(whole), width))
    else:
        sink.text(where, b"\0".join(present))


def _index(data: memoryview, part: tuple[int, int], kind: Any, sink: Sink) -> None:
    index, _ = read_struct(data[part[0] : part[1]])
    for number in (2, 3):
        _bounds(index.get(number) or [], kind, sink, "page index")


def _filter(data: memoryview, about: Struct, known: _Map, sink: Sink) -> None:
    place = about[14]
    if not 0 <= place < len(data):
        raise Unreadable("Parquet", "a Bloom filter lies outside of the file")
    header, body = read_struct(data[place : place + 256])
    start, end = known.take(place + body, header.get(1))
    known.take(place, body)
    bits = bytes(data[start:end])
    asked = {index: _plain(one.value, about.get(1)) for index, one in enumerate(sink.matcher.identifiers)}
    held = [index for index, several in asked.items() if any(bloom.may_hold(bits, value) for value in several)]
    if held and bloom.chance(bits) * sum(map(len, asked.values())) < _UNLIKELY:
        sink.sure("Bloom filter", held)
    else:
        sink.perhaps("Bloom filter", len(held))


def _plain(value: str, kind: Any) -> tuple[bytes, ...]:
    """A value as a column of that type writes it."""
    if kind in (1, 2):
        whole = value.isascii() and value.removeprefix("-").isdigit() and len(value) < 10 * kind
        size = 4 * kind
        fits = whole and -(2 ** (8 * size - 1)) <= int(value) < 2 ** (8 * size - 1)
        return (int(value).to_bytes(size, "little", signed=True),) if fits else ()
    return (value.encode("utf-8"),) if kind in (_BYTES, _FIXED) else ()


def _gap(part: memoryview, sink: Sink) -> None:
    if bytes(part).strip(b"\0"):
        sink.raw("between the pages", part)
        sink.unread("bytes that no structure of the file names")


def _rows(data: memoryview, sink: Sink) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False)
        for batch in file.iter_batches(131_072):
            columns(sink, "value", batch)
    except (pa.ArrowException, OSError, ValueError, TypeError):
        raise Unreadable("Parquet", "its rows cannot be decoded") from None
