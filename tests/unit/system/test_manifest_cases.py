"""Worked examples of manifests, kept as data in tests/cases/system."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ombud.errors import Invalid
from ombud.law.vocabulary import FACTS
from ombud.system.facts import facts
from ombud.system.manifest import read_system
from ombud.system.organisation import read_organisation
from ombud.system.yaml_lines import parse_yaml

CASES = Path(__file__).parents[2] / "cases" / "system"


def cases(name: str) -> list[Any]:
    loaded = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["says"]) for case in loaded]


@pytest.mark.parametrize("case", cases("errors.yaml"))
def test_a_mistake_is_named_with_line_key_and_what_was_meant(case: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        read_system(parse_yaml(case["manifest"].encode(), Path("ombud.yaml")))
    error = caught.value
    assert (error.line, error.key) == (case["line"], case["key"])
    assert error.nearest == case.get("nearest", error.nearest)
    assert case.get("problem", "") in error.problem
    assert f"ombud.yaml:{case['line']}" in str(error)


@pytest.mark.parametrize("case", cases("facts.yaml"))
def test_facts_follow_from_what_is_declared_and_from_nothing_else(case: dict[str, Any]) -> None:
    system = read_system(parse_yaml(case["system"].encode(), Path("ombud.yaml")))
    beside = case.get("organisation")
    organisation = read_organisation(parse_yaml(beside.encode(), Path("organisation.yaml"))) if beside else None
    found = facts(system, organisation)
    for fact, values in case.get("facts", {}).items():
        assert found[fact] == frozenset(values), fact
    for fact in case.get("absent", ()):
        assert fact not in found
    assert set(found) <= set(FACTS)
    for fact, values in found.items():
        assert values <= (FACTS[fact] or values), fact
