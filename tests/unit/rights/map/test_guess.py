"""What columns say of people is guessed by their names and by what their values look like."""

import pytest

from ombud.rights.map.guess import by_name, by_values, of_people
from ombud.rights.map.taxonomy import categories


@pytest.mark.parametrize(
    ("column", "category"),
    [
        ("email", "user.contact.email"),
        ("workEmail", "user.contact.email"),
        ("e_mail", "user.contact.email"),
        ("home_phone", "user.contact.phone_number"),
        ("FirstName", "user.name.first"),
        ("date_of_birth", "user.demographic.date_of_birth"),
        ("ssn", "user.government_id.national_identification_number"),
        ("password_hash", "user.authorization.password"),
        ("ip_address", "user.device.ip_address"),
        ("amount", None),
        ("emailed", None),
        ("description", None),
        ("shipping", None),
    ],
)
def test_names_of_columns(column: str, category: str | None) -> None:
    assert by_name(column) == category


def test_a_name_is_a_persons_only_in_a_table_of_people() -> None:
    assert by_name("name", "customers") == "user.name"
    assert by_name("name", "products") is None


@pytest.mark.parametrize(
    ("table", "person"),
    [
        ("customers", "customer"),
        ("hr.Employees", "employee"),
        ("people", "person"),
        ("user_accounts", "user"),
        ("products", None),
    ],
)
def test_names_of_tables(table: str, person: str | None) -> None:
    assert of_people(table) == person


@pytest.mark.parametrize(
    ("values", "category"),
    [
        (["a@example.org", "b@example.org", None], "user.contact.email"),
        (["DE89370400440532013000"], "user.financial.bank_account"),
        (["DE89370400440532013001"], None),
        (["4111111111111111", "4111 1111 1111 1111"], "user.financial.credit_card"),
        (["a@example.org", "no", "none", "x"], None),
        ([None, ""], None),
        ([], None),
        ([1, 2, 3], None),
    ],
)
def test_values_count_where_more_than_half_look_like_it(values: list[object], category: str | None) -> None:
    assert by_values(values) == category


def test_every_guess_is_a_category_of_the_taxonomy() -> None:
    from ombud.rights.map import guess

    assert {category for category, _ in guess._NAMES} | set(guess._LOOKS.values()) <= set(categories())
