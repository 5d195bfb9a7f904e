"""Status and judgement at their edges: each word that is printed, and each boundary."""

from fractions import Fraction
from typing import Any, Literal

import pytest
from attrs import evolve

from ledgers import entries, key, revoked, says
from ombud.evidence.dsse import Envelope
from ombud.evidence.log import Log
from ombud.statistics.measurement import Measurement, Scale
from ombud.status.combine import combine
from ombud.status.finding import Finding, Part, RequirementStatus, State
from ombud.status.rule import Judgement, Origin, Outcome, Rule, judge
from ombud.status.select import attempt_key
from ombud.status.status import Picture, status
from worlds import (
    BAD,
    DAY,
    GOOD,
    LAW,
    LIMIT_OF_LAW,
    MIDDLING,
    SYSTEM,
    attested,
    day,
    declared,
    limit,
    measured,
    moment,
    pack,
    people,
)

Op = Literal[">=", "<="]


def picture(*said: Envelope, days: float = 10, law: tuple[str, ...] = (LAW,)) -> Picture:
    log = Log(entries([*people(), *said], 0), key("root").key_id).trusted()
    return status(log, pack(*law).view(day(days), day(days)), SYSTEM, moment(days))


def finding(seen: Picture, check: str = "fairness.impact_ratio") -> Finding:
    found = seen.finding(check)
    assert found is not None
    return found


def row(seen: Picture, id: str) -> RequirementStatus:
    found = seen.requirement(id)
    assert found is not None
    return found


def rule(op: Op = ">=", value: str = "4/5", measurement: str = "impact_ratio", **more: Any) -> Rule:
    return Rule(
        check="fairness.impact_ratio", measurement=measurement, op=op, value=Fraction(value), origin=Origin.POLICY,
        source="0" * 64, **more,
    )  # fmt: skip


# --- one measurement under one rule -----------------------------------------------------------------------------------


def test_a_rule_is_printed_with_its_exact_number_and_its_source() -> None:
    assert rule(borrowed_from="29 CFR 1607.4(D)").to_json() == {
        "op": ">=", "value": "4/5", "origin": "policy", "source": "0" * 64, "borrowed_from": "29 CFR 1607.4(D)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, (Outcome.PASS, "within the limit; a count of facts, not an estimate")),
        (4, (Outcome.FAIL, "beyond the limit; a count of facts, not an estimate")),
    ],
)
def test_a_count_of_facts_is_judged_under_the_rule_that_it_names(value: int, expected: tuple[Outcome, str]) -> None:
    facts, most = Measurement(name="columns", value=value), rule("<=", "3", "columns")
    assert judge(facts, most) == Judgement(facts, most, *expected)


def test_each_verdict_names_the_number_the_rule_and_the_reason() -> None:
    wide = evolve(GOOD, low=0.6, high=1.4)
    for taken, outcome, because in (
        (GOOD, Outcome.PASS, "within the limit, and so is the whole interval"),
        (BAD, Outcome.FAIL, "beyond the limit, and not by chance"),
        (wide, Outcome.UNKNOWN, "within the limit, but the interval reaches beyond it"),
        (evolve(BAD, p_value=0.3), Outcome.UNKNOWN, "beyond the limit, but chance alone could do that"),
        (evolve(BAD, high=0.85), Outcome.FAIL, "beyond the limit, and not by chance; the interval crosses the limit"),
        (evolve(GOOD, unknown="why"), Outcome.UNKNOWN, "why"),
        (evolve(GOOD, value=None), Outcome.UNKNOWN, "could not be measured"),
    ):
        assert judge(taken, rule()) == Judgement(taken, rule(), outcome, because)
    assert judge(GOOD, None) == Judgement(GOOD, None, Outcome.MEASURED, "neither law nor policy sets a limit")
    assert judge(MIDDLING, rule()) == Judgement(
        MIDDLING,
        rule(),
        Outcome.PASS,
        "within the limit, and so is the whole interval; yet significantly unequal",
        True,
    )


