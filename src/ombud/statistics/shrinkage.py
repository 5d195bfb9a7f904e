"""Rates of many small groups, pulled towards the whole, for display only: no verdict is made from them."""

from collections.abc import Sequence

import numpy as np

from ombud.statistics.distributions import Array


def beta_binomial_log_likelihood(selected: Array, total: Array, a: Array, b: Array) -> Array:
    """Log-likelihood of counts whose rates vary as beta(a, b), without the constant (broadcast over all arguments)."""
    from scipy.special import betaln

    likelihood: Array = betaln(selected + a, total - selected + b) - betaln(a, b)
    return likelihood


def concentration(selected: Sequence[int], total: Sequence[int]) -> float:
    """How alike the groups' rates are: as many people's worth of agreement as a + b of the likeliest beta prior.

    The prior's mean is the pooled rate; 1 (anything goes) to 1,000,000 (all the same), by steps of 2 %.
    """
    x, n = np.asarray(selected, dtype=np.float64), np.asarray(total, dtype=np.float64)
    pooled = x.sum() / n.sum()
    if pooled in (0.0, 1.0):
        return 1e6
    worth = np.logspace(0, 6, 700)[:, None]
    fit = beta_binomial_log_likelihood(x, n, worth * pooled, worth * (1 - pooled)).sum(axis=1)
    return float(worth[int(fit.argmax()), 0])


def shrunk(selected: Sequence[int], total: Sequence[int]) -> tuple[float, ...]:
    """Each group's rate pulled towards the pooled rate, the more so the smaller the group (shape: n_groups).

    Source: empirical Bayes with a beta-binomial model; Skellam (1948).
    """
    worth = concentration(selected, total)
    pooled = sum(selected) / sum(total)
    return tuple((x + worth * pooled) / (n + worth) for x, n in zip(selected, total, strict=True))
