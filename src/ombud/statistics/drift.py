"""How far a table has moved from another, from counts by bin; with limits that know how many people there were."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ombud.statistics.cube import Level
from ombud.statistics.distributions import Array, chi2_quantile

SMOOTHING = 0.5
"""Added to every bin of both tables, so that an empty bin has a logarithm (Jeffreys)."""


def psi(reference: Sequence[int], current: Sequence[int]) -> float:
    """Population stability index of two tables over the same bins, with 0.5 added to each bin; 0 if nothing moved.

    Args:
        reference, current: people by bin (shape: n_bins); bins that are empty in both are left out.
    """
    before, after = _shared(reference, current)
    p = (before + SMOOTHING) / (before + SMOOTHING).sum()
    q = (after + SMOOTHING) / (after + SMOOTHING).sum()
    return float(((q - p) * np.log(q / p)).sum())


def psi_limit(reference: int, current: int, bins: int, level: float = 0.95) -> float:
    """The PSI that two samples of one population stay below with chance `level`.

    Args:
        reference, current: people in each table.
        bins: bins that occur.

    Source: Yurdakul and Naranjo (2020), "Statistical properties of the population stability index".
    """
    return chi2_quantile(level, bins - 1) * (1 / reference + 1 / current) if bins > 1 else 0.0


def ks(reference: Sequence[int], current: Sequence[int]) -> tuple[Fraction, float]:
    """Kolmogorov and Smirnov's largest gap between two cumulated shares, over ordered bins, and its p-value.

    The gap is exact over the bins; the p-value is the asymptotic one, which errs on the side of no alarm when the
    values come in bins. Missing is no place on a scale: leave it out, and compare its share by a chi-square.
    """
    people, others = int(sum(reference)), int(sum(current))
    gap, before, after = Fraction(0), 0, 0
    for a, b in zip(reference, current, strict=True):
        before, after = before + int(a), after + int(b)
        gap = max(gap, abs(Fraction(before, people) - Fraction(after, others)))
    from scipy.special import kolmogorov

    return gap, float(kolmogorov(float(gap) * (people * others / (people + others)) ** 0.5))


def new_and_vanished(
    reference: dict[Level, int], current: dict[Level, int]
) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """Categories that occur only in the current table, and those that occur only in the reference; sorted."""

    def only(these: dict[Level, int], those: dict[Level, int]) -> tuple[Level, ...]:
        extra = (level for level, n in these.items() if n and not those.get(level))
        return tuple(sorted(extra, key=lambda level: (level is None, level or "")))

    return only(current, reference), only(reference, current)


def _shared(reference: Sequence[int], current: Sequence[int]) -> tuple[Array, Array]:
    before, after = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    occurs = (before + after) > 0
    return before[occurs], after[occurs]
