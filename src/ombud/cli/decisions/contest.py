"""Verbs by which a contest comes in and is looked at: contest, contests, hear, withdraw."""

from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.decisions.contest_shared import CaseNumber, Words, contests_of, show_after
from ombud.cli.decisions.shared import DecisionId, SystemFile
from ombud.cli.incidents.shared import text_in
from ombud.cli.options import AsFormat, Format, Holder
from ombud.cli.tables import show_json
from ombud.errors import Misused

app = typer.Typer()


@app.command()
def contest(
    id: DecisionId,
    system: SystemFile = Path("ombud.yaml"),
    lives: Annotated[
        list[str] | None, typer.Option("--lives", metavar="PLACE", help="Where the person lives: DE, US-CA.")
    ] = None,
    channel: Annotated[str, typer.Option("--channel", help="web, mail, phone, letter, in-person, agent.")] = "mail",
    received: Annotated[
        str | None, typer.Option("--received", metavar="TIME", help="When it came in; default: now.")
    ] = None,
    agent: Annotated[
        str | None, typer.Option("--agent", help="Who asks for the person: agent, lawyer, parent, guardian, heir.")
    ] = None,
    authority: Annotated[
        str | None, typer.Option("--authority", help="What shows that they may: signed-permission, court-order, …")
    ] = None,
    private: Annotated[
        Path | None,
        typer.Option("--private", metavar="FILE", help="Name, contact and words of the person; - reads stdin."),
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Open a case: somebody contests a decision and wants a person to look at it.

    The decision's number and what the person says stay in the store; the log gets a commitment, codes and times.

    \b
    ombud decisions contest A-1007 --lives DE --private said.yaml
    ombud decisions contest A-1007 --agent lawyer --authority signed-permission --format json
    """
    from ombud.cli.incidents.shared import time_of
    from ombud.cli.rights.private import Private, read_private
    from ombud.decisions.contest import Contest, receive_contest
    from ombud.decisions.live import find_anywhere
    from ombud.system.manifest import load_system

    manifest = load_system(system)
    who = contests_of(holder, system)
    said = read_private(private) if private else Private()
    asked = Contest(
        lives=tuple(lives or ()), channel=channel, received=time_of(received), agent=agent, authority=authority,
        name=said.name, contact=said.contact, words=said.words,
    )  # fmt: skip
    case = receive_contest(who.workspace, find_anywhere(who.workspace, manifest, id), asked, who.holder)
    show_after(who, case, format)


@app.command()
def contests(
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="Show this one with its steps.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    of: Annotated[str | None, typer.Option("--of", metavar="NAME", help="Only of this system.")] = None,
    private: Annotated[bool, typer.Option("--private", help="With a case: also what people wrote.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """List the contests that wait for an answer, the most urgent first; exit 1 if one is late. Or show one.

    \b
    ombud decisions contests
    ombud decisions contests C-7F3A2C --private
    """
    from ombud.cli.decisions.contest_text import listed, shown, steps_json
    from ombud.decisions.contest import stands, waiting
    from ombud.decisions.contest_reviewers import authority

    who = contests_of(None, reading=True)
    now = who.workspace.context.clock.now()
    if case is not None:
        found = stands(who.case(case), now)
        notes = dict(who.workspace.people.kept(found.case.id)) if private else None
        named = authority(who.workspace.ledger.log(), found.case)
        if format is Format.JSON:
            show_json(found.to_json() | steps_json(found.case, named) | ({"private": notes} if private else {}))
        else:
            typer.echo(shown(found, named, notes))
        return
    open_ones = waiting(who.workspace, now, ended=every, system=of)
    late = sum(one.late and not one.answered_at for one in open_ones)
    if format is Format.JSON:
        show_json({"contests": [one.to_json() for one in open_ones], "late": late})
    else:
        typer.echo(listed(open_ones))
    raise typer.Exit(1 if late else 0)


@app.command()
def hear(
    case: CaseNumber,
    file: Words = None,
    how: Annotated[str, typer.Option("--how", help="web, mail, phone, letter, in-person, agent.")] = "mail",
    authority: Annotated[
        str | None, typer.Option("--authority", help="What shows that the agent may speak: power-of-attorney, …")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write down the person's own view, or what shows that somebody may speak for them.

    \b
    ombud decisions hear C-7F3A2C --file view.txt --how phone
    ombud decisions hear C-7F3A2C --authority power-of-attorney
    """
    if (file is None) == (authority is None):
        raise Misused("one thing at a time is put on record", "Give --file, or --authority.")
    who = contests_of(holder)
    after = who.show_authority(case, authority) if authority else who.hear(case, how, text_in(file))
    show_after(who, after, format)


@app.command()
def withdraw(case: CaseNumber, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """The person takes the contest back; what they wrote is deleted.

    Example: ombud decisions withdraw C-7F3A2C
    """
    who = contests_of(holder)
    show_after(who, who.withdraw(case), format)
