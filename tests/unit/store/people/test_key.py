"""The key of people: made once, its owner's alone, and its loss is said, never papered over by a new one."""

import threading
from pathlib import Path

import pytest

from ombud.errors import Misused, NotFound, Unreadable
from ombud.store.identity import Identity
from ombud.store.people.key import KEY, fingerprint, mark_of, people_key, read_key
from ombud.store.workspace import Workspace, create_workspace, open_workspace

ANNA = Identity("email", "anna@example.org")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = create_workspace(tmp_path)
    made.people.enrol([ANNA])
    return made


def key_file(workspace: Workspace) -> Path:
    return workspace.root / ".ombud" / "keys" / KEY


def test_it_stays_the_same_from_process_to_process(workspace: Workspace) -> None:
    again = open_workspace(workspace.root).people
    assert again.key == workspace.people.key and again.alias_of(ANNA)
    assert key_file(workspace).stat().st_mode & 0o777 == 0o600


def test_of_many_who_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(people_key(tmp_path / "keys"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16 and len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [KEY]


def test_a_lost_key_is_said_and_no_other_is_made_in_its_place(workspace: Workspace) -> None:
    key_file(workspace).unlink()
    with pytest.raises(NotFound) as caught:
        _ = workspace.people
    assert "nobody can be found" in caught.value.next_step
    assert not key_file(workspace).exists()


def test_another_key_is_noticed_before_it_finds_nobody(workspace: Workspace) -> None:
    key_file(workspace).write_text("00" * 32, encoding="ascii")
    with pytest.raises(Unreadable, match="not the key"):
        _ = workspace.people


def test_the_right_key_put_back_finds_everybody_again(workspace: Workspace) -> None:
    kept = key_file(workspace).read_bytes()
    key_file(workspace).write_text("00" * 32, encoding="ascii")
    key_file(workspace).write_bytes(kept)
    assert workspace.people.alias_of(ANNA)


@pytest.mark.parametrize("written", [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64])
def test_bytes_that_are_no_key_are_refused_and_not_shown(tmp_path: Path, written: bytes) -> None:
    (tmp_path / KEY).write_bytes(written)
    (tmp_path / KEY).chmod(0o600)
    with pytest.raises(Unreadable, match="no key of people"):
        read_key(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused_and_one_of_its_owners_taken(tmp_path: Path, mode: int) -> None:
    key = people_key(tmp_path)
    (tmp_path / KEY).chmod(mode)
    with pytest.raises(Misused, match="others than its owner"):
        read_key(tmp_path)
    (tmp_path / KEY).chmod(0o400)
    assert read_key(tmp_path) == key


def test_the_mark_in_the_store_tells_keys_apart_and_is_nobodys_hash() -> None:
    key = bytes(range(32))
    assert mark_of(key) != mark_of(bytes(32)) and mark_of(key) != fingerprint(key, "", "")


def test_a_hash_depends_on_key_kind_and_value() -> None:
    key = bytes(32)
    hashes = {
        fingerprint(one, kind, value)
        for one in (key, bytes(31) + b"\x01")
        for kind, value in (("email", "a"), ("phone", "a"), ("email", "b"), ("e", "mail\0a"))
    }
    assert len(hashes) == 8
