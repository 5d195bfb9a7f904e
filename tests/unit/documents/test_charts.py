from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ombud.documents.charts import LONG_NAMES, MOST_ROWS, NARROW, WIDE, Format, drawable, intervals, trade_off
from ombud.documents.svg import drawing
from ombud.statistics.measurement import Measurement
from ombud.status.rule import judge
from report_factory import ALTERNATIVES, BLACK, HOSTILE, POLICY


def of_data(spec: object) -> object:
    """A specification without its data."""
    if isinstance(spec, dict):
        return {key: of_data(value) for key, value in spec.items() if key != "values"}
    return [of_data(one) for one in spec] if isinstance(spec, list) else spec


@pytest.mark.parametrize("form", [LONG_NAMES, NARROW])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_data_is_only_ever_a_value_of_data(name: str, form: Format) -> None:
    plain = intervals([judge(BLACK, POLICY)], form)
    named = intervals([judge(evolve(BLACK, group=name, protected=name, reference=name), POLICY)], form)
    assert of_data(named) == of_data(plain)


def test_every_interval_is_drawn_with_its_limit_and_equality() -> None:
    spec = intervals([judge(BLACK, POLICY)], WIDE)
    assert spec["data"]["values"][0]["low"] == 0.7042
    lines = [layer["data"]["values"][0] for layer in spec["layer"] if "data" in layer]
    assert {"at": 0.8, "said": "limit 4/5"} in lines and {"at": 1.0, "said": "equal"} in lines


def test_only_estimates_are_drawn() -> None:
    count = Measurement(name="special_features", value=2, n=44)
    assert drawable([judge(count, None), judge(BLACK, POLICY)]) == [judge(BLACK, POLICY)]


def test_an_infinite_end_is_cut_off_at_the_edge() -> None:
    spec = intervals([judge(evolve(BLACK, high=float("inf")), POLICY)], WIDE)
    assert spec["data"]["values"][0]["high"] < 2


def test_a_drawing_holds_no_more_rows_than_fit() -> None:
    many = [judge(evolve(BLACK, group=str(n)), POLICY) for n in range(100)]
    assert len(intervals(many, WIDE)["data"]["values"]) == MOST_ROWS


def test_the_trade_off_marks_the_present_and_the_chosen_thresholds() -> None:
    roles = {point["said"]: point["role"] for point in trade_off(ALTERNATIVES, WIDE)["data"]["values"]}
    assert (roles[".50"], roles[".25"], roles[".30"], roles[".35"]) == ("present", "chosen", "chosen", "tried")


def test_a_drawing_is_named_and_described_in_safety() -> None:
    svg = drawing(intervals([judge(BLACK, POLICY)], WIDE), "x", "<b>title", "</svg><script>", "wide")
    assert 'role="img" aria-labelledby="x-t x-d"' in svg
    assert "&lt;b&gt;title" in svg and "<script>" not in svg


def test_what_is_drawn_from_data_is_escaped() -> None:
    judged = judge(evolve(BLACK, group="<script>x</script>"), POLICY)
    svg = drawing(intervals([judged], WIDE), "x", "t", "d", "wide")
    assert "<script>" not in svg and "&lt;script&gt;" in svg


@given(
    value=st.floats(0.001, 5), below=st.floats(0, 2), above=st.floats(0, 2),
    limit=st.fractions(min_value=Fraction(1, 10), max_value=2),
)  # fmt: skip
def test_the_scale_holds_everything_that_is_drawn(value: float, below: float, above: float, limit: Fraction) -> None:
    measured = evolve(BLACK, value=value, low=value - below, high=value + above)
    spec = intervals([judge(measured, evolve(POLICY, value=limit))], WIDE)
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    row = spec["data"]["values"][0]
    assert low <= min(row["low"], float(limit), 1.0) and max(row["high"], float(limit), 1.0) <= high


def test_combinations_that_differ_in_their_last_level_are_told_apart() -> None:
    names = [f"white × female × above median × {last}" for last in ("married", "not married")]
    rows = [judge(evolve(BLACK, group=name, protected="a × b × c × d"), POLICY) for name in names]
    for form in (WIDE, NARROW):
        shown = [row["name"] for row in intervals(rows, form)["data"]["values"]]
        assert len(set(shown)) == 2
