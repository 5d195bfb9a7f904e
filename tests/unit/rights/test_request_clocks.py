"""Clocks of requests: confirmed, prolonged, standing still, done; and what is due."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from asked import BUSINESS, OFFICER, asked, granted, office, outcome, proved, searched, take
from ombud.cases import Case, NotAllowed
from ombud.errors import Misused
from ombud.rights.decide import Decision, refuse, review
from ombud.rights.due import due
from ombud.rights.prolong import acknowledge, extend, pause, resume, withdraw
from ombud.rights.request_clocks import RequestClock, clocks

WHY = "Many systems have to be searched."


def clock_of(case: Case, law: str = "gdpr", what: str = "answer") -> RequestClock:
    return next(one for one in clocks(case) if (one.law, one.what) == (law, what))


def day(written: str) -> date:
    return date.fromisoformat(written)


# --- extension --------------------------------------------------------------------------------------------------------


def test_an_extension_on_the_last_day_counts_and_one_a_day_later_is_refused(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = asked(workspace, "access", "US-CA", facts=BUSINESS).case
    clock.time = datetime(2027, 1, 20, 20, 0, tzinfo=UTC)
    with pytest.raises(NotAllowed, match="not inside the first period"):
        extend(workspace, case.id, ["complexity"], WHY, OFFICER, on=day("2027-01-08"))
    after = extend(workspace, case.id, ["complexity"], WHY, OFFICER, on=day("2027-01-07"))
    assert clock_of(after, "ccpa").day == day("2027-02-21")
    assert workspace.people.kept(case.id)["extension"] == WHY


def test_an_extension_says_for_which_law_it_counts(tmp_path: Path) -> None:
    """On 28 December the month of the GDPR is over, and California's 45 days are not."""
    workspace, clock = office(tmp_path)
    case = asked(workspace, "access", "DE US-CA", facts=BUSINESS).case
    clock.time = datetime(2026, 12, 28, 20, 0, tzinfo=UTC)
    with pytest.raises(NotAllowed, match="gdpr"):
        extend(workspace, case.id, ["complexity"], WHY, OFFICER, laws=["gdpr"])
    after = extend(workspace, case.id, ["complexity"], WHY, OFFICER)
    assert after.last("extended").details["laws"] == ["ccpa"]  # type: ignore[union-attr]
    assert (clock_of(after).day, clock_of(after, "ccpa").day) == (day("2026-12-23"), day("2027-02-21"))


def test_it_is_prolonged_once_and_only_where_law_lets_it(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = extend(workspace, asked(workspace, "access").case.id, ["complexity"], WHY, OFFICER)
    with pytest.raises(NotAllowed, match="again"):
        extend(workspace, case.id, ["number-of-requests"], WHY, OFFICER)
    with pytest.raises(NotAllowed, match="cannot be prolonged"):
        extend(workspace, asked(workspace, "opt-out-sale", "US-CA").case.id, ["complexity"], WHY, OFFICER)


@pytest.mark.parametrize(("because", "reasons"), [([], WHY), (["we are busy"], WHY), (["complexity"], " ")])
def test_an_extension_gives_its_reasons(tmp_path: Path, because: list[str], reasons: str) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, "access").case
    with pytest.raises(Misused, match="needs reasons"):
        extend(workspace, case.id, because, reasons, OFFICER)


