"""Every example in the README and the docs is run, and what it shows is what it prints."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^```\s*$", re.M | re.S)
NOT_HERE = ("make ", "git clone", "pip ", "python3 -m venv", "cd ")
"""Commands that set up a machine; `.ci/run` is where they are run."""


@frozen
class Command:
    """A line to run, the exit code it promises, and the output that the page shows."""

    line: str
    code: int
    shown: tuple[str, ...]


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(found["kind"], found["text"]) for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def commands(text: str) -> Iterator[Command]:
    line, shown = None, []
    for row in [*text.splitlines(), "$ "]:
        if row.startswith("$ "):
            if line is not None:
                words, _, code = line.partition("  # exit ")
                yield Command(words.strip(), int(code or 0), tuple(shown))
            line, shown = row[2:], []
        else:
            shown.append(row)


def runnable(page: Path) -> bool:
    return any(kind in ("console", "python") for kind, _ in blocks(page))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that `ombud demo` makes."""
    folder = tmp_path_factory.mktemp("demo")
    run("ombud demo", folder, 0)
    return folder / "ombud-demo"


def run(line: str, folder: Path, code: int) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, env=environ, timeout=300, check=False
    )
    assert done.returncode == code, f"$ {line}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", [p for p in PAGES if runnable(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_examples_do_what_the_page_says(page: Path, demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "ombud-demo")
    for kind, text in blocks(page):
        named = re.match(r"# file: (\S+)\n", text)
        if named:
            (tmp_path / named[1]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / named[1]).write_text(text.partition("\n")[2], encoding="utf-8")
        elif kind == "python":
            (tmp_path / "example.py").write_text(text, encoding="utf-8")
            run("python example.py", tmp_path, 0)
        elif kind == "console":
            check_console(text, tmp_path)


def check_console(text: str, folder: Path) -> None:
    for command in commands(text):
        if command.line.startswith(NOT_HERE):
            continue
        printed = squeezed(run(command.line, folder, command.code))
        for row in command.shown:
            if row.strip() not in ("", "…"):
                assert squeezed(row) in printed, f"$ {command.line}\ndoes not print: {row}\nbut: {printed[:3000]}"


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not broken
