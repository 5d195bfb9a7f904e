import numpy as np
import pytest
from scipy.stats import betabinom

from ombud.statistics.shrinkage import beta_binomial_log_likelihood, concentration, shrunk


def test_the_likelihood_is_that_of_scipys_beta_binomial() -> None:
    x, n, a, b = np.array([3.0, 9.0]), np.array([10.0, 12.0]), np.array([2.0, 5.0]), np.array([4.0, 1.5])
    constant = betabinom.logpmf(x, n, 1, 1) - beta_binomial_log_likelihood(x, n, np.ones(2), np.ones(2))
    ours = beta_binomial_log_likelihood(x, n, a, b) + constant
    assert ours == pytest.approx(betabinom.logpmf(x, n, a, b))


def test_the_concentration_is_the_likeliest_by_scipy() -> None:
    selected, total = [3, 20, 15, 40, 1], [30, 40, 35, 50, 20]
    pooled = sum(selected) / sum(total)

    def likelihood(worth: float) -> float:
        return float(betabinom.logpmf(selected, total, worth * pooled, worth * (1 - pooled)).sum())

    found = concentration(selected, total)
    assert all(likelihood(found) >= likelihood(found * times) for times in (0.8, 0.95, 1.05, 1.3))


def test_small_groups_are_pulled_more_than_large_ones_and_never_past_the_whole() -> None:
    selected, total = [9, 900, 300], [10, 1000, 1000]
    pooled = sum(selected) / sum(total)
    small, large, other = shrunk(selected, total)
    assert pooled < small < large < 0.9
    assert 0.3 < other < pooled


def test_groups_alike_but_for_chance_are_pulled_all_the_way() -> None:
    assert shrunk([30, 31, 29], [100, 100, 100]) == pytest.approx([0.3] * 3, abs=1e-4)


def test_all_or_none_selected_stays_so() -> None:
    assert shrunk([0, 0], [10, 20]) == (0, 0)
    assert shrunk([10, 20], [10, 20]) == (1, 1)
