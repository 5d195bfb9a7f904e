"""`ombud monitor show`: series drawn in the terminal."""

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from ombud.cli.monitor_text import status_json
from ombud.cli.options import AsFormat, Format, Manifest
from ombud.cli.workbench import Workbench, open_workbench


def show_command(
    manifest: Manifest = Path("ombud.yaml"),
    series: Annotated[
        list[str] | None, typer.Option("--series", help="Only series whose name begins so; may be repeated.")
    ] = None,
    ascii: Annotated[bool, typer.Option("--ascii", help="Draw with plain letters.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Draw the series over time: one line each, or a plot with intervals where only one is asked for.

    \b
    Examples:
    ombud monitor show ombud.yaml
    ombud monitor show ombud.yaml --series impact_ratio[race=black]
    """
    bench = open_workbench(manifest)
    wanted = tuple(series or ())
    if format is Format.JSON:
        typer.echo(status_json(bench.workspace, bench.system, wanted))
        return
    typer.echo(_drawn(bench, wanted, plain=ascii or not _shows_blocks()))


def _drawn(bench: Workbench, wanted: tuple[str, ...], *, plain: bool) -> str:
    from attrs import evolve

    from ombud.documents.monitoring import terminal
    from ombud.documents.monitoring.facts import without_small_groups
    from ombud.monitor.report import report_of

    found = report_of(bench.workspace, bench.system, bench.pack)
    chosen = {name: spots for name, spots in found.series.items() if not wanted or name.startswith(wanted)}
    report = without_small_groups(evolve(found, series=chosen))
    marks = terminal.ASCII if plain else terminal.BLOCKS
    width = get_terminal_size((100, 24)).columns
    if len(report.series) == 1:
        return terminal.plot(report, next(iter(report.series)), width, marks)
    return terminal.lines(report, width, marks)


def _shows_blocks() -> bool:
    """Whether the letters of drawings can be written where this is printed to."""
    try:
        "▁█●│─▲".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
