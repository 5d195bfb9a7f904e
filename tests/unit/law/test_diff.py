"""What changed between two states of the law, by which act, and what is coming."""

from datetime import date
from pathlib import Path

from ombud.law.diff import Change, difference
from ombud.law.load import read_pack
from ombud.law.upcoming import Turn, upcoming

CASES = Path(__file__).parents[2] / "cases" / "law"
SMALL = read_pack([CASES / "small.yaml"])
PROVIDER = {"jurisdiction": frozenset({"EU"}), "role": frozenset({"provider"})}
NEW_SYSTEM = PROVIDER | {"in_use_since": frozenset({"2028-01-01"})}


def between(known_from: str, known_to: str, as_of: str, facts=None) -> dict[str, Change]:
    views = [SMALL.view(date.fromisoformat(as_of), date.fromisoformat(known)) for known in (known_from, known_to)]
    return {change.id: change for change in difference(*views, facts)}


def turns(as_of: str, facts=None, until: str | None = None) -> list[Turn]:
    view = SMALL.view(date.fromisoformat(as_of), date(2026, 11, 23))
    return list(upcoming(view, facts, date.fromisoformat(until) if until else None))


def test_the_diff_names_the_act_that_put_a_duty_off() -> None:
    changes = between("2026-07-01", "2026-07-28", "2026-08-03")
    change = changes["SMALL.1"]
    assert change.instruments == ("Putting Off Act 2026",)
    assert ("applies_from", "2026-08-02", "2027-12-02") in {(d.what, d.before, d.after) for d in change.differences}
    assert set(changes) == {"SMALL.1"}


def test_what_was_first_published_in_between_is_new() -> None:
    assert between("2026-08-01", "2026-08-02", "2026-08-03")["SMALL.6"].kind == "new"


def test_with_facts_the_diff_says_how_the_answer_changed() -> None:
    change = between("2026-07-01", "2026-07-28", "2026-08-03", NEW_SYSTEM)["SMALL.1"]
    applies = next(one for one in change.differences if one.what == "applies")
    assert applies.before.startswith("yes: in force since 2026-08-02")
    assert applies.after.startswith("no: binds from 2027-12-02 (Putting Off Act 2026)")


def test_with_facts_what_concerns_nobody_here_is_left_out() -> None:
    elsewhere = {"jurisdiction": frozenset({"US-CA"}), "role": frozenset({"provider"})}
    assert between("2026-07-01", "2026-07-28", "2026-08-03", elsewhere) == {}


def test_an_amendment_published_but_not_yet_in_force_is_a_difference_to_come() -> None:
    change = between("2026-04-21", "2026-04-22", "2026-05-01")["SMALL.2"]
    assert [(d.what, d.before, d.after) for d in change.differences] == [
        ("to come", "", "in_force (Rewording Act 2026)")
    ]
    assert change.instruments == ("Rewording Act 2026",)


def test_a_proposal_makes_no_difference() -> None:
    assert "SMALL.4" not in between("2025-11-18", "2025-11-19", "2026-02-01")


def test_the_same_view_twice_has_no_differences() -> None:
    assert between("2026-07-28", "2026-07-28", "2026-08-03") == {}


def test_upcoming_lists_days_in_order_with_act_and_conditions() -> None:
    found = turns("2026-06-01")
    assert [turn.day for turn in found] == sorted(turn.day for turn in found)
    said = [(turn.day.isoformat(), turn.requirement.id, turn.what, turn.instrument) for turn in found]
    assert sorted(said) == [
        ("2026-07-21", "SMALL.2", "begins to bind", "Rewording Act 2026"),
        ("2027-12-02", "SMALL.1", "begins to bind", "Putting Off Act 2026"),
        ("2027-12-02", "SMALL.6", "begins to bind", "Small Law 2024"),
    ]


def test_upcoming_for_a_system_says_what_turns_for_it_and_what_to_prepare() -> None:
    (duty, register) = turns("2026-11-23", NEW_SYSTEM)
    assert (duty.requirement.id, duty.what, duty.day) == ("SMALL.1", "begins to bind", date(2027, 12, 2))
    assert duty.to_json()["shown_by"] == ["document:risk-management-file"]
    assert register.requirement.id == "SMALL.6"


def test_upcoming_says_which_fact_is_missing_to_tell() -> None:
    duty = next(turn for turn in turns("2026-11-23", PROVIDER) if turn.requirement.id == "SMALL.1")
    assert (duty.what, duty.missing_facts) == ("may begin to bind", ("in_use_since",))


def test_upcoming_says_when_a_duty_ends_or_is_reworded() -> None:
    known = SMALL.view(date(2026, 4, 1), date(2026, 11, 23))
    said = {(turn.requirement.id, turn.what, turn.day.isoformat()) for turn in upcoming(known, PROVIDER)}
    assert ("SMALL.3", "no longer binds", "2026-04-17") in said
    assert ("SMALL.2", "is reworded", "2026-07-21") in said


def test_upcoming_stops_at_the_day_that_is_named() -> None:
    assert turns("2026-11-23", NEW_SYSTEM, until="2027-12-01") == []
    assert len(turns("2026-11-23", NEW_SYSTEM, until="2027-12-02")) == 2


def test_upcoming_for_anybody_says_whom_it_will_bind() -> None:
    duty = next(turn for turn in turns("2026-11-23") if turn.requirement.id == "SMALL.1")
    assert duty.whom == "jurisdiction is EU; and role is provider (in use before: on a significant design change)"
