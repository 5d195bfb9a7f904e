"""Champion against challenger: the model that decides and one that would like to, on the same rows of each window.

Nobody is decided about by the challenger: it is scored on rows that were decided already, and both are held against the
label. Rows are a bounded sample, the same for the same rows whenever it is drawn.
"""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from attrs import asdict, evolve, frozen

from ombud.errors import Misused, OmbudError
from ombud.monitor.counted import PAIRED, Counted
from ombud.monitor.outcome import Outcomes
from ombud.monitor.points import SeriesPoint
from ombud.monitor.source import Source
from ombud.monitor.windows import Window
from ombud.statistics.cube import Cell, Cube
from ombud.statistics.distributions import Interval
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.statistics.paired import paired_interval
from ombud.system.manifest import System
from ombud.system.models import Model, open_model
from ombud.tables.answers import Sample
from ombud.tables.needs import Role

ROWS: Final = 5_000
"""Rows of a window on which both are compared."""

RIGHT, WRONG = "right", "wrong"
_SEED: Final = 20_261_126
_HALF: Final = Fraction(1, 2)


@frozen(eq=False)
class Challenger:
    """A model that is scored on the same rows.

    Attributes:
        model: the model; threshold: from which score on it decides favourably: the champion's.
        outcomes: what decisions and labels mean.
    """

    model: Model
    threshold: float
    outcomes: Outcomes

    @property
    def key(self) -> str:
        """What windows follow from: another challenger compares them anew."""
        return f"{self.model.digest} {self.threshold!r}"

    def compared(self, source: Source, window: Window) -> Counted:
        """Rows of a window by whether champion and challenger met the label; the cube `PAIRED`."""
        sample = self._sample(source, window)
        if not len(sample):
            return {PAIRED: Cube(("champion", "challenger"), {})}
        decision, label = (sample.levels(source.columns.of(role)[0]) for role in (Role.DECISION, Role.LABEL))
        scores = self.model.predict(sample.numbers(self.model.features))
        cells: Counter[Cell] = Counter()
        for decided, labelled, score in zip(decision, label, scores, strict=True):
            champion, truth = self.outcomes.decision(decided), self.outcomes.label(labelled)
            if champion is not None and truth is not None and math.isfinite(score):
                challenger = FAVOURABLE if score >= self.threshold else UNFAVOURABLE
                cells[_word(champion == truth), _word(challenger == truth)] += 1
        return {PAIRED: Cube(("champion", "challenger"), cells)}

    def _sample(self, source: Source, window: Window) -> Sample:
        held = source.holding([window])
        engine, quote = held.table.engine, held.table.engine.quote
        decision, label = (held.columns.of(role)[0] for role in (Role.DECISION, Role.LABEL))
        names = ", ".join(map(quote, dict.fromkeys((*self.model.features, decision, label))))
        order = engine.row_hash([quote(name) for name in held.columns.of(Role.ID) or held.counted], _SEED)
        where = f"{held.within(window.start, window.end)} AND {quote(label)} IS NOT NULL"
        asked = f"SELECT {names} FROM {held.table.relation} WHERE {where} ORDER BY {order} LIMIT {ROWS}"
        return Sample(engine.arrow(asked), ROWS, "decisions", held.columns)


def challenger_of(system: System, source: Source) -> Challenger | None:
    """The challenger that the manifest names; None if it names none.

    Raises:
        OmbudError: it cannot be opened, or the decisions lack what is needed to compare it.
    """
    path = system.monitoring.challenger
    if path is None:
        return None
    model = open_model(path)
    lacking = [name for name in model.features if name not in source.table.columns]
    if lacking:
        raise Misused(f"the decisions have no column {lacking[0]!r}, which the challenger reads")
    if not source.columns.of(Role.DECISION) or not source.columns.of(Role.LABEL):
        raise Misused("without decisions and labels a challenger cannot be compared", "Add columns.label.")
    declared = system.model.threshold if system.model else None
    return Challenger(model, float(_HALF if declared is None else declared), Outcomes.of(source.columns))


def challenger_or_why(system: System, source: Source) -> tuple[Challenger | None, tuple[str, ...]]:
    """The challenger, and a note where there should be one and is none."""
    try:
        return challenger_of(system, source), ()
    except OmbudError as error:
        return None, (f"the challenger is not compared: {error}",)


@frozen
class Paired:
    """What came of the comparison, over one window or several.

    Attributes:
        both, challenger_only, champion_only, neither: rows that both, one or none of them decided as the label says.
    """

    both: int
    challenger_only: int
    champion_only: int
    neither: int

    @classmethod
    def of(cls, cube: Cube) -> "Paired":
        """From the cube `PAIRED`."""
        return cls(
            cube.count(champion=RIGHT, challenger=RIGHT), cube.count(champion=WRONG, challenger=RIGHT),
            cube.count(champion=RIGHT, challenger=WRONG), cube.count(champion=WRONG, challenger=WRONG),
        )  # fmt: skip

    @property
    def rows(self) -> int:
        """Rows on which both were compared."""
        return self.both + self.challenger_only + self.champion_only + self.neither

    @property
    def difference(self) -> float:
        """The challenger's accuracy less the champion's."""
        return (self.challenger_only - self.champion_only) / self.rows

    @property
    def interval(self) -> Interval:
        """A 95 % interval of the difference: one, for both on the same rows."""
        return paired_interval(self.both, self.challenger_only, self.champion_only, self.neither)


def difference(window: Window, counted: Counted, minimum: int) -> Iterator[SeriesPoint]:
    """`challenger_difference`: the challenger's accuracy less the champion's, on the same rows."""
    cube = counted.get(PAIRED)
    if cube is None or not cube.total:
        return
    found = Paired.of(cube)
    blank = SeriesPoint(
        series="challenger_difference", start=window.start, end=window.end, n=found.rows, counts=asdict(found)
    )
    if found.rows < minimum:
        yield blank
        return
    low, high = found.interval
    yield evolve(blank, value=found.difference, low=low, high=high)


def said(found: Paired) -> str:
    """The comparison in a sentence; who is better only where the interval leaves no doubt."""
    low, high = found.interval
    surer = "challenger" if low > 0 else "champion" if high < 0 else ""
    better = f"the {surer} is right more often" if surer else "no difference is shown"
    return (
        f"challenger against champion on the same {found.rows:,} decisions with a label: {found.difference * 100:+.1f} "
        f"points of accuracy ({low * 100:+.1f} to {high * 100:+.1f}): {better}"
    )


def _word(met: bool) -> str:
    return RIGHT if met else WRONG
