"""How well the model decides: measured by labels where they have arrived, estimated from its scores until then."""

from collections.abc import Iterator, Mapping
from typing import Final

from ombud.errors import OmbudError
from ombud.monitor.baseline import Baseline
from ombud.monitor.counted import SCORE, Counted
from ombud.monitor.estimated import estimates, meaning_of, meant
from ombud.monitor.outcome import Outcomes
from ombud.monitor.points import SeriesPoint
from ombud.monitor.windows import Window
from ombud.statistics.cube import Cell, Level
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.statistics.intervals import wilson
from ombud.statistics.scores import auc, auc_interval

ENOUGH: Final = 10
"""Fewest labels of either kind for an AUC."""


def performance(
    window: Window, counted: Counted, baseline: Baseline, outcomes: Outcomes, minimum: int
) -> Iterator[SeriesPoint]:
    """Accuracy and AUC of a window: from its labels, where it has some, and as its scores let expect them."""
    cube = counted.get(SCORE)
    if cube is None:
        return
    cells = meant(cube, outcomes)
    if baseline.questions.label is not None:
        yield from _accuracy(window, cells, minimum)
        yield from _auc(window, cells)
    yield from estimates(window, cells, meaning_of(baseline, outcomes), minimum)


def _accuracy(window: Window, cells: Mapping[Cell, int], minimum: int) -> Iterator[SeriesPoint]:
    judged = {cell: n for cell, n in cells.items() if cell[1] is not None and cell[2] is not None}
    of, right = sum(judged.values()), sum(n for (_, decision, label), n in judged.items() if decision == label)
    if of:
        shown = of >= minimum
        low, high = wilson(right, of) if shown else (None, None)
        yield SeriesPoint(
            series="accuracy", start=window.start, end=window.end, value=right / of if shown else None,
            low=low, high=high, n=of, counts={"selected": right, "total": of},
        )  # fmt: skip


def _auc(window: Window, cells: Mapping[Cell, int]) -> Iterator[SeriesPoint]:
    scores = sorted({str(cell[0]) for cell in cells})

    def by_score(label: Level) -> list[int]:
        return [sum(n for (b, _, its), n in cells.items() if b == score and its == label) for score in scores]

    positive, negative = by_score(FAVOURABLE), by_score(UNFAVOURABLE)
    positives, negatives = sum(positive), sum(negative)
    if min(positives, negatives) < ENOUGH:
        return
    try:
        area = auc(positive, negative)
    except OmbudError:
        return
    low, high = auc_interval(area, positives, negatives)
    yield SeriesPoint(
        series="auc", start=window.start, end=window.end, value=float(area), low=low, high=high,
        n=positives + negatives, counts={"positives": positives, "negatives": negatives},
    )  # fmt: skip
