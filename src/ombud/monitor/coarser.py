"""Many short windows added up to fewer longer ones, so that years can be read; figures are taken anew from counts."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from attrs import evolve

from ombud.decisions.decision import FAVOURABLE
from ombud.evidence.instants import instant, parsed
from ombud.monitor.baseline import Baseline
from ombud.monitor.counted import added, to_plain, without_salt
from ombud.monitor.measure import Measurer
from ombud.monitor.outcome import Outcomes
from ombud.monitor.series import point_to
from ombud.monitor.windows import Window, beginning
from ombud.store.windows import KeptWindow, Windows
from ombud.system.manifest import System
from ombud.tables.needs import Role

MOST: Final = 150
"""More windows than this are not told apart in a drawing."""

LONGER: Final = {"day": "week", "week": "month"}


def readable(system: System, store: Windows, windows: Sequence[KeptWindow]) -> tuple[Sequence[KeptWindow], str]:
    """The windows as they are drawn, and of which length they are: added up until there are few enough.

    Windows that were counted by other questions than their neighbours stay as they are: their counts do not add up.
    """
    length = system.monitoring.window
    drawn = windows
    while len(drawn) > MOST and length in LONGER:
        length = LONGER[length]
        groups = groupby(windows, _begins(length))
        drawn = [one for _, group in groups for one in _together(system, store, group)]
    return drawn, length


def _begins(length: str) -> Callable[[KeptWindow], datetime]:
    return lambda one: beginning(parsed(one.start), length)


def _together(system: System, store: Windows, group: Iterable[KeptWindow]) -> Sequence[KeptWindow]:
    some = list(group)
    keys = {one.questions for one in some}
    plain = store.baseline(system.name, some[0].questions) if len(keys) == 1 else None
    if plain is None:
        return some
    window = Window(parsed(some[0].start), parsed(some[-1].end), system.name)
    counted = added(without_salt(one.counts) for one in some)
    rows = sum(one.rows for one in some)
    measurer = measurer_in_store(system, Baseline.from_plain(plain, some[0].questions))
    points = [point_to(point) for point in measurer.points(window, counted, rows)]
    whole = evolve(
        some[0], start=instant(window.start), end=instant(window.end), rows=rows, late=sum(one.late for one in some),
        counts=to_plain(counted), points=points,
    )  # fmt: skip
    return [whole]


def measurer_in_store(system: System, baseline: Baseline) -> Measurer:
    """What turns counts into points, without the decisions: from the manifest and what the store keeps."""
    columns = system.columns
    if "decisions" not in system.data:  # recorded decisions say what they mean in our words
        favourable = columns.favourable or FAVOURABLE
        columns = evolve(columns, favourable=favourable, label_favourable=columns.label_favourable or favourable)
    asked = baseline.questions
    others = {asked.decision, asked.label, *columns.of(Role.CONDITION_ON)}
    protected = columns.of(Role.PROTECTED) or tuple(name for name in asked.people if name not in others)
    return Measurer(
        baseline=baseline, outcomes=Outcomes.of(columns), protected=protected, minimum=system.evidence.minimum_group
    )
