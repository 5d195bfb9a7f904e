from pathlib import Path

import pytest

from ledgers import COUNTS, START, Clock, at, says
from ombud.errors import Misused, NotFound
from ombud.evidence.canonical import digest
from ombud.evidence.checkpoint import Checkpoint
from ombud.evidence.dsse import Envelope, sign
from ombud.evidence.entry import CLOCK_BEHIND
from ombud.evidence.errors import LedgerBroken, Refused
from ombud.evidence.keys import PublicKey
from ombud.evidence.kinds import LOG
from ombud.evidence.statement import Statement, Subject
from ombud.evidence.tree import extends, includes
from ombud.statistics.cube import Cube
from ombud.store.workers import examine_in_parallel
from ombud.store.workspace import Workspace, create_workspace, open_workspace

HOLDERS = {"ml": (("ml",), None), "dpo": (("dpo",), None)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(tmp_path: Path, clock: Clock) -> Workspace:
    return create_workspace(tmp_path / "work", HOLDERS, clock=clock)


def measured(workspace: Workspace, number: int, holder: str = "ml", kind: str = "measurement") -> Envelope:
    predicate = {
        "check": "c", "measurements": [{"n": number}], "item": "document:dpia", "says": "done",
        "observed_at": workspace.now(), "system": "mortgage", "software": {"ombud": "0"},
    }  # fmt: skip
    return workspace.sign(Statement((Subject("mortgage"),), kind, predicate), holder)


def test_a_new_workspace_begins_with_its_root_key_its_log_key_and_its_holders(workspace: Workspace) -> None:
    log = workspace.ledger.log()
    assert [e.statement.predicate["holder"] for e in log.trusted("key")] == ["root", "log", "ml", "dpo"]
    assert workspace.holders() == ["dpo", "log", "ml", "root"] and workspace.holders(("dpo",)) == ["dpo"]


def test_what_was_appended_is_read_back_in_order_with_its_signer(workspace: Workspace) -> None:
    appended = workspace.ledger.append([measured(workspace, 1), measured(workspace, 2)])
    found = open_workspace(workspace.root).ledger.log().trusted("measurement")
    assert found == appended
    assert [entry.index for entry in found] == [4, 5]
    assert {entry.signer.person for entry in found if entry.signer} == {"ml"}
    assert workspace.ledger.entry(4) == found[0]


def test_an_entry_that_there_is_not_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.ledger.entry(4)


def test_a_batch_is_taken_whole_or_not_at_all(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="ml may not sign attestation"):
        workspace.ledger.append([measured(workspace, 1), measured(workspace, 2, kind="attestation")], [COUNTS])
    assert workspace.ledger.size == 4
    with pytest.raises(NotFound):
        workspace.ledger.cube(digest(COUNTS.to_json()))


def test_a_stranger_is_refused(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="not in the keyring"):
        workspace.ledger.append([says("stranger", "measurement", {"check": "c", "measurements": []})])


def test_a_forged_signature_from_outside_is_refused(workspace: Workspace) -> None:
    good = measured(workspace, 1)
    with pytest.raises(Refused, match="was not made with key"):
        workspace.ledger.append([Envelope(good.payload, good.key_id, bytes(64))])
    assert workspace.ledger.append([Envelope.from_json(good.to_json())])[0].index == 4


def test_bytes_that_are_no_statement_are_refused(workspace: Workspace) -> None:
    good = measured(workspace, 1)
    with pytest.raises(Refused):
        workspace.ledger.append([Envelope(good.payload + b" ", good.key_id, good.signature)])


def test_the_same_statement_is_taken_once(workspace: Workspace) -> None:
    envelope = measured(workspace, 1)
    workspace.ledger.append([envelope])
    with pytest.raises(Refused, match="already, as entry 4"):
        workspace.ledger.append([envelope])
    with pytest.raises(Refused, match="twice in one batch"):
        workspace.ledger.append([measured(workspace, 2), measured(workspace, 2)])


def test_one_key_under_two_names_is_refused(workspace: Workspace) -> None:
    public = workspace.context.keys.load("ml").public
    with pytest.raises(Refused, match="one key under two names"):
        workspace.introduce("twin", public, ("dpo",))
    assert workspace.ledger.size == 4


def test_a_rotated_key_signs_for_the_same_person_and_the_old_one_no_more(workspace: Workspace) -> None:
    old = workspace.context.keys.load("ml")
    workspace.rotate_key("ml")
    assert workspace.ledger.append([measured(workspace, 1)])[0].index == 5
    with pytest.raises(Refused, match="rotated"):
        workspace.ledger.append([sign(workspace.ledger.entry(5).statement, old)])


def test_a_retired_key_is_refused_and_told_why(workspace: Workspace) -> None:
    workspace.end_key("retire", workspace.find_key("ml"))
    with pytest.raises(Refused, match="of ml may not sign any more: retired"):
        workspace.ledger.append([measured(workspace, 1)])
    assert workspace.holders() == ["dpo", "log", "root"]


def test_a_holder_that_the_log_refuses_leaves_no_key_behind(workspace: Workspace) -> None:
    workspace.context.keys.path("root").unlink()
    with pytest.raises(NotFound):
        workspace.add_key("new", ("ml",))
    assert not workspace.context.keys.has("new")


def test_received_at_rises_strictly_even_on_a_clock_that_stands_still(workspace: Workspace) -> None:
    workspace.ledger.append([measured(workspace, n) for n in range(5)])
    times = [entry.received_at for entry in workspace.ledger.log().entries]
    assert times == sorted(set(times))
    assert not any(entry.flags for entry in workspace.ledger.log().entries)


def test_a_clock_set_back_is_flagged_and_reorders_nothing(workspace: Workspace, clock: Clock) -> None:
    clock.pass_by(100)
    first = workspace.ledger.append([measured(workspace, 1)])[0]
    clock.pass_by(-3600)
    second = workspace.ledger.append([measured(workspace, 2)])[0]
    assert (first.received_at, second.received_at) == (at(100), at(100.000001))
    assert (first.flags, second.flags) == ((), (CLOCK_BEHIND,))


def test_a_clock_a_day_ahead_flags_what_follows_until_time_has_caught_up(workspace: Workspace, clock: Clock) -> None:
    clock.pass_by(86_400)
    workspace.ledger.append([measured(workspace, 1)])
    clock.time = START
    clock.pass_by(60)
    assert workspace.ledger.append([measured(workspace, 2)])[0].flags == (CLOCK_BEHIND,)
    clock.pass_by(86_400)
    last = workspace.ledger.append([measured(workspace, 3)])[0]
    assert (last.flags, last.received_at) == ((), at(86_460))


def test_cubes_are_kept_by_digest_and_once(workspace: Workspace) -> None:
    name = workspace.ledger.put_cube(COUNTS)
    assert name == digest(COUNTS.to_json()) == workspace.ledger.put_cube(COUNTS)
    assert workspace.ledger.cube(name) == COUNTS
    with pytest.raises(NotFound):
        workspace.ledger.cube("0" * 64)


def test_cubes_come_in_with_the_statement_that_names_them(workspace: Workspace) -> None:
    other = Cube(("a",), {("x",): 1})
    workspace.ledger.append([measured(workspace, 1)], [COUNTS, other])
    assert workspace.ledger.cube(digest(other.to_json())) == other


def test_every_entry_and_every_earlier_size_is_proven(workspace: Workspace) -> None:
    ledger = workspace.ledger
    roots = [ledger.root()]
    for number in range(9):
        ledger.append([measured(workspace, number)])
        roots.append(ledger.root())
    size = ledger.size
    for entry in ledger.log().entries:
        assert includes(entry.leaf_hash, entry.index, *ledger.inclusion(entry.index), roots[-1])
    for old, root in enumerate(roots, start=4):
        assert ledger.root(old) == root
        assert extends(old, root, size, roots[-1], ledger.consistency(old)[1])
    with pytest.raises(Misused):
        ledger.inclusion(size)


def test_the_anchor_holds_a_signed_checkpoint_of_every_append(workspace: Workspace) -> None:
    ledger = workspace.ledger
    ledger.append([measured(workspace, 1)])
    note = ledger.anchor.path.read_text()
    assert note == ledger.checkpoint()
    found = Checkpoint.read(note)
    assert (found.size, found.root) == (5, ledger.root())
    assert found.signed_by([PublicKey(workspace.context.keys.load(LOG).public)]) is not None
    assert [past.size for past in ledger.anchor.all()] == [0, 2, 3, 4, 5]


def test_appending_nothing_changes_nothing(workspace: Workspace) -> None:
    before = workspace.ledger.checkpoint()
    assert workspace.ledger.append([]) == ()
    assert workspace.ledger.checkpoint() == before


def test_a_log_that_is_read_between_appends_is_that_of_a_fresh_reader(workspace: Workspace) -> None:
    for number in range(3):
        workspace.ledger.append([measured(workspace, number)])
        mine, fresh = workspace.ledger.log(), open_workspace(workspace.root).ledger.log()
        assert mine.trusted() == fresh.trusted() and mine.root == fresh.root


def test_what_another_process_appended_is_seen(workspace: Workspace) -> None:
    workspace.ledger.log()
    other = open_workspace(workspace.root)
    other.ledger.append([measured(workspace, 1)])
    other.add_key("new", ("ml",))
    assert len(workspace.ledger.log().trusted()) == 6
    assert workspace.ledger.append([measured(workspace, 2, "new")])[0].index == 6


def test_making_a_workspace_again_completes_it(workspace: Workspace) -> None:
    again = create_workspace(workspace.root, {**HOLDERS, "owner": (("owner",), None)})
    assert again.ledger.root_key == workspace.ledger.root_key
    assert [e.statement.predicate["holder"] for e in again.ledger.log().trusted("key")][-1] == "owner"
    assert again.ledger.size == 5


def test_verification_in_processes_says_what_verification_here_says(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ombud.evidence.entry import examine
    from ombud.evidence.keyring import shown_key
    from ombud.store import workers

    monkeypatch.setattr(workers, "FEWEST", 1)
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 3)
    workspace.ledger.append([measured(workspace, n) for n in range(20)])
    log = workspace.ledger.log()
    publics = {e.statement.predicate["key_id"]: shown_key(e.statement.predicate) or b"" for e in log.trusted("key")}
    forged = [
        e if e.index != 7 else type(e).at(7, e.received_at, Envelope(e.envelope.payload, e.envelope.key_id, bytes(64)))
        for e in log.entries
    ]
    assert tuple(examine_in_parallel(forged, publics)) == examine(forged, publics)
    assert [seen.signed for seen in examine_in_parallel(forged, publics)].count(False) == 1


def test_full_verification_of_a_whole_log_says_nothing(workspace: Workspace) -> None:
    workspace.ledger.append([measured(workspace, 1)])
    assert len(workspace.ledger.verify().trusted()) == 5


def test_a_store_without_a_checkpoint_file_is_not_believed_until_it_is_renewed(workspace: Workspace) -> None:
    workspace.ledger.anchor.path.unlink()
    with pytest.raises(LedgerBroken, match="is gone"):
        open_workspace(workspace.root)
    open_workspace(workspace.root, anchored=False).ledger.anchor_now()
    assert open_workspace(workspace.root).ledger.size == 4


def test_without_the_logs_own_key_nothing_is_written(workspace: Workspace) -> None:
    before = workspace.ledger.size
    envelope = measured(workspace, 1)
    workspace.context.keys.discard(LOG)
    with pytest.raises(NotFound):
        workspace.ledger.append([envelope])
    assert workspace.ledger.size == before
