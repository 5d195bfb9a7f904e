"""The monitoring report in a real browser and under the PDF/UA checks: accessible, within its width, and inert."""

import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from ombud.documents.monitoring.page import html
from ombud.documents.monitoring.printed import paper
from ombud.documents.typeset import pdf
from support import needs
from watched import watched

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
EVIL = "selection_rate[race=</svg><script>alert(1)</script>" + "x" * 300 + "]"
SHOWN = ("two years", "three months", "hostile")


def report(name: str) -> Any:
    if name == "two years":
        return watched()
    if name == "three months":
        return watched(series={series: spots[-13:] for series, spots in watched().series.items()})
    spots = watched().series["selection_rate[race=black]"]
    return watched(series={EVIL: spots}, alarms=(), notes=("<img src=x onerror=alert(1)>",), system="<b>" + "y" * 200)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("monitoring")
    for name in SHOWN:
        (folder / f"{name}.html").write_text(html(report(name)), encoding="utf-8")
        (folder / f"{name}.pdf").write_bytes(pdf(paper(report(name))))
    return {path.name: path for path in folder.iterdir()}


def shown(browser: Any, file: Path, size: dict[str, int], scheme: str = "light") -> Any:
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("dialog", lambda dialog: page.asked.append(f"dialog: {dialog.message}"))
    page.goto(file.as_uri())
    return page


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("three months", DESK, "light"), ("three months", DESK, "dark"), ("three months", PHONE, "light"),
     ("two years", PHONE, "dark"), ("hostile", PHONE, "dark")],
)  # fmt: skip
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Any, files: dict[str, Path], name: str, size: dict[str, int], scheme: str
) -> None:
    axe = needs("axe_playwright_python.sync_playwright").Axe()
    page = shown(browser, files[f"{name}.html"], size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": rules}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.close()


@pytest.mark.browser
def test_hostile_names_load_nothing_and_run_nothing(browser: Any, files: dict[str, Path]) -> None:
    page = shown(browser, files["hostile.html"], PHONE)
    assert page.asked == [files["hostile.html"].as_uri()]
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    page.close()


@pytest.mark.browser
def test_a_phone_sees_the_narrow_drawing_and_a_desk_the_wide_one(browser: Any, files: dict[str, Path]) -> None:
    for size, seen, unseen in ((DESK, "wide", "narrow"), (PHONE, "narrow", "wide")):
        page = shown(browser, files["two years.html"], size)
        assert page.locator(f"svg.{seen}").first.is_visible() and not page.locator(f"svg.{unseen}").first.is_visible()
        page.close()


@pytest.mark.parametrize("name", SHOWN)
def test_every_pdf_passes_the_checks_of_pdf_ua(files: dict[str, Path], name: str) -> None:
    found = needs("pdfua").validate(str(files[f"{name}.pdf"]))
    assert found.exit_code == 0 and not found.findings, [(one.rule_id, one.message) for one in found.findings]


def test_every_drawing_of_the_pdf_is_told_in_words(files: dict[str, Path]) -> None:
    pikepdf = needs("pikepdf")
    with pikepdf.open(files["two years.pdf"]) as file:
        told = [str(one.Alt) for one in file.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
    assert any("Alarm 2026-05-04, change since about 2026-03-23." in one for one in told)


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_sticks_out_of_a_pdf(files: dict[str, Path], name: str) -> None:
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (apt-get install poppler-utils)")
    done = subprocess.run(["pdftotext", "-bbox", files[f"{name}.pdf"], "-"], capture_output=True, text=True, check=True)
    for page in done.stdout.split("<page ")[1:]:
        width = float(re.search(r'width="([\d.]+)"', page)[1])  # type: ignore[index]
        ends = [float(x) for x in re.findall(r'xMax="([\d.]+)"', page)]
        assert all(end <= width for end in ends)
