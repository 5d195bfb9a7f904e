"""A paper as a Word file: real headings, lists and table heads, its language set, no fields, macros or links."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from ombud.documents.fit import cleaned, readable
from ombud.documents.paper import (
    Facts,
    Heading,
    Hole,
    Note,
    Paper,
    Part,
    Picture,
    Points,
    Say,
    Table,
    Value,
    said,
)
from ombud.documents.wordframe import HOLE, HOLE_GROUND, LINE, LONGEST_PROPERTY, lay_out
from ombud.documents.words import short
from ombud.errors import Misused

_AFTER_SHADE: Final = tuple(f"w:{name}" for name in (
    "tabs", "suppressAutoHyphens", "spacing", "ind", "contextualSpacing", "jc", "textAlignment", "outlineLvl", "rPr",
    "fitText", "vertAlign", "rtl", "cs", "em", "lang",
))  # fmt: skip
_AFTER_BORDERS: Final = tuple(f"w:{name}" for name in (
    "shd", "tblLayout", "tblCellMar", "tblLook", "tblCaption", "tblDescription",
))  # fmt: skip
"""What the format wants after them, in paragraphs, runs and tables: Word calls a file in another order damaged."""


def docx(paper: Paper) -> bytes:
    """The paper as a Word file.

    Raises:
        Misused: python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError:
        raise Misused("Word files need python-docx", "Install it: pip install 'ombud[rights]'") from None
    shown = cleaned(paper, readable)
    file = Document()
    lay_out(file, shown)
    _open(file, shown)
    for part in shown.parts:
        _write(file, part, shown)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _open(file: Any, paper: Paper) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    if paper.letterhead:
        head = paper.letterhead
        file.add_paragraph("\n".join(head.sender), style="Quiet").alignment = WD_ALIGN_PARAGRAPH.RIGHT
        file.add_paragraph("\n".join(head.recipient))
        file.add_paragraph("\n".join(f"{term}: {value}" for term, value in head.subject), style="Quiet")
    elif paper.kicker:
        file.add_paragraph(paper.kicker, style="Quiet")
    file.add_heading(paper.title, level=1)


# --- the parts --------------------------------------------------------------------------------------------------------


def _write(file: Any, part: Part, paper: Paper) -> None:
    match part:
        case Heading():
            file.add_heading(part.text, level=part.level)
        case Say():
            file.add_paragraph(part.text, style="Quiet" if part.tone == "quiet" else None)
        case Points():
            for item in part.items:
                _put(file.add_paragraph(style="List Number" if part.numbered else "List Bullet"), item, paper)
        case Note():
            _note(file, part)
        case Picture():
            file.add_paragraph(part.alternative)
            file.add_paragraph(part.caption, style="Quiet")
        case Facts():
            _caption(_table(file, ("", ""), part.rows, paper, head=False, widths=(1, 3)), part.caption)
        case Table() if part.rows:
            file.add_paragraph(part.caption, style="Quiet").paragraph_format.keep_with_next = True
            widths = tuple(column.weight for column in part.columns)
            _caption(_table(file, part.heads, part.rows, paper, widths=widths), part.caption)
        case Table():
            file.add_paragraph(f"{part.caption}. {part.empty}", style="Quiet")


def _put(paragraph: Any, value: Value, paper: Paper) -> None:
    for number, one in enumerate(said(value)):
        if number:
            paragraph.add_run("\n")
        _hole(paragraph, one, paper) if isinstance(one, Hole) else paragraph.add_run(one)


def _hole(paragraph: Any, hole: Hole, paper: Paper) -> None:
    from docx.shared import RGBColor

    for text, bold in ((f"{paper.labels.missing}: ", True), (f"{hole.add}; {paper.labels.where} {hole.where}", False)):
        run = paragraph.add_run(text)
        run.bold, run.font.color.rgb = bold, RGBColor.from_string(HOLE)
        _ground(run._r.get_or_add_rPr(), HOLE_GROUND)


def _note(file: Any, note: Note) -> None:
    for number, line in enumerate((note.title, *note.lines)):
        paragraph = file.add_paragraph()
        paragraph.add_run(line).bold = number == 0
        _ground(paragraph._p.get_or_add_pPr(), HOLE_GROUND if note.tone == "hole" else "F2F5F5")


def _ground(properties: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    properties.insert_element_before(shade, *_AFTER_SHADE)


def _table(
    file: Any, heads: tuple[str, ...], rows: tuple[tuple[Value, ...], ...], paper: Paper, *, head: bool = True,
    widths: tuple[int, ...],
) -> Any:  # fmt: skip
    table = file.add_table(rows=0, cols=len(heads))
    table.autofit = False
    section = file.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    wide = [int(room * width / sum(widths)) for width in widths]
    for column, width in zip(table.columns, wide, strict=True):
        column.width = width
    if head:
        _mark_head(_row(table, heads, wide, paper, ["CellHead"] * len(heads)))
    looks = ["Cell" if head else "CellHead", *["Cell"] * (len(heads) - 1)]
    for row in rows:
        _row(table, row, wide, paper, looks)
    _rule(table)
    file.add_paragraph()
    return table


def _row(table: Any, values: Sequence[Value], wide: Sequence[int], paper: Paper, looks: Sequence[str]) -> Any:
    row = table.add_row()
    for cell, value, width, look in zip(row.cells, values, wide, looks, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph._p.style = look  # by its id: looking a style up by name takes longer than all the rest
        _put(paragraph, value, paper)
    return row


def _mark_head(row: Any) -> None:
    """Word repeats a row that is marked so on each page, and readers announce it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _rule(table: Any) -> None:
    """A thin line under each row, none between columns."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.insert_element_before(borders, *_AFTER_BORDERS)


def _caption(table: Any, text: str) -> None:
    """What a screen reader says of a table before it is read."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), short(text, LONGEST_PROPERTY))
    table._tbl.tblPr.insert_element_before(caption, "w:tblDescription")
