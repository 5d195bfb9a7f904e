"""`ombud incidents`: something went wrong. What it is, whom it concerns, who has to be told until when, and its end."""

import sys
from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ombud.cases import Case
from ombud.cli.options import AsFormat, Format, Holder, a_day
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.errors import Misused

if TYPE_CHECKING:
    from ombud.incidents.handle import Counter, Incidents
    from ombud.store.workspace import Workspace
    from ombud.system.organisation import Organisation

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

app = typer.Typer(
    help="Something went wrong: what, for whom, who has to be told until when, and its end.", no_args_is_help=True
)


class Paper(StrEnum):
    """The formats of a draft."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    JSON = "json"


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
    from ombud.cli.incidents_text import listed
    from ombud.incidents.clocks import incidents

    found = incidents(_workspace(), drills=drills, ended=every, system=system)
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
    from ombud.cli.incidents_text import shown, steps_json
    from ombud.incidents.clocks import standing

    who = _who(None, reading=True)
    found = standing(who.case(case), who.workspace.context.clock.now())
    notes = dict(who.workspace.people.kept(found.case.id)) if private else None
    if format is Format.JSON:
        show_json(found.to_json() | steps_json(found.case) | ({"private": notes} if private else {}))
        return
    typer.echo(shown(found, notes))


@app.command()
def update(
    case: CaseNumber,
    what: Annotated[
        str | None, typer.Option("--what", help="nature, consequences, measures, causal-link, late-reasons, …")
    ] = None,
    file: Words = None,
    category: Category = None,
    severity: Annotated[str | None, typer.Option("--severity", help="minor, major, serious.")] = None,
    risk: Annotated[str | None, typer.Option("--risk", help="unknown, unlikely, likely, high.")] = None,
    aware: Annotated[str | None, typer.Option("--aware", metavar="TIME", help="When somebody knew.")] = None,
    because: Because = None,
    people: Annotated[int | None, typer.Option("--people", min=0, help="How many are concerned, by your word.")] = None,
    count: Annotated[
        str | None,
        typer.Option("--count", metavar="FROM..UNTIL", help="Count the people decided about between two days."),
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write down what became known: text, severity and categories (clocks are worked out again), people concerned.

    \b
    ombud incidents update I-7F3A2C --what consequences --file consequences.txt
    ombud incidents update I-7F3A2C --severity serious --category death --because why.txt
    ombud incidents update I-7F3A2C --count 2026-11-01..2026-11-20
    """
    who = _who(holder)
    after: Case | None = None
    if severity or category or risk or aware:
        after = who.classify(
            case, _assessed(who.case(case), category, severity, risk), _read(because), aware=_time(aware)
        )
    if people is not None:
        after = who.state_people(case, people)
    if count is not None:
        after = who.count(case, *_period(count), _counter(who.workspace))
    if what is not None:
        after = who.update(case, what, _read(file))
    if after is None:
        raise Misused("nothing was said that could be written down", "Give --what with --file, --severity or --people.")
    _told(who, after, format)


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
    who = _who(holder)
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

    who = _who(holder)
    digests = [_digest(one) for one in document or ()]
    if not_owed is not None:
        after = who.not_notifiable(case, duty, not_owed, _read(because))
    elif is_drill(who.case(case)):
        after = who.rehearse(case, duty, digests)
        typer.echo("a drill: rehearsed, and not notified", err=True)
    else:
        after = who.notify(case, duty, phase, sent=_time(sent), documents=digests, late_reasons=_read(late))
    _told(who, after, format)


