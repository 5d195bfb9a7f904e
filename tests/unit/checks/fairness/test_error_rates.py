from fractions import Fraction

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, equalized_odds_difference, false_positive_rate, true_positive_rate
from sklearn.metrics import precision_score

from counting import confusion, named
from ombud.checks.fairness.error_rates import FAVOURABLE_NOTE, RATES, error_rates
from ombud.statistics.cube import Cube

COUNTS = confusion(a=(60, 40, 20, 80), b=(90, 30, 30, 90))  # tp, fn, fp, tn


def test_each_rate_has_its_own_denominator() -> None:
    measured = list(error_rates(COUNTS))
    assert named(measured, "true_positive_rate", "a").value == Fraction(60, 100)
    assert named(measured, "false_positive_rate", "a").value == Fraction(20, 100)
    assert named(measured, "positive_predictive_value", "a").value == Fraction(60, 80)
    assert named(measured, "true_positive_rate_ratio", "a").value == Fraction(60, 100) / Fraction(90, 120)
    assert named(measured, "false_positive_rate_difference", "a").value == Fraction(20, 100) - Fraction(30, 120)


def test_rates_and_gaps_agree_with_fairlearn_and_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    group, label = rng.choice(["x", "y"], 800), rng.integers(0, 2, 800)
    decision = (rng.random(800) < np.where(label == 1, 0.7, 0.25) - 0.15 * (group == "x")).astype(int)
    counts = confusion(
        **{
            g: tuple(
                int(((group == g) & (decision == d) & (label == y)).sum()) for d, y in [(1, 1), (0, 1), (1, 0), (0, 0)]
            )  # type: ignore[arg-type]
            for g in "xy"
        }
    )
    theirs = {
        "true_positive_rate": true_positive_rate,
        "false_positive_rate": false_positive_rate,
        "positive_predictive_value": precision_score,
    }
    by_group = MetricFrame(metrics=theirs, y_true=label, y_pred=decision, sensitive_features=group).by_group
    measured = list(error_rates(counts))
    for name in theirs:
        for g in "xy":
            assert float(named(measured, name, g).value or 0) == pytest.approx(by_group.loc[g, name])
    gaps = [named(measured, f"{name}_difference").value for name in ("true_positive_rate", "false_positive_rate")]
    assert max(abs(gap) for gap in gaps if gap is not None) == pytest.approx(
        equalized_odds_difference(label, decision, sensitive_features=group)
    )


def test_one_reference_group_serves_all_three_rates_and_is_that_of_the_impact_ratio() -> None:
    # a is selected more often (.55 against .50), though b has the higher true positive rate
    counts = confusion(a=(60, 40, 50, 50), b=(75, 25, 25, 75))
    assert {m.reference for m in error_rates(counts) if m.reference} == {"a"}


def test_the_output_says_what_true_and_false_refer_to() -> None:
    measured = [m for m in error_rates(COUNTS) if m.name != "assessed_share"]
    assert all(FAVOURABLE_NOTE in m.notes for m in measured)


def test_a_label_that_is_a_past_human_decision_is_said_beside_every_number() -> None:
    measured = [m for m in error_rates(COUNTS, label_is="past-human-decision") if m.name != "assessed_share"]
    assert measured and all(any("past human decision" in note for note in m.notes) for m in measured)
    assert not any("past human" in note for m in error_rates(COUNTS, label_is="outcome") for note in m.notes)
    assert any("proxy" in note for m in error_rates(COUNTS, label_is="proxy") for note in m.notes)


def test_nine_people_with_a_favourable_label_are_too_few_and_ten_are_not() -> None:
    nine = named(error_rates(confusion(a=(6, 3, 20, 80), b=(90, 30, 30, 90))), "true_positive_rate_ratio", "a")
    ten = named(error_rates(confusion(a=(6, 4, 20, 80), b=(90, 30, 30, 90))), "true_positive_rate_ratio", "a")
    assert nine.unknown == "not assessed: 9 people with a favourable label, fewer than 10"
    assert ten.unknown is None and ten.value is not None


@pytest.mark.parametrize(
    ("counts", "name"),
    [
        ((50, 30, 4, 5), "false_positive_rate"),
        ((5, 60, 4, 60), "positive_predictive_value"),
        ((0, 0, 40, 60), "true_positive_rate"),
    ],
)
def test_few_in_the_denominator_of_one_rate_leave_the_others(counts: tuple[int, int, int, int], name: str) -> None:
    measured = list(error_rates(confusion(a=counts, b=(90, 30, 30, 90))))
    unknown = {m.name for m in measured if m.group == "a" and m.unknown and m.unknown.startswith("not assessed")}
    assert unknown == {name, f"{name}_ratio", f"{name}_difference"}
    assert named(measured, "assessed_share").value == 0


def test_a_group_of_fewer_than_thirty_is_not_assessed_at_all() -> None:
    measured = [m for m in error_rates(confusion(a=(7, 7, 7, 8), b=(90, 30, 30, 90))) if m.group == "a"]
    assert len(measured) == 9
    assert all(m.unknown == "not assessed: 29 people, fewer than 30" for m in measured)


def test_people_without_a_label_are_told_and_are_in_no_true_or_false_positive_rate() -> None:
    counts = COUNTS + Cube(COUNTS.axes, {("a", "favourable", None): 17})
    measured = list(error_rates(counts))
    rate = named(measured, "true_positive_rate", "a")
    assert rate.n == 100
    assert "17 people have no label: they are in no true or false positive rate" in rate.notes
    assert named(measured, "positive_predictive_value", "a").counts["undecided"] == 17


def test_people_with_a_missing_protected_value_are_shown_and_not_compared() -> None:
    measured = list(error_rates(confusion(a=(60, 40, 20, 80), b=(90, 30, 30, 90), missing=(30, 30, 30, 30))))
    assert named(measured, "true_positive_rate", "unknown").value == Fraction(1, 2)
    assert named(measured, "true_positive_rate_ratio", "unknown").unknown is not None
    assert named(measured, "assessed_share").value == Fraction(440, 560)


def test_nobody_is_unknown() -> None:
    measured = list(error_rates(confusion()))
    assert {m.unknown for m in measured} == {"nobody was counted"}
    assert {m.name for m in measured} == {f"{r.name}{end}" for r in RATES for end in ("_ratio", "_difference")} | {
        "assessed_share"
    }
