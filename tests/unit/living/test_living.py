"""A program asks before it decides; whatever is wrong with the lists is an error, never a yes."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import ombud
from ombud.errors import Misused, NotFound, OmbudError, Unreadable
from ombud.store.identity import Identity
from ombud.store.people import Listed
from ombud.store.people.published import published_at
from ombud.store.workspace import Workspace, create_workspace

TODAY = datetime.now(UTC).date()
ANNA = Identity("customer_id", "C-1007")
MAIL = Identity("email", "Anna@Example.org")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "here")


def enlist(workspace: Workspace, *identities: Identity, **more: object) -> Listed:
    said = {"list": "objected", "law": "gdpr", "since": TODAY, "case": "R-ABCDEF"}
    entry = Listed(alias=workspace.people.enrol(identities or (ANNA,)), **{**said, **more})  # type: ignore[arg-type]
    workspace.people.enlist(entry)
    return entry


def may(workspace: Workspace, subject: object = "C-1007", **asked: str) -> ombud.May:
    return ombud.may_decide(subject, at=workspace.root, **asked)


# --- who may be decided about -----------------------------------------------------------------------------------------


def test_whoever_objected_may_not_be_decided_about_and_others_may(workspace: Workspace) -> None:
    enlist(workspace)
    assert not may(workspace) and may(workspace, "C-1008")
    assert may(workspace).because == "the person objected" and may(workspace, "C-1008").because == ""


@pytest.mark.parametrize("name", ["erased", "objected", "opted-out", "restricted", "consent-withdrawn"])
def test_each_stopping_list_stops_and_says_so(workspace: Workspace, name: str) -> None:
    enlist(workspace, list=name)
    assert may(workspace).lists == (name,) and "C-1007" not in may(workspace).because


@pytest.mark.parametrize("name", ["limited", "sale-opted-out"])
def test_a_list_that_only_narrows_the_use_of_data_does_not_stop(workspace: Workspace, name: str) -> None:
    enlist(workspace, list=name)
    assert may(workspace)


def test_a_new_workspace_begins_with_an_empty_list(workspace: Workspace) -> None:
    assert may(workspace)


def test_a_machine_that_was_given_neither_lists_nor_key_decides_about_nobody(workspace: Workspace) -> None:
    published_at(workspace.root).unlink()
    (workspace.root / ".ombud" / "keys" / "people.key").unlink()
    assert isinstance(refused(workspace), NotFound)


def test_an_objection_to_one_system_leaves_the_others(workspace: Workspace) -> None:
    enlist(workspace, system="loans")
    assert not may(workspace, system="loans") and may(workspace, system="fraud")
    assert not may(workspace)  # who does not say which system asks is told no


def test_the_same_value_of_another_kind_is_another_person(workspace: Workspace) -> None:
    enlist(workspace)
    assert may(workspace, kind="loan_id") and not may(workspace, kind="customer_id")
    assert not may(workspace)  # who does not say what it is is told no


@pytest.mark.parametrize("written", ["anna@example.ORG", " Anna@Example.org ", "ＡＮＮＡ@example.org"])
def test_an_address_is_the_same_however_it_is_written(workspace: Workspace, written: str) -> None:
    enlist(workspace, MAIL)
    assert not may(workspace, written, kind="email")
    assert may(workspace, f"x{written.strip()}", kind="email")


@pytest.mark.parametrize("value", [1007, 1007.0, "1007", Identity("customer_id", "1007")])
def test_a_number_is_the_same_whatever_type_it_has(workspace: Workspace, value: object) -> None:
    enlist(workspace, Identity("customer_id", "1007"))
    assert not may(workspace, value)


@pytest.mark.parametrize("nobody", ["", "  ", None, float("nan")])
def test_nobody_cannot_be_looked_up(workspace: Workspace, nobody: object) -> None:
    with pytest.raises(Misused, match="without an identity"):
        may(workspace, nobody)


def test_an_entry_holds_from_its_first_day_to_its_last(workspace: Workspace) -> None:
    enlist(workspace, since=TODAY + timedelta(days=3))
    enlist(workspace, Identity("customer_id", "past"), since=date(2020, 1, 1), until=TODAY - timedelta(days=3))
    enlist(workspace, Identity("customer_id", "now"), since=date(2020, 1, 1), until=TODAY)
    assert may(workspace) and may(workspace, "past") and not may(workspace, "now")


# --- lists that change ------------------------------------------------------------------------------------------------


def test_what_this_process_lists_counts_at_once(workspace: Workspace) -> None:
    assert may(workspace)
    entry = enlist(workspace)
    assert not may(workspace)
    workspace.people.delist(entry)
    assert may(workspace)


def test_lists_that_another_process_published_are_noticed(workspace: Workspace) -> None:
    assert may(workspace)
    child = os.fork()
    if child == 0:
        try:
            enlist(workspace)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert eventually(lambda: not may(workspace))


def test_a_forked_worker_and_threads_get_the_answer_of_the_lists(workspace: Workspace) -> None:
    enlist(workspace)
    said: list[bool] = []
    threads = [threading.Thread(target=lambda: said.extend(bool(may(workspace)) for _ in range(200))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert said == [False] * 800
    child = os.fork()
    if child == 0:
        os._exit(0 if not may(workspace) and may(workspace, "C-1") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def eventually(holds: Callable[[], bool]) -> bool:
    waiting = threading.Event()
    return any(holds() or waiting.wait(0.02) for _ in range(100))


# --- it does not answer where it cannot know --------------------------------------------------------------------------


def refused(workspace: Workspace) -> OmbudError:
    """The error that comes as soon as the change of the file is noticed."""
    for _ in range(100):
        try:
            may(workspace, "C-1008")
        except OmbudError as error:
            return error
        threading.Event().wait(0.01)
    pytest.fail("it went on deciding")


def flipped(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.with_suffix(".new").write_bytes(data)
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("at", [0, 20, 50, -1, -20])
def test_a_flipped_byte_stops_every_decision(workspace: Workspace, at: int) -> None:
    enlist(workspace)
    assert may(workspace, "C-1008")
    flipped(published_at(workspace.root), at)
    assert isinstance(refused(workspace), Unreadable)


def test_a_cut_file_stops_every_decision(workspace: Workspace) -> None:
    enlist(workspace)
    path = published_at(workspace.root)
    path.write_bytes(path.read_bytes()[:-29])  # one whole record less
    assert isinstance(refused(workspace), Unreadable)


def test_lists_that_are_gone_stop_every_decision(workspace: Workspace) -> None:
    enlist(workspace)
    assert may(workspace, "C-1008")
    published_at(workspace.root).unlink()
    assert isinstance(refused(workspace), NotFound)


def test_lists_that_were_gone_before_the_process_began_stop_it_too(workspace: Workspace) -> None:
    enlist(workspace)
    published_at(workspace.root).unlink()
    fresh = workspace.root / "sub"
    fresh.mkdir()
    with pytest.raises(NotFound, match="published lists"):
        ombud.living.Enforced().lists(workspace.root)


def test_an_empty_list_is_published_with_the_key_so_that_its_loss_is_noticed(workspace: Workspace) -> None:
    workspace.people.enrol([ANNA])
    assert may(workspace)
    published_at(workspace.root).unlink()
    assert isinstance(refused(workspace), NotFound)


def test_lists_of_another_key_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    enlist(workspace)
    other = create_workspace(tmp_path / "other")
    enlist(other)
    published_at(workspace.root).write_bytes(published_at(other.root).read_bytes())
    assert isinstance(refused(workspace), Unreadable)


def test_a_restored_backup_of_the_lists_is_refused(workspace: Workspace) -> None:
    path = published_at(workspace.root)
    enlist(workspace, Identity("customer_id", "C-1"))
    yesterday = path.read_bytes()
    enlist(workspace)
    assert not may(workspace)
    path.write_bytes(yesterday)
    assert "older" in str(refused(workspace))


def test_a_key_that_others_may_read_is_refused(workspace: Workspace) -> None:
    enlist(workspace)
    (workspace.root / ".ombud" / "keys" / "people.key").chmod(0o644)
    with pytest.raises(Misused, match="others than its owner"):
        ombud.living.Enforced().lists(workspace.root)


def test_without_a_workspace_there_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="workspace"):
        ombud.may_decide("C-1007", at=tmp_path)


def test_no_error_names_the_person(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as missing:
        ombud.may_decide("C-1007", at=tmp_path)
    assert "C-1007" not in str(missing.value)
    with pytest.raises(Misused) as odd:
        may(workspace, ["C-1007"])
    assert "C-1007" not in str(odd.value)
