from pathlib import Path

import pytest

from ombud.errors import Invalid, NotFound, Unreadable
from ombud.store.settings import find_workspace, load_settings


def config(folder: Path, text: str) -> Path:
    (folder / ".ombud").mkdir(parents=True, exist_ok=True)
    (folder / ".ombud" / "config.yaml").write_text(text)
    return folder


def test_the_nearest_workspace_upwards_is_found(tmp_path: Path) -> None:
    config(tmp_path, "root_key: a")
    inner = config(tmp_path / "a" / "b", "root_key: b")
    (inner / "c" / "d").mkdir(parents=True)
    assert find_workspace(inner / "c" / "d") == inner.resolve()
    assert find_workspace(tmp_path / "a") == tmp_path.resolve()


def test_without_a_workspace_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        find_workspace(tmp_path)
    assert "ombud keys init" in caught.value.next_step


def test_a_flag_outranks_the_environment_which_outranks_the_file_which_outranks_the_default(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).store == f"sqlite:///{tmp_path}/.ombud/ombud.db"
    config(tmp_path, "store: sqlite:///file.db\nanchor: file.checkpoint")
    assert load_settings(tmp_path, {}).store == f"sqlite:///{tmp_path}/file.db"
    assert load_settings(tmp_path, {}).anchor == tmp_path / "file.checkpoint"
    environment = {"OMBUD_STORE": "sqlite:////e.db", "OMBUD_ANCHOR": "/e.checkpoint", "OMBUD_ROOT_KEY": "e"}
    found = load_settings(tmp_path, environment)
    assert (found.store, found.anchor, found.root_key) == ("sqlite:////e.db", Path("/e.checkpoint"), "e")
    assert load_settings(tmp_path, environment, store="sqlite:////f.db").store == "sqlite:////f.db"


def test_a_password_in_the_file_is_refused_and_never_shown(tmp_path: Path) -> None:
    config(tmp_path, "store: postgresql://ombud:hunter2@host/db")
    with pytest.raises(Invalid) as caught:
        load_settings(tmp_path, {})
    assert "hunter2" not in str(caught.value) and "${env:NAME}" in str(caught.value)


def test_a_password_comes_from_the_environment(tmp_path: Path) -> None:
    config(tmp_path, "store: postgresql://ombud:${env:DB_WORD}@host/db")
    assert load_settings(tmp_path, {"DB_WORD": "w"}).store == "postgresql://ombud:w@host/db"
    with pytest.raises(Invalid, match="DB_WORD is not set"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("text", ["stroe: x", "store: [1]", "a: &x [1]\nb: *x", "store: {", "- 1", "#" * 100_000])
def test_a_config_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    config(tmp_path, text)
    with pytest.raises((Invalid, Unreadable)):
        load_settings(tmp_path, {})
