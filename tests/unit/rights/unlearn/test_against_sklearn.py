"""Before and after somebody is forgotten, each model predicts what scikit-learn's does after training on its rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from attrs import Factory, frozen

from ombud.errors import Misused
from ombud.rights.unlearn import (
    BernoulliBayes,
    CategoricalBayes,
    GaussianBayes,
    LinearRegression,
    MultinomialBayes,
    NearestNeighbours,
    adopt,
    forget,
)
from support import needs

RANDOM = np.random.default_rng(3)
PEOPLE = [f"person-{number % 40}" for number in range(200)]
GONE = {"person-3", "person-17"}
LEFT = np.array([person not in GONE for person in PEOPLE])
REAL = RANDOM.normal(50.0, 10.0, size=(200, 4))
COUNTS = RANDOM.integers(0, 4, size=(200, 4)).astype(float)
CLASSES = np.array(["no", "perhaps", "yes"])[RANDOM.integers(0, 3, size=200)]
AMOUNTS = REAL @ np.array([3.0, -2.0, 0.5, 0.0]) + RANDOM.normal(size=200)


@frozen
class Pair:
    """One of our models and its twin."""

    ours: Callable[..., Any]
    module: str
    theirs: str
    x: Any
    y: Any
    options: dict[str, Any] = Factory(dict)

    def twin(self, x: Any, y: Any) -> Any:
        return getattr(needs(self.module), self.theirs)(**self.options).fit(x, y)


PAIRS = (
    Pair(GaussianBayes.fit, "sklearn.naive_bayes", "GaussianNB", REAL, CLASSES),
    Pair(MultinomialBayes.fit, "sklearn.naive_bayes", "MultinomialNB", COUNTS, CLASSES),
    Pair(BernoulliBayes.fit, "sklearn.naive_bayes", "BernoulliNB", COUNTS, CLASSES),
    Pair(CategoricalBayes.fit, "sklearn.naive_bayes", "CategoricalNB", COUNTS, CLASSES),
    Pair(NearestNeighbours.fit, "sklearn.neighbors", "KNeighborsClassifier", REAL, CLASSES, {"algorithm": "brute"}),
    Pair(LinearRegression.fit, "sklearn.linear_model", "LinearRegression", REAL, AMOUNTS),
    Pair(
        lambda *rows: LinearRegression.fit(*rows, penalty=7.5),
        "sklearn.linear_model", "Ridge", REAL, AMOUNTS, {"alpha": 7.5},
    ),
    Pair(
        lambda *rows: NearestNeighbours.fit(*rows, task="number"),
        "sklearn.neighbors", "KNeighborsRegressor", REAL, AMOUNTS, {"algorithm": "brute"},
    ),
)  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.theirs)
def test_a_model_predicts_like_its_twin_before_and_after(pair: Pair) -> None:
    model = pair.ours(pair.x, pair.y, PEOPLE)
    after = forget(model, GONE).model
    agree(model, pair.twin(pair.x, pair.y), pair.x)
    agree(after, pair.twin(pair.x[LEFT], pair.y[LEFT]), pair.x)


def agree(ours: Any, theirs: Any, x: Any) -> None:
    if hasattr(theirs, "predict_proba"):
        np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), rtol=1e-9, atol=1e-12)
        assert np.array_equal(ours.predict(x), theirs.predict(x))
    else:
        np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-9)


def test_a_column_far_from_zero_keeps_its_small_variance() -> None:
    x = np.column_stack([1e8 + RANDOM.normal(size=60), RANDOM.normal(size=60)])
    model = GaussianBayes.fit(x, [0, 1] * 30, range(60))
    left = forget(model, {0, 1, 2}).model
    np.testing.assert_allclose(left.variances[1], x[3:][0::2].var(axis=0) + 1e-9 * x[3:].var(axis=0).max(), rtol=1e-9)


@pytest.mark.parametrize("pair", [PAIRS[0], PAIRS[4], PAIRS[7]], ids=lambda pair: pair.theirs)
def test_a_fitted_estimator_is_taken_over_with_its_rows(pair: Pair) -> None:
    model = adopt(pair.twin(pair.x, pair.y), pair.x, pair.y, PEOPLE)
    agree(forget(model, GONE).model, pair.twin(pair.x[LEFT], pair.y[LEFT]), pair.x)


@pytest.mark.parametrize("pair", [PAIRS[0], PAIRS[4]], ids=lambda pair: pair.theirs)
def test_an_estimator_is_not_taken_over_with_other_rows(pair: Pair) -> None:
    with pytest.raises(Misused, match="do not give the state"):
        adopt(pair.twin(pair.x, pair.y), pair.x + 1e-3, pair.y, PEOPLE)


def test_neighbours_weighted_by_distance_are_not_taken_over() -> None:
    twin = needs("sklearn.neighbors").KNeighborsClassifier(weights="distance").fit(REAL, CLASSES)
    with pytest.raises(Misused, match="equal weight"):
        adopt(twin, REAL, CLASSES, PEOPLE)


def test_a_tree_is_not_taken_over() -> None:
    twin = needs("sklearn.tree").DecisionTreeClassifier().fit(REAL, CLASSES)
    with pytest.raises(Misused, match="only for these models of scikit-learn: GaussianNB"):
        adopt(twin, REAL, CLASSES, PEOPLE)
