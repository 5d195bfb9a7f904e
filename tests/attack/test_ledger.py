"""What may happen to a store, by accident or on purpose: nothing acknowledged is lost, every change is named."""

import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledgers import COUNTS, Clock
from ombud.errors import OmbudError
from ombud.evidence.canonical import digest
from ombud.evidence.checkpoint import Checkpoint
from ombud.evidence.dsse import Envelope
from ombud.evidence.entry import Entry
from ombud.evidence.errors import LedgerBroken
from ombud.evidence.statement import Statement, Subject
from ombud.evidence.tree import Peaks, grow
from ombud.store import anchor
from ombud.store.errors import StoreFailed
from ombud.store.workspace import Workspace, create_workspace, open_workspace

APPENDER = Path(__file__).with_name("appender.py")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "work", {"ml": (("ml",), None), "dpo": (("dpo",), None)}, clock=Clock())


def measured(workspace: Workspace, number: int, pad: str = "") -> Envelope:
    predicate = {
        "check": "c", "measurements": [{"n": number}], "observed_at": workspace.now(), "system": "m", "software": {},
        "pad": pad,
    }  # fmt: skip
    return workspace.sign(Statement((Subject("m"),), "measurement", predicate), "ml")


def filled(workspace: Workspace, count: int = 6) -> Workspace:
    workspace.ledger.append([measured(workspace, number) for number in range(count)])
    return workspace


