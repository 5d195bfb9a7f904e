"""Verbs that carry a request out: find, correct, fulfil, told, deliver, close, reapply, scan."""

import json
import os
import sys
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli.options import AsFormat, Format, Holder
from ombud.cli.progress import progress_bar
from ombud.cli.tables import show_json, show_table
from ombud.cli.workbench import signer
from ombud.errors import Misused, Unreadable
from ombud.rights.desk import BY_HAND, Desk
from ombud.rights.fulfil import Fulfilled
from ombud.rights.sources.source import Outcome, State
from ombud.rights.walk import Found
from ombud.store.identity import Identity

app = typer.Typer()

ROLES = ("dpo", "legal", "owner", "platform")
CaseNumber = Annotated[str, typer.Argument(metavar="CASE", help="For example R-7F3A2C; see `ombud rights due`.")]
MapFile = Annotated[Path, typer.Option("--map", metavar="FILE", help="The map of data.")]
SOURCES = Path("sources.yaml")


@app.command()
def find(
    case: CaseNumber,
    map: MapFile = SOURCES,
    also: Annotated[
        list[str] | None, typer.Option("--also", metavar="KIND=VALUE", help="This is the person's, too. Repeatable.")
    ] = None,
    not_theirs: Annotated[
        list[str] | None, typer.Option("--not-theirs", metavar="KIND=VALUE", help="This is somebody else's.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Also the values of which you have to say whose they are.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be asked, and ask nothing.")] = False,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Search for the person of a request in every source of the map.

    What may be the person's or somebody else's is left for you to decide: see it with --private, then say --also or
    --not-theirs.

    \b
    Examples:
    ombud rights find R-7F3A2C
    ombud rights find R-7F3A2C --dry-run
    """
    from ombud.rights.search import search

    desk = desk_at(map, holder)
    if dry_run:
        _show_plan(desk, case)
        return
    with progress_bar() as bar:
        _, found = search(
            desk, case, also=[Identity.parse(one) for one in also or ()],
            rejected=[Identity.parse(one) for one in not_theirs or ()], progress=bar,
        )  # fmt: skip
    in_question = _in_question(found) if private else []
    if format is Format.JSON:
        show_json({"case": case, "found": dict(found.counts), "complete": found.complete, "away": dict(found.away),
                   "incomplete": list(found.incomplete), "ambiguities": len(found.ambiguities),
                   **({"in_question": in_question} if private else {})})  # fmt: skip
        return
    show_table(("place", "rows"), sorted(found.counts.items()))
    for one in in_question:
        typer.echo(f"in question: {one}")
    _show_left(desk, case, found)


def _in_question(found: Found) -> list[str]:
    return [f"{each.kind}={each.value}" for one in found.ambiguities for each in one.identities]


def _show_left(desk: Desk, case: str, found: Found) -> None:
    """What the search could not do, what people have to decide, and the step that comes next."""
    for name, why in found.away.items():
        typer.echo(f"not searched: {name}: {why}", err=True)
    for one in found.incomplete:
        typer.echo(f"incomplete: {one}", err=True)
    for each in found.ambiguities:
        typer.echo(f"to decide: {each.because}", err=True)
    by_hand = waiting_by_hand(desk, found.away)
    for place in by_hand:
        typer.echo(f"when somebody looked: {_step_of(case, place, 'find')}; then find again", err=True)
    if found.ambiguities:
        typer.echo(f"next: ombud rights find {case} --private, then again with --also or --not-theirs", err=True)
    elif not by_hand:
        typer.echo(f"next: ombud rights review {case}", err=True)


def waiting_by_hand(desk: Desk, names: Container[str]) -> list[str]:
    """Places in which people do the steps, of sources that wait for them."""
    waiting = (one for one in desk.data_map.sources if one.kind in BY_HAND and one.name in names)
    return [one.address for spec in waiting for one in spec.collections if one.personal]


def _step_of(case: str, place: str, verb: str) -> str:
    return f"ombud rights step {case} {place} --verb {verb} --says done --rows 1"


@app.command()
def correct(
    case: CaseNumber,
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="What is right, as JSON; - reads stdin.")],
    map: MapFile = SOURCES,
    holder: Holder = None,
) -> None:
    """Say what is right, before a rectification is fulfilled. Values come from a file: arguments can be seen by others.

    \b
    The file: [{"collection": "core.people", "values": {"name": "…"}, "where": {"name": "…"}}]
    Example: ombud rights correct R-7F3A2C --file changes.json
    """
    from ombud.rights.correct import note_changes

    noted = note_changes(desk_at(map, holder), case, _json(file))
    typer.echo(f"{noted.id}: noted; nothing was changed yet. Next: ombud rights fulfil {case}")


@app.command()
def fulfil(case: CaseNumber, map: MapFile = SOURCES, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """Do what a granted request asks for: erase, correct, restrict, stop. Exit 1 if anything failed.

    Calling it again goes on where it stopped. A place counts as done only once a new search finds nothing there.

    Example: ombud rights fulfil R-7F3A2C
    """
    from ombud.rights.fulfil import fulfil as carry_out

    desk = desk_at(map, holder)
    with progress_bar() as bar:
        done = carry_out(desk, case, bar)
    show_json(_plain(done)) if format is Format.JSON else _show(desk, done)
    raise typer.Exit(0 if done.done else 1)


@app.command()
def step(
    case: CaseNumber,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="As in the map, for example paper.files.")],
    verb: Annotated[str, typer.Option("--verb", help="find, erase or change.")],
    says: Annotated[str, typer.Option("--says", help='done, "nothing found" or kept.')],
    rows: Annotated[int, typer.Option("--rows", help="How many records it was about.")] = 0,
    ground: Annotated[str | None, typer.Option("--ground", help="On which ground it was kept.")] = None,
    map: MapFile = SOURCES,
    holder: Holder = None,
) -> None:
    """Attest that a step was done where no program reaches; then run find or fulfil again.

    Example: ombud rights step R-7F3A2C paper.files --verb erase --says done --rows 1
    """
    from typing import cast

    from ombud.rights.sources.manual_steps import Said, Verb, attest_step

    desk = desk_at(map, holder)
    known = {one.address: one for one in desk.data_map.collections}
    if place not in known:
        raise Misused("the map knows no such place", f"One of: {', '.join(known)}")
    source = desk.data_map.source(known[place].source)
    entry = attest_step(
        desk.workspace, desk.case(case).id, source, known[place], cast(Verb, verb), cast(Said, says), desk.holder,
        rows=rows, ground=ground,
    )  # fmt: skip
    typer.echo(f"{case}: {place}: {says}, entry {entry.index}")


@app.command()
def told(
    case: CaseNumber,
    recipient: Annotated[list[str], typer.Option("--recipient", metavar="NAME", help="As in the map. Repeatable.")],
    not_reached: Annotated[
        bool, typer.Option("--not-reached", help="Impossible, or out of proportion: the person is told so.")
    ] = False,
    map: MapFile = SOURCES,
    holder: Holder = None,
) -> None:
    """Put on record that recipients of the person's data were told, or could not be (GDPR Art. 19).

    Example: ombud rights told R-7F3A2C --recipient "web analytics"
    """
    from ombud.rights.deliver import tell_recipients

    tell_recipients(desk_at(map, holder), case, recipient, reached=not not_reached)
    typer.echo(f"{case}: {'not reached' if not_reached else 'told'}: {', '.join(recipient)}")


@app.command()
def deliver(
    case: CaseNumber,
    how: Annotated[str, typer.Option("--how", help="web, mail, phone, letter, in-person or agent.")],
    map: MapFile = SOURCES,
    language: Annotated[
        Path | None, typer.Option("--language", metavar="FOLDER", help="Words of letters in another language.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write the answer, with a copy of the data where that was asked for, and lock it into a package.

    The passphrase is shown once, on stderr, unless OMBUD_PACKAGE_PASSPHRASE sets one (at least 12 characters).

    Example: ombud rights deliver R-7F3A2C --how mail
    """
    from ombud.rights.deliver import deliver as hand_over

    given = os.environ.get("OMBUD_PACKAGE_PASSPHRASE") or None
    done = hand_over(desk_at(map, holder), case, how, passphrase=given, language=language)
    where = _within(done.package.path)
    if format is Format.JSON:
        show_json({"case": case, "package": where, "until": done.package.until.isoformat(),
                   "sha256": done.package.digest, "files": list(done.files)})  # fmt: skip
    else:
        typer.echo(f"{case}: {len(done.files)} files in {where}, deleted after {done.package.until}")
    if given is None:
        typer.echo(f"passphrase, shown once: {done.passphrase}", err=True)
        typer.echo("next: send the package, and the passphrase by another way", err=True)


@app.command("close")
def close_(
    case: CaseNumber,
    untold: Annotated[
        str | None, typer.Option("--untold", help="Why the person could not be told: no-contact or signal-only.")
    ] = None,
    map: MapFile = SOURCES,
    holder: Holder = None,
) -> None:
    """Close a request: its private notes are deleted, and after an erasure the link to the person, too.

    Example: ombud rights close R-7F3A2C
    """
    from ombud.rights.deliver import close

    close(desk_at(map, holder), case, untold_because=untold)
    typer.echo(f"{case}: closed; its private notes are gone")


@app.command()
def reapply(map: MapFile = SOURCES, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """After a restore: find everybody who had been erased and is back, and erase them again. Exit 1 if anything failed.

    Example: ombud rights reapply
    """
    from ombud.rights.reapply import reapply as replay

    with progress_bar() as bar:
        done = replay(desk_at(map, holder), bar)
    if format is Format.JSON:
        show_json({"case": done.case.id, "people": done.people, "unread": [list(one) for one in done.unread],
                   "outcomes": [one.to_json() for one in done.outcomes]})  # fmt: skip
    else:
        typer.echo(f"{done.case.id}: {done.people} people were back and were erased again")
        show_outcomes(done.outcomes)
        for place, why in done.unread:
            typer.echo(f"not read: {place}: {why}", err=True)
    raise typer.Exit(0 if done.whole else 1)


@app.command()
def scan(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders to read.")],
    identity: Annotated[
        list[str], typer.Option("--identity", metavar="KIND=VALUE|-", help="What to look for; - reads lines of stdin.")
    ],
    format: AsFormat = Format.TEXT,
) -> None:
    """Read files to the last byte, decoding them, and say where identifiers stand. Exit 1 if any does, 3 if unread.

    It reads Parquet pages, dictionaries and statistics, SQLite pages and logs, Delta logs, archives, documents.

    Example: echo email=a@example.org | ombud rights scan data .ombud --identity -
    """
    from ombud.rights.proof.identifiers import Identifier
    from ombud.rights.proof.scan import scan as read

    given = [line for one in identity for line in (sys.stdin.read().split("\n") if one == "-" else [one])]
    wanted = [Identity.parse(line) for line in given if line.strip()]
    with progress_bar() as bar:
        seen = read(paths, [Identifier.of(one.kind, one.value) for one in wanted], bar)
    rows = [(place.file, place.kind, place.count) for place in seen.found]
    unread = [(one.file, one.reason) for one in seen.not_read]
    if format is Format.JSON:
        show_json({"files": seen.files, "found": rows, "not_read": unread, "clean": seen.clean})
    else:
        show_table(("file", "in", "times"), rows) if rows else typer.echo(f"nothing found in {seen.files} files")
        for file, reason in unread:
            typer.echo(f"not read: {file}: {reason}", err=True)
    raise typer.Exit(1 if seen.found else 0 if seen.clean else 3)


# --- shared -----------------------------------------------------------------------------------------------------------


def desk_at(map_file: Path, holder: str | None) -> Desk:
    """A desk for the map: the workspace above it, the organisation beside it.

    Raises:
        OmbudError: map, workspace or manifest cannot be read, or it is not clear whose key signs.
    """
    from ombud.rights.map.live import complete
    from ombud.rights.map.read import load_map
    from ombud.store.workspace import open_workspace
    from ombud.system.organisation import load_organisation

    data_map = complete(load_map(map_file))
    beside = map_file.parent / "organisation.yaml"
    workspace = open_workspace(map_file.resolve().parent)
    organisation = load_organisation(beside) if beside.exists() else None
    return Desk(workspace, data_map, signer(workspace, holder, ROLES), organisation)


def show_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Outcomes as a table, then what copies live on."""
    rows = [(one.collection, one.state, one.found, one.erased, one.masked, one.kept, one.because) for one in outcomes]
    show_table(("place", "outcome", "found", "erased", "masked", "kept", "because"), rows) if rows else None
    for copy in dict.fromkeys(copy for one in outcomes for copy in one.not_covered):
        typer.echo(f"not covered: {copy}")


def _show(desk: Desk, done: Fulfilled) -> None:
    typer.echo(f"{done.case.id}: {done.case.state}")
    show_outcomes(done.outcomes)
    for model in done.models:
        typer.echo(f"a model learned from the person: {model}")
    for name in done.recipients:
        typer.echo(f'to be told: {name}   (ombud rights told {done.case.id} --recipient "{name}")', err=True)
    failed = {one.collection for one in done.outcomes if one.state is State.FAILED}
    verb = {"erasure": "erase", "rectification": "change"}.get(str(done.case.opened["right"]), "find")
    for place in failed.intersection(waiting_by_hand(desk, {one.partition(".")[0] for one in failed})):
        typer.echo(f"when somebody did it: {_step_of(done.case.id, place, verb)}", err=True)
    after = (
        f"mend what failed, then: ombud rights fulfil {done.case.id}"
        if failed
        else f"ombud rights deliver {done.case.id} --how mail"
    )
    typer.echo(f"next: {after}", err=True)


def _plain(done: Fulfilled) -> dict[str, Any]:
    return {
        "case": done.case.id, "state": done.case.state, "outcomes": [one.to_json() for one in done.outcomes],
        "models": [str(one) for one in done.models], "recipients": list(done.recipients),
    }  # fmt: skip


def _show_plan(desk: Desk, number: str) -> None:
    from ombud.rights.walk import plan

    case = desk.case(number)
    for one in plan(desk.data_map, desk.workspace.people.identities(desk.alias(case)), base=desk.base):
        typer.echo(f"{one.collection}, by {' → '.join(one.how)}{f': {one.problem}' if one.problem else ''}")
        for query in one.queries:
            typer.echo(f"  {query}")


LARGEST = 10_000_000
"""Bytes of a file of changes."""


def _json(file: Path) -> Any:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Unreadable(str(file), f"it has more than {LARGEST:,} bytes")
        return json.loads(content.decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise Unreadable(str(file), "this is no JSON in UTF-8") from None


def _within(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
