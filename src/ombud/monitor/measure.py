"""What one window shows: a point of each series, from its own counts and the baseline alone.

A point of fewer people than the smallest group that is published has no value; its counts stay, for the alarms that add
them up over windows.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from ombud.monitor.baseline import Baseline
from ombud.monitor.champion import difference
from ombud.monitor.counted import HUMAN, PEOPLE, Counted, feature
from ombud.monitor.cuts import Cut
from ombud.monitor.outcome import Outcomes, yes
from ombud.monitor.performance import performance
from ombud.monitor.points import SeriesPoint
from ombud.monitor.windows import Window
from ombud.statistics.cube import Cell, Cube, Level
from ombud.statistics.drift import psi
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.statistics.intervals import ratio_interval, wilson

_UNKNOWN = "unknown"


@frozen(kw_only=True)
class Measurer:
    """Everything that a window's points follow from beside its counts.

    Attributes:
        baseline: what it is compared with; outcomes: what decisions and labels mean.
        protected: columns that say which group somebody belongs to.
        minimum: fewest people of whom a figure is shown.
    """

    baseline: Baseline
    outcomes: Outcomes
    protected: tuple[str, ...]
    minimum: int

    def points(self, window: Window, counted: Counted, rows: int) -> tuple[SeriesPoint, ...]:
        """The points of a window: "rows" always; a series that says nothing of this window is absent."""
        at = _At(window, self.minimum)
        found = [SeriesPoint(series="rows", start=window.start, end=window.end, value=rows, n=rows)]
        found += self._people(at, counted.get(PEOPLE))
        for cut in self.baseline.questions.features:
            if feature(cut.column) in counted:
                found += _feature(at, cut, counted[feature(cut.column)], self.baseline.features)
        found += performance(at.window, counted, self.baseline, self.outcomes, self.minimum)
        found += _overrides(at, counted.get(HUMAN))
        found += difference(window, counted, self.minimum)
        return tuple(found)

    def _people(self, at: "_At", people: Cube | None) -> Iterator[SeriesPoint]:
        asked = self.baseline.questions
        if people is None or asked.decision is None:
            return
        every = _rates(self._meant(people, None))
        yield from (at.rate("selection_rate", *counts) for counts in every.values())
        for column in self.protected:
            if column in people.axes:
                yield from self._fairness(at, column, self._meant(people, column))

    def _meant(self, people: Cube, column: str | None) -> Mapping[Cell, int]:
        """People by (group, decision, label), as they are meant; the group is "" for everybody."""
        asked = self.baseline.questions
        axes = people.axes
        group = axes.index(column) if column else None
        decision, label = axes.index(str(asked.decision)), axes.index(asked.label) if asked.label in axes else None
        found: dict[Cell, int] = {}
        for cell, n in people.cells.items():
            meant = (
                "" if group is None else cell[group],
                self.outcomes.decision(cell[decision]),
                None if label is None else self.outcomes.label(cell[label]),
            )
            found[meant] = found.get(meant, 0) + n
        return found

    def _fairness(self, at: "_At", column: str, cells: Mapping[Cell, int]) -> Iterator[SeriesPoint]:
        selected = _rates(cells)
        small = _too_small({group: of for group, (_, of) in selected.items()}, self.minimum)
        reference = self.baseline.references.get(column, "")
        for group, counts in selected.items():
            about, shown = f"[{column}={_UNKNOWN if group is None else group}]", group not in small
            yield at.rate(f"selection_rate{about}", *counts, shown=shown)
            if group not in (None, reference) and reference in selected:
                both = shown and reference not in small
                yield at.ratio(f"impact_ratio{about}", counts, selected[reference], shown=both)
        for name, label in (("true_positive_rate", FAVOURABLE), ("false_positive_rate", UNFAVOURABLE)):
            for group, counts in _rates(cells, label).items():
                if group is not None:
                    yield at.rate(f"{name}[{column}={group}]", *counts, shown=group not in small)


def _rates(cells: Mapping[Cell, int], label: Level = "any") -> dict[Level, tuple[int, int]]:
    """Group → (decided favourably, decided), of everybody or of those with a label, groups in order of name."""
    found: dict[Level, list[int]] = {}
    for (group, decision, its_label), n in cells.items():
        if decision is not None and label in ("any", its_label):
            counts = found.setdefault(group, [0, 0])
            counts[0] += n * (decision == FAVOURABLE)
            counts[1] += n
    ordered = sorted(found, key=lambda group: (group is None, group or ""))
    return {group: (found[group][0], found[group][1]) for group in ordered}


def _too_small(people: Mapping[Level, int], minimum: int) -> frozenset[Level]:
    """The groups that are not shown: those under the minimum and, where these are too few together, the next one.

    Otherwise the small one is what is missing from everybody.
    """
    ordered = sorted(people, key=lambda group: (people[group], group is None, group or ""))
    small = [group for group in ordered if people[group] < minimum]
    if small and sum(people[group] for group in small) < minimum:
        small = ordered[: len(small) + 1]
    return frozenset(small)


@frozen
class _At:
    """Makes points of one window."""

    window: Window
    minimum: int

    def rate(self, series: str, count: int, of: int, *, shown: bool = True) -> SeriesPoint:
        """A share, with Wilson's interval."""
        shown = shown and of >= self.minimum
        low, high = wilson(count, of) if shown else (None, None)
        return SeriesPoint(
            series=series, start=self.window.start, end=self.window.end, value=count / of if shown else None,
            low=low, high=high, n=of, counts={"selected": count, "total": of},
        )  # fmt: skip

    def ratio(self, series: str, counts: tuple[int, int], reference: tuple[int, int], *, shown: bool) -> SeriesPoint:
        """A ratio of two rates, with Miettinen and Nurminen's interval; its upper end is None where it has none."""
        shown = shown and reference[0] > 0
        low, high = ratio_interval(*counts, *reference) if shown else (None, None)
        value = counts[0] / counts[1] / (reference[0] / reference[1]) if shown else None
        names = ("selected", "total", "reference_selected", "reference_total")
        return SeriesPoint(
            series=series, start=self.window.start, end=self.window.end, value=value, low=low, high=high,
            n=counts[1], counts=dict(zip(names, (*counts, *reference), strict=True)),
        )  # fmt: skip

    def share(self, series: str, count: int, of: int) -> SeriesPoint:
        """A share of rows: all were counted, so there is no interval."""
        return SeriesPoint(
            series=series, start=self.window.start, end=self.window.end, value=count / of if of else None,
            n=of, counts={"selected": count, "total": of},
        )  # fmt: skip


