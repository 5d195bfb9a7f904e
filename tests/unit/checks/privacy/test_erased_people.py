"""privacy.erased_people counts people and names nobody; its numbers cannot be repeated from counts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ombud.checks.privacy.erased_people import erased_people
from ombud.tables.people import ListedPeople

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "privacy" / "erased_people.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_it_counts_those_about_whom_nobody_decided(case: dict[str, Any]) -> None:
    (only,) = erased_people(ListedPeople(**case["found"]))
    assert (only.name, only.value) == ("people_without_decision", case["value"])
    assert (only.unknown is None) == (case["value"] is not None)
    if only.value is not None:
        assert only.n == case["found"]["people"] and not only.is_estimate
        assert {name: n for name, n in only.counts.items() if n} == case.get("counts", {})
        assert ("note" not in case) == (not only.notes) and case.get("note") in (*only.notes, None)


def test_its_numbers_are_not_said_to_be_repeatable() -> None:
    assert not erased_people.recomputable
