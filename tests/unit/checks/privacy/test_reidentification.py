import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from ombud.checks.privacy.reidentification import reidentification
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.status.rule import Origin, Outcome, Rule, judge
from ombud.tables.needs import Classes
from tabled import data, taken

CASES = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "privacy" / "reidentification.yaml").read_text(encoding="utf-8")
)
ROLES = {"quasi_identifiers": ["q"], "special": ["s"]}


def measured(people: list[list[Any]], roles: dict[str, list[str]] = ROLES) -> dict[str, Measurement]:
    table = {"q": [q for q, _ in people], "s": [s for _, s in people], "who": list(range(len(people)))}
    answer = taken(Classes(), data(roles=roles, training=table)).calls[0]
    return {one.name: one for one in reidentification(answer)}


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_worked_example(case: dict[str, Any]) -> None:
    found = measured(case["people"])
    assert found["k_anonymity"].value == case["k"] and found["k_anonymity"].n == len(case["people"])
    assert found["sample_uniqueness"].value == Fraction(case["unique"])
    assert found["prosecutor_risk"].value == found["journalist_risk"].value == Fraction(1, case["k"])
    assert found["marketer_risk"].value == Fraction(case["marketer"])
    assert found["l_diversity"].value == case["l"]
    assert 0 <= Fraction(found["t_closeness"].value or 0) - Fraction(case["t"]) < Fraction(1, 1000)
    assert any("lack a quasi-identifier" in note for note in found["k_anonymity"].notes) == ("gap" in case)


def test_one_value_for_all_is_said_to_be_unsafe_and_for_how_many() -> None:
    found = measured([["a", "flu"]] * 20 + [["b", "flu"], ["b", "cold"]])
    assert found["k_anonymity"].value == 2
    assert found["l_diversity"].notes[0].startswith("unsafe: 20 people")
    assert found["l_diversity"].counts == {"classes of one value": 1, "people in them": 20}
    assert not measured([["a", "flu"], ["a", "cold"]])["l_diversity"].notes


def test_entropy_is_the_effective_number_of_values_and_never_too_high() -> None:
    found = measured([["a", "flu"], ["a", "cold"], ["a", "cold"], ["a", "cold"]])
    exact = math.exp(-(0.25 * math.log(0.25) + 0.75 * math.log(0.75)))
    assert exact - 0.002 < float(found["entropy_l_diversity"].value or 0) <= exact


def test_an_ordered_trait_is_moved_along_its_scale() -> None:
    found = measured([["a", 1], ["a", 2], ["b", 2], ["b", 3]])
    assert float(found["t_closeness"].value or 0) == pytest.approx(0.25, abs=1e-3)
    assert "earth mover" in found["t_closeness"].method and "0.250" in found["t_closeness"].notes[0]
    assert "0.500" in measured([["a", 1], ["a", 1], ["b", 3], ["b", 2]])["t_closeness"].notes[0]


def test_without_a_special_column_k_says_that_it_says_nothing_of_homogeneity() -> None:
    found = measured([["a", "flu"]] * 3, {"quasi_identifiers": ["q"]})
    assert set(found) == {"k_anonymity", "sample_uniqueness", "prosecutor_risk", "journalist_risk", "marketer_risk"}
    assert any("homogeneity" in note or "share one" in note for note in found["k_anonymity"].notes)


def test_rows_are_not_called_people_unless_a_subject_is_declared() -> None:
    assert "rows" in measured([["a", "x"]] * 2)["k_anonymity"].method
    with_subject = measured([["a", "x"]] * 2, ROLES | {"subject": ["who"]})
    assert "people" in with_subject["k_anonymity"].method


def test_an_empty_table_is_unknown_and_not_safe() -> None:
    (only,) = reidentification([Cube(("size", "missing"), {}, "rows")])
    assert only.value is None and only.unknown
    (none,) = reidentification([])
    assert none.unknown


def test_a_policy_on_k_decides_without_an_interval() -> None:
    rule = Rule(
        check="privacy.reidentification", measurement="k_anonymity", op=">=", value=Fraction(5),
        origin=Origin.POLICY, source="0" * 64,
    )  # fmt: skip
    assert judge(measured([["a", "x"]] * 5)["k_anonymity"], rule).outcome is Outcome.PASS
    assert judge(measured([["a", "x"]] * 4)["k_anonymity"], rule).outcome is Outcome.FAIL
