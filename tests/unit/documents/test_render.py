import json
from pathlib import Path

import pytest
from attrs import evolve

from ombud.documents.render import as_json, render
from ombud.errors import Misused
from ombud.status.rule import judge
from report_factory import ALTERNATIVES, BLACK, HOSTILE, POLICY, finding, hostile_report, small_report

SOURCE = Path(__file__).parents[3] / "src" / "ombud" / "documents"


def test_json_carries_findings_and_status_as_promised() -> None:
    said = json.loads(render(small_report(), "json"))
    first = said["findings"][0]
    measured = first["measurements"][0]
    promised = {
        "name", "protected", "group", "reference", "value", "low", "high", "level", "p_value", "n", "detectable",
        "outcome", "attention", "rule",
    }  # fmt: skip
    assert promised <= measured.keys()
    assert measured["rule"].keys() == {"op", "value", "origin", "source", "borrowed_from"}
    assert first["outcome"] == "fail" and first["summary"].startswith("Of 197 people whose race is “black”")
    assert [row["id"] for row in said["status"]] == ["GDPR.R71", "GDPR.35.1", "GDPR.6.4", "CCPA.105"]


def test_a_summary_that_a_finding_came_with_is_kept() -> None:
    report = small_report(findings=(finding(judge(BLACK, POLICY), summary="As told before."),))
    assert json.loads(render(report, "json"))["findings"][0]["summary"] == "As told before."


def test_json_holds_names_whole_and_unchanged() -> None:
    said = json.loads(render(hostile_report(), "json"))
    assert [m["group"] for m in said["findings"][0]["measurements"]] == [
        name.replace("\ud800", "\ufffd") for name in HOSTILE
    ]


def test_json_can_be_written_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(render(hostile_report(), "json"), encoding="utf-8")


def test_numbers_that_are_not_finite_become_null() -> None:
    tried = (evolve(ALTERNATIVES.tried[0], ratio=float("nan")),)
    said = render(small_report(alternatives=evolve(ALTERNATIVES, tried=tried)), "json")
    assert json.loads(said, parse_constant=pytest.fail)["alternatives"]["tried"][0]["ratio"] is None
    assert json.loads(as_json({"x": [float("inf")]})) == {"x": [None]}


@pytest.mark.parametrize("format", ["text", "json", "html", "sarif", "junit"])
def test_the_same_report_is_always_written_the_same(format: str) -> None:
    assert render(small_report(), format, colour=False) == render(small_report(), format, colour=False)


def test_another_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Misused) as refused:
        render(small_report(), "pdf")
    assert "html" in refused.value.next_step


def test_nothing_but_json_text_and_junit_needs_the_chart_engine() -> None:
    users = [path.name for path in SOURCE.glob("*.py") if "vl_convert" in path.read_text(encoding="utf-8")]
    assert users == ["svg.py"]
