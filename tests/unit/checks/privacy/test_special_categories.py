"""privacy.special_categories: what the features are, and what can be told from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from explained import applicants, sampled
from ombud.checks.privacy.special_categories import special_categories
from ombud.statistics.measurement import NOT_ASSESSED, Measurement

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "privacy" / "special_categories.yaml").read_text())


def asked(people: dict[str, Any], features: list[str], **roles: Any) -> list[Measurement]:
    return list(special_categories(sampled(people, features=features, **({"protected": ["race"]} | roles))))


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_worked_example(case: dict[str, Any]) -> None:
    count, proxy, together = asked(applicants(), case["features"])
    assert (count.name, count.value) == ("special_features", case["special_features"])
    assert (proxy.protected, proxy.group) == ("race", "b")  # the rarer of two levels speaks for both
    for one in (proxy, together):
        assert one.low is not None and one.high is not None and one.low <= one.value <= one.high  # type: ignore[operator]
        assert (one.low > 0.8) if case["told"] else (one.low < 0.5 < one.high or one.value < 0.6)  # type: ignore[operator]
    if "strongest" in case:
        assert f"strongest feature: {case['strongest']} " in proxy.notes[0]


def test_a_special_column_counts_like_a_protected_one() -> None:
    count = asked(applicants(), ["income", "race"], protected=(), special=["race"])[0]
    assert count.value == 1 and count.notes == ("race",)


def test_features_that_tell_nothing_are_near_one_half_however_many_there_are() -> None:
    """Choosing the best of fifty noise features on the people it is judged on would give about 0.62."""
    random, people = np.random.default_rng(5), applicants(200)
    noise = {f"n{i}": random.normal(size=200) for i in range(50)}
    _, proxy, together = asked(people | noise, list(noise))
    assert proxy.low is not None and proxy.low < 0.5
    assert together.low is not None and together.low < 0.5


def test_text_features_are_used_as_well() -> None:
    people = applicants()
    people["district"] = np.where(people["street"] == 1, "north", "south")
    _, proxy, together = asked(people, ["district"])
    assert proxy.low is not None and proxy.low > 0.8
    assert together.low is not None and together.low > 0.8


@pytest.mark.parametrize(("people", "says"), [(9, None), (10, NOT_ASSESSED), (29, NOT_ASSESSED)])
def test_small_groups_are_not_assessed_and_very_small_ones_not_named(people: int, says: str | None) -> None:
    given = applicants()
    given["race"] = np.array(["c"] * people + ["a", "b"] * ((400 - people) // 2) + ["a"] * (people % 2))
    found = [one for one in asked(given, ["income"]) if one.group == "c"]
    assert [str(one.unknown).startswith(str(says)) for one in found] == ([True] if says else [])


def test_people_whose_trait_is_not_known_are_left_out() -> None:
    given = applicants()
    given["race"] = [None] * 100 + given["race"][100:].tolist()
    _, _, together = asked(given, ["income", "street"])
    assert together.n == 300


def test_a_number_with_many_values_is_asked_about_in_tenths() -> None:
    found = asked(applicants(), ["income"], protected=["age"])
    assert {one.group for one in found[1:]} == {f"tenth {i}" for i in range(1, 11)}


@pytest.mark.parametrize("roles", [{"protected": ()}, {"features": ()}])
def test_nothing_declared_is_unknown_not_zero(roles: dict[str, Any]) -> None:
    given = {"protected": ["race"], "features": ["income"]} | roles
    (only,) = special_categories(sampled(applicants(), **given))
    assert only.value is None and only.unknown
