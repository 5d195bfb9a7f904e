"""An incident: once for each thing that goes wrong, with the clocks of law, told in time, and closed only when done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from happened import BANK, OFFICER, TODAY, Alarm, desk, happened
from ombud.cases import NotAllowed, cases_of
from ombud.errors import Misused
from ombud.incidents.clocks import clocks, incidents, standing
from ombud.incidents.draft import draft
from ombud.incidents.handle import Incidents
from ombud.incidents.incident import INCIDENTS, Assessed
from ombud.incidents.opening import open_from_alarm
from ombud.store.workspace import open_workspace

BREACH = "personal-data-breach"


def duties(who: Incidents, number: str) -> dict[str, tuple[str, datetime | None]]:
    return {one.duty.key: (one.applies, one.due) for one in clocks(who.case(number))}


def finished(who: Incidents, number: str) -> None:
    """Everything but the notices: cause, and an action that works."""
    who.cause(number, "model-error", "We compared the windows.")
    who.set_action(number, "rollback", "platform", date(2028, 3, 5))
    who.action_done(number, "A1")
    who.verify_action(number, "A1", "measured")


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_a_breach_runs_72_hours_through_a_weekend_from_when_somebody_knew(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)  # a Friday at 16:00 UTC
    found = duties(who, happened(who, BREACH))
    assert found["eu-breach-authority"] == ("yes", datetime(2028, 3, 6, 16, 0, tzinfo=UTC))
    assert found["eu-breach-people"] == ("yes", None)  # without undue delay: law sets no number


@pytest.mark.parametrize(
    ("category", "duty", "days"),
    [
        ("serious-ai-incident", "eu-ai-incident", 15),
        ("death", "eu-ai-incident-death", 10),
        ("critical-infrastructure", "eu-ai-incident-widespread", 2),
        ("widespread-infringement", "eu-ai-incident-widespread", 2),
    ],
)
def test_a_serious_incident_runs_the_days_of_its_kind_in_the_places_own_time(
    tmp_path: Path, category: str, duty: str, days: int
) -> None:
    who, _ = desk(tmp_path)
    applies, due = duties(who, happened(who, category, severity="serious"))[duty]
    last = date(2028, 3, 3) + timedelta(days=days)
    assert applies == "yes" and due is not None
    assert due == datetime(last.year, last.month, last.day, 22, 59, 59, 999_999, tzinfo=UTC)  # midnight in Berlin


def test_a_law_that_does_not_bind_yet_starts_no_clock_and_is_told(tmp_path: Path) -> None:
    who, _ = desk(tmp_path, at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert duties(who, happened(who, "serious-ai-incident", severity="serious"))["eu-ai-incident"][0] != "yes"


def test_where_nothing_was_declared_a_clock_runs_and_the_missing_facts_are_named(tmp_path: Path) -> None:
    who, _ = desk(tmp_path, facts=None)
    (one,) = [one for one in clocks(who.case(happened(who, BREACH))) if one.duty.key == "eu-breach-authority"]
    assert one.applies == "cannot-tell" and one.runs and one.due == TODAY + timedelta(hours=72) and one.missing


def test_a_duty_of_others_starts_no_clock(tmp_path: Path) -> None:
    who, _ = desk(tmp_path, facts={**BANK, "jurisdiction": ["US", "US-CA"], "establishment": ["US"]})
    assert not any(
        one.runs for one in clocks(who.case(happened(who, BREACH))) if one.duty.key.startswith("eu-breach-a")
    )


def test_saying_that_somebody_knew_earlier_moves_the_clock(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, BREACH)
    assessed = Assessed(categories=(BREACH,), severity="major")
    who.classify(number, assessed, "The mail of Thursday said so.", aware=TODAY - timedelta(days=1))
    assert duties(who, number)["eu-breach-authority"][1] == TODAY + timedelta(hours=48)
    with pytest.raises(Misused, match="future"):
        who.classify(number, assessed, "x", aware=TODAY + timedelta(days=1))


def test_the_list_begins_with_what_runs_out_first_and_says_what_is_late(tmp_path: Path) -> None:
    who, clock = desk(tmp_path)
    slow, quick, still = (
        happened(who, "serious-ai-incident", severity="serious"),
        happened(who, BREACH),
        happened(who),
    )
    assert [one.case.id for one in incidents(who.workspace)] == [quick, slow, still]
    clock.pass_by(73 * 3600)
    assert [one.late for one in incidents(who.workspace)] == [True, False, False]


# --- one case for one thing -------------------------------------------------------------------------------------------


def test_an_alarm_opens_one_incident_and_a_second_about_the_series_joins_it(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    first = open_from_alarm(who.workspace, Alarm(), OFFICER)
    same = open_from_alarm(who.workspace, Alarm(), OFFICER)
    later = open_from_alarm(who.workspace, Alarm(since=TODAY - timedelta(days=1)), OFFICER)
    other = open_from_alarm(who.workspace, Alarm(series="psi[income]"), OFFICER)
    assert (first.new, same.new, same.joined, later.joined, other.new) == (True, False, False, True, True)
    assert first.case.id == same.case.id == later.case.id != other.case.id
    assert first.case.opened["categories"] == ["possible-discrimination"] and other.case.opened["categories"] == [
        "drift"
    ]


def test_after_its_end_a_new_alarm_opens_a_new_incident_and_the_old_alarm_none(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    first = open_from_alarm(who.workspace, Alarm(), OFFICER).case.id
    who.classify(first, Assessed(categories=("drift",), severity="minor"), "Only a holiday.")
    finished(who, first)
    assert who.close(first).ended
    assert open_from_alarm(who.workspace, Alarm(), OFFICER).case.id == first
    assert open_from_alarm(who.workspace, Alarm(since=TODAY), OFFICER).case.id != first


def test_two_who_open_the_same_thing_at_once_open_one_incident(tmp_path: Path) -> None:
    who, clock = desk(tmp_path)

    def open_it(number: int) -> str:
        own = open_workspace(tmp_path, clock=clock)
        since = TODAY - timedelta(days=1 + number)
        return open_from_alarm(own, Alarm(since=since), OFFICER).case.id

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(open_it, range(4)))
    assert len(numbers) == 1 and len(cases_of(who.workspace.ledger.log(), INCIDENTS)) == 1


# --- told, and in time ------------------------------------------------------------------------------------------------


def test_a_late_notice_gives_reasons_and_one_in_time_needs_none(tmp_path: Path) -> None:
    who, clock = desk(tmp_path)
    early, late = happened(who, BREACH), happened(who, BREACH)
    clock.pass_by(71 * 3600)
    assert who.notify(early, "eu-breach-authority", "first").last("notified") is not None
    clock.pass_by(2 * 3600)
    with pytest.raises(NotAllowed, match="late"):
        who.notify(late, "eu-breach-authority", "first")
    after = who.notify(late, "eu-breach-authority", "first", late_reasons="The officer was ill.")
    (one,) = [one for one in clocks(after) if one.duty.key == "eu-breach-authority"]
    assert one.settled == "notified" and one.late(clock.now())


def test_phases_come_in_turn(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, BREACH)
    with pytest.raises(NotAllowed, match="follows a first"):
        who.notify(number, "eu-breach-authority", "further")
    for phase in ("first", "further", "further", "final"):
        who.notify(number, "eu-breach-authority", phase)
    with pytest.raises(NotAllowed, match="final notice was given"):
        who.notify(number, "eu-breach-authority", "final")


def test_nothing_is_owed_only_on_a_ground_of_the_duty_that_fits_the_risk(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, BREACH, risk="high")
    with pytest.raises(Misused, match="no ground"):
        who.not_notifiable(number, "eu-breach-authority", "encrypted", "It was.")
    with pytest.raises(Misused, match="does not fit"):
        who.not_notifiable(number, "eu-breach-authority", "risk-unlikely", "It is.")
    with pytest.raises(NotAllowed, match="reasons"):
        who.not_notifiable(number, "eu-breach-people", "encrypted", " ")
    assert who.not_notifiable(number, "eu-breach-people", "encrypted", "With a key nobody has.")
    who.classify(number, Assessed(categories=(BREACH,), severity="major", risk="unlikely"), "Test data only.")
    assert who.not_notifiable(number, "eu-breach-authority", "risk-unlikely", "Test data only.")


def test_what_is_serious_by_what_it_is_is_called_so(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who)
    with pytest.raises(NotAllowed, match="serious"):
        who.classify(number, Assessed(categories=("death",), severity="minor"), "x")
    assert who.classify(number, Assessed(categories=("death",), severity="serious"), "x")


# --- its end ----------------------------------------------------------------------------------------------------------


def test_it_closes_only_with_cause_action_and_every_duty_answered(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, BREACH, risk="unlikely")
    with pytest.raises(NotAllowed, match="cannot follow"):
        who.close(number)
    who.cause(number, "human-error", "A wrong address.")
    with pytest.raises(NotAllowed, match="no corrective action"):
        who.close(number)
    who.set_action(number, "process-changed", "dpo", date(2028, 3, 10))
    with pytest.raises(NotAllowed, match="only an action that was done"):
        who.verify_action(number, "A1", "reviewed")
    who.action_done(number, "A1")
    with pytest.raises(NotAllowed, match="A1 was not verified"):
        who.close(number)
    who.verify_action(number, "A1", "reviewed")
    with pytest.raises(NotAllowed, match="nobody has answered"):
        who.close(number)
    for duty in [one.duty.key for one in clocks(who.case(number)) if one.runs]:
        ground = "does-not-apply" if duty != "eu-breach-authority" else "risk-unlikely"
        who.not_notifiable(number, duty, ground, "See the note.")
    assert who.close(number).ended


def test_a_first_notice_alone_does_not_end_it(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, "serious-ai-incident", severity="serious")
    for duty in [one.duty.key for one in clocks(who.case(number)) if one.runs]:
        who.notify(number, duty, "first")
    finished(who, number)
    with pytest.raises(NotAllowed, match="the final notice"):
        who.close(number)


# --- drills and words -------------------------------------------------------------------------------------------------


def test_a_drill_is_rehearsed_never_notified_and_never_among_real_ones(tmp_path: Path) -> None:
    who, clock = desk(tmp_path)
    number = happened(who, BREACH, drill=True)
    with pytest.raises(NotAllowed, match="drill"):
        who.notify(number, "eu-breach-authority", "first")
    assert who.rehearse(number, "eu-breach-authority").last("rehearsed") is not None
    with pytest.raises(NotAllowed, match="no drill"):
        who.rehearse(happened(who, BREACH), "eu-breach-authority")
    assert number not in {one.case.id for one in incidents(who.workspace)}
    assert [one.case.id for one in incidents(who.workspace, drills=True)] == [number]
    clock.pass_by(30 * 86_400)
    assert not standing(who.case(number), clock.now()).late


def test_no_word_that_somebody_wrote_enters_the_log(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, BREACH, nature="Ann Unique got Bob's file")
    who.update(number, "consequences", "Ann Unique knows his debts")
    who.cause(number, "human-error", "Carl Unique mixed up two letters")
    said = b"".join(entry.envelope.payload for entry in who.workspace.ledger.log().trusted("case"))
    assert b"Unique" not in said and number.encode() in said
    assert "Ann Unique" in "".join(who.workspace.people.kept(number).values())


def test_a_draft_counts_what_is_missing_and_says_it_until_somebody_writes_it(tmp_path: Path) -> None:
    who, _ = desk(tmp_path)
    number = happened(who, BREACH, nature="A list was sent to a wrong address.")
    before = draft(who, number, "eu-breach-authority", "json")
    who.update(number, "consequences", "People may get unwanted mail.")
    who.state_people(number, 1_200)
    after = draft(who, number, "eu-breach-authority", "json")
    assert after.holes == before.holes - 2
    assert "A list was sent" in after.content.decode() and "1,200" in after.content.decode()
    drafted = who.case(number).last("drafted")
    assert drafted is not None and drafted.details["documents"] == [after.digest]
