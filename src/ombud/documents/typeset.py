"""A paper as PDF: tagged for screen readers (PDF/UA-1) and fit for archives (PDF/A-3a), set by Typst.

Data reaches the typesetter as JSON and is shown as text; it is never read as Typst code. The typesetter may read
nothing but its own template: its root is that template's folder, and it is asked for no package.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from attrs import asdict

from ombud.documents.paper import Hole, Paper, bounded, inert
from ombud.errors import Misused, Unreadable

STANDARDS: Final = ("ua-1", "a-3a")
FONTS: Final = ("Libertinus Serif", "DejaVu Sans Mono")
"""The fonts of text and of codes; both are in the typst package. Letters that they lack come from the system's."""

_PLAIN: Final = re.compile(r"[\n -~\u00a0-\u017e\u2010-\u2014\u2018-\u201d\u2022\u2026\u2192\u2212]")
_NAMED: Final = re.compile(r'the text `"(.*?)"` could not be displayed', re.S)
_MOST_TRIED: Final = 2_000
_PROBE: Final = b'#set document(title: "t")\n#set text(font: "Libertinus Serif")\n#sys.inputs.probe'


def pdf(paper: Paper, fonts: Sequence[Path] = ()) -> bytes:
    """The paper as PDF.

    Args:
        paper: what to set.
        fonts: folders with more fonts, for scripts that the built-in ones lack. Letters that no font has are written
            as [U+738B], and the document says so at its end.

    Raises:
        Misused: the typesetter is not installed.
        Unreadable: the typesetter refuses; its words may quote data and are not repeated.
    """
    typst = _typst()
    readable = paper.cleaned(lambda text: bounded(inert(text)))
    folders = [str(folder) for folder in fonts]
    missing = _not_in_any_font(typst, _letters(readable), tuple(folders))
    if missing:
        readable = readable.cleaned(_spelled_out(missing))
    with as_file(files("ombud.documents") / "templates" / "typst") as root:
        options: dict[str, Any] = {
            "root": str(root), "format": "pdf", "pdf_standards": list(STANDARDS), "font_paths": folders,
            "timestamp": int(datetime.combine(paper.day, time(12), UTC).timestamp()),
            "package_path": str(root), "package_cache_path": str(root),
            "sys_inputs": {"paper": json.dumps(_data(readable, len(missing)), ensure_ascii=False)},
        }  # fmt: skip
        try:
            set_: bytes = typst.compile(str(Path(root) / "paper.typ"), **options)
        except typst.TypstError:
            raise Unreadable("the PDF", "the typesetter refused it", "Use --format html instead.") from None
    return set_


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise Misused("PDF needs a typesetter", "Install it: pip install 'ombud[rights]'") from None
    return typst


def _data(paper: Paper, missing: int) -> dict[str, Any]:
    parts = [{"is": type(part).__name__.lower(), **asdict(part, value_serializer=_holes)} for part in paper.parts]
    return {**asdict(paper, filter=lambda field, _: field.name not in ("parts", "sheets", "day")), "parts": parts,
            "day": paper.day.isoformat(), "missing": missing, "fonts": list(FONTS)}  # fmt: skip


def _holes(_instance: Any, _field: Any, value: Any) -> Any:
    return {"add": value.add, "where": value.where} if isinstance(value, Hole) else value


# --- letters that no font has -----------------------------------------------------------------------------------------


def _letters(paper: Paper) -> frozenset[str]:
    """The letters in a paper that the built-in fonts may lack."""
    text = json.dumps(_data(paper, 0), ensure_ascii=False)
    return frozenset(letter for letter in set(text) if not _PLAIN.fullmatch(letter))


def _not_in_any_font(typst: Any, letters: frozenset[str], folders: tuple[str, ...]) -> frozenset[str]:
    asked = sorted(letters)
    known = {letter for letter in asked[:_MOST_TRIED] if _has(typst, letter, folders)}
    return letters - known


@cache
def _has(typst: Any, letter: str, folders: tuple[str, ...]) -> bool:
    try:
        _compiler(typst, folders).compile(
            input=_PROBE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"probe": f"a{letter}"}
        )
    except typst.TypstError:
        return False
    return True


@cache
def _compiler(typst: Any, folders: tuple[str, ...]) -> Any:
    return typst.Compiler(input=_PROBE, font_paths=list(folders))


def _spelled_out(missing: frozenset[str]) -> Callable[[str], str]:
    run = re.compile(f"[{re.escape(''.join(sorted(missing)))}]+")
    return lambda text: run.sub(lambda found: f"[{' '.join(f'U+{ord(letter):04X}' for letter in found[0])}]", text)
