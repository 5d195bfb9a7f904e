"""`ombud gates` as people and pipelines call it: what stands, what may go on, and the files to copy."""

from pathlib import Path

import pytest
import yaml

from doors import ombud
from gated import SYSTEM, Bank, bank
from ombud.gates.templates import TEMPLATES
from ombud.release.revoke import revoke
from ombud.store.clock import SystemClock


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    made = bank(tmp_path_factory.mktemp("gates") / "bank", SystemClock())
    made.release()
    return made


def test_a_release_is_listed_and_may_go_on_until_it_is_revoked(released: Bank) -> None:
    digest, at = released.digest(), released.folder
    (row,) = ombud("gates", "list", "--format", "json", at=at).json["releases"]
    assert (row["system"], row["release"], row["state"], row["current"]) == (SYSTEM, digest, "released", True)
    for name in (digest, row["model"]):
        may = ombud("gates", "standing", name, "--format", "json", at=at)
        assert may.code == 0 and may.json["runs"] is True
    assert ombud("gates", "standing", "f" * 64, at=at).code == 3
    assert ombud("gates", "standing", digest, "--system", "cards", at=at).code == 3

    revoke(released.workspace, SYSTEM, digest, "error rate doubled", "lender")
    gone = ombud("gates", "standing", digest, at=at)
    assert gone.code == 1 and "revoked" in gone.out
    assert digest[:12] in ombud("gates", "list", at=at).out


def test_the_published_list_is_written_where_it_is_wanted(released: Bank, tmp_path: Path) -> None:
    done = ombud("gates", "publish", "--output", tmp_path / "releases.json", at=released.folder)
    assert done.code == 0 and "1 release(s)" in done.out and (tmp_path / "releases.json").stat().st_size


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_yaml(name: str, tmp_path: Path) -> None:
    done = ombud("gates", "template", name, at=tmp_path)
    assert done.code == 0 and all(part is not None for part in yaml.safe_load_all(done.out))


def test_a_template_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    done = ombud("gates", "template", "jenkins", at=tmp_path)
    assert done.code == 2 and "github" in done.err and "Traceback" not in done.err
