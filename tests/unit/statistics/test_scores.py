from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from ombud.errors import Misused
from ombud.statistics.scores import auc, auc_interval


def test_the_auc_agrees_with_scikit_learn_with_ties() -> None:
    rng = np.random.default_rng(1)
    positive, negative = rng.integers(0, 30, 8), rng.integers(0, 30, 8)
    scores = np.repeat(np.arange(8), positive).tolist() + np.repeat(np.arange(8), negative).tolist()
    truth = [1] * int(positive.sum()) + [0] * int(negative.sum())
    assert float(auc(positive.tolist(), negative.tolist())) == pytest.approx(roc_auc_score(truth, scores))


def test_the_auc_is_exact() -> None:
    assert auc([1, 0, 2], [1, 1, 0]) == Fraction(9, 12)  # wins 2·2, ties 1, of 3·2 pairs: (4 + .5) / 6


@pytest.mark.parametrize(("positive", "negative"), [([0, 0], [1, 2]), ([1, 2], [0, 0])])
def test_an_auc_of_one_class_is_refused(positive: list[int], negative: list[int]) -> None:
    with pytest.raises(Misused, match="both classes"):
        auc(positive, negative)


@pytest.mark.parametrize("area", [0.0, 0.2, 0.5, 0.83, 1.0])
def test_the_ends_of_the_interval_solve_newcombes_equation(area: float) -> None:
    low, high = auc_interval(area, 20, 50)
    assert 0 <= low <= area <= high <= 1
    for end in (low, high):
        inflation = 1 + (70 / 2 - 1) * ((1 - end) / (2 - end) + end / (1 + end))
        variance = end * (1 - end) * inflation / (20 * 50)
        assert abs(area - end) == pytest.approx(1.959964 * variance**0.5, abs=1e-6)


@pytest.mark.parametrize(("shift", "n", "m"), [(0.0, 20, 60), (1.0, 40, 40), (2.5, 30, 200)])
def test_the_interval_covers_the_truth_about_nineteen_times_in_twenty(shift: float, n: int, m: int) -> None:
    from scipy.stats import norm

    rng, truth, covered = np.random.default_rng(2), norm.cdf(shift / 2**0.5), 0
    for _ in range(1000):
        u = mannwhitneyu(rng.normal(shift, 1, n), rng.normal(0, 1, m)).statistic
        low, high = auc_interval(float(u) / (n * m), n, m)
        covered += low <= truth <= high
    assert 0.925 <= covered / 1000 <= 0.98
