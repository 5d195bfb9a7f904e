"""Guessing what columns mean."""

from typing import Any

import pyarrow as pa
import pytest

from ombud.system.guess import Guess, guess, tokens
from ombud.system.look import look_at
from ombud.tables.engines.engine import Kind
from ombud.tables.needs import Role
from ombud.tables.open import open_frame


def of(**columns: list[Any]) -> Guess:
    return guess(look_at(open_frame(pa.table(columns), "people")))


IDS = list(range(100, 200))
HALF = [0, 1] * 50
SHARES = [n / 100 for n in range(100)]


def test_a_table_of_decisions_is_understood_from_names_and_contents() -> None:
    found = of(
        applicant_id=IDS, approved=HALF, p_approve=SHARES, approve=HALF[::-1], sex=["f", "m"] * 50,
        age=list(range(18, 118)), race=["a", "b", "c", "d"] * 25, zip3=IDS, income=SHARES, fold=[0, 1, 2, 3, 4] * 20,
    )  # fmt: skip
    assert dict(found.by_role) == {
        Role.SUBJECT: ("applicant_id",), Role.DECISION: ("approved",), Role.SCORE: ("p_approve",),
        Role.LABEL: ("approve",), Role.FOLD: ("fold",), Role.PROTECTED: ("sex", "race"),
        Role.QUASI_IDENTIFIER: ("sex", "age", "zip3"), Role.SPECIAL: ("race",),
    }  # fmt: skip
    assert (found.favourable, found.label_favourable) == ("1", "1")
    assert "bands" in found.remarks["age"]


@pytest.mark.parametrize(
    ("column", "values", "favourable"),
    [
        ("approved", [True, False], "1"),
        ("approved", [1.0, 0.0], "1"),
        ("decision", ["granted", "refused"], "granted"),
        ("denied", [0, 1], "0"),
        ("loan_rejected", ["yes", "no"], "no"),
        ("decision", ["A", "B"], None),
        ("decision", [1, 2], "1"),
    ],
)
def test_the_good_value_is_guessed_only_where_words_leave_no_doubt(
    column: str, values: list[Any], favourable: str
) -> None:
    found = of(**{column: values * 50})
    assert found.one(Role.DECISION) == column
    assert found.favourable == favourable


def test_a_default_that_did_not_happen_is_good() -> None:
    assert of(defaulted=HALF).label_favourable == "0"


@pytest.mark.parametrize("name", ["approved_by", "decision_reason", "approved_at"])
def test_columns_about_a_decision_are_not_the_decision(name: str) -> None:
    found = of(**{name: ["Anna", "Bob"] * 50})
    assert Role.DECISION not in found.by_role
    assert found.decision_values == ()


def test_a_score_lies_between_nought_and_one() -> None:
    assert of(score=[300.0, 850.0, 500.5] * 30).one(Role.SCORE) is None
    assert of(score=SHARES).one(Role.SCORE) == "score"


def test_three_outcomes_are_no_decision() -> None:
    assert of(decision=["yes", "no", "maybe"] * 30).one(Role.DECISION) is None


def test_a_column_that_never_varies_has_no_groups() -> None:
    assert Role.PROTECTED not in of(sex=["f"] * 100).by_role


def test_names_come_apart_at_capitals_and_signs() -> None:
    assert {"applicant", "id"} <= tokens("applicantId")
    assert {"age", "band", "ageband"} <= tokens("AGE BAND")
    assert tokens("年齢") == frozenset({""})


def test_a_look_keeps_no_values_of_columns_that_have_many() -> None:
    looks = {
        look.name: look
        for look in look_at(open_frame(pa.table({"who": [str(n) for n in IDS], "sex": ["f", None] * 50}), "p")).columns
    }
    assert looks["who"].values == () and looks["who"].distinct > 50
    assert (looks["sex"].values, looks["sex"].missing, looks["sex"].rows) == (("f",), 50, 100)


def test_numbers_that_are_not_finite_and_empty_columns_are_no_obstacle() -> None:
    found = look_at(
        open_frame(pa.table({"x": [float("nan"), float("inf"), 1.0], "y": pa.nulls(3), "z": [[1], [2], [3]]}), "p")
    )
    assert found.columns[0].kind is Kind.NUMBER
    assert guess(found).by_role == {}


def test_an_empty_table_is_no_obstacle() -> None:
    found = guess(look_at(open_frame(pa.table({"sex": pa.array([], pa.string())}), "p")))
    assert Role.PROTECTED not in found.by_role
