"""What `ombud monitor` prints of a run and of the series, in words and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import asdict

from ombud.evidence.instants import instant
from ombud.monitor.alarm import Alarm
from ombud.monitor.alarm_log import alarms_of
from ombud.monitor.champion import Paired, said
from ombud.monitor.counted import PAIRED
from ombud.monitor.points import SeriesPoint
from ombud.monitor.series import read
from ombud.monitor.watched import Watched, WindowSeen
from ombud.store.workspace import Workspace
from ombud.system.manifest import System

_MOST_WINDOWS = 10


def watched_text(done: Watched, system: System) -> str:
    """One run in words."""
    return "\n".join([_counted(done), *_windows(done), *_told(done), *_signed(done, system), *_alarms(done)])


def _counted(done: Watched) -> str:
    if not done.windows:
        return f"{done.system}: no window is new or changed"
    rows = sum(one.rows for one in done.windows)
    first, last = done.windows[0].window, done.windows[-1].window
    span = first.name if len(done.windows) == 1 else f"{first.start.date()} to {last.name.split(' to ')[-1]}"
    plural = "window" if len(done.windows) == 1 else "windows"
    return f"{done.system}: {len(done.windows)} {plural} counted, {span}, {rows:,} decisions"


def _windows(done: Watched) -> Iterator[str]:
    """Windows that a reader should look at: without decisions, or with rows that came late."""
    empty = [one.window.name for one in done.windows if not one.rows]
    if empty:
        more = f" and {len(empty) - _MOST_WINDOWS} more" if len(empty) > _MOST_WINDOWS else ""
        yield f"  no decisions: {', '.join(empty[:_MOST_WINDOWS])}{more}"
    for one in [one for one in done.windows if one.late][:_MOST_WINDOWS]:
        yield f"  {one.window.name}: {one.late:,} of {one.rows:,} decisions came late and were added to it"
    if done.open is not None:
        yield f"  {done.open.window.name} is not over: {done.open.rows:,} decisions so far, not judged"


def _told(done: Watched) -> Iterator[str]:
    if done.future:
        yield f"  {done.future:,} decisions are dated in the future: left out until then; look at the clocks"
    if done.undated:
        yield f"  {done.undated:,} decisions have no readable time and are in no window"
    if done.ancient:
        yield f"  {done.ancient:,} decisions are dated too long ago to be looked at; look at the dates"
    if done.gone:
        yield f"  {len(done.gone)} windows are no longer in the table; their counts are kept"
    yield from (f"  {note}" for note in done.notes)


def _signed(done: Watched, system: System) -> Iterator[str]:
    if done.pool is not None:
        said = f"{done.pool.period.start.date()} to {done.pool.period.name.split(' to ')[-1]}"
        part = "" if done.pool.whole else f" (of {system.monitoring.trailing.words})"
        yield f"read by status: {done.pool.rows:,} decisions of {done.pool.windows} windows, {said}{part}"
        yield from (f"  {one}" for one in _compared(done))
    yield from (f"  {check} waits: {why}" for check, why in done.waiting)
    yield f"signed and kept: {len(done.entries)} statements"


def _compared(done: Watched) -> Iterator[str]:
    """Champion against challenger over the trailing period."""
    cube = done.pool.counted.get(PAIRED) if done.pool else None
    if cube is not None and cube.total:
        yield said(Paired.of(cube))


def _alarms(done: Watched) -> Iterator[str]:
    yield from (f"ALARM {one}" for one in map(_alarm, done.alarms))
    yield from (f"in incident {one.id}; see: ombud incidents show {one.id}" for one in done.incidents)
    if done.told:
        yield f"told where the manifest says: {done.told}"
    if not done.alarms:
        yield "no new alarm"


def _alarm(one: Alarm) -> str:
    """One alarm in words: what, how much, against what, since when, and how often such a word may be false."""
    part = f", {one.about}," if one.about else ""
    figure = "changed (too few people to show a figure)"
    if one.value is not None:
        spread = "" if one.low is None or one.high is None else f" ({one.low:.3g} to {one.high:.3g})"
        figure = f"at {one.value:.3g}{spread}, n {one.n:,}"
    against = f"below the limit {one.bound:.3g}" if one.limit else f"{one.way} what was usual"
    usual = "" if one.was is None else f" ({one.was:.3g})"
    estimated = ", estimated" if one.estimate else ""
    return (
        f"{one.series}{part} {figure}{estimated}: {against}{usual}, about since {one.since.date()};"
        f" any false alarm in this release's life: at most {one.rate:.2g}"
    )


def _alarm_json(one: Alarm) -> dict[str, Any]:
    return {
        "series": one.series, "which": one.about, "since": instant(one.since), "about": one.window.about,
        "value": one.value, "low": one.low, "high": one.high, "n": one.n, "was": one.was, "way": one.way,
        "bound": one.bound, "limit": one.limit, "effect": one.effect, "rate": one.rate, "estimate": one.estimate,
        "digest": one.digest,
    }  # fmt: skip


def watched_json(done: Watched) -> dict[str, Any]:
    """One run as JSON."""
    return {
        "system": done.system,
        "windows": [_window(one) for one in done.windows],
        "open": None if done.open is None else _window(done.open),
        "future": done.future,
        "undated": done.undated,
        "ancient": done.ancient,
        "gone": [one.about for one in done.gone],
        "about": done.pool.period.about if done.pool else None,
        "challenger": _challenger_json(done),
        "waiting": dict(done.waiting),
        "entries": [entry.digest for entry in done.entries],
        "alarms": [_alarm_json(one) for one in done.alarms],
        "incidents": [one.id for one in done.incidents],
        "told": done.told,
        "notes": list(done.notes),
    }


def _challenger_json(done: Watched) -> dict[str, Any] | None:
    cube = done.pool.counted.get(PAIRED) if done.pool else None
    if cube is None or not cube.total:
        return None
    found = Paired.of(cube)
    low, high = found.interval
    return {"accuracy_difference": found.difference, "low": low, "high": high, "n": found.rows, **asdict(found)}


def _window(one: WindowSeen) -> dict[str, Any]:
    return {
        "about": one.window.about,
        "rows": one.rows,
        "late": one.late,
        "series": {name: _point(point) for name, point in one.series.items()},
    }


def _point(point: SeriesPoint) -> dict[str, Any]:
    return {
        "value": point.value, "low": point.low, "high": point.high,
        "n": point.n if point.value is not None else None, "estimate": point.estimate,
    }  # fmt: skip


# --- series -----------------------------------------------------------------------------------------------------------


def status_text(workspace: Workspace, system: System, only: Sequence[str]) -> str:
    """The newest figure of each series, in words."""
    found = _series(workspace, system, only)
    if not found:
        return f"{system.name}: nothing was monitored yet; run: ombud monitor run {system.path.name}"
    width = max(map(len, found))
    lines = [f"{system.name}: newest window of each series"]
    lines += [f"  {name:<{width}}  {_figure(points)}" for name, points in found.items()]
    raised = [f"ALARM {_alarm(one)}" for one in alarms_of(workspace.ledger.log(), system.name)]
    return "\n".join([*lines, *(raised or ["no alarm was raised"])])


def _figure(points: Sequence[SeriesPoint]) -> str:
    last = points[-1]
    if last.value is None:
        return f"too few to say    {last.start.date()}"
    spread = "" if last.low is None or last.high is None else f" ({last.low:.4g} to {last.high:.4g})"
    marked = ", estimated" if last.estimate else ""
    return f"{last.value:.4g}{spread}, n {last.n:,}{marked}, {last.start.date()}, {len(points)} windows"


def status_json(workspace: Workspace, system: System, only: Sequence[str]) -> str:
    """Every point of each series, as JSON."""
    found = _series(workspace, system, only)
    plain = {
        name: [{"about": [instant(one.start), instant(one.end)], **_point(one)} for one in points]
        for name, points in found.items()
    }
    alarms = [_alarm_json(one) for one in alarms_of(workspace.ledger.log(), system.name)]
    return json.dumps({"system": system.name, "series": plain, "alarms": alarms}, indent=2, ensure_ascii=False)


def _series(workspace: Workspace, system: System, only: Sequence[str]) -> Mapping[str, Sequence[SeriesPoint]]:
    found = read(workspace, system.name)
    return {name: points for name, points in found.items() if not only or name.startswith(tuple(only))}
