"""A paper as one HTML file: no script, nothing fetched, every text from data escaped and inert."""

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ombud.documents.fit import cleaned, readable
from ombud.documents.page import POLICY
from ombud.documents.paper import Heading, Hole, Paper, said

_DATE: Final = re.compile(r"(\b\d{4}-\d\d-\d\d\b)")
CHAPTERS: Final = 4
"""So many chapters, and the page gets a list of contents."""


def html(paper: Paper) -> str:
    """The paper as one self-contained HTML file."""
    style = (files("ombud.documents") / "templates" / "paper.css").read_text(encoding="utf-8")
    shown = cleaned(paper, readable)
    numbered = [(f"s{number}", part) for number, part in enumerate(shown.parts, start=1)]
    chapters = [(name, part.text) for name, part in numbered if isinstance(part, Heading) and part.level == 2]
    listed = len(chapters) >= CHAPTERS and not paper.letterhead
    return _environment().get_template("paper.html").render(
        paper=shown, parts=numbered, policy=POLICY, style=Markup(style),  # noqa: S704  (a file of ours, no data)
        chapters=chapters if listed else [],
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ombud.documents"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update({"said": said, "kind": _kind, "lines": _lines})
    environment.tests["hole"] = lambda value: isinstance(value, Hole)
    return environment


def _kind(part: Any) -> str:
    return type(part).__name__.lower()


def _lines(text: str) -> list[Markup]:
    """The lines of a text, escaped; a date is never broken."""
    return [_unbroken(line) for line in text.split("\n")]


def _unbroken(line: str) -> Markup:
    pieces = [Markup('<span class="date">{}</span>').format(one) if _DATE.fullmatch(one) else escape(one)
              for one in _DATE.split(line)]  # fmt: skip
    return Markup("").join(pieces)
