"""What status reads of monitoring: the checks of `ombud check`, answered from the counts of a trailing period.

One day is often too small to say anything. So the windows of the trailing period are added up, and the checks are asked
as they would be of a table: same names, same numbers, same digests of counts, repeatable from a bundle.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from attrs import frozen

from ombud.checks import all_checks
from ombud.checks.check import Check
from ombud.evidence.instants import parsed
from ombud.monitor.baseline import Baseline
from ombud.monitor.counted import PEOPLE, Counted, added, feature, without_salt
from ombud.monitor.cuts import NEW_LEVEL, NOT_FINITE, OUT_OF_RANGE, Cut
from ombud.monitor.source import Source
from ombud.monitor.windows import Window
from ombud.release.measure import Answers, Ran, run
from ombud.statistics.cube import Cell, Cube
from ombud.store.windows import KeptWindow
from ombud.system.manifest import System
from ombud.tables.answers import Data, Taken, Unmet
from ombud.tables.counts import from_counted
from ombud.tables.needs import Binned, Counts, Need, Profile, Role
from ombud.tables.table import Snapshot

TRAINING: Final = "training"
DECISIONS: Final = "decisions"
_COUNTERS: Final = {NOT_FINITE: "not finite", OUT_OF_RANGE: "out of range", NEW_LEVEL: "new level"}


@frozen(kw_only=True)
class Pool:
    """The windows of a trailing period, added up.

    Attributes:
        period: from the beginning of the first window to the end of the last; windows: how many.
        counted: their counts; rows: how many rows.
        taken_at: when the last of them was counted.
        whole: whether they fill the trailing period, so that nothing more is to be waited for.
    """

    period: Window
    windows: int
    counted: Counted
    rows: int
    taken_at: str
    whole: bool


def measure(pool: Pool, source: Source, baseline: Baseline, system: System, today: str) -> tuple[Ran, ...]:
    """Ask every check that counts alone can answer.

    Args:
        today: ISO date, for rows in the future.

    Returns:
        What each check gave. Checks that need rows, a model or a list are not asked here.
    """
    data = Data({DECISIONS: source.table}, source.columns, system.evidence.minimum_group)
    answered = _Answers(pool, source, baseline, data)
    ran = []
    for check in all_checks()[0]:
        answers = answered.of(check)
        if answers is not None:
            ran.append(run(check, Answers(answers), _parameters(system, check, today, pool)))
    return tuple(ran)


def _parameters(system: System, check: Check, today: str, pool: Pool) -> dict[str, Any]:
    """What manifest and policy set for a check, and the period: each period is measured for itself."""
    known: dict[str, Any] = {
        "label_is": system.label_is,
        "today": today,
        "reference": dict(system.references(check.name)),
    }
    taken = {name: value for name, value in known.items() if value and name in check.parameters}
    return taken | {"pooled": f"{pool.windows} windows, {pool.period.name}"}


@frozen
class _Answers:
    """Answers needs from pooled counts."""

    pool: Pool
    source: Source
    baseline: Baseline
    data: Data

    def of(self, check: Check) -> Mapping[Need, Taken | Unmet] | None:
        """The answers to a check's needs; None if it needs more than counts."""
        found = {need: self._one(need) for need in check.needs}
        answers = {need: answer for need, answer in found.items() if answer is not None}
        return answers if len(answers) == len(found) else None

    def _one(self, need: Need) -> Taken | Unmet | None:
        snapshot = self.source.snapshot(self.pool.rows)
        if isinstance(need, Counts) and need.by is Role.PROTECTED:
            return self._people(need, snapshot)
        if isinstance(need, Binned) and need.column is Role.FEATURE and need.against == "table":
            return self._drift(snapshot)
        if isinstance(need, Profile) and not need.patterns:
            return Taken((_profile(self.pool, self.baseline, self.source),), (snapshot,))
        return None

    def _people(self, need: Counts, snapshot: Snapshot) -> Taken | Unmet:
        people = self.pool.counted.get(PEOPLE)
        if people is None or not people.total:
            return Unmet("no decisions were made in this period", "")
        return from_counted(need, people, self.data, snapshot)

    def _drift(self, snapshot: Snapshot) -> Taken | Unmet:
        if self.baseline.table != TRAINING or self.baseline.snapshot is None:
            return Unmet("there is no training table to compare with", "data.training.table")
        cubes = tuple(
            _compared(cut, self.baseline.features[feature(cut.column)], self.pool.counted[feature(cut.column)])
            for cut in self.baseline.questions.features
            if feature(cut.column) in self.pool.counted
        )
        if not cubes:
            return Unmet("no feature of the model is in the table of decisions", "data.decisions.table")
        return Taken((cubes,), (self.baseline.snapshot, snapshot))


def _compared(cut: Cut, before: Cube, now: Cube) -> Cube:
    axis = cut.axes[0]
    cells: Counter[Cell] = Counter()
    for what, cube in ((TRAINING, before), (DECISIONS, now)):
        cells.update({(what, *cell): n for cell, n in cube.over(axis).cells.items()})
    return Cube(("table", axis), cells, cut.column)


# --- the profile ------------------------------------------------------------------------------------------------------


def _profile(pool: Pool, baseline: Baseline, source: Source) -> Cube:
    """Rows, missing and marked values of features, score and groups; the label is left out, because it comes later."""
    cells: Counter[Cell] = Counter()
    before: Counted = baseline.features if baseline.table == TRAINING else {}
    for what, counted in ((TRAINING, before), (DECISIONS, pool.counted)):
        for cut in baseline.questions.features:
            if feature(cut.column) in counted:
                cells.update(dict(_of_feature(what, cut, counted[feature(cut.column)])))
    people = pool.counted.get(PEOPLE)
    for column in people.axes if people else ():
        if people and column != baseline.questions.label:
            cells.update(dict(_of_column(column, people.over(column))))
    time = source.columns.of(Role.TIME)[0]
    day = f"day {(pool.period.end - timedelta(microseconds=1)).date()}"
    cells.update({(DECISIONS, time, "rows"): pool.rows, (DECISIONS, time, day): pool.rows})
    return Cube(("table", "column", "what"), cells)


def _of_feature(what: str, cut: Cut, cube: Cube) -> Iterator[tuple[Cell, int]]:
    yield (what, cut.column, "rows"), cube.total
    yield (what, cut.column, "missing"), cube.cells.get((None, None), 0)
    for mark, counter in _COUNTERS.items():
        yield (what, cut.column, counter), cube.count(mark=mark)


def _of_column(column: str, cube: Cube) -> Iterator[tuple[Cell, int]]:
    yield (DECISIONS, column, "rows"), cube.total
    yield (DECISIONS, column, "missing"), cube.cells.get((None,), 0)


def pooled(windows: Sequence[KeptWindow], system: str, *, whole: bool) -> Pool | None:
    """Add windows up; None if there are none."""
    if not windows:
        return None
    return Pool(
        period=Window(parsed(windows[0].start), parsed(windows[-1].end), system), windows=len(windows), whole=whole,
        counted=added(without_salt(one.counts) for one in windows), rows=sum(one.rows for one in windows),
        taken_at=max(one.taken_at for one in windows),
    )  # fmt: skip
