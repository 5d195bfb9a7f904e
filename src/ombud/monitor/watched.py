"""What a run of the monitor did, as it is told to people and programs."""

from collections.abc import Mapping

from attrs import field, frozen

from ombud.cases import Case
from ombud.evidence.entry import Entry
from ombud.monitor.alarm import Alarm
from ombud.monitor.points import SeriesPoint
from ombud.monitor.pooled import Pool
from ombud.monitor.windows import Window


@frozen(kw_only=True)
class WindowSeen:
    """A window as a run found it.

    Attributes:
        window: which; rows: how many decisions it holds.
        late: how many of them came after it had first been counted.
        series: its points by series; empty for a window that is still open.
    """

    window: Window
    rows: int
    late: int = 0
    series: Mapping[str, SeriesPoint] = field(factory=dict)


@frozen(kw_only=True)
class Watched:
    """What one run did.

    Attributes:
        system: its name.
        windows: those that were counted in this run, new or changed, in order of time.
        open: the window that is not over, with its rows so far; None if there is none.
        future: rows dated after now, left out until their time; undated: rows without a readable time; ancient: rows
            older than anything that is looked at.
        gone: windows whose rows are no longer in the table; their counts are kept as they were.
        pool: the trailing period that status reads; None before the first closed window.
        entries: what came into the log.
        waiting: check → why the trailing period does not speak for it yet.
        alarms: alarms that were raised in this run; incidents: those that they opened.
        told: alarms that were told where the manifest says.
        notes: what else a reader has to know.
    """

    system: str
    windows: tuple[WindowSeen, ...] = ()
    open: WindowSeen | None = None
    future: int = 0
    undated: int = 0
    ancient: int = 0
    gone: tuple[Window, ...] = ()
    pool: Pool | None = None
    entries: tuple[Entry, ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()
    alarms: tuple[Alarm, ...] = ()
    incidents: tuple[Case, ...] = ()
    told: int = 0
    notes: tuple[str, ...] = ()
