"""What the verbs of requests share: the case, whose key signs, days and reasons as they are given."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ombud.cases import Case, the_case
from ombud.cli.options import Format, a_day
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.store.workspace import Workspace, open_workspace

ROLES = ("dpo", "legal", "owner")
CaseNumber = Annotated[str, typer.Argument(metavar="CASE", help="For example R-7F3A2C; see `ombud rights due`.")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="On which day; by default today.")]
Reasons = Annotated[
    Path | None, typer.Option("--reasons", metavar="FILE", help="Why, in words for the person; - reads stdin.")
]


def take(
    act: Callable[[Workspace, str], Case], holder: str | None, format: Format, then: str = ""
) -> None:  # fmt: skip
    """Take a step and show the request after it."""
    from ombud.cli.rights.requests_text import due_text
    from ombud.rights.due import due_of

    workspace = open_workspace()
    case = act(workspace, signer(workspace, holder, ROLES))
    due = due_of(case, workspace.context.clock.now())
    show_json(due.to_json()) if format is Format.JSON else typer.echo(due_text((due,)))
    if then and format is Format.TEXT:
        typer.echo(f"next: {then.format(case.id) if '{}' in then else f'{then} {case.id}'}", err=True)


def the_request(workspace: Workspace, number: str) -> Case:
    """A request by its number; see `cases.the_case`."""
    from ombud.rights.request import REQUESTS

    return the_case(workspace.ledger.log(), REQUESTS, number)


def day_of(written: str | None) -> date | None:
    """A day; None where it was not given."""
    return a_day(written) if written else None


def reasons_in(file: Path | None) -> str:
    """The reasons in a file; "" where none was given."""
    from ombud.cases.note import note_fits
    from ombud.cli.rights.private import read_text

    return note_fits(read_text(file) if file else "")