def test_a_value_on_the_limit_and_an_interval_up_to_it_are_within() -> None:
    on_it = evolve(GOOD, value=Fraction(4, 5), low=0.75, high=0.85, p_value=0.001)
    assert judge(on_it, rule()).outcome is Outcome.UNKNOWN  # within, though only just
    half = rule(value="1/2")
    assert judge(evolve(on_it, low=0.5), half).outcome is Outcome.PASS
    assert judge(evolve(on_it, low=0.4999), half).outcome is Outcome.UNKNOWN


def test_significance_begins_below_five_in_a_hundred() -> None:
    assert judge(evolve(BAD, p_value=0.05), rule()).outcome is Outcome.UNKNOWN
    assert judge(evolve(BAD, p_value=0.0499), rule()).outcome is Outcome.FAIL
    assert not judge(evolve(GOOD, p_value=0.05), rule()).attention
    assert judge(evolve(GOOD, p_value=0.0499), rule()).attention


def test_a_limit_from_above_is_the_mirror_of_one_from_below() -> None:
    most = rule("<=", "1/4", "difference")

    def outcome(value: str, low: float, high: float, p: float = 0.001) -> tuple[Outcome, bool]:
        taken = Measurement(
            name="difference", value=Fraction(value), low=low, high=high, p_value=p, scale=Scale.DIFFERENCE
        )
        judged = judge(taken, most)
        return judged.outcome, "crosses" in judged.because

    assert outcome("1/10", 0.05, 0.25) == (Outcome.PASS, False)
    assert outcome("1/10", 0.05, 0.26) == (Outcome.UNKNOWN, False)
    assert outcome("3/10", 0.24, 0.36) == (Outcome.FAIL, True)
    assert outcome("3/10", 0.26, 0.36) == (Outcome.FAIL, False)
    assert outcome("3/10", 0.24, 0.36, 0.2) == (Outcome.UNKNOWN, False)


def test_a_plain_estimate_fails_only_when_its_whole_interval_is_beyond_the_limit_from_above_too() -> None:
    taken = Measurement(name="rate", value=Fraction(3, 10), low=0.2, high=0.4)
    assert judge(taken, rule("<=", "1/4", "rate")).outcome is Outcome.UNKNOWN
    assert judge(evolve(taken, low=0.26), rule("<=", "1/4", "rate")).outcome is Outcome.FAIL
    assert judge(evolve(taken, low=0.25), rule("<=", "1/4", "rate")).outcome is Outcome.UNKNOWN


def test_a_rule_without_a_column_speaks_of_each_column_and_of_no_combination() -> None:
    alone, combined, whole = (evolve(GOOD, protected=name) for name in ("race", "race × sex", None))
    assert rule().concerns("fairness.impact_ratio", alone)
    assert rule().concerns("fairness.impact_ratio", whole)
    assert not rule().concerns("fairness.impact_ratio", combined)
    assert rule(protected="race × sex").concerns("fairness.impact_ratio", combined)
    assert not rule(measurement="other").concerns("fairness.impact_ratio", alone)


# --- enough people assessed -------------------------------------------------------------------------------------------

ASSESSED = {"assessed_share": "0.95"}


def share(value: str | None, protected: str = "sex") -> Measurement:
    return Measurement(name="assessed_share", value=None if value is None else Fraction(value), protected=protected)


def judged_share(taken: Measurement, *others: Measurement, **more: Any) -> Judgement:
    said = {"policy": (limit(),), "settings": ASSESSED} | more
    seen = finding(picture(declared(1, **said), measured(1, *(others or (GOOD,)), taken)))
    (judgement,) = [one for one in seen.judgements if one.measurement.name == "assessed_share"]
    return judgement


def test_too_few_people_assessed_is_doubt_and_says_by_whose_limit() -> None:
    system = declared(1, policy=(limit(),), settings=ASSESSED)
    seen = finding(picture(system, measured(1, GOOD, share("94/100"))))
    assert seen.outcome is Outcome.UNKNOWN
    assert seen.judgements[-1] == Judgement(
        seen.judgements[-1].measurement,
        Rule(
            check="fairness.impact_ratio", measurement="assessed_share", op=">=", value=Fraction(95, 100),
            origin=Origin.POLICY, source=system.digest, protected="sex",
        ),
        Outcome.UNKNOWN,
        "too many people are in groups too small to assess",
    )  # fmt: skip


