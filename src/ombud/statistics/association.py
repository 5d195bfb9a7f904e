"""How strongly two columns go together, from their table of counts."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.statistics.cube import Cube, Level
from ombud.statistics.distributions import Interval, chi2_p
from ombud.statistics.scores import auc, auc_interval

Table = NDArray[np.int64]


def table(cube: Cube, rows: str, columns: str) -> tuple[tuple[Level, ...], tuple[Level, ...], Table]:
    """Two axes of a cube as a matrix.

    Returns:
        The levels of `rows`, the levels of `columns`, and the counts (shape: n_rows × n_columns).
    """
    flat = cube.over(rows, columns)
    down, across = flat.levels(rows), flat.levels(columns)
    at_row, at_column = {level: i for i, level in enumerate(down)}, {level: i for i, level in enumerate(across)}
    counts = np.zeros((len(down), len(across)), dtype=np.int64)
    for (row, column), n in flat.cells.items():
        counts[at_row[row], at_column[column]] = n
    return down, across, counts


def chi_square(counts: Sequence[Sequence[int]] | Table) -> tuple[float, int, float]:
    """Pearson's chi-square of a table without its empty rows and columns: statistic, degrees of freedom, p-value."""
    full = _without_empty(counts)
    df = max(0, (full.shape[0] - 1) * (full.shape[1] - 1))
    if df == 0:
        return 0.0, 0, 1.0
    expected = full.sum(axis=1, keepdims=True) * full.sum(axis=0, keepdims=True) / full.sum()
    statistic = float(((full - expected) ** 2 / expected).sum())
    return statistic, df, chi2_p(statistic, df)


def cramers_v(counts: Sequence[Sequence[int]] | Table, *, corrected: bool = True) -> float:
    """Cramér's V in [0, 1]: 0 without any association, 1 where one column follows from the other.

    Args:
        counts: shape n_rows × n_columns.
        corrected: take off what chance alone adds in a table of this size.

    Source: Cramér (1946); correction, Bergsma (2013), "A bias-correction for Cramér's V and Tschuprow's T".
    """
    full = _without_empty(counts)
    people, (r, c) = float(full.sum()), full.shape
    if min(r, c) < 2 or people < 2:
        return 0.0
    phi = chi_square(counts)[0] / people
    if not corrected:
        return math.sqrt(phi / (min(r, c) - 1))
    phi = max(0.0, phi - (r - 1) * (c - 1) / (people - 1))
    room = min(r - (r - 1) ** 2 / (people - 1), c - (c - 1) ** 2 / (people - 1)) - 1
    return min(1.0, math.sqrt(phi / room)) if room > 0 else 0.0


@frozen(kw_only=True)
class Proxy:
    """How well one column tells a level of another.

    Attributes:
        v: Cramér's V, bias-corrected.
        auc: chance that a person with the level ranks above one without it, when people are ranked by the level's share
            in their bin; exact. Ranked on the same people, so 0.5 is its floor and chance alone lifts it a little: see
            `p_value`.
        interval: of the auc.
        p_value: Pearson's chi-square test that the column tells nothing.
        n: people.
    """

    v: float
    auc: Fraction
    interval: Interval
    p_value: float
    n: int


def proxy(inside: Sequence[int], outside: Sequence[int]) -> Proxy | None:
    """How well bins tell the people inside a level from those outside; None if either is empty.

    Args:
        inside, outside: people with and without the level, by bin (shape: n_bins).
    """
    if not sum(inside) or not sum(outside):
        return None
    bins = [(a, b) for a, b in zip(inside, outside, strict=True) if a + b]
    ranked = sorted(bins, key=lambda ab: (Fraction(ab[0], ab[0] + ab[1]), ab))
    area = auc([a for a, _ in ranked], [b for _, b in ranked])
    return Proxy(
        v=cramers_v(ranked),
        auc=area,
        interval=auc_interval(area, sum(inside), sum(outside)),
        p_value=chi_square(ranked)[2],
        n=sum(inside) + sum(outside),
    )


def _without_empty(counts: Sequence[Sequence[int]] | Table) -> NDArray[np.float64]:
    full = np.asarray(counts, dtype=np.float64)
    rows, columns = full.sum(axis=1) > 0, full.sum(axis=0) > 0
    occurring: NDArray[np.float64] = full[rows][:, columns]
    return occurring
