"""Forgetting is exactly what training without these people gives, whatever the rows."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from attrs import frozen
from hypothesis import assume, given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.rights.unlearn import (
    BernoulliBayes,
    CategoricalBayes,
    GaussianBayes,
    LinearRegression,
    MultinomialBayes,
    NearestNeighbours,
    ShardedEnsemble,
    digest_of,
    forget,
)
from ombud.rights.unlearn.exact import SCALE, total, total_of_products
from trainers import Logistic

Table = tuple[Any, Any, list[str]]
REAL = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda number: round(number, 6))
COUNT = st.integers(0, 4).map(float)


@frozen
class Case:
    """A model, how it is trained, and what its features may be."""

    fit: Callable[..., Any]
    feature: Any = REAL


CASES = {
    "neighbours": Case(lambda *rows: NearestNeighbours.fit(*rows, k=1)),
    "gaussian": Case(GaussianBayes.fit),
    "multinomial": Case(MultinomialBayes.fit, COUNT),
    "bernoulli": Case(BernoulliBayes.fit),
    "categorical": Case(CategoricalBayes.fit, COUNT),
    "ridge": Case(lambda *rows: LinearRegression.fit(*rows, penalty=0.5), COUNT),
    "sharded": Case(lambda *rows: ShardedEnsemble.fit(Logistic(), *rows, shards=3, slices=3, seed=7), COUNT),
}


@st.composite
def tables(draw: Any, feature: Any) -> Table:
    """Few rows of few people: duplicates, constant columns, and a class with one row are likely."""
    count, width = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(feature, min_size=width, max_size=width), min_size=count, max_size=count))
    if draw(st.booleans()):
        rows = [[rows[0][0], *row[1:]] for row in rows]
    y = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    return np.array(rows), np.array(y), draw(st.lists(st.sampled_from("abcde"), min_size=count, max_size=count))


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_forgetting_is_training_without_them_bit_for_bit(name: str, data: Any) -> None:
    case = CASES[name]
    x, y, subjects = data.draw(tables(case.feature))
    gone = data.draw(st.sets(st.sampled_from("abcdef")))
    left = np.array([one not in gone for one in subjects], dtype=bool)

    unlearned = forget(case.fit(x, y, subjects), gone)
    again = case.fit(x[left], y[left], [one for one in subjects if one not in gone])

    assert unlearned.digest_after == digest_of(again)
    assert unlearned.rows == (~left).sum()
    assert unlearned.absent == len(gone - set(subjects))
    assert answer(unlearned.model, x) == answer(again, x)


def answer(model: Any, x: Any) -> Any:
    """What a model predicts, or why it does not."""
    try:
        return model.predict(x).tolist()
    except Misused as why:
        return str(why)


@given(data=st.data())
def test_least_squares_forgets_exactly_or_says_that_it_cannot(data: Any) -> None:
    x, y, subjects = data.draw(tables(COUNT))
    gone = data.draw(st.sets(st.sampled_from("abcde"), min_size=1))
    left = np.array([one not in gone for one in subjects], dtype=bool)
    model = fitted(x, y, subjects)
    assume(model is not None)
    again = fitted(x[left], y[left], [one for one in subjects if one not in gone])
    if again is None:
        with pytest.raises(Misused, match="do not determine"):
            forget(model, gone)
    else:
        assert forget(model, gone).digest_after == digest_of(again)


def fitted(x: Any, y: Any, subjects: Any) -> Any:
    try:
        return LinearRegression.fit(x, y, subjects)
    except Misused:
        return None


@given(first=st.sets(st.sampled_from("abc")), then=st.sets(st.sampled_from("abc")), data=st.data())
def test_forgetting_one_after_the_other_is_forgetting_them_together(first: set[str], then: set[str], data: Any) -> None:
    x, y, subjects = data.draw(tables(REAL))
    model = GaussianBayes.fit(x, y, subjects)
    one_by_one = forget(forget(model, first).model, then)
    assert one_by_one.digest_after == forget(model, first | then).digest_after


BOUNDED = st.floats(-1e30, 1e30).filter(lambda number: number == 0 or abs(number) > 1e-30)


@given(st.lists(st.tuples(BOUNDED, BOUNDED), max_size=30))
def test_sums_are_those_of_fractions(pairs: list[tuple[float, float]]) -> None:
    left, right = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    assert Fraction(total(left), 2**SCALE) == sum(map(Fraction, left.tolist()), Fraction(0))
    products = (Fraction(a) * Fraction(b) for a, b in pairs)
    assert Fraction(total_of_products(left, right), 2**SCALE) == sum(products, Fraction(0))
