"""A paper as a Word file: real headings, lists and table heads, its language set, no fields, macros or links."""

from io import BytesIO
from typing import Any, Final

from ombud.documents.paper import (
    Facts,
    Heading,
    Hole,
    Note,
    Paper,
    Part,
    Points,
    Say,
    Table,
    Value,
    bounded,
    inert,
    said,
)
from ombud.documents.words import short
from ombud.errors import Misused

INK: Final = "1D1C1A"
MUTED: Final = "5A5751"
HOLE: Final = "8A4B00"
HOLE_GROUND: Final = "FDF3E1"
LINE: Final = "CFC9BE"
SERIF: Final = "Georgia"
LONGEST_PROPERTY: Final = 250
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
    readable = paper.cleaned(lambda text: bounded(inert(text)))
    file = Document()
    _lay_out(file, readable)
    _open(file, readable)
    for part in readable.parts:
        _write(file, part, readable)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


# --- the frame --------------------------------------------------------------------------------------------------------


def _lay_out(file: Any, paper: Paper) -> None:
    """Page, styles, language, footer and properties; no time of making, so that equal papers are equal files."""
    from datetime import datetime, time

    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if paper.wide:
        section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(22)
    _styles(file, paper)
    core = file.core_properties
    title, author = (short(text, LONGEST_PROPERTY) for text in (paper.title, paper.author))
    core.title, core.author, core.language, core.comments = title, author, paper.language, ""
    core.last_modified_by = author
    core.created = core.modified = datetime.combine(paper.day, time(12))
    _footer(section.footer, paper)


def _styles(file: Any, paper: Paper) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal = file.styles["Normal"]
    _font(normal, SERIF, 10.5, INK)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(7), 1.25
    for name, size in (("Title", 24), ("Heading 1", 24), ("Heading 2", 15), ("Heading 3", 11.5)):
        _font(file.styles[name], SERIF, size, INK)
        file.styles[name].font.bold = name == "Heading 3"
    file.styles["Heading 1"].paragraph_format.space_before = Pt(0)
    file.styles["Heading 1"].paragraph_format.space_after = Pt(12)
    language = OxmlElement("w:lang")
    for attribute in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(attribute), paper.language)
    for old in normal.element.get_or_add_rPr().findall(qn("w:lang")):
        normal.element.rPr.remove(old)
    normal.element.rPr.append(language)


def _font(style: Any, name: str, size: float, colour: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.color.rgb = name, Pt(size), RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    for script in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), name)


def _footer(footer: Any, paper: Paper) -> None:
    from docx.shared import Pt, RGBColor

    run = footer.paragraphs[0].add_run(paper.foot)
    run.font.size, run.font.color.rgb = Pt(8.5), RGBColor.from_string(MUTED)


def _open(file: Any, paper: Paper) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    if paper.letterhead:
        head = paper.letterhead
        _quiet(file.add_paragraph(), "\n".join(head.sender)).alignment = WD_ALIGN_PARAGRAPH.RIGHT
        file.add_paragraph("\n".join(head.recipient))
        _quiet(file.add_paragraph(), "\n".join(f"{term}: {value}" for term, value in head.subject))
    elif paper.kicker:
        _quiet(file.add_paragraph(), paper.kicker)
    file.add_heading(paper.title, level=1)


def _quiet(paragraph: Any, text: str) -> Any:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(9.5), RGBColor.from_string(MUTED)
    return paragraph


# --- the parts --------------------------------------------------------------------------------------------------------


def _write(file: Any, part: Part, paper: Paper) -> None:
    match part:
        case Heading():
            file.add_heading(part.text, level=part.level)
        case Say():
            _quiet(file.add_paragraph(), part.text) if part.tone == "quiet" else file.add_paragraph(part.text)
        case Points():
            for item in part.items:
                _put(file.add_paragraph(style="List Number" if part.numbered else "List Bullet"), item, paper)
        case Note():
            _note(file, part)
        case Facts():
            _caption(_table(file, ("", ""), part.rows, paper, head=False, widths=(1, 3)), part.caption)
        case Table() if part.rows:
            _quiet(file.add_paragraph(), part.caption).paragraph_format.keep_with_next = True
            widths = tuple(column.weight for column in part.columns)
            _caption(_table(file, part.heads, part.rows, paper, widths=widths), part.caption)
        case Table():
            _quiet(file.add_paragraph(), f"{part.caption}. {part.empty}")


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
    if head:
        _head(table.add_row(), heads)
    for row in rows:
        cells = table.add_row().cells
        for number, (cell, value) in enumerate(zip(cells, row, strict=True)):
            _quiet(cell.paragraphs[0], str(value)) if not head and number == 0 else _cell(cell, value, paper)
    _rule(table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = int(room * width / sum(widths))
        for cell in column.cells:
            cell.width = column.width
    file.add_paragraph()
    return table


def _cell(cell: Any, value: Value, paper: Paper) -> None:
    _put(cell.paragraphs[0], value, paper)
    _tight(cell.paragraphs[0])


def _head(row: Any, heads: tuple[str, ...]) -> None:
    """The first row, marked so that Word repeats it on each page and readers announce it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for cell, text in zip(row.cells, heads, strict=True):
        _tight(_quiet(cell.paragraphs[0], text))
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _tight(paragraph: Any) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
    paragraph.paragraph_format.line_spacing = 1.1
    for run in paragraph.runs:
        run.font.size = Pt(9)


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
