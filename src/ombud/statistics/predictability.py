"""Can a protected attribute be told from the features? A small logistic regression, cross-fitted."""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.errors import Misused
from ombud.statistics.distributions import Array, Interval
from ombud.statistics.scores import auc, auc_interval

FOLDS = 5
RIDGE = 1.0
"""Penalty on standardised coefficients; the intercept is free."""


@frozen(kw_only=True)
class Predictability:
    """How well the features tell who has an attribute.

    Attributes:
        auc: chance that a person with it scores above one without it, each scored by a model that never saw them.
        interval: of the auc, at 95 %.
        positives, n: people with the attribute, and all.
    """

    auc: float
    interval: Interval
    positives: int
    n: int


def predictability(features: Array, attribute: NDArray[np.bool_], *, seed: int) -> Predictability | None:
    """Cross-fitted AUC of predicting an attribute by a ridge logistic regression on standardised features.

    Missing values become the mean, with a column that says so. What is not linear in the features is not found: the
    number is a floor of what could be told.

    Args:
        features: shape n × d, NaN where missing.
        attribute: who has it (shape: n).
        seed: deals people to the five folds; the same seed, the same folds.

    Returns:
        None where either class has fewer people than there are folds.

    Raises:
        Misused: the shapes do not match, or a feature is infinite.
    """
    if features.ndim != 2 or attribute.shape != (features.shape[0],) or np.isinf(features).any():
        raise Misused("features must be n × d and finite, and the attribute of length n")
    has = attribute.astype(bool)
    if min(has.sum(), (~has).sum()) < FOLDS:
        return None
    scores = _cross_fitted(features, has, _folds(has, seed))
    area = _area(scores, has)
    positives = int(has.sum())
    return Predictability(
        auc=area, interval=auc_interval(area, positives, len(has) - positives), positives=positives, n=len(has)
    )


def _folds(has: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """Deal people of each class evenly to the folds."""
    order = np.random.default_rng(seed).permutation(len(has))
    order = order[np.argsort(has[order], kind="stable")]
    fold = np.empty(len(has), dtype=np.int64)
    fold[order] = np.arange(len(has)) % FOLDS
    return fold


def _cross_fitted(features: Array, has: NDArray[np.bool_], fold: NDArray[np.int64]) -> Array:
    scores = np.empty(len(has))
    for held in range(FOLDS):
        seen = fold != held
        design = _design(features, features[seen])
        weights = ridge_logistic(design[seen], has[seen])
        # centred by the training folds' mean score, so that folds share one scale
        scores[~seen] = design[~seen] @ weights - (design[seen] @ weights).mean()
    return scores


def _design(features: Array, seen: Array) -> Array:
    """Standardised by the rows seen, with missing values marked and an intercept (shape: n × (1 + d'))."""
    gaps = np.isnan(features)
    count = np.maximum((~np.isnan(seen)).sum(axis=0), 1)
    mean = np.nansum(seen, axis=0) / count
    filled = np.where(gaps, mean, features)
    marked = np.hstack([filled, gaps[:, np.isnan(seen).any(axis=0)].astype(np.float64)])
    basis = np.hstack([np.where(np.isnan(seen), mean, seen), np.isnan(seen)[:, np.isnan(seen).any(axis=0)]])
    centre, spread = basis.mean(axis=0), basis.std(axis=0)
    varies = spread > 1e-12 * np.maximum(1, np.abs(centre))
    scaled = (marked[:, varies] - centre[varies]) / spread[varies]
    return np.hstack([np.ones((len(features), 1)), np.clip(scaled, -10, 10)])


def ridge_logistic(design: Array, has: NDArray[np.bool_], ridge: float = RIDGE) -> Array:
    """Coefficients of a logistic regression with a ridge penalty, by Newton's steps.

    Args:
        design: shape n × p, first column all ones; its coefficient is not penalised.
        has: the outcome (shape: n).
        ridge: penalty on half the sum of squared coefficients.
    """
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-9
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = _logistic(design @ weights)
        slope = design.T @ (has - chance) - penalty * weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        weights = weights + step * min(1.0, 5 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights


def _logistic(x: Array) -> Array:
    chance: Array = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return chance


def _area(scores: Array, has: NDArray[np.bool_]) -> float:
    _, at = np.unique(scores, return_inverse=True)
    size = int(at.max()) + 1
    ours, theirs = np.bincount(at[has], minlength=size), np.bincount(at[~has], minlength=size)
    return float(auc(ours.tolist(), theirs.tolist()))
