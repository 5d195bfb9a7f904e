"""Verbs of requests: receive, show and due here; those that prove identity, move clocks and decide in files beside."""

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cases import Case
from ombud.cli.options import AsFormat, Format, Holder, a_day
from ombud.cli.rights import request_clocks, request_decisions, request_identity
from ombud.cli.rights.request_shared import ROLES, CaseNumber, the_request
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.errors import Misused
from ombud.law.requests import RIGHTS
from ombud.store.workspace import Workspace, open_workspace

app = typer.Typer()


@app.command()
def receive(
    right: Annotated[str, typer.Option("--right", help=f"What is asked for: {', '.join(RIGHTS)}.")],
    lives: Annotated[
        list[str], typer.Option("--lives", metavar="PLACE", help="Where the person lives: DE, US-CA. Repeatable.")
    ],
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--identity", metavar="KIND=VALUE", help="What they are known by. Others can see arguments: prefer --file."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="Private: identities, name, contact, words as YAML; - reads stdin."
        ),
    ] = None,
    channel: Annotated[
        str, typer.Option("--channel", help="web, mail, phone, letter, in-person, gpc, agent.")
    ] = "mail",
    received: Annotated[
        str | None,
        typer.Option("--received", metavar="TIME", help="When it came in, if not now: a day, or an instant."),
    ] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", help="Of an access: categories or pieces (the data itself).")
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option("--agent", help="Who asks for the person: agent, lawyer, parent, guardian, heir, other."),
    ] = None,
    authority: Annotated[
        str | None, typer.Option("--authority", help="What shows that they may, if it was shown.")
    ] = None,
    minor: Annotated[bool, typer.Option("--minor", help="The person is a child.")] = False,
    deceased: Annotated[bool, typer.Option("--deceased", help="The person has died.")] = False,
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="FACT=VALUE", help="Of the organisation: role=business. Repeatable."),
    ] = None,
    organisation: Annotated[
        Path | None, typer.Option("--organisation", metavar="FILE", help="Default: organisation.yaml of the workspace.")
    ] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Whose days count; default: of the place.")] = None,
    calendar: Annotated[
        str | None, typer.Option("--calendar", metavar="PLACE", help="Whose holidays count; none: weekends alone.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Receive a request: open a case, start the clocks of every law that applies, look for earlier requests.

    The person's identities, contact and words stay in the store. The log gets a random alias.

    \b
    ombud rights receive --right access --lives DE --file request.yaml --channel mail
    ombud rights receive --right erasure --lives US-CA --file - --received 2026-11-20 < request.yaml
    """
    from ombud.cli.rights.private import Private, identities, read_private
    from ombud.cli.rights.requests_text import received_text
    from ombud.rights.due import due_of
    from ombud.rights.receive import receive as take_in
    from ombud.rights.request import Request

    private = read_private(file) if file else Private()
    workspace = open_workspace()
    request = Request(
        right=right, lives=tuple(lives), identities=(*private.identities, *identities(identity or ())), channel=channel,
        received=_moment(received, timezone, workspace), scope=scope, agent=agent, authority=authority, minor=minor,
        deceased=deceased, timezone=timezone, calendar=calendar, name=private.name, contact=private.contact,
        words=private.words, facts=_facts(workspace, organisation, fact or ()),
    )  # fmt: skip
    done = take_in(workspace, request, signer(workspace, holder, ROLES))
    due = due_of(done.case, workspace.context.clock.now())
    if format is Format.JSON:
        show_json(due.to_json() | {"remarks": list(done.remarks), "beside": list(done.beside)})
        return
    typer.echo(received_text(done, due))
    typer.echo(f"next: ombud rights verify {done.case.id}", err=True)


@app.command()
def show(
    case: CaseNumber,
    private: Annotated[bool, typer.Option("--private", help="Also identities, contact, words and reasons.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show where a request stands, its clocks and every step.

    Example: ombud rights show R-7F3A2C
    """
    from ombud.cli.rights.requests_text import show_text
    from ombud.rights.due import due_of

    workspace = open_workspace()
    found = the_request(workspace, case)
    due = due_of(found, workspace.context.clock.now())
    kept = _private(workspace, found) if private else None
    if format is Format.TEXT:
        typer.echo(show_text(due, kept))
        return
    steps = [{"event": one.event, "at": one.at.isoformat(), "by": one.holder, "entry": one.index, "state": one.state,
              "details": dict(one.details)} for one in found.steps]  # fmt: skip
    ignored = [{"entry": one.index, "event": one.event, "because": one.because} for one in found.ignored]
    show_json(due.to_json() | {"steps": steps, "ignored": ignored} | ({"private": kept} if private else {}))


@app.command()
def due(
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Look from the beginning of this day (UTC).")
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List every open request with its clocks, the most urgent first. Exit 1 if anything is overdue.

    \b
    ombud rights due
    ombud rights due --on 2026-12-24 --format json
    """
    from ombud.cli.rights.requests_text import due_text
    from ombud.rights.due import due as list_due

    found = list_due(open_workspace(), _start(on))
    if format is Format.JSON:
        show_json({"due": [one.to_json() for one in found], "overdue": sum(one.overdue for one in found)})
    else:
        typer.echo(due_text(found))
    raise typer.Exit(1 if any(one.overdue for one in found) else 0)


for _group in (request_identity, request_clocks, request_decisions):
    app.registered_commands += _group.app.registered_commands


def _private(workspace: Workspace, case: Case) -> dict[str, str]:
    """Notes that people wrote or read, and identities; not what other verbs keep for themselves."""
    notes = workspace.people.kept(case.id)
    told = {name: notes[name] for name in ("name", "contact", "words", "reasons", "extension") if name in notes}
    known = workspace.people.identities(case.alias) if case.alias else ()
    return told | {"identities": "\n".join(f"{one.kind}={one.value}" for one in known)}


def _facts(workspace: Workspace, organisation: Path | None, given: Sequence[str]) -> Any:
    """What the organisation declared of itself, overruled by what is given one by one."""
    from ombud.cli.law_facts import gather
    from ombud.system.organisation import load_organisation

    beside = organisation or workspace.root / "organisation.yaml"
    facts: dict[str, frozenset[str]] = {}
    if organisation or beside.exists():
        declared = load_organisation(beside)
        facts = {**declared.declared, "establishment": frozenset(declared.establishment)}
    return {**facts, **(gather(None, given) if given else {})}


def _moment(written: str | None, timezone: str | None, workspace: Workspace) -> datetime | None:
    """An instant; one without an offset is meant in the timezone that was named, else UTC.

    A bare day is its noon, which is that day in every place that these laws are of; today is now.
    """
    if written is None:
        return None
    from ombud.law.clock import zone

    place, now = zone(timezone or "UTC"), workspace.context.clock.now()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Misused("that is no day and no instant", "Write it as 2026-11-23 or 2026-11-23T10:00+01:00.") from None
    if len(written) > len("2026-11-23"):
        return moment if moment.tzinfo else moment.replace(tzinfo=place)
    noon = datetime.combine(moment.date(), time(12), place)
    return now if noon > now and now.astimezone(place).date() == moment.date() else noon


def _start(written: str | None) -> datetime | None:
    from ombud.law.clock import zone

    return datetime.combine(a_day(written), time(), zone("UTC")) if written else None
