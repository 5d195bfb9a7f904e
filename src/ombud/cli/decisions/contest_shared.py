"""What the verbs of contests share: the desk, the case, and how it is shown after a step."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ombud.cases import Case
from ombud.cli.options import Format
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.errors import Unreadable
from ombud.store.workspace import open_workspace

if TYPE_CHECKING:
    from ombud.decisions.contest_review import Contests

ROLES = ("dpo", "legal", "business", "owner", "platform", "ciso")
"""Roles whose keys may take a step in a contest."""

CaseNumber = Annotated[
    str, typer.Argument(metavar="CASE", help="For example C-7F3A2C; see `ombud decisions contests`.")
]
Words = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="What is written down, private; - reads stdin.")
]
Reasons = Annotated[
    Path | None, typer.Option("--reasons", metavar="FILE", help="The reasons, for the person; - reads stdin.")
]


def contests_of(holder: str | None, manifest: Path | None = None, *, reading: bool = False) -> "Contests":
    """The desk of the workspace here; reading needs no key. A manifest is read if it is there."""
    from ombud.decisions.contest_review import Contests

    workspace = open_workspace(manifest.resolve().parent if manifest else None)
    system = None
    if manifest is not None and manifest.exists():
        from ombud.system.manifest import load_system

        system = load_system(manifest)
    return Contests(workspace, "" if reading else signer(workspace, holder, ROLES), system)


def show_after(who: "Contests", case: Case, format: Format) -> None:
    """Show a contest after a step."""
    from ombud.cli.decisions.contest_text import listed
    from ombud.decisions.contest import stands

    found = stands(case, who.workspace.context.clock.now())
    if format is Format.JSON:
        show_json(found.to_json())
    else:
        typer.echo(listed((found,)))


def write_file(output: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        Unreadable: it cannot be written there.
    """
    try:
        output.write_bytes(content)
    except OSError as error:
        raise Unreadable(str(output), (error.strerror or "it cannot be written").lower()) from None