def test_what_could_still_be_prolonged_is_told_until_when_and_to_when(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    told = clock_of(asked(workspace, "access").case)
    assert (told.prolong_by, told.prolonged_to) == (day("2026-12-23"), day("2027-02-23"))
    prolonged = clock_of(extend(workspace, asked(workspace, "erasure").case.id, ["complexity"], WHY, OFFICER))
    assert (prolonged.day, prolonged.prolong_by) == (day("2027-02-23"), None)


# --- pauses -----------------------------------------------------------------------------------------------------------


def test_a_pause_moves_the_clock_that_knows_its_ground_and_no_other(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = asked(workspace, "access", "DE US-CA", facts=BUSINESS).case
    clock.pass_by(86_400)
    still = pause(workspace, case.id, "identity", OFFICER)
    assert clock_of(still).stands_still and not clock_of(still, "ccpa").stands_still
    clock.pass_by(5 * 86_400)
    after = resume(workspace, case.id, OFFICER)
    assert (clock_of(after).day, clock_of(after, "ccpa").day) == (day("2026-12-28"), day("2027-01-07"))


def test_a_proof_of_identity_ends_the_wait_for_it_and_no_other_wait(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    identity, scope = asked(workspace, "access").case, asked(workspace, "erasure").case
    pause(workspace, identity.id, "identity", OFFICER)
    pause(workspace, scope.id, "scope", OFFICER)
    clock.pass_by(3 * 86_400)
    assert clock_of(proved(workspace, identity)).day == day("2026-12-28")  # 26 December is a Saturday
    assert clock_of(proved(workspace, scope)).stands_still
    with pytest.raises(NotAllowed, match="do not stand still"):
        resume(workspace, identity.id, OFFICER)
    assert not clock_of(resume(workspace, scope.id, OFFICER)).stands_still


@pytest.mark.parametrize(
    ("lives", "known", "unknown"),
    [("DE", "scope", "information"), ("GB", "information", "scope"), ("DE", "identity", "holidays")],
)
def test_only_grounds_that_a_clock_knows_are_taken(tmp_path: Path, lives: str, known: str, unknown: str) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, "access", lives).case
    with pytest.raises(NotAllowed, match="no clock of it stands still"):
        pause(workspace, case.id, unknown, OFFICER)
    assert clock_of(pause(workspace, case.id, known, OFFICER), case.opened["laws"][0]).stands_still


def test_california_never_stands_still(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    with pytest.raises(NotAllowed, match="ccpa: never"):
        pause(workspace, asked(workspace, "access", "US-CA").case.id, "identity", OFFICER)


# --- done -------------------------------------------------------------------------------------------------------------


def test_a_duty_to_tell_is_done_when_told_and_a_duty_to_stop_when_stopped(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    erasure = granted(workspace, asked(workspace).case, people=1)
    erasure = take(workspace, erasure, "fulfilled", outcomes=[outcome("people")])
    assert not clock_of(erasure).settled
    assert clock_of(take(workspace, erasure, "delivered", how="mail")).settled
    stop = take(workspace, asked(workspace, "opt-out-sale", "US-CA").case, "verified", method="not-required")
    review(workspace, stop.id, [Decision(law="ccpa", decision="grant")], (), OFFICER)
    assert clock_of(take(workspace, take(workspace, stop, "acting"), "fulfilled"), "ccpa").settled


def test_a_refusal_that_nobody_was_told_of_stays_due_and_has_its_own_clock(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = proved(workspace, asked(workspace).case)
    extend(workspace, case.id, ["complexity"], WHY, OFFICER)
    clock.time = datetime(2026, 12, 26, 12, 0, tzinfo=UTC)
    assert not due(workspace)[0].overdue
    case = refuse(workspace, case.id, {"gdpr": "excessive"}, WHY, OFFICER)
    assert due(workspace)[0].overdue and clock_of(case, what="refusal").overdue(clock.now())
    take(workspace, case, "delivered", how="mail")
    assert not due(workspace)[0].overdue


def test_a_confirmation_is_noted_once_on_a_day_between_receipt_and_today(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = asked(workspace, "access", "US-CA", facts=BUSINESS).case
    clock.pass_by(3 * 86_400)
    for wrong in ("2026-11-22", "2026-11-27"):
        with pytest.raises(Misused, match="between the receipt"):
            acknowledge(workspace, case.id, OFFICER, day(wrong))
    after = acknowledge(workspace, case.id, OFFICER, day("2026-11-24"))
    assert clock_of(after, "ccpa", "acknowledgement").settled
    with pytest.raises(NotAllowed, match="already"):
        acknowledge(workspace, case.id, OFFICER)


def test_a_withdrawal_ends_the_case_and_drops_its_notes_until_something_is_done(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, words="please").case
    assert withdraw(workspace, case.id, OFFICER).ended and not workspace.people.kept(case.id)
    begun = granted(workspace, asked(workspace, "access", channel="web").case, people=1)
    with pytest.raises(NotAllowed, match="cannot follow"):
        withdraw(workspace, begun.id, OFFICER)


# --- due --------------------------------------------------------------------------------------------------------------


def test_what_is_due_comes_in_the_order_of_its_days_and_ended_cases_are_gone(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    late = asked(workspace, "access", "GB").case
    soon = asked(workspace, "opt-out-sale", "US-CA").case
    never = asked(workspace, "access", "US-CO").case
    gone = asked(workspace, "erasure", "DE").case
    withdraw(workspace, gone.id, OFFICER)
    found = due(workspace)
    assert [one.case.id for one in found] == [soon.id, late.id, never.id]
    assert found[2].next is None and set(found[0].beside) == {late.id, never.id}
    clock.time += timedelta(days=40)
    assert [one.overdue for one in due(workspace)] == [True, True, False]


def test_the_last_day_is_in_time_to_its_end_where_the_person_lives(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    asked(workspace, "access")
    assert not due(workspace, datetime(2026, 12, 23, 22, 59, tzinfo=UTC))[0].overdue
    assert due(workspace, datetime(2026, 12, 23, 23, 0, tzinfo=UTC))[0].overdue


def test_a_calendar_that_is_gone_is_said_and_nothing_is_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _ = office(tmp_path)
    case = searched(workspace, asked(workspace).case)
    monkeypatch.setattr("ombud.law.calendar.calendars", lambda: ())
    monkeypatch.setattr(
        "ombud.rights.request_clocks.calendar", __import__("ombud.law.calendar", fromlist=["x"]).calendar.__wrapped__
    )
    told = clock_of(case)
    assert told.day is None and "calendar not found" in told.problem