def test_enough_people_assessed_is_no_verdict_of_anything() -> None:
    for taken in (share("95/100"), share("1")):
        assert judged_share(taken) == Judgement(taken, None, Outcome.MEASURED, "neither law nor policy sets a limit")


def test_a_share_of_people_in_a_column_that_nothing_limits_is_only_measured() -> None:
    assert judged_share(share("1/2", "race")).outcome is Outcome.MEASURED
    assert judged_share(share("1/2", "sex")).outcome is Outcome.UNKNOWN
    assert judged_share(share("1/2"), policy=()).outcome is Outcome.MEASURED


def test_a_share_that_nobody_could_take_is_not_below_anything() -> None:
    assert judged_share(share(None)).because == "could not be measured"


def test_a_declaration_that_asks_for_no_share_doubts_none() -> None:
    assert judged_share(share("1/100"), settings={}).outcome is Outcome.MEASURED


# --- what counts, and under which policy ------------------------------------------------------------------------------


def rules(seen: Picture) -> list[tuple[str, str, str]]:
    found = (one.rule for one in finding(seen).judgements)
    return [(one.measurement, one.op, str(one.value)) for one in found if one]


def test_a_policy_limit_is_printed_with_its_declaration_and_the_text_it_borrows_from() -> None:
    borrowed = limit(borrowed_from="29 CFR 1607.4(D)", protected="sex")
    system = declared(1, policy=(borrowed,))
    (judgement,) = finding(picture(system, measured(1, GOOD))).judgements
    assert judgement.rule == Rule(
        check="fairness.impact_ratio", measurement="impact_ratio", op=">=", value=Fraction(4, 5),
        origin=Origin.POLICY, source=system.digest, borrowed_from="29 CFR 1607.4(D)", protected="sex",
    )  # fmt: skip


def test_a_limit_on_one_column_says_nothing_of_another() -> None:
    seen = picture(declared(1, policy=(limit(protected="sex"),)), measured(1, GOOD, evolve(BAD, protected="race")))
    assert finding(seen).outcome is Outcome.PASS
    assert row(seen, "T.FAIR").state is State.SHOWN


def test_of_two_limits_from_above_the_smaller_is_the_tighter() -> None:
    for then, now in (("3", "5"), ("5", "3")):
        loose, tight = (limit(v, op="<=", measurement="columns") for v in (then, now))
        facts = Measurement(name="columns", value=4)
        seen = picture(declared(1, policy=(loose,)), measured(2, facts), declared(3, policy=(tight,)))
        assert rules(seen) == [("columns", "<=", "3")]
        assert finding(seen).outcome is Outcome.FAIL


def test_limits_on_other_numbers_columns_or_sides_stand_beside_each_other() -> None:
    every = (limit("4/5"), limit("5/4", op="<="), limit("9/10", protected="sex"), limit("1/2", measurement="other"))
    seen = picture(declared(1, policy=every), measured(1, GOOD))
    assert rules(seen) == [
        ("impact_ratio", ">=", "4/5"), ("impact_ratio", "<=", "5/4"), ("impact_ratio", ">=", "9/10"),
        ("other", ">=", "1/2"),
    ]  # fmt: skip
    assert finding(seen).outcome is Outcome.UNKNOWN  # nobody gave the other number


@pytest.mark.parametrize("op", [">=", "<="])
def test_a_limit_declared_again_is_still_that_under_which_the_number_was_measured(op: Op) -> None:
    first = declared(1, policy=(limit("9/10", op=op),))
    seen = picture(first, measured(2, GOOD), declared(3, policy=(limit("9/10", op=op),)))
    assert [one.rule.source for one in finding(seen).judgements if one.rule] == [first.digest]


def test_evidence_lasts_as_long_as_its_check_is_given_and_else_as_long_as_the_others() -> None:
    for given_, lasts in (({"default": 20}, 20), ({"default": 20, "fairness.impact_ratio": 5}, 5)):
        system = declared(1, settings={"max_age_days": given_})
        for days, stale in ((lasts + 0.9, False), (lasts + 1, True)):
            assert finding(picture(system, measured(1, GOOD), days=days)).stale is stale


def table(digest: str) -> dict[str, Any]:
    return {"need": "counts", "name": "sex", "table": {"name": "decisions", "digest": digest}}


