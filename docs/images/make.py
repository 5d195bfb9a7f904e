"""Make the README's picture from a real report: python docs/images/make.py ombud-demo/report.html (needs Chromium)."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("impact-ratio.png")
SIZE, MARGIN = {"width": 1100, "height": 1000}, 12


def main(report: Path) -> None:
    """Photograph the first finding that fails, from its heading to the caption of its first chart."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light", device_scale_factor=1.5)
        page.goto(report.resolve().as_uri())
        caption = page.locator("#fails figcaption").first
        card = page.locator("#fails article, #fails section, #fails .card").first
        top, bottom = card.bounding_box(), caption.bounding_box()
        assert top and bottom, "the report has no failing finding with a chart"
        page.screenshot(
            path=PICTURE,
            full_page=True,
            clip={
                "x": top["x"] - MARGIN,
                "y": top["y"] - MARGIN,
                "width": top["width"] + 2 * MARGIN,
                "height": bottom["y"] + bottom["height"] - top["y"] + 2 * MARGIN,
            },
        )
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "ombud-demo/report.html"))
