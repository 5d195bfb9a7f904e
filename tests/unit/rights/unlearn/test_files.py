"""A model in a file is arrays and JSON; whatever else is in it is refused, and nothing of it is run."""

import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ombud.errors import Misused, NotFound, Unreadable
from ombud.rights.unlearn import GaussianBayes, digest_of, forget, load, save
from trainers import Logistic
from unlearnable import ALL, WHO, X


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.kind)
def test_a_saved_model_comes_back_the_same_and_forgets_the_same(model: Any, tmp_path: Path) -> None:
    back = load(save(model, tmp_path / "model"), Logistic())
    assert digest_of(back) == digest_of(model)
    assert np.array_equal(back.predict(X), model.predict(X))
    assert forget(back, ["ann"]).digest_after == forget(model, ["ann"]).digest_after


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.kind)
def test_a_model_of_nobody_comes_back_too(model: Any, tmp_path: Path) -> None:
    empty = forget(model, WHO).model
    assert digest_of(load(save(empty, tmp_path / "model"), Logistic())) == digest_of(empty)


def test_the_same_model_is_the_same_file_for_its_owner_alone(tmp_path: Path) -> None:
    one, two = save(ALL[1], tmp_path / "one"), save(ALL[1], tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_after_forgetting_the_file_no_longer_holds_the_name(tmp_path: Path) -> None:
    path = save(GaussianBayes.fit([[1.0], [2.0]], [0, 1], ["planted-name", "other"]), tmp_path / "model")
    assert "planted-name".encode("utf-32-le") in path.read_bytes()
    save(forget(load(path), ["planted-name"]).model, path)
    assert "planted-name".encode("utf-32-le") not in path.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


def test_an_ensemble_needs_its_trainer(tmp_path: Path) -> None:
    class Other(Logistic):
        name = "other"

    path = save(ALL[-1], tmp_path / "model")
    for trainer in (None, Other()):
        with pytest.raises(Misused, match="trainer"):
            load(path, trainer)
    assert load(path, Logistic()).kind == "sharded-ensemble"


def rewritten(path: Path, **parts: bytes | None) -> Path:
    with zipfile.ZipFile(path) as archive:
        kept = {one: archive.read(one) for one in archive.namelist()}
    for name, data in parts.items():
        kept[f"{name}.npy"] = data if data is not None else kept.pop(f"{name}.npy") and b""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    return path


def npy(array: Any, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "part",
    [{"y": npy(np.ones(7))}, {"x": npy(X + 1)}, {"extra": npy(X)}, {"subjects": npy(np.array(WHO[::-1]))}],
    ids=["targets", "features", "more", "people"],
)  # fmt: skip
def test_a_changed_file_is_refused(part: Any, tmp_path: Path) -> None:
    path = save(ALL[1], tmp_path / "model")
    with pytest.raises(Unreadable):
        load(rewritten(path, **part))


def test_an_untouched_rewrite_is_taken(tmp_path: Path) -> None:
    assert digest_of(load(rewritten(save(ALL[1], tmp_path / "model")))) == digest_of(ALL[1])


class Bomb:
    """Would create a file if anything unpickled it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def test_a_pickle_inside_is_never_run(tmp_path: Path) -> None:
    path = save(ALL[1], tmp_path / "model")
    hostile = npy(np.array([Bomb(tmp_path / "ran")], dtype=object), allow_pickle=True)
    with pytest.raises(Unreadable):
        load(rewritten(path, x=hostile))
    assert not (tmp_path / "ran").exists()


def test_a_file_that_swells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy(np.zeros((1000, 1000))))
    with pytest.raises(Unreadable):
        load(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a model", b"\x80\x04N."])
def test_rubbish_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(data)
    with pytest.raises(Unreadable):
        load(tmp_path / "model")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(tmp_path / "model")
