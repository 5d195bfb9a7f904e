"""Contests through the command line, and what the person and the reviewers get, as they see it."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from contested import OFFICER, ORGANISATION, PLATFORM, REVIEWER, SYSTEM, contest, office, reviewed
from ombud.decisions.contest_letter import outcome_of
from ombud.documents.contests import ReviewerNotice, letter, notice
from ombud.documents.paper import Hole, Paper
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.documents.wordfile import docx
from ombud.system.organisation import load_organisation
from support import needs

BEFORE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MANIFEST = """\
system: mortgage-approval
model: {artifact: model.txt, threshold: 0.5}
data: {decisions: {table: own.csv}}
columns: {id: id, subject: customer, time: at, decision: ok, favourable: 1, score: p, features: [income]}
"""
OWN = "id,customer,at,ok,p,income\nL-1,C-9,2026-11-02T09:00:00Z,0,0.25,1000.5\n"
SAID = "name: Ann Unique\ncontact: Unique lane 7\nwords: My income is wrong.\n"


def ombud(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ombud.cli.main", "decisions", *words], cwd=folder, input=stdin, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    office(folder, at=BEFORE)
    (folder / "ombud.yaml").write_text(MANIFEST)
    (folder / "own.csv").write_text(OWN)
    (folder / "organisation.yaml").write_text(ORGANISATION)
    return folder


def opened(bank: Path, id: str, *more: str) -> str:
    done = ombud(bank, "contest", id, "--lives", "DE", "--private", "-", "--as", OFFICER, "--format", "json", *more,
                 stdin=SAID)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["case"])


def test_a_decision_is_contested_reviewed_told_and_closed_through_the_command_line(bank: Path) -> None:
    case = opened(bank, "A-1")
    listed = ombud(bank, "contests")
    assert listed.returncode == 0 and case in listed.stdout and "GDPR Art. 22(3)" in listed.stdout
    assert "A-1" not in listed.stdout and "Unique" not in listed.stdout
    steps: tuple[tuple[str, ...], ...] = (
        ("hear", case, "--file", "-", "--how", "phone", "--as", OFFICER),
        ("assign", case, "--to", REVIEWER, "--as", OFFICER),
        ("review", case, "--outcome", "changed", "--saw", "inputs", "--minutes", "12.5", "--reasons", "-"),
        ("tell", case, "--output", "letter.html"),
    )
    for words in steps:
        done = ombud(bank, *words, stdin="The income was read wrongly.")
        assert done.returncode == 0 and "Traceback" not in done.stderr, (words, done.stderr)
    early = ombud(bank, "close", case, "--as", OFFICER)
    assert early.returncode == 2 and f"ombud decisions contests {case}" in early.stderr
    told = ombud(bank, "tell", case, "--how", "mail", "--document", "letter.html", "--as", OFFICER)
    assert told.returncode == 0, told.stderr
    shown = ombud(bank, "contests", case, "--private", "--format", "json")
    said = json.loads(shown.stdout)
    assert said["authority"]["reviewer"] == REVIEWER and said["private"]["name"] == "Ann Unique"
    assert [one["event"] for one in said["steps"]] == [
        "received",
        "heard",
        "assigned",
        "reviewed",
        "carried-out",
        "told",
    ]
    assert ombud(bank, "show", f"A-1+{case}").returncode == 0
    assert ombud(bank, "close", case, "--as", OFFICER).returncode == 0
    assert case not in ombud(bank, "contests").stdout and case in ombud(bank, "contests", "--all").stdout
    assert "Ann" not in ombud(bank, "contests", case, "--private").stdout


def test_a_decision_in_a_table_of_ones_own_is_contested_where_it_stands(bank: Path) -> None:
    case = opened(bank, "L-1")
    assert ombud(bank, "assign", case, "--to", REVIEWER, "--as", OFFICER).returncode == 0
    done = ombud(bank, "review", case, "--outcome", "changed", "--saw", "score", "--reasons", "-", stdin="Wrong.")
    assert done.returncode == 0 and "no time was kept" in done.stderr, done.stderr
    new = json.loads(ombud(bank, "show", f"L-1+{case}", "--format", "json").stdout)
    assert (new["outcome"], new["human"]["changed"], new["human"]["who"]) == ("favourable", True, "S-17")


def test_a_late_contest_ends_the_list_with_one(tmp_path: Path) -> None:
    who, _ = office(tmp_path, at=datetime(2026, 9, 1, tzinfo=UTC))
    number = contest(who)
    done = ombud(tmp_path, "contests")
    assert done.returncode == 1 and done.stdout.startswith("LATE  ") and number in done.stdout
    assert json.loads(ombud(tmp_path, "contests", "--format", "json").stdout)["late"] == 1


def test_reviewers_are_told_and_people_s_part_in_decisions_is_measured_and_signed(tmp_path: Path) -> None:
    office(tmp_path, at=BEFORE)
    (tmp_path / "ombud.yaml").write_text("system: mortgage-approval\nmodel: {artifact: model.txt, threshold: 0.5}\n")
    needs("typst")
    for kind in ("html", "pdf", "docx"):
        done = ombud(tmp_path, "notice", "--output", f"notice.{kind}")
        assert done.returncode == 0 and "2 things are missing" in done.stderr, done.stderr
    told = ombud(
        tmp_path, "notice", "--to", REVIEWER, "--staff", "S-Unique", "--document", "notice.pdf", "--as", OFFICER
    )
    assert told.returncode == 0 and "told: 2" in told.stdout, told.stderr
    stranger = ombud(tmp_path, "notice", "--to", "Unique", "--as", OFFICER)
    assert (
        stranger.returncode == 2 and "Unique" not in stranger.stderr and "ombud decisions reviewer" in stranger.stderr
    )
    seen = ombud(tmp_path, "oversight", "--since", "2026-10-01", "--as", PLATFORM)
    assert seen.returncode == 1 and "NOT SHOWN for 3 of them" in seen.stdout and "unchecked" in seen.stdout, seen.stderr
    said = json.loads(
        ombud(tmp_path, "oversight", "--since", "2026-10-01", "--as", PLATFORM, "--format", "json").stdout
    )
    assert (said["conclusion"], said["decisions"], said["with_a_person"]) == ("not-shown", 3, 1)
    nothing = ombud(tmp_path, "oversight", "--since", "2026-01-01", "--until", "2026-02-01", "--as", PLATFORM)
    assert nothing.returncode == 3 and "CANNOT TELL" in nothing.stdout


def test_a_letter_in_another_language_waits_for_a_native_reader(bank: Path, tmp_path: Path) -> None:
    case = opened(bank, "A-2")
    assert ombud(bank, "refuse", case, "--ground", "excessive", "--reasons", "-", "--as", OFFICER,
                 stdin="Ninth.").returncode == 0  # fmt: skip
    words = tmp_path / "de"
    shutil.copytree(Path(str(files("ombud.documents.contests") / "en")), words)
    tell = ("tell", case, "--output", str(tmp_path / "letter.html"), "--words", str(words))
    early = ombud(bank, *tell)
    assert early.returncode == 2 and "nobody has approved these words" in early.stderr
    text = (words / "language.yaml").read_text().replace("approved_by: null", "approved_by: A. Reader")
    (words / "language.yaml").write_text(text.replace("language: en", "language: de").replace("Good day", "Guten Tag"))
    assert ombud(bank, *tell).returncode == 0
    assert '<html lang="de"' in (tmp_path / "letter.html").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("contests", "C-000000"), "C-000000"),
        (("contests", "Ann Unique"), "no number of a case"),
        (("contest", "A-2", "--channel", "pigeon", "--as", OFFICER), "no channel"),
        (("contest", "Ann Unique", "--as", OFFICER), "decision of that number"),
        (("contest", "A-2", "--received", "yesterday", "--as", OFFICER), "no time"),
        (("review", "C-000000"), "begun, or comes to an outcome"),
        (("tell", "C-000000"), "written, or was sent"),
        (("tell", "C-000000", "--output", "letter.txt"), "no such format"),
        (("hear", "C-000000", "--as", OFFICER), "one thing at a time"),
        (("reviewer", OFFICER, "--as", OFFICER), "nobody names themselves"),
        (("reviewer", "robot", "--as", OFFICER), "person with authority"),
        (("notice",), "written, or was given"),
        (("notice", "--output", "notice.txt"), "no such format"),
        (("tell", "C-000000", "--output", "nowhere/letter.html"), "C-000000"),
        (("oversight", "--since", "2026-12-01", "--until", "2026-11-01", "--as", PLATFORM), "begins before it ends"),
        (("oversight", "--since", "yesterday", "--as", PLATFORM), "not a date"),
        (("refuse", "C-000000", "--ground", "no-time", "--as", OFFICER), "no ground"),
    ],
)
def test_what_is_wrong_is_told_in_words_with_exit_code_2(bank: Path, words: tuple[str, ...], says: str) -> None:
    done = ombud(bank, *words)
    assert done.returncode == 2 and "error:" in done.stderr and "next:" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and "Unique" not in done.stderr and says in done.stderr


# --- as a person sees them --------------------------------------------------------------------------------------------

PAPERS = ["upheld", "changed", "refused", "bare", "notice", "holes"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paper]:
    folder = tmp_path_factory.mktemp("letters")
    who, _ = office(folder)
    (folder / "organisation.yaml").write_text(ORGANISATION)
    bank = load_organisation(folder / "organisation.yaml")
    numbers = {"changed": contest(who, contact="Unique lane 7\n10117 Berlin"), "refused": contest(who, "A-2")}
    reviewed(who, numbers["changed"], "changed", reasons="<script>alert(1)</script>\n\n" + "W" * 300)
    who.refuse(numbers["refused"], "excessive", "This is the ninth contest of this decision in one week.")
    upheld = contest(who, "A-3", name="", words="", lives=("US-CO",))
    reviewed(who, upheld, "upheld", saw=("score", "reasons", "inputs", "documents", "person-statement"))
    papers = {name: letter(outcome_of(who, number, bank)) for name, number in (*numbers.items(), ("upheld", upheld))}
    who.workspace.people.drop(upheld, "reasons")
    papers["bare"] = letter(outcome_of(who, upheld, bank))
    said = {"system": SYSTEM, "day": date(2026, 11, 26), "hasty": 30, "smallest": 30}
    papers["notice"] = notice(ReviewerNotice(organisation=bank.name, contact="dpo@bank.example", **said))
    hole = Hole("who tells", "organisation.yaml: name")
    papers["holes"] = notice(ReviewerNotice(organisation=hole, contact=hole, **said))
    return papers


def test_a_letter_says_what_came_of_it_why_and_where_to_complain(written: dict[str, Paper]) -> None:
    page = html(written["changed"])
    assert "we have changed it" in page and "It is now in your favour." in page and "The Berlin commissioner" in page
    assert "A-1+C-" in page and "&lt;script&gt;" in page and "was made by a machine" in page
    assert "The decision stands." in html(written["upheld"]) and "favour" not in html(written["upheld"])
    assert "GDPR Art. 12(5)" in html(written["refused"]) and "ninth contest" in html(written["refused"])
    assert len(written["bare"].holes) == 1 and "MISSING" in str(written["bare"].holes[0])
    assert "not timed" in html(written["notice"]) and "no verdict" in html(written["notice"])


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", PAPERS)
def test_axe_finds_nothing_and_nothing_runs_or_sticks_out(
    browser: Any, written: dict[str, Paper], tmp_path: Path, name: str, width: int, scheme: str
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


@pytest.mark.parametrize("name", PAPERS)
def test_a_letter_on_paper_is_accessible(written: dict[str, Paper], tmp_path: Path, name: str) -> None:
    needs("typst")
    (tmp_path / "n.pdf").write_bytes(pdf(written[name]))
    report = needs("pdfua").validate(str(tmp_path / "n.pdf"))
    assert report.exit_code == 0 and not report.findings, [one.message for one in report.findings]
    assert docx(written[name]).startswith(b"PK")