@pytest.mark.parametrize(
    ("earlier", "attempts"),
    [
        ({"inputs": [table("a")]}, 2),
        ({"inputs": [table("a"), table("a")]}, 2),
        ({"inputs": [table("b")]}, 1),
        ({"inputs": [table("a"), table("b")]}, 1),
        ({"inputs": []}, 1),
        ({"inputs": [table("a")], "parameters": {"reference": "male"}}, 1),
        ({"inputs": [table("a")], "check": "monitoring.drift"}, 1),
        ({"inputs": [table("a")], "release": "x"}, 1),
        ({"inputs": [table("a")], "system": "another"}, 1),
    ],
)
def test_attempts_at_the_same_tables_with_the_same_parameters_are_counted(
    earlier: dict[str, Any], attempts: int
) -> None:
    seen = picture(declared(1), measured(1, BAD, **earlier), measured(2, GOOD, inputs=[table("a")]))
    assert finding(seen).attempts == attempts


def test_other_parameters_are_no_other_attempt_at_the_same_thing() -> None:
    seen = picture(
        declared(1),
        measured(1, BAD, parameters={"reference": "male"}),
        measured(2, BAD, parameters={"reference": "other"}),
        measured(3, BAD, parameters={"group": "male"}),
        measured(4, GOOD, parameters={"reference": "male"}),
    )
    assert finding(seen).attempts == 2


def test_a_measurement_that_names_neither_inputs_nor_parameters_is_still_read() -> None:
    said = {"check": "fairness.impact_ratio", "measurements": [GOOD.to_json()], "release": "r" * 64}
    seen = finding(picture(declared(1), says("ml", "measurement", said, DAY), says("ml", "measurement", said, 2 * DAY)))
    assert (seen.asks, seen.subjects, seen.attempts) == ("", (), 2)


def test_a_declaration_that_says_no_more_than_it_must_plans_and_limits_nothing() -> None:
    seen = picture(says("ml", "declaration", {"what": "system", "content": {}}, DAY))
    assert (seen.facts, seen.findings, seen.settings, seen.release) == ({}, (), {}, None)
    assert row(seen, "T.FAIR").state is State.UNKNOWN


def test_what_was_observed_later_than_the_instant_asked_about_does_not_count_yet() -> None:
    story = declared(1, policy=(limit(),)), measured(2, GOOD), attested(2), measured(5, BAD)
    assert finding(picture(*story, days=2)).outcome is Outcome.PASS  # at that very instant it counts
    assert finding(picture(*story, days=4.9)).outcome is Outcome.PASS
    assert finding(picture(*story, days=5)).outcome is Outcome.FAIL
    assert row(picture(*story, days=1.9), "T.ASSESS").state is State.UNKNOWN
    assert picture(*story, days=0.9).declaration is None


def test_what_is_withdrawn_counts_until_the_very_instant() -> None:
    document = attested(1)
    story = declared(1), document, revoked("dpo", "withdrawn", document, **{"from": "2026-11-28T07:00:00.000000Z"})
    assert row(picture(*story, days=4.999), "T.ASSESS").state is State.SHOWN
    assert row(picture(*story, days=5), "T.ASSESS").state is State.UNKNOWN


def test_a_measurement_of_something_else_hides_none_that_comes_after_it() -> None:
    other = measured(1, BAD, release="x")
    assert finding(picture(declared(1, policy=(limit(),)), other, measured(1, GOOD))).outcome is Outcome.PASS


def test_each_release_counts_its_own_attempts() -> None:
    said = {"check": "fairness.impact_ratio", "release": "r", "inputs": [], "parameters": {}}
    assert attempt_key(said) == attempt_key({**said, "measurements": []})
    assert attempt_key(said) != attempt_key({**said, "release": "x"})


@pytest.mark.parametrize("model", [{"need": "artifact"}, {"need": "artifact", "table": None}])
def test_a_measurement_of_a_model_file_without_tables_is_an_attempt_too(model: dict[str, Any]) -> None:
    seen = picture(declared(1), measured(1, BAD, inputs=[model]), measured(2, GOOD, inputs=[model]))
    assert (finding(seen).attempts, finding(seen).subjects) == (2, ())


