from typing import Any

import pytest

from ombud.documents.junit import gate_suite
from ombud.documents.render import render
from report_factory import demo_report, hostile_report, small_report
from support import needs


def parsed(xml: str) -> Any:
    return needs("junitparser").JUnitXml.fromstring(xml.encode("utf-8"))


def test_a_failure_fails_and_an_unknown_is_an_error() -> None:
    suites = parsed(render(small_report(), "junit"))
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (3, 1, 1, 0)


def test_a_subject_is_a_suite_and_a_check_a_case() -> None:
    found = {suite.name: [case.name for case in suite] for suite in parsed(render(demo_report(), "junit"))}
    assert list(found) == ["privacy", "security", "fairness", "explanation", "monitoring"]
    assert found["security"] == ["model_format", "released_artifact"]


def test_a_number_without_a_limit_passes_and_says_so() -> None:
    cases = [case for suite in parsed(render(small_report(), "junit")) for case in suite]
    rates = next(case for case in cases if case.name == "selection_rates")
    assert rates.is_passed and "neither law nor policy sets a limit" in rates.system_out


def test_hostile_names_leave_it_well_formed() -> None:
    assert parsed(render(hostile_report(), "junit")).tests == 16


def item(verdict: str, waived: bool = False) -> dict[str, Any]:
    said = {"kind": "limit", "name": "x", "target": "x", "because": "why", "owner": "dpo", "blocks": True}
    return said | {"verdict": verdict, "waived": waived}


@pytest.mark.parametrize(
    ("items", "counts"),
    [
        ([item("may")], (1, 0, 0, 0)),
        ([item("may not")], (1, 1, 0, 0)),
        ([item("cannot tell")], (1, 0, 1, 0)),
        ([item("may not", waived=True)], (1, 0, 0, 1)),
        ([], (1, 0, 1, 0)),
    ],
    ids=["may", "may not", "cannot tell", "accepted", "empty set"],
)
def test_the_gate_is_a_suite_in_which_no_doubt_is_green(items: list[Any], counts: tuple[int, ...]) -> None:
    suites = parsed(gate_suite({"system": "s", "release": None, "verdict": "x", "items": items}))
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == counts