@app.command()
def cause(
    case: CaseNumber,
    is_: Annotated[str, typer.Option("--is", help="data-changed, data-error, model-error, code-change, …, not-found.")],
    because: Because = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Since when it had its effect.")] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Say what caused it, and how that is known; "not-found" if it was looked for and not found.

    Example: ombud incidents cause I-7F3A2C --is data-changed --because analysis.txt
    """
    who = _who(holder)
    _told(who, who.cause(case, is_, _read(because), _time(since)), format)


@app.command()
def action(
    case: CaseNumber,
    does: Annotated[
        str | None, typer.Option("--does", help="A new action: rollback, retrain, suspended, release-revoked, …")
    ] = None,
    owner: Annotated[str, typer.Option("--owner", help="Whose: ml, platform, dpo, ciso, legal, business.")] = "ml",
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="Until when.")] = None,
    file: Words = None,
    done: Annotated[str | None, typer.Option("--done", metavar="ACTION", help="An action was carried out: A1.")] = None,
    verified: Annotated[
        str | None, typer.Option("--verified", metavar="ACTION", help="It was seen that an action works: A1.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="How that was seen: measured, tested, reviewed.")] = "measured",
    evidence: Annotated[
        Path | None, typer.Option("--evidence", metavar="FILE", help="What shows it; its digest is kept.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Set a corrective action with its owner and day, say that it was done, or that it was verified.

    \b
    ombud incidents action I-7F3A2C --does rollback --owner platform --due 2026-11-27
    ombud incidents action I-7F3A2C --done A1
    ombud incidents action I-7F3A2C --verified A1 --by measured
    """
    if sum(one is not None for one in (does, done, verified)) != 1:
        raise Misused("one action at a time is set, done or verified", "Give one of --does, --done, --verified.")
    who = _who(holder)
    if does is not None:
        if due is None:
            raise Misused("an action has a day until which it is done", "Give --due 2026-12-01.")
        after = who.set_action(case, does, owner, a_day(due), _read(file))
    elif done is not None:
        after = who.action_done(case, done)
    else:
        after = who.verify_action(case, str(verified), by, _digest(evidence) if evidence else None)
    _told(who, after, format)


@app.command()
def close(
    case: CaseNumber,
    learned: Annotated[
        Path | None, typer.Option("--learned", metavar="FILE", help="What was learned, private; - reads stdin.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Close an incident: its cause is known, its actions work, every duty was answered. Else it says what is missing.

    Example: ombud incidents close I-7F3A2C
    """
    who = _who(holder)
    _told(who, who.close(case, _read(learned)), format)


# --- shared -----------------------------------------------------------------------------------------------------------


def _open(
    system: str, category: list[str] | None, severity: str, risk: str, aware: str | None, series: str | None,
    file: Path | None, holder: str | None, format: Format, *, drill: bool,
) -> None:  # fmt: skip
    from ombud.incidents.incident import Assessed, Report
    from ombud.incidents.opening import open_incident

    who = _who(holder)
    assessed = Assessed(categories=tuple(category or ("other",)), severity=severity, risk=risk)
    report = Report(system=_system(system), assessed=assessed, aware=_time(aware), series=series, nature=_read(file),
                    drill=drill)  # fmt: skip
    opened = open_incident(who.workspace, report, who.holder)
    if not opened.new:
        typer.echo("an open incident of this series took it in", err=True)
    _told(who, opened.case, format)


def _system(named: str) -> str:
    """The name of a system; a manifest is read for it."""
    if Path(named).suffix not in (".yaml", ".yml"):
        return named
    from ombud.system.manifest import load_system

    return load_system(named).name


def _workspace() -> "Workspace":
    from ombud.store.workspace import open_workspace

    return open_workspace()


def _who(holder: str | None, *, reading: bool = False) -> "Incidents":
    from ombud.incidents.handle import Incidents

    workspace = _workspace()
    return Incidents(workspace, "" if reading else signer(workspace, holder, ROLES))


def _told(who: "Incidents", case: Case, format: Format) -> None:
    from ombud.cli.incidents_text import listed
    from ombud.incidents.clocks import standing

    found = standing(case, who.workspace.context.clock.now())
    if format is Format.JSON:
        show_json(found.to_json())
    else:
        typer.echo(listed((found,)))


def _assessed(case: Case, category: list[str] | None, severity: str | None, risk: str | None) -> Any:
    """What is said now; what is not said stays as it was."""
    from ombud.incidents.incident import Assessed
    from ombud.incidents.incident_guards import assessment

    now = assessment(case)
    return Assessed(
        categories=tuple(category or now["categories"]), severity=severity or now["severity"], risk=risk or now["risk"]
    )


def _read(file: Path | None) -> str:
    from ombud.cli.rights.private import read_text

    return read_text(file) if file else ""


def _time(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Misused("that is no time", "Write it as 2026-11-25T10:00+01:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _period(written: str) -> tuple[datetime, datetime]:
    first, mark, last = written.partition("..")
    if not mark:
        raise Misused("a period is written FROM..UNTIL", "Like 2026-11-01..2026-11-20; the last day is not in it.")
    since, until = (datetime.combine(a_day(one), time(), UTC) for one in (first, last))
    if until <= since:
        raise Misused("a period ends after it begins", "For example 2026-11-01..2026-11-20.")
    return since, until


def _counter(workspace: "Workspace") -> "Counter":
    from ombud.incidents.people import PeopleDecided

    return PeopleDecided(workspace)


def _digest(file: Path) -> str:
    import hashlib

    from ombud.cli.rights.private import read_bytes

    return hashlib.sha256(read_bytes(file)).hexdigest()


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
