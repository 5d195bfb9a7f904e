"""Documents of rights in a real browser and under the PDF/UA checks: accessible, within their width, and inert."""

import re
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from ombud.documents.spreadsheet import xlsx
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.documents.wordfile import docx
from rights_papers import HOSTILE, papers
from support import needs

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PLAIN, ATTACKED = dict(papers()), dict(papers(HOSTILE))
SHOWN = ("letter-acknowledgement", "letter-answer-erasure", "letter-refusal", "copy", *(
    name for name in PLAIN if name.startswith("record-")
))  # fmt: skip
"""One of each layout; the answers to the ten rights are laid out alike."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name in SHOWN:
        (folder / f"{name}.html").write_text(html(PLAIN[name]), encoding="utf-8")
        (folder / f"{name}-hostile.html").write_text(html(ATTACKED[name]), encoding="utf-8")
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    needs("typst")
    folder = tmp_path_factory.mktemp("pdfs")
    for name, paper in PLAIN.items():
        (folder / f"{name}.pdf").write_bytes(pdf(paper))
    for name in SHOWN:
        (folder / f"{name}-hostile.pdf").write_bytes(pdf(ATTACKED[name]))
    return {path.stem: path for path in folder.iterdir()}


def shown(browser: Any, file: Path, size: dict[str, int], scheme: str = "light") -> Any:
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("dialog", lambda dialog: page.asked.append(f"dialog: {dialog.message}"))
    page.goto(file.as_uri())
    return page


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk, light", "phone, dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Any, pages: dict[str, Path], name: str, size: dict[str, int], scheme: str
) -> None:
    axe = needs("axe_playwright_python.sync_playwright").Axe()
    page = shown(browser, pages[name], size, scheme)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": rules}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", SHOWN)
def test_hostile_data_load_nothing_run_nothing_and_stay_within_the_page(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    page = shown(browser, pages[f"{name}-hostile"], PHONE)
    assert page.asked == [pages[f"{name}-hostile"].as_uri()]
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()


@pytest.mark.browser
def test_on_paper_a_page_leaves_out_what_only_a_screen_needs(browser: Any, pages: dict[str, Path]) -> None:
    page = shown(browser, pages["record-controller"], DESK)
    assert page.locator("nav").is_visible()
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible() and page.locator("main").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()


@pytest.mark.browser
def test_names_in_any_script_are_shown_in_a_page(browser: Any, pages: dict[str, Path]) -> None:
    page = shown(browser, pages["copy-hostile"], DESK)
    assert "محمد" in page.inner_text("main") and "王" in page.inner_text("main")
    page.close()


# --- PDFs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PLAIN, "letter-refusal-hostile", "copy-hostile", "record-log-hostile"])
def test_every_pdf_passes_the_checks_of_pdf_ua(pdfs: dict[str, Path], name: str) -> None:
    report = needs("pdfua").validate(str(pdfs[name]))
    assert report.exit_code == 0, [(finding.rule_id, finding.message) for finding in report.findings]
    assert not report.findings


@pytest.mark.parametrize("name", SHOWN)
def test_every_pdf_is_tagged_names_itself_its_language_and_its_standards(pdfs: dict[str, Path], name: str) -> None:
    pikepdf = needs("pikepdf")
    with pikepdf.open(pdfs[name]) as file:
        assert file.Root.MarkInfo.Marked and str(file.Root.Lang) == "en"
        assert file.Root.ViewerPreferences.DisplayDocTitle
        described = bytes(file.Root.Metadata.read_bytes()).decode()
        assert re.search(r"<pdfuaid:part>1<", described) and re.search(r"<pdfaid:part>3<", described)
        assert str(file.docinfo.Title) == PLAIN[name].title
        assert "/JavaScript" not in file.Root and "/OpenAction" not in file.Root
        assert not [key for page in file.pages for key in page.get("/Annots", []) if key.get("/A", {}).get("/URI")]


@pytest.mark.parametrize("name", [*SHOWN, *(f"{name}-hostile" for name in SHOWN)])
def test_nothing_sticks_out_of_a_pdf(pdfs: dict[str, Path], name: str) -> None:
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (apt-get install poppler-utils)")
    done = subprocess.run(["pdftotext", "-bbox", pdfs[name], "-"], capture_output=True, text=True, check=True)
    for page in done.stdout.split("<page ")[1:]:
        width, height = (float(re.search(rf'{side}="([\d.]+)"', page)[1]) for side in ("width", "height"))  # type: ignore[index]
        for right, bottom in re.findall(r'xMax="([\d.]+)" yMax="([\d.]+)"', page):
            assert float(right) < width - 30 and float(bottom) < height - 10


@pytest.mark.parametrize("name", SHOWN)
def test_pictures_of_every_pdf_can_be_looked_at(pdfs: dict[str, Path], name: str, tmp_path: Path) -> None:
    if which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (apt-get install poppler-utils)")
    subprocess.run(["pdftoppm", "-r", "50", "-png", pdfs[name], tmp_path / "page"], check=True)
    pictures = sorted(tmp_path.glob("page*.png"))
    assert pictures and all(picture.stat().st_size > 2_000 for picture in pictures)


# --- Word and Excel, by readers of their own --------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHOWN)
def test_a_word_file_has_real_headings_table_heads_and_a_language(name: str) -> None:
    reader = needs("docx")
    paper, raw = PLAIN[name], docx(PLAIN[name])
    file = reader.Document(BytesIO(raw))
    headings = [p.text for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0] == paper.title
    assert file.core_properties.title == paper.title and file.core_properties.language == "en"
    styles = zipfile.ZipFile(BytesIO(raw)).read("word/styles.xml").decode()
    assert 'w:lang w:val="en"' in styles
    body = zipfile.ZipFile(BytesIO(raw)).read("word/document.xml").decode()
    full = [table for table in paper.parts if type(table).__name__ == "Table" and table.rows]
    assert body.count("<w:tblHeader") == len(full)


@pytest.mark.parametrize("name", [name for name in SHOWN if name.startswith("record-")])
def test_a_spreadsheet_has_a_frozen_head_on_every_table(name: str) -> None:
    needs("xlsxwriter")
    with zipfile.ZipFile(BytesIO(xlsx(PLAIN[name]))) as file:
        sheets = sorted(part for part in file.namelist() if part.startswith("xl/worksheets/sheet"))
        assert len(sheets) == 1 + len(PLAIN[name].tables)
        assert all(b'state="frozen"' in file.read(part) for part in sheets[1:])
        texts = file.read("xl/sharedStrings.xml").decode()
    assert all(head in texts for table in PLAIN[name].tables for head in table.heads)
