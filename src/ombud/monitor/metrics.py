"""What Prometheus is told of a monitored system: newest figures, open alarms, and how old both are.

Nobody is named: a label is the system, a kind of series, a column, or a group of enough people; and there is an upper
bound of how many series are told, so that a column with ten thousand values is no flood.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ombud.documents.monitoring.names import Name, name_of
from ombud.errors import Misused, OmbudError
from ombud.evidence.instants import parsed
from ombud.incidents.clocks import incidents
from ombud.monitor.after_revocation import revoked_deciding
from ombud.monitor.points import SeriesPoint
from ombud.monitor.series import series_of
from ombud.monitor.standing import standing_alarms
from ombud.status.select import declared
from ombud.store.windows import Windows
from ombud.store.workspace import Workspace
from ombud.system.manifest import System

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

MOST_SERIES: Final = 500
"""So many series are told of; alarmed ones first, and how many are left out is a metric."""

RECENT: Final = 40
"""Windows that are looked at: the newest figure of a series is in one of them, or it is not new."""

SYSTEM: Final = ("system",)
SERIES: Final = ("system", "kind", "column", "group")
LIMIT: Final = ("system", "kind", "column", "op")

METRICS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "ombud_monitor_up": ("1: the store could be read; 0: it could not, and nothing else is told.", SYSTEM),
    "ombud_monitor_value": ("Newest figure of a series.", SERIES),
    "ombud_monitor_low": ("Lower end of its 95 % interval.", SERIES),
    "ombud_monitor_high": ("Upper end of its 95 % interval.", SERIES),
    "ombud_monitor_people": ("People or rows that the newest figure was taken from.", SERIES),
    "ombud_monitor_estimate": ("1: the newest figure is estimated, not measured.", SERIES),
    "ombud_monitor_figure_end_seconds": ("End of the window of the newest figure, Unix time.", SERIES),
    "ombud_monitor_alarm": ("1: an alarm of this series is open.", SERIES),
    "ombud_monitor_limit": ("Limit that the policy sets.", LIMIT),
    "ombud_monitor_alarms_open": ("Alarms that are open.", SYSTEM),
    "ombud_monitor_false_alarm_rate": (
        "Highest chance that a system that never changes raises any alarm in the life of a release.", SYSTEM),
    "ombud_monitor_incidents_open": ("Incidents that are open.", SYSTEM),
    "ombud_monitor_incidents_late": ("Open incidents of which something that is owed is late.", SYSTEM),
    "ombud_monitor_revoked_deciding": (
        "Recorded decisions of the last day that a release made after it was revoked: stop that process.", SYSTEM),
    "ombud_monitor_windows": ("Windows that were counted.", SYSTEM),
    "ombud_monitor_decisions": ("Decisions in the windows that were counted.", SYSTEM),
    "ombud_monitor_last_window_end_seconds": ("End of the newest window that was counted, Unix time.", SYSTEM),
    "ombud_monitor_last_counted_seconds": ("When a window was last counted, Unix time.", SYSTEM),
    "ombud_monitor_series_left_out": ("Series that are not told because there are too many.", SYSTEM),
    "ombud_monitor_injected": ("1: the manifest says that decisions were made up or changed by hand.", SYSTEM),
}  # fmt: skip
"""Every metric: its name, what it means, its labels. All are gauges."""

Sample = tuple[str, tuple[str, ...], float]
"""A metric's name, the values of its labels, its value."""


def samples(workspace: Workspace, system: System) -> Iterator[Sample]:
    """Every sample of a system, as of now.

    Raises:
        OmbudError: the store or the log cannot be read.
    """
    name = (system.name,)
    yield "ombud_monitor_up", name, 1.0
    store = Windows(workspace.ledger.database)
    brief, recent = store.brief(system.name), store.newest(system.name, RECENT)
    now = declared(workspace.ledger.log().trusted(), system.name, workspace.context.clock.now())
    release = now.release if now else None
    alarms = [one.alarm for one in standing_alarms(workspace, system.name, release) if one.open]
    yield "ombud_monitor_windows", name, len(brief)
    yield "ombud_monitor_decisions", name, sum(one.rows for one in brief)
    if brief:
        yield "ombud_monitor_last_window_end_seconds", name, _seconds(parsed(brief[-1].end))
        yield "ombud_monitor_last_counted_seconds", name, _seconds(parsed(max(one.taken_at for one in brief)))
    yield "ombud_monitor_alarms_open", name, len(alarms)
    yield "ombud_monitor_false_alarm_rate", name, float(system.monitoring.alarm_rate)
    yield "ombud_monitor_injected", name, float(system.monitoring.injected is not None)
    yield from (("ombud_monitor_limit", labels, value) for labels, value in _limits(system).items())
    found = incidents(workspace, system=system.name)
    yield "ombud_monitor_revoked_deciding", name, revoked_deciding(workspace, system.name)
    yield "ombud_monitor_incidents_open", name, len(found)
    yield "ombud_monitor_incidents_late", name, sum(one.late for one in found)
    yield from _series(system, series_of(recent), {one.series for one in alarms if one.value is not None})


