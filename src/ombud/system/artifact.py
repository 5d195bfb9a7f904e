"""A model file as bytes: read once, hashed, recognised and scanned. Nothing here loads a model."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from attrs import define, frozen

from ombud.errors import NotFound, OmbudError, Unreadable
from ombud.system.formats import ALLOWED, Recognised, recognise

MAX_BYTES: Final = 512 * 2**20


@frozen
class ArtifactFacts:
    """What is known of a model file without loading it.

    Attributes:
        name: the file's name, without its folder.
        format: an allowed format (`xgboost-json`, `xgboost-ubjson`, `lightgbm-text`, `catboost-cbm`, `onnx`, `skops`),
            or what was found instead.
        size: bytes.
        digest: SHA-256 of exactly the bytes that were looked at.
        safe: the format is allowed and nothing was found.
        findings: what speaks against it, one sentence each.
    """

    name: str
    format: str
    size: int
    digest: str
    findings: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether the format is on the list of those that hold data and no code."""
        return self.format in ALLOWED

    @property
    def safe(self) -> bool:
        """Whether the format is allowed and nothing speaks against the file."""
        return self.allowed and not self.findings


@define
class Refused(OmbudError):
    """A model file that is not loaded, because loading it could run code or break the program."""

    where: str
    why: str
    next_step: str = (
        "Save the model as XGBoost JSON (booster.save_model('model.json')) or LightGBM text "
        "(booster.save_model('model.txt')) and name that file under model.artifact."
    )

    def __str__(self) -> str:
        return f"{self.where}: refused: {self.why}"


def inspect_artifact(path: Path | str) -> ArtifactFacts:
    """Hash a model file and say what it is. Never loads it.

    Raises:
        NotFound: there is no such file.
        Unreadable: a folder, a device, no permission, or larger than 512 MiB.
    """
    return inspect_bytes(Path(path).name, read_once(path))[0]


def inspect_bytes(name: str, data: bytes) -> tuple[ArtifactFacts, Recognised]:
    """The same for bytes in memory, with the validated model where there is one."""
    found = recognise(data) if data else Recognised("empty", ("the file is empty",))
    return ArtifactFacts(name, found.format, len(data), hashlib.sha256(data).hexdigest(), found.findings), found


def read_once(path: Path | str) -> bytes:
    """All bytes of a regular file, opened once; a link is followed before, not between, looking and loading.

    Raises:
        NotFound, Unreadable: see `inspect_artifact`.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise NotFound("model file", str(path), "Check model.artifact: it is read relative to the manifest.") from None
    except (OSError, ValueError) as problem:
        raise Unreadable(str(path), f"cannot be opened ({getattr(problem, 'strerror', None) or problem})") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unreadable(str(path), "is a folder or a device, not a file", "Name the model file itself.")
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(str(path), "is larger than 512 MiB, so it was not scanned", "Ship a smaller model file.")
    return data
