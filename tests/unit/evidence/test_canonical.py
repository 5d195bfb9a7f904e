import json
import math
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused, Unreadable
from ombud.evidence.canonical import canonical, digest, parse

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def test_the_numbers_of_the_rfc_are_written_as_the_rfc_writes_them() -> None:
    # RFC 8785, section 3.2.2
    data = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    assert canonical(data) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_as_utf_16_as_the_rfc_asks() -> None:
    # RFC 8785, section 3.2.3: a surrogate pair sorts before U+FB33
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_the_digest_does_not_depend_on_the_order_of_keys_or_the_kind_of_mapping() -> None:
    assert digest({"a": 1, "b": (1, 2)}) == digest(MappingProxyType({"b": [1, 2], "a": 1}))


def test_the_digest_of_an_empty_object_is_the_known_one() -> None:
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("bad", [Fraction(1, 3), b"bytes", {1: "a"}, math.nan, math.inf, 2**53, "\ud800", {"a": {1}}])
def test_what_json_cannot_carry_exactly_is_refused(bad: Any) -> None:
    with pytest.raises(Misused):
        canonical(bad)


@given(json_values)
def test_the_quick_way_writes_what_the_reference_implementation_writes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


places = st.sampled_from(["\x000\x00", "\x001\x00", '"\x000\x00', '\x000\x00"', "\x00", r"\u00000\u0000"])


@given(st.lists(st.floats(1e-12, 1e-7) | places | st.dictionaries(places, st.floats(1e18, 1e22) | places), max_size=6))
def test_a_text_that_looks_like_the_place_of_a_number_stays_a_text(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(json_values)
def test_what_was_written_is_read_back_in_the_same_form(value: Any) -> None:
    assert canonical(parse(canonical(value))) == canonical(value)


@given(json_values)
def test_json_in_another_form_is_refused(value: Any) -> None:
    other = json.dumps(value, indent=1).encode() + b"\n"
    with pytest.raises(Unreadable):
        parse(other)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1.0}', b'{"a":1e2}', b'{"a":0.10}', b'{"a":-0}',
        b'"\\u0041"', b'"\\/"', b'"\\ud800"', b"NaN", b"[Infinity]", b'{"a":1}\n', b"\xff", b"", b"[" * 100_000,
        b"9" * 5000, b'"a\x01"', b'{"a":12345678901234567}', '{"\ufb33":1,"\U0001f600":2}'.encode(),
    ],
)  # fmt: skip
def test_hostile_or_careless_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(data)


def test_another_version_of_the_encoding_is_refused() -> None:
    with pytest.raises(Misused, match="version 2"):
        canonical({}, version=2)
