"""What the verbs of incidents share: whose key signs, the case, days, times and files as they are given."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ombud.cases import Case
from ombud.cli.options import Format
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.errors import Misused
from ombud.store.workspace import open_workspace

if TYPE_CHECKING:
    from ombud.incidents.handle import Incidents

ROLES = ("dpo", "ciso", "owner", "legal", "platform", "business")
CaseNumber = Annotated[str, typer.Argument(metavar="CASE", help="For example I-7F3A2C; see `ombud incidents list`.")]
Words = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="What is written down, private; - reads stdin.")
]
Because = Annotated[Path | None, typer.Option("--because", metavar="FILE", help="The reasons, private; - reads stdin.")]
DutyKey = Annotated[str, typer.Option("--duty", metavar="DUTY", help="As `ombud incidents show` names it.")]
Category = Annotated[
    list[str] | None,
    typer.Option("--category", help="personal-data-breach, serious-ai-incident, death, drift, … Repeatable."),
]


def incidents_of(holder: str | None, *, reading: bool = False) -> "Incidents":
    """The desk of the workspace here; reading needs no key."""
    from ombud.incidents.handle import Incidents

    workspace = open_workspace()
    return Incidents(workspace, "" if reading else signer(workspace, holder, ROLES))


def show_after(who: "Incidents", case: Case, format: Format) -> None:
    """Show an incident after a step."""
    from ombud.cli.incidents.text import listed
    from ombud.incidents.clocks import standing

    found = standing(case, who.workspace.context.clock.now())
    if format is Format.JSON:
        show_json(found.to_json())
    else:
        typer.echo(listed((found,)))


def text_in(file: Path | None) -> str:
    """What a file or stdin holds; "" where none was given."""
    from ombud.cli.rights.private import read_text

    return read_text(file) if file else ""


def time_of(written: str | None) -> datetime | None:
    """A time as it was typed; without an offset it is UTC."""
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Misused("that is no time", "Write it as 2026-11-25T10:00+01:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def digest_of(file: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    from ombud.cli.rights.private import read_bytes

    return hashlib.sha256(read_bytes(file)).hexdigest()
