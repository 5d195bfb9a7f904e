"""How the drainer runs: once, or on and on through whatever happens to the store."""

import os
import signal
import threading
import time

import typer

from ombud.cli.decisions.shared import a_signer
from ombud.decisions.batch import LARGEST, anchor, unanchored
from ombud.decisions.drain import Drained, Drainer, drain, only_drainer
from ombud.decisions.spool import spool_of
from ombud.errors import OmbudError
from ombud.store.errors import StoreFailed
from ombud.store.workspace import Workspace

LONGEST_WAIT = 30.0
"""Seconds between two tries while the store is locked, full or away."""


def drain_once(workspace: Workspace, holder: str | None) -> tuple[Drained, int]:
    """Drain the spool and put what came into the log; how many batches that were."""
    done = drain(workspace)
    signs = a_signer(workspace, holder)
    if signs is None:
        typer.echo("not in the log yet: no key here may sign; see `ombud keys add NAME --role platform`", err=True)
        return done, 0
    return done, len(anchor(workspace, signs))


def drain_watching(
    workspace: Workspace, holder: str | None, *, every: float, anchor_every: float, if_free: bool, nice: int
) -> None:
    """Drain until a signal says stop. What goes wrong is said once, and tried again with growing patience."""
    if nice:
        os.nice(nice)
    stop = threading.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, lambda *_: stop.set())
    with only_drainer(spool_of(workspace.root), wait=False) as mine:
        if mine:
            _watch(workspace, holder, every, anchor_every, stop)
            return
    if if_free:
        return
    typer.echo("another drainer is at work: standing by", err=True)
    while not stop.wait(1.0):
        with only_drainer(spool_of(workspace.root), wait=False) as mine:
            if mine:
                _watch(workspace, holder, every, anchor_every, stop)
                return


def _watch(workspace: Workspace, holder: str | None, every: float, anchor_every: float, stop: threading.Event) -> None:
    drainer, wait, due = Drainer(workspace, patient=True), every, time.monotonic() + anchor_every
    signs = a_signer(workspace, holder)
    if signs is None:
        typer.echo("decisions are kept, and not put into the log: no key here may sign", err=True)
    while not stop.is_set():
        try:
            _say(drainer.drain())
            if signs is not None and (time.monotonic() >= due or _full(workspace)):
                anchor(workspace, signs)
                due = time.monotonic() + anchor_every
            wait = every
        except StoreFailed as error:
            if wait == every:
                typer.echo(f"{error}; decisions stay in the spool, and it is tried again", err=True)
            wait = min(max(2 * wait, 0.5), LONGEST_WAIT)
        stop.wait(wait)
    if signs is not None:
        _finish(workspace, drainer, signs)


def _finish(workspace: Workspace, drainer: Drainer, signs: str) -> None:
    drainer.patient = False
    try:
        _say(drainer.drain())
        anchor(workspace, signs)
    except OmbudError as error:
        typer.echo(f"{error}; what is spooled stays there", err=True)


def _full(workspace: Workspace) -> bool:
    return any(unanchored(workspace, one) >= LARGEST for one in workspace.decided.systems())


def _say(done: Drained) -> None:
    if not done.clean:
        typer.echo(f"set aside: {done.damaged} damaged, {done.unreadable} unreadable, {len(done.receipt.differ)} that "
                   "are kept with another content; see .ombud/spool/aside", err=True)  # fmt: skip
