"""Categories are compared by segment; which are never shown raw, and how surely each tells people apart, is data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapped import a_map
from ombud.rights.map.taxonomy import categories, closest, covers, known, never_raw, rank, words


@pytest.mark.parametrize(
    ("general", "special", "covered"),
    [
        ("user.contact", "user.contact.email", True),
        ("user.contact", "user.contact", True),
        ("user.contact", "user.contact_x", False),
        ("user.contact.email", "user.contact", False),
        ("user", "user.contact.address.city", True),
        ("use", "user", False),
    ],
)
def test_a_category_covers_what_lies_below_it(general: str, special: str, covered: bool) -> None:
    assert covers(general, special) is covered


@given(st.sampled_from(sorted(categories())), st.sampled_from(sorted(categories())))
def test_covering_is_having_the_same_first_segments(one: str, other: str) -> None:
    parts = one.split(".")
    assert covers(one, other) == (other.split(".")[: len(parts)] == parts)


def test_every_category_lies_below_a_known_one() -> None:
    assert len(categories()) == 85
    assert all("." not in one or known(one.rpartition(".")[0]) for one in categories())


@pytest.mark.parametrize(
    ("category", "hidden"),
    [
        ("user.government_id.national_identification_number", True),
        ("user.financial.bank_account", True),
        ("user.authorization.password", True),
        ("user.biometric.fingerprint", True),
        ("user.financial", False),
        ("user.contact.email", False),
        (None, False),
    ],
)
def test_what_the_rules_of_california_forbid_to_disclose_is_never_raw(category: str | None, hidden: bool) -> None:
    assert never_raw(category) is hidden


def test_a_customer_number_tells_more_than_an_address_and_that_more_than_a_device() -> None:
    order = [
        "user.unique_id",
        "user.contact.email",
        "user.contact.phone_number",
        "user.financial.bank_account",
        "user.device",
    ]
    assert [rank(one) for one in order] == [1, 2, 3, 4, 5]


def test_the_map_may_say_it_otherwise() -> None:
    said = "a: {category: user.device, one_person: yes}, b: {category: user.unique_id, one_person: no}, c: user.device"
    read = a_map(f"identities: {{{said}}}")
    assert [read.rank(kind) for kind in "abc"] == [1, 5, 5]


def test_words_and_the_nearest_are_at_hand() -> None:
    assert words("user.name") == "name"
    assert words("user.x", {"user.x": "mine"}) == "mine"
    assert closest("user.contact.emial") == "user.contact.email"
