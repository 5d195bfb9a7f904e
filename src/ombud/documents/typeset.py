"""A paper as PDF: tagged for screen readers (PDF/UA-1) and fit for archives (PDF/A-3a), set by Typst.

Data reaches the typesetter as JSON and is shown as text; it is never read as Typst code. The typesetter may read
nothing but its own template: its root is that template's folder, and it is asked for no package.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from attrs import asdict

from ombud.documents.fit import cleaned, readable
from ombud.documents.paper import Hole, Paper
from ombud.errors import Misused, Unreadable

STANDARDS: Final = ("ua-1", "a-3a")
FONTS: Final = ("Libertinus Serif", "DejaVu Sans Mono")
"""The fonts of text and of codes; both are in the typst package. Letters that they lack come from the system's."""

_PLAIN: Final = re.compile(r"[\n -~\u00a0-\u017e\u2010-\u2014\u2018-\u201d\u2022\u2026\u2192\u2212]")
_NAMED: Final = re.compile(r'the text `"(.*?)"` could not be displayed', re.S)
_MOST_TRIES: Final = 20
_NOBODYS: Final = "\U0010fffd"
"""A letter that no font has: what is drawn like it is missing."""
_PROBE: Final = b"""#set page(width: 20pt, height: auto, margin: 0pt)
#set text(font: "Libertinus Serif", size: 10pt)
#for letter in json(bytes(sys.inputs.letters)) { block(above: 0pt, below: 0pt, height: 12pt, letter) }"""
_DRAWN: Final = re.compile(r'translate\(0 (\d+)\)"><g [^>]*><use xlink:href="(#\w+)"')


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
    shown = cleaned(paper, readable)
    folders = [str(folder) for folder in fonts]
    missing = _not_in_any_font(typst, _letters(shown), folders)
    for _ in range(_MOST_TRIES):
        try:
            return _set(typst, cleaned(shown, _spelled_out(missing)) if missing else shown, len(missing), folders)
        except typst.TypstError as refused:
            more = frozenset("".join(_NAMED.findall(str(refused)))) - missing
            if not more:
                break
            missing |= more
    raise Unreadable("the PDF", "the typesetter refused it", "Use --format html instead.")


def _set(typst: Any, paper: Paper, missing: int, folders: list[str]) -> bytes:
    """Set a paper; raises the typesetter's own error."""
    with as_file(files("ombud.documents") / "templates" / "typst") as root:
        made: bytes = typst.compile(
            str(Path(root) / "paper.typ"), root=str(root), format="pdf", pdf_standards=list(STANDARDS),
            font_paths=folders, package_path=str(root), package_cache_path=str(root),
            timestamp=int(datetime.combine(paper.day, time(12), UTC).timestamp()),
            sys_inputs={"paper": json.dumps(_data(paper, missing), ensure_ascii=False)},
        )  # fmt: skip
    return made


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


def _not_in_any_font(typst: Any, letters: frozenset[str], folders: list[str]) -> frozenset[str]:
    """The letters that are drawn as a letter is that no font has; all are drawn at once, one below the other."""
    if not letters:
        return letters
    asked = ["", _NOBODYS, *sorted(letters)]
    drawn = typst.compile(_PROBE, format="svg", font_paths=folders, sys_inputs={"letters": json.dumps(asked)})
    picture = (drawn[0] if isinstance(drawn, list) else drawn).decode()
    shapes = {int(place) // 12: shape for place, shape in _DRAWN.findall(picture)}
    alike = {number for number, shape in shapes.items() if shape == shapes.get(1)}
    return frozenset(letter for number, letter in enumerate(asked) if number > 1 and number in alike)


def _spelled_out(missing: frozenset[str]) -> Callable[[str], str]:
    run = re.compile(f"[{re.escape(''.join(sorted(missing)))}]+")
    return lambda text: run.sub(lambda found: f"[{' '.join(f'U+{ord(letter):04X}' for letter in found[0])}]", text)
