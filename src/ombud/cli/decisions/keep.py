"""Verbs of keeping: whether all is as the log holds it, how long it is kept, what is held, and what may go."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.decisions.shared import ROLES, SystemFile
from ombud.cli.options import AsFormat, AsOf, Format, Holder, LawFolders, a_day
from ombud.cli.tables import show_json, show_table
from ombud.cli.workbench import Workbench, open_workbench, signer
from ombud.errors import Misused
from ombud.law import Facts
from ombud.store.workspace import open_workspace

app = typer.Typer()
hold = typer.Typer(no_args_is_help=True, help="Keep decisions from being deleted, whatever asks for it.")
app.add_typer(hold, name="hold")


@app.command()
def verify(
    system: Annotated[
        Path | None, typer.Option("--system", metavar="MANIFEST", help="Only this system, and its own table as well.")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", metavar="FILE", help="Check one proof; needs no store and no network.")
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Hold every decision against the log: what was changed, added or taken away is named by its row.

    Exit code: 0 whole, 1 not, 3 nothing is in the log yet.

    \b
    ombud decisions verify
    ombud decisions verify --system ombud.yaml
    ombud decisions verify --proof proof.json
    """
    if proof is not None:
        _verify_proof(proof, format)
        return
    from ombud.decisions.anchoring import audit_tables
    from ombud.decisions.audit import audit
    from ombud.system.manifest import load_system

    workspace = open_workspace(None if system is None else system.resolve().parent)
    named = [] if system is None else [load_system(system)]
    found = [audit(workspace, one) for one in workspace.decided.systems() if not named or one == named[0].name]
    live = audit_tables(workspace, named)
    if format is Format.JSON:
        show_json({"systems": [one.to_json() for one in found], "tables": [one.to_json() for one in live]})
    else:
        for text in [one.text for one in found] + [one.text for one in live]:
            typer.echo(text)
    whole = all(one.whole for one in found) and all(one.whole for one in live)
    anchored = sum(one.anchored for one in found) + sum(one.anchored for one in live)
    raise typer.Exit(1 if not whole else 0 if anchored else 3)


@app.command()
def retention(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The system's manifest.")] = Path("ombud.yaml"),
    as_of: AsOf = None,
    law: LawFolders = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show how long decisions are kept: at least by which law, at most by the manifest, and where the two conflict.

    Exit code: 0, 1 the ceiling is below a floor, 3 facts or the ceiling are missing.

    \b
    ombud decisions retention ombud.yaml
    ombud decisions retention ombud.yaml --as-of 2027-12-02
    """
    from ombud.cli.decisions.keep_text import retention_text
    from ombud.decisions.retention import retention as kept_for

    bench = open_workbench(manifest, law)
    day = bench.workspace.context.clock.now().date() if as_of is None else a_day(as_of)
    found = kept_for(bench.pack, _facts(bench), bench.system.retention.get("decisions"), day)
    if format is Format.JSON:
        show_json({"system": bench.system.name, "as_of": day.isoformat(), **found.to_json()})
    else:
        typer.echo(retention_text(bench.system.name, found))
    unsure = found.ceiling is None or any(one.applies == "cannot tell" for one in found.floors)
    raise typer.Exit(1 if found.conflicts else 3 if unsure else 0)


@app.command()
def purge(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The system's manifest.")] = Path("ombud.yaml"),
    law: LawFolders = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Delete the decisions whose time is over: past the manifest's ceiling, kept by no law, held by nobody.

    Only commitments stay; how many went, and why, is signed. Exit code: 0.

    Example: ombud decisions purge ombud.yaml
    """
    from ombud.decisions.removal import purge as delete_expired
    from ombud.decisions.retention import retention as kept_for

    bench = open_workbench(manifest, law)
    ceiling = bench.system.retention.get("decisions")
    if ceiling is None:
        raise Misused("nobody has set how long decisions are kept", "Write retention: {decisions: 25m}.")
    today = bench.workspace.context.clock.now().date()
    keep = kept_for(bench.pack, _facts(bench), ceiling, today)
    done = delete_expired(bench.workspace, bench.system.name, keep, signer(bench.workspace, holder, ROLES))
    if format is Format.JSON:
        show_json({"system": bench.system.name, "count": done.count, "held": done.held})
        return
    typer.echo(f"{done.count:,} deleted, whose time of {ceiling.words} was over")
    if done.held:
        typer.echo(f"  {done.held:,} more are kept by a legal hold")


@app.command()
def anchor(
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="From the beginning of this day (UTC).")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="Before this day (UTC).")],
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The system's manifest.")] = Path("ombud.yaml"),
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Commit to the rows of your own table of decisions, so that a later change shows; nothing of it is copied.

    Give finished days: rows that come later are told as added. Exit code: 0.

    Example: ombud decisions anchor ombud.yaml --since 2026-11-01 --until 2026-11-02
    """
    from ombud.cli.decisions.shared import start_of
    from ombud.decisions.anchoring import anchor_table

    bench = open_workbench(manifest)
    signs = signer(bench.workspace, holder, ROLES)
    done = anchor_table(bench.workspace, bench.system, start_of(since), start_of(until), signs)
    if format is Format.JSON:
        show_json({"system": bench.system.name, "count": done.count, "root": done.root, "entry": done.entry})
        return
    typer.echo(f"{done.count:,} rows committed to, root {done.root[:16]}, entry {done.entry}")


# --- holds ------------------------------------------------------------------------------------------------------------


@hold.command("add")
def hold_add(
    ground: Annotated[str, typer.Option("--ground", help="Why; kept in the store, not in the log. Name nobody.")],
    system: SystemFile | None = None,
    alias: Annotated[str | None, typer.Option("--alias", help="About this person: 32 hexadecimal digits.")] = None,
    decision: Annotated[str | None, typer.Option("--decision", metavar="ID", help="This one, of --system.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="To the end of this day.")] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Hold decisions: of a system, about a person, or one.

    \b
    ombud decisions hold add --system ombud.yaml --ground "claim before the district court"
    ombud decisions hold add --system ombud.yaml --decision A-1007 --ground "complaint" --until 2027-06-30
    """
    from ombud.decisions.hold import add_hold
    from ombud.decisions.intake import find
    from ombud.system.manifest import load_system

    workspace = open_workspace(None if system is None else system.resolve().parent)
    name = None if system is None else load_system(system).name
    if decision is not None and name is None:
        raise Misused("whose decision?", "Name its manifest with --system.")
    one = find(workspace, name, decision).commitment if decision is not None and name is not None else None
    made = add_hold(
        workspace, signer(workspace, holder, ROLES), ground=ground, system=name, alias=alias, commitment=one,
        until=None if until is None else a_day(until),
    )  # fmt: skip
    if format is Format.JSON:
        show_json({"hold": made.number})
        return
    typer.echo(f"{made.number}: held{f' to the end of {made.until}' if made.until else ' until it is ended'}")


