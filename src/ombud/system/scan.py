"""Look for code in files that are not on the list of allowed formats: pickles, however they are wrapped.

Nothing found here is ever loaded. The scan only says *what* was refused; a file is refused whether or not the scan
finds anything, and what cannot be looked into counts as a finding (fail closed).
"""

import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

from ombud.errors import OmbudError

MAX_EXPANDED: Final = 64 * 2**20
MAX_MEMBERS: Final = 2_000
MAX_NESTING: Final = 4
MAX_FINDINGS: Final = 20
_SCAN_SECONDS: Final = 30.0


@frozen
class Scanned:
    """What some bytes turned out to be, outermost wrapping first, and what was found in them."""

    kind: str
    findings: tuple[str, ...]


def scan(data: bytes, depth: int = 0) -> Scanned:
    """Name the wrapping, unwrap it within bounds, and scan any pickle inside. Never loads, never raises for content."""
    if depth > MAX_NESTING:
        return Scanned("nested too deeply", ("wrapped more than four times; not looked into further",))
    for magic, name, expand in _COMPRESSED:
        if re.match(magic, data[:64], re.DOTALL):
            return _compressed(name, expand, data, depth)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip(data, depth)
    if data[:6] == b"\x93NUMPY":
        return _numpy(data)
    return _pickle_or_unknown(data)


def _gunzip(data: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(data, MAX_EXPANDED + 1)


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj(15).decompress(data, MAX_EXPANDED + 1)


def _old_joblib(data: bytes) -> bytes:
    return _inflate(data[2 + 19 :])  # "ZF", then the length as 19 characters


def _bunzip(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, MAX_EXPANDED + 1)


def _unxz(data: bytes) -> bytes:
    return lzma.LZMADecompressor(memlimit=2**28).decompress(data, MAX_EXPANDED + 1)


def _opaque(_: bytes) -> bytes:
    raise OmbudError("no decompressor")


_COMPRESSED: Final[tuple[tuple[bytes, str, Callable[[bytes], bytes]], ...]] = (
    (rb"\x1f\x8b", "gzip", _gunzip),
    (rb"BZh[1-9]", "bzip2", _bunzip),
    (rb"\xfd7zXZ\x00", "xz", _unxz),
    (rb"\x5d\x00\x00", "lzma", _unxz),
    (rb"ZF0x", "zlib (old joblib)", _old_joblib),
    (rb"\x78[\x01\x5e\x9c\xda]", "zlib", _inflate),
    (rb"\x04\x22\x4d\x18", "lz4", _opaque),
    (rb"\x28\xb5\x2f\xfd", "zstandard", _opaque),
)


def _compressed(name: str, expand: Callable[[bytes], bytes], data: bytes, depth: int) -> Scanned:
    try:
        inside = expand(data)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, MemoryError, OmbudError):
        return Scanned(name, (f"{name}: cannot be unpacked here, so what is inside was not looked at",))
    if len(inside) > MAX_EXPANDED:
        return Scanned(name, (f"{name}: unpacks to more than 64 MiB; not looked into",))
    found = scan(inside, depth + 1)
    return Scanned(f"{name}, in it {found.kind}", found.findings)


def open_zip(data: bytes) -> zipfile.ZipFile | None:
    """The archive, if its members are few enough and no name occurs twice or leaves the folder."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, MemoryError):
        return None
    names = archive.namelist()
    strange = len(set(names)) != len(names) or any(".." in name or name.startswith("/") for name in names)
    return None if strange or len(names) > MAX_MEMBERS else archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """A member's bytes, or None if it is damaged, encrypted or unpacks to more than 64 MiB."""
    try:
        with archive.open(name) as member:
            data = member.read(MAX_EXPANDED + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError,
            NotImplementedError, MemoryError):  # fmt: skip
        return None
    return data if len(data) <= MAX_EXPANDED else None


def scan_members(archive: zipfile.ZipFile, depth: int = 0) -> Iterator[tuple[str, Scanned]]:
    """What each member of an archive is, within a bound of 64 MiB for all together."""
    left = MAX_EXPANDED
    for name in archive.namelist():
        data = read_member(archive, name) if left > 0 else None
        left -= len(data or b"")
        if data is None or left < 0:
            yield name, Scanned("unread", ("cannot be unpacked within bounds, so it was not looked at",))
        elif not name.endswith("/"):
            yield name, scan(data, depth + 1)


def _zip(data: bytes, depth: int) -> Scanned:
    archive = open_zip(data)
    if archive is None:
        return Scanned("zip", ("a damaged or deceptive zip archive; not looked into",))
    findings: list[str] = []
    kinds = set()
    for name, found in scan_members(archive, depth):
        kinds.add(found.kind)
        findings += [f"{clean(name)}: {finding}" for finding in found.findings]
    inside = "pickle" if any("pickle" in kind for kind in kinds) else "no pickle"
    return Scanned(f"zip, in it {inside}", tuple(findings[:MAX_FINDINGS]))


def _numpy(data: bytes) -> Scanned:
    """A .npy file: harmless numbers, unless its dtype holds objects, which are a pickle."""
    header = data[8 : 8 + 65_536].partition(b"\n")[0]
    if re.search(rb"'descr': *'[<>|=]?[biufcSUMm][0-9]+(\[[a-zA-Z0-9]+\])?'", header):
        return Scanned("numpy array of numbers", ())
    at = data.find(b"\n")
    found = _pickle_or_unknown(data[at + 1 :])
    return Scanned("numpy array with a pickle", ("an array of objects is a pickle", *found.findings))


def _pickle_or_unknown(data: bytes) -> Scanned:
    findings, is_pickle = scan_pickle(data)
    if is_pickle:
        return Scanned("pickle", findings or ("a pickle: loading it would run whatever it says",))
    return Scanned("unknown", findings)


def scan_pickle(data: bytes) -> tuple[tuple[str, ...], bool]:
    """Findings of the pickle scanner, and whether the bytes are a pickle (or near enough to one to be treated so)."""
    from modelaudit_picklescan import PickleScanner, SafetyVerdict, ScanOptions, ScanStatus

    scanner = PickleScanner(ScanOptions(timeout_s=_SCAN_SECONDS))
    try:
        report: Any = scanner.scan_bytes(data, source="model", enrich_call_graph=False)
    except Exception:  # a scanner that breaks on hostile bytes has not cleared them
        return ("the scanner failed on these bytes",), True
    findings = tuple(clean(finding.message) for finding in report.findings[:MAX_FINDINGS])
    malicious = report.verdict is SafetyVerdict.MALICIOUS
    begins = re.match(rb"\x80[\x00-\x05]", data) is not None
    whole = report.status is ScanStatus.COMPLETE and bool(data)
    if begins and not whole:
        findings += ("the scan could not read the pickle to its end",)
    return (findings if begins or whole or malicious else ()), begins or whole or malicious


def clean(text: str) -> str:
    """Text out of a hostile file, fit to be shown: printable, one line, at most 160 characters."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= 160 else shown[:159] + "…"
