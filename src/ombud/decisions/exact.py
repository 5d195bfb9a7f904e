"""Find the very model that made a decision, by the digest of its file; no other one is taken in its place."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from attrs import define

from ombud.errors import OmbudError
from ombud.store.settings import FOLDER
from ombud.system.manifest import System
from ombud.system.models import Model, open_model

KEPT: Final = "models"
"""Folder below `.ombud/` in which models of earlier releases are kept, under names that begin with their digest."""

SHORTEST: Final = 8
"""A kept file's name begins with at least so many digits of its digest."""


@define
class CannotReplay(OmbudError):
    """A decision cannot be repeated, so that nothing true can be said of how it came about."""

    what: str
    next_step: str
    exit_code: ClassVar[int] = 3

    def __str__(self) -> str:
        return self.what


def exact_model(system: System, root: Path, digest: str | None) -> Model:
    """The model with a digest: the manifest's, else one that was kept.

    Args:
        system: whose decision it is; root: the workspace's folder; digest: as the decision was recorded with.

    Raises:
        CannotReplay: the decision names no model, its file is gone, or no model here has that digest.
        Refused, NotSupported, LibraryMissing: the file is there and cannot be opened.
    """
    if not digest:
        raise CannotReplay(
            "the decision was recorded without the digest of its model, so nobody can know which one made it",
            "Record decisions with the digest of the model file: ombud decisions import --help",
        )
    gone = []
    for path in candidates(system, root, digest):
        if not path.is_file():
            gone.append(path)
        elif digest_of(path) == digest:
            return open_model(path)
    raise _not_here(digest, root, gone)


def candidates(system: System, root: Path, digest: str) -> Iterator[Path]:
    """Where the model may be: as the manifest says, then among the kept ones that are called by its digest."""
    if system.model is not None:
        yield Path(system.model.artifact)
    folder = root / FOLDER / KEPT
    named = sorted(folder.glob(f"{digest[:SHORTEST]}*")) if folder.is_dir() else []
    yield from (path for path in named if digest.startswith(path.name.partition(".")[0].lower()))


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_here(digest: str, root: Path, gone: list[Path]) -> CannotReplay:
    keep = f"Put the file of that model into {root / FOLDER / KEPT} under the name {digest[:16]}, and ask again."
    if gone:
        return CannotReplay(f"the model file is gone: {gone[0].name} (wanted: digest {digest[:16]})", keep)
    return CannotReplay(f"unknown model digest {digest[:16]}: no model here has it", keep)
