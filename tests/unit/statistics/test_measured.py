from fractions import Fraction

import pytest

from counting import cube, named
from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.statistics.groups import Group
from ombud.statistics.measured import assessed_share, one_rate
from ombud.statistics.measurement import Measurement


def test_a_rate_carries_its_counts_and_interval() -> None:
    found = one_rate("selection_rate", "race", Group("a", 162, 400))
    assert (found.value, found.n, dict(found.counts)) == (Fraction(81, 200), 400, {"selected": 162, "total": 400})
    assert (found.low, found.high) == (pytest.approx(0.3580, abs=1e-4), pytest.approx(0.4538, abs=1e-4))


def test_a_rate_of_nobody_is_unknown() -> None:
    found = one_rate("true_positive_rate", "race", Group("a", 0, 0))
    assert (found.value, found.low, found.unknown) == (None, None, "nobody to take a rate of")


def test_people_without_an_outcome_are_told_beside_the_rate() -> None:
    found = one_rate("selection_rate", "race", Group("a", 1, 40, undecided=7))
    assert found.counts["undecided"] == 7
    assert found.notes == ("7 more people of this group have no known outcome",)


def test_a_ratio_to_a_rate_of_zero_is_unknown_and_carries_no_infinity() -> None:
    found = named(impact_ratio(cube(a=(3, 50), b=(0, 60)), reference="b"), "impact_ratio", "a")
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.unknown == "the rate of the reference group b is 0: no ratio to it"


def test_a_difference_of_few_expected_people_is_shown_and_not_judged() -> None:
    found = named(impact_ratio(cube(a=(1, 40), b=(4, 50))), "selection_rate_difference")
    assert found.value == Fraction(1, 40) - Fraction(4, 50)
    assert found.unknown == "an expected count is 2.2, under 5: too few for the interval of a difference"


def test_the_assessed_share_is_a_count_of_facts() -> None:
    found = assessed_share("race", 90, 100)
    assert (found.value, found.is_estimate, found.n) == (Fraction(9, 10), False, 100)
    assert assessed_share("race", 0, 0).unknown == "nobody was counted"


def test_a_measurement_survives_the_journey_through_json() -> None:
    for found in impact_ratio(cube(a=(24, 40), b=(30, 40), tiny=(1, 12))):
        assert Measurement.from_json(found.to_json()) == found
