"""Page, styles, language, footer and properties of a Word file."""

from typing import Any, Final

from ombud.documents.paper import Paper
from ombud.documents.words import short

INK: Final = "1D1C1A"
MUTED: Final = "5A5751"
HOLE: Final = "8A4B00"
HOLE_GROUND: Final = "FDF3E1"
LINE: Final = "CFC9BE"
SERIF: Final = "Georgia"
LONGEST_PROPERTY: Final = 250


def lay_out(file: Any, paper: Paper) -> None:
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
    for name, size, colour, space in (("Quiet", 9.5, MUTED, 7), ("Cell", 9, INK, 3), ("CellHead", 9, MUTED, 3)):
        _own_style(file, name, size, colour, space)
    language = OxmlElement("w:lang")
    for attribute in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(attribute), paper.language)
    for old in normal.element.get_or_add_rPr().findall(qn("w:lang")):
        normal.element.rPr.remove(old)
    normal.element.rPr.append(language)


def _own_style(file: Any, name: str, size: float, colour: str, space: float) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = file.styles["Normal"]
    _font(style, SERIF, size, colour)
    style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(space), 1.15
    style.paragraph_format.space_before = Pt(space if name.startswith("Cell") else 0)


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
