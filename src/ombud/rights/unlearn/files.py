"""Keep a model in a file, and open it again: arrays and canonical JSON, never code."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from ombud.errors import Misused, NotFound, OmbudError, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.rights.unlearn.forget import EXACT
from ombud.rights.unlearn.model import Model, digest_of
from ombud.rights.unlearn.rows import Array
from ombud.rights.unlearn.sisa import ShardedEnsemble, Trainer
from ombud.store.errors import reported

_HEADER: Final = "ombud.json"
_MAX_BYTES: Final = 8 << 30
_MODELS: Final[Mapping[str, Any]] = {one.kind: one for one in EXACT}


def save(model: Model, path: Path) -> Path:
    """Write a model beside its place and put it there in one step; the file is personal data, for its owner alone."""
    header, arrays = model.state()
    told = canonical({"ombud": 1, "kind": model.kind, "digest": digest_of(model), "header": dict(header)})
    parts = {_HEADER: np.frombuffer(told, dtype=np.uint8), **arrays}
    with reported(str(path)):
        beside = path.with_name(f"{path.name}.part")
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        with beside.open("wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in parts.items():
                archive.writestr(zipfile.ZipInfo(f"{name}.npy"), _bytes(array))
        beside.replace(path)
    return path


def load(path: Path, trainer: Trainer | None = None) -> Model:
    """Open a model that `save` wrote.

    Args:
        path: the file.
        trainer: for a sharded ensemble, what trained it.

    Raises:
        NotFound: there is no such file.
        Unreadable: it is not one of these files, was changed, or is far too large.
        Misused: the trainer is missing or another one.
    """
    if not path.is_file():
        raise NotFound("model", str(path))
    with reported(str(path)):
        if path.stat().st_size > _MAX_BYTES:
            raise Unreadable(str(path), "this is larger than a model is read from")
        parts = _parts(path)
    return _made(path, parts, trainer)


def _made(path: Path, parts: dict[str, Array], trainer: Trainer | None) -> Model:
    try:
        told = parse(parts.pop(_HEADER).tobytes(), str(path))
        kind, header, promised = _MODELS[told["kind"]], told["header"], told["digest"]
        wrong_trainer = kind is ShardedEnsemble and (trainer is None or trainer.name != header["trainer"])
        more = {"trainer": trainer} if kind is ShardedEnsemble else {}
        model = None if wrong_trainer else cast(Model, kind.from_state(header, parts, **more))
    except (OmbudError, KeyError, ValueError, TypeError, IndexError, AttributeError):
        raise _not_ours(path) from None
    if model is None:
        raise Misused("this ensemble was trained by another trainer, or none is given", "Hand over its trainer.")
    if digest_of(model) != promised or model.state()[1].keys() != parts.keys():
        raise Unreadable(str(path), "the model was changed after it was written", "Take it from a backup.")
    return model


def _not_ours(path: Path) -> Unreadable:
    return Unreadable(str(path), "this is not a model that Ombud wrote")


def _parts(path: Path) -> dict[str, Array]:
    """The arrays of the file, whose members are stored as they are: nothing in it can swell."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(one.compress_type != zipfile.ZIP_STORED or one.file_size != one.compress_size for one in members):
                raise _not_ours(path)
            return {one.filename.removesuffix(".npy"): _array(archive.read(one)) for one in members}
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError):
        raise _not_ours(path) from None


def _bytes(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(data: bytes) -> Array:
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
