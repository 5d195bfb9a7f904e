"""Verbs about those who review: reviewer, notice, oversight."""

from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.decisions.contest_shared import ROLES
from ombud.cli.decisions.notices import give_notice, write_notice
from ombud.cli.decisions.shared import SystemFile, start_of
from ombud.cli.options import AsFormat, Format, Holder, a_day, end_of
from ombud.cli.tables import show_json
from ombud.cli.workbench import signer
from ombud.errors import Misused
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


@app.command()
def notice(
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the notice: .html, .pdf or .docx.")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="REVIEWER", help="It was given to this named one. Repeatable.")
    ] = None,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", metavar="NUMBER", help="It was given to whom decisions name so. Repeatable."),
    ] = None,
    document: Annotated[
        list[Path] | None, typer.Option("--document", metavar="FILE", help="What was given; its digest is kept.")
    ] = None,
    hasty: Annotated[int, typer.Option("--hasty", min=1, help="Seconds below which a review counts as short.")] = 30,
    system: SystemFile = Path("ombud.yaml"),
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write the notice that reviews are timed, or put on record that reviewers were given it.

    Without it no time is kept of reviews of contests, and none is looked at by `ombud decisions oversight`.

    \b
    ombud decisions notice --output notice.pdf
    ombud decisions notice --to legal-team --staff S-40 --document notice.pdf
    """
    from ombud.system.manifest import load_system

    if bool(to or staff) == (output is not None):
        raise Misused("a notice is written, or was given", "Give --output FILE, or --to and --staff.")
    workspace, name = open_workspace(system.resolve().parent), load_system(system).name
    if output is not None:
        said = write_notice(workspace, name, output, hasty)
    else:
        said = give_notice(workspace, name, to or [], staff or [], document or [], holder)
    if format is Format.JSON:
        show_json(said)
        return
    typer.echo(f"written: {output}" if output else f"told: {said['reviewers']} (entry {said['entry']})")
    if said.get("missing"):
        typer.echo(f"{said['missing']} things are missing in it", err=True)


@app.command()
def oversight(
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="From the beginning of this day (UTC).")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Before this day; default: today.")
    ] = None,
    hasty: Annotated[int, typer.Option("--hasty", min=1, help="Seconds below which a review counts as short.")] = 30,
    private: Annotated[bool, typer.Option("--private", help="Also who of the reviewers never disagrees.")] = False,
    system: SystemFile = Path("ombud.yaml"),
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Measure whether people take part in decisions, sign it and keep it.

    How often they come to another outcome, how long they take, who never disagrees, and which elements of human
    involvement are on record. Exit code: 0 shown for every decision, 1 not shown for some, 3 cannot tell.

    \b
    ombud decisions oversight --since 2026-09-01
    ombud decisions oversight --since 2026-09-01 --until 2026-12-01 --format json
    """
    from ombud.cli.decisions.oversight_text import overseen
    from ombud.cli.progress import progress_bar
    from ombud.decisions.oversight_record import oversee, plain
    from ombud.system.manifest import load_system

    manifest, workspace = load_system(system), open_workspace(system.resolve().parent)
    end = start_of(until) if until else start_of(workspace.now()[:10])
    signs = signer(workspace, holder, ("ml", "platform", "ci"))
    with progress_bar() as progress:
        done = oversee(workspace, manifest, start_of(since), end, signs, hasty=hasty, progress=progress)
    if format is Format.JSON:
        names = [{"reviewer": one.who, "reviews": one.reviews, "p_value": one.p_value} for one in done.never]
        show_json(plain(done) | ({"private": names} if private else {}))
    else:
        typer.echo(overseen(done, private=private))
    raise typer.Exit({"shown": 0, "not-shown": 1}.get(done.conclusion, 3))
