"""What more data may never do to a verdict, whatever the numbers and whatever the limit."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from counting import cube, named
from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.checks.fairness.selection_rates import selection_rates
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement, Scale
from ombud.status.rule import Origin, Outcome, Rule, judge

Op = Literal[">=", "<="]


def rule(op: Op = ">=", value: str = "4/5", measurement: str = "impact_ratio") -> Rule:
    return Rule(
        check="fairness.impact_ratio", measurement=measurement, op=op, value=Fraction(value), origin=Origin.POLICY,
        source="0" * 64,
    )  # fmt: skip


UNIT = st.floats(0, 1)
DRAWN = tuple[float, float, float, float, float, float, float, Scale]
ESTIMATES = st.tuples(
    st.floats(-2, 2), st.floats(0, 2), st.floats(0, 2), UNIT, UNIT, UNIT, UNIT, st.sampled_from(Scale)
)
RULES = st.builds(rule, st.sampled_from([">=", "<="]), st.fractions(-2, 2, max_denominator=20).map(str))


@given(ESTIMATES, RULES)
def test_a_narrower_interval_and_a_smaller_p_value_never_turn_a_verdict_into_doubt(drawn: DRAWN, limited: Rule) -> None:
    """The same truth seen with more people: the interval lies within the old one, inequality is no less certain."""
    value, below, above, p, narrower_below, narrower_above, surer, scale = drawn
    compared = scale is not Scale.PLAIN
    few = Measurement(
        name="impact_ratio", value=value, low=value - below, high=value + above, scale=scale,
        p_value=p if compared else None,
    )  # fmt: skip
    many = evolve(
        few, low=value - below * narrower_below, high=value + above * narrower_above,
        p_value=p * surer if compared else None,
    )  # fmt: skip
    before, after = judge(few, limited), judge(many, limited)
    if before.outcome is not Outcome.UNKNOWN:
        assert after.outcome is before.outcome
        assert after.attention or not before.attention


PAIRS = st.tuples(st.integers(30, 300), st.integers(30, 300)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(1, n[1]), st.just(n[1]))
)
TIMES = st.lists(st.integers(2, 50), min_size=2, max_size=2, unique=True).map(sorted)


@settings(max_examples=40)
@given(PAIRS, TIMES, st.sampled_from([">=", "<="]), st.sampled_from(["-1/5", "-1/20", "0", "1/20", "1/5"]))
def test_more_people_of_the_same_rates_never_turn_a_verdict_on_a_difference_into_doubt(
    pair: tuple[int, int, int, int], times: list[int], op: Op, value: str
) -> None:
    name = "selection_rate_difference"
    never_doubtful_again(
        [named(impact_ratio(grown(pair, k), reference="b"), name) for k in (1, *times)], rule(op, value, name)
    )


@settings(max_examples=40)
@given(PAIRS, TIMES, st.sampled_from(["1/2", "4/5", "1", "5/4"]))
def test_more_people_of_the_same_rates_never_turn_a_verdict_on_a_largest_ratio_into_doubt(
    pair: tuple[int, int, int, int], times: list[int], value: str
) -> None:
    taken = [named(impact_ratio(grown(pair, k), reference="b"), "impact_ratio") for k in (1, *times)]
    never_doubtful_again(taken, rule("<=", value))


@settings(max_examples=40)
@given(PAIRS, TIMES, st.sampled_from([">=", "<="]), st.fractions(0, 1, max_denominator=20).map(str))
def test_more_people_of_the_same_rate_never_turn_a_verdict_on_a_rate_into_doubt(
    pair: tuple[int, int, int, int], times: list[int], op: Op, value: str
) -> None:
    taken = [named(selection_rates(grown(pair, k)), "selection_rate", "a") for k in (1, *times)]
    never_doubtful_again(taken, rule(op, value, "selection_rate"))


def grown(pair: tuple[int, int, int, int], times: int) -> Cube:
    x, n, y, m = (number * times for number in pair)
    return cube(a=(x, n), b=(y, m))


def never_doubtful_again(taken: Sequence[Measurement], limited: Rule) -> None:
    outcomes = [judge(one, limited).outcome for one in taken]
    for few, many in pairwise(outcomes):
        assert few is Outcome.UNKNOWN or many is few, [str(one) for one in outcomes]


@settings(max_examples=40)
@given(PAIRS)
def test_enough_people_decide_every_ratio_that_is_not_on_the_limit(pair: tuple[int, int, int, int]) -> None:
    """Positive control for the properties above: doubt does end, so that they do speak of something."""
    ratio = Fraction(pair[0], pair[1]) / Fraction(pair[2], pair[3])
    assume(abs(ratio - Fraction(4, 5)) > Fraction(1, 20))
    taken = named(impact_ratio(grown(pair, 5000), reference="b"), "impact_ratio")
    assert judge(taken, rule()).outcome is (Outcome.PASS if ratio > Fraction(4, 5) else Outcome.FAIL)
