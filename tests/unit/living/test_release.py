"""Serving code goes on only with a model that is released and not revoked, told by a list that nobody could forge."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ombud
from gated import SYSTEM, Bank, bank
from ledgers import Clock
from ombud.errors import NotFound, OmbudError, Unreadable
from ombud.evidence.canonical import canonical
from ombud.living import release as living
from ombud.living.release import NotReleased, Revoked
from ombud.living.released import State, published_at, read
from ombud.release import sign
from ombud.release.publish import publish
from ombud.release.revoke import revoke


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released") / "bank"
    one = bank(folder, Clock())
    one.release()
    publish(one.workspace, one.pack)
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    """A copy of a bank with a published release."""
    return shutil.copytree(made, tmp_path / "bank")


@pytest.fixture
def fresh(tmp_path: Path) -> Bank:
    """A bank of one's own."""
    return bank(tmp_path / "own", Clock())


def asked(folder: Path, **more: Any) -> Any:
    living._LISTS.clear()
    return ombud.require_release(folder / "model.txt", at=folder, **more)


def test_a_released_model_goes_on(here: Path) -> None:
    found = asked(here)
    assert found.state is State.RELEASED and found.release.system == SYSTEM
    assert asked(here, system=SYSTEM, release=found.release.release).runs


def test_no_store_is_needed(here: Path) -> None:
    for file in (here / ".ombud").iterdir():
        if file.name not in ("config.yaml", "releases.json"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    assert asked(here).runs


def test_a_changed_model_file_is_noticed_at_once(here: Path) -> None:
    asked(here)
    seen = (here / "model.txt").stat()
    data = (here / "model.txt").read_bytes()
    (here / "model.txt").write_bytes(data.replace(b"first", b"thief"))
    os.utime(here / "model.txt", ns=(seen.st_atime_ns, seen.st_mtime_ns))  # a thief sets the clock back
    with pytest.raises(NotReleased, match="is no release on record"):
        asked(here)


@pytest.mark.parametrize("wrong", [{"system": "other"}, {"release": "a" * 64}])
def test_a_model_of_another_system_or_release_does_not_go_on(here: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(NotReleased):
        asked(here, **wrong)


def test_the_file_has_to_be_the_one_of_the_release_that_is_named(here: Path) -> None:
    release = asked(here).release.release
    (here / "model.txt").write_text("another", encoding="utf-8")
    with pytest.raises(NotReleased, match="is not the model file of"):
        asked(here, release=release)


def test_a_revoked_model_stops_and_so_does_whoever_asks_again(fresh: Bank) -> None:
    digest = fresh.release()
    publish(fresh.workspace, fresh.pack)
    clock = fresh.workspace.context.clock
    assert asked(fresh.folder, clock=clock).runs
    revoke(fresh.workspace, SYSTEM, digest[:8], "error rate doubled", "lender")
    assert asked(fresh.folder, clock=clock).runs, "a list from before does not know"
    publish(fresh.workspace, fresh.pack)
    with pytest.raises(Revoked, match="is revoked since 2026-11-23"):
        asked(fresh.folder, clock=clock)


def test_a_list_from_before_the_one_in_use_is_refused(fresh: Bank) -> None:
    digest = fresh.release()
    path, _ = publish(fresh.workspace, fresh.pack)
    old = path.read_bytes()
    revoke(fresh.workspace, SYSTEM, digest, "bad", "lender")
    publish(fresh.workspace, fresh.pack)
    living._LISTS.clear()
    with pytest.raises(Revoked):
        ombud.require_release(fresh.model, at=fresh.folder)
    path.write_bytes(old)
    living._LISTS[fresh.folder.resolve()] = living._Held(  # look again without waiting
        living._LISTS[fresh.folder.resolve()].releases, (0, 0, 0, 0), 0
    )
    with pytest.raises(Unreadable, match="older than the one in use before"):
        ombud.require_release(fresh.model, at=fresh.folder)


def test_a_list_may_not_be_older_than_is_asked_for(fresh: Bank) -> None:
    fresh.release()
    publish(fresh.workspace, fresh.pack)
    clock = fresh.workspace.context.clock
    assert asked(fresh.folder, max_age=timedelta(hours=1), clock=clock).runs
    clock.pass_by(7200)
    with pytest.raises(NotReleased, match="older than it may be"):
        asked(fresh.folder, max_age=timedelta(hours=1), clock=clock)


def test_broken_glass_lets_it_go_on_for_its_hours_and_no_longer(fresh: Bank) -> None:
    fresh.check()
    for person in ("lender", "protection"):
        sign.break_glass(fresh.workspace, SYSTEM, fresh.digest(), person, "outage", 12)
    publish(fresh.workspace, fresh.pack)
    clock = fresh.workspace.context.clock
    assert asked(fresh.folder, clock=clock).state is State.BREAK_GLASS
    clock.pass_by(12 * 3600)
    with pytest.raises(NotReleased, match="was never released"):
        asked(fresh.folder, clock=clock)


def test_grace_stops_only_who_is_strict_and_only_once_it_is_over(fresh: Bank) -> None:
    fresh.release()
    clock = fresh.workspace.context.clock
    clock.pass_by(31 * 86_400)  # what was accepted for thirty days no longer is
    publish(fresh.workspace, fresh.pack)
    found = asked(fresh.folder, clock=clock)
    assert found.runs and found.release.grace
    with pytest.raises(NotReleased, match="no grace is left"):
        asked(fresh.folder, clock=clock, strict=True)


def test_a_missing_list_or_model_is_an_error_and_never_a_yes(here: Path) -> None:
    published_at(here).unlink()
    with pytest.raises(NotFound, match="list of releases"):
        asked(here)
    with pytest.raises(NotFound):
        ombud.require_release(here / "model.txt", at=here.parent)


# --- hostile lists ----------------------------------------------------------------------------------------------------


def root_key(folder: Path) -> str:
    from ombud.store.settings import load_settings

    return str(load_settings(folder).root_key)


def another_state(data: dict[str, Any]) -> None:
    from base64 import b64decode, b64encode

    payload = json.loads(b64decode(data["list"]["payload"]))
    payload["releases"][0]["revoked_from"] = None
    payload["releases"][0]["model"] = "a" * 64
    data["list"]["payload"] = b64encode(canonical(payload)).decode()


def no_keys(data: dict[str, Any]) -> None:
    data["keys"] = []


def only_the_root(data: dict[str, Any]) -> None:
    data["keys"] = data["keys"][:1]


@pytest.mark.parametrize("forge", [another_state, no_keys, only_the_root])
def test_a_forged_list_is_refused(here: Path, forge: Callable[[dict[str, Any]], None]) -> None:
    path = published_at(here)
    data = json.loads(path.read_bytes())
    forge(data)
    path.write_bytes(canonical(data))
    with pytest.raises(Unreadable):
        asked(here)


def test_a_list_of_another_log_is_refused(here: Path, tmp_path: Path) -> None:
    thief = bank(tmp_path / "thief", Clock())
    thief.release()
    publish(thief.workspace, thief.pack, published_at(here))
    with pytest.raises(Unreadable, match="not signed by the log"):
        asked(here)


def test_a_list_signed_by_somebody_who_may_not_is_refused(fresh: Bank) -> None:
    from ombud.living.released import write
    from ombud.release.standing import releases

    fresh.release()
    log = fresh.workspace.ledger.log()
    key = fresh.workspace.context.keys.load("engineer")
    path = write(published_at(fresh.folder), releases(fresh.workspace), log, key)
    with pytest.raises(Unreadable, match="not signed by the log"):
        read(path, root_key(fresh.folder))


def test_a_list_signed_with_a_key_that_was_retired_is_refused(fresh: Bank) -> None:
    from ombud.living.released import write
    from ombud.release.standing import releases

    fresh.release()
    old = fresh.workspace.context.keys.load("log")
    fresh.workspace.rotate_key("log")
    path = write(published_at(fresh.folder), releases(fresh.workspace), fresh.workspace.ledger.log(), old)
    with pytest.raises(Unreadable):
        read(path, root_key(fresh.folder))
    publish(fresh.workspace, fresh.pack)
    assert read(path, root_key(fresh.folder)).of


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_byte_is_noticed(made: Path, data: st.DataObject) -> None:
    path = published_at(made)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[place] ^= data.draw(st.integers(1, 255))
    target = made / "flipped.json"
    target.write_bytes(bytes(flipped))
    truth = read(path, root_key(made))
    try:
        found = read(target, root_key(made))
    except OmbudError:
        return
    assert found == truth, "only what decides nothing may differ"


@settings(max_examples=60)
@given(st.binary(max_size=300) | st.sampled_from([b"{}", b"[]", b"null", b'{"keys":[],"list":{}}', b"[" * 100_000]))
def test_nonsense_is_no_list(made: Path, content: bytes) -> None:
    target = made / "nonsense.json"
    target.write_bytes(content)
    with pytest.raises(Unreadable):
        read(target, root_key(made))
