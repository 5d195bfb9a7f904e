"""What a release is: model, threshold, pipeline, manifest and policy, under one digest."""

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen

from ombud.evidence.canonical import digest
from ombud.system.artifact import inspect_artifact
from ombud.system.manifest import System

BUT_CHECKPOINTS: Final = (
    ":(top)", ":(top,exclude,glob)**/ombud.checkpoint*", ":(top,exclude,glob)**/.ombud/releases.json",
)  # fmt: skip
"""Everything in a repository but what the log writes of itself, as Git understands it: checkpoints, the releases."""


@frozen
class Composite:
    """The parts of a release, each by digest or exact value.

    Attributes:
        model: SHA-256 of the model file; None for a system known only by its decisions.
        threshold: the score from which a decision is favourable, exact, as text.
        pipeline: commit of the repository that holds the manifest, with "+changes" if the tree is not clean.
        manifest: digest of the manifest as declared.
        policy: digest of the limits.
    """

    model: str | None
    threshold: str | None
    pipeline: str | None
    manifest: str
    policy: str

    @property
    def digest(self) -> str:
        """Digest of the release: changes with any part."""
        return digest(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """The parts as the statement of a release carries them."""
        return asdict(self)


def composite(system: System) -> Composite:
    """The release that a manifest describes, as its files are now."""
    model = system.model
    return Composite(
        model=inspect_artifact(model.artifact).digest if model else None,
        threshold=None if model is None or model.threshold is None else str(Fraction(str(model.threshold))),
        pipeline=commit_of(system.path.parent),
        manifest=system.digest,
        policy=digest(system.content.get("policy", {})),
    )


def commit_of(folder: Path) -> str | None:
    """The commit that last changed the repository a folder is in; None where it is no Git work tree.

    Checkpoints and the published list of releases are left out: writing or committing them makes no other pipeline.
    Files that Git does not track are left out too: a report beside the manifest is no change of the pipeline.
    """
    commit = _git(folder, "log", "-1", "--format=%H", "--", *BUT_CHECKPOINTS)
    if not commit:
        return None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", *BUT_CHECKPOINTS)
    return f"{commit}+changes" if changed else commit


def _git(folder: Path, *words: str) -> str | None:
    try:
        ran = subprocess.run(  # noqa: S603 (fixed words, no shell)
            ["git", "-C", str(folder), *words],  # noqa: S607 (the user's own Git)
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout.strip() if ran.returncode == 0 else None
