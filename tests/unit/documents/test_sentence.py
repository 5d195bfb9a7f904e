from fractions import Fraction

import pytest
from attrs import evolve

from ombud.documents.sentence import sentence_of, summary_of
from ombud.statistics.measurement import Measurement
from ombud.status.rule import Origin, judge
from report_factory import BLACK, HOSTILE, POLICY, finding

FAILED = (
    "Of 197 people whose race is “black”, 73.1 % were decided favourably; of 1,681 whose race is “white”, 94.3 %: the "
    "impact ratio is .775 (95 % interval .704 to .836), below the limit of 4/5 set by your own policy (borrowed from "
    "29 CFR 1607.4(D), US hiring), and not by chance (p < .001); the interval crosses the limit."
)


def test_a_failure_says_who_is_worse_off_by_how_much_and_how_sure() -> None:
    assert summary_of(finding(judge(BLACK, POLICY))) == FAILED


def test_what_chance_could_do_is_said_with_the_number_of_people_that_would_decide_it() -> None:
    few = evolve(
        BLACK, value=Fraction(4, 5) * Fraction(15, 16), low=0.52, high=1.05, p_value=0.13, n=40,
        counts={"selected": 24, "total": 40, "reference_selected": 32, "reference_total": 40},
    )  # fmt: skip
    said = sentence_of(judge(few, POLICY))
    assert "but chance alone could do that (p = .130)" in said
    assert "people of this group would decide it if the rates stayed as they are" in said


def test_an_interval_that_reaches_beyond_the_limit_is_undecided() -> None:
    near = evolve(BLACK, value=Fraction(84, 100), low=0.784, high=0.887)
    assert "within the limit of at least 4/5 set by your own policy" in sentence_of(judge(near, POLICY))
    assert "but the interval reaches beyond it" in sentence_of(judge(near, POLICY))


def test_a_pass_that_is_significantly_unequal_asks_for_a_justification() -> None:
    unequal = evolve(BLACK, value=Fraction(9, 10), low=0.82, high=0.96, p_value=0.007)
    said = sentence_of(judge(unequal, POLICY))
    assert "and so is the whole interval; yet the groups are unequal beyond chance (p = .007)" in said
    assert "which needs a recorded justification" in said


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin.LAW, "set by law (NYC144.5-301)"),
        (Origin.GUIDANCE, "set by official guidance (NYC144.5-301)"),
        (Origin.POLICY, "set by your own policy, and not by chance"),
    ],
)
def test_a_limit_names_who_set_it(origin: Origin, said: str) -> None:
    assert said in sentence_of(judge(BLACK, evolve(POLICY, origin=origin, source="NYC144.5-301", borrowed_from=None)))


def test_a_number_without_a_limit_says_so_unless_its_heading_does() -> None:
    rate = Measurement(name="selection_rate", protected="race", group="black", value=Fraction(144, 197), n=197)
    judged = judge(evolve(rate, low=0.665, high=0.788), None)
    alone = "Selection rate, race “black”: 73.1 % (95 % interval 66.5 to 78.8 %, n = 197)"
    assert sentence_of(judged) == f"{alone}; neither law nor policy sets a limit."
    assert sentence_of(judged, alone=False) == f"{alone}."


def test_a_count_of_facts_is_no_estimate() -> None:
    found = Measurement(name="special_features", value=2, n=44)
    rule = evolve(POLICY, measurement="special_features", op="<=", value=Fraction(0), borrowed_from=None)
    assert sentence_of(judge(found, rule)) == (
        "Protected or special columns among the features: 2 (n = 44 features), above the limit of 0 set by your own "
        "policy; a count of facts, not an estimate."
    )


def test_what_could_not_be_measured_says_why() -> None:
    assert summary_of(finding(unmet="the manifest names no model")) == "Not measured: the manifest names no model."


def test_a_finding_without_any_number_says_so() -> None:
    assert summary_of(finding()) == "Not measured: the check gave no number."


def test_stale_evidence_says_when_it_was_measured() -> None:
    said = summary_of(finding(judge(BLACK, POLICY), stale=True))
    assert said.startswith("Measured 2026-11-23, too long ago to count: Of 197 people")


def test_the_number_farthest_beyond_the_limit_speaks_and_the_others_are_named() -> None:
    worse = evolve(BLACK, group="other", value=Fraction(1, 2), low=0.4, high=0.6)
    said = summary_of(finding(judge(BLACK, POLICY), judge(worse, POLICY)))
    assert "“other”" in said.split(":")[0]
    assert said.endswith("Also beyond: race “black”, impact ratio .775 (95 % interval .704 to .836, n = 197).")


def test_a_group_too_small_to_assess_does_not_speak() -> None:
    small = evolve(
        BLACK, group="small", value=None, low=None, high=None, unknown="not assessed: 12 people, fewer than 30"
    )
    assert "small" not in summary_of(finding(judge(small, POLICY), judge(BLACK, POLICY)))


def test_the_name_of_a_plug_ins_number_is_read_as_it_is_spelt() -> None:
    odd = Measurement(name="queue_length", value=7.25, n=10)
    assert sentence_of(judge(odd, None), alone=False) == "Queue length: 7.25 (n = 10)."


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_data_are_quoted_shortened_and_harmless(name: str) -> None:
    said = sentence_of(judge(evolve(BLACK, group=name, protected=name, reference=name), POLICY))
    assert "\x1b" not in said and "\n" not in said and "\u202e" not in said
    assert len(said) < 1200
    said.encode("utf-8")
