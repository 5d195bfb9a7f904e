import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from ombud.decisions.audit import audit
from ombud.decisions.batch import anchor
from ombud.decisions.commit import root_over
from ombud.decisions.errors import Differs
from ombud.decisions.hold import add_hold, end_hold
from ombud.decisions.intake import between, enrol, find, label, labels_of, of_alias, record, record_one
from ombud.decisions.proof import check_proof
from ombud.decisions.removal import erase_person, purge
from ombud.decisions.retention import Retention
from ombud.errors import Misused, NotFound
from ombud.store.decided import micros
from ombud.store.decided.tables import BATCHES, DECISIONS
from ombud.store.people import Listed
from ombud.store.workspace import Workspace
from ombud.system.duration import Duration
from recorded import AT, PLATFORM, bank, decision, decisions, person


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path)


def test_a_decision_is_kept_once_and_found_again(workspace: Workspace) -> None:
    first = record(workspace, "mortgage", decisions(20), PLATFORM)
    again = record(workspace, "mortgage", decisions(25), PLATFORM)
    assert (first.new, first.same, first.batches) == (20, 0, 1)
    assert (again.new, again.same, again.batches) == (5, 20, 1)
    found = find(workspace, "mortgage", "A-7")
    assert found.decision == decision(7) and found.alias is None and found.received_at is not None


def test_another_content_under_a_known_number_is_refused_by_commitments_and_overwrites_nothing(
    workspace: Workspace,
) -> None:
    record_one(workspace, decision(1), None)
    with pytest.raises(Differs) as refused:
        record_one(workspace, decision(1, score=0.9), None)
    assert "A-1" not in str(refused.value) and find(workspace, "mortgage", "A-1").decision == decision(1)


def test_of_one_number_twice_in_one_batch_the_first_counts(workspace: Workspace) -> None:
    receipt = record(workspace, "mortgage", [decision(1), decision(1), decision(1, score=0.9)], None)
    assert (receipt.new, receipt.same, [one.index for one in receipt.differ]) == (1, 1, [2])


def test_decisions_are_read_by_time_whatever_the_order_they_came_in(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(30)[::-1], None)
    found = [one.decision.id for one in between(workspace, "mortgage", AT + timedelta(minutes=5), decision(9).at)]
    assert found == ["A-5", "A-6", "A-7", "A-8"]


def test_a_decision_from_the_future_is_flagged_and_kept(workspace: Workspace) -> None:
    now = workspace.context.clock.now()
    receipt = record(workspace, "mortgage", [decision(1, at=now + timedelta(hours=1)), decision(2)], None)
    assert (receipt.new, receipt.ahead) == (2, 1)


def test_what_is_not_here_is_not_named(workspace: Workspace) -> None:
    with pytest.raises(NotFound) as missing:
        find(workspace, "mortgage", "Ann Example")
    assert "Ann" not in str(missing.value)
    with pytest.raises(Misused):
        record(workspace, "other", [decision(1)], None)


def test_nobody_is_named_in_the_log(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(5), PLATFORM)
    said = b"".join(entry.envelope.payload for entry in workspace.ledger.log().entries)
    assert b"C-1" not in said and b"A-1" not in said and b"customer_id" not in said


def test_labels_wait_for_their_decision_and_the_newest_counts(workspace: Workspace) -> None:
    record(workspace, "mortgage", [decision(1)], None)
    assert label(workspace, "mortgage", [("A-1", "1", None), ("A-2", "0", None)]).waiting == 1
    assert label(workspace, "mortgage", [("A-1", "1", None)]).new == 0
    assert label(workspace, "mortgage", [("A-1", "0", None)]).new == 1
    record(workspace, "mortgage", [decision(2)], None)
    assert labels_of(workspace, "mortgage", ["A-1", "A-2"]) == {"A-1": "0", "A-2": "0"}
    assert workspace.decided.labels_waiting("mortgage") == 0


# --- proofs and tampering ---------------------------------------------------------------------------------------------


def test_a_proof_shows_a_decision_to_whoever_holds_a_checkpoint(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(9), PLATFORM)
    for number in range(9):
        proof = json.loads(json.dumps(find(workspace, "mortgage", f"A-{number}").proof(workspace)))
        assert check_proof(proof) is None
        assert check_proof({**proof, "decision": proof["decision"].replace("unfav", "fav")}) is not None
        assert check_proof({**proof, "salt": "00" * 16}) is not None
        assert check_proof({**proof, "batch": {**proof["batch"], "index": (number + 1) % 9}}) is not None
    assert check_proof({}) is not None and check_proof({"decision": 7, "salt": None}) is not None


