"""explanation.reasons, on models that can be worked out by hand."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from attrs import evolve

from explained import MERIT, LinearModel, applicants, sampled
from ombud.checks.explanation.reasons import reasons_exist
from ombud.explain.attribution import principal
from ombud.explain.explained import explain
from ombud.statistics.measurement import Measurement
from ombud.status.rule import Origin, Outcome, Rule, judge

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "explanation" / "reasons.yaml").read_text())
WORDS = {"income": "Your income is low", "debt": "Your debts are high"}


def measured(model: Any, sample: Any, **parameters: Any) -> dict[str, Measurement]:
    return {one.name: one for one in reasons_exist(model, sample, **parameters)}


def at_least(name: str, value: Fraction) -> Rule:
    return Rule(check="explanation.reasons", measurement=name, op=">=", value=value, origin=Origin.POLICY, source="p")


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_worked_example_gives_its_points_and_reasons(case: dict[str, Any]) -> None:
    names = tuple(case["weights"])
    model = LinearModel(names, np.array([case["weights"][name] for name in names]), mean=1.0)
    rows = {name: [case["approved"][name]] * 10 + [case["refused"][name]] for name in names}
    found = explain(model, sampled(rows | {"decision": [1] * 10 + [0]}))
    assert dict(zip(found.names, found.points[10], strict=True)) == pytest.approx(case["points"])
    assert [found.names[at] for at in principal(found.points)[10] if at >= 0] == case["reasons"]


def test_a_linear_model_with_words_for_everything_passes_in_full() -> None:
    people = applicants()
    refused = people["decision"] == 0
    people |= {"income": people["income"] - 9 * refused, "debt": people["debt"] + 9 * refused}
    found = measured(MERIT, sampled(people), reasons=WORDS)
    assert [one.value for one in found.values()] == [1, 1, 1, 1]
    for name, one in found.items():
        assert judge(one, at_least(name, Fraction(1))).outcome is Outcome.PASS
        assert one.n == one.counts["people"] and not one.is_estimate


def test_a_sample_of_a_larger_table_has_an_interval() -> None:
    found = measured(MERIT, sampled(applicants(), of=100_000), reasons=WORDS)["reason_coverage"]
    assert found.value == 1 and found.low is not None and 0.97 < found.low < 1
    assert judge(found, at_least("reason_coverage", Fraction(1))).outcome is Outcome.UNKNOWN
    assert judge(found, at_least("reason_coverage", Fraction(9, 10))).outcome is Outcome.PASS


def test_contributions_that_do_not_add_up_are_counted() -> None:
    found = measured(evolve(MERIT, error=0.001), sampled(applicants()))["reason_additivity"]
    assert found.value is not None and found.value < Fraction(1, 100)
    assert measured(evolve(MERIT, error=1e-6), sampled(applicants()))["reason_additivity"].value == 1


def test_reasons_that_hang_on_whom_one_compares_with_are_counted() -> None:
    people = applicants()
    names = tuple(f"f{i}" for i in range(6))
    twins = np.random.default_rng(1).normal(size=(6, 400)) * 0.2 - (people["decision"] == 0)
    model = LinearModel(names, np.ones(6))
    people |= dict(zip(names, twins, strict=True))
    found = measured(model, sampled(people))["reason_stability"]
    assert found.value is not None and found.value < Fraction(95, 100)


def test_without_wording_the_share_is_unknown_and_names_the_key() -> None:
    found = measured(MERIT, sampled(applicants()))["reason_wording"]
    assert found.value is None and "add reasons to the manifest" in str(found.unknown)


def test_features_without_words_are_named() -> None:
    found = measured(MERIT, sampled(applicants()), reasons={"income": "x"})["reason_wording"]
    assert found.value is not None and found.value < 1
    assert found.notes == ("no wording for debt",)


def test_somebody_refused_for_nothing_is_seen() -> None:
    people = applicants()
    people["decision"][int(np.argmax(people["income"] - people["debt"] - 9 * (people["income"] < 1.5)))] = 0
    constant = LinearModel(("income",), np.array([0.0]))
    assert measured(constant, sampled(people))["reason_coverage"].value == 0


@pytest.mark.parametrize("refused", [0, 9])
def test_shares_of_too_few_people_are_not_published(refused: int) -> None:
    people = applicants()
    people["decision"] = (np.argsort(np.argsort(people["income"] - people["debt"])) >= refused).astype(int)
    found = measured(MERIT, sampled(people), reasons=WORDS)
    assert all(one.value is None and not one.counts for one in found.values())
    assert all(("nobody" if refused == 0 else "fewer than 10") in str(one.unknown) for one in found.values())


def test_the_same_seed_gives_the_same_measurements() -> None:
    first, again = (measured(MERIT, sampled(applicants()), reasons=WORDS, seed=3) for _ in range(2))
    assert first == again
