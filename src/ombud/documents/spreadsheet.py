"""A paper's tables as an Excel file: one sheet each, heads frozen, every cell a text or a number, never a formula."""

import re
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any, Final

from ombud.documents.fit import cleaned, inert
from ombud.documents.paper import Facts, Hole, Note, Paper, Say, Table, Value, one_line, said
from ombud.documents.words import short
from ombud.errors import Misused

LONGEST_CELL: Final = 32_000
"""Excel holds 32,767 characters in a cell; what is longer is cut, and says so."""
MOST_ROWS: Final = 1_000_000
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_PLAIN_NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,6})?")


def xlsx(paper: Paper) -> bytes:
    """The paper's tables as an Excel file; its first sheet says what it is and what is missing.

    Raises:
        Misused: xlsxwriter is not installed, or a table has more rows than a sheet can hold.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise Misused("Excel files need xlsxwriter", "Install it: pip install 'ombud[rights]'") from None
    out = BytesIO()
    shown = cleaned(paper, _fit)
    inside = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, inside) as book:
        looks = _looks(book)
        book.set_properties({"title": short(paper.title, 250), "author": short(paper.author, 250),
                             "created": datetime.combine(paper.day, time(12), UTC)})  # fmt: skip
        taken: set[str] = set()
        _about(book.add_worksheet(_name("About", taken)), shown, looks)
        for table in shown.tables:
            _sheet(book.add_worksheet(_name(table.name or table.caption, taken)), table, looks)
    return out.getvalue()


def _fit(text: str) -> str:
    shown = inert(text)
    return shown if len(shown) <= LONGEST_CELL else f"{shown[:LONGEST_CELL]}… (cut; {len(text):,} characters in all)"


def _looks(book: Any) -> dict[str, Any]:
    base = {"valign": "top", "text_wrap": True, "font_name": "Calibri", "font_size": 10.5}
    return {
        "text": book.add_format(base),
        "number": book.add_format({**base, "align": "right"}),
        "head": book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#F1EEE8", "valign": "bottom"}),
        "title": book.add_format({**base, "font_size": 17, "text_wrap": False}),
        "quiet": book.add_format({**base, "font_color": "#5A5751"}),
        "hole": book.add_format({**base, "font_color": "#8A4B00", "bg_color": "#FDF3E1"}),
    }


def _about(sheet: Any, paper: Paper, looks: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 32, looks["text"])
    sheet.set_column(1, 1, 96, looks["text"])
    sheet.write_string(0, 0, paper.title, looks["title"])
    row = 1
    for term, value, look in _told(paper):
        sheet.write_string(row, 0, term, looks["quiet"])
        sheet.write_string(row, 1, value, looks[look])
        row += 1
    sheet.hide_gridlines(2)


def _told(paper: Paper) -> list[tuple[str, str, str]]:
    """What the first sheet says: what it is, the remarks, the facts, and everything that is missing."""
    told = [("", paper.kicker, "quiet"), (paper.labels.date, paper.day.isoformat(), "text")]
    for part in paper.parts:
        if isinstance(part, Say):
            told.append(("", part.text, "text"))
        elif isinstance(part, Note):
            told.append((part.title, "\n".join(part.lines), "text"))
        elif isinstance(part, Facts) and not paper.sheets:
            told += [(term, one_line(value), _look(value, "text")) for term, value in part.rows]
    told += [(paper.labels.missing, str(hole), "hole") for hole in paper.holes]
    return [*told, ("", paper.foot, "quiet")]


def _look(value: Value, otherwise: str) -> str:
    return "hole" if any(isinstance(one, Hole) for one in said(value)) else otherwise


def _sheet(sheet: Any, table: Table, looks: dict[str, Any]) -> None:
    if len(table.rows) > MOST_ROWS:
        raise Misused(f"{len(table.rows):,} rows do not fit into a sheet", "Use --format json.")
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, 14 if column.kind != "text" else min(16 + 10 * column.weight, 60))
        sheet.write_string(0, number, column.name, looks["head"])
    for row, values in enumerate(table.rows, start=1):
        for number, value in enumerate(values):
            _cell(sheet, row, number, value, looks, table.columns[number].kind == "number")
    sheet.freeze_panes(1, 1)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    else:
        sheet.write_string(1, 0, table.empty, looks["quiet"])
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _cell(sheet: Any, row: int, column: int, value: Value, looks: dict[str, Any], number: bool) -> None:
    text = one_line(value)
    if number and _PLAIN_NUMBER.fullmatch(text):
        sheet.write_number(row, column, float(text), looks["number"])
    else:
        sheet.write_string(row, column, text, looks[_look(value, "number" if number else "text")])


def _name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, none of its own, not used before."""
    plain = _NOT_IN_NAMES.sub(" ", wanted).strip()[:28] or "Table"
    name, number = plain, 2
    while name.casefold() in taken or name.casefold() == "history":
        name, number = f"{plain[:27]} {number}", number + 1
    taken.add(name.casefold())
    return name