def _series(system: System, series: dict[str, tuple[SeriesPoint, ...]], alarmed: set[str]) -> Iterator[Sample]:
    """The newest figure of each series; one of a group of too few people has none."""
    newest = {name: point for name, points in series.items() if (point := _newest(points)) and name != "rows"}
    told = sorted(newest, key=lambda name: (name not in alarmed, name))[:MOST_SERIES]
    yield "ombud_monitor_series_left_out", (system.name,), len(newest) - len(told)
    for name in dict.fromkeys((*told, *sorted(alarmed))):
        labels = _labels(system, name_of(name))
        yield "ombud_monitor_alarm", labels, float(name in alarmed)
        if name in newest:
            yield from _figure(labels, newest[name])


def _figure(labels: tuple[str, ...], point: SeriesPoint) -> Iterator[Sample]:
    ends = (("value", point.value), ("low", point.low), ("high", point.high))
    yield from ((f"ombud_monitor_{what}", labels, end) for what, end in ends if end is not None)
    yield "ombud_monitor_people", labels, point.n
    yield "ombud_monitor_estimate", labels, float(point.estimate)
    yield "ombud_monitor_figure_end_seconds", labels, _seconds(point.end)


def _newest(points: Sequence[SeriesPoint]) -> SeriesPoint | None:
    return next((one for one in reversed(points) if one.value is not None), None)


def _labels(system: System, name: Name) -> tuple[str, ...]:
    return system.name, name.kind, name.column, name.level


def _limits(system: System) -> dict[tuple[str, ...], float]:
    """By kind of series, column and direction, the strictest limit of the policy."""
    found: dict[tuple[str, ...], float] = {}
    for limit in system.policy:
        labels = (system.name, limit.measurement, limit.protected or "", limit.op)
        stricter = max if limit.op == ">=" else min
        found[labels] = stricter(float(limit.value), found.get(labels, float(limit.value)))
    return found


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


# --- for Prometheus ---------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Told:
    """A collector that asks anew at every scrape."""

    ask: Callable[[], Iterable[Sample]]

    def collect(self) -> Iterator["Metric"]:
        """Every metric with its samples."""
        from prometheus_client.core import GaugeMetricFamily

        families = {
            name: GaugeMetricFamily(name, said, labels=labels) for name, (said, labels) in METRICS.items()
        }  # fmt: skip
        for name, labels, value in self.ask():
            families[name].add_metric(labels, value)
        yield from families.values()


def samples_or_down(workspace: Workspace, system: System) -> tuple[Sample, ...]:
    """The samples; where the store cannot be read, only that: a scrape gets an answer, and the next one asks again."""
    try:
        return tuple(samples(workspace, system))
    except OmbudError:
        return (("ombud_monitor_up", (system.name,), 0.0),)


def registry(ask: Callable[[], Iterable[Sample]]) -> "CollectorRegistry":
    """What a scrape asks.

    Raises:
        Misused: the library is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry
    except ImportError:
        raise Misused("metrics need a library", "Install it: pip install 'ombud[monitoring]'") from None
    made = CollectorRegistry()
    made.register(Told(ask))
    return made


def exposition(workspace: Workspace, system: System) -> str:
    """The metrics in Prometheus' text format.

    Raises:
        Misused: the library is not installed.
        OmbudError: the store or the log cannot be read.
    """
    found = registry(lambda: tuple(samples(workspace, system)))
    from prometheus_client import generate_latest

    return generate_latest(found).decode("utf-8")
