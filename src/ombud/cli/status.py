"""`ombud status`: where every requirement stands, today, then, or on a day to come."""

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.options import AsFormat, AsOf, Format, KnownAt, LawFolders, Manifest, moment
from ombud.cli.workbench import open_workbench
from ombud.release.assess import picture_of
from ombud.status.finding import RequirementStatus, State
from ombud.status.status import Picture

ORDER = (
    State.NOT_SHOWN, State.UNKNOWN, State.STALE, State.PARTLY_SHOWN, State.SHOWN, State.UPCOMING, State.NOT_APPLICABLE,
)  # fmt: skip


def command(
    manifest: Manifest = Path("ombud.yaml"),
    as_of: AsOf = None,
    known_at: KnownAt = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only rows of this role.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what does not apply, with the facts behind it.")
    ] = False,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """Say where every requirement stands: as of a day, by what was known on another.

    A day in the past replays it; a day to come is a preview with the law already published.

    \b
    Examples:
    ombud status ombud.yaml --as-of 2027-12-02
    ombud status ombud.yaml --as-of 2026-08-03 --known-at 2026-07-01
    """
    bench = open_workbench(manifest, law)
    picture = picture_of(bench.workspace, bench.pack, bench.system.name, moment(as_of), moment(known_at))
    rows = [row for row in picture.requirements if owner in (None, row.owner)]
    if format is Format.JSON:
        typer.echo(json.dumps(_json(picture, rows), indent=2, ensure_ascii=False))
        return
    typer.echo(_text(picture, rows, everything))


def _json(picture: Picture, rows: Sequence[RequirementStatus]) -> dict[str, object]:
    return {
        "system": picture.system,
        "as_of": picture.as_of.isoformat(),
        "known_at": picture.known_at.isoformat(),
        "release": picture.release,
        "declared_by": picture.declared_by,
        "status": [row.to_json() for row in rows],
    }


def _text(picture: Picture, rows: Sequence[RequirementStatus], everything: bool) -> str:
    title = f"{picture.system}: as of {picture.as_of.date()}, by what was known on {picture.known_at}"
    lines = [title, _counts(rows), ""]
    for state, group in groupby(sorted(rows, key=lambda row: ORDER.index(row.state)), key=lambda row: row.state):
        if state is State.NOT_APPLICABLE and not everything:
            continue
        lines += [f"{state}:", *(_line(row) for row in group), ""]
    if not everything:
        lines.append("What does not apply, and the declared facts behind it: add --all")
    return "\n".join(lines)


def _counts(rows: Sequence[RequirementStatus]) -> str:
    counted = {state: sum(row.state is state for row in rows) for state in ORDER}
    return " · ".join(f"{n} {state}" for state, n in counted.items() if n)


def _line(row: RequirementStatus) -> str:
    bites = f" from {row.bites_from}" if row.state is State.UPCOMING and row.bites_from else ""
    return f"  {row.id}{bites}  {row.title} [{row.owner}; {row.certainty}]\n      {row.because}"
