import json

from ombud.documents.render import render
from report_factory import demo_report, hostile_report, small_report
from support import needs


def test_what_fails_is_an_error_and_what_is_unknown_a_warning() -> None:
    results = json.loads(render(small_report(), "sarif"))["runs"][0]["results"]
    assert [(one["ruleId"], one["level"]) for one in results] == [
        ("fairness.impact_ratio", "error"),
        ("monitoring.drift", "warning"),
    ]


def test_every_check_is_a_rule_and_results_point_to_theirs() -> None:
    run = json.loads(render(demo_report(), "sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == 14
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_a_result_carries_the_number_its_limit_and_the_law() -> None:
    result = json.loads(render(small_report(), "sarif"))["runs"][0]["results"][0]
    assert result["properties"]["rule"]["value"] == "4/5"
    assert result["properties"]["measurement"]["n"] == 197
    assert result["properties"]["requirements"] == ["GDPR.R71"]
    assert result["message"]["text"].startswith("Of 197 people")


def test_a_result_keeps_its_fingerprint_from_run_to_run() -> None:
    first, again = (json.loads(render(demo_report(), "sarif"))["runs"][0]["results"] for _ in range(2))
    prints = [one["partialFingerprints"]["ombud/v1"] for one in first]
    assert prints == [one["partialFingerprints"]["ombud/v1"] for one in again]
    assert len(set(prints)) == len(prints)


def test_the_manifest_is_where_a_finding_is_shown() -> None:
    location = json.loads(render(small_report(manifest="ombud.yaml"), "sarif"))["runs"][0]["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "ombud.yaml"


def test_it_is_valid_sarif_even_with_hostile_names() -> None:
    validator = needs("sarif_pydantic")
    for report in (small_report(), demo_report(), hostile_report()):
        validator.Sarif.model_validate_json(render(report, "sarif"))
