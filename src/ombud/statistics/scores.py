"""How well a score ranks people, from counts by score."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from ombud.errors import Misused
from ombud.statistics.distributions import LEVEL, Interval, z_of


def auc(positive: Sequence[int], negative: Sequence[int]) -> Fraction:
    """Chance that a positive scores above a negative, ties counted half: the area under the ROC curve, exact.

    Args:
        positive, negative: people by score, lowest score first (shape: n_scores).

    Raises:
        Misused: no positives or no negatives.

    Source: Mann and Whitney (1947).
    """
    if not sum(positive) or not sum(negative):
        raise Misused("an AUC needs people of both classes")
    twice_won, below = 0, 0
    for ours, theirs in zip(positive, negative, strict=True):
        twice_won += int(ours) * (2 * below + int(theirs))
        below += int(theirs)
    return Fraction(twice_won, 2 * int(sum(positive)) * int(sum(negative)))


def auc_interval(area: Fraction | float, positives: int, negatives: int, level: float = LEVEL) -> Interval:
    """Interval of an AUC from its value and the sizes of both classes; keeps its level near 0.5 and near 1.

    Source: Newcombe (2006), "Confidence intervals for an effect size measure based on the Mann–Whitney statistic",
    part 2, method 5.
    """
    z, seen = z_of(level), float(area)

    def spread(true: float) -> float:
        mean_size = (positives + negatives) / 2 - 1
        inflation = 1 + mean_size * ((1 - true) / (2 - true) + true / (1 + true))
        return z * math.sqrt(true * (1 - true) * inflation / (positives * negatives))

    low = _cross(0.0, seen, lambda true: seen - true > spread(true))
    high = _cross(seen, 1.0, lambda true: true - seen <= spread(true))
    return Interval(low, high)


def _cross(left: float, right: float, on_the_left: Callable[[float], bool]) -> float:
    for _ in range(60):
        middle = (left + right) / 2
        if on_the_left(middle):
            left = middle
        else:
            right = middle
    return (left + right) / 2
