"""Points against the approved: what they add up to, and what they are for models that can be worked out by hand."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from ombud.explain.attribution import (
    CannotExplain,
    against_approved,
    collapse,
    one_hot_groups,
    principal,
    residuals,
    stability,
)

Floats = NDArray[np.float64]
values = st.floats(-100, 100, width=32)
tables = arrays(np.float64, st.tuples(st.integers(2, 12), st.integers(1, 5)), elements=values)


def linear(weights: Floats, x: Floats, intercept: float = 0.3) -> tuple[Floats, Floats]:
    """Contributions and margin of a linear model whose training mean is that of x."""
    base = intercept + weights @ x.mean(axis=0)
    return np.column_stack([weights * (x - x.mean(axis=0)), np.full(len(x), base)]), intercept + x @ weights


def test_a_linear_model_loses_its_weight_times_the_distance_from_the_approved() -> None:
    random = np.random.default_rng(4)
    x, weights = random.normal(size=(50, 3)), np.array([1.5, -2.0, 0.5])
    contributions, margin = linear(weights, x)
    approved = margin > 0
    points = against_approved(contributions, approved)
    assert points == pytest.approx(weights * (x - x[approved].mean(axis=0)))
    assert residuals(points, margin, approved).max() < 1e-12


def test_points_are_the_shapley_values_of_the_contrast_with_the_approved() -> None:
    """Oracle: Shapley values from the definition, of v_x(S) − mean v_approved(S), for a model with interactions."""
    random = np.random.default_rng(7)
    x, d = random.normal(size=(30, 4)), 4
    background = random.normal(size=(40, d))

    def model(rows: Floats) -> Floats:
        return rows[:, 0] * rows[:, 1] + np.where(rows[:, 2] > 0, rows[:, 3], -1.0)

    subsets = [frozenset(s) for size in range(d + 1) for s in combinations(range(d), size)]

    def game(row: Floats) -> dict[frozenset[int], float]:
        return {s: float(model(np.where(np.isin(range(d), list(s)), row, background)).mean()) for s in subsets}

    def shapley(v: dict[frozenset[int], float]) -> list[float]:
        weigh = {n: factorial(n) * factorial(d - n - 1) / factorial(d) for n in range(d)}
        return [sum(weigh[len(s)] * (v[s | {i}] - v[s]) for s in subsets if i not in s) for i in range(d)]

    games = [game(row) for row in x]
    contributions = np.array([[*shapley(v), v[frozenset()]] for v in games])
    approved = model(x) > 0
    contrast = [
        {s: v[s] - np.mean([w[s] for w, ok in zip(games, approved, strict=True) if ok]) for s in subsets} for v in games
    ]
    assert against_approved(contributions, approved) == pytest.approx(np.array([shapley(v) for v in contrast]))


def test_two_people_worked_by_hand() -> None:
    contributions = np.array([[1.0, 0.0, 5.0], [3.0, 2.0, 5.0], [-4.0, 1.0, 5.0]])
    approved = np.array([True, True, False])
    assert against_approved(contributions, approved)[2].tolist() == [-6.0, 0.0]


@given(tables, st.data())
def test_the_approved_average_to_nothing_and_everybody_adds_up(contributions: Floats, data: st.DataObject) -> None:
    n = len(contributions)
    approved = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(any)))
    full = np.column_stack([contributions, np.full(n, 2.0)])
    points, margin = against_approved(full, approved), full.sum(axis=1)
    assert points[approved].mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert points.sum(axis=1) == pytest.approx(margin - margin[approved].mean(), abs=1e-9)


def test_nobody_approved_is_nobody_to_compare_with() -> None:
    with pytest.raises(CannotExplain, match="nobody in the sample was approved"):
        against_approved(np.zeros((2, 3)), np.zeros(2, dtype=bool))


def test_a_residual_is_relative_to_the_size_of_the_points() -> None:
    approved = np.array([True, False])
    points = np.array([[0.0, 0.0], [-3.0, 1.0]])
    assert residuals(points, np.array([0.0, -2.0]), approved).tolist() == [0, 0]
    assert residuals(points, np.array([0.0, -2.4]), approved)[1] == pytest.approx(0.1)
    assert residuals(np.zeros((2, 2)), np.array([0.0, 1.0]), approved)[1] > 1e300


# --- groups ---


def test_levels_of_one_column_are_one_group() -> None:
    names = ("purpose=car", "income", "purpose=house", "debt")
    assert one_hot_groups(names) == {
        "purpose": ("purpose=car", "purpose=house"), "income": ("income",), "debt": ("debt",),
    }  # fmt: skip


def test_collapsing_adds_up_the_levels() -> None:
    names = ("purpose=car", "income", "purpose=house")
    points = np.array([[-1.0, 5.0, -0.5], [0.25, 1.0, 0.5]])
    assert collapse(points, names, one_hot_groups(names)).tolist() == [[-1.5, 5.0], [0.75, 1.0]]


@given(tables, st.integers(1, 3))
def test_collapsing_keeps_the_total(points: Floats, columns: int) -> None:
    names = [f"{i % columns}={i}" for i in range(points.shape[1])]
    assert collapse(points, names, one_hot_groups(names)).sum(axis=1) == pytest.approx(points.sum(axis=1), abs=1e-9)


# --- principal reasons ---


def test_at_most_four_the_most_costly_first() -> None:
    points = np.array([[-1.0, -5.0, 2.0, -3.0, -4.0, -2.0]])
    assert principal(points).tolist() == [[1, 4, 3, 5]]


def test_what_gained_points_is_no_reason() -> None:
    assert principal(np.array([[1.0, -0.5, 0.0]])).tolist() == [[1, -1, -1, -1]]


def test_equal_losses_go_to_the_earlier_feature() -> None:
    assert principal(np.array([[-1.0, -1.0, -1.0, -1.0, -1.0]])).tolist() == [[0, 1, 2, 3]]


@given(tables)
def test_nobody_outside_the_top_lost_more_than_anybody_in_it(points: Floats) -> None:
    for row, top in zip(points, principal(points), strict=True):
        chosen = [at for at in top if at >= 0]
        assert len(chosen) == min(4, int((row < 0).sum()))
        left = [row[at] for at in range(len(row)) if at not in chosen]
        assert all(row[at] <= other for at in chosen for other in left)


# --- stability ---


def approvals(spread: float) -> tuple[Floats, NDArray[np.bool_]]:
    """200 approved and one refused person whose fourth and fifth reasons are 0.01 apart."""
    base = np.random.default_rng(3).normal(scale=spread, size=(200, 5))
    points = np.vstack([base - base.mean(axis=0), [-5.0, -4.0, -3.0, -1.0, -0.99]])
    return points, np.arange(201) < 200


def test_a_clear_difference_survives_every_half() -> None:
    points, approved = approvals(spread=0.001)
    assert stability(points, approved, ~approved, np.random.default_rng(0)).tolist() == [1.0]


def test_a_difference_smaller_than_the_luck_of_the_draw_does_not() -> None:
    points, approved = approvals(spread=2.0)
    assert 0.2 < stability(points, approved, ~approved, np.random.default_rng(0))[0] < 0.8


def test_the_same_seed_gives_the_same_answer() -> None:
    points, approved = approvals(spread=2.0)
    first, again = (stability(points, approved, ~approved, np.random.default_rng(9)) for _ in range(2))
    assert first.tolist() == again.tolist()


def test_the_order_among_the_four_does_not_matter() -> None:
    base = np.random.default_rng(3).normal(scale=2.0, size=(200, 5))
    points = np.vstack([base - base.mean(axis=0), [-9.0, -9.01, -9.02, -9.03, 50.0]])
    approved = np.arange(201) < 200
    assert stability(points, approved, ~approved, np.random.default_rng(0)).tolist() == [1.0]