def _feature(at: _At, cut: Cut, cube: Cube, baseline: Counted) -> Iterator[SeriesPoint]:
    rows = cube.total
    if not rows:
        return
    yield at.share(f"missing[{cut.column}]", cube.cells.get((None, None), 0), rows)
    for mark in cut.watches:
        yield at.share(f"{mark.replace(' ', '_')}[{cut.column}]", cube.count(mark=mark), rows)
    reference = baseline.get(feature(cut.column))
    if reference is not None and reference.total:
        yield _psi(at, cut, cube.over(cut.axes[0]), reference.over(cut.axes[0]))


def _psi(at: _At, cut: Cut, cube: Cube, reference: Cube) -> SeriesPoint:
    levels = list(dict.fromkeys([*reference.levels(cut.axes[0]), *cube.levels(cut.axes[0])]))
    now = [cube.cells.get((level,), 0) for level in levels]
    before = [reference.cells.get((level,), 0) for level in levels]
    counts = {f"now {i:02d}": n for i, n in enumerate(now)} | {f"before {i:02d}": n for i, n in enumerate(before)}
    return SeriesPoint(
        series=f"psi[{cut.column}]", start=at.window.start, end=at.window.end,
        value=psi(before, now) if sum(now) >= at.minimum else None, n=sum(now), counts=counts,
    )  # fmt: skip


def _overrides(at: _At, human: Cube | None) -> Sequence[SeriesPoint]:
    """Of the decisions that a person had a hand in, those that they changed."""
    if human is None:
        return ()
    said = [(yes(value), n) for (value,), n in human.cells.items()]
    seen = sum(n for changed, n in said if changed is not None)
    return (at.rate("override_rate", sum(n for changed, n in said if changed), seen),) if seen else ()
