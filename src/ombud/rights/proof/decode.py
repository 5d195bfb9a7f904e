"""What a file is, by its first bytes, and who decodes it. What nobody can decode is said to be unread."""

import io
from typing import Final

from ombud.errors import OmbudError
from ombud.rights.proof import packed, parquet, sqlite, sqlite_logs
from ombud.rights.proof.columns import array
from ombud.rights.proof.sink import Sink, Undecoded
from ombud.rights.proof.texts import encoding_of, scan_text

_NUMPY: Final = b"\x93NUMPY"
_PLAIN_STRINGS: Final = (".ubj", ".onnx", ".cbm", "-shm")
"""Formats that write their strings as they are, without compression: searched as bytes."""

_NOT: Final = (
    (b"\x28\xb5\x2f\xfd", "Zstandard is not decoded"), (b"ARROW1", "Arrow files are not decoded"),
    (b"ORC", "ORC is not decoded"), (b"\x89HDF", "HDF5 is not decoded"), (b"\x80", "pickles are not opened"),
    (b"7z\xbc\xaf", "7-Zip is not decoded"), (b"Rar!", "RAR is not decoded"),
    (b"\x89PNG", "pictures are not decoded"), (b"\xff\xd8\xff", "pictures are not decoded"),
)  # fmt: skip


def decode(data: memoryview, sink: Sink, base: memoryview | None = None) -> None:
    """Read a file into a sink; whatever goes wrong is an unread part, never an error.

    Args:
        base: the database to which a log belongs.
    """
    try:
        _decode(data, sink, base)
    except Undecoded as reason:
        sink.unread(str(reason))
        _fall_back(data, sink)
    except OmbudError as error:
        sink.unread(str(error))
        _fall_back(data, sink)
    except MemoryError:
        sink.unread("it does not fit in memory")
    except Exception as error:  # whatever a library says of damaged bytes: the file is unread, and that is the answer
        sink.unread(f"it is damaged ({type(error).__name__})")
        _fall_back(data, sink)
    sink.flush()


def is_packed(data: bytes) -> bool:
    """Whether a value in a column is a packed file."""
    return data.startswith((packed.GZIP, packed.ZIP, packed.XZ)) and len(data) > 16


def _fall_back(data: memoryview, sink: Sink) -> None:
    """What could not be decoded is searched as bytes all the same: to find something there is still to know it."""
    sink.raw("undecoded", data)


def _decode(data: memoryview, sink: Sink, base: memoryview | None) -> None:
    head = bytes(data[:16])
    if not head:
        return
    if head[:4] in (parquet.MAGIC, b"PARE"):
        parquet.scan_parquet(data, sink)
    elif head == sqlite.MAGIC:
        sqlite.scan_sqlite(data, sink)
    elif head[:4] in sqlite_logs.WAL_MAGICS:
        sqlite_logs.scan_wal(data, sink, base)
    elif head[:8] == sqlite_logs.JOURNAL_MAGIC or sink.file.endswith("-journal"):
        sqlite_logs.scan_journal(data, sink, base)
    elif head.startswith((packed.GZIP, packed.BZIP, packed.XZ, packed.ZIP, b"PK\x05\x06")):
        packed.scan_packed(data, sink)
    elif head.startswith(b"%PDF"):
        _pdf(data, sink)
    elif head.startswith(_NUMPY):
        _numpy(data, sink)
    else:
        _other(data, head, sink)


def _other(data: memoryview, head: bytes, sink: Sink) -> None:
    for magic, reason in _NOT:
        if head.startswith(magic):
            raise Undecoded(reason)
    encoding = encoding_of(data)
    if encoding is not None:
        scan_text(data, sink, encoding)
    elif sink.file.endswith(_PLAIN_STRINGS) or head.startswith((b"crc\0", b"ombud lists ")):
        sink.raw("bytes", data)
    elif not bytes(data).strip(b"\0"):
        return
    else:
        raise Undecoded("its format is not known")


def _numpy(data: memoryview, sink: Sink) -> None:
    import numpy as np

    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        raise Undecoded("an array of objects, or a damaged one") from None
    array(sink, "value", values)


def _pdf(data: memoryview, sink: Sink) -> None:
    from ombud.rights.proof.pdf import scan_pdf

    scan_pdf(data, sink)
