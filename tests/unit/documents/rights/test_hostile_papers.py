"""Whatever data say, they stay text: in pages, PDFs, Word files and spreadsheets."""

import re
import subprocess
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any
from xml.etree import ElementTree

import pytest

from ombud.documents.paper import Column, Facts, Heading, Letterhead, Note, Paper, Points, Say, Table
from ombud.documents.spreadsheet import xlsx
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.documents.wordfile import docx
from rights_papers import DAY, HOSTILE, papers
from support import needs

HARMLESS = dict(papers())
ATTACKED = dict(papers(HOSTILE))
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
every_kind = pytest.mark.parametrize("name", list(ATTACKED))


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def one(data: str) -> Paper:
    """A paper in which every part says `data`."""
    table = Table(data, (Column(data), Column("n", "number")), ((data, data),), name=data)
    parts = (Heading(data), Say(data), Points((data,)), Facts(((data, data),), data), Note(data, (data,)), table)
    head = Letterhead((data,), (data,), (("to", data),))
    return Paper(title=data, kicker=data, day=DAY, author=data, parts=parts, letterhead=head, foot=data)


@every_kind
def test_a_page_holds_no_element_that_came_from_data(name: str) -> None:
    page, harmless = Page(html(ATTACKED[name])), Page(html(HARMLESS[name]))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in harmless.elements} | {"br", "span"}
    assert not {"script", "img", "iframe", "svg", "form", "object"} & {tag for tag, _ in page.elements}
    assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on")]


@every_kind
def test_a_page_loads_nothing_and_says_so_to_the_browser(name: str) -> None:
    page = Page(html(ATTACKED[name]))
    policies = [a["content"] for tag, a in page.elements if tag == "meta" and a.get("http-equiv")]
    assert policies and (policies[0] or "").startswith("default-src 'none'")
    addresses = [a.get(key) for _, a in page.elements for key in ("src", "href", "action", "data", "srcset")]
    assert all(address is None or address.startswith("#") for address in addresses)
    assert not [a for tag, a in page.elements if tag == "link"]


@every_kind
def test_nothing_hidden_survives_in_a_page(name: str) -> None:
    text = html(ATTACKED[name])
    assert not re.search("[\x00\x07\u202e\ud800]", text)
    assert "\\u202e" in text  # it is seen, as its number


@every_kind
def test_a_pdf_is_made_of_hostile_data_and_shows_it_as_text(name: str) -> None:
    needs("typst")
    pages = pdf(ATTACKED[name])
    assert pages.startswith(b"%PDF-1.7")
    assert b"root:x:" not in pages


def test_typst_code_in_data_is_shown_and_not_run(tmp_path: Path) -> None:
    needs("typst")
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    said = 'a #read("/etc/passwd") #{1 + 1} ] #import "x": * $1+1$ *b* end'
    (tmp_path / "a.pdf").write_bytes(pdf(one(said)))
    seen = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True).stdout
    assert 'read("/etc/passwd")' in seen and "#{1 + 1}" in seen and "*b*" in seen
    assert "root:" not in seen


def test_the_typesetter_can_read_nothing_but_its_own_template(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typst = needs("typst")
    asked: dict[str, Any] = {}

    def seen(_input: Any, **options: Any) -> bytes:
        asked.update(options)
        return b"%PDF-1.7"

    monkeypatch.setattr(typst, "compile", seen)
    pdf(one("x"))
    assert [file.name for file in Path(asked["root"]).iterdir()] == ["paper.typ"]
    secret = tmp_path / "secret.txt"
    secret.write_text("found", encoding="utf-8")
    monkeypatch.undo()
    for path in (str(secret), "../" * 20 + str(secret), "/../../report.css"):
        with pytest.raises(typst.TypstError):
            typst.compile(f'#read("{path}")'.encode(), root=asked["root"], format="pdf")


def test_a_script_that_no_font_has_is_spelled_out_and_said(tmp_path: Path) -> None:
    needs("typst")
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "a.pdf").write_bytes(pdf(one("name 𓀀𓀁 end")))  # Egyptian hieroglyphs
    seen = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, text=True).stdout
    assert "name [U+13000 U+13001] end" in seen or "𓀀" in seen
    if "U+13000" in seen:
        assert "in none of the fonts" in seen


@pytest.mark.parametrize("said", ["Zoë Łukasz Đorđe Ελένη Анна", "שלום עולם", "x" * 5_000, "a\nb", "", "\u2068x\u2069"])
def test_names_of_many_scripts_are_set(said: str) -> None:
    needs("typst")
    assert pdf(one(said or "x")).startswith(b"%PDF")


@every_kind
def test_a_word_file_opens_and_shows_hostile_data_as_text(name: str) -> None:
    reader = needs("docx")
    file = reader.Document(BytesIO(docx(ATTACKED[name])))
    seen = "\n".join(p.text for p in file.paragraphs) + "".join(
        cell.text for table in file.tables for row in table.rows for cell in row.cells
    )
    assert "<script>alert(1)</script>" in seen
    inside = zipfile.ZipFile(BytesIO(docx(ATTACKED[name])))
    assert not [part for part in inside.namelist() if "vba" in part.lower() or "embeddings" in part]
    relations = inside.read("word/_rels/document.xml.rels").decode()
    assert "evil.example" not in relations and 'TargetMode="External"' not in relations


@every_kind
def test_a_spreadsheet_holds_no_formula_and_no_link(name: str) -> None:
    needs("xlsxwriter")
    with zipfile.ZipFile(BytesIO(xlsx(ATTACKED[name]))) as file:
        sheets = [part for part in file.namelist() if part.startswith("xl/worksheets/sheet")]
        for part in sheets:
            root = ElementTree.fromstring(file.read(part))
            assert not list(root.iter(f"{SHEET}f")) and not list(root.iter(f"{SHEET}hyperlink"))
        assert not [part for part in file.namelist() if "externalLink" in part or "vba" in part.lower()]


def test_a_spreadsheet_writes_what_looks_like_a_formula_as_text() -> None:
    needs("xlsxwriter")
    table = Table("t", (Column("a"), Column("n", "number")), (("=1+1", "=1+1"), ("@SUM(A1)", "12"), ("{=x}", "1e9")))
    with zipfile.ZipFile(BytesIO(xlsx(Paper(title="t", day=DAY, author="a", parts=(table,))))) as file:
        cells = list(ElementTree.fromstring(file.read("xl/worksheets/sheet2.xml")).iter(f"{SHEET}c"))
        assert [cell.get("r") for cell in cells if cell.get("t") is None] == ["B3"]  # the one number
        assert not [cell for cell in cells if cell.find(f"{SHEET}f") is not None]


def test_equal_papers_are_equal_files() -> None:
    needs("typst")
    needs("docx")
    paper = HARMLESS["record-controller"]
    assert html(paper) == html(paper)
    assert pdf(paper) == pdf(paper)
