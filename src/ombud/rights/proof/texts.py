"""Text in its encodings; markup also without its tags, since a word may be cut in pieces by them."""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from ombud.rights.proof.sink import Sink

_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TAG: Final = re.compile(rb"<[^<>]{0,4096}>")
_CONTROL: Final = frozenset(range(32)) - {9, 10, 11, 12, 13, 27}
_SAMPLE: Final = 65_536
_STEP: Final = 16 * 2**20


def encoding_of(data: bytes | memoryview) -> str | None:
    """How text is encoded; None for what is not text."""
    head = bytes(data[:_SAMPLE])
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head.count(0):
        return _wide(head)
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        return "latin-1" if sum(byte in _CONTROL for byte in head) <= len(head) // 500 else None


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of most Western text is empty."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd * 3 > len(head) / 2 and even * 20 < odd:
        return "utf-16-le"
    return "utf-16-be" if even * 3 > len(head) / 2 and odd * 20 < even else None


def is_text_so_far(start: bytes) -> bool:
    """Whether the beginning of something long is text."""
    return encoding_of(start) is not None


def scan_text(data: memoryview, sink: Sink, encoding: str) -> None:
    """Read text; bytes that are not of its encoding are searched too."""
    if encoding == "utf-8" and len(data) > _STEP:
        sink.text("text", data)
        return
    plain = _utf8(bytes(data), encoding)
    read = [plain]
    if b"<" in plain and b">" in plain:
        read.append(_TAG.sub(b"", plain))
    if encoding not in ("utf-16-le", "utf-16-be") and plain != bytes(data):
        read.append(bytes(data))
    sink.variants("text", read)


def stream_text(start: bytes, rest: Iterator[bytes], sink: Sink) -> None:
    """Read text that is too long for memory: in overlapping steps."""
    encoding = encoding_of(start) or "utf-8"
    reach, part = 4 * (sink.matcher.longest + 16), start
    for more in rest:
        part += more
        if len(part) > _STEP + reach:
            sink.variants("text", [_utf8(part, encoding)])
            part = part[-(reach // 2 * 2) :]
    sink.variants("text", [_utf8(part, encoding)])


def _utf8(data: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return data
    return data.decode(encoding, "replace").encode("utf-8", "replace")
