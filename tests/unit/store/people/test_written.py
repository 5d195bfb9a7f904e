"""A person is called the same whatever type the value has."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.store.people import as_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("C-1", "C-1"),
        (1007, "1007"),
        (1007.0, "1007"),
        (-3.0, "-3"),
        (Decimal("1007"), "1007"),
        (Decimal("1007.00"), "1007"),
        (Decimal("10.50"), "10.5"),
        (Decimal("1E+3"), "1000"),
        (np.int32(1007), "1007"),
        (np.float64(1007), "1007"),
        (np.float32(1007), "1007"),
        (np.str_("C-1"), "C-1"),
        (10.25, "10.25"),
        (date(1990, 5, 1), "1990-05-01"),
        (datetime(1990, 5, 1, 8, tzinfo=UTC), "1990-05-01T08:00:00+00:00"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (b"\x01\xff", "01ff"),
    ],
)
def test_a_value_has_one_text(value: object, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), Decimal("NaN"), np.float64("nan"), pd.NaT, pd.NA])
def test_what_names_nobody_has_none(value: object) -> None:
    assert as_text(value) is None


@pytest.mark.parametrize("value", [["C-1"], ("C-1",), {"id": 1}, {1}])
def test_many_values_name_nobody_and_are_not_repeated(value: object) -> None:
    with pytest.raises(Misused) as caught:
        as_text(value)
    assert "C-1" not in str(caught.value)


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_every_whole_number_a_float_can_hold_is_called_as_the_integer_is(number: int) -> None:
    assert as_text(float(number)) == as_text(number) == as_text(Decimal(number)) == str(number)
