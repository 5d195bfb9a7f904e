"""Which windows are to be counted: those that are over, and new, or no longer what they were when they were counted."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from ombud.evidence.instants import parsed
from ombud.monitor.baseline import Baseline
from ombud.monitor.look import Mark, Seen
from ombud.monitor.source import Source
from ombud.monitor.watched import WindowSeen
from ombud.monitor.windows import Window, beginning, earliest, windows_between
from ombud.store.windows import KeptWindow, Windows
from ombud.system.manifest import System


@frozen(kw_only=True)
class Plan:
    """What is to be done with each window."""

    changed: tuple[Window, ...]
    marks: Mapping[datetime, Mark]
    kept: Mapping[datetime, KeptWindow]
    open: WindowSeen | None
    gone: tuple[Window, ...]
    ancient: int


def planned(system: System, source: Source, store: Windows, baseline: Baseline, seen: Seen, at: datetime) -> Plan:
    """What a look at the decisions at a moment means for each window."""
    length = source.length
    since = earliest(at, length)
    known = [one for one in store.brief(system.name) if is_of(one, length)]
    kept = {parsed(one.start): one for one in known}
    starts = [start for start in (*seen.marks, *kept) if start >= since]
    every = list(windows_between(min(starts), at, length, system.name)) if starts else []
    closed_by = at - (system.monitoring.wait.after(at) - at)
    closed = [one for one in every if one.end <= closed_by]
    marks = {one.start: seen.marks.get(one.start, Mark()) for one in every}
    gone = tuple(one for one in closed if one.start in kept and kept[one.start].rows and not marks[one.start].rows)
    changed = tuple(
        one for one in closed if one not in gone and _differs(kept.get(one.start), marks[one.start], baseline.key)
    )
    still_open = [one for one in every if one.end > closed_by]
    ancient = sum(mark.rows for start, mark in seen.marks.items() if start < since)
    return Plan(
        changed=changed, marks=marks, kept=kept, gone=gone, ancient=ancient,
        open=WindowSeen(window=still_open[-1], rows=marks[still_open[-1].start].rows) if still_open else None,
    )  # fmt: skip


def is_of(one: KeptWindow, length: str) -> bool:
    """Whether a kept window is of the length that is asked for now; after a change the others are history."""
    start = parsed(one.start)
    return next(windows_between(start, parsed(one.end), length)) == Window(
        start, parsed(one.end)
    ) and start == beginning(start, length)


def _differs(kept: KeptWindow | None, mark: Mark, questions: str) -> bool:
    if kept is None:
        return True
    return (kept.rows, kept.fingerprint, kept.questions) != (mark.rows, mark.fingerprint, questions)
