"""Steps in the ledger: what counts, what is ignored, and who wins a race."""

from pathlib import Path
from random import Random

import pytest
from attrs import evolve

from asked import ANN, OFFICER, asked, office, proved, take
from ombud import __version__
from ombud.cases import NotAllowed, Overtaken, case_number, cases_of, open_case, steps, the_case
from ombud.errors import Misused, NotFound
from ombud.evidence.errors import Refused
from ombud.evidence.statement import Statement, Subject
from ombud.rights.request import REQUESTS
from ombud.store.workspace import Workspace, open_workspace

RECEIVED = {
    "received_at": "2026-11-23T09:00:00.000000Z", "right": "erasure", "laws": ["gdpr"], "channel": "web",
    "identity": "if-doubted",
}  # fmt: skip


def raw(workspace: Workspace, case: str, event: str, after: str | None, details: dict[str, object]) -> None:
    """A statement put into the log past every service."""
    predicate = {
        "case": case, "matter": "rights-request", "event": event, "alias": None, "after": after, "details": details,
        "organisation": True, "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    workspace.ledger.append([workspace.sign(Statement((Subject(case),), "case", predicate), OFFICER)])


def test_a_case_is_what_its_steps_add_up_to(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = open_case(workspace, REQUESTS, RECEIVED, OFFICER, alias="0" * 32)
    clock.pass_by(60)
    proved(workspace, case)
    read = the_case(open_workspace(tmp_path).ledger.log(), REQUESTS, case.id)
    assert (read.state, read.alias, [one.event for one in read.steps]) == (
        "verified",
        "0" * 32,
        ["received", "verified"],
    )
    assert read.steps[1].holder == OFFICER and read.steps[1].at == clock.now()
    assert cases_of(workspace.ledger.log(), REQUESTS) == (read,)


def test_of_two_steps_from_one_head_the_first_counts_and_the_second_is_told_and_changes_nothing(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = open_case(workspace, REQUESTS, RECEIVED, OFFICER)
    raw(workspace, case.id, "withdrawn", case.head, {"on": "2026-11-23"})
    raw(workspace, case.id, "verified", case.head, {"method": "attested"})
    read = the_case(workspace.ledger.log(), REQUESTS, case.id)
    assert read.state == "withdrawn" and len(read.steps) == 2
    assert [(one.event, one.because) for one in read.ignored] == [("verified", "another step came first")]


def test_who_loses_a_race_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, _ = office(tmp_path)
    case = open_case(workspace, REQUESTS, RECEIVED, OFFICER)
    other, honest = open_workspace(tmp_path, clock=workspace.context.clock), steps._statement

    def overtaken(*arguments: object) -> Statement:
        monkeypatch.setattr(steps, "_statement", honest)
        take(other, case, "withdrawn", on="2026-11-23")
        return honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(steps, "_statement", overtaken)
    with pytest.raises(Overtaken, match="another step came first"):
        proved(workspace, case)
    assert the_case(workspace.ledger.log(), REQUESTS, case.id).state == "withdrawn"


def test_a_statement_that_breaks_the_table_or_a_guard_does_not_count_even_when_it_is_signed(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = open_case(workspace, REQUESTS, RECEIVED, OFFICER)
    raw(workspace, case.id, "fulfilled", case.head, {})
    raw(workspace, case.id, "verified", case.head, {"method": "not-required"})
    raw(workspace, case.id, "verified", case.head, {"method": ["attested"]})
    raw(workspace, case.id, "received", case.head, dict(RECEIVED))
    read = the_case(workspace.ledger.log(), REQUESTS, case.id)
    assert read.state == "received" and len(read.ignored) == 4


@pytest.mark.parametrize("details", [None, [], "x", {"outcomes": [[]]}, {"decisions": {"law": 1}}])
def test_hostile_details_never_break_the_reading_of_the_log(tmp_path: Path, details: object) -> None:
    workspace, _ = office(tmp_path)
    case = open_case(workspace, REQUESTS, RECEIVED, OFFICER)
    for event in (*REQUESTS.events, "dream"):
        raw(workspace, case.id, event, case.head, details)  # type: ignore[arg-type]
    assert len(the_case(workspace.ledger.log(), REQUESTS, case.id).steps) <= 2


def test_a_revoked_step_is_gone_and_the_case_goes_on_from_before_it(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = proved(workspace, open_case(workspace, REQUESTS, RECEIVED, OFFICER))
    clock.pass_by(60)
    predicate = {
        "entries": [case.head], "reason": "mistaken", "organisation": True, "observed_at": workspace.now(),
        "software": {"ombud": __version__},
    }  # fmt: skip
    revoked = Statement((Subject("entry", case.head),), "revocation", predicate)
    workspace.ledger.append([workspace.sign(revoked, OFFICER)])
    assert the_case(workspace.ledger.log(), REQUESTS, case.id).state == "received"
    assert proved(workspace, case).state == "verified"


def test_nothing_that_a_step_has_no_place_for_is_written(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case, size = open_case(workspace, REQUESTS, RECEIVED, OFFICER), workspace.ledger.size
    with pytest.raises(NotAllowed, match="no place for 1") as refused:
        take(workspace, case, "verified", method="attested", name="Ann")
    assert refused.value.next_step == f"See where it stands: ombud rights show {case.id}"
    with pytest.raises(NotAllowed, match="is not one of"):
        take(workspace, case, "verified", method="Ann Example")
    assert workspace.ledger.size == size
    assert take(workspace, case, "verified", method="attested").state == "verified"


def test_a_number_that_is_taken_is_drawn_again(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    same = evolve(workspace, context=evolve(workspace.context, random=Random(7)))
    first = open_case(same, REQUESTS, RECEIVED, OFFICER)
    again = evolve(workspace, context=evolve(workspace.context, random=Random(7)))
    second = open_case(again, REQUESTS, RECEIVED, OFFICER)
    assert first.id != second.id and first.id[:2] == second.id[:2] == "R-"


def test_numbers_are_read_as_people_write_them() -> None:
    assert case_number(" r-7f3a2c ", REQUESTS) == "R-7F3A2C"
    assert case_number("R-OIL111", REQUESTS) == "R-011111"


@pytest.mark.parametrize(
    "typed", ["", "ann@example.org", "R-7F3A2", "R-7F3A2CC", "C-7F3A2C", "R-7F3A2U", "R-\x1b[2J00", "R-" + "0" * 10**6]
)
def test_what_is_no_number_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(Misused) as refused:
        case_number(typed, REQUESTS)
    assert str(refused.value) == "that is no number of a case"


def test_a_number_that_nobody_opened_is_not_found(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    with pytest.raises(NotFound, match="R-000000"):
        the_case(workspace.ledger.log(), REQUESTS, "R-000000")


def test_a_key_that_may_not_sign_cases_opens_none(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    workspace.add_key("engineer", ("ml",))
    with pytest.raises(Refused):
        open_case(workspace, REQUESTS, RECEIVED, "engineer")
    assert cases_of(workspace.ledger.log(), REQUESTS) == ()


def test_the_log_holds_an_alias_and_nothing_of_the_person(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, name="Ann Example", contact="1 Road", words="Delete me").case
    leaves = b"".join(entry.envelope.payload for entry in workspace.ledger.log().entries)
    for private in (ANN.value, "Ann Example", "1 Road", "Delete me"):
        assert private.encode() not in leaves
    assert case.alias is not None and case.alias.encode() in leaves
    assert workspace.people.kept(case.id) == {"name": "Ann Example", "contact": "1 Road", "words": "Delete me"}
