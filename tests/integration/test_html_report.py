"""The HTML report in a real browser: accessible, within its width, loading nothing, open on paper."""

from pathlib import Path
from typing import Any

import pytest

from ombud.documents.render import render
from report_factory import demo_report, hostile_report
from support import needs

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FINDINGS = ("verdict", "fails", "measured", "coverage", "requirements")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for name, report in (("demo", demo_report()), ("hostile", hostile_report())):
        (folder / f"{name}.html").write_text(render(report, "html"), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in ("demo", "hostile")}


def shown(browser: Any, file: Path, size: dict[str, int], scheme: str = "light") -> Any:
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("dialog", lambda dialog: page.asked.append(f"dialog: {dialog.message}"))
    page.goto(file.as_uri())
    return page


def open_all(page: Any) -> None:
    """Open what can be opened, but of the long tables of law only the first."""
    page.eval_on_selector_all("details:not(.lawbook)", "all => all.forEach(one => one.open = true)")
    page.eval_on_selector_all(".lawbook", "all => { all[0].open = true }")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk, light", "phone, dark"])
def test_axe_finds_nothing(browser: Any, files: dict[str, Path], size: dict[str, int], scheme: str) -> None:
    axe = needs("axe_playwright_python.sync_playwright").Axe()
    page = shown(browser, files["demo"], size, scheme)
    open_all(page)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": rules}})
    assert found.violations_count == 0, found.generate_report()
    page.close()


def test_axe_finds_nothing_in_a_report_full_of_hostile_names(browser: Any, files: dict[str, Path]) -> None:
    axe = needs("axe_playwright_python.sync_playwright").Axe()
    page = shown(browser, files["hostile"], DESK)
    open_all(page)
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()


@pytest.mark.parametrize("name", ["demo", "hostile"])
@pytest.mark.parametrize("size", [DESK, PHONE, {"width": 320, "height": 640}], ids=["desk", "phone", "smallest"])
def test_nothing_sticks_out_of_the_page(browser: Any, files: dict[str, Path], size: dict[str, int], name: str) -> None:
    page = shown(browser, files[name], size)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.close()


@pytest.mark.parametrize("name", ["demo", "hostile"])
def test_nothing_is_loaded_and_nothing_runs(browser: Any, files: dict[str, Path], name: str) -> None:
    page = shown(browser, files[name], DESK)
    open_all(page)
    assert page.asked == [files[name].as_uri()]
    assert page.evaluate("document.scripts.length") == 0
    page.close()


def test_charts_are_drawn_for_the_width_of_the_page(browser: Any, files: dict[str, Path]) -> None:
    for size, seen, hidden in ((DESK, "wide", "narrow"), (PHONE, "narrow", "wide")):
        page = shown(browser, files["demo"], size)
        assert page.locator(f"#fails svg.{seen}").first.is_visible()
        assert not page.locator(f"#fails svg.{hidden}").first.is_visible()
        page.close()


def test_details_are_open_on_paper(browser: Any, files: dict[str, Path]) -> None:
    page = shown(browser, files["demo"], DESK)
    table = page.locator("#fails details table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible() and not page.locator("nav").is_visible()
    page.close()


def test_the_keyboard_reaches_the_report_first_and_shows_where_it_is(browser: Any, files: dict[str, Path]) -> None:
    page = shown(browser, files["demo"], DESK)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pictures_of_the_report_can_be_looked_at(
    browser: Any, files: dict[str, Path], size: dict[str, int], tmp_path: Path
) -> None:
    page = shown(browser, files["demo"], size)
    for part in FINDINGS:
        page.locator(f"#{part}").evaluate("one => one.scrollIntoView()")
        picture = page.screenshot(path=tmp_path / f"{part}.png")
        assert picture[:8] == b"\x89PNG\r\n\x1a\n" and len(picture) > 10_000
    page.close()
