"""SARIF 2.1.0: what fails and what is unknown, for tools that list findings beside code."""

import hashlib
from typing import Any, Final

from ombud.documents import words
from ombud.documents.meaning import why
from ombud.documents.measures import about
from ombud.documents.report import Report
from ombud.documents.sentence import deciding, sentence_of
from ombud.status.finding import Finding
from ombud.status.rule import Judgement, Outcome

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {Outcome.FAIL: "error", Outcome.UNKNOWN: "warning"}


def sarif(report: Report) -> dict[str, Any]:
    """A SARIF log with one run: a rule a check, a result for each number that fails or is unknown.

    A check that could not be measured, or is stale, has one result. SARIF knows no "unknown": it is a warning, with
    `outcome` in its properties.
    """
    checks = [finding.check for finding in report.findings]
    results = [
        result | {"ruleIndex": checks.index(finding.check)}
        for finding in report.findings
        if finding.outcome in LEVELS
        for result in _results(report, finding)
    ]
    name, _, version = report.software.partition(" ")
    driver = {
        "name": name or "ombud", "version": version or "0",
        "rules": [_rule(report, finding) for finding in report.findings],
    }  # fmt: skip
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"ombud/{words.clean(report.system)}/{report.release or 'none'}"},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": report.as_of}],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"verdict": report.verdict, "headline": report.headline, "lawPack": report.pack},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(report: Report, finding: Finding) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": words.clean(finding.check),
        "shortDescription": {"text": words.clean(finding.asks or finding.check)},
        "properties": {
            "tags": [finding.check.partition(".")[0]], "requirements": list(finding.requirements),
            "owner": report.owner_of(finding),
        },
    }  # fmt: skip
    if why(finding.check):
        rule["fullDescription"] = {"text": why(finding.check)}
    if finding.remedy:
        rule["help"] = {"text": words.clean(finding.remedy)}
    return rule


def _results(report: Report, finding: Finding) -> list[dict[str, Any]]:
    judgements = [] if finding.unmet is not None or finding.stale else deciding(finding)
    if not judgements:
        return [_result(report, finding, report.summary(finding), None)]
    return [_result(report, finding, sentence_of(judgement), judgement) for judgement in judgements]


def _result(report: Report, finding: Finding, said: str, judgement: Judgement | None) -> dict[str, Any]:
    place = _place(finding, judgement)
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": place, "kind": "resource"}]}
    if report.manifest:
        location["physicalLocation"] = {"artifactLocation": {"uri": report.manifest}, "region": {"startLine": 1}}
    return {
        "ruleId": words.clean(finding.check),
        "level": LEVELS[finding.outcome],
        "message": {"text": words.clean(said)},
        "locations": [location],
        "partialFingerprints": {"ombud/v1": hashlib.sha256(f"{report.system}/{place}".encode()).hexdigest()},
        "properties": _properties(finding, judgement),
    }


def _place(finding: Finding, judgement: Judgement | None) -> str:
    if judgement is None:
        return words.clean(finding.check)
    whom = about(judgement.measurement)
    return words.clean(f"{finding.check}/{judgement.measurement.name}" + (f"/{whom}" if whom else ""))


def _properties(finding: Finding, judgement: Judgement | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "outcome": str(finding.outcome), "requirements": list(finding.requirements), "remedy": finding.remedy,
        "entry": finding.entry, "attempts": finding.attempts, "stale": finding.stale,
    }  # fmt: skip
    if judgement is not None:
        said["measurement"] = judgement.measurement.to_json()
        said["rule"] = judgement.rule.to_json() if judgement.rule else None
        said["because"] = judgement.because
    return said
