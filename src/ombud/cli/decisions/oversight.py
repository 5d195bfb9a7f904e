"""Verbs about those who review: reviewer, notice, oversight."""

from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.decisions.contest_shared import ROLES
from ombud.cli.options import AsFormat, Format, Holder, a_day, end_of
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.store.workspace import open_workspace

app = typer.Typer()


@app.command()
def reviewer(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Holder of the key they sign with.")],
    staff: Annotated[
        str | None, typer.Option("--staff", metavar="NUMBER", help="As records of decisions name them; default: NAME.")
    ] = None,
    training: Annotated[
        Path | None,
        typer.Option("--training", metavar="FILE", help="Shows that they can read the output; its digest is kept."),
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Holds to the end of this day.")] = None,
    system: Annotated[
        Path | None, typer.Option("--system", metavar="MANIFEST", help="For one system; default: for all.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Name a reviewer: put on record, before there is a case, that they may change what was decided.

    Nobody names themselves. To take it back: ombud attest revoke ENTRY

    \b
    ombud decisions reviewer legal-team --staff S-17 --training course.pdf --as officer
    """
    from ombud.cli.incidents.shared import digest_of
    from ombud.decisions.contest_reviewers import appoint

    workspace = open_workspace(system.resolve().parent if system else None)
    of = None
    if system is not None:
        from ombud.system.manifest import load_system

        of = load_system(system).name
    named = appoint(
        workspace, name, signer(workspace, holder, ROLES[:4]), system=of, staff=staff,
        training=digest_of(training) if training else None, until=end_of(a_day(until)) if until else None,
    )  # fmt: skip
    if format is Format.JSON:
        show_json(named.to_json())
        return
    typer.echo(f"{named.name} may review decisions of {of or 'every system'} and change them (entry {named.index})")
