"""How values are read from their text."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from ombud.system.words import day, exact, function, nearest, several, share, yes_no


@pytest.mark.parametrize(
    ("text", "value"),
    [("4/5", Fraction(4, 5)), ("0.8", Fraction(4, 5)), ("80 %", Fraction(4, 5)), ("80%", Fraction(4, 5)), ("1", 1),
     (".5", Fraction(1, 2)), ("-0.1", Fraction(-1, 10)), ("1 / 3", Fraction(1, 3))],
)  # fmt: skip
def test_limits_are_exact(text: str, value: Fraction) -> None:
    assert exact(text) == value


@given(st.decimals(-1000, 1000, places=6))
def test_a_decimal_is_read_as_the_number_it_shows(number: Any) -> None:
    assert exact(f"{number:f}") == Fraction(number)


@pytest.mark.parametrize(
    "text", ["", "four", "nan", "inf", "1e5", "1/0", "0,8", "1//2", "٤/٥", "9" * 5000, "0x10", "1_0"]
)
def test_what_is_no_exact_number_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        exact(text)


def test_a_share_lies_between_nought_and_one() -> None:
    assert share("0.95") == Fraction(19, 20)
    for text in ("1.01", "-0.1", "95"):
        with pytest.raises(PydanticCustomError):
            share(text)


def test_yes_and_no_have_the_words_of_yaml() -> None:
    assert [yes_no(text) for text in ("yes", "True", "ON", "no", "False", "off")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("text", ["20261101", "2026-W45-1", "2026-11-1", "2026-13-01", "2026-11-01T00:00"])
def test_a_date_has_one_form(text: str) -> None:
    assert day("2026-11-01") == date(2026, 11, 1)
    with pytest.raises(PydanticCustomError):
        day(text)


@pytest.mark.parametrize("text", ["Erika Mustermann", "erika@example.org", "", "-"])
def test_a_person_is_not_a_function(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        function(text)


def test_one_value_is_a_list_of_one_and_none_is_an_empty_list() -> None:
    assert (several("a"), several(None), several(["a", "b"])) == (["a"], [], ["a", "b"])


def test_the_nearest_word_ignores_case_but_keeps_its_own() -> None:
    assert nearest("INCOM", ["Income", "debt"]) == "Income"
    assert nearest("zzz", ["Income"]) is None
