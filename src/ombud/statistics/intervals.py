"""Intervals of a rate, of a difference of rates and of a ratio of rates, from counts.

None of them is Wald's: each keeps its level for small counts and at 0 and n.
Counts may be broken numbers, so that a larger study with the same rates can be planned.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from ombud.statistics.distributions import LEVEL, Array, Interval, beta_quantile, z_of

_STEPS = 60  # halvings of a bracket of 100 in the logarithm: to double precision


def wilson(selected: float, total: float, level: float = LEVEL) -> Interval:
    """Score interval of one rate.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    z = z_of(level)
    rate = selected / total
    middle = (rate + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    return Interval(
        0.0 if selected == 0 else max(0.0, middle - half), 1.0 if selected == total else min(1.0, middle + half)
    )


def clopper_pearson(selected: int, total: int, level: float = LEVEL) -> Interval:
    """Exact interval of one rate: never covers less often than its level.

    Source: Clopper and Pearson (1934), "The use of confidence or fiducial limits".
    """
    tail = (1 - level) / 2
    low = 0.0 if selected == 0 else beta_quantile(tail, selected, total - selected + 1)
    high = 1.0 if selected == total else beta_quantile(1 - tail, selected + 1, total - selected)
    return Interval(low, high)


def difference_interval(
    selected: float, total: float, reference_selected: float, reference_total: float, level: float = LEVEL
) -> Interval:
    """Hybrid score interval of a rate minus a reference rate.

    Source: Newcombe (1998), "Interval estimation for the difference between independent proportions", method 10.
    """
    ours, theirs = selected / total, reference_selected / reference_total
    low, high = wilson(selected, total, level)
    reference_low, reference_high = wilson(reference_selected, reference_total, level)
    gap = ours - theirs
    return Interval(
        gap - math.hypot(ours - low, reference_high - theirs), gap + math.hypot(high - ours, theirs - reference_low)
    )


def ratio_interval(
    selected: float, total: float, reference_selected: float, reference_total: float, level: float = LEVEL
) -> Interval:
    """Score interval of a rate divided by a reference rate; see `ratio_intervals`."""
    low, high = ratio_intervals([selected], [total], reference_selected, reference_total, level)
    return Interval(float(low[0]), float(high[0]))


def ratio_intervals(
    selected: Sequence[float],
    total: Sequence[float],
    reference_selected: float,
    reference_total: float,
    level: float = LEVEL,
) -> tuple[Array, Array]:
    """Score intervals of the rates of several groups, each divided by one reference rate.

    Args:
        selected, total: counts of the groups (shape: n_groups); totals above 0.
        reference_selected, reference_total: counts of the reference group.
        level: confidence level in (0, 1).

    Returns:
        Lower and upper ends (shape: n_groups each). Low is 0 where nobody of the group was selected; high is infinite
        where nobody of the reference group was.

    Source: Miettinen and Nurminen (1985), "Comparative analysis of two rates", with their factor N/(N-1).
    """
    x, n = np.asarray(selected, dtype=np.float64), np.asarray(total, dtype=np.float64)
    score_at = z_of(level) * np.array([[1.0], [-1.0]])  # of the lower and of the upper end

    def falling(log_ratio: Array) -> Array:
        return _score(np.exp(log_ratio), x, n, reference_selected, reference_total) - score_at

    low, high = np.exp(_falling_root(falling, (2, len(x))))
    return np.where(x == 0, 0.0, low), np.full_like(high, np.inf) if reference_selected == 0 else high


def _score(ratio: Array, x: Array, n: Array, reference_x: float, reference_n: float) -> Array:
    """Standardised distance of the counts from a supposed ratio; falls as the ratio grows (shape: … × n_groups)."""
    people = n + reference_n
    half = (ratio * (n + reference_x) + x + reference_n) / 2
    root = np.sqrt(np.maximum(half * half - people * ratio * (x + reference_x), 0))
    theirs = np.clip((x + reference_x) / (half + root), 0, 1)  # the likeliest reference rate under this ratio
    ours = np.clip(ratio * theirs, 0, 1)
    spread = (ours * (1 - ours) / n + ratio**2 * theirs * (1 - theirs) / reference_n) * people / (people - 1)
    apart = x / n - ratio * reference_x / reference_n
    certain = np.where(apart == 0, 0.0, np.copysign(np.inf, apart))
    score: Array = np.where(spread > 0, apart / np.sqrt(np.where(spread > 0, spread, 1)), certain)
    return score


def _falling_root(falling: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
    """Where falling functions cross 0, by halving one bracket for all of them at once."""
    left, right = np.full(shape, -50.0), np.full(shape, 50.0)
    for _ in range(_STEPS):
        middle = (left + right) / 2
        above = falling(middle) > 0
        left, right = np.where(above, middle, left), np.where(above, right, middle)
    crossing: Array = (left + right) / 2
    return crossing
