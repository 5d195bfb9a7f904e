"""`ombud monitor`: count what a released system decided, window by window, and say when something is wrong."""

import gc
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Annotated, Final

import typer

from ombud.cli.monitor_metrics import dashboard_command, metrics_command
from ombud.cli.monitor_report import report_command
from ombud.cli.monitor_show import show_command
from ombud.cli.monitor_text import status_json, status_text, watched_json, watched_text
from ombud.cli.options import AsFormat, Format, Holder, LawFolders, Manifest, moment
from ombud.cli.progress import progress_bar
from ombud.cli.workbench import Workbench, open_workbench, signer
from ombud.errors import Misused, OmbudError, Unreadable, what_next
from ombud.monitor.watch import run
from ombud.monitor.watched import Watched

app = typer.Typer(no_args_is_help=True, help="What a released system does over time, and when to say so.")

ALARM: Final = 1
COULD_NOT: Final = 3
_EVERY: Final = re.compile(r"([1-9][0-9]{0,4})\s?([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Let the garbage collector look seldom: a run makes little garbage, and looking costs a seventh of a short one."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@app.command("run")
@_rarely_collected()
def run_command(
    manifest: Manifest = Path("ombud.yaml"),
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="As if it were the end of this day.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on: look again and again, until stopped.")] = False,
    every: Annotated[str, typer.Option("--every", help="How long to wait between two looks: 10m, 1h, 1d.")] = "1h",
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
    holder: Holder = None,
) -> None:
    """Count the windows that are new or changed, sign them, and raise what has to be raised.

    Only what changed is counted; what came late goes to the window it belongs to. It may be run again at any time, by
    cron, Airflow or a Kubernetes CronJob: whatever was missed is caught up.

    Exit code: 0 nothing new is wrong, 1 an alarm was raised in this run, 3 it could not be measured.

    \b
    Examples:
    ombud monitor run ombud.yaml
    ombud monitor run ombud.yaml --until 2026-10-31 --format json
    ombud monitor run ombud.yaml --watch --every 1h
    """
    pause = _seconds(every)
    bench = open_workbench(manifest, law)
    holder = signer(bench.workspace, holder, ("ml", "ci", "platform"))

    def look() -> Watched:
        with progress_bar() as progress:
            return run(bench.workspace, bench.system, bench.pack, holder, until=moment(until), progress=progress)

    if watch:
        go_on(look, lambda done: _print(done, bench, format), pause, sleep)
    done = _or_exit(look)
    _print(done, bench, format)
    raise typer.Exit(ALARM if done.alarms else 0)


@app.command("status")
def status_command(
    manifest: Manifest = Path("ombud.yaml"),
    series: Annotated[
        list[str] | None, typer.Option("--series", help="Only series whose name begins so; may be repeated.")
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Say what was counted so far: the newest figure of each series, and the alarms that are open.

    \b
    Examples:
    ombud monitor status ombud.yaml
    ombud monitor status ombud.yaml --series impact_ratio --format json
    """
    bench = open_workbench(manifest)
    write = status_json if format is Format.JSON else status_text
    typer.echo(write(bench.workspace, bench.system, tuple(series or ())))


app.command("report")(report_command)
app.command("show")(show_command)
app.command("metrics")(metrics_command)
app.command("dashboard")(dashboard_command)


def go_on(
    look: Callable[[], Watched], show: Callable[[Watched], None], seconds: float, wait: Callable[[float], None],
    times: int | None = None,
) -> None:  # fmt: skip
    """Look again and again. A look that fails is told; the next one catches up.

    Args:
        look: one look; show: what to do with what it found; seconds: how long to wait; wait: waits.
        times: how often; None: until somebody stops it.
    """
    while times is None or times > 0:
        try:
            show(look())
        except OmbudError as error:
            typer.echo(f"error: {error}", err=True)
            typer.echo(f"next: {what_next(error)} The next look catches up.", err=True)
        wait(seconds)
        times = None if times is None else times - 1


def _or_exit(look: Callable[[], Watched]) -> Watched:
    try:
        return look()
    except Unreadable as error:
        typer.echo(f"error: {error}", err=True)
        typer.echo(f"next: {what_next(error)}", err=True)
        raise typer.Exit(COULD_NOT) from None


def _print(done: Watched, bench: Workbench, format: Format) -> None:
    if format is Format.JSON:
        typer.echo(json.dumps(watched_json(done), indent=2, ensure_ascii=False))
    else:
        typer.echo(watched_text(done, bench.system))


def _seconds(every: str) -> int:
    found = _EVERY.fullmatch(every.strip())
    if found is None:
        raise Misused(f"{every[:20]!r} is no time to wait", "Write a number and s, m, h or d: 10m, 1h, 1d.")
    return int(found[1]) * _SECONDS[found[2]]
