"""The champion of a real MLflow registry, in SQLite, is a model version that is released, and no other."""

import hashlib
import os
import shutil
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest

from gated import SYSTEM, Bank, bank
from ledgers import Clock
from ombud.errors import Misused
from ombud.gates.artifact import digest_there
from ombud.gates.registry import Door, guarded_store
from ombud.law import load_pack
from ombud.release import sign
from ombud.release.revoke import revoke
from ombud.store.workspace import open_workspace
from support import needs


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank with a released model, and a registry's database."""
    needs("mlflow")
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore

    made = bank(tmp_path_factory.mktemp("registry") / "bank", Clock())
    made.release()
    SqlAlchemyStore(f"sqlite:///{made.folder / 'mlflow.db'}").create_registered_model("loans")
    return made.folder


class Registry:
    """A registry behind the door, beside the bank whose log is asked."""

    def __init__(self, made: Bank, clock: Clock) -> None:
        from ombud.gates.guarded import guarded

        self.bank, self.clock = made, clock
        self.uri = f"sqlite:///{made.folder / 'mlflow.db'}"
        self.store = guarded(self.uri, Door(made.workspace, made.pack))

    def register(self, digest: str | None = None, source: str | None = None, **tags: str) -> str:
        """Register what lies there now as a version; the digest is the model file's if nothing else is said."""
        from mlflow.entities.model_registry import ModelVersionTag

        folder = self.bank.folder / f"artifacts-{len(list(self.bank.folder.glob('artifacts-*')))}"
        folder.mkdir()
        shutil.copy(self.bank.model, folder / "model.txt")
        (folder / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        digest = self.model() if digest is None else digest
        said = {**({"ombud.digest": digest} if digest else {}), **tags}
        listed = [ModelVersionTag(key, value) for key, value in said.items()]
        return str(self.store.create_model_version("loans", source or str(folder), tags=listed).version)

    def model(self) -> str:
        return hashlib.sha256(self.bank.model.read_bytes()).hexdigest()

    def crown(self, version: str, alias: str = "champion") -> None:
        self.store.set_registered_model_alias("loans", alias, version)

    def champion(self) -> str | None:
        aliases = self.store.get_registered_model("loans").aliases
        return str(aliases["champion"]) if "champion" in aliases else None

    def refused(self, version: str, why: str, alias: str = "champion") -> None:
        from mlflow.exceptions import MlflowException

        before = self.champion()
        with pytest.raises(MlflowException, match=why) as error:
            self.crown(version, alias)
        assert error.value.error_code == "PERMISSION_DENIED" and error.value.get_http_status_code() == 403
        assert "Next: " in error.value.message
        assert self.champion() == before


@pytest.fixture
def registry(_made: Path, tmp_path: Path) -> Registry:
    folder, clock = shutil.copytree(_made, tmp_path / "bank"), Clock()
    return Registry(Bank(open_workspace(folder, clock=clock), load_pack(), folder), clock)


def test_a_released_version_becomes_champion(registry: Registry) -> None:
    version = registry.register()
    registry.crown(version)
    assert registry.champion() == version


def test_the_composite_digest_names_it_as_well(registry: Registry) -> None:
    registry.crown(registry.register(registry.bank.digest(), **{"ombud.system": SYSTEM}))
    assert registry.champion() is not None


def test_what_nobody_released_does_not(registry: Registry) -> None:
    registry.bank.change_model("second")
    registry.refused(registry.register(), "is no release on record")


def test_what_has_no_tag_does_not(registry: Registry) -> None:
    registry.refused(registry.register(""), "has no tag ombud.digest")


def test_another_file_under_a_released_digest_does_not(registry: Registry) -> None:
    released = registry.model()
    registry.bank.change_model("a thief's")
    registry.refused(registry.register(released), "no file of loans version 1 is the one that its tag")


def test_a_link_to_the_released_file_is_not_the_file(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "linked"
    folder.mkdir()
    (folder / "model.txt").symlink_to(registry.bank.model)
    registry.refused(registry.register(source=str(folder)), "no file of loans version 1")


def test_another_system_s_release_does_not(registry: Registry) -> None:
    registry.refused(registry.register(**{"ombud.system": "cards"}), "release of another system")


def test_a_revoked_release_does_not_even_where_it_is_champion(registry: Registry) -> None:
    version = registry.register()
    registry.crown(version)
    revoke(registry.bank.workspace, SYSTEM, registry.bank.digest(), "worse", "lender")
    registry.refused(version, "is revoked since")


def test_files_elsewhere_are_believed_by_their_tag_and_that_is_said(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    version = registry.register(source="s3://bucket/model")
    registry.crown(version)
    assert registry.champion() == version
    assert "only its tag was held against the releases" in caplog.text


def test_aged_evidence_stops_a_new_champion_and_neither_the_old_one_nor_a_rollback(registry: Registry) -> None:
    first = registry.register()
    registry.crown(first)
    registry.bank.change_model("second")
    registry.bank.release()
    second = registry.register()
    registry.crown(second)
    registry.clock.pass_by(100 * 86_400)
    registry.crown(second)
    registry.crown(first)
    assert registry.champion() == first, "back to the release before"
    registry.refused(second, "the gate says cannot tell to starting it anew")
    sign.rollback(registry.bank.workspace, SYSTEM, registry.bank.digest(), "lender", "on record")
    registry.crown(second)


def test_broken_glass_crowns(registry: Registry) -> None:
    registry.bank.change_model("second")
    registry.bank.check()
    version = registry.register()
    registry.refused(version, "no release")
    for person in ("lender", "protection"):
        sign.break_glass(registry.bank.workspace, SYSTEM, registry.bank.digest(), person, "outage", 6)
    registry.crown(version)


def test_other_aliases_are_nobody_s_business(registry: Registry) -> None:
    registry.crown(registry.register(""), "challenger")
    assert registry.champion() is None


@pytest.mark.parametrize("alias", ["Champion", "CHAMPION"])
def test_case_makes_no_other_alias(registry: Registry, alias: str) -> None:
    registry.refused(registry.register(""), "has no tag", alias)


def test_the_production_stage_is_guarded_like_the_alias(registry: Registry) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match="the stage production is not given"):
        registry.store.transition_model_version_stage("loans", registry.register(""), "production", False)
    good = registry.register()
    assert registry.store.transition_model_version_stage("loans", good, "Production", False).current_stage


def test_the_digest_of_a_champion_does_not_change_under_it(registry: Registry) -> None:
    from mlflow.entities.model_registry import ModelVersionTag
    from mlflow.exceptions import MlflowException

    version = registry.register()
    registry.crown(version)
    with pytest.raises(MlflowException, match="does not change under it"):
        registry.store.set_model_version_tag("loans", version, ModelVersionTag("ombud.digest", "f" * 64))
    with pytest.raises(MlflowException, match="does not change under it"):
        registry.store.delete_model_version_tag("loans", version, "ombud.digest")
    registry.store.set_model_version_tag("loans", version, ModelVersionTag("note", "fine"))


def test_a_log_that_cannot_be_read_crowns_nobody(registry: Registry) -> None:
    import sqlite3

    from mlflow.exceptions import MlflowException

    version = registry.register()
    with sqlite3.connect(registry.bank.folder / ".ombud" / "ombud.db") as store:
        store.execute("DELETE FROM entries WHERE position = (SELECT MAX(position) FROM entries)")
    with pytest.raises(MlflowException, match="is not given"):
        registry.crown(version)
    assert registry.champion() is None


# --- as MLflow itself finds it ----------------------------------------------------------------------------------------

GROUP = "mlflow.model_registry_store"
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def declared() -> dict[str, str]:
    """The entry points that the package declares for MLflow."""
    found: dict[str, str] = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    return found


def is_installed(name: str) -> bool:
    return any(one.name == name for one in entry_points(group=GROUP))


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="where the wheel itself is installed")
def test_the_wheel_tells_mlflow_of_every_database_that_can_be_guarded() -> None:
    assert all(is_installed(name) for name in declared())


def test_every_declared_address_leads_to_the_guarded_store() -> None:
    assert {"ombud+sqlite", "ombud+postgresql"} <= declared().keys()
    assert {EntryPoint(name, target, GROUP).load() for name, target in declared().items()} == {guarded_store}


@pytest.fixture
def plugged(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow's own client; it finds the store by the package's entry point, as it is installed or as it is declared."""
    from mlflow.tracking._model_registry.utils import _get_store_registry

    monkeypatch.setenv("OMBUD_WORKSPACE", str(registry.bank.folder))
    monkeypatch.setenv("OMBUD_GUARDED_ALIASES", "champion, live")
    for name, target in declared().items():
        if not is_installed(name):  # a source tree that was installed before the entry point was there
            _get_store_registry().register(name, EntryPoint(name, target, GROUP).load())
    from mlflow import MlflowClient

    yield MlflowClient(tracking_uri=registry.uri, registry_uri=f"ombud+{registry.uri}")


def test_a_client_of_mlflow_is_asked_the_same(registry: Registry, plugged: Any) -> None:
    from mlflow.exceptions import MlflowException

    bad = registry.register("")
    for alias in ("champion", "live"):
        with pytest.raises(MlflowException, match=r"has no tag ombud\.digest"):
            plugged.set_registered_model_alias("loans", alias, bad)
    plugged.set_registered_model_alias("loans", "shadow", bad)
    assert plugged.get_model_version_by_alias("loans", "shadow").version in (bad, int(bad))


def test_an_address_without_the_door_is_refused() -> None:
    with pytest.raises(Misused, match="no guarded registry"):
        guarded_store("sqlite:///mlflow.db")


def test_a_file_is_found_by_its_digest_and_never_looked_for_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "m.txt").write_bytes(b"x")
    digest = hashlib.sha256(b"x").hexdigest()
    assert digest_there(str(tmp_path), digest) is True
    assert digest_there((tmp_path / "a b").as_uri(), digest) is True
    assert digest_there(str(tmp_path / "a b" / "m.txt"), digest) is True
    assert digest_there(str(tmp_path), "0" * 64) is False
    assert digest_there(str(tmp_path / "gone"), digest) is False
    assert digest_there("s3://bucket/x", digest) is None
    assert digest_there("file://elsewhere/x", digest) is None
    os.mkfifo(tmp_path / "pipe")
    assert digest_there(str(tmp_path), "0" * 64) is False, "a pipe is not waited for"
