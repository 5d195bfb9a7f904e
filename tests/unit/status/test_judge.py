from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counting import cube, named
from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.checks.fairness.selection_rates import selection_rates
from ombud.statistics.measurement import Measurement, Scale
from ombud.statistics.power import needed_n
from ombud.status.rule import Judgement, Origin, Outcome, Rule, judge


def rule(
    measurement: str,
    op: Literal[">=", "<="],
    value: str,
    check: str = "fairness.impact_ratio",
    protected: str | None = None,
) -> Rule:
    return Rule(
        check=check, measurement=measurement, op=op, value=Fraction(value), origin=Origin.POLICY, source="0" * 64,
        protected=protected,
    )  # fmt: skip


FOUR_FIFTHS = rule("impact_ratio", ">=", "4/5")


def judged(
    a: tuple[int, int], b: tuple[int, int], limit: Rule | None = FOUR_FIFTHS, **others: tuple[int, int]
) -> Judgement:
    measured = named(impact_ratio(cube(a=a, b=b, **others)), limit.measurement if limit else "impact_ratio", "a")
    return judge(measured, limit)


def test_exactly_four_fifths_of_forty_people_is_unknown() -> None:
    judgement = judged((24, 40), (30, 40))
    assert judgement.measurement.value == Fraction(4, 5)  # in floating point 0.6 / 0.75 is below 0.8
    assert judgement.outcome is Outcome.UNKNOWN  # interval .57 to 1.09
    assert round(judgement.measurement.low or 0, 2) == 0.57
    assert round(judgement.measurement.high or 0, 2) == 1.09


def test_two_thousand_people_within_the_limit_pass() -> None:
    assert judged((1380, 2000), (1400, 2000)).outcome is Outcome.PASS


def test_162_of_400_against_200_of_400_is_unknown_and_not_a_pass() -> None:
    judgement = judged((162, 400), (200, 400))
    assert judgement.outcome is Outcome.UNKNOWN
    assert judgement.because.startswith("within the limit, but the interval reaches beyond it")


def test_an_unknown_says_how_many_people_would_decide_it() -> None:
    judgement = judged((161, 197), (1635, 1681))  # the demo's alternative: ratio .84, interval .78 to .89
    needed = needed_n(judgement.measurement, ">=", Fraction(4, 5))
    assert judgement.outcome is Outcome.UNKNOWN
    assert f"about {needed} people of this group would decide it" in judgement.because
    assert needed is not None and 420 <= needed <= 480


def test_a_ratio_on_the_limit_promises_no_number_that_would_decide_it() -> None:
    assert "would decide" not in judged((24, 40), (30, 40)).because


def test_a_pass_that_is_significantly_unequal_carries_attention() -> None:
    judgement = judged((16_200, 40_000), (18_000, 40_000))  # .9, interval well within
    assert (judgement.outcome, judgement.attention) == (Outcome.PASS, True)
    assert not judged((1380, 2000), (1400, 2000)).attention


def test_beyond_the_limit_and_significant_fails_and_says_that_the_interval_crosses() -> None:
    judgement = judged((280, 400), (360, 400), rule("impact_ratio", ">=", "4/5"))
    assert judgement.outcome is Outcome.FAIL
    assert "the interval crosses the limit" in judgement.because
    assert "crosses" not in judged((100, 400), (300, 400)).because


def test_beyond_the_limit_by_chance_alone_is_unknown() -> None:
    judgement = judged((9, 30), (13, 30))
    assert judgement.measurement.value == Fraction(9, 13)
    assert judgement.outcome is Outcome.UNKNOWN
    assert "chance" in judgement.because


def test_the_verdict_hangs_on_the_corrected_p_value() -> None:
    alone = judged((20, 45), (30, 45))
    among = judged((20, 45), (30, 45), c=(28, 45), d=(27, 45), e=(29, 45))
    assert alone.outcome is Outcome.FAIL
    assert among.measurement.p_raw == alone.measurement.p_raw
    assert among.outcome is Outcome.UNKNOWN


