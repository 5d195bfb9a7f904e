"""The series of a system: one figure a window, read from what the store keeps of each window."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ombud.evidence.instants import parsed
from ombud.monitor.counted import HOURS
from ombud.monitor.gaps import gaps
from ombud.monitor.points import SeriesPoint
from ombud.store.windows import KeptWindow, Windows
from ombud.store.workspace import Workspace


def read(workspace: Workspace, system: str) -> Mapping[str, tuple[SeriesPoint, ...]]:
    """Every series of a system by its name, each in order of time; empty where nothing was monitored yet."""
    return series_of(Windows(workspace.ledger.database).with_points(system))


def series_of(windows: Iterable[KeptWindow]) -> dict[str, tuple[SeriesPoint, ...]]:
    """The series of some windows, and what only their order shows: hours in which decisions are missing."""
    found: dict[str, list[SeriesPoint]] = {}
    ordered = sorted(windows, key=lambda one: one.start)
    for one in ordered:
        for plain in one.points or ():
            point = point_from(plain, parsed(one.start), parsed(one.end))
            found.setdefault(point.series, []).append(point)
    hours = [(parsed(one.start), parsed(one.end), _hours(one)) for one in ordered]
    for point in gaps(hours):
        found.setdefault(point.series, []).append(point)
    return {name: tuple(points) for name, points in sorted(found.items())}


def _hours(one: KeptWindow) -> frozenset[str]:
    counts = one.counts or {}
    return frozenset(str(hour) for hour, _ in counts[HOURS]["cells"]) if HOURS in counts else frozenset()


def point_to(point: SeriesPoint) -> dict[str, Any]:
    """The form in which the store keeps a point of a window."""
    return {
        "series": point.series, "value": point.value, "low": point.low, "high": point.high, "n": point.n,
        "counts": dict(point.counts), "estimate": point.estimate,
    }  # fmt: skip


def point_from(plain: Mapping[str, Any], start: datetime, end: datetime) -> SeriesPoint:
    """Read what `point_to` wrote."""
    ends = {name: None if plain[name] is None else float(plain[name]) for name in ("value", "low", "high")}
    return SeriesPoint(
        series=plain["series"], start=start, end=end, n=plain["n"], counts=plain["counts"],
        estimate=plain["estimate"], **ends,
    )  # fmt: skip


def shown(point: SeriesPoint) -> list[Any]:
    """A point as evidence carries it, to four decimals: value, interval, n, and whether it is an estimate."""
    rounded = [None if one is None else round(one, 4) + 0.0 for one in (point.value, point.low, point.high)]
    return [*rounded, point.n, point.estimate]
