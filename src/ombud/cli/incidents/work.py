"""Verbs by which an incident is worked on until its end: update, cause, action, close."""

from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ombud.cases import Case
from ombud.cli.incidents.shared import (
    Because,
    CaseNumber,
    Category,
    Words,
    digest_of,
    incidents_of,
    show_after,
    text_in,
    time_of,
)
from ombud.cli.options import AsFormat, Format, Holder, a_day
from ombud.errors import Misused

if TYPE_CHECKING:
    from ombud.incidents.handle import Counter
    from ombud.store.workspace import Workspace

app = typer.Typer()


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
    who = incidents_of(holder)
    after: Case | None = None
    if severity or category or risk or aware:
        after = who.classify(
            case, _assessed(who.case(case), category, severity, risk), text_in(because), aware=time_of(aware)
        )
    if people is not None:
        after = who.state_people(case, people)
    if count is not None:
        after = who.count(case, *_period(count), _counter(who.workspace))
    if what is not None:
        after = who.update(case, what, text_in(file))
    if after is None:
        raise Misused("nothing was said that could be written down", "Give --what with --file, --severity or --people.")
    show_after(who, after, format)


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
    who = incidents_of(holder)
    show_after(who, who.cause(case, is_, text_in(because), time_of(since)), format)


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
    who = incidents_of(holder)
    if does is not None:
        if due is None:
            raise Misused("an action has a day until which it is done", "Give --due 2026-12-01.")
        after = who.set_action(case, does, owner, a_day(due), text_in(file))
    elif done is not None:
        after = who.action_done(case, done)
    else:
        after = who.verify_action(case, str(verified), by, digest_of(evidence) if evidence else None)
    show_after(who, after, format)


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
    who = incidents_of(holder)
    show_after(who, who.close(case, text_in(learned)), format)


def _assessed(case: Case, category: list[str] | None, severity: str | None, risk: str | None) -> Any:
    """What is said now; what is not said stays as it was."""
    from ombud.incidents.incident import Assessed
    from ombud.incidents.incident_guards import assessment

    now = assessment(case)
    return Assessed(
        categories=tuple(category or now["categories"]), severity=severity or now["severity"], risk=risk or now["risk"]
    )


def _period(written: str) -> tuple[datetime, datetime]:
    first, mark, last = written.partition("..")
    if not mark:
        raise Misused("a period is written FROM..UNTIL", "Like 2026-11-01..2026-11-20; the last day is not in it.")
    since, until = (datetime.combine(a_day(one), clock_time(), UTC) for one in (first, last))
    if until <= since:
        raise Misused("a period ends after it begins", "For example 2026-11-01..2026-11-20.")
    return since, until


def _counter(workspace: "Workspace") -> "Counter":
    from ombud.incidents.people import PeopleDecided

    return PeopleDecided(workspace)
