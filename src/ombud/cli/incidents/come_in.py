"""Verbs by which an incident comes in and is looked at: open, drill, list, show."""

from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.incidents.shared import CaseNumber, Category, Words, incidents_of, show_after, text_in, time_of
from ombud.cli.options import AsFormat, Format, Holder
from ombud.cli.tables import show_json
from ombud.store.workspace import open_workspace

app = typer.Typer()


@app.command("open")
def open_(
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help="Its name, or its manifest.")],
    category: Category = None,
    severity: Annotated[str, typer.Option("--severity", help="not-assessed, minor, major, serious.")] = "not-assessed",
    risk: Annotated[str, typer.Option("--risk", help="To people: unknown, unlikely, likely, high.")] = "unknown",
    aware: Annotated[
        str | None, typer.Option("--aware", metavar="TIME", help="When somebody knew: starts the clocks; default: now.")
    ] = None,
    series: Annotated[
        str | None, typer.Option("--series", help="The monitored series it is about; joins its open incident.")
    ] = None,
    file: Words = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Open an incident. What happened, in words, stays in the store; the log gets codes and times.

    \b
    ombud incidents open mortgage-approval --category personal-data-breach --aware 2026-11-25T08:30+01:00 --file -
    ombud incidents open mortgage-approval --category serious-ai-incident --severity serious
    """
    _open(system, category, severity, risk, aware, series, file, holder, format, drill=False)


@app.command()
def drill(
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help="Its name, or its manifest.")],
    category: Category = None,
    severity: Annotated[str, typer.Option("--severity", help="minor, major, serious.")] = "serious",
    file: Words = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Practise: an incident that did not happen. It is never listed among real ones, and nothing of it is notified.

    Example: ombud incidents drill mortgage-approval --category personal-data-breach
    """
    _open(system, category, severity, "high", None, None, file, holder, format, drill=True)


@app.command("list")
def list_(
    drills: Annotated[bool, typer.Option("--drills", help="The drills instead.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    system: Annotated[str | None, typer.Option("--system", help="Only of this system.")] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List the open incidents with the clocks that run, the most urgent first. Exit 1 if something is late.

    \b
    ombud incidents list
    ombud incidents list --all --format json
    """
    from ombud.cli.incidents.text import listed
    from ombud.incidents.clocks import incidents

    found = incidents(open_workspace(), drills=drills, ended=every, system=system)
    late = sum(one.late for one in found)
    if format is Format.JSON:
        show_json({"incidents": [one.to_json() for one in found], "late": late})
    else:
        typer.echo(listed(found, drills=drills))
    raise typer.Exit(1 if late else 0)


@app.command()
def show(
    case: CaseNumber,
    private: Annotated[bool, typer.Option("--private", help="Also what people wrote.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show where an incident stands, its clocks, duties and steps.

    Example: ombud incidents show I-7F3A2C
    """
    from ombud.cli.incidents.text import shown, steps_json
    from ombud.incidents.clocks import standing

    who = incidents_of(None, reading=True)
    found = standing(who.case(case), who.workspace.context.clock.now())
    notes = dict(who.workspace.people.kept(found.case.id)) if private else None
    if format is Format.JSON:
        show_json(found.to_json() | steps_json(found.case) | ({"private": notes} if private else {}))
        return
    typer.echo(shown(found, notes))


def _open(
    system: str, category: list[str] | None, severity: str, risk: str, aware: str | None, series: str | None,
    file: Path | None, holder: str | None, format: Format, *, drill: bool,
) -> None:  # fmt: skip
    from ombud.incidents.incident import Assessed, Report
    from ombud.incidents.opening import open_incident

    who = incidents_of(holder)
    assessed = Assessed(categories=tuple(category or ("other",)), severity=severity, risk=risk)
    report = Report(
        system=_system(system), assessed=assessed, aware=time_of(aware), series=series, nature=text_in(file),
        drill=drill,
    )  # fmt: skip
    opened = open_incident(who.workspace, report, who.holder)
    if not opened.new:
        typer.echo("an open incident of this series took it in", err=True)
    show_after(who, opened.case, format)


def _system(named: str) -> str:
    """The name of a system; a manifest is read for it."""
    if Path(named).suffix not in (".yaml", ".yml"):
        return named
    from ombud.system.manifest import load_system

    return load_system(named).name
