"""A model registry for MLflow that gives the alias "champion" only to a model version that is released.

Any registry in a database, with a door in front: instead of `sqlite:///mlflow.db` write `ombud+sqlite:///mlflow.db`.
MLflow finds it by its entry point, which is why nothing heavy is imported here. Which workspace it asks:
OMBUD_WORKSPACE, else the current folder. Which aliases and stages are guarded: OMBUD_GUARDED_ALIASES (champion) and
OMBUD_GUARDED_STAGES (Production), names with commas between.

It guards whoever goes through it. Who writes into the registry's database directly, or opens it without the door, is
not asked: give the database's password to the MLflow server alone.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field, frozen

from ombud.errors import Misused
from ombud.gates.admit import Answer, Wanted, admit
from ombud.gates.artifact import digest_there
from ombud.gates.lookup import look
from ombud.law import Pack, load_pack
from ombud.living.released import Standing
from ombud.store.workspace import Workspace, open_workspace

SCHEME: Final = "ombud+"
TAG: Final = "ombud.digest"
SYSTEM_TAG: Final = "ombud.system"
ALIASES: Final = "OMBUD_GUARDED_ALIASES"
STAGES: Final = "OMBUD_GUARDED_STAGES"
WORKSPACE: Final = "OMBUD_WORKSPACE"


@frozen
class Version:
    """A model version as the registry describes it.

    Attributes:
        name, version: what it is called; tags: as it is tagged; source: where its files are.
    """

    name: str
    version: str
    tags: Mapping[str, str]
    source: str

    @property
    def named(self) -> str:
        """How it is told."""
        return f"{self.name} version {self.version}"


@define(eq=False)
class Door:
    """What is asked before a guarded alias or stage is given.

    Attributes:
        workspace: whose log says what is released; pack: the law.
        aliases, stages: which are guarded, in small letters.
    """

    workspace: Workspace
    pack: Pack = field(repr=False)
    aliases: frozenset[str] = frozenset(("champion",))
    stages: frozenset[str] = frozenset(("production",))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Door":
        """The door that the environment describes.

        Raises:
            OmbudError: there is no workspace there, or it cannot be opened.
        """
        start = Path(environ.get(WORKSPACE) or Path.cwd())
        aliases, stages = environ.get(ALIASES, "champion"), environ.get(STAGES, "Production")
        return cls(open_workspace(start), load_pack(()), _names(aliases), _names(stages))

    def guards(self, alias: str) -> bool:
        """Whether an alias is given only to what is released."""
        return alias.strip().casefold() in self.aliases

    def guards_stage(self, stage: str) -> bool:
        """Whether a stage is."""
        return stage.strip().casefold() in self.stages

    def ask(self, version: Version, instead_of: Version | None = None) -> Answer:
        """Whether a version may be given what is guarded.

        Args:
            version: which; instead_of: the version that has it now.

        Raises:
            OmbudError: the log cannot be read: nothing new is let in then.
        """
        digest = _tagged(version)
        if not digest:
            step = f"Tag the version: {TAG} = SHA-256 of its model file, as released."
            return Answer(allowed=False, how="unknown", because=f"{version.named} has no tag {TAG}", next_step=step)
        known, now = look(self.workspace, self.pack), self.workspace.now()
        there = digest_there(version.source, _model(known.releases.standing(digest, now), digest))
        if there is False:
            because = f"no file of {version.named} is the one that its tag {TAG} names"
            return Answer(allowed=False, how="unknown", because=because, next_step="Register what was released.")
        wanted = Wanted(
            release=digest, system=version.tags.get(SYSTEM_TAG), instead_of=_tagged(instead_of) or None,
            again=instead_of is not None and instead_of.version == version.version,
        )  # fmt: skip
        answer = admit(known, wanted, now)
        return answer if there else _unseen(answer, version)


def _tagged(version: Version | None) -> str:
    """The digest that a version is tagged with; "" if with none."""
    return version.tags.get(TAG, "").strip().removeprefix("sha256:") if version else ""


def _model(standing: Standing, digest: str) -> str:
    """The model file's digest, also where the tag names the release."""
    model = standing.release.model if standing.release else None
    return model or digest


def _unseen(answer: Answer, version: Version) -> Answer:
    warning = f"the files of {version.named} are not on this machine: only its tag was held against the releases"
    return evolve(answer, warnings=(*answer.warnings, warning))


def _names(written: str) -> frozenset[str]:
    return frozenset(name.strip().casefold() for name in written.split(",") if name.strip())


def guarded_store(store_uri: str, **_: Any) -> Any:
    """The registry store behind the door; what MLflow's entry point names.

    Args:
        store_uri: the database's address with "ombud+" before it.

    Raises:
        Misused: another kind of address, or MLflow is not installed.
        OmbudError: the workspace cannot be opened.
    """
    if not store_uri.startswith(SCHEME):
        raise Misused("this is no guarded registry", f"Write {SCHEME}sqlite:///PATH or {SCHEME}postgresql://…")
    from ombud.gates.guarded import guarded

    return guarded(store_uri.removeprefix(SCHEME), Door.from_environment())
