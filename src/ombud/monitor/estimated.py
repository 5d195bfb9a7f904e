"""Performance before labels come: what scores meant in the table the model was judged on, applied to new decisions.

It is an estimate, and marked as one: it stands as long as a score means what it meant. Where labels come, the measured
figures stand beside it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve

from ombud.monitor.baseline import Baseline
from ombud.monitor.counted import SCORE
from ombud.monitor.outcome import Outcomes
from ombud.monitor.points import SeriesPoint
from ombud.monitor.windows import Window
from ombud.statistics.cube import Cell, Cube, Level
from ombud.statistics.expected import UNSEEN, Meaning, Place, expected_accuracy, expected_auc
from ombud.statistics.groups import FAVOURABLE

LEAST: Final = 500
"""Fewest rows with a label from which the meaning of scores is taken: our convention."""

LEAST_EACH: Final = 50
"""Fewest of them with either label, and after either decision."""


def meant(cube: Cube, outcomes: Outcomes) -> Mapping[Cell, int]:
    """Rows by (bin of the score, decision, label), as they are meant; a score that is missing is left out."""
    decision = cube.axes.index("decision") if "decision" in cube.axes else None
    label = cube.axes.index("label") if "label" in cube.axes else None
    found: dict[Cell, int] = {}
    for cell, n in cube.cells.items():
        if cell[0] is not None:
            one: Cell = (
                cell[0],
                None if decision is None else outcomes.decision(cell[decision]),
                None if label is None else outcomes.label(cell[label]),
            )
            found[one] = found.get(one, 0) + n
    return found


def meaning_of(baseline: Baseline, outcomes: Outcomes) -> Meaning | str:
    """What scores meant in the table of the release that has labels; or why that cannot be said."""
    cube = baseline.outcomes.get(SCORE)
    if cube is None:
        return "no table of the release has scores"
    if baseline.outcomes_of == "training":
        return "only the table that the model learnt from has labels, and it knows these by heart; add data.evaluation"
    if not {"decision", "label"} <= set(cube.axes):
        return "the evaluation table lacks decisions or labels beside its scores"
    labelled: dict[Place, tuple[int, int]] = {}
    for (bin_, decision, label), n in meant(cube, outcomes).items():
        if decision is not None and label is not None:
            place = (_number(bin_), decision == FAVOURABLE)
            hits, of = labelled.get(place, (0, 0))
            labelled[place] = (hits + n * (label == FAVOURABLE), of + n)
    return _enough(Meaning(labelled))


def _enough(meaning: Meaning) -> Meaning | str:
    positives, negatives = meaning.sizes
    decided = [sum(of for (_, way), (_, of) in meaning.labelled.items() if way is which) for which in (True, False)]
    if min(decided) < LEAST_EACH:
        return f"of one of the two decisions, the evaluation table has labels of {min(decided)} rows alone"
    if positives + negatives < LEAST or min(positives, negatives) < LEAST_EACH:
        return f"the evaluation table has {positives + negatives} rows with a label, {positives} of them favourable"
    return meaning


def estimates(window: Window, cells: Mapping[Cell, int], meaning: Meaning | str, minimum: int) -> Iterator[SeriesPoint]:
    """`cbpe_accuracy` and `cbpe_auc`, marked as estimates; without a value where scores are of a kind never seen."""
    rows: dict[Place, int] = {}
    for (bin_, decision, _), n in cells.items():
        if decision is not None:
            place = (_number(bin_), decision == FAVOURABLE)
            rows[place] = rows.get(place, 0) + n
    n = sum(rows.values())
    if isinstance(meaning, str) or n < minimum:
        return
    blank = SeriesPoint(series="cbpe_accuracy", start=window.start, end=window.end, n=n, estimate=True)
    if meaning.unseen(rows) > UNSEEN:
        yield from (blank, evolve(blank, series="cbpe_auc"))
        return
    value, (low, high) = expected_accuracy(meaning, rows)
    yield evolve(blank, value=value, low=low, high=high)
    found = expected_auc(meaning, rows)
    if found is not None:
        area, (low, high), (positives, negatives) = found
        counts = {"positives": positives, "negatives": negatives}
        yield evolve(blank, series="cbpe_auc", value=area, low=low, high=high, counts=counts)


def _number(bin_: Level) -> int:
    """The place of a bin in the order, from its name: "07: 0.12 to 0.14"; 0 where all scores are one bin."""
    number = str(bin_).partition(":")[0]
    return int(number) if number.isdigit() else 0
