"""JUnit XML: findings and gate items as test cases. What is unknown is an error, so that no doubt is ever green."""

import xml.etree.ElementTree as ET  # only written here, never read
from collections.abc import Iterable, Mapping
from typing import Any

from ombud.documents import words
from ombud.documents.report import Report
from ombud.status.finding import Finding
from ombud.status.rule import Outcome


def check_suite(report: Report) -> str:
    """The findings of a report: a test suite a subject, a test case a check.

    A failing check is a failure, an unknown one an error, one that does not apply is skipped; a number that nobody
    limits passes, and says so in its output.
    """
    subjects: dict[str, list[Finding]] = {}
    for finding in report.findings:
        subjects.setdefault(finding.check.partition(".")[0], []).append(finding)
    root = ET.Element("testsuites", {"name": words.clean(f"ombud check {report.system}")})
    for subject, findings in subjects.items():
        suite = _suite(root, subject, [_finding(report, finding) for finding in findings])
        suite.set("timestamp", words.clean(report.as_of.removesuffix("Z")))
        _properties(suite, {"release": report.release or "", "law_pack": report.pack, "software": report.software})
    return _written(root)


def gate_suite(gate: Mapping[str, Any]) -> str:
    """The gate's answer, as `GateReport.to_json` gives it: a test suite a kind of item, a test case an item.

    What may not is a failure, what cannot be told an error; an accepted deviation is skipped and says so. An empty
    release set is an error too: nothing was judged.
    """
    kinds: dict[str, list[ET.Element]] = {}
    for item in gate["items"]:
        kinds.setdefault(str(item["kind"]), []).append(_item(item))
    if not kinds:
        nothing = ET.Element("testcase", {"classname": "ombud.gate", "name": "release set"})
        _say(nothing, "error", "cannot tell", "the release set is empty: nothing was judged")
        kinds["release set"] = [nothing]
    root = ET.Element("testsuites", {"name": words.clean(f"ombud gate {gate['system']}")})
    for kind, cases in kinds.items():
        suite = _suite(root, kind, cases)
        _properties(suite, {"release": gate.get("release") or "", "verdict": gate["verdict"]})
    return _written(root)


def _finding(report: Report, finding: Finding) -> ET.Element:
    subject, _, name = finding.check.partition(".")
    case = ET.Element("testcase", {"classname": words.clean(f"ombud.{subject}"), "name": words.clean(name or subject)})
    summary = report.summary(finding)
    body = _body(report, finding, summary)
    if finding.outcome is Outcome.FAIL:
        _say(case, "failure", "fail", summary, body)
    elif finding.outcome is Outcome.UNKNOWN:
        _say(case, "error", "unknown", summary, body)
    elif finding.outcome is Outcome.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", {"message": words.clean(summary)})
    else:
        ET.SubElement(case, "system-out").text = words.clean(body)
    return case


def _body(report: Report, finding: Finding, summary: str) -> str:
    lines = [summary, finding.remedy, f"Who: {words.owner(report.owner_of(finding))}"]
    lines += [f"Serves: {', '.join(finding.requirements)}"] if finding.requirements else []
    return "\n".join(line for line in lines if line)


def _item(item: Mapping[str, Any]) -> ET.Element:
    case = ET.Element(
        "testcase", {"classname": words.clean(f"ombud.gate.{item['kind']}"), "name": words.clean(str(item["name"]))}
    )
    because = f"{item['because']} ({words.owner(str(item['owner']))})"
    if item["waived"]:
        ET.SubElement(case, "skipped", {"message": words.clean(f"accepted deviation: {because}")})
    elif item["verdict"] == "may not":
        _say(case, "failure", "may not", because)
    elif item["verdict"] != "may":
        _say(case, "error", "cannot tell", because)
    return case


def _say(case: ET.Element, tag: str, kind: str, message: str, body: str = "") -> None:
    said = ET.SubElement(case, tag, {"type": kind, "message": words.clean(message)})
    said.text = words.clean(body or message)


def _suite(root: ET.Element, name: str, cases: Iterable[ET.Element]) -> ET.Element:
    held = list(cases)
    suite = ET.SubElement(root, "testsuite", {"name": words.clean(name), "tests": str(len(held))})
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(1 for case in held if case.find(tag) is not None)))
    suite.extend(held)
    return suite


def _properties(suite: ET.Element, said: Mapping[str, str]) -> None:
    properties = ET.Element("properties")
    for name, value in said.items():
        ET.SubElement(properties, "property", {"name": name, "value": words.clean(value)})
    suite.insert(0, properties)


def _written(root: ET.Element) -> str:
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
