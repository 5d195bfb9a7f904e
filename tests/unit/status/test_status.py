"""Status is law × facts × measurements, as of an instant, by what was known."""

from ledgers import entries, key, revoked
from ombud.evidence.dsse import Envelope
from ombud.evidence.log import Log
from ombud.status.finding import State
from ombud.status.rule import Outcome
from ombud.status.status import Picture, status
from worlds import (
    BAD,
    DAY,
    GOOD,
    LAW,
    LIMIT_OF_LAW,
    MIDDLING,
    RELEASE,
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


def log_of(*envelopes: Envelope) -> Log:
    return Log(entries(envelopes, DAY), key("root").key_id)


def picture(log: Log, days: float = 10, law: tuple[str, ...] = (LAW,), known: float | None = None) -> Picture:
    view = pack(*law).view(day(days), day(days if known is None else known))
    return status(log.trusted(), view, SYSTEM, moment(days))


def state(seen: Picture, id: str) -> State:
    row = seen.requirement(id)
    assert row is not None
    return row.state


def outcome(seen: Picture) -> Outcome:
    finding = seen.finding("fairness.impact_ratio")
    assert finding is not None
    return finding.outcome


def test_nothing_declared_is_unknown_everywhere() -> None:
    seen = picture(log_of(*people()))
    assert {row.state for row in seen.requirements} == {State.UNKNOWN}


def test_a_planned_check_without_evidence_is_unknown_and_never_absent() -> None:
    seen = picture(log_of(*people(), declared(1)))
    finding = seen.finding("fairness.impact_ratio")
    assert finding is not None and finding.unmet == "planned, but never measured"
    assert state(seen, "T.FAIR") is State.UNKNOWN


def test_a_limit_on_a_check_nobody_planned_is_unknown() -> None:
    seen = picture(log_of(*people(), declared(1, policy=(limit(),), checks=[])))
    assert outcome(seen) is Outcome.UNKNOWN


def test_a_good_measurement_shows_what_a_check_shows_directly() -> None:
    seen = picture(log_of(*people(), declared(1, policy=(limit(),)), measured(1, GOOD)))
    assert outcome(seen) is Outcome.PASS
    assert state(seen, "T.FAIR") is State.SHOWN


def test_a_failing_measurement_outranks_an_attestation() -> None:
    seen = picture(log_of(*people(), declared(1, policy=(limit(),)), measured(1, BAD), attested(2)))
    assert state(seen, "T.FAIR") is State.NOT_SHOWN
    assert state(seen, "T.ASSESS") is State.SHOWN


def test_a_fact_that_rules_a_requirement_out_is_named_with_its_signer() -> None:
    seen = picture(log_of(*people(), declared(1, facts={"jurisdiction": ["DE", "EU"], "decision": ["assisted"]})))
    row = seen.requirement("T.FAIR")
    assert row is not None and row.state is State.NOT_APPLICABLE
    assert "assisted" in row.because and "declared by ml" in row.because


def test_a_missing_fact_is_cannot_tell_and_is_named() -> None:
    seen = picture(log_of(*people(), declared(1, facts={"jurisdiction": ["DE", "EU"]})))
    row = seen.requirement("T.FAIR")
    assert row is not None and row.state is State.UNKNOWN and row.missing_facts == ("decision",)


def test_law_to_come_is_upcoming_once_it_is_published_and_not_before() -> None:
    log = log_of(*people(), declared(1))
    assert state(picture(log, 20), "T.LATER") is State.UPCOMING
    assert picture(log, 7).requirement("T.LATER") is None  # published on 1 December, eight days after the start


def test_a_preview_shows_what_will_be_asked() -> None:
    log = log_of(*people(), declared(1), measured(1, GOOD), attested(1))
    seen = picture(log, 250, known=20)
    assert state(seen, "T.LATER") is State.UNKNOWN
    assert state(seen, "T.ASSESS") is State.STALE  # held, and will have expired: not the same as missing
    assert state(seen, "T.FAIR") is State.STALE


def test_evidence_expires_at_the_instant_and_not_before() -> None:
    log = log_of(*people(), declared(0), measured(1, GOOD))
    just_before = pack().view(day(90), day(90))
    assert status(log.trusted(), just_before, SYSTEM, moment(91 - 1e-9)).findings[0].stale is False
    assert status(log.trusted(), just_before, SYSTEM, moment(91)).findings[0].stale is True


def test_an_attestation_holds_until_its_own_date() -> None:
    log = log_of(*people(), declared(1), attested(1, expires=_instant(5)))
    assert state(picture(log, 4.9), "T.ASSESS") is State.SHOWN
    assert state(picture(log, 5), "T.ASSESS") is State.STALE


def _instant(days: float) -> str:
    return moment(days).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_evidence_of_another_release_counts_for_nothing() -> None:
    seen = picture(log_of(*people(), declared(1), measured(1, GOOD, release="other")))
    assert state(seen, "T.FAIR") is State.UNKNOWN


def test_the_newest_measurement_counts_and_all_attempts_are_counted() -> None:
    seen = picture(
        log_of(*people(), declared(1, policy=(limit(),)), measured(1, BAD), measured(2, BAD), measured(3, GOOD))
    )
    finding = seen.finding("fairness.impact_ratio")
    assert finding is not None and finding.outcome is Outcome.PASS and finding.attempts == 3


def test_among_equal_times_of_observation_the_later_entry_counts() -> None:
    seen = picture(log_of(*people(), declared(1, policy=(limit(),)), measured(2, GOOD), measured(2, BAD)))
    assert outcome(seen) is Outcome.FAIL


def test_a_revoked_measurement_is_gone_for_every_as_of() -> None:
    mistaken = measured(2, GOOD)
    log = log_of(
        *people(), declared(1, policy=(limit(),)), measured(1, BAD), mistaken, revoked("dpo", "mistaken", mistaken)
    )
    assert outcome(picture(log)) is Outcome.FAIL


def test_new_law_judges_an_old_measurement_without_a_new_run() -> None:
    log = log_of(*people(), declared(1, policy=(limit(),)), measured(1, MIDDLING))
    assert outcome(picture(log, 20)) is Outcome.PASS
    seen = picture(log, 20, law=(LAW, LIMIT_OF_LAW))
    assert outcome(seen) is Outcome.FAIL
    assert state(seen, "T.LIMIT") is State.NOT_SHOWN
    assert outcome(picture(log, 10, law=(LAW, LIMIT_OF_LAW))) is Outcome.PASS  # not in force yet on that day


def test_a_limit_of_one_law_fails_no_requirement_of_another() -> None:
    log = log_of(*people(), declared(1), measured(1, MIDDLING))
    seen = picture(log, 20, law=(LAW, LIMIT_OF_LAW))
    assert state(seen, "T.LIMIT") is State.NOT_SHOWN
    assert state(seen, "T.FAIR") is State.SHOWN  # measured, and nothing limits it there


def test_a_failed_policy_fails_every_requirement_that_the_check_serves() -> None:
    log = log_of(*people(), declared(1, policy=(limit("95/100"),)), measured(1, MIDDLING))
    seen = picture(log, 20, law=(LAW, LIMIT_OF_LAW))
    assert state(seen, "T.FAIR") is State.NOT_SHOWN


def test_a_limit_loosened_after_the_result_rescues_nothing() -> None:
    log = log_of(*people(), declared(1, policy=(limit(),)), measured(2, BAD), declared(3, policy=(limit("1/2"),)))
    assert outcome(picture(log)) is Outcome.FAIL


def test_a_limit_tightened_after_the_result_judges_it() -> None:
    log = log_of(
        *people(), declared(1, policy=(limit("1/2"),)), measured(2, MIDDLING), declared(3, policy=(limit("9/10"),))
    )
    assert outcome(picture(log)) is Outcome.FAIL


def test_a_policy_never_loosens_a_limit_of_law() -> None:
    log = log_of(*people(), declared(1, policy=(limit("1/2"),)), measured(1, MIDDLING))
    assert outcome(picture(log, 20, law=(LAW, LIMIT_OF_LAW))) is Outcome.FAIL


def test_a_statement_by_a_key_without_the_grant_is_no_evidence() -> None:
    seen = picture(log_of(*people(), declared(1, policy=(limit(),)), measured(2, GOOD, by="dpo")))
    assert outcome(seen) is Outcome.UNKNOWN


def test_the_picture_names_the_release_it_is_about() -> None:
    assert picture(log_of(*people(), declared(1))).release == RELEASE
