"""PDF: what its pages show, its metadata, its attachments; where pikepdf is installed."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any, Final

from ombud.rights.proof.sink import Sink, Undecoded

_PAIR: Final = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE: Final = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_LISTED: Final = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\[([^\]]*)\]")
_SHOWS: Final = frozenset(["Tj", "TJ", "'", '"'])
_BREAKS: Final = frozenset(["Td", "TD", "T*", "Tm", "ET"])
_WIDEST: Final = 4096
Letters = dict[int, str]


def scan_pdf(data: memoryview, sink: Sink) -> None:
    """Read a PDF file.

    Raises:
        Undecoded: pikepdf is not here, or it is encrypted or damaged.
    """
    try:
        import pikepdf
    except ImportError:
        raise Undecoded("PDF is not decoded: pikepdf is not installed") from None
    logging.getLogger("pikepdf").addHandler(logging.NullHandler())  # it would write of damage to stderr
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            _read(document, sink)
    except (pikepdf.PdfError, ValueError, RecursionError):
        raise Undecoded("it is encrypted or damaged") from None


def _read(document: Any, sink: Sink) -> None:
    import pikepdf

    from ombud.rights.proof.decode import decode

    for thing in document.objects:
        sink.text("value", b"\0".join(_strings(thing)))
        if isinstance(thing, pikepdf.Stream) and thing.get("/Type") in ("/EmbeddedFile", "/Metadata"):
            decode(memoryview(bytes(thing.read_bytes())), sink.inside("attachment"))
    for page in document.pages:
        sink.variants("page", _shown(page, sink))


def _strings(thing: Any, depth: int = 0) -> Iterator[bytes]:
    """Strings of an object itself; others that it points at come on their own."""
    import pikepdf

    if isinstance(thing, pikepdf.String):
        yield str(thing).encode("utf-8", "replace")
    elif depth < 16 and isinstance(thing, pikepdf.Array):
        for one in thing:
            yield from _strings(one, depth + 1) if not getattr(one, "is_indirect", False) else ()
    elif depth < 16 and isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        for _, one in thing.items():
            yield from _strings(one, depth + 1) if not getattr(one, "is_indirect", False) else ()


def _shown(page: Any, sink: Sink) -> list[bytes]:
    """The page's text, once with and once without breaks where the pen moves."""
    import pikepdf

    fonts = {str(name): _letters(font) for name, font in (page.resources.get("/Font") or {}).items()}
    letters: tuple[Letters | None, int] = ({}, 1)
    parts: list[str] = []
    for step in pikepdf.parse_content_stream(page):
        operands, name = step.operands, str(step.operator)
        if name == "Tf":
            letters = fonts.get(str(operands[0]), (None, 1))
            if letters[0] is None:
                sink.unread("a font whose letters are not told")
        elif name in _SHOWS:
            parts.append(_decoded(operands, letters))
        elif name in _BREAKS:
            parts.append("\n")
    whole = "".join(parts)
    return [whole.encode("utf-8", "replace"), whole.replace("\n", "").encode("utf-8", "replace")]


def _decoded(operands: Any, letters: tuple[Letters | None, int]) -> str:
    import pikepdf

    known, width = letters
    strings = [one for operand in operands for one in (operand if isinstance(operand, pikepdf.Array) else [operand])]
    shown = b"".join(bytes(one) for one in strings if isinstance(one, pikepdf.String))
    if not known:
        return shown.decode("latin-1")
    codes = (int.from_bytes(shown[i : i + width], "big") for i in range(0, len(shown), width))
    return "".join(known.get(code, "\ufffd") for code in codes)


def _letters(font: Any) -> tuple[Letters | None, int]:
    """What a font's codes stand for, and how many bytes a code has."""
    composite = font.get("/Subtype") == "/Type0"
    table = font.get("/ToUnicode")
    if table is None:
        return (None, 2) if composite else ({}, 1)
    return dict(_mapped(bytes(table.read_bytes()))), 2 if composite else 1


def _mapped(table: bytes) -> Iterator[tuple[int, str]]:
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.S):
        yield from ((int(code, 16), _text(to)) for code, to in _PAIR.findall(block))
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.S):
        for low, high, several in _LISTED.findall(block):
            texts = re.findall(rb"<([0-9A-Fa-f]+)>", several)
            yield from ((int(low, 16) + i, _text(to)) for i, to in enumerate(texts[: int(high, 16) - int(low, 16) + 1]))
        for low, high, to in _RANGE.findall(block):
            last = min(int(high, 16) - int(low, 16), _WIDEST)
            start = _text(to)
            yield from ((int(low, 16) + i, start[:-1] + chr(ord(start[-1]) + i)) for i in range(last + 1) if start)


def _text(coded: bytes) -> str:
    return bytes.fromhex(coded.decode() if len(coded) % 2 == 0 else "0" + coded.decode()).decode("utf-16-be", "replace")