def test_a_decision_that_the_log_does_not_hold_yet_has_no_proof(workspace: Workspace) -> None:
    record(workspace, "mortgage", [decision(1)], None)
    with pytest.raises(NotFound):
        find(workspace, "mortgage", "A-1").proof(workspace)
    anchor(workspace, PLATFORM)
    assert check_proof(find(workspace, "mortgage", "A-1").proof(workspace)) is None


def test_a_batch_that_was_kept_and_not_signed_is_signed_by_the_next_call(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(3), PLATFORM)
    with workspace.ledger.database.writing() as connection:
        connection.execute(update(BATCHES).values(entry=None))  # signed, and cut off before it was marked
    size = workspace.ledger.size
    anchor(workspace, PLATFORM)
    assert workspace.ledger.size == size and workspace.decided.batches()[0].entry == size - 1


CHANGES = {
    "it was changed": lambda rows: update(rows).where(rows.c.number == 3).values(content=b"{}"),
    "filed under a wrong name": lambda rows: update(rows).where(rows.c.number == 3).values(at=0),
    "changed together with its commitment": (
        lambda rows: update(rows).where(rows.c.number == 3).values(commitment=b"c" * 32)
    ),
    "row 3: taken away": lambda rows: delete(rows).where(rows.c.number == 3),
    "rows 8 to 9: taken away": lambda rows: delete(rows).where(rows.c.number > 7),
    "no removal says so": lambda rows: update(rows).where(rows.c.number == 3).values(content=None),
    "no removal on record": lambda rows: update(rows).where(rows.c.number == 3).values(
        id=None, at=None, person=None, content=None, salt=None, removal=4
    ),
}  # fmt: skip


@pytest.mark.parametrize("told", CHANGES)
def test_what_is_changed_behind_our_back_is_named(workspace: Workspace, told: str) -> None:
    record(workspace, "mortgage", decisions(9), PLATFORM)
    assert audit(workspace, "mortgage").whole
    with workspace.ledger.database.writing() as connection:
        connection.execute(CHANGES[told](DECISIONS))
    assert any(told in problem for problem in audit(workspace, "mortgage").problems)


def test_a_row_that_is_put_in_is_told(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(3), PLATFORM)
    row = {"system": "mortgage", "number": 9, "id": "A-9", "at": 0, "received_at": 0, "content": b"{}",
           "salt": b"s" * 16, "commitment": b"c" * 32}  # fmt: skip
    with workspace.ledger.database.writing() as connection:
        connection.execute(insert(DECISIONS), [row])
    problems = audit(workspace, "mortgage").problems
    assert any("taken away" in one for one in problems) and any("row 9" in one for one in problems)


def test_a_batch_that_is_gone_is_told_by_the_log(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(3), PLATFORM)
    with workspace.ledger.database.writing() as connection:
        connection.execute(delete(BATCHES))
        connection.execute(delete(DECISIONS))
    assert "the log holds this batch" in audit(workspace, "mortgage").problems[0]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(12)), cuts=st.lists(st.integers(0, 12), max_size=3), repeats=st.integers(0, 11))
def test_late_doubled_and_disordered_rows_are_kept_once_each(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: list[int], repeats: int
) -> None:
    workspace = bank(tmp_path_factory.mktemp("bank"))
    edges = [0, *sorted(cuts), 12]
    for start, end in pairwise(edges):
        part = [decision(number) for number in [*order[start:end], *order[:repeats]]]
        record(workspace, "mortgage", part, PLATFORM)
    found = [one.decision for one in between(workspace, "mortgage")]
    assert found == decisions(12) and audit(workspace, "mortgage").anchored == 12


# --- erasure ----------------------------------------------------------------------------------------------------------

NOTHING = {"mortgage": Retention()}


def test_an_erased_person_is_gone_and_everybody_elses_proofs_stay_whole(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(30), PLATFORM)
    label(workspace, "mortgage", [("A-3", "1", None)])
    before = find(workspace, "mortgage", "A-4").proof(workspace)
    alias = enrol(workspace, find(workspace, "mortgage", "A-3"))
    assert len(of_alias(workspace, alias)) == 3
    done = erase_person(workspace, alias, holder=PLATFORM, retentions=NOTHING)
    assert (done.count, done.kept, done.signed) == (3, 0, True)
    assert of_alias(workspace, alias) == () and workspace.decided.count("mortgage") == 27
    assert labels_of(workspace, "mortgage", ["A-3"]) == {}
    stored = b"".join(path.read_bytes() for path in (workspace.root / ".ombud").glob("ombud.db*"))
    assert b"A-13" not in stored and b'"value":"C-3"' not in stored
    assert check_proof(before) is None
    assert check_proof(find(workspace, "mortgage", "A-4").proof(workspace)) is None
    found = audit(workspace, "mortgage")
    assert found.whole and (found.removed, found.rows) == (3, 30)


