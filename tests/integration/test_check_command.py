"""`ombud check` by its contract: what programs read, what it ends with, and that nothing planned goes missing."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from doors import DECISIONS, MANIFEST, Done, inside, obeyed, ombud, write_system
from support import needs

FINDING = {"check", "outcome", "summary", "remedy", "requirements", "measurements", "subjects", "observed_at", "about"}
MEASUREMENT = {
    "name", "protected", "group", "reference", "value", "low", "high", "level", "p_value", "n", "detectable", "outcome",
    "attention", "rule",
}  # fmt: skip
RULE = {"op", "value", "origin", "source", "borrowed_from"}


UNFAIR = DECISIONS | {("female", 1): 700, ("female", 0): 1300}


@pytest.fixture(scope="module")
def again(told: tuple[Path, Done], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The demo's system checked once more, as a program would: the workspace, and what was printed."""
    demo = shutil.copytree(told[0] / "ombud-demo", tmp_path_factory.mktemp("again") / "ombud-demo")
    return demo, ombud("check", "ombud-demo/ombud.yaml", "--format", "json", at=demo.parent)


@pytest.fixture
def unfair(assessed: Path) -> Path:
    """The small system with a table that fails its policy."""
    write_system(assessed, MANIFEST, UNFAIR)
    return assessed


def findings(done: Done) -> dict[str, dict[str, Any]]:
    return {finding["check"]: finding for finding in done.json["findings"]}


def of(finding: dict[str, Any], protected: str, group: str, name: str) -> dict[str, Any]:
    found = [m for m in finding["measurements"] if (m["name"], m["protected"], m["group"]) == (name, protected, group)]
    assert len(found) == 1, found
    return found[0]


def test_the_json_has_every_member_that_is_promised(again: tuple[Path, Done]) -> None:
    printed = again[1].json
    assert {"findings", "status"} <= printed.keys()
    for finding in printed["findings"]:
        assert finding.keys() >= FINDING
        for measured in finding["measurements"]:
            assert measured.keys() >= MEASUREMENT
            assert measured["rule"] is None or measured["rule"].keys() >= RULE


def test_the_json_holds_the_impact_ratio_for_black_applicants_with_interval_and_verdict(
    again: tuple[Path, Done],
) -> None:
    measured = of(findings(again[1])["fairness.impact_ratio"], "race", "black", "impact_ratio")
    assert measured["reference"] == "white" and measured["n"] == 197
    assert measured["low"] < 0.77 < measured["value"] < 0.79 < measured["high"]
    assert measured["level"] == 0.95 and measured["p_value"] < 0.001
    assert measured["outcome"] == "fail"


def test_the_rule_says_whose_limit_it_is_and_where_its_number_comes_from(again: tuple[Path, Done]) -> None:
    rule = of(findings(again[1])["fairness.impact_ratio"], "race", "black", "impact_ratio")["rule"]
    assert (rule["op"], rule["value"], rule["origin"]) == (">=", "4/5", "policy")
    assert rule["borrowed_from"] == "29 CFR 1607.4(D), US hiring"
    assert len(rule["source"]) == 64, "the digest of the declaration that holds the policy"


def test_a_number_without_a_limit_has_no_verdict(again: tuple[Path, Done]) -> None:
    rates = findings(again[1])["fairness.selection_rates"]
    assert rates["outcome"] == "measured"
    assert {m["outcome"] for m in rates["measurements"]} <= {"measured", "unknown"}
    assert {m["rule"] for m in rates["measurements"]} == {None}


def test_every_subject_has_its_digest(again: tuple[Path, Done]) -> None:
    for finding in findings(again[1]).values():
        if finding["check"].startswith("fairness."):
            assert [len(subject["digest"]) for subject in finding["subjects"]] == [64]


def test_the_demo_fails_its_own_policy(again: tuple[Path, Done]) -> None:
    assert again[1].code == 1