def test_an_older_observation_that_comes_in_later_does_not_replace_a_newer_one() -> None:
    seen = picture(declared(1, policy=(limit(),)), measured(3, GOOD), measured(2, BAD))
    assert (finding(seen).outcome, finding(seen).attempts) == (Outcome.PASS, 2)


def test_what_the_whole_organisation_attests_counts_for_each_system_and_what_another_system_attests_does_not() -> None:
    for more, state in (
        ({"system": "another"}, State.UNKNOWN),
        ({"system": None, "organisation": True}, State.SHOWN),
        ({}, State.SHOWN),
    ):
        assert row(picture(declared(1), attested(1, **more)), "T.ASSESS").state is state


# --- status -----------------------------------------------------------------------------------------------------------


def test_there_is_no_finding_of_a_check_that_nobody_planned_and_no_row_that_no_law_has() -> None:
    seen = picture(declared(1))
    assert seen.finding("monitoring.drift") is None
    assert seen.requirement("T.NOWHERE") is None


def test_a_limit_of_law_is_printed_with_the_requirement_that_sets_it() -> None:
    seen = finding(picture(declared(1), measured(1, BAD), days=20, law=(LAW, LIMIT_OF_LAW)))
    assert [one.rule.to_json() for one in seen.judgements if one.rule] == [
        {"op": ">=", "value": "9/10", "origin": "law", "source": "T.LIMIT", "borrowed_from": None}
    ]


def test_an_attestation_without_a_date_of_its_own_lasts_as_long_as_attestations_do() -> None:
    system = declared(1, settings={"max_age_days": {"default": 90, "attestation": 30}})
    for days, state in ((30.9, State.SHOWN), (31, State.STALE)):
        assert row(picture(system, attested(1), days=days), "T.ASSESS").state is state


def test_evidence_lasts_ninety_days_where_nothing_is_declared_of_it() -> None:
    for days, stale in ((90.9, False), (91, True)):
        assert finding(picture(declared(1, settings={}), measured(1, GOOD), days=days)).stale is stale


# --- how parts combine ------------------------------------------------------------------------------------------------


def part(state: str, strength: str = "direct", because: str = "", name: str = "dpia") -> Part:
    return Part(kind="document", name=name, strength=strength, state=state, because=because)


@pytest.mark.parametrize(
    ("mode", "parts", "state", "because"),
    [
        ("all_of", [part("shown", because="2026-11-24")], State.SHOWN, "document dpia shows it (2026-11-24)"),
        ("any_of", [part("missing", name="fria"), part("shown")], State.SHOWN, "document dpia shows it"),
        ("all_of", [part("failing"), part("failing")], State.NOT_SHOWN, "document dpia fails, and 1 more"),
        ("all_of", [part("unknown", because="no table")], State.UNKNOWN, "document dpia could not be told (no table)"),
        ("all_of", [part("stale")] * 3, State.STALE, "document dpia has expired, and 2 more"),
        ("all_of", [part("missing"), part("missing", name="fria")], State.UNKNOWN,
         "no evidence yet; wanted: document dpia, document fria"),
        ("all_of", [], State.UNKNOWN, "no evidence yet; wanted: nothing that a machine or a document could show"),
        ("all_of", [part("shown"), part("missing", name="fria")], State.PARTLY_SHOWN,
         "document dpia there; still wanted: document fria"),
        ("all_of", [part("shown", "supporting")], State.PARTLY_SHOWN, "only supporting evidence: document dpia"),
        ("any_of", [part("shown", "supporting"), part("missing", name="fria")], State.PARTLY_SHOWN,
         "only supporting evidence: document dpia"),
    ],
)  # fmt: skip
def test_each_state_of_a_requirement_gives_its_reason_in_words(
    mode: str, parts: list[Part], state: State, because: str
) -> None:
    assert combine(mode, parts) == (state, because)


# --- the whole picture ------------------------------------------------------------------------------------------------


def test_the_picture_says_what_it_is_of_and_who_declared_it() -> None:
    system = declared(1)
    seen = picture(system)
    assert (seen.system, seen.as_of, seen.known_at) == (SYSTEM, moment(10), day(10))
    assert (seen.declared_by, seen.declaration, seen.release) == ("ml", system.digest, "r" * 64)
    assert seen.facts == {"jurisdiction": frozenset({"DE", "EU"}), "decision": frozenset({"automated"})}
    assert seen.settings["approvals"] == 2