def test_a_removal_without_a_signer_waits_for_the_next_drain(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(10), PLATFORM)
    alias = enrol(workspace, find(workspace, "mortgage", "A-3"))
    assert not erase_person(workspace, alias, retentions=NOTHING).signed
    assert audit(workspace, "mortgage").remarks
    anchor(workspace, PLATFORM)
    assert audit(workspace, "mortgage").whole and not audit(workspace, "mortgage").remarks


def test_the_erased_do_not_come_back_from_an_old_file_and_may_come_anew(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(10), PLATFORM)
    alias = enrol(workspace, find(workspace, "mortgage", "A-3"))
    workspace.people.enlist(
        Listed(alias=alias, list="erased", law="gdpr", since=AT.date() + timedelta(days=1), case="R-ABCDEF")
    )
    erase_person(workspace, alias, retentions=NOTHING)
    receipt = record(workspace, "mortgage", [*decisions(10), decision(3, id="A-99", at=AT + timedelta(days=9))], None)
    assert (receipt.new, receipt.same, receipt.erased) == (1, 9, 1)


def test_what_is_held_stays_with_its_ground_and_goes_once_the_hold_ends(workspace: Workspace) -> None:
    record(workspace, "mortgage", decisions(30), PLATFORM)
    one = find(workspace, "mortgage", "A-13")
    alias = enrol(workspace, one)
    hold = add_hold(workspace, PLATFORM, ground="claim of a customer", commitment=one.commitment)
    kept = erase_person(workspace, alias, holder=PLATFORM, retentions=NOTHING)
    assert (kept.count, dict(kept.held)) == (2, {f"legal hold {hold.number}": 1})
    said = b"".join(entry.envelope.payload for entry in workspace.ledger.log().entries)
    assert b"claim of a customer" not in said and hold.number.encode() in said
    end_hold(workspace, PLATFORM, hold.number)
    assert erase_person(workspace, alias, holder=PLATFORM, retentions=NOTHING).count == 1
    with pytest.raises(NotFound):
        end_hold(workspace, PLATFORM, hold.number)


def test_a_system_that_nobody_declared_may_be_under_any_law_so_nothing_of_it_is_erased_in_doubt(
    workspace: Workspace,
) -> None:
    now = workspace.context.clock.now()
    record(workspace, "mortgage", [decision(1, at=now - timedelta(days=3))], None)
    done = erase_person(workspace, enrol(workspace, find(workspace, "mortgage", "A-1")))
    assert done.count == 0 and any("declare" in one for one in done.undecided)


def test_what_lies_in_the_spool_is_erased_too(workspace: Workspace) -> None:
    from ombud.decisions import Recorder

    Recorder.at(workspace.root, "mortgage").record_all(decisions(10))
    alias = workspace.people.enrol([person(3)])
    assert erase_person(workspace, alias, retentions=NOTHING).count == 1
    assert list((workspace.root / ".ombud" / "spool").glob("*.spool")) == []


def test_only_what_is_past_its_time_and_held_by_nobody_is_purged(workspace: Workspace) -> None:
    now = workspace.context.clock.now()
    old = [decision(number, at=now - timedelta(days=400)) for number in range(4)]
    record(workspace, "mortgage", [*old, decision(9, at=now)], PLATFORM)
    add_hold(workspace, PLATFORM, ground="audit", alias=enrol(workspace, find(workspace, "mortgage", "A-2")))
    keep = Retention(ceiling=Duration(12, "m"))
    done = purge(workspace, "mortgage", keep, PLATFORM)
    assert (done.count, done.held) == (3, 1) and workspace.decided.count("mortgage") == 2
    assert audit(workspace, "mortgage").whole
    assert purge(workspace, "mortgage", Retention(), PLATFORM).count == 0


def test_a_hold_holds_within_its_days(workspace: Workspace) -> None:
    record(workspace, "mortgage", [decision(1)], None)
    hold = add_hold(workspace, PLATFORM, ground="audit", system="mortgage", until=date(2999, 1, 1))
    assert hold.holds(hold.since) and not hold.holds(date(2999, 1, 2))
    with pytest.raises(Misused):
        add_hold(workspace, PLATFORM, ground="audit")
    with pytest.raises(Misused):
        add_hold(workspace, PLATFORM, ground=" ", system="mortgage")


def test_times_are_exact_to_the_microsecond() -> None:
    assert micros(AT + timedelta(microseconds=1)) - micros(AT) == 1
    assert root_over([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
