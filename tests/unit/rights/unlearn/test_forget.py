"""What forgetting says, and where it refuses."""

from typing import Any

import numpy as np
import pytest

from ombud.errors import Misused
from ombud.rights.unlearn import (
    CategoricalBayes,
    GaussianBayes,
    LinearRegression,
    MultinomialBayes,
    NearestNeighbours,
    digest_of,
    forget,
)
from trainers import Logistic
from unlearnable import ALL, WHO, X, Y

every = pytest.mark.parametrize("model", ALL, ids=lambda model: model.kind)


@every
def test_one_person_with_many_rows_loses_them_all(model: Any) -> None:
    done = forget(model, ["dan"])
    assert (done.rows, done.absent, done.exact) == (2, 0, True)
    assert "dan" not in done.model.rows.people
    assert done.digest_before == digest_of(model) != done.digest_after


@every
def test_someone_absent_is_told_and_nothing_changes(model: Any) -> None:
    done = forget(model, ["zoe"])
    assert (done.rows, done.absent, done.touched) == (0, 1, ())
    assert done.digest_before == done.digest_after
    assert done.said == "nobody named has a row in this model; it is as it was"


@every
def test_everybody_can_be_forgotten_and_nothing_is_predicted_then(model: Any) -> None:
    done = forget(model, WHO)
    assert (done.rows, len(done.model.rows)) == (7, 0)
    with pytest.raises(Misused, match="rows"):
        done.model.predict(X)


@every
def test_the_model_before_is_left_as_it_was(model: Any) -> None:
    before = digest_of(model)
    forget(model, ["ann"])
    assert digest_of(model) == before


@every
def test_what_is_said_names_nobody(model: Any) -> None:
    done = forget(model, ["ann", "zoe"])
    assert not any(name in f"{done} {done.said} {model}" for name in ("ann", "zoe", "bob"))


@pytest.mark.parametrize("model", [one for one in ALL if hasattr(one, "classes")], ids=lambda model: model.kind)
def test_a_class_without_rows_is_no_class_any_more(model: Any) -> None:
    after = forget(model, ["eve"]).model
    assert after.classes.tolist() == [0, 1]
    assert after.predict_proba(X).shape == (7, 2)


@pytest.mark.parametrize("thing", [object(), Logistic(), {"weights": 1}, None])
def test_nothing_else_is_forgotten_from(thing: Any) -> None:
    with pytest.raises(Misused, match="exact unlearning is possible only for k-NN, naive Bayes, linear and ridge"):
        forget(thing, ["ann"])


def test_columns_that_depend_on_each_other_are_refused_and_ridge_takes_them() -> None:
    twice = np.column_stack([X[:, 0], X[:, 0] * 2])
    with pytest.raises(Misused, match="do not determine"):
        LinearRegression.fit(twice, Y, WHO)
    assert LinearRegression.fit(twice, Y, WHO, penalty=1e-6).predict(twice).shape == (7,)


def test_forgetting_whoever_made_the_columns_differ_is_refused_and_the_model_stays() -> None:
    x = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0], [5.0, 9.0]])
    model = LinearRegression.fit(x, [1.0, 2.0, 3.0, 4.0, 9.0], "abcde")
    before = digest_of(model)
    with pytest.raises(Misused, match="do not determine"):
        forget(model, "e")
    assert digest_of(model) == before
    assert forget(model, "a").rows == 1


def test_nearly_dependent_columns_are_solved_to_the_last_digit_until_the_limit() -> None:
    base = np.linspace(0.0, 1.0, 50)
    for gap, allowed in ((1e-4, True), (1e-8, False)):
        x = np.column_stack([base, base + gap * np.sin(40 * base)])
        y = 2 * x[:, 0] + 3 * x[:, 1]
        if allowed:
            np.testing.assert_allclose(LinearRegression.fit(x, y, range(50)).predict(x), y, atol=1e-9)
        else:
            with pytest.raises(Misused, match="do not determine"):
                LinearRegression.fit(x, y, range(50))


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e141, 1e-141])
def test_numbers_that_cannot_be_added_exactly_are_refused(odd: float) -> None:
    with pytest.raises(Misused, match="missing, infinite, or beyond"):
        GaussianBayes.fit([[odd], [1.0]], [0, 1], "ab")


@pytest.mark.parametrize("fine", [1e140, 1e-140, 0.0, -0.0])
def test_numbers_at_the_edge_are_taken(fine: float) -> None:
    assert len(GaussianBayes.fit([[fine], [1.0]], [0, 1], "ab").rows) == 2


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(Misused, match="below zero"):
        MultinomialBayes.fit([[-1.0]], [0], "a")
    assert MultinomialBayes.fit([[0.5]], [0], "a").predict([[1.0]]).tolist() == [0]


def test_halves_are_no_categories() -> None:
    with pytest.raises(Misused, match="whole numbers"):
        CategoricalBayes.fit([[0.5]], [0], "a")
    assert CategoricalBayes.fit([[2.0]], [0], "a").predict([[1.0]]).tolist() == [0]


def test_of_equally_near_rows_the_earlier_counts() -> None:
    model = NearestNeighbours.fit([[0.0], [2.0], [2.0]], ["a", "b", "c"], ["p", "q", "r"], k=1)
    assert model.predict([[1.0], [2.0]]).tolist() == ["a", "b"]
    assert forget(model, "q").model.predict([[1.0], [2.0]]).tolist() == ["a", "c"]
