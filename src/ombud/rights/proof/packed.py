"""Archives: gzip, bzip2, xz and zip, unpacked in memory, within bounds."""

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from ombud.rights.proof.sink import Sink, Undecoded
from ombud.rights.proof.texts import is_text_so_far, stream_text

DEEPEST: Final = 4
MOST: Final = 256 * 2**20
"""What is unpacked into memory at once; longer text is read in a stream."""

MOST_IN_ALL: Final = 4 * 2**30
_MEMBERS: Final = 100_000
_STEP: Final = 2**20

GZIP, BZIP, XZ, ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_BROKEN: Final = (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


def scan_packed(data: memoryview, sink: Sink) -> None:
    """Read a compressed file.

    Raises:
        Undecoded: it is broken, encrypted, too deep or too large.
    """
    if sink.depth >= DEEPEST:
        raise Undecoded("archives lie in archives in archives")
    head = bytes(data[:6])
    try:
        if head[:4] in (ZIP, _EMPTY_ZIP):
            _zip(data, sink)
        else:
            _single(data, head, sink)
    except _BROKEN:
        raise Undecoded("its compression is broken or not known") from None


def _single(data: memoryview, head: bytes, sink: Sink) -> None:
    make: Callable[[], Any] = lambda: zlib.decompressobj(31)  # noqa: E731
    if head.startswith(BZIP):
        make = bz2.BZ2Decompressor
    elif head.startswith(XZ):
        make = lzma.LZMADecompressor
    sink.text("archive names", bytes(data[:300]) if head.startswith(GZIP) else b"")
    _unpacked(_stream(data, make), sink.inside("unpacked"))


def _stream(data: memoryview, make: Callable[[], Any]) -> Iterator[bytes]:
    """All members one after the other, a step at a time, so that a bomb cannot fill the memory."""
    place = 0
    while place < len(data):
        engine, fed = make(), False
        while not engine.eof:
            pending = getattr(engine, "unconsumed_tail", b"")
            if not pending and (not hasattr(engine, "needs_input") or engine.needs_input or not fed):
                pending = bytes(data[place : place + _STEP])
                place += len(pending)
                if not pending:
                    raise EOFError
            fed = True
            yield engine.decompress(pending, _STEP)
        place -= len(engine.unused_data)
        if not bytes(data[place:]).strip(b"\0"):
            return


def _unpacked(parts: Iterator[bytes], sink: Sink) -> None:
    from ombud.rights.proof.decode import decode

    start = io.BytesIO()
    for part in parts:
        start.write(part)
        if start.tell() > MOST:
            _long(start.getvalue(), parts, sink)
            return
    decode(memoryview(start.getvalue()), sink)


def _long(start: bytes, rest: Iterator[bytes], sink: Sink) -> None:
    if not is_text_so_far(start):
        raise Undecoded("it unpacks to more than fits in memory, and is not text")
    stream_text(start, _bounded(rest), sink)


def _bounded(parts: Iterator[bytes]) -> Iterator[bytes]:
    seen = 0
    for part in parts:
        seen += len(part)
        if seen > MOST_IN_ALL:
            raise Undecoded("it unpacks to more than is read")
        yield part


def _zip(data: memoryview, sink: Sink) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        sink.text("archive names", b"\0".join(_about(one) for one in members) + b"\0" + archive.comment)
        if len(members) > _MEMBERS:
            raise Undecoded("it has too many files")
        left = MOST_IN_ALL
        for member in members:
            left -= _member(archive, member, sink, left)
        _between(data, members, archive.start_dir, sink)


def _about(member: zipfile.ZipInfo) -> bytes:
    return member.filename.encode("utf-8", "surrogateescape") + b"\0" + member.comment


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, sink: Sink, left: int) -> int:
    inner = sink.inside(member.filename)
    if member.is_dir():
        return 0
    if member.flag_bits & 1 or member.compress_type == 99:
        inner.unread("it is encrypted")
    elif member.file_size > left:
        inner.unread("it unpacks to more than is read")
    else:
        try:
            with archive.open(member) as stream:
                _unpacked(_read(stream), inner)
        except Undecoded as reason:
            inner.unread(str(reason))
        except (*_BROKEN, RuntimeError):
            inner.unread("its compression is broken or not known")
        inner.flush()
    return min(member.file_size, left)


def _read(stream: IO[bytes]) -> Iterator[bytes]:
    while part := stream.read(_STEP):
        yield part


def _between(data: memoryview, members: list[zipfile.ZipInfo], directory: int, sink: Sink) -> None:
    """Members that were deleted or replaced stay in a zip until it is written anew."""
    end = 0
    for member in [*sorted(members, key=lambda one: one.header_offset), None]:
        start = directory if member is None else member.header_offset
        if start - end > 24:
            sink.raw("archive remains", data[end:start])
            sink.unread("bytes that no file of the archive names")
        if member is not None:
            head = bytes(data[start : start + 30])
            names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            end = start + 30 + names + member.compress_size
