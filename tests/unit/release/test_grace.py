"""What runs gets a dated time to answer new law and aged evidence; what was measured beyond a limit gets none."""

from collections.abc import Sequence
from typing import Any

from ledgers import entries, instant, key
from ombud.evidence.dsse import Envelope
from ombud.evidence.log import Log
from ombud.living.released import Grace
from ombud.release.grace import grace_now, with_grace
from ombud.release.standing import fold
from worlds import (
    BAD,
    DAY,
    GOOD,
    LAW,
    LIMIT_OF_LAW,
    MIDDLING,
    RELEASE,
    SYSTEM,
    approved,
    attested,
    declared,
    limit,
    measured,
    moment,
    pack,
    people,
    says,
)

YEARS = {"max_age_days": {"default": 900}, "approvals": 2, "set": ["policy", "binding-before-use"]}


def running(*more: Envelope, taken: Any = GOOD, settings: dict[str, Any] | None = None) -> list[Envelope]:
    """A release that passed on the second day."""
    said = {"release": RELEASE, "parts": {"model": None}, "verdict": "may"}
    return [
        *people(),
        declared(1, policy=(limit(),), settings=settings or YEARS),
        measured(1, taken),
        attested(1),
        says("dpo", "justification",
             {"check": "fairness.impact_ratio", "measurement": "impact_ratio", "protected": "sex", "group": "female",
              "reason": "a need of business", "release": RELEASE}, DAY, system=SYSTEM),
        approved(1, "dpo"),
        approved(1, "owner"),
        says("owner", "release", said, 2 * DAY, system=SYSTEM),
        *more,
    ]  # fmt: skip


def grace(envelopes: Sequence[Envelope], days: float, *law: str) -> tuple[Grace, ...]:
    log = Log(entries(envelopes), key("root").key_id)
    (release,) = fold(log, instant(moment(days))).of
    return grace_now(log, pack(*(law or (LAW,))), release, moment(days))


def test_what_would_still_pass_has_nothing_to_answer() -> None:
    assert grace(running(), 30) == ()


def test_new_law_is_answered_within_thirty_days_of_the_day_on_which_it_binds() -> None:
    before, after = grace(running(), 189), grace(running(), 191)  # 2027-05-31 and 2027-06-02
    assert before == ()
    assert [(one.target, one.cause, one.since, one.until) for one in after] == [
        ("T.LATER", "new law", "2027-06-01", "2027-07-01")
    ]
    assert not after[0].is_over("2027-07-01T10:00:00.000000Z") and after[0].is_over("2027-07-02T00:00:00.000000Z")


def test_how_long_it_takes_is_the_organisation_s_own_rule() -> None:
    found = grace(running(settings={**YEARS, "grace_days": 10}), 191)
    assert found[0].until == "2027-06-11"
    assert grace(running(settings={**YEARS, "grace_days": "long"}), 191)[0].until == "2027-07-01"


def test_a_new_limit_on_the_same_number_has_grace() -> None:
    found = grace(running(taken=MIDDLING), 30, LAW, LIMIT_OF_LAW)
    assert [(one.target, one.cause, one.since, one.until) for one in found] == [
        ("fairness.impact_ratio:impact_ratio", "new law", "2026-12-10", "2027-01-09")
    ]


def test_aged_evidence_has_grace_from_the_day_on_which_it_no_longer_counts() -> None:
    usual = {"max_age_days": {"default": 90}, "approvals": 2, "set": ["policy", "binding-before-use"]}
    found = {one.target: one for one in grace(running(settings=usual), 95)}
    assert set(found) == {"fairness.impact_ratio:impact_ratio", "T.ASSESS"}
    assert {(one.cause, one.since, one.until) for one in found.values()} == {("age", "2027-02-22", "2027-03-24")}


def test_a_number_measured_beyond_its_limit_has_none() -> None:
    found = grace(running(measured(20, BAD)), 21)
    assert [(one.cause, one.since, one.until) for one in found] == [("other", None, None)]
    assert found[0].is_over("2026-12-01T00:00:00.000000Z")


def test_a_new_limit_does_not_excuse_a_new_number() -> None:
    found = grace(running(measured(20, MIDDLING), taken=GOOD), 30, LAW, LIMIT_OF_LAW)
    assert [one.cause for one in found] == ["other"]


def test_a_declaration_of_the_next_candidate_changes_nothing_of_what_runs() -> None:
    candidate = declared(20, policy=(limit("99/100"),), release="c" * 64, settings=YEARS)
    assert grace(running(candidate), 30) == ()


def test_only_what_is_current_is_told_with_its_grace() -> None:
    other = says("owner", "release", {"release": "c" * 64, "parts": {}}, 3 * DAY, system=SYSTEM)
    log = Log(entries(running(other)), key("root").key_id)
    now = instant(moment(191))
    told = with_grace(fold(log, now), log, pack(LAW), now)
    assert {one.release: bool(one.grace) for one in told.of} == {RELEASE: False, "c" * 64: True}