@hold.command("list")
def hold_list(format: AsFormat = Format.TEXT) -> None:
    """List every hold, ended ones among them.

    Example: ombud decisions hold list
    """
    workspace = open_workspace()
    today = workspace.context.clock.now().date()
    rows = [
        {"hold": one.number, "system": one.system, "alias": one.alias, "decision": one.commitment,
         "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None,
         "holds": one.holds(today), "ground": one.ground}
        for one in workspace.decided.holds()
    ]  # fmt: skip
    if format is Format.JSON:
        show_json({"holds": rows})
        return
    header = ("hold", "system", "alias", "decision", "since", "until", "holds", "ground")
    show_table(header, [[_cell(row[name]) for name in header] for row in rows])


@hold.command("end")
def hold_end(
    number: Annotated[str, typer.Argument(metavar="HOLD", help="Like H-7F3A2C.")], holder: Holder = None
) -> None:
    """End a hold. What it kept is deleted by whatever asks for it next.

    Example: ombud decisions hold end H-7F3A2C
    """
    from ombud.decisions.hold import end_hold

    workspace = open_workspace()
    end_hold(workspace, signer(workspace, holder, ROLES), number)
    typer.echo(f"{number}: ended")


def _cell(value: object) -> str:
    text = {None: "", True: "yes", False: "no"}.get(value) if value is None or isinstance(value, bool) else str(value)
    return (text or "")[:40]


def _facts(bench: Workbench) -> Facts:
    from ombud.system.facts import facts

    return facts(bench.system, bench.organisation)


def _verify_proof(path: Path, format: Format) -> None:
    from ombud.decisions.proof import check_proof

    try:
        with path.open("rb") as file:
            given = json.loads(file.read(64 << 20))
    except (OSError, ValueError, RecursionError):
        given = None
    problem = check_proof(given) if isinstance(given, dict) else "this is not a proof of a decision"
    if format is Format.JSON:
        show_json({"whole": problem is None, "problem": problem})
    else:
        typer.echo(f"not whole: {problem}" if problem else "whole: the decision is on record as it stands there")
    if problem is None:
        note = str(given["entry"]["checkpoint"]).splitlines()
        typer.echo(f"by the checkpoint of {note[0]} at size {note[1]}: compare it with one that you hold", err=True)
    raise typer.Exit(1 if problem else 0)
