"""Less discriminatory alternatives: one threshold for all, chosen on some folds and judged on the others.

Only thresholds are searched here. A threshold of its own for each group would be disparate treatment (ECOA); what it
would take is shown so that nobody has to wonder, and is never recommended.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.errors import Misused
from ombud.statistics.cube import Cell, Cube

CANDIDATES = tuple(round(step / 100, 2) for step in range(5, 96))
"""Thresholds tried: every hundredth from .05 to .95."""

MINIMUM_GROUP = 30
"""Groups smaller than this take no part in the search (methods: small groups are not assessed)."""


@frozen(eq=False)
class Scored:
    """People with a score, a label, a group and the fold that their score was not trained on.

    Attributes:
        score: n scores in [0, 1]; label: n booleans, True favourable; group: n names; fold: n fold numbers.
    """

    score: NDArray[np.float64]
    label: NDArray[np.bool_]
    group: NDArray[np.str_]
    fold: NDArray[np.int64]

    def __attrs_post_init__(self) -> None:
        if len({len(self.score), len(self.label), len(self.group), len(self.fold)}) != 1:
            raise Misused("scores, labels, groups and folds have different lengths")
        if not np.isfinite(self.score).all():
            raise Misused("a score is missing or not finite; an alternative cannot be judged without it")

    def but(self, keep: NDArray[np.bool_]) -> "Scored":
        """Those for whom `keep` holds."""
        return Scored(self.score[keep], self.label[keep], self.group[keep], self.fold[keep])


@frozen
class Trial:
    """One threshold tried on some people.

    Attributes:
        threshold: a decision is favourable at or above it.
        agreement: share of decisions equal to the label.
        ratio: lowest selection rate of a group divided by the highest, over groups of `MINIMUM_GROUP` people or more.
    """

    threshold: float
    agreement: float
    ratio: float


@frozen
class Alternative:
    """What the search came to.

    Attributes:
        chosen: threshold chosen for each fold, on the other folds, in the order of the folds.
        band: loss of agreement that was accepted in choosing, against the present threshold.
        cube: decisions at the chosen thresholds, each fold judged by a threshold that it had no part in; axes "group",
            "decision", so that the impact ratio of the alternative is measured like any other.
        agreement: share of those decisions equal to the label; before: the same at the present threshold.
        front: every candidate tried on all people (the same that it would be chosen on: for display).
    """

    chosen: tuple[float, ...]
    band: float
    cube: Cube
    agreement: float
    before: float
    front: tuple[Trial, ...]


def one_threshold(people: Scored, present: float, band: float, name: str) -> Alternative:
    """Search one threshold for all that is less disparate and about as good.

    For each fold, the threshold is chosen on the other folds: among those whose agreement is at most `band` below that
    of the present threshold, the one with the highest ratio (ties: the higher threshold, which changes less).

    Args:
        people: cross-fitted scores with labels, groups and folds.
        present: the threshold now in use; band: loss of agreement that is acceptable, in [0, 1].
        name: the protected column, which names the cube.

    Raises:
        Misused: fewer than two folds.
    """
    folds = np.unique(people.fold)
    if len(folds) < 2:
        raise Misused("an alternative has to be chosen on some folds and judged on others: name a fold column")
    chosen = tuple(_choose(people.but(people.fold != k), present, band) for k in folds)
    at = np.array(chosen)[np.searchsorted(folds, people.fold)]
    return Alternative(
        chosen=chosen,
        band=band,
        cube=decisions(people, at, name),
        agreement=_agreement(people, at),
        before=_agreement(people, present),
        front=tuple(trial(people, t) for t in CANDIDATES),
    )


def trial(people: Scored, threshold: float) -> Trial:
    """Agreement and ratio at one threshold."""
    favourable = people.score >= threshold
    rates = [favourable[people.group == g].mean() for g in _large(people)]
    ratio = float(min(rates) / max(rates)) if rates and max(rates) > 0 else float("nan")
    return Trial(threshold, _agreement(people, threshold), ratio)


def decisions(people: Scored, threshold: float | NDArray[np.float64], name: str) -> Cube:
    """Counts of decisions by group at a threshold (one for all, or one a person where folds have their own)."""
    favourable = people.score >= threshold
    cells: dict[Cell, int] = {}
    for group in np.unique(people.group):
        for outcome, word in ((True, "favourable"), (False, "unfavourable")):
            cells[str(group), word] = int(((people.group == group) & (favourable == outcome)).sum())
    return Cube(("group", "decision"), cells, name)


def equal_rates(people: Scored, present: float) -> dict[str, float]:
    """Per group, the threshold that would give it the highest group's rate: shown, never recommended."""
    rates = {g: float((people.score[people.group == g] >= present).mean()) for g in _large(people)}
    best = max(rates.values(), default=0.0)
    return {g: float(np.quantile(people.score[people.group == g], 1 - best)) for g in rates}


def _choose(people: Scored, present: float, band: float) -> float:
    enough = _agreement(people, present) - band
    tried = [one for t in CANDIDATES if (one := trial(people, t)).agreement >= enough]
    best = max(tried, key=lambda one: (one.ratio, one.threshold), default=None)
    return best.threshold if best else present


def _agreement(people: Scored, threshold: float | NDArray[np.float64]) -> float:
    return float(((people.score >= threshold) == people.label).mean())


def _large(people: Scored) -> Sequence[str]:
    names, sizes = np.unique(people.group, return_counts=True)
    return [str(name) for name, size in zip(names, sizes, strict=True) if size >= MINIMUM_GROUP]
