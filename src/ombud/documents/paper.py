"""A document as parts that mean something: one description, written as a web page, PDF, Word file or spreadsheet.

Whoever fills it gives plain text. No part is markup, so nothing from data can become markup in any of the formats.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Literal

from attrs import frozen


@frozen
class Hole:
    """Something that should be said here and that nobody has said.

    Attributes:
        add: what to add ("the contact details of the controller").
        where: the file and key ("records.yaml: controller.contact").
    """

    add: str
    where: str

    def __str__(self) -> str:
        return f"MISSING: {self.add}. Add it in {self.where}."


Value = str | Hole | tuple[str | Hole, ...]
"""One text, one hole, or several of them, which are shown one below the other."""


@frozen
class Heading:
    """A heading; level 2 opens a chapter, level 3 a section of it."""

    text: str
    level: Literal[2, 3] = 2


@frozen
class Say:
    """A paragraph; "lead" is read first, "quiet" last."""

    text: str
    tone: Literal["plain", "lead", "quiet"] = "plain"


@frozen
class Points:
    """A list."""

    items: tuple[Value, ...]
    numbered: bool = False


@frozen
class Facts:
    """Terms with what is said of them; `caption` tells who only hears the document what the list is about."""

    rows: tuple[tuple[str, Value], ...]
    caption: str = ""


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: its head.
        kind: how it is set: text, a number (right, equal digits), a short word or date that is never broken.
        weight: share of the width, against the others'.
    """

    name: str
    kind: Literal["text", "number", "short"] = "text"
    weight: int = 1


@frozen
class Table:
    """A table whose first column names its rows.

    Attributes:
        caption: what it shows.
        columns: its columns.
        rows: as many values each as there are columns.
        empty: what is said where there are no rows.
        name: short, for the sheet of a spreadsheet; "" takes it from the caption.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    empty: str = "None."
    name: str = ""

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


@frozen
class Note:
    """Something set apart: what matters most, or what is missing."""

    title: str
    lines: tuple[str, ...]
    tone: Literal["info", "hole"] = "info"


@frozen
class Picture:
    """A drawing.

    Attributes:
        svg: as SVG with colours of its own, without scripts or outside references; drawn by us, no part of it is markup
            from data.
        alternative: what it shows, in words; read aloud in a PDF, and shown in its place on pages and in Word files.
        caption: what is said below it.
    """

    svg: str
    alternative: str
    caption: str = ""


Part = Heading | Say | Points | Facts | Table | Note | Picture


@frozen
class Letterhead:
    """Who writes to whom: lines of an address each."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...] = ()
    subject: tuple[tuple[str, str], ...] = ()


@frozen
class Labels:
    """Words that the layout adds to a document by itself."""

    contents: str = "Contents"
    page: str = "Page"
    of: str = "of"
    to: str = "To"
    date: str = "Date"
    missing: str = "Missing"
    where: str = "add it in"
    skip: str = "Skip to the document"
    unset: str = (
        "Some letters of this document are in none of the fonts of this PDF; they are written as [U+…], their number "
        "in Unicode. The web page of the same document shows them."
    )


@frozen(kw_only=True)
class Paper:
    """A document.

    Attributes:
        title: what it is.
        kicker: the line above the title, in small letters.
        day: the day it is of.
        author: who answers for it.
        parts: what it says, in order.
        letterhead: for a letter; None for a record.
        foot: the last line.
        language, direction: of the words of the document (not of the data in it).
        labels: words that the layout itself needs.
        wide: laid across, for many columns.
        sheets: tables for a spreadsheet; empty takes those among `parts`.
    """

    title: str
    day: date
    author: str
    parts: tuple[Part, ...]
    kicker: str = ""
    letterhead: Letterhead | None = None
    foot: str = ""
    language: str = "en"
    direction: Literal["ltr", "rtl"] = "ltr"
    labels: Labels = Labels()
    wide: bool = False
    sheets: tuple[Table, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """What a spreadsheet holds."""
        return self.sheets or tuple(part for part in self.parts if isinstance(part, Table))

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Everything that is missing, each once, in the order of reading."""
        return tuple(dict.fromkeys(hole for part in self.parts for hole in _holes_in(part)))


LINE: Final = 200
"""Longest text of a title, a foot or the line above a title: organisations have names, not chapters."""
LONGEST: Final = 2_000
"""Longest text that one cell of a page or PDF shows whole; the machine-readable part always has all of it."""


def bounded(text: str, longest: int = LONGEST) -> str:
    """A text cut off where a reader would no longer read it, and saying so."""
    return text if len(text) <= longest else f"{text[:longest]}… (cut; {len(text):,} characters in all)"


def one_line(value: Value) -> str:
    """A value as a cell of a spreadsheet holds it."""
    return "\n".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def said(value: Value) -> tuple[str | Hole, ...]:
    """A value as the things it says."""
    return value if isinstance(value, tuple) else (value,)


def _holes_in(part: Part) -> Iterator[Hole]:
    values: Sequence[Value] = ()
    if isinstance(part, Facts):
        values = [value for _, value in part.rows]
    elif isinstance(part, Table):
        values = [value for row in part.rows for value in row]
    elif isinstance(part, Points):
        values = part.items
    for value in values:
        yield from (one for one in said(value) if isinstance(one, Hole))
