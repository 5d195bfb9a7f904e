"""What a number of people could have shown, and how many people would show it."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ombud.statistics.distributions import ALPHA, POWER, Array, chi2_p, chi2_quantile, z_of
from ombud.statistics.equality import pearson_statistic
from ombud.statistics.intervals import difference_interval, ratio_interval, wilson
from ombud.statistics.measurement import Measurement, Scale

_TOO_MANY = 10**9


def detectable_rates(total: Sequence[int], reference_total: int, reference_rate: float) -> Array:
    """The highest rate of each group, below the reference rate, that these numbers of people would have told from it.

    With power 0.8 at a two-sided alpha of 0.05; NaN where not even a rate of 0 would have been noticed.

    Args:
        total: people of the groups (shape: n_groups).
        reference_total, reference_rate: people and rate of the reference group.

    Source: Fleiss, Levin and Paik (2003), "Statistical Methods for Rates and Proportions", 4.2, unequal sizes.
    """
    n = np.asarray(total, dtype=np.float64)
    z_alpha, z_power = z_of(1 - ALPHA), z_of(2 * POWER - 1)
    theirs = reference_rate * (1 - reference_rate) / reference_total

    def noticed(rate: Array) -> NDArray[np.bool_]:
        pooled = (n * rate + reference_total * reference_rate) / (n + reference_total)
        equal = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / reference_total))
        unequal = np.sqrt(rate * (1 - rate) / n + theirs)
        seen: NDArray[np.bool_] = reference_rate - rate > z_alpha * equal + z_power * unequal
        return seen

    low, high = np.zeros_like(n), np.full_like(n, reference_rate)
    possible = noticed(low)
    for _ in range(50):
        middle = (low + high) / 2
        enough = noticed(middle)
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(possible, low, np.nan)


def needed_n(measurement: Measurement, op: Literal[">=", "<="], limit: Fraction) -> int | None:
    """How many people of the group would decide a measurement against a limit, if the rates stayed as observed.

    All groups grow alike (the same allocation). The answer is the smallest number of people of the group at which the
    rates observed would pass (within the limit, and the interval excludes a breach) or fail (beyond it, and the test of
    equality is significant after the correction for many comparisons that this measurement had). It is what a plan
    can rest on, no promise: the rates will move. Pearson's test is used even where there are too few for it now.

    Args:
        measurement: a rate, or a difference or ratio of rates, with its counts.
        op, limit: the limit.

    Returns:
        None where no number would do (the observed value is the limit itself, or equality), or where the counts are
        not those of rates.
    """
    total = measurement.counts.get("total")
    if not total or measurement.value is None:
        return None
    allowed = measurement.value >= limit if op == ">=" else measurement.value <= limit
    settled = _passes(measurement, op, limit) if allowed else _fails(measurement, op, limit)
    return _smallest(lambda n: settled(n / total))


def _passes(measurement: Measurement, op: str, limit: Fraction) -> Callable[[float], bool]:
    def settled(times: float) -> bool:
        low, high = _interval(measurement, times)
        return low >= limit if op == ">=" else high <= limit

    return settled


def _fails(measurement: Measurement, op: str, limit: Fraction) -> Callable[[float], bool]:
    def beyond(times: float) -> bool:
        low, high = _interval(measurement, times)
        return high < limit if op == ">=" else low > limit

    if measurement.scale is Scale.PLAIN:
        return beyond
    statistic = pearson_statistic(*_pair(measurement, 1.0))
    needed = chi2_quantile(1 - ALPHA / _times_corrected(measurement, statistic), 1)
    return lambda times: statistic * times >= needed


def _times_corrected(measurement: Measurement, statistic: float) -> float:
    """By how much the correction for many comparisons multiplied the p-value."""
    raw = measurement.p_raw or chi2_p(statistic, 1)
    corrected = measurement.p_value if measurement.p_value is not None else raw
    return max(1.0, corrected / raw) if 0 < raw < 1 and corrected < 1 else 1.0


def _pair(measurement: Measurement, times: float) -> tuple[tuple[float, float], tuple[float, float]]:
    c = measurement.counts
    return (c["selected"] * times, c["reference_selected"] * times), (c["total"] * times, c["reference_total"] * times)


def _interval(measurement: Measurement, times: float) -> tuple[float, float]:
    if measurement.scale is Scale.PLAIN:
        counts = measurement.counts
        return wilson(counts["selected"] * times, counts["total"] * times, measurement.level)
    (selected, reference_selected), (total, reference_total) = _pair(measurement, times)
    between = ratio_interval if measurement.scale is Scale.RATIO else difference_interval
    return between(selected, total, reference_selected, reference_total, measurement.level)


def _smallest(settled: Callable[[int], bool]) -> int | None:
    """The first whole number that settles it, of all up to a thousand million; what is settled once stays settled."""
    low, high = 1, 2
    while not settled(high):
        low, high = high, high * 2
        if high > _TOO_MANY:
            return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if settled(middle) else (middle + 1, high)
    return high
