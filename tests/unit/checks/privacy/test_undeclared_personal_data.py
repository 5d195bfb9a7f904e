from typing import Any

import pytest

from ombud.checks.privacy.undeclared_personal_data import undeclared_personal_data
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Profile
from tabled import data, taken


def measured(roles: dict[str, list[str]] | None = None, **columns: list[Any]) -> list[Measurement]:
    (profile,) = taken(Profile(patterns=True), data(roles=roles, decisions=columns)).calls
    return list(undeclared_personal_data(profile))


def finds(found: list[Measurement]) -> dict[str | None, Any]:
    return {one.group: one.value for one in found}


def test_each_column_is_named_with_its_exact_count_and_the_total() -> None:
    found = measured(note=["a@b.org", "none", None, "x@y.de"], income=[1.5, 2.5, 3.5, 4.5])
    *columns, rows, number = found
    assert finds(columns) == {"note (decisions)": 2}
    assert (rows.name, rows.value, number.name, number.value) == (
        "undeclared_personal_data", 2, "undeclared_personal_data_columns", 1,
    )  # fmt: skip
    assert columns[0].notes == ("looks like e-mail: 2 rows",) and "at least" in columns[0].method


def test_nothing_found_is_zero_and_says_what_that_is_worth() -> None:
    rows, number = measured(town=["x", "y"], income=[1, 2])
    assert (rows.value, number.value) == (0, 0) and "not nothing there" in rows.notes[0]


@pytest.mark.parametrize("role", ["subject", "quasi_identifiers", "protected", "special"])
def test_a_declared_column_is_no_find(role: str) -> None:
    assert [one.value for one in measured({role: ["mail"]}, mail=["a@b.org", "c@d.org", "e@f.org"])] == [0, 0]


def test_a_feature_is_not_thereby_declared_personal() -> None:
    assert measured({"features": ["mail"]}, mail=["a@b.org", "c@d.org", "e@f.org"])[-1].value == 1


@pytest.mark.parametrize(
    "name", ["last_name", "LastName", "customerPhone", "phone 1", "Geburtsdatum", "SSN", "home-address"]
)
def test_a_name_that_says_it_all_counts_every_row_that_is_there(name: str) -> None:
    assert finds(measured(**{name: ["q", "r", None, "s"]}))[f"{name} (decisions)"] == 3


@pytest.mark.parametrize(
    "name", ["phonetic_score", "product_name", "addressable", "shipping", "zipcode_risk", "mailing_cost"]
)
def test_a_name_that_only_sounds_like_it_is_no_find(name: str) -> None:
    assert measured(**{name: ["q", "r", None, "s"]})[-1].value == 0


def test_a_flag_about_a_phone_is_not_a_phone() -> None:
    assert measured(phone=[True, False, True], email=[0, 1, 0])[-1].value == 0


def test_random_numbers_pass_a_checksum_by_chance_and_are_no_find() -> None:
    numbers = [4_000_000_000_000_000 + 7 * i for i in range(2_000)]
    assert measured(reference=numbers)[-1].value == 0


def test_a_column_of_real_card_numbers_among_others_is_a_find() -> None:
    from ombud.tables.patterns import card

    cards = [n for n in range(4_111_111_111_110_000, 4_111_111_111_116_000) if card(str(n))]
    found = measured(reference=[*cards, 4_111_111_111_111_112])
    assert finds(found)["reference (decisions)"] == len(cards)


def test_one_card_number_in_every_row_is_a_find() -> None:
    assert finds(measured(pay=["4111 1111 1111 1111"] * 50))["pay (decisions)"] == 50


def test_a_column_in_two_tables_is_one_column() -> None:
    table = {"note": ["a@b.org"] * 3}
    (profile,) = taken(Profile(patterns=True), data(training=table, decisions=table | {"more": ["x"] * 3})).calls
    *_, rows, number = undeclared_personal_data(profile)
    assert (rows.value, number.value) == (6, 1)


def test_empty_tables_are_unknown() -> None:
    (only,) = measured(a=[])
    assert only.value is None and only.unknown


def test_no_value_is_repeated_in_what_is_said() -> None:
    assert "jane" not in str(measured(note=["jane.doe@example.org"] * 3, last_name=["jane"] * 3))
