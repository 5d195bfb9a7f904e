import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.decisions import Decision, Human
from ombud.decisions.plain import decode, encode
from ombud.errors import Misused, Unreadable
from ombud.store.identity import Identity
from recorded import decision

VALUES = st.none() | st.booleans() | st.text(max_size=20) | st.floats(allow_nan=False, allow_infinity=False)
INPUTS = st.dictionaries(st.text(min_size=1, max_size=10), VALUES, max_size=6)


@given(inputs=INPUTS, score=st.none() | st.floats(0, 1), threshold=st.sampled_from([None, "0.5"]))
def test_what_is_read_back_is_what_was_written(inputs: dict[str, object], score: float, threshold: str) -> None:
    made = decision(1, inputs=inputs, score=score, threshold=threshold)
    assert decode(encode(made)) == made


def test_everything_that_a_decision_can_say_survives() -> None:
    made = Decision(
        id="A-1", system="mortgage", at=datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC),
        subject=Identity("email", "ann@example.org"), inputs={"a": 1.5}, score=1.0, threshold="1/3",
        outcome="favourable", decided="1", release="r" * 64, model="m" * 64,
        human=Human(who="staff-7", saw=("score", "inputs"), changed=True, seconds=12.5), reasons=("a",),
        notices=("d" * 64,), protected={"sex": "f", "race": None},
    )  # fmt: skip
    assert decode(encode(made)) == made


def test_whole_floats_and_integers_are_one_value_and_nan_is_missing() -> None:
    assert encode(decision(1, inputs={"a": 35.0})) == encode(decision(1, inputs={"a": 35}))
    assert encode(decision(1, inputs={"a": math.nan})) == encode(decision(1, inputs={"a": None}))


def test_scalars_of_numpy_are_numbers() -> None:
    inputs = {"a": np.float32(0.5), "b": np.int64(3), "c": np.float64(2.5), "d": np.bool_(True)}
    assert dict(decode(encode(decision(1, inputs=inputs))).inputs) == {"a": 0.5, "b": 3, "c": 2.5, "d": True}


@pytest.mark.parametrize("value", [math.inf, -math.inf, [1], {"x": 1}, object()])
def test_what_no_cell_can_hold_is_refused_without_being_repeated(value: object) -> None:
    with pytest.raises(Misused) as refused:
        encode(decision(1, inputs={"a": value}))
    assert "object at" not in str(refused.value)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_decision_are_unreadable_and_nothing_else(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data)


@given(st.data())
def test_a_changed_byte_is_never_taken_for_the_same_decision(data: st.DataObject) -> None:
    whole = encode(decision(1))
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read = decode(bytes(changed))
    except Unreadable:
        return
    assert read != decision(1)