def run(workspace: Workspace, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """Change the store behind the ledger's back."""
    connection = sqlite3.connect(workspace.root / ".ombud" / "ombud.db")
    for statement in statements:
        sql, values = (statement, ()) if isinstance(statement, str) else statement
        connection.execute(sql, values)
    connection.commit()
    connection.close()


def leaf(workspace: Workspace, index: int) -> bytes:
    return workspace.ledger.entry(index).leaf


def ten_leaves(workspace: Workspace) -> list[bytes]:
    """The first entries of a workspace and six measurements."""
    filled(workspace)
    return [leaf(workspace, index) for index in range(10)]


def read_anew(workspace: Workspace) -> None:
    """What every verb that judges does first."""
    open_workspace(workspace.root).ledger.log()


def rebuilt(workspace: Workspace, leaves: list[bytes]) -> None:
    """A thief with the store, not with the checkpoint: entries and tree hashes that fit each other."""
    entries = [Entry.read(index, one) for index, one in enumerate(leaves)]
    _, nodes = grow(Peaks(), [entry.leaf_hash for entry in entries])
    run(
        workspace,
        "DELETE FROM entries",
        "DELETE FROM nodes",
        *[("INSERT INTO entries VALUES (?,?,?,?)", (e.index, e.statement.kind, e.digest, e.leaf)) for e in entries],
        *[("INSERT INTO nodes VALUES (?,?)", (place, node)) for place, node in enumerate(nodes)],
    )


# ---- on purpose ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [0, 4, 9])
def test_a_flipped_byte_names_its_entry(workspace: Workspace, index: int) -> None:
    data = bytearray(leaf(filled(workspace), index))
    place = data.index(b'"payload":"') + 40
    data[place] = data[place] ^ 1
    run(workspace, ("UPDATE entries SET leaf = ? WHERE position = ?", (bytes(data), index)))
    with pytest.raises(LedgerBroken, match=f"entry {index} was changed"):
        read_anew(workspace)


def test_a_byte_that_breaks_the_form_names_its_entry_too(workspace: Workspace) -> None:
    data = leaf(filled(workspace), 5)
    run(workspace, ("UPDATE entries SET leaf = ? WHERE position = 5", (data + b" ",)))
    with pytest.raises(LedgerBroken, match="entry 5 was changed"):
        read_anew(workspace)


def test_a_dropped_tail_shows_against_the_checkpoint(workspace: Workspace) -> None:
    rebuilt(workspace, ten_leaves(workspace)[:-2])
    with pytest.raises(LedgerBroken, match="promised 10 entries, the store has 8: the tail is missing"):
        open_workspace(workspace.root)


def test_a_removed_entry_is_named(workspace: Workspace) -> None:
    filled(workspace)
    run(workspace, "DELETE FROM entries WHERE position = 5")
    with pytest.raises(LedgerBroken, match="entry 5 is missing"):
        read_anew(workspace)


@pytest.mark.parametrize(
    "change",
    [
        lambda leaves: [*leaves[:4], leaves[5], leaves[4], *leaves[6:]],
        lambda leaves: [*leaves[:4], *leaves[5:], leaves[4]],
        lambda leaves: [*leaves[1:], leaves[0]],
    ],
)
def test_a_reordered_log_does_not_fit_its_checkpoint(
    workspace: Workspace, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    rebuilt(workspace, change(ten_leaves(workspace)))
    with pytest.raises(LedgerBroken, match="the first 10 entries are not those of the checkpoint"):
        open_workspace(workspace.root)


def test_swapped_rows_name_the_first_of_them(workspace: Workspace) -> None:
    filled(workspace)
    run(
        workspace,
        "UPDATE entries SET position = 99 WHERE position = 5",
        "UPDATE entries SET position = 5 WHERE position = 6",
        "UPDATE entries SET position = 6 WHERE position = 99",
    )
    with pytest.raises(LedgerBroken, match="entry 5 was changed"):
        read_anew(workspace)


def test_an_entry_written_past_the_door_shows(workspace: Workspace) -> None:
    filled(workspace)
    entry = Entry.at(10, workspace.now(), measured(workspace, 99))
    run(workspace, ("INSERT INTO entries VALUES (10, 'measurement', ?, ?)", (entry.digest, entry.leaf)))
    with pytest.raises(LedgerBroken, match="entry 10 was put in behind the ledger's back"):
        read_anew(workspace)


def test_a_changed_tree_shows(workspace: Workspace) -> None:
    filled(workspace)
    run(workspace, "UPDATE nodes SET hash = zeroblob(32) WHERE position = 2")
    with pytest.raises(LedgerBroken):
        read_anew(workspace)


def test_an_older_backup_put_in_place_is_behind_its_checkpoint(workspace: Workspace, tmp_path: Path) -> None:
    filled(workspace)
    workspace.ledger.backup(tmp_path / "old.db")
    workspace.ledger.append([measured(workspace, 99)])
    for path in (workspace.root / ".ombud").glob("ombud.db*"):
        path.unlink()
    shutil.copy(tmp_path / "old.db", workspace.root / ".ombud" / "ombud.db")
    with pytest.raises(LedgerBroken, match="the tail is missing"):
        open_workspace(workspace.root)


def test_a_store_that_goes_back_under_an_open_ledger_is_not_appended_to(workspace: Workspace) -> None:
    leaves = ten_leaves(workspace)
    before = workspace.ledger.anchor.path.read_text()
    rebuilt(workspace, leaves[:7])
    with pytest.raises(LedgerBroken, match="the tail is missing"):
        workspace.ledger.append([measured(workspace, 99)])
    assert workspace.ledger.size == 7 and workspace.ledger.anchor.path.read_text() == before


def test_a_new_store_does_not_take_the_place_of_a_lost_one(workspace: Workspace) -> None:
    filled(workspace).ledger.database.engine.dispose()
    for path in (workspace.root / ".ombud").glob("ombud.db*"):
        path.unlink()
    with pytest.raises(LedgerBroken, match="promised 10 entries, the store has 0"):
        create_workspace(workspace.root)


def test_a_checkpoint_of_another_log_is_told(workspace: Workspace, tmp_path: Path) -> None:
    other = create_workspace(tmp_path / "other")
    shutil.copy(other.ledger.anchor.path, workspace.ledger.anchor.path)
    with pytest.raises(LedgerBroken, match="of another log"):
        open_workspace(workspace.root)


def test_a_checkpoint_file_that_was_changed_is_no_checkpoint(workspace: Workspace) -> None:
    path = filled(workspace).ledger.anchor.path
    good = path.read_text()
    for bad in (good[:-30], "", "hello", good.replace("\n10\n", "\n9\n"), good * 3000):
        path.write_text(bad)
        with pytest.raises(LedgerBroken):
            open_workspace(workspace.root)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LedgerBroken):
        open_workspace(workspace.root)


def test_a_checkpoint_signed_by_a_foreign_key_is_not_of_this_log(workspace: Workspace) -> None:
    ledger = filled(workspace).ledger
    note = Checkpoint.read(ledger.checkpoint())
    foreign = Checkpoint(note.origin, note.size, note.root).signed(workspace.context.keys.load("ml"))
    ledger.anchor.path.write_text(foreign.encode())
    with pytest.raises(LedgerBroken, match="was not signed by this log"):
        open_workspace(workspace.root)


def test_a_past_rewritten_with_all_keys_shows_in_the_history_of_checkpoints(workspace: Workspace) -> None:
    ledger, leaves = workspace.ledger, ten_leaves(workspace)
    changed = Entry.at(5, Entry.read(5, leaves[5]).received_at, measured(workspace, 77)).leaf
    ledger.append([measured(workspace, 99)])
    rebuilt(workspace, [*leaves[:5], changed, *leaves[6:], leaf(workspace, 10)])
    thief = open_workspace(workspace.root, anchored=False).ledger
    with pytest.raises(LedgerBroken):
        thief.anchor_now()
    thief.anchor.write(thief.checkpoint_of(thief.size))
    read_anew(workspace)
    with pytest.raises(
        LedgerBroken, match="the first 10 entries are not those of the checkpoint that was written then"
    ):
        open_workspace(workspace.root).ledger.verify()


def test_a_changed_cube_is_named(workspace: Workspace) -> None:
    name = workspace.ledger.put_cube(COUNTS)
    assert name == digest(COUNTS.to_json())
    run(workspace, "UPDATE cubes SET content = replace(cast(content as text), '30', '31')")
    with pytest.raises(OmbudError, match=f"cube {name[:16]}"):
        workspace.ledger.cube(name)


def test_the_log_is_judged_by_the_root_key_of_the_reader_not_of_the_store(workspace: Workspace) -> None:
    filled(workspace)
    config = workspace.root / ".ombud" / "config.yaml"
    config.write_text(f"root_key: '{'0' * 64}'\n")
    with pytest.raises(LedgerBroken):
        open_workspace(workspace.root)


# ---- by accident ---------------------------------------------------------------------------------------------------


def start(workspace: Workspace, name: str, count: int, batch: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(APPENDER), str(workspace.root), name, str(count), str(batch)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def acknowledged(output: str) -> dict[int, str]:
    lines = [line.split() for line in output.splitlines() if line.count(" ") == 1]
    return {int(index): name for index, name in lines if len(name) == 64}


@pytest.mark.parametrize("seed", range(4))
def test_a_process_killed_at_any_moment_loses_nothing_it_acknowledged(workspace: Workspace, seed: int) -> None:
    process = start(workspace, f"run {seed}", 100_000, random.Random(seed).choice([1, 7, 60]))
    assert process.stdout is not None
    first = process.stdout.readline()
    try:
        process.wait(random.Random(seed).uniform(0.0, 0.4))
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    said = acknowledged(first + process.communicate()[0])
    again = open_workspace(workspace.root)
    log = again.ledger.verify()
    assert said and {index: log.entries[index].digest for index in said} == said
    assert len(log.trusted()) == len(log.entries)
    assert again.ledger.append([measured(again, 1)])[0].index == len(log.entries)
    assert open_workspace(workspace.root).ledger.verify().entries[-1].index == len(log.entries)


def test_a_process_killed_between_store_and_checkpoint_leaves_a_log_ahead_of_its_anchor(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(anchor, "replace_whole", killed)
        with pytest.raises(KeyboardInterrupt):
            workspace.ledger.append([measured(workspace, 99)])
    again = open_workspace(workspace.root)
    assert again.ledger.size == 11
    again.ledger.append([measured(again, 100)])
    assert len(again.ledger.verify().trusted()) == 12


def test_a_line_of_the_history_cut_short_by_a_crash_is_mended(workspace: Workspace) -> None:
    history = filled(workspace).ledger.anchor.history
    whole = history.read_text()
    history.write_text(whole[:-20])
    workspace.ledger.verify()
    workspace.ledger.append([measured(workspace, 99)])
    assert history.read_text().startswith(whole.rpartition("\n")[0].rpartition("\n")[0] + "\n")
    assert [note.size for note in workspace.ledger.anchor.all()][-1] == 11
    workspace.ledger.verify()


def test_two_processes_append_at_once_and_both_are_whole(workspace: Workspace) -> None:
    running = [start(workspace, f"process {number}", 40, 2) for number in range(2)]
    outputs = [process.communicate(timeout=120) for process in running]
    said = [acknowledged(out) for out, _ in outputs]
    assert [len(one) for one in said] == [40, 40], outputs
    log = open_workspace(workspace.root).ledger.verify()
    assert sorted([*said[0], *said[1]]) == list(range(4, 84))
    assert {index: log.entries[index].digest for one in said for index in one} == said[0] | said[1]
    assert len(log.trusted()) == 84


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(workspace: Workspace) -> None:
    ledger = filled(workspace).ledger
    with ledger.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreFailed, match="the disk is full") as caught:
        ledger.append([measured(workspace, n, "x" * 3000) for n in range(100)])
    assert "Free some space" in caught.value.next_step and caught.value.exit_code == 3
    again = open_workspace(workspace.root)
    assert len(again.ledger.verify().trusted()) == 10
    assert again.ledger.append([measured(again, 99)])[0].index == 10


def test_a_file_size_limit_ends_in_words_and_a_whole_log(workspace: Workspace) -> None:
    filled(workspace)
    limited = (
        "import resource, signal, runpy, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)); sys.argv = sys.argv[1:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, str(APPENDER), str(workspace.root), "limited", "2000", "50"],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    said = acknowledged(done.stdout)
    assert done.returncode != 0 and "StoreFailed" in done.stderr
    log = open_workspace(workspace.root).ledger.verify()
    assert {index: log.entries[index].digest for index in said} == said


def test_a_checkpoint_file_that_cannot_be_written_is_told_and_the_entries_are_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(workspace.ledger.anchor.path))

    monkeypatch.setattr(anchor, "_append_line", full)
    with pytest.raises(StoreFailed, match="no space left"):
        workspace.ledger.append([measured(workspace, 99)])
    assert open_workspace(workspace.root).ledger.size == 11


def test_a_store_locked_by_another_program_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from ombud.store import database

    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    again = open_workspace(workspace.root)
    other = sqlite3.connect(workspace.root / ".ombud" / "ombud.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed, match="another process is writing"):
        again.ledger.append([measured(again, 1)])
    other.execute("ROLLBACK")
    assert again.ledger.append([measured(again, 1)])[0].index == 4


def test_a_store_that_may_only_be_read_is_told(workspace: Workspace) -> None:
    with workspace.ledger.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreFailed, match="may only be read"):
        workspace.ledger.append([measured(workspace, 1)])


def test_a_damaged_database_file_is_told_without_a_traceback(workspace: Workspace) -> None:
    filled(workspace, 200).ledger.database.engine.dispose()
    path = workspace.root / ".ombud" / "ombud.db"
    for other in path.parent.glob("ombud.db-*"):
        other.unlink()
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(OmbudError) as caught:
        read_anew(workspace)
    assert caught.value.exit_code == 3
