"""Tests of equality: are these groups treated alike, but for chance?"""

import math
from collections.abc import Sequence
from fractions import Fraction

from ombud.statistics.distributions import chi2_p, hypergeometric

ENOUGH_EXPECTED = 5
"""Smallest expected count in every cell for which the chi-square approximation is used."""


def smallest_expected(selected: Sequence[float], total: Sequence[float]) -> float:
    """The smallest count that any cell (selected or not, of any group) would have if all rates were equal."""
    people, chosen = sum(total), sum(selected)
    return min(total) * min(chosen, people - chosen) / people


def pearson_statistic(selected: Sequence[float], total: Sequence[float]) -> float:
    """Pearson's chi-square of groups × selected or not, uncorrected for continuity; 0 if all or none are selected."""
    people, chosen = sum(total), sum(selected)
    if chosen in (0, people):
        return 0.0
    rate = chosen / people
    return math.fsum((x - n * rate) ** 2 / n for x, n in zip(selected, total, strict=True)) / (rate * (1 - rate))


def pearson(selected: Sequence[float], total: Sequence[float]) -> float:
    """P-value of Pearson's chi-square test that all groups have one rate (k groups: k - 1 degrees of freedom)."""
    return chi2_p(pearson_statistic(selected, total), len(total) - 1)


def fisher(selected: int, total: int, reference_selected: int, reference_total: int) -> float:
    """P-value of Fisher's exact test: all tables with the same margins that are no likelier than this one."""
    low, chances = hypergeometric(total, reference_total, selected + reference_selected)
    seen = chances[selected - low]
    return min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum()))


def equality(selected: int, total: int, reference_selected: int, reference_total: int) -> float:
    """P-value that two rates are equal: Fisher's test where an expected count is under 5, else Pearson's."""
    both = (selected, reference_selected), (total, reference_total)
    if smallest_expected(*both) < ENOUGH_EXPECTED:
        return fisher(selected, total, reference_selected, reference_total)
    return pearson(*both)


def omnibus(selected: Sequence[int], total: Sequence[int]) -> float:
    """P-value that all groups have one rate, asked once before any pair is looked at.

    Two groups: as `equality`. More: Pearson's test; where an expected count is under 5, Pearson's statistic against a
    gamma distribution with the exact mean and variance that the statistic has given the margins.

    Args:
        selected, total: counts of the groups (shape: n_groups); totals above 0.

    Source: Haldane (1940) for the moments, Nass (1959), "The chi-square test for small expectations".
    """
    if len(total) < 2:
        return 1.0
    if len(total) == 2:
        return equality(selected[0], total[0], selected[1], total[1])
    if smallest_expected(selected, total) >= ENOUGH_EXPECTED:
        return pearson(selected, total)
    return _sparse_omnibus(selected, total)


def _sparse_omnibus(selected: Sequence[int], total: Sequence[int]) -> float:
    mean, variance = (float(moment) for moment in statistic_moments(sum(selected), total))
    if variance <= 0:
        return 1.0
    stretch = variance / (2 * mean)
    return chi2_p(pearson_statistic(selected, total) / stretch, mean / stretch)


def statistic_moments(chosen: int, total: Sequence[int]) -> tuple[Fraction, Fraction]:
    """Exact mean and variance of Pearson's statistic when `chosen` people are drawn blindly from groups of these sizes.

    The statistic is (S - N·p²) / (p·(1-p)) with S = Σ x²/n, whose moments follow from the factorial moments of the
    multivariate hypergeometric distribution.
    """
    people = sum(total)
    if chosen in (0, people):
        return Fraction(0), Fraction(0)
    first, second, third, fourth = (_drawn(chosen, people, r) for r in (1, 2, 3, 4))
    less = [n - 1 for n in total]
    mean = sum(less) * second + len(total) * first
    pairs_both = sum(less) ** 2 - sum(m * m for m in less)
    pairs_one = 2 * (len(total) - 1) * sum(less)
    pairs = pairs_both * fourth + pairs_one * third + len(total) * (len(total) - 1) * second
    own = sum(
        ((n - 1) * (n - 2) * (n - 3) * fourth + 6 * (n - 1) * (n - 2) * third + 7 * (n - 1) * second + first) / n
        for n in total
    )
    rate = Fraction(chosen, people)
    unit = rate * (1 - rate)
    return (mean - people * rate**2) / unit, (pairs + own - mean**2) / unit**2


def _drawn(chosen: int, people: int, r: int) -> Fraction:
    """Chance that r given people are all among the chosen."""
    if people < r:
        return Fraction(0)
    return Fraction(math.perm(chosen, r), math.perm(people, r))
