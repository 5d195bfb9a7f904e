from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.tables.answers import CannotMeasure
from ombud.tables.levels import level, meant
from ombud.tables.outcomes import outcomes


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, None),
        (float("nan"), None),
        (Decimal("NaN"), None),
        (1, "1"),
        (1.0, "1"),
        (True, "1"),
        (Decimal("1.00"), "1"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (float("inf"), "inf"),
        (2.0**60, "1.152921504606847e+18"),
        ("1.0", "1.0"),
        ("", ""),
        ("Ünïcode ’", "Ünïcode ’"),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime.fromisoformat("2026-11-23T07:30"), "2026-11-23T07:30:00"),
        (b"\x00\xff", "00ff"),
    ],
)
def test_a_value_has_one_name_whichever_engine_it_came_from(value: Any, named: str | None) -> None:
    assert level(value) == named


@pytest.mark.parametrize(
    ("text", "means"),
    [("true", "1"), ("FALSE", "0"), ("1.0", "1"), ("1.", "1"), ("01", "1"), ("-0.0", "0"), ("+2", "2"), ("-3.00", "-3"),
     ("1.5", "1.5"), ("yes", "yes"), (" approved ", "approved"), ("", "")],
)  # fmt: skip
def test_a_declared_value_means_the_same_in_yaml_csv_and_parquet(text: str, means: str) -> None:
    assert meant(text) == means


@pytest.mark.parametrize("declared", ["1", "1.0", "true", "True"])
def test_favourable_is_found_however_it_is_written(declared: str) -> None:
    assert outcomes(["0", "1", None], declared, (), "approved", "columns.favourable") == {
        "1": FAVOURABLE, "0": UNFAVOURABLE, None: None,
    }  # fmt: skip


def test_a_favourable_value_that_never_occurs_is_no_rate_of_zero() -> None:
    with pytest.raises(CannotMeasure) as reason:
        outcomes(["approved", "denied"], "aproved", (), "action", "columns.favourable")
    assert "'aproved'" in str(reason.value) and reason.value.unmet.manifest_key == "columns.favourable"


def test_a_third_value_is_nobodys_guess() -> None:
    with pytest.raises(CannotMeasure) as reason:
        outcomes(["approved", "denied", "withdrawn"], "approved", (), "action", "columns.favourable")
    assert "3 values" in str(reason.value) and "withdrawn" not in str(reason.value)
    assert reason.value.unmet.manifest_key == "columns.unfavourable"


def test_a_third_value_counts_as_missing_once_the_unfavourable_ones_are_listed() -> None:
    named = outcomes(["approved", "denied", "withdrawn"], "approved", ["denied"], "action", "columns.favourable")
    assert named == {"approved": FAVOURABLE, "denied": UNFAVOURABLE, "withdrawn": None, None: None}


def test_a_column_of_nothing_but_missing_has_no_outcome_and_no_error() -> None:
    assert outcomes([None], "1", (), "approved", "columns.favourable") == {None: None}
