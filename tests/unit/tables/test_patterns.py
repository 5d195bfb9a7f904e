from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ombud.tables.open import open_frame
from ombud.tables.patterns import PATTERNS, card, german_tax_number, iban, luhn
from ombud.tables.personal import personal

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "privacy" / "personal_data.yaml").read_text(encoding="utf-8")
)
BY_NAME = {pattern.name: pattern for pattern in PATTERNS}


@pytest.mark.parametrize("case", CASES, ids=[case["kind"] for case in CASES])
def test_a_pattern_finds_what_it_names_and_not_what_only_looks_like_it(case: dict[str, Any]) -> None:
    pattern = BY_NAME[case["kind"]]
    assert [text for text in case["is"] if not pattern.found_in(text)] == []
    assert [text for text in case["not"] if pattern.found_in(text)] == []


@pytest.mark.parametrize("case", CASES, ids=[case["kind"] for case in CASES])
def test_the_engine_counts_the_same(case: dict[str, Any]) -> None:
    values = [*case["is"], *case["not"], *case["is"]]
    table = open_frame(pa.table({"v": values}), "t")
    assert personal(table, "v", len(values), None)[case["kind"]] == 2 * len(case["is"])
    assert personal(table, "v", 1, None)[case["kind"]] == 2 * len(case["is"])  # by its different values


def test_every_pattern_has_a_case() -> None:
    assert {case["kind"] for case in CASES} == set(BY_NAME)


def test_no_pattern_uses_what_an_engine_reads_in_another_way() -> None:
    for pattern in PATTERNS:
        assert "\\b" not in pattern.expression and "(?=" not in pattern.expression and "(?!" not in pattern.expression


@given(st.text(alphabet="0123456789", min_size=12, max_size=18))
def test_exactly_one_digit_completes_a_card_number(digits: str) -> None:
    assert sum(luhn(digits + check) for check in "0123456789") == 1


@given(st.text(alphabet="0123456789", min_size=18, max_size=18))
def test_exactly_one_pair_of_check_digits_completes_a_german_iban(account: str) -> None:
    expected = 98 - int(account + "131400") % 97  # ISO 13616 by another road: D is 13, E is 14
    assert [c for c in range(2, 99) if iban(f"DE{c:02d}{account}")] == [expected]


@given(st.permutations("0123456789"))
def test_a_tax_number_repeats_one_digit(digits: list[str]) -> None:
    ten = "".join(digits)
    assert not any(german_tax_number(ten + check) for check in "0123456789")
    repeated = ten[:9] + ten[0]
    assert sum(german_tax_number(repeated + check) for check in "0123456789") == 1


def test_whole_numbers_are_searched_for_cards_and_tax_numbers() -> None:
    numbers = [4111111111111111, 5555555555554444, 86095742719, 12, None]
    table = open_frame(pa.table({"v": pa.array(numbers, pa.int64())}), "t")
    found = personal(table, "v", 5, float(5555555555554444))
    assert (found["card"], found["German tax number"], found["card-shaped, different"]) == (2, 1, 2)
    assert personal(table, "v", 5, 12.0) == {}


@pytest.mark.parametrize("digits", ["4111111111111111", "30569309025904", "6011111111111117"])
def test_cards_have_issuers(digits: str) -> None:
    assert card(digits) and not card("7" + digits[1:])
