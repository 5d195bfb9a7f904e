import math
import warnings
from collections import Counter

import numpy as np
import pytest
from scipy.optimize import brentq
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from ombud.statistics.intervals import clopper_pearson, difference_interval, ratio_interval, ratio_intervals, wilson

RATES = [(0, 10), (1, 10), (5, 10), (10, 10), (24, 40), (162, 400), (131, 197), (999_999, 1_000_000), (0, 3_000_000)]


@pytest.mark.parametrize(("selected", "total"), RATES)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_wilson_agrees_with_statsmodels(selected: int, total: int, level: float) -> None:
    assert wilson(selected, total, level) == pytest.approx(
        proportion_confint(selected, total, 1 - level, "wilson"), abs=1e-12
    )


@pytest.mark.parametrize(("selected", "total"), RATES)
def test_clopper_pearson_agrees_with_statsmodels(selected: int, total: int) -> None:
    assert clopper_pearson(selected, total) == pytest.approx(
        proportion_confint(selected, total, 0.05, "beta"), abs=1e-12
    )


PAIRS = [
    (162, 400, 200, 400),
    (24, 40, 30, 40),
    (1380, 2000, 1400, 2000),
    (3, 50, 20, 60),
    (1, 30, 29, 30),
    (50, 100, 50, 100),
    (131, 197, 1325, 1681),
    (120_000, 400_000, 1_500_000, 3_000_000),
]


@pytest.mark.parametrize("counts", PAIRS)
def test_the_ratio_interval_agrees_with_the_score_interval_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    theirs = confint_proportions_2indep(*counts, compare="ratio", method="score", correction=True)
    assert ratio_interval(*counts) == pytest.approx(theirs, rel=2e-6)


@pytest.mark.parametrize("counts", PAIRS)
def test_the_difference_interval_agrees_with_newcombe_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    theirs = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
    assert difference_interval(*counts) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "low", "high"),  # Newcombe (1998), Statistics in Medicine 17, 873–890, table II, method 10
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_interval_is_that_of_the_published_table(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert difference_interval(*counts) == pytest.approx((low, high), abs=6e-5)


def _constrained_score(ratio: float, counts: tuple[int, int, int, int]) -> float:
    """The score of Miettinen and Nurminen, its nuisance rate found by maximising the likelihood on a grid."""
    x, n, y, m = counts
    rate = np.linspace(0, min(1, 1 / ratio), 400_001)[1:-1]
    ours = ratio * rate
    with np.errstate(divide="ignore"):
        likelihood = x * np.log(ours) + (n - x) * np.log1p(-ours) + y * np.log(rate) + (m - y) * np.log1p(-rate)
    q = rate[likelihood.argmax()]
    p = ratio * q
    variance = (p * (1 - p) / n + ratio**2 * q * (1 - q) / m) * (n + m) / (n + m - 1)
    return float((x / n - ratio * y / m) / math.sqrt(variance))


@pytest.mark.parametrize(
    "counts", [(0, 30, 12, 40), (30, 30, 12, 40), (30, 30, 38, 40), (2, 35, 40, 40), (40, 40, 39, 41)]
)
def test_the_ratio_interval_at_none_and_all_is_where_the_score_crosses_by_brute_force(
    counts: tuple[int, int, int, int],
) -> None:
    low, high = ratio_interval(*counts)
    assert high == pytest.approx(brentq(lambda r: _constrained_score(r, counts) + 1.959964, 0.05, 20), rel=1e-3)
    if counts[0] == 0:
        assert low == 0
    else:
        assert low == pytest.approx(brentq(lambda r: _constrained_score(r, counts) - 1.959964, 0.005, 20), rel=1e-3)


def test_nothing_warns_at_the_corners() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for counts in [(0, 1, 0, 1), (1, 1, 1, 1), (0, 1, 1, 1), (1, 1, 0, 1), (0, 10**9, 1, 1)]:
            low, high = ratio_interval(*counts)
            assert low <= high


def test_without_a_selected_reference_the_ratio_has_no_upper_end() -> None:
    assert ratio_interval(5, 30, 0, 30)[1] == math.inf


def test_many_ratios_are_the_same_as_each_alone() -> None:
    low, high = ratio_intervals([24, 0, 40], [40, 35, 40], 30, 40)
    for at, (x, n) in enumerate([(24, 40), (0, 35), (40, 40)]):
        assert (low[at], high[at]) == ratio_interval(x, n, 30, 40)


@pytest.mark.parametrize(("p", "q", "n", "m"), [(0.3, 0.3, 30, 60), (0.05, 0.1, 60, 60), (0.9, 0.95, 40, 200)])
def test_the_ratio_interval_covers_the_truth_about_nineteen_times_in_twenty(p: float, q: float, n: int, m: int) -> None:
    rng = np.random.default_rng(7)
    seen = Counter(zip(rng.binomial(n, p, 20_000).tolist(), rng.binomial(m, q, 20_000).tolist(), strict=True))
    covered = 0
    for y in range(1, m + 1):
        low, high = ratio_intervals(range(n + 1), [n] * (n + 1), y, m)
        covered += sum(seen[x, y] for x in range(n + 1) if low[x] <= p / q <= high[x])
    assert 0.94 <= covered / sum(times for (_, y), times in seen.items() if y) <= 0.97