def test_without_a_limit_a_number_is_only_measured() -> None:
    assert judged((100, 400), (300, 400), None).outcome is Outcome.MEASURED


def test_a_group_too_small_is_unknown_with_and_without_a_limit() -> None:
    for limit in (FOUR_FIFTHS, None):
        judgement = judged((1, 29), (30, 40), limit)
        assert judgement.outcome is Outcome.UNKNOWN
        assert judgement.because == "not assessed: 29 people, fewer than 30"


def test_a_difference_is_judged_by_its_own_interval() -> None:
    limit = rule("selection_rate_difference", ">=", "-1/5")
    assert judged((1380, 2000), (1400, 2000), limit).outcome is Outcome.PASS
    assert judged((500, 2000), (1400, 2000), limit).outcome is Outcome.FAIL
    assert judged((24, 40), (30, 40), limit).outcome is Outcome.UNKNOWN


def test_a_plain_rate_fails_only_when_its_whole_interval_is_beyond() -> None:
    limit = rule("selection_rate", ">=", "1/2", "fairness.selection_rates")
    outcomes = [
        judge(named(selection_rates(cube(a=(x, 400), b=(1, 40))), "selection_rate", "a"), limit).outcome
        for x in (300, 205, 195, 100)
    ]
    assert outcomes == [Outcome.PASS, Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.FAIL]
    assert not judge(named(selection_rates(cube(a=(300, 400))), "selection_rate", "a"), limit).attention


@pytest.mark.parametrize(("value", "outcome"), [(0, Outcome.PASS), (3, Outcome.PASS), (4, Outcome.FAIL)])
def test_a_count_of_facts_is_compared_as_it_is(value: int, outcome: Outcome) -> None:
    assert judge(Measurement(name="columns", value=value), rule("columns", "<=", "3")).outcome is outcome


def test_a_number_that_could_not_be_measured_is_unknown() -> None:
    assert judge(Measurement(name="psi", value=None), rule("psi", "<=", "1/10")).outcome is Outcome.UNKNOWN


def test_a_rule_concerns_its_check_its_measurement_and_its_column() -> None:
    measured = Measurement(name="impact_ratio", value=Fraction(1, 2), protected="race", scale=Scale.RATIO)
    assert FOUR_FIFTHS.concerns("fairness.impact_ratio", measured)
    assert not FOUR_FIFTHS.concerns("fairness.error_rates", measured)
    assert not rule("impact_ratio", ">=", "4/5", protected="sex").concerns("fairness.impact_ratio", measured)
    assert rule("impact_ratio", ">=", "4/5", protected="race").concerns("fairness.impact_ratio", measured)


ANY_PAIR = st.tuples(st.integers(30, 400), st.integers(30, 400)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(1, n[1]), st.just(n[1]))
)


@settings(deadline=None)
@given(ANY_PAIR, st.integers(2, 30))
def test_more_people_of_the_same_rates_never_turn_a_verdict_into_doubt(
    pair: tuple[int, int, int, int], times: int
) -> None:
    x, n, y, m = pair
    few = judge(named(impact_ratio(cube(a=(x, n), b=(y, m)), reference="b"), "impact_ratio"), FOUR_FIFTHS)
    many = judge(
        named(impact_ratio(cube(a=(x * times, n * times), b=(y * times, m * times)), reference="b"), "impact_ratio"),
        FOUR_FIFTHS,
    )
    if few.outcome in (Outcome.PASS, Outcome.FAIL):
        assert many.outcome is few.outcome


@settings(deadline=None)
@given(ANY_PAIR)
def test_a_stricter_limit_never_turns_a_failure_into_a_pass(pair: tuple[int, int, int, int]) -> None:
    x, n, y, m = pair
    measured = named(impact_ratio(cube(a=(x, n), b=(y, m)), reference="b"), "impact_ratio")
    lenient, strict = (judge(measured, rule("impact_ratio", ">=", limit)).outcome for limit in ("4/5", "9/10"))
    assert not (lenient is Outcome.FAIL and strict is Outcome.PASS)
    assert not (strict is Outcome.PASS and lenient is not Outcome.PASS)
