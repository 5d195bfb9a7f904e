"""The few distributions this room needs, and the conventions of statistics it keeps.

scipy is imported on first use: it costs half a second, and the command line must answer at once.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVEL = 0.95
"""Confidence level of every interval unless another is asked for."""

ALPHA = 0.05
"""Two-sided significance at which a planned test counts as having told two groups apart."""

POWER = 0.8
"""Chance of telling them apart that "detectable" and "needed" promise."""


class Interval(NamedTuple):
    """A confidence interval; `high` may be infinite for a ratio to a rate of 0."""

    low: float
    high: float


def z_of(level: float) -> float:
    """The two-sided normal quantile of a confidence level: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def normal_p(z: float) -> float:
    """Two-sided p-value of a standard normal score."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi2_p(x: float, df: float) -> float:
    """Chance that chi-square with `df` (> 0, not necessarily whole) degrees of freedom exceeds `x` >= 0."""
    if df == 1:
        return math.erfc(math.sqrt(x / 2))
    from scipy.special import gammaincc

    return float(gammaincc(df / 2, x / 2))


def chi2_quantile(p: float, df: float) -> float:
    """The value that chi-square with `df` degrees of freedom stays below with chance `p`."""
    from scipy.special import gammaincinv

    return float(2 * gammaincinv(df / 2, p))


def beta_quantile(p: float, a: float, b: float) -> float:
    """The value that a beta(a, b) variable stays below with chance `p`."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))


def log_choose(n: int, k: Array) -> Array:
    """Logarithm of the number of ways to choose k of n, elementwise over k."""
    from scipy.special import gammaln

    ways: Array = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return ways


def hypergeometric(drawn: int, others: int, marked: int) -> tuple[int, Array]:
    """How many of `marked` people fall among `drawn`, given `others` not drawn, if marking ignores the draw.

    Returns:
        The smallest possible number, and the chances of it and of each larger one up to the largest.
    """
    low, high = max(0, marked - others), min(drawn, marked)
    k = np.arange(low, high + 1, dtype=np.float64)
    log = log_choose(drawn, k) + log_choose(others, marked - k)
    chances = np.exp(log - log.max())
    return low, chances / chances.sum()
