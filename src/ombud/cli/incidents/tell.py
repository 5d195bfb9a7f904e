"""Verbs by which others are told of an incident: draft, notify."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ombud.cli.incidents.shared import (
    Because,
    CaseNumber,
    DutyKey,
    digest_of,
    incidents_of,
    show_after,
    text_in,
    time_of,
)
from ombud.cli.options import AsFormat, Format, Holder
from ombud.errors import Misused

if TYPE_CHECKING:
    from ombud.store.workspace import Workspace
    from ombud.system.organisation import Organisation

app = typer.Typer()


class Paper(StrEnum):
    """The formats of a draft."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    JSON = "json"


@app.command()
def draft(
    case: CaseNumber,
    duty: DutyKey,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="By default it is printed.")] = None,
    format: Annotated[
        Paper | None, typer.Option("--format", help="By default what the name of --output ends with, else JSON.")
    ] = None,
    phase: Annotated[str, typer.Option("--phase", help="first, further or final; default: what comes next.")] = "",
    organisation: Annotated[
        Path | None, typer.Option("--organisation", metavar="FILE", help="Default: organisation.yaml of the workspace.")
    ] = None,
    holder: Holder = None,
) -> None:
    """Draft a notice with everything that is missing marked. Ombud sends nothing.

    \b
    ombud incidents draft I-7F3A2C --duty eu-breach-authority --output notice.pdf
    ombud incidents draft I-7F3A2C --duty eu-ai-incident --format json
    """
    from ombud.incidents.draft import draft as write

    kind = _paper(format, output)
    who = incidents_of(holder)
    done = write(who, case, duty, kind, _organisation(who.workspace, organisation), phase)
    if output is None:
        sys.stdout.write(done.content.decode("utf-8"))
    else:
        output.write_bytes(done.content)
        typer.echo(f"written: {output}")
    if done.holes:
        typer.echo(f"{done.holes} things are missing in it", err=True)


@app.command()
def notify(
    case: CaseNumber,
    duty: DutyKey,
    phase: Annotated[
        str, typer.Option("--phase", help="first, further or final; a notice that is complete at once is final.")
    ] = "first",
    sent: Annotated[str | None, typer.Option("--sent", metavar="TIME", help="When it was sent; default: now.")] = None,
    document: Annotated[
        list[Path] | None, typer.Option("--document", metavar="FILE", help="What was sent; its digest is kept.")
    ] = None,
    late: Annotated[
        Path | None, typer.Option("--late-because", metavar="FILE", help="Why it is late, private; - reads stdin.")
    ] = None,
    not_owed: Annotated[
        str | None, typer.Option("--not-notifiable", metavar="GROUND", help="Nothing is owed, on this ground.")
    ] = None,
    because: Because = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Put on record that a notice was sent, or that none is owed and why. Ombud sends nothing itself.

    \b
    ombud incidents notify I-7F3A2C --duty eu-breach-authority --phase first --document notice.pdf
    ombud incidents notify I-7F3A2C --duty eu-breach-people --not-notifiable encrypted --because why.txt
    """
    from ombud.incidents.incident_guards import is_drill

    who = incidents_of(holder)
    digests = [digest_of(one) for one in document or ()]
    if not_owed is not None:
        after = who.not_notifiable(case, duty, not_owed, text_in(because))
    elif is_drill(who.case(case)):
        after = who.rehearse(case, duty, digests)
        typer.echo("a drill: rehearsed, and not notified", err=True)
    else:
        after = who.notify(case, duty, phase, sent=time_of(sent), documents=digests, late_reasons=text_in(late))
    show_after(who, after, format)


def _organisation(workspace: "Workspace", named: Path | None) -> "Organisation | None":
    from ombud.system.organisation import load_organisation

    beside = named or workspace.root / "organisation.yaml"
    return load_organisation(beside) if named or beside.exists() else None


def _paper(format: Paper | None, output: Path | None) -> str:
    ending = output.suffix.removeprefix(".").lower() if output else "json"
    kind = str(format) if format else ending
    if kind not in list(Paper):
        raise Misused(f"no draft is called {kind!r}", f"Choose one with --format: {', '.join(Paper)}.")
    if output is None and kind in ("pdf", "docx"):
        raise Misused(f"{kind} is not for a terminal", "Name a file with --output.")
    return kind