def test_a_system_of_which_nothing_was_declared_has_rows_and_no_findings() -> None:
    seen = picture(measured(1, GOOD))
    assert (seen.system, seen.as_of, seen.known_at) == (SYSTEM, moment(10), day(10))
    assert (seen.declaration, seen.release, seen.findings, seen.declared_by) == (None, None, (), "")
    assert [one.because for one in seen.requirements] == ["nothing was declared of this system"] * 3


def test_a_finding_is_printed_with_all_that_it_rests_on() -> None:
    taken = measured(1, GOOD, inputs=[table("d" * 64), {"need": "artifact"}], about=["2026-01-01", "2026-07-01"])
    plain = finding(picture(declared(1, policy=(limit(),)), taken)).to_json()
    judged = plain.pop("measurements")
    assert plain == {
        "check": "fairness.impact_ratio", "asks": "Is a group selected far less often than another?",
        "outcome": "pass", "summary": "", "remedy": "", "requirements": ["T.FAIR"],
        "subjects": [{"name": "decisions", "digest": "d" * 64}], "observed_at": "2026-11-24T07:00:00.000000Z",
        "about": ["2026-01-01", "2026-07-01"], "entry": taken.digest, "attempts": 1, "unmet": None, "stale": False,
    }  # fmt: skip
    assert [(one["outcome"], one["because"], one["attention"], one["rule"]["op"]) for one in judged] == [
        ("pass", "within the limit, and so is the whole interval", False, ">=")
    ]


def test_a_check_never_measured_is_printed_with_its_limits_and_what_it_would_show() -> None:
    seen = finding(picture(declared(1, policy=(limit(protected="sex"),)), days=20, law=(LAW, LIMIT_OF_LAW)))
    assert (seen.asks, seen.unmet) == ("", "planned, but never measured")
    assert seen.requirements == ("T.FAIR", "T.LIMIT")
    because = "a limit is set for this number, but the check did not give it"
    assert [(one.measurement.name, one.measurement.protected, one.because) for one in seen.judgements] == [
        ("impact_ratio", None, because), ("impact_ratio", "sex", because),
    ]  # fmt: skip
    assert [str(one.rule.origin) for one in seen.judgements if one.rule] == ["law", "policy"]


def test_a_check_serves_what_applies_and_what_may_apply_and_nothing_else() -> None:
    facts = {"jurisdiction": ["EU"]}
    assert finding(picture(declared(1, facts=facts))).requirements == ("T.FAIR",)  # cannot tell whether it applies
    assert finding(picture(declared(1, facts=facts | {"decision": ["assisted"]}))).requirements == ()
    assert finding(picture(declared(1, checks=["monitoring.drift"])), "monitoring.drift").requirements == ()


def test_a_limit_of_law_that_does_not_apply_limits_nothing() -> None:
    elsewhere = declared(1, facts={"jurisdiction": ["US"], "decision": ["automated"]})
    (judgement,) = finding(picture(elsewhere, measured(1, BAD), days=20, law=(LAW, LIMIT_OF_LAW))).judgements
    assert judgement.rule is None


def test_checks_are_listed_as_planned_then_as_measured_then_as_limited() -> None:
    seen = picture(
        declared(1, checks=["monitoring.drift"], policy=(limit(check="security.model_format"), limit())),
        measured(1, GOOD),
    )
    assert [one.check for one in seen.findings] == [
        "monitoring.drift",
        "fairness.impact_ratio",
        "security.model_format",
    ]


def test_a_requirement_is_printed_with_its_source_and_what_shows_it() -> None:
    document = attested(1)
    assert row(picture(declared(1), document), "T.ASSESS").to_json() == {
        "id": "T.ASSESS", "title": "Assess before use", "cite": "s. 2", "href": "https://example.org/act",
        "framework": "test-law", "binding": "law", "owner": "dpo", "due": "before_use",
        "certainty": "not yet read, unchecked", "state": "shown",
        "because": "document dpia shows it (attested 2026-11-24T07:00:00.000000Z by dpo)",
        "bites_from": "2020-06-01", "missing_facts": [],
        "parts": [
            {"kind": "document", "name": "dpia", "strength": "direct", "state": "shown", "entry": document.digest,
             "because": "attested 2026-11-24T07:00:00.000000Z by dpo"}
        ],
    }  # fmt: skip
    assert row(picture(declared(1)), "T.FAIR").certainty == "not yet read"