def test_what_was_planned_before_anything_was_measured_is_reported_whatever_became_of_it(
    again: tuple[Path, Done],
) -> None:
    shown = obeyed("ledger", "show", "--format", "json", at=again[0]).json
    last = [entry["index"] for entry in shown["entries"] if entry["kind"] == "declaration"][-1]
    planned = obeyed("ledger", "show", last, at=again[0]).json["statement"]["predicate"]["checks"]
    assert set(planned) == findings(again[1]).keys() and len(planned) >= 14


def test_sarif_is_valid_and_names_the_failure(unfair: Path) -> None:
    sarif = needs("sarif_pydantic")
    done = inside("check", "--as", "engineer", "--format", "sarif", at=unfair)
    log = sarif.Sarif.model_validate_json(done.out)
    errors = [result for run in log.runs for result in run.results or [] if result.level == sarif.Level.ERROR]
    assert done.code == 1 and [result.rule_id for result in errors] == ["fairness.impact_ratio"]


def test_junit_is_valid_and_counts_the_failure(unfair: Path) -> None:
    junit = needs("junitparser")
    done = inside("check", "--as", "engineer", "--format", "junit", at=unfair)
    read = junit.JUnitXml.fromstring(done.out.encode())
    assert done.code == 1 and read.failures >= 1 and read.tests >= 14


def test_html_is_one_page_that_fetches_nothing(unfair: Path) -> None:
    done = inside("check", "--as", "engineer", "--format", "html", at=unfair)
    page = done.out
    assert page.lower().startswith("<!doctype html>") and "<svg" in page and "</html>" in page
    for fetching in ("<script", "<link", "<img", "@import", "url(http"):
        assert fetching not in page, fetching


def test_a_report_can_be_written_to_a_file_and_stdout_stays_empty(passing: Path) -> None:
    done = obeyed("check", "--as", "engineer", "--format", "html", "--output", "report.html", at=passing)
    assert done.out == "" and "written: report.html" in done.err
    assert (passing / "report.html").read_text(encoding="utf-8").startswith("<!")


def test_a_report_that_cannot_be_written_is_said_in_words(passing: Path) -> None:
    done = inside("check", "--as", "engineer", "--format", "html", "--output", "nowhere/report.html", at=passing)
    assert done.code == 2 and "nowhere/report.html" in done.err


def test_repeats_are_counted(again: tuple[Path, Done]) -> None:
    assert {f["attempts"] for f in findings(again[1]).values()} == {2}, "the demo itself was the first"


def test_what_passes_ends_with_0_and_with_strict_with_3_because_much_is_unknown(assessed: Path) -> None:
    assert inside("check", "--as", "engineer", at=assessed).code == 0
    assert inside("check", "--as", "engineer", "--strict", at=assessed).code == 3


def test_where_nothing_was_measured_it_ends_with_3(assessed: Path) -> None:
    (assessed / "decisions.parquet").unlink()
    done = inside("check", "--as", "engineer", "--format", "json", at=assessed)
    assert done.code == 3
    assert all(finding["unmet"] for finding in findings(done).values())


def test_a_failure_ends_with_1_though_much_else_is_unknown(unfair: Path) -> None:
    assert inside("check", "--as", "engineer", "--strict", at=unfair).code == 1


def test_results_go_to_stdout_and_remarks_to_stderr(assessed: Path) -> None:
    done = inside("check", "--as", "engineer", "--format", "json", at=assessed)
    assert done.json and "\n{" not in done.err


def test_a_measurer_is_named_where_several_could_be_meant(assessed: Path) -> None:
    done = inside("check", at=assessed)
    assert done.code == 2 and "engineer, machine" in done.err and "--as NAME" in done.err


def test_who_may_not_measure_is_refused_and_nothing_is_written(assessed: Path) -> None:
    before = obeyed("ledger", "verify", "--format", "json", at=assessed).json["size"]
    done = inside("check", "--as", "protection", at=assessed)
    assert done.code == 2 and "protection may not sign" in done.err
    assert obeyed("ledger", "verify", "--format", "json", at=assessed).json["size"] == before
