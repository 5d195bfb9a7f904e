"""A contested decision: heard within law's time, reviewed by somebody else with the right to change it, and told."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contested import (
    FACTS,
    OFFICER,
    OTHER,
    PLATFORM,
    REVIEWER,
    SYSTEM,
    TODAY,
    as_,
    contest,
    decision,
    made,
    office,
    reviewed,
    told,
)
from ombud.cases import NotAllowed, cases_of, step
from ombud.decisions import Human
from ombud.decisions.contest import CONTESTS, Contest, receive_contest, stands, waiting
from ombud.decisions.contest_guards import becomes, review_of
from ombud.decisions.contest_law import contest_laws
from ombud.decisions.contest_review import Contests
from ombud.decisions.contest_reviewers import appoint, authority, gave_notice, notices, reviewers, staff_alias
from ombud.decisions.intake import find, record
from ombud.decisions.live import find_anywhere
from ombud.errors import Misused, NotFound
from ombud.evidence.dsse import Envelope
from ombud.evidence.statement import Statement, Subject
from ombud.system.manifest import load_system

LIVE = """\
system: mortgage-approval
model: {artifact: model.txt, threshold: 0.5}
data: {decisions: {table: own.csv}}
columns: {id: id, subject: customer, time: at, decision: ok, favourable: 1, score: p, features: [income]}
"""
FORGED = {"outcome": "upheld", "saw": ["score"], "timed": "not-kept", "reasons": True}
"""A review by a door that asks nothing."""


@pytest.fixture
def who(tmp_path: Path) -> Contests:
    return office(tmp_path)[0]


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "lives", "law", "due", "end"),
    [
        # a month; 26 December is a holiday in Germany and a Saturday: the Monday after it
        (TODAY, "DE", "gdpr", "2026-12-28", datetime(2026, 12, 28, 22, 59, 59, 999_999, tzinfo=UTC)),
        (datetime(2026, 8, 31, 8, tzinfo=UTC), "DE", "gdpr", "2026-09-30",
         datetime(2026, 9, 30, 21, 59, 59, 999_999, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_answer_is_due_by_the_clock_of_law_in_the_persons_own_time(
    tmp_path: Path, received: datetime, lives: str, law: str, due: str, end: datetime
) -> None:
    who, clock = office(tmp_path, at=max(received, TODAY))
    found = stands(who.case(contest(who, lives=(lives,), received=received)), clock.now())
    assert found.due is not None and (found.due["law"], found.due["applies"], found.due["due"]) == (law, "yes", due)
    assert stands(found.case, end).late is False and stands(found.case, end + timedelta(microseconds=1)).late


def test_where_law_data_holds_no_number_none_is_shown(tmp_path: Path) -> None:
    who, clock = office(tmp_path, at=datetime(2028, 3, 3, tzinfo=UTC), facts={})
    found = stands(who.case(contest(who, lives=("US-CA",))), clock.now())
    (row,) = found.case.opened["duties"]
    assert found.due is None and not found.late
    assert (row["law"], row["applies"], row["rule"]) == ("ccpa", "cannot-tell", "law data holds no number for it")


def test_who_lives_nobody_knows_where_is_under_no_law_for_certain_and_the_clock_runs(who: Contests) -> None:
    rows = who.case(contest(who, lives=())).opened["duties"]
    assert {row["applies"] for row in rows} <= {"cannot-tell", "no", "not-yet"}
    (gdpr,) = (row for row in rows if row["law"] == "gdpr")
    assert "where the person lives" in gdpr["missing"] and gdpr["due"] == "2026-12-28"


def test_every_law_says_how_sure_it_is_and_none_was_read_by_a_person() -> None:
    assert {law.certainty for law in contest_laws().values()} <= {"V", "V2", "K+", "K~"}
    assert {law.certainty_words for law in contest_laws().values()} == {"not yet read", "not yet read, unchecked"}


def test_the_most_urgent_comes_first_and_what_is_over_comes_only_when_asked_for(who: Contests) -> None:
    later, first = contest(who), contest(who, "A-2", received=TODAY - timedelta(days=20))
    assert [one.case.id for one in waiting(who.workspace, TODAY)] == [first, later]
    who.withdraw(first)
    assert [one.case.id for one in waiting(who.workspace, TODAY)] == [later]
    assert {one.case.id for one in waiting(who.workspace, TODAY, ended=True)} == {first, later}


# --- who may review ---------------------------------------------------------------------------------------------------


def test_a_reviewer_is_named_by_somebody_else_and_holds_the_key_of_a_person(who: Contests) -> None:
    with pytest.raises(Misused, match="nobody names themselves"):
        appoint(who.workspace, OFFICER, OFFICER)
    for stranger in ("robot", "nobody"):
        with pytest.raises(Misused, match="a person with authority"):
            appoint(who.workspace, stranger, OFFICER)
    named = appoint(who.workspace, PLATFORM, OFFICER, system=SYSTEM, until=TODAY + timedelta(days=1))
    assert named in reviewers(who.workspace.ledger.log(), SYSTEM, TODAY)
    assert named not in reviewers(who.workspace.ledger.log(), "another-system", TODAY)
    assert named not in reviewers(who.workspace.ledger.log(), SYSTEM, TODAY + timedelta(days=1))


def test_a_case_is_given_to_a_named_reviewer_and_to_nobody_else(who: Contests) -> None:
    number = contest(who)
    for stranger in (OFFICER, PLATFORM, "robot", "nobody"):
        with pytest.raises(Misused):
            who.assign(number, stranger)
    case = who.assign(number, REVIEWER)
    named = authority(who.workspace.ledger.log(), case)
    assert named is not None and (named.name, named.by, named.training) == (REVIEWER, OFFICER, "7" * 64)


def test_whoever_made_the_decision_does_not_review_it_whatever_their_key_is_called(who: Contests) -> None:
    number = contest(who, "A-2")  # made by S-17, who holds the key of the legal team
    with pytest.raises(NotAllowed, match="whoever made the decision"):
        who.assign(number, REVIEWER)
    assert who.assign(number, OTHER).state == "assigned"


def test_a_reviewer_named_only_after_the_case_was_given_to_them_has_no_authority_in_it(who: Contests) -> None:
    number = contest(who)
    given = {"reviewer": PLATFORM, "staff": staff_alias(who.workspace, "S-99"), "appointed": "0" * 64}
    step(who.workspace, CONTESTS, number, "assigned", given, OFFICER)  # by a door that asks nothing
    appoint(who.workspace, PLATFORM, OFFICER, staff="S-99")
    with pytest.raises(NotAllowed, match="nobody had named the reviewer before"):
        as_(who, PLATFORM).review(number, made())
    step(who.workspace, CONTESTS, number, "reviewed", FORGED, PLATFORM)
    assert authority(who.workspace.ledger.log(), who.case(number)) is None
    with pytest.raises(NotAllowed, match="nobody had named the reviewer before"):
        who.tell(number, "mail")


def test_the_review_is_signed_by_the_reviewer_and_by_nobody_for_them(who: Contests) -> None:
    number = contest(who)
    with pytest.raises(NotAllowed, match="no reviewer yet"):
        who.review(number, made())
    who.assign(number, REVIEWER)
    with pytest.raises(Misused, match="given to another reviewer"):
        who.review(number, made())
    step(who.workspace, CONTESTS, number, "reviewed", {**FORGED, "outcome": "changed"}, OFFICER)
    with pytest.raises(NotAllowed, match="not signed by the one to whom it was given"):
        who.tell(number, "mail")
    other = contest(who, "A-3")
    who.assign(other, REVIEWER)
    step(who.workspace, CONTESTS, other, "reviewed", FORGED, OFFICER)
    with pytest.raises(NotAllowed, match="not signed by the one to whom it was given"):
        who.tell(other, "mail")
    with pytest.raises(NotFound):
        find(who.workspace, SYSTEM, f"A-1+{number}")
    reviewed(who, number)  # given again, to the reviewer
    assert who.tell(number, "mail").state == "told"


def test_a_record_that_is_withdrawn_holds_for_what_was_given_before(who: Contests) -> None:
    number = contest(who)
    reviewed(who, number)
    named = authority(who.workspace.ledger.log(), who.case(number))
    assert named is not None
    who.workspace.context.clock.pass_by(60)  # type: ignore[attr-defined]
    predicate = {"entries": [named.entry], "reason": "withdrawn", "from": who.workspace.now(), "organisation": True,
                 "observed_at": who.workspace.now(), "software": {"ombud": "0"}}  # fmt: skip
    taken_back = Statement((Subject("entry", named.entry),), "revocation", predicate)
    who.workspace.ledger.append([who.workspace.sign(taken_back, OFFICER)])
    assert authority(who.workspace.ledger.log(), who.case(number)) is not None
    assert who.tell(number, "mail").state == "told"
    with pytest.raises(Misused, match="nobody put on record"):
        who.assign(contest(who, "A-3"), REVIEWER)


def test_an_agent_is_heard_after_they_showed_that_they_may_speak(who: Contests) -> None:
    number = contest(who, agent="lawyer")
    with pytest.raises(NotAllowed, match="may speak for the person"):
        who.assign(number, REVIEWER)
    who.show_authority(number, "power-of-attorney")
    assert who.assign(number, REVIEWER).state == "assigned"
    other = contest(who, "A-2", agent="lawyer", authority="signed-permission")
    assert who.assign(other, OTHER).state == "assigned"


def test_a_machine_s_key_does_not_decide_whatever_else_it_may(who: Contests) -> None:
    who.workspace.add_key("legal-robot", ["legal", "ci"])
    with pytest.raises(Misused, match="a person with authority"):
        appoint(who.workspace, "legal-robot", OFFICER)
    who.workspace.add_key("legal-person", ["legal"])
    assert appoint(who.workspace, "legal-person", OFFICER).name == "legal-person"


def test_nobody_is_a_reviewer_by_their_own_word_whatever_the_door(who: Contests) -> None:
    who.workspace.ledger.append([named_by(who, PLATFORM, OTHER), named_by(who, OTHER, OTHER)])
    names = [(one.name, one.by) for one in reviewers(who.workspace.ledger.log())]
    assert (PLATFORM, OTHER) in names and (OTHER, OTHER) not in names


def test_a_record_that_came_into_the_log_after_the_case_was_given_is_no_authority(who: Contests) -> None:
    """Its digest is known as soon as it is signed, so the step can name it before it is there."""
    number, signed = contest(who), named_by(who, PLATFORM, OFFICER)
    given = {"reviewer": PLATFORM, "staff": staff_alias(who.workspace, "S-99"), "appointed": signed.digest}
    step(who.workspace, CONTESTS, number, "assigned", given, OFFICER)
    who.workspace.ledger.append([signed])
    assert authority(who.workspace.ledger.log(), who.case(number)) is None
    assert authority(who.workspace.ledger.log(), who.assign(number, PLATFORM)) is not None


def named_by(who: Contests, name: str, by: str) -> Envelope:
    """A record by which somebody may review, signed and not yet in the log."""
    predicate = {"item": "reviewer", "says": "May review.", "reviewer": name, "may_change": True, "organisation": True,
                 "staff": staff_alias(who.workspace, "S-99"), "observed_at": who.workspace.now(),
                 "software": {"ombud": "0"}}  # fmt: skip
    return who.workspace.sign(Statement((Subject("reviewer"),), "attestation", predicate), by)


# --- the review -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lacking", "says"),
    [({"saw": ()}, "in front of the reviewer"), ({"reasons": " "}, "given reasons"),
     ({"outcome": "new-decision"}, "decided afresh"), ({"saw": ("horoscope",)}, "saw"),
     ({"outcome": "forgotten"}, "outcome")],
)  # fmt: skip
def test_a_review_that_lacks_something_is_refused_and_the_whole_one_is_taken(
    who: Contests, lacking: dict[str, object], says: str
) -> None:
    number = contest(who)
    who.assign(number, REVIEWER)
    with pytest.raises(NotAllowed, match=says):
        as_(who, REVIEWER).review(number, made(**lacking))
    assert as_(who, REVIEWER).review(number, made()).state == "reviewed"


def test_a_changed_outcome_is_a_decision_of_its_own_and_the_first_one_stays(who: Contests) -> None:
    told(who)
    number = contest(who)
    reviewed(who, number, "changed")
    old, new = find(who.workspace, SYSTEM, "A-1"), find(who.workspace, SYSTEM, f"A-1+{number}")
    assert old.decision == decision("A-1")
    assert new.decision.outcome == "favourable" and new.decision.inputs == old.decision.inputs
    assert new.decision.human == Human(who="S-17", saw=("inputs", "documents"), changed=True, seconds=600.0)
    case = who.case(number)
    assert (case.opened["decision"], becomes(case)) == (old.commitment, new.commitment)
    assert who.carry_out(number).steps == case.steps  # to do it twice does it once


def test_what_was_decided_afresh_names_its_record(who: Contests) -> None:
    number = contest(who)
    who.assign(number, REVIEWER)
    with pytest.raises(NotFound):
        as_(who, REVIEWER).review(number, made("new-decision", becomes="A-77"))
    record(who.workspace, SYSTEM, [decision("A-77", outcome="favourable")], PLATFORM)
    case = as_(who, REVIEWER).review(number, made("new-decision", becomes="A-77"))
    assert becomes(case) == find(who.workspace, SYSTEM, "A-77").commitment


def test_a_decision_that_is_open_has_no_other_outcome_to_change_to(who: Contests) -> None:
    number = contest(who, "A-3")
    who.assign(number, REVIEWER)
    with pytest.raises(Misused, match="no outcome"):
        as_(who, REVIEWER).review(number, made("changed"))
    assert who.case(number).state == "assigned"


def test_a_crash_between_the_review_and_its_record_is_made_good_before_the_person_is_told(who: Contests) -> None:
    number = contest(who)
    who.assign(number, REVIEWER)
    bare = {"outcome": "changed", "saw": ["inputs"], "timed": "not-kept", "reasons": True}
    step(who.workspace, CONTESTS, number, "reviewed", bare, REVIEWER)
    assert becomes(who.case(number)) is None
    assert who.tell(number, "mail").state == "told"
    assert becomes(who.case(number)) == find(who.workspace, SYSTEM, f"A-1+{number}").commitment


def test_no_time_is_kept_of_a_reviewer_who_was_not_told_that_it_is_measured(tmp_path: Path) -> None:
    who, clock = office(tmp_path)
    first = contest(who)
    who.assign(first, REVIEWER)
    mine = as_(who, REVIEWER)
    with pytest.raises(Misused, match="not told"):
        mine.begin(first)
    assert "seconds" not in mine.review(first, made()).last("reviewed").details  # type: ignore[union-attr]
    told(who, "S-40")
    assert notices(who.workspace.ledger.log(), SYSTEM).keys() == {staff_alias(who.workspace, "S-40")}
    second = contest(who, "A-2")
    who.assign(second, OTHER)
    with pytest.raises(Misused, match="how long"):
        as_(who, OTHER).review(second, made(seconds=None))
    as_(who, OTHER).begin(second)
    clock.pass_by(754)
    done = as_(who, OTHER).review(second, made(seconds=None)).last("reviewed")
    assert done is not None and (done.details["timed"], done.details["seconds"]) == ("measured", 754)


def test_a_time_is_in_the_log_only_where_the_log_says_so(who: Contests) -> None:
    number = contest(who)
    who.assign(number, REVIEWER)
    for wrong in ({"timed": "not-kept", "seconds": 5}, {"timed": "measured"}):
        with pytest.raises(NotAllowed, match="time of a review"):
            step(who.workspace, CONTESTS, number, "reviewed", {**FORGED, **wrong}, REVIEWER)
    right = {**FORGED, "timed": "stated", "seconds": 5}
    assert step(who.workspace, CONTESTS, number, "reviewed", right, REVIEWER).state == "reviewed"


def test_a_notice_for_another_system_is_none_for_this_one(who: Contests) -> None:
    gave_notice(who.workspace, [staff_alias(who.workspace, "S-17")], [], OFFICER, "another-system")
    assert not notices(who.workspace.ledger.log(), SYSTEM)
    with pytest.raises(Misused, match="given to somebody"):
        gave_notice(who.workspace, [], [], OFFICER, SYSTEM)


def test_no_door_tells_the_person_of_a_change_that_is_not_on_record(who: Contests) -> None:
    number = contest(who)
    who.assign(number, REVIEWER)
    step(who.workspace, CONTESTS, number, "reviewed", {**FORGED, "outcome": "changed"}, REVIEWER)
    with pytest.raises(NotAllowed, match="not on record yet"):
        step(who.workspace, CONTESTS, number, "told", {"how": "mail", "on": "2026-11-26"}, OFFICER)
    assert who.tell(number, "mail").state == "told"


def test_a_row_that_was_changed_after_the_contest_is_not_what_was_contested(tmp_path: Path) -> None:
    who, _ = office(tmp_path)
    (tmp_path / "ombud.yaml").write_text(LIVE)
    (tmp_path / "own.csv").write_text("id,customer,at,ok,p,income\nL-1,C-9,2026-11-02T09:00:00Z,0,0.25,1000\n")
    system = load_system(tmp_path / "ombud.yaml")
    mine = Contests(who.workspace, OFFICER, system)
    case = receive_contest(who.workspace, find_anywhere(who.workspace, system, "L-1"), Contest(), OFFICER)
    assert mine.contested(case).decision.score == 0.25
    (tmp_path / "own.csv").write_text("id,customer,at,ok,p,income\nL-1,C-9,2026-11-02T09:00:00Z,0,0.26,1000\n")
    with pytest.raises(Misused, match="not the one that was contested"):
        mine.contested(case)


def test_who_gets_the_case_after_a_review_reviews_it_anew(who: Contests) -> None:
    number = contest(who)
    reviewed(who, number, "upheld")
    case = who.assign(number, OTHER)
    assert review_of(case) is None and becomes(case) is None
    with pytest.raises(NotAllowed):
        who.tell(number, "mail")
    as_(who, OTHER).review(number, made("changed"))
    with pytest.raises(NotAllowed, match="changed the decision already"):
        who.assign(number, REVIEWER)
    assert who.tell(number, "mail").state == "told"


# --- refusals, and the end --------------------------------------------------------------------------------------------


def test_a_ground_of_refusal_fits_the_case(who: Contests) -> None:
    number = contest(who)
    with pytest.raises(NotAllowed, match="the person asks"):
        who.refuse(number, "authority-not-shown", "Nobody showed it.")
    with pytest.raises(NotAllowed, match="Colorado"):
        who.refuse(number, "not-commercially-reasonable", "It costs too much.")
    with pytest.raises(Misused, match="no ground"):
        who.refuse(number, "no-time", "We have none.")
    with pytest.raises(NotAllowed, match="reasons"):
        who.refuse(number, "excessive", "")
    assert who.refuse(number, "excessive", "The ninth contest in a week.").state == "refused"
    assert who.tell(number, "mail").state == "told"
    other = contest(who, "A-2", agent="other")
    assert who.refuse(other, "authority-not-shown", "Nobody showed it.").state == "refused"


def test_colorados_own_ground_fits_where_colorados_law_is_the_only_one(tmp_path: Path) -> None:
    who, _ = office(tmp_path, at=datetime(2028, 3, 3, tzinfo=UTC), facts={})
    number = contest(who, lives=("US-CO",))
    assert who.refuse(number, "not-commercially-reasonable", "It would cost more than the loan.").state == "refused"


def test_a_case_is_closed_only_when_the_person_was_told_and_then_its_notes_are_gone(who: Contests) -> None:
    number = contest(who)
    for _ in range(2):
        with pytest.raises(NotAllowed):
            who.close(number)
        if who.case(number).state == "received":
            reviewed(who, number)
    who.tell(number, "mail", ["d" * 64], TODAY.date())
    assert who.workspace.people.kept(number)
    assert who.close(number).state == "closed" and not who.workspace.people.kept(number)
    with pytest.raises(Misused, match="notes are deleted"):
        who.decision_of(who.case(number))


def test_nobody_was_told_before_the_review_or_tomorrow(who: Contests) -> None:
    number = contest(who)
    reviewed(who, number)
    for day in (TODAY.date() - timedelta(days=1), TODAY.date() + timedelta(days=1)):
        with pytest.raises(Misused, match="after the review"):
            who.tell(number, "mail", on=day)
    assert who.tell(number, "mail", on=date(2026, 11, 26)).state == "told"


def test_a_decision_is_contested_once_at_a_time_and_a_later_contest_names_the_earlier(who: Contests) -> None:
    first = contest(who)
    with pytest.raises(NotAllowed, match="contested already"):
        contest(who)
    who.withdraw(first)
    assert who.case(contest(who)).opened["repeats"] == [first]


def test_the_person_is_a_random_alias_and_the_same_one_in_every_contest_of_theirs(who: Contests) -> None:
    first, other = who.case(contest(who)), who.case(contest(who, "A-2"))
    assert first.alias == find(who.workspace, SYSTEM, "A-1").alias and first.alias not in (None, other.alias)
    who.withdraw(first.id)
    assert who.case(contest(who)).alias == first.alias


def test_a_contest_does_not_come_in_tomorrow(who: Contests) -> None:
    with pytest.raises(Misused, match="future"):
        contest(who, received=TODAY + timedelta(minutes=1))
    assert who.case(contest(who, received=TODAY)).state == "received"


def test_nothing_that_names_the_person_or_the_staff_enters_the_log(who: Contests) -> None:
    number = contest(who, "A-2", name="Ann Unique", contact="Unique lane 7", words="Unique words")
    who.hear(number, "phone", "A unique view.")
    who.assign(number, OTHER)
    as_(who, OTHER).review(number, made("changed", reasons="A unique reason."))
    who.tell(number, "mail")
    written = b"".join(entry.leaf for entry in who.workspace.ledger.log().entries)
    import base64
    import re

    texts = [base64.b64decode(found) for found in re.findall(rb'"payload":"([A-Za-z0-9+/=]+)"', written)]
    assert len(texts) > 5
    assert not any(word in text for text in texts for word in (b"nique", b"A-2", b"S-17", b"S-40"))


def test_a_declaration_that_rules_a_law_out_leaves_no_clock_of_it(tmp_path: Path) -> None:
    who, _ = office(tmp_path, facts={**FACTS, "decision": ["assisted"], "solely_automated": ["no"]})
    rows = who.case(contest(who)).opened["duties"]
    assert {(row["law"], row["applies"]) for row in rows} >= {("gdpr", "no")} and not any(
        row.get("due") for row in rows
    )
    assert len(cases_of(who.workspace.ledger.log(), CONTESTS)) == 1
