"""The truth table of status, as published, and its precedence over every small combination."""

from itertools import product
from pathlib import Path

import pytest
import yaml

from ombud.status.combine import combine
from ombud.status.finding import Part, State

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "status" / "truth_table.yaml").read_text())
STRENGTH = {"d": "direct", "s": "supporting"}
STATES = ("shown", "failing", "unknown", "stale", "missing")


def part(text: str) -> Part:
    strength, state = text.split()
    return Part(kind="document", name="dpia", strength=STRENGTH[strength], state=state)


@pytest.mark.parametrize(("mode", "parts", "state"), TABLE)
def test_the_published_truth_table_holds(mode: str, parts: list[str], state: str) -> None:
    assert combine(mode, [part(text) for text in parts])[0] == State(state)


def every_combination(mode: str) -> list[tuple[str, tuple[str, ...]]]:
    kinds = [f"{strength} {state}" for strength in "ds" for state in STATES]
    return [(mode, chosen) for n in (1, 2, 3) for chosen in product(kinds, repeat=n)]


@pytest.mark.parametrize("mode", ["all_of", "any_of"])
def test_a_failure_always_outranks_everything(mode: str) -> None:
    for _, chosen in every_combination(mode):
        state, _ = combine(mode, [part(text) for text in chosen])
        assert (state is State.NOT_SHOWN) == any("failing" in text for text in chosen)


@pytest.mark.parametrize("mode", ["all_of", "any_of"])
def test_nothing_is_shown_by_supporting_evidence_alone(mode: str) -> None:
    for _, chosen in every_combination(mode):
        if not any(text == "d shown" for text in chosen):
            assert combine(mode, [part(text) for text in chosen])[0] is not State.SHOWN


def test_all_of_is_shown_only_when_every_part_is_direct_and_stands() -> None:
    for _, chosen in every_combination("all_of"):
        state, _ = combine("all_of", [part(text) for text in chosen])
        assert (state is State.SHOWN) == all(text == "d shown" for text in chosen)


@pytest.mark.parametrize("mode", ["all_of", "any_of"])
def test_the_order_of_parts_never_matters(mode: str) -> None:
    for _, chosen in every_combination(mode):
        forwards = combine(mode, [part(text) for text in chosen])[0]
        assert forwards is combine(mode, [part(text) for text in reversed(chosen)])[0]


@pytest.mark.parametrize("mode", ["all_of", "any_of"])
def test_the_reason_names_what_decided(mode: str) -> None:
    for _, chosen in every_combination(mode):
        state, because = combine(mode, [part(text) for text in chosen])
        assert "dpia" in because, (state, chosen)
