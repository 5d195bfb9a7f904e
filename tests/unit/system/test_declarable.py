"""Every fact of law's vocabulary can be declared somewhere, and nowhere twice."""

from pathlib import Path

import pytest

from ombud.law.vocabulary import FACTS, YES_NO
from ombud.system.declarable import ALIASES, DECLARABLE, KEYED
from ombud.system.facts import facts
from ombud.system.manifest import read_system
from ombud.system.yaml_lines import parse_yaml


def test_every_fact_has_a_key_or_a_name_under_facts() -> None:
    assert set(KEYED) | set(DECLARABLE.values()) == set(FACTS)
    assert not set(KEYED) & set(DECLARABLE.values())
    assert set(ALIASES) <= set(DECLARABLE)


@pytest.mark.parametrize("name", sorted(DECLARABLE))
def test_a_fact_that_is_declared_is_found(name: str) -> None:
    fact = DECLARABLE[name]
    value = "yes" if FACTS[fact] == YES_NO else min(FACTS[fact] or {"something"})
    system = read_system(parse_yaml(f"system: a\nfacts: {{{name}: {value}}}".encode(), Path("ombud.yaml")))
    assert facts(system)[fact] == frozenset((value,))