@pytest.mark.parametrize(
    ("taken", "days", "state", "because"),
    [
        (measured(1, BAD), 10, "failing", "measured 2026-11-24T07:00:00.000000Z"),
        (measured(1, BAD), 100, "stale", "measured 2026-11-24T07:00:00.000000Z"),
        (measured(1, GOOD), 100, "stale", "measured 2026-11-24T07:00:00.000000Z"),
        (measured(1, unmet="no table"), 10, "unknown", "no table"),
        (measured(1, evolve(GOOD, low=0.6)), 10, "unknown", "not decided by the numbers"),
        (measured(1, GOOD), 10, "shown", "pass, measured 2026-11-24T07:00:00.000000Z"),
        (measured(1, evolve(GOOD, name="other")), 10, "unknown", "not decided by the numbers"),
    ],
)
def test_what_a_check_adds_to_a_requirement_is_said_with_its_reason(
    taken: Envelope, days: float, state: str, because: str
) -> None:
    (part_,) = row(picture(declared(1, policy=(limit(),)), taken, days=days), "T.FAIR").parts
    assert (part_.state, part_.because, part_.entry) == (state, because, taken.digest)


def test_of_several_groups_a_failing_one_speaks_before_a_doubtful_one_and_that_before_a_passing_one() -> None:
    doubtful = evolve(GOOD, low=0.6, group="diverse")
    system = declared(1, policy=(limit(),))
    assert finding(picture(system, measured(1, GOOD, doubtful, BAD))).outcome is Outcome.FAIL
    assert finding(picture(system, measured(1, GOOD, doubtful))).outcome is Outcome.UNKNOWN
    assert finding(picture(system, measured(1, GOOD))).outcome is Outcome.PASS


def test_a_check_that_sets_no_limit_shows_what_it_measured() -> None:
    (part_,) = row(picture(declared(1), measured(1, BAD)), "T.FAIR").parts
    assert (part_.state, part_.because) == ("shown", "measured, measured 2026-11-24T07:00:00.000000Z")


def test_a_check_that_was_never_measured_adds_nothing() -> None:
    (part_,) = row(picture(declared(1)), "T.FAIR").parts
    assert (part_.state, part_.because, part_.entry) == ("missing", "", None)


def test_a_document_that_expired_is_said_to_have_been_attested() -> None:
    (part_,) = row(picture(declared(1), attested(1), days=100), "T.ASSESS").parts
    assert (part_.state, part_.because) == ("stale", "attested 2026-11-24T07:00:00.000000Z by dpo")


def test_a_row_that_may_not_apply_says_why_nobody_can_tell() -> None:
    seen = row(picture(declared(1, facts={"jurisdiction": ["EU"]})), "T.FAIR")
    assert seen.because.startswith("cannot tell whether it applies: ")
    assert seen.missing_facts == ("decision",)


def test_law_to_come_says_from_when_it_binds() -> None:
    seen = row(picture(declared(1), days=20), "T.LATER")
    assert (seen.state, seen.bites_from) == (State.UPCOMING, "2027-06-01")
    assert [one.kind for one in seen.parts] == ["attestation", "document"]


def test_context_is_law_to_read_and_has_no_row() -> None:
    fines = LIMIT_OF_LAW.replace(
        "    shown_by: {all_of: [{check: fairness.impact_ratio, strength: direct}]}\n", "    context: true\n"
    ).split("    limits:")[0]
    seen = picture(declared(1), days=20, law=(LAW, fines))
    assert seen.requirement("T.LIMIT") is None
    assert seen.requirement("T.FAIR") is not None


def test_one_of_several_alternatives_is_enough_where_law_says_so() -> None:
    person = attested(200, "attestation:oversight", by="owner")
    assert row(picture(declared(1), person, days=250), "T.LATER").state is State.SHOWN
    manual = attested(200, "document:instructions-for-use", by="owner")
    assert row(picture(declared(1), manual, days=250), "T.LATER").state is State.PARTLY_SHOWN
