"""`ombud rights records` and `ombud rights exports`: what is kept for the authority, and what lies ready for people."""

import json
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli.options import AsFormat, Format, a_day
from ombud.errors import Misused

app = typer.Typer()


class Kind(StrEnum):
    """The records that can be written."""

    ROPA = "ropa"
    PROCESSOR = "processor"
    LOG = "log"
    METRICS = "metrics"
    CONSENTS = "consents"
    OWN = "own"


class Written(StrEnum):
    """The formats of a record."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    JSON = "json"


BINARY = (Written.PDF, Written.DOCX, Written.XLSX)


@app.command()
def records(
    kind: Annotated[
        Kind,
        typer.Argument(
            metavar="KIND",
            help="ropa (Art. 30(1)), processor (Art. 30(2)), log (§ 7101), metrics (§ 7102), consents, own.",
        ),
    ],
    map: Annotated[Path, typer.Option("--map", metavar="FILE", help="The map of data.")] = Path("sources.yaml"),
    format: Annotated[
        Written | None, typer.Option("--format", help="By default what the name of --output ends with, else JSON.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="By default it is printed.")] = None,
    year: Annotated[
        int | None, typer.Option("--year", min=2018, max=9998, help="Of metrics; by default the year before this one.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Of the log; by default 24 months back.")
    ] = None,
    fonts: Annotated[
        list[Path] | None, typer.Option("--fonts", metavar="FOLDER", help="More fonts for a PDF; may be repeated.")
    ] = None,
) -> None:
    """Write a record from the map of data, the manifests and the ledger, with everything that is missing marked.

    Beside the map it reads organisation.yaml, and records.yaml for what neither says (contact, people, safeguards).

    \b
    ombud rights records ropa --output ropa.pdf
    ombud rights records log --format xlsx --output requests.xlsx
    ombud rights records metrics --year 2026
    """
    from ombud.rights.records.write import document

    written = _format(format, output)
    if written in BINARY and output is None:
        raise Misused(f"{written} is not for a terminal", "Name a file with --output.")
    record = _record(kind, map, year, a_day(since) if since else None)
    content = document(record, written, tuple(fonts or ()))
    if output is None:
        sys.stdout.write(content.decode("utf-8"))
        return
    output.write_bytes(content)
    _say_holes(record, output)


@app.command()
def exports(
    purge: Annotated[bool, typer.Option("--purge", help="Delete those whose last day is over.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Say which locked packages lie ready for people, and until when; with --purge, delete the old ones.

    \b
    ombud rights exports
    ombud rights exports --purge
    """
    from ombud.rights import export
    from ombud.store.workspace import open_workspace

    workspace = open_workspace()
    gone = export.purge(workspace, workspace.context.clock.now().date()) if purge else 0
    lying = export.packages(workspace)
    if format is Format.JSON:
        told = [{"file": path.name, "case": case, "until": until.isoformat()} for path, case, until in lying]
        typer.echo(json.dumps({"deleted": gone, "packages": told}, indent=2))
        return
    for path, case, until in lying:
        typer.echo(f"{case}  until {until.isoformat()}  {path.name}")
    typer.echo(f"{len(lying)} here" + (f", {gone} deleted" if purge else ""))


def _format(format: Written | None, output: Path | None) -> Written:
    if format is not None:
        return format
    ending = output.suffix.removeprefix(".").lower() if output else "json"
    if ending not in list(Written):
        raise Misused(f"no format is called {ending!r}", f"Choose one with --format: {', '.join(Written)}.")
    return Written(ending)


def _record(kind: Kind, path: Path, year: int | None, since: date | None) -> Any:
    from ombud.rights.records import gather

    desk = gather.desk(path)
    match kind:
        case Kind.ROPA:
            return desk.controller()
        case Kind.PROCESSOR:
            return desk.processor()
        case Kind.LOG:
            return desk.log(since)
        case Kind.METRICS:
            return desk.figures(year)
        case Kind.CONSENTS:
            return desk.consents()
        case Kind.OWN:
            return desk.own()


def _say_holes(record: Any, output: Path) -> None:
    from ombud.documents.rights.records import paper

    holes = paper(record).holes
    typer.echo(f"written: {output}")
    if holes:
        missing = "1 thing is" if len(holes) == 1 else f"{len(holes)} things are"
        typer.echo(f"{missing} missing in it; the first: {holes[0].add}, {holes[0].where}", err=True)
