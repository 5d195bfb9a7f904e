"""Two groups compared within strata: alike people with alike people, then put together."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from attrs import field, frozen
from attrs.validators import ge

from ombud.statistics.distributions import ALPHA, LEVEL, POWER, Interval, chi2_p, hypergeometric, z_of

ENOUGH_EXPECTED = 5
"""Mantel and Fleiss (1980): how far the expected count must lie from its bounds for the chi-square approximation."""


@frozen
class Stratum:
    """One stratum with a group and the reference group in it.

    Attributes:
        name: the stratum.
        selected, total: of the group.
        reference_selected, reference_total: of the reference group.
    """

    name: str
    selected: int = field(validator=ge(0))
    total: int = field(validator=ge(0))
    reference_selected: int = field(validator=ge(0))
    reference_total: int = field(validator=ge(0))

    @property
    def people(self) -> int:
        """Both groups together."""
        return self.total + self.reference_total

    @property
    def marked(self) -> int:
        """How many were selected, of both groups."""
        return self.selected + self.reference_selected

    @property
    def has_both(self) -> bool:
        """Whether both groups occur in it: without that there is nothing to compare."""
        return self.total > 0 and self.reference_total > 0

    @property
    def tells(self) -> bool:
        """Whether it says anything: both groups occur, and neither all nor none are selected."""
        return self.has_both and 0 < self.marked < self.people

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """Selected and not of the group, selected and not of the reference group."""
        return (
            self.selected,
            self.total - self.selected,
            self.reference_selected,
            self.reference_total - self.reference_selected,
        )

    @property
    def expected(self) -> float:
        """Selected people of the group, if the two were treated alike."""
        return self.total * self.marked / self.people

    @property
    def variance(self) -> float:
        """Of the selected people of the group, if the two were treated alike and the margins are given."""
        n = self.people
        return self.expected * (self.reference_total / n) * ((n - self.marked) / (n - 1)) if n > 1 else 0.0


def odds_ratio(strata: Sequence[Stratum]) -> Fraction | None:
    """Mantel and Haenszel's common odds ratio, exact; None where it is 0/0 or infinite.

    Source: Mantel and Haenszel (1959).
    """
    both = [stratum for stratum in strata if stratum.has_both]
    people = math.lcm(*(stratum.people for stratum in both))
    over = under = 0
    for stratum in both:
        a, b, c, d = stratum.cells
        over += a * d * (people // stratum.people)
        under += b * c * (people // stratum.people)
    return Fraction(over, under) if under else None


def odds_ratio_interval(strata: Sequence[Stratum], level: float = LEVEL) -> Interval | None:
    """Interval of the common odds ratio, good for few large and for many small strata; None where it is 0 or undefined.

    Source: Robins, Breslow and Greenland (1986).
    """
    table = np.array([stratum.cells for stratum in strata if stratum.has_both], dtype=np.float64).reshape(-1, 4)
    a, b, c, d = table.T
    n = table.sum(axis=1)
    over, under = a * d / n, b * c / n
    agree, apart = (a + d) / n, (b + c) / n
    r, s = over.sum(), under.sum()
    if r == 0 or s == 0:
        return None
    variance = (
        (agree * over).sum() / (2 * r * r)
        + (agree * under + apart * over).sum() / (2 * r * s)
        + (apart * under).sum() / (2 * s * s)
    )
    middle, half = math.log(r / s), z_of(level) * math.sqrt(variance)
    return Interval(math.exp(middle - half), math.exp(middle + half))


def conditional_independence(strata: Sequence[Stratum]) -> float:
    """P-value that within every stratum both groups are selected alike.

    Cochran, Mantel and Haenszel's test without continuity correction; the exact conditional test where the expected
    count lies within 5 of its bounds. 1.0 where no stratum tells anything.

    Source: Cochran (1954), Mantel and Haenszel (1959), Mantel and Fleiss (1980); exact, Mehta, Patel and Gray (1985).
    """
    telling = [stratum for stratum in strata if stratum.tells]
    if not telling:
        return 1.0
    if room(telling) < ENOUGH_EXPECTED:
        return _exact(telling)
    apart = math.fsum(stratum.selected - stratum.expected for stratum in telling)
    return chi2_p(apart**2 / math.fsum(stratum.variance for stratum in telling), 1)


def room(strata: Sequence[Stratum]) -> float:
    """How far the expected number of selected people of the group lies from its bounds, all strata together."""
    expected = math.fsum(stratum.expected for stratum in strata)
    low = sum(max(0, stratum.marked - stratum.reference_total) for stratum in strata)
    high = sum(min(stratum.marked, stratum.total) for stratum in strata)
    return min(expected - low, high - expected)


def _exact(strata: Sequence[Stratum]) -> float:
    low, chances = 0, np.ones(1)
    for stratum in strata:
        least, own = hypergeometric(stratum.total, stratum.reference_total, stratum.marked)
        low, chances = low + least, np.convolve(chances, own)
    seen = chances[sum(stratum.selected for stratum in strata) - low]
    return min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum()))


def all_independent(selected: Sequence[Sequence[int]], total: Sequence[Sequence[int]]) -> float:
    """P-value that within every stratum all groups are selected alike (generalised Cochran–Mantel–Haenszel).

    Args:
        selected, total: counts (shape: n_strata × n_groups each).

    Source: Landis, Heyman and Koch (1978); for two groups it is Cochran, Mantel and Haenszel's test.
    """
    groups = len(total[0]) if len(total) else 0
    apart, spread = np.zeros(groups), np.zeros((groups, groups))
    for x, n in zip(np.asarray(selected, dtype=np.float64), np.asarray(total, dtype=np.float64), strict=True):
        people, marked = n.sum(), x.sum()
        if people < 2:
            continue
        share = n / people
        apart += x - marked * share
        spread += marked * (people - marked) / (people - 1) * (np.diag(share) - np.outer(share, share))
    if not spread.any():
        return 1.0
    strengths, directions = np.linalg.eigh(spread)
    told = strengths > 1e-9 * strengths[-1]  # the sum over groups is fixed, and groups that never meet tell nothing
    statistic = float(((directions[:, told].T @ apart) ** 2 / strengths[told]).sum())
    return chi2_p(statistic, int(told.sum()))


@frozen
class Homogeneity:
    """Breslow and Day's test, with Tarone's correction, that the odds ratio is the same in every stratum."""

    statistic: float
    df: int
    p_value: float


def homogeneity(strata: Sequence[Stratum]) -> Homogeneity | None:
    """Whether one odds ratio describes all strata; None with fewer than two strata that tell, or no common odds ratio.

    Source: Breslow and Day (1980), 4.4; correction, Tarone (1985).
    """
    telling = [stratum for stratum in strata if stratum.tells]
    common = odds_ratio(telling)
    if len(telling) < 2 or not common:
        return None
    expected = np.array([_expected_under(stratum, float(common)) for stratum in telling])
    table = np.array([(s.selected, s.total, s.reference_total, s.marked) for s in telling], dtype=np.float64)
    a, n, m, marked = table.T
    variance = 1 / (1 / expected + 1 / (marked - expected) + 1 / (n - expected) + 1 / (m - marked + expected))
    statistic = float(((a - expected) ** 2 / variance).sum() - (a.sum() - expected.sum()) ** 2 / variance.sum())
    df = len(telling) - 1
    return Homogeneity(max(0.0, statistic), df, chi2_p(max(0.0, statistic), df))


def _expected_under(stratum: Stratum, ratio: float) -> float:
    """Selected people of the group if the stratum's margins are given and its odds ratio is `ratio`."""
    product = ratio * stratum.total * stratum.marked
    linear = stratum.reference_total - stratum.marked + ratio * (stratum.total + stratum.marked)
    root = math.sqrt(max(0.0, linear * linear + 4 * (1 - ratio) * product))
    expected = 2 * product / (linear + root)
    low, high = max(0, stratum.marked - stratum.reference_total), min(stratum.marked, stratum.total)
    return min(max(expected, low + 1e-9), high - 1e-9)


def detectable_odds_ratio(strata: Sequence[Stratum]) -> float | None:
    """The largest odds ratio below 1 that these strata would have told from 1; None where no stratum tells anything.

    With power 0.8 at a two-sided alpha of 0.05, by the local power of Cochran, Mantel and Haenszel's test.
    """
    information = math.fsum(stratum.variance for stratum in strata if stratum.tells)
    return math.exp(-(z_of(1 - ALPHA) + z_of(2 * POWER - 1)) / math.sqrt(information)) if information else None
