"""Reasons of one decision: bound to approved words, or refused; never silently changed."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ombud.explain.reasons import reasons

NAMES = ("income", "debt", "race", "age", "term")
WORDS = {"income": "Your income is low for this loan", "debt": "Your debts are high", "term": "The term is long"}


def given_points(*points: float, **other: Any) -> Any:
    said = {"residual": 0.0, "stable": 1.0, "wording": WORDS, "sensitive": {}} | other
    return reasons(np.array(points), NAMES, **said)


def test_reasons_are_ranked_by_points_lost_with_their_words() -> None:
    found = given_points(-1.0, -3.0, 0.5, 0.0, -2.0)
    assert [(one.feature, one.points) for one in found.principal] == [("debt", 3.0), ("term", 2.0), ("income", 1.0)]
    assert found.principal[0].wording == "Your debts are high"
    assert found.may_be_sent


def test_a_protected_reason_is_kept_and_stops_the_letter() -> None:
    found = given_points(
        -1.0, 0.0, -3.0, 0.0, 0.0, sensitive={"race": "a protected column"}, wording=WORDS | {"race": "x"}
    )
    assert [one.feature for one in found.principal] == ["race", "income"]
    assert found.refusals == ("race is a protected column",)


def test_a_reason_without_approved_words_stops_the_letter() -> None:
    found = given_points(-1.0, 0.0, 0.0, -0.5, 0.0)
    assert found.refusals == ("no approved wording for age",)


def test_a_sum_that_is_missed_by_more_than_one_in_ten_thousand_stops_the_letter() -> None:
    assert given_points(-1, 0, 0, 0, 0, residual=1e-4).may_be_sent
    assert "do not add up" in given_points(-1, 0, 0, 0, 0, residual=1.01e-4).refusals[0]
    assert "do not add up" in given_points(-1, 0, 0, 0, 0, residual=float("nan")).refusals[0]


def test_reasons_that_depend_on_whom_one_compares_with_stop_the_letter() -> None:
    assert given_points(-1, 0, 0, 0, 0, stable=0.95).may_be_sent
    assert "61%" in given_points(-1, 0, 0, 0, 0, stable=0.61).refusals[0]


def test_no_reason_at_all_stops_the_letter() -> None:
    found = given_points(1, 0, 0, 0, 0)
    assert found.principal == () and "no feature counts against" in found.refusals[0]


@given(
    st.lists(st.floats(-5, 5), min_size=5, max_size=5), st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES))
)
def test_neither_sensitivity_nor_wording_changes_which_reasons_there_are(
    points: list[float], sensitive: set[str], worded: set[str]
) -> None:
    plain = given_points(*points)
    marked = given_points(*points, sensitive=dict.fromkeys(sensitive, "protected"), wording=dict.fromkeys(worded, "x"))
    assert [one.feature for one in plain.principal] == [one.feature for one in marked.principal]
    there = {one.feature for one in marked.principal}
    assert marked.may_be_sent == (bool(there) and not there & sensitive and there <= worded)
