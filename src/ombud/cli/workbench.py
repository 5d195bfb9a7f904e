"""What the verbs that look at one system work with: its manifests, its workspace and the law."""

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from ombud.errors import Misused
from ombud.law import Pack, load_pack
from ombud.store.workspace import Workspace, open_workspace
from ombud.system.manifest import System, load_system
from ombud.system.organisation import Organisation, load_organisation


@frozen
class Workbench:
    """A system on the bench.

    Attributes:
        system, organisation: the manifests; the organisation's is looked for beside the system's.
        workspace: the nearest one above the manifest.
        pack: the built-in law, with folders of the user's own.
    """

    system: System
    organisation: Organisation | None
    workspace: Workspace
    pack: Pack


def open_workbench(manifest: Path, law: Sequence[Path] | None = None) -> Workbench:
    """Open everything that belongs to a manifest.

    Raises:
        OmbudError: the manifest, the workspace or the law cannot be read.
    """
    system = load_system(manifest)
    beside = manifest.parent / "organisation.yaml"
    return Workbench(
        system=system,
        organisation=load_organisation(beside) if beside.exists() else None,
        workspace=open_workspace(manifest.resolve().parent),
        pack=load_pack(tuple(law or ())),
    )


def signer(workspace: Workspace, wanted: str | None, roles: Sequence[str]) -> str:
    """Whose key signs: the one that was named, else the only one here with one of these roles.

    Raises:
        Misused: nobody, or more than one person, could be meant.
    """
    if wanted:
        return wanted
    able = workspace.holders(roles)
    if len(able) == 1:
        return able[0]
    if not able:
        problem = f"no key here may sign this (roles: {', '.join(roles)})"
        raise Misused(problem, f"Make one with: ombud keys add NAME --role {roles[0]}")
    raise Misused(f"several keys here may sign this: {', '.join(able)}", "Choose one with --as NAME.")
