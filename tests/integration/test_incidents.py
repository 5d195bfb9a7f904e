"""Incidents through the command line, and their notices as a person sees them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from happened import OFFICER, desk, happened
from ombud.documents.incidents import notice
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.documents.wordfile import docx
from ombud.incidents.draft import draft
from support import needs


def ombud(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ombud.cli.main", *words], cwd=folder, input=stdin, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    desk(folder)
    return folder


def test_an_incident_is_opened_worked_on_told_and_closed_through_the_command_line(bank: Path) -> None:
    said = ("--category", "personal-data-breach", "--severity", "major", "--file", "-", "--as", OFFICER)
    opened = ombud(bank, "incidents", "open", "mortgage-approval", *said, "--format", "json", stdin="To Ann Unique.")
    assert opened.returncode == 0, opened.stderr
    case = json.loads(opened.stdout)["case"]
    listed = ombud(bank, "incidents", "list")
    assert listed.returncode == 0 and case in listed.stdout and "Unique" not in listed.stdout
    told = ombud(
        bank, "incidents", "notify", case, "--duty", "eu-breach-authority", "--phase", "final", "--as", OFFICER
    )
    assert told.returncode == 0, told.stderr
    early = ombud(bank, "incidents", "close", case, "--as", OFFICER)
    assert early.returncode == 2 and f"ombud incidents show {case}" in early.stderr
    for words in (
        ("notify", case, "--duty", "eu-breach-people", "--not-notifiable", "encrypted", "--because", "-"),
        ("notify", case, "--duty", "eu-breach-controller", "--not-notifiable", "does-not-apply", "--because", "-"),
        ("cause", case, "--is", "human-error", "--because", "-"),
        ("action", case, "--does", "process-changed", "--owner", "dpo", "--due", "2099-01-01"),
        ("action", case, "--done", "A1"),
        ("action", case, "--verified", "A1", "--by", "reviewed"),
        ("close", case),
    ):
        done = ombud(bank, "incidents", *words, "--as", OFFICER, stdin="See the note.")
        assert done.returncode == 0 or "none of the duties" in done.stderr, (words, done.stderr)
    assert json.loads(ombud(bank, "incidents", "show", case, "--format", "json").stdout)["state"] == "closed"
    assert case not in ombud(bank, "incidents", "list").stdout


def test_a_draft_is_written_in_each_format_and_says_what_is_missing(bank: Path) -> None:
    case = json.loads(ombud(bank, "incidents", "open", "mortgage-approval", "--category", "personal-data-breach",
                            "--as", OFFICER, "--format", "json").stdout)["case"]  # fmt: skip
    needs("typst"), needs("docx")
    for kind in ("html", "pdf", "docx", "json"):
        done = ombud(bank, "incidents", "draft", case, "--duty", "eu-breach-authority", "--output", f"n.{kind}", "--as",
                     OFFICER)  # fmt: skip
        assert done.returncode == 0 and "missing" in done.stderr, done.stderr
    assert (bank / "n.pdf").read_bytes().startswith(b"%PDF") and (bank / "n.docx").read_bytes().startswith(b"PK")
    assert json.loads((bank / "n.json").read_text())["case"] == case


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "I-000000"), "I-000000"),
        (("show", "Ann Unique"), "no number of a case"),
        (("open", "mortgage-approval", "--category", "nonsense", "--as", OFFICER), "known categories"),
        (("open", "mortgage-approval", "--aware", "yesterday", "--as", OFFICER), "no time"),
        (("draft", "I-000000", "--duty", "x", "--format", "pdf"), "not for a terminal"),
    ],
)
def test_what_is_wrong_is_told_in_words_with_exit_code_2(bank: Path, words: tuple[str, ...], says: str) -> None:
    done = ombud(bank, "incidents", *words)
    assert done.returncode == 2 and "error:" in done.stderr and "next:" in done.stderr
    assert "Traceback" not in done.stderr and "Unique" not in done.stderr and says in done.stderr


# --- as a person sees them --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    who, _ = desk(tmp_path_factory.mktemp("notices"))
    breach = happened(who, "personal-data-breach", nature="<script>alert(1)</script> " + "W" * 300, risk="high")
    serious = happened(who, "serious-ai-incident", severity="serious", nature="Wrong refusals of one group.")
    drill = happened(who, "personal-data-breach", drill=True)
    asked = {"breach": (breach, "eu-breach-authority"), "people": (breach, "eu-breach-people"),
             "serious": (serious, "eu-ai-incident"), "drill": (drill, "eu-breach-authority")}  # fmt: skip
    return {name: notice(draft(who, case, duty, "json").notice) for name, (case, duty) in asked.items()}


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["breach", "people", "serious", "drill"])
def test_axe_finds_nothing_and_nothing_runs_or_sticks_out(
    browser: Any, written: dict[str, Any], tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    axe = needs("axe_playwright_python.sync_playwright").Axe()
    (tmp_path / "n.html").write_text(html(written[name]), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((tmp_path / "n.html").as_uri())
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.scripts.length") == 0
    page.close()


@pytest.mark.parametrize("name", ["breach", "people", "serious", "drill"])
def test_a_notice_on_paper_is_accessible(written: dict[str, Any], tmp_path: Path, name: str) -> None:
    needs("typst")
    (tmp_path / "n.pdf").write_bytes(pdf(written[name]))
    report = needs("pdfua").validate(str(tmp_path / "n.pdf"))
    assert report.exit_code == 0 and not report.findings, [one.message for one in report.findings]
    assert docx(written[name]).startswith(b"PK")
