"""Two shares of the same rows, and an interval of their difference that knows that the rows are the same."""

import math

from ombud.statistics.distributions import Interval
from ombud.statistics.intervals import wilson


def paired_interval(both: int, first_only: int, second_only: int, neither: int) -> Interval:
    """Interval of the difference of two shares of the same rows, the first less the second.

    Source: Newcombe (1998), "Improved confidence intervals for the difference between binomial proportions based on
    paired data", method 10.
    """
    n = both + first_only + second_only + neither
    ours, theirs = (both + first_only) / n, (both + second_only) / n
    low, high = wilson(both + first_only, n)
    other_low, other_high = wilson(both + second_only, n)
    phi = _correlation(both, first_only, second_only, neither)
    below = (ours - low) ** 2 - 2 * phi * (ours - low) * (other_high - theirs) + (other_high - theirs) ** 2
    above = (high - ours) ** 2 - 2 * phi * (high - ours) * (theirs - other_low) + (theirs - other_low) ** 2
    gap = ours - theirs
    return Interval(gap - math.sqrt(max(0.0, below)), gap + math.sqrt(max(0.0, above)))


def _correlation(both: int, first_only: int, second_only: int, neither: int) -> float:
    """Correlation of the two, pulled towards 0 where it is positive (Newcombe's correction)."""
    margins = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    if not margins:
        return 0.0
    n = both + first_only + second_only + neither
    product = both * neither - first_only * second_only
    corrected = max(product - n / 2, 0.0) if product > 0 else float(product)
    return corrected / math.sqrt(margins)
