"""explanation.protected_reasons: a protected reason or a proxy is found, named and counted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from explained import LinearModel, applicants, sampled
from ombud.checks.explanation.protected_reasons import protected_reasons
from ombud.statistics.measurement import Measurement

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "explanation" / "protected_reasons.yaml").read_text())


def asked(features: dict[str, float], protected: tuple[str, ...] = (), **parameters: Any) -> list[Measurement]:
    people = applicants()
    people["race_code"] = (people["race"] == "b").astype(float)
    model = LinearModel(tuple(features), np.array(list(features.values())))
    margin = model.margin(np.column_stack([people[name] for name in features]))
    people["decision"] = (margin > np.median(margin)).astype(int)
    sample = sampled(people, protected=("race", *protected), features=tuple(features))
    return list(protected_reasons(model, sample, **parameters))


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_worked_example(case: dict[str, Any]) -> None:
    count, overall, *each = asked(case["features"], tuple(case.get("protected", ())))
    assert (count.name, count.value) == ("protected_features", case["protected_features"])
    assert overall.name == "protected_reason_share" and overall.group is None
    assert overall.value is not None and (overall.value > 0) == case["some_share"]
    assert [one.group for one in each] == ([case["named"]] if "named" in case else [])
    assert not each or each[0].value == overall.value


def test_what_counts_as_a_proxy_is_a_parameter() -> None:
    assert asked({"income": 1.0, "street": -1.0}, proxy_association=0.99)[1].value == 0
    assert asked({"income": 1.0, "street": -1.0}, proxy_association=0.5)[1].value != 0


def test_the_convention_is_said_in_the_method() -> None:
    assert "0.3 or more (a convention)" in asked({"income": 1.0, "street": -1.0})[1].method


def test_the_proxy_is_named_with_its_association() -> None:
    notes = asked({"income": 1.0, "street": -1.0})[1].notes
    assert notes[0].startswith("street: stands for race: Cramér's V 0.")


def test_a_level_of_a_one_hot_column_makes_the_column_sensitive() -> None:
    people = applicants()
    people |= {"area=1": people["street"], "area=0": 1 - people["street"]}
    model = LinearModel(("income", "area=1", "area=0"), np.array([1.0, -0.5, 0.5]))
    margin = model.margin(np.column_stack([people[name] for name in model.features]))
    people["decision"] = (margin > 0).astype(int)
    each = list(protected_reasons(model, sampled(people, protected=["race"])))[2:]
    assert [one.group for one in each] == ["area"]


def test_without_a_protected_column_it_is_unknown_not_zero() -> None:
    model = LinearModel(("income",), np.array([1.0]))
    (only,) = protected_reasons(model, sampled(applicants()))
    assert only.value is None and "no protected column" in str(only.unknown)
