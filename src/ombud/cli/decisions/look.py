"""Verbs that look at decisions: list, show, prove, verify."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli.decisions.shared import DecisionId, SystemFile, start_of
from ombud.cli.options import AsFormat, Format
from ombud.cli.tables import show_json, show_table
from ombud.store.workspace import open_workspace

app = typer.Typer()


@app.command("list")
def list_them(
    system: SystemFile = Path("ombud.yaml"),
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="From the beginning of this day.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Before this day.")] = None,
    most: Annotated[int, typer.Option("--most", help="At most so many.")] = 50,
    format: AsFormat = Format.TEXT,
) -> None:
    """List decisions in order of time: number, outcome, score, and where they stand in the log.

    \b
    ombud decisions list
    ombud decisions list --since 2026-11-01 --until 2026-12-01 --format json
    """
    from itertools import islice

    from ombud.decisions.intake import between
    from ombud.system.manifest import load_system

    workspace, name = open_workspace(system.resolve().parent), load_system(system).name
    bounds = [None if day is None else start_of(day) for day in (since, until)]
    found = list(islice(between(workspace, name, *bounds), most))
    batches = workspace.decided.batches(name)
    rows = [_row(one, batches) for one in found]
    total = workspace.decided.count(name)
    if format is Format.JSON:
        show_json({"system": name, "total": total, "decisions": rows})
        return
    header = ("id", "at", "outcome", "score", "log", "commitment")
    short = [{**one, "commitment": one["commitment"][:16]} for one in rows]
    show_table(header, [["" if one[name] is None else one[name] for name in header] for one in short])
    typer.echo(f"{len(rows)} of {total:,} decisions", err=True)


@app.command()
def show(
    id: DecisionId,
    system: SystemFile = Path("ombud.yaml"),
    private: Annotated[bool, typer.Option("--private", help="Also whom it is about, and protected groups.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show one decision: what it was decided on, by what, with whose hand in it, and what came of it.

    Example: ombud decisions show A-1007
    """
    from ombud.decisions.live import find_anywhere
    from ombud.decisions.plain import plain
    from ombud.system.manifest import load_system

    manifest = load_system(system)
    workspace = open_workspace(system.resolve().parent)
    found = find_anywhere(workspace, manifest, id)
    said = plain(found.decision)
    if not private:
        said.pop("subject", None)
        said.pop("protected", None)
    label = workspace.decided.labels(manifest.name, [id]).get(id)
    told = {**said, "commitment": found.commitment, "alias": found.alias, "label": label.label if label else None,
            "received_at": found.received_at.isoformat() if found.received_at else None}  # fmt: skip
    if format is Format.JSON:
        show_json(told)
        return
    for name, value in told.items():
        if isinstance(value, dict):
            typer.echo(f"{name}:")
            for key, one in value.items():
                typer.echo(f"  {key}: {_shown(one)}")
        else:
            typer.echo(f"{name}: {_shown(value)}")


@app.command()
def prove(
    id: DecisionId,
    system: SystemFile = Path("ombud.yaml"),
) -> None:
    """Print the proof that a decision is on record, unchanged, as JSON. It holds the decision itself: send it as such.

    Check it anywhere with: ombud decisions verify --proof FILE

    Example: ombud decisions prove A-1007 > proof.json
    """
    from ombud.decisions.intake import find
    from ombud.system.manifest import load_system

    workspace = open_workspace(system.resolve().parent)
    show_json(find(workspace, load_system(system).name, id).proof(workspace))


def _row(one: Any, batches: Any) -> dict[str, Any]:
    batch = next((b for b in batches if one.row and b.first <= one.row.number <= b.last), None)
    return {
        "id": one.decision.id, "at": one.decision.at.isoformat(), "outcome": one.decision.outcome,
        "score": one.decision.score, "log": batch.entry if batch else None, "commitment": one.commitment,
    }  # fmt: skip


def _shown(value: Any) -> str:
    return "-" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
