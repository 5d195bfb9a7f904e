from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from counting import confusion, cube, named, stratified
from ombud.checks.fairness.conditional_ratio import conditional_ratio
from ombud.checks.fairness.error_rates import error_rates
from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.checks.fairness.selection_rates import selection_rates
from ombud.status.rule import Origin, Rule, judge

CASES = Path(__file__).parents[3] / "cases" / "fairness"
FOUR_FIFTHS = Rule(
    check="fairness.impact_ratio",
    measurement="impact_ratio",
    op=">=",
    value=Fraction(4, 5),
    origin=Origin.GUIDANCE,
    source="UGESP.4D",
)

Case = dict[str, Any]


def cases(name: str) -> pytest.MarkDecorator:
    written: list[Case] = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    return pytest.mark.parametrize("case", written, ids=[case["says"] for case in written])


def _tuples(groups: dict[str, list[int]]) -> dict[str, Any]:
    return {name: tuple(counts) for name, counts in groups.items()}


@cases("impact_ratio")
def test_worked_examples_of_the_impact_ratio(case: Case) -> None:
    measured = list(impact_ratio(cube(**_tuples(case["groups"])), reference=case.get("reference")))
    for group, expected in case["expect"].items():
        found = named(measured, "impact_ratio", group)
        assert judge(found, FOUR_FIFTHS).outcome.value == expected["outcome"]
        assert found.unknown == expected.get("unknown")
        if "value" in expected:
            assert (found.value, found.reference) == (Fraction(expected["value"]), expected["reference"])
            rounded = [round(number or 0, 2) for number in (found.low, found.high, found.p_value)]
            assert rounded == [expected["low"], expected["high"], expected["p_value"]]


@cases("selection_rates")
def test_worked_examples_of_selection_rates(case: Case) -> None:
    measured = list(selection_rates(cube(**_tuples(case["groups"]))))
    for group, expected in case["expect"].items():
        found = named(measured, "selection_rate", group)
        assert found.value == Fraction(expected["value"])
        assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (expected["low"], expected["high"])
        assert found.unknown == expected.get("unknown")


@cases("error_rates")
def test_worked_examples_of_error_rates(case: Case) -> None:
    measured = list(error_rates(confusion(**_tuples(case["groups"]))))
    for group, expected in case["expect"].items():
        for name, value in expected.items():
            assert named(measured, name, group).value == (None if value is None else Fraction(value))


@cases("conditional_ratio")
def test_worked_examples_of_the_conditional_ratio(case: Case) -> None:
    expected = case["expect"]
    strata = {name: _tuples(groups) for name, groups in case["strata"].items()}
    measured = list(conditional_ratio(stratified(**strata)))
    within = named(measured, "mantel_haenszel_odds_ratio", expected["group"])
    crude = named(measured, "crude_odds_ratio", expected["group"])
    found = [float(number or 0) for number in (crude.value, within.value, within.low, within.high, within.p_value)]
    wanted = [expected[key] for key in ("crude", "within", "low", "high", "p_value")]
    assert found == pytest.approx(wanted, abs=6e-4)
    assert expected.get("note", "") in " ".join(within.notes)
