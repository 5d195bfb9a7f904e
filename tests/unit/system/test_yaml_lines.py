"""Reading YAML as text with lines."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Invalid, NotFound
from ombud.system.draft import scalar
from ombud.system.yaml_lines import dotted, parse_yaml, read_yaml

HERE = Path("ombud.yaml")
any_text = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


def content(text: str) -> dict[str, object]:
    return parse_yaml(text.encode(), HERE).content


def test_norway_is_not_a_no() -> None:
    assert content("places: [NO, no, yes, off]") == {"places": ["NO", "no", "yes", "off"]}


def test_numbers_and_dates_keep_their_text() -> None:
    assert content("a: 2026.10\nb: 0.80\nc: 1990-01-01\nd: 1_000\ne: 0x1F\nf: 12:30\ng: 1e3") == {
        "a": "2026.10", "b": "0.80", "c": "1990-01-01", "d": "1_000", "e": "0x1F", "f": "12:30", "g": "1e3",
    }  # fmt: skip


def test_nothing_is_none_and_a_quoted_null_is_text() -> None:
    assert content("a:\nb: null\nc: ~\nd: 'null'\ne: ''") == {"a": None, "b": None, "c": None, "d": "null", "e": ""}


def test_every_key_and_item_has_its_line() -> None:
    written = parse_yaml(b"a: 1\nb:\n  - x\n  - y: 2\n\n    z: 3\n", HERE)
    assert written.lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "y"): 4, ("b", 1, "z"): 6}


def test_a_missing_key_has_the_line_of_what_is_around_it() -> None:
    written = parse_yaml(b"a: 1\nb:\n  c: 1\n", HERE)
    assert written.line(("b", "d", "e")) == 2
    assert str(written.invalid(("b", "d"), "is missing")) == "ombud.yaml:2: b.d: is missing"


def test_a_byte_order_mark_of_windows_editors_is_no_part_of_the_text() -> None:
    assert parse_yaml(b"\xef\xbb\xbfsystem: a", HERE).content == {"system": "a"}


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_yaml(tmp_path / "ombud.yaml")
    assert "ombud init" in caught.value.next_step


def test_a_folder_is_not_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is not a file"):
        read_yaml(tmp_path)


def test_keys_are_written_as_people_write_them() -> None:
    assert dotted(("policy", "fairness.impact_ratio", 1, "min")) == "policy.fairness.impact_ratio[1].min"


@given(key=any_text, value=any_text)
def test_what_is_written_quoted_is_read_back_as_it_was(key: str, value: str) -> None:
    text = f"{scalar(key)}: {scalar(value)}\nlist: [{scalar(value)}]\n"
    if key != "list":
        assert content(text) == {key: value, "list": [value]}


@given(value=any_text)
def test_another_reader_understands_our_scalars_as_the_same_text_or_whole_number(value: str) -> None:
    assert str(yaml.safe_load(f"a: {scalar(value)}")["a"]) == value
