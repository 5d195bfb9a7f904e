"""`ombud law alarm`: what would stop a running release if it were new, and until when it may go on regardless."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from attrs import asdict

from ombud.cli.options import AsFormat, Format, LawFolders, Manifest, moment
from ombud.cli.workbench import open_workbench
from ombud.errors import NotFound
from ombud.evidence.instants import instant
from ombud.living.released import Grace, Release, State
from ombud.release.grace import grace_now
from ombud.release.standing import releases

AsOfToCome = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="On this day, by law already published and without new evidence."),
]


def command(
    manifest: Manifest = Path("ombud.yaml"),
    as_of: AsOfToCome = None,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """Say what would stop the running release if it were new: new law, aged evidence; and until when it may go on.

    New releases have to meet all of it at once. Run it daily. Exit code: 0
    nothing would stop it, 1 something would, 2 nothing of it is released.

    \b
    ombud law alarm ombud.yaml
    ombud law alarm ombud.yaml --as-of 2027-12-02
    """
    bench = open_workbench(manifest, law)
    when = moment(as_of) or datetime.fromisoformat(bench.workspace.now())
    runs = _running(releases(bench.workspace).of, bench.system.name, instant(when))
    if runs is None:
        raise NotFound("release that runs", bench.system.name, "Declare one live first: ombud gate release MANIFEST")
    found = _urgent(grace_now(bench.workspace.ledger.log(), bench.pack, runs, when), instant(when))
    told = _json(runs, found, instant(when)) if format is Format.JSON else _text(runs, found, instant(when))
    typer.echo(told)
    raise typer.Exit(1 if found else 0)


def _running(known: Sequence[Release], system: str, now: str) -> Release | None:
    mine = (one for one in known if one.system == system and one.current)
    return next((one for one in mine if one.state(now) is State.RELEASED), None)


def _urgent(found: Sequence[Grace], now: str) -> list[Grace]:
    """What has no time left first, then by the day on which it runs out."""
    return sorted(found, key=lambda one: (not one.is_over(now), one.until or "", one.target))


def _text(release: Release, found: Sequence[Grace], now: str) -> str:
    head = f"{release.system}: release {release.release[:12]}, on {now[:10]}"
    if not found:
        return f"{head}\nnothing would stop it if it were new"
    over = sum(one.is_over(now) for one in found)
    lines = [head, f"{len(found)} would stop it if it were new; {over} of them with no time left", ""]
    lines += [line for one in found for line in _lines(one, now)]
    return "\n".join([*lines, "", "A new release is stopped by all of it. What runs, nobody stops for you."])


def _lines(one: Grace, now: str) -> tuple[str, str]:
    since = f" since {one.since}" if one.since else ""
    over = f", its grace ended on {one.until}" if one.until else ", no grace"
    first = f"no time left  {one.target}: {one.cause}{since}{over}" if one.is_over(now) else ""
    return first or f"until {one.until}  {one.target}: {one.cause}{since}", f"      {one.because}"


def _json(release: Release, found: Sequence[Grace], now: str) -> str:
    told = [{**asdict(one), "over": one.is_over(now)} for one in found]
    return json.dumps({"system": release.system, "release": release.release, "as_of": now, "alarms": told}, indent=2)
