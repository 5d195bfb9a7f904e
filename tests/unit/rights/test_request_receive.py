"""Receiving a request: which laws, when, who it is about, and whether they asked before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asked import ANN, BUSINESS, OFFICER, TODAY, asked, office, take
from ombud.cases import cases_of
from ombud.errors import Misused, NotFound
from ombud.law.requests import LAWS, RIGHTS
from ombud.rights.receive import receive
from ombud.rights.request import REQUESTS, Request
from ombud.rights.request_clocks import clocks
from ombud.store.identity import Identity


def test_a_person_under_two_laws_gets_both_and_each_has_its_own_clock(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, "erasure", "DE US-CA", facts=BUSINESS).case
    days = {(one.law, one.what): one.day.isoformat() for one in clocks(case) if one.counts and one.day}
    assert days == {
        ("gdpr", "answer"): "2026-12-23", ("ccpa", "acknowledgement"): "2026-12-09", ("ccpa", "answer"): "2027-01-07",
    }  # fmt: skip


def test_a_right_that_only_one_of_two_laws_gives_is_taken_under_that_one(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    assert asked(workspace, "restriction", "DE US-CA").case.opened["laws"] == ["gdpr"]
    assert asked(workspace, "opt-out-sale", "DE US-CA").case.opened["laws"] == ["ccpa"]


def test_a_right_that_no_law_gives_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    with pytest.raises(Misused, match="no law known here gives opt-out-sale") as refused:
        asked(workspace, "opt-out-sale", "DE")
    assert "objection" in refused.value.next_step
    with pytest.raises(Misused, match="no law known here"):
        asked(workspace, "access", "JP")
    with pytest.raises(Misused, match=r"not owed yet there.*2027-01-01"):
        asked(workspace, "opt-out-decisions", "US-CA")
    assert cases_of(workspace.ledger.log(), REQUESTS) == ()


def test_the_opt_out_of_decisions_is_taken_from_the_day_on_which_it_is_owed(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path, datetime(2027, 1, 1, 20, 0, tzinfo=UTC))
    assert asked(workspace, "opt-out-decisions", "US-CA").case.opened["laws"] == ["ccpa"]


def test_a_request_from_the_past_is_taken_and_one_from_the_future_is_not(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    assert asked(workspace, received=TODAY - timedelta(days=40)).case.state == "received"
    assert asked(workspace, received=TODAY).case.state == "received"
    with pytest.raises(Misused, match="still to come"):
        asked(workspace, received=TODAY + timedelta(seconds=1))
    with pytest.raises(Misused, match="no offset"):
        asked(workspace, received=datetime(2026, 11, 20))  # noqa: DTZ001


def test_who_asks_again_is_recognised_and_a_person_decides_what_it_means(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    first = asked(workspace, "access").case
    clock.pass_by(60)
    other = asked(workspace, "erasure")
    clock.pass_by(60)
    again = asked(workspace, "access", identities=(Identity("email", "ANN@example.org"), Identity("customer_id", "7")))
    assert (other.repeats, other.beside) == ((), (first.id,))
    assert (again.repeats, again.beside) == ((first.id,), (first.id, other.case.id))
    assert again.case.alias == first.alias and again.case.opened["repeats"] == [first.id]
    assert any("you decide" in one for one in again.remarks)


def test_a_withdrawn_request_is_still_a_repetition_but_lies_no_longer_beside(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    first = asked(workspace, "access").case
    take(workspace, first, "withdrawn", on="2026-11-23")
    again = asked(workspace, "access", channel="phone")
    assert (again.repeats, again.beside) == ((first.id,), ())


def test_somebody_else_is_no_repetition(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    first = asked(workspace, "access").case
    other = asked(workspace, "access", identities=(Identity("email", "ben@example.org"),))
    assert other.repeats == other.beside == () and other.case.alias != first.alias


def test_identities_of_two_people_make_no_request(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    asked(workspace, "access")
    asked(workspace, "access", identities=(Identity("email", "ben@example.org"),))
    with pytest.raises(Misused) as refused:
        asked(workspace, "access", identities=(ANN, Identity("email", "ben@example.org")))
    assert "ann" not in str(refused.value) and "ben" not in str(refused.value)


def test_what_is_unsure_is_taken_as_applying_and_said(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    unsure, sure = asked(workspace, "access", "US-CA"), asked(workspace, "erasure", "US-CA", facts=BUSINESS)
    assert [dict(row) for row in unsure.case.opened["unsure"]] == [
        {"law": "ccpa", "missing": ["ccpa_threshold", "role"]}
    ]
    assert any("taken as applying" in one for one in unsure.remarks)
    assert "unsure" not in sure.case.opened


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"minor": True}, "Art. 8"),
        ({"deceased": True}, "Recital 27"),
        ({"agent": "lawyer"}, "may speak for the person"),
    ],
)
def test_minors_the_dead_and_agents_are_told_with_what_the_law_says_of_them(
    tmp_path: Path, more: dict[str, object], said: str
) -> None:
    workspace, _ = office(tmp_path)
    assert any(said in one for one in asked(workspace, "access", **more).remarks)
    assert not any(said in one for one in asked(workspace, "erasure").remarks)


@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_can_be_asked_for_somewhere(tmp_path: Path, right: str) -> None:
    workspace, _ = office(tmp_path, datetime(2027, 6, 1, 12, 0, tzinfo=UTC))
    case = asked(workspace, right, "DE GB US-CA US-CO", facts=BUSINESS).case
    assert case.opened["laws"] and set(case.opened["laws"]) <= set(LAWS)


@pytest.mark.parametrize(
    "wrong",
    [{"right": "everything"}, {"channel": "pigeon"}, {"agent": "friend"}, {"scope": "all"}, {"words": "x" * 100_001},
     {"name": "a\0b"}],
)  # fmt: skip
def test_words_that_are_not_on_the_lists_and_notes_without_end_are_refused(wrong: dict[str, str]) -> None:
    good = {"right": "access", "lives": ("DE",), "identities": (ANN,)}
    assert Request(**good, words="x" * 100_000)  # type: ignore[arg-type]
    with pytest.raises(Misused) as refused:
        Request(**good | wrong)  # type: ignore[arg-type]
    assert "pigeon" not in str(refused.value)


def test_a_request_shown_in_an_error_shows_nothing_of_the_person() -> None:
    request = Request(right="access", lives=("DE",), identities=(ANN,), name="Ann", contact="Road", words="please")
    assert not any(word in repr(request) for word in ("ann@", "Ann", "Road", "please"))


def test_timezone_and_calendar_can_be_chosen_and_a_wrong_one_is_told_before_anything_is_written(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    plain = asked(workspace, "access", "US-CA", calendar="none", facts=BUSINESS).case
    assert [one.day.isoformat() for one in clocks(plain) if one.what == "acknowledgement" and one.day] == ["2026-12-07"]
    for wrong in ({"timezone": "Mars/Base"}, {"calendar": "XX"}):
        with pytest.raises(Exception, match=r"Mars|XX"):
            asked(workspace, "erasure", "DE", **wrong)
    assert len(cases_of(workspace.ledger.log(), REQUESTS)) == 1


def test_a_receipt_that_fails_keeps_nothing_of_a_person_who_was_not_known_before(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    request = Request(right="access", lives=("DE",), identities=(ANN,))
    with pytest.raises(NotFound):
        receive(workspace, request, "nobody")
    assert workspace.people.alias_of(ANN) is None
    known = receive(workspace, request, OFFICER).case.alias
    with pytest.raises(NotFound):
        receive(workspace, request, "nobody")
    assert workspace.people.alias_of(ANN) == known
