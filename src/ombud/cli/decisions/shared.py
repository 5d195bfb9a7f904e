"""What the verbs of decisions share: the system's manifest, the decision's number, and who signs."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, Final

import typer

from ombud.cli.options import a_day
from ombud.cli.workbench import signer
from ombud.errors import Misused
from ombud.store.workspace import Workspace

ROLES: Final = ("platform", "ml", "owner", "ci")
"""Roles whose keys put decisions into the log by default."""

SystemFile = Annotated[
    Path, typer.Option("--system", metavar="MANIFEST", help="The system's manifest; default: ombud.yaml.")
]
DecisionId = Annotated[str, typer.Argument(metavar="ID", help="The decision's number, as your system calls it.")]


def a_signer(workspace: Workspace, wanted: str | None) -> str | None:
    """Whose key signs; None where none here may, so that decisions are kept now and put into the log later.

    Raises:
        Misused: several could be meant.
    """
    if wanted is None and not workspace.holders(ROLES):
        return None
    try:
        return signer(workspace, wanted, ROLES)
    except Misused:
        able = workspace.holders(ROLES[:1])
        if wanted is None and len(able) == 1:  # several may, and one is the platform's: that is whose work it is
            return able[0]
        raise


def start_of(day: str) -> datetime:
    """The first moment of a day, UTC.

    Raises:
        Misused: not an ISO date.
    """
    return datetime.combine(a_day(day), time(), UTC)
