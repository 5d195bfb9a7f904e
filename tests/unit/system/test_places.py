"""The closed list of places."""

import pytest

from ombud.law.vocabulary import EEA, places
from ombud.system.places import PLACES, nearest_place


def test_every_country_state_and_union_is_there_once() -> None:
    countries = [code for code in PLACES if len(code) == 2 and code not in ("EU", "UK")]
    assert len(countries) == 249  # ISO 3166-1
    assert sum(code.startswith("US-") for code in PLACES) == 53  # 50 states, DC, Puerto Rico, New York City
    assert set(PLACES) >= EEA | {"EU", "EEA", "UK"}


def test_what_contains_a_declared_place_is_a_place_too() -> None:
    assert all(set(places(frozenset((place,)))) <= set(PLACES) for place in PLACES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Germany", "DE"), ("germny", "DE"), ("USA", "US"), ("California", "US-CA"), ("us-ca", "US-CA"), ("England", "UK"),
     ("New York City", "US-NYC"), ("Türkiye", "TR"), ("qqqqqqqq", None)],
)  # fmt: skip
def test_the_place_that_was_meant_is_found(written: str, meant: str | None) -> None:
    assert nearest_place(written) == meant
