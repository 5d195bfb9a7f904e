"""The interval of a difference of two shares of the same rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from ombud.statistics.paired import paired_interval

COUNT = st.integers(0, 400)


@pytest.mark.parametrize(
    ("counts", "published"),
    [((36, 12, 2, 0), (0.0569, 0.3404))],
)
def test_it_is_the_interval_that_was_published(counts: tuple[int, int, int, int], published: object) -> None:
    assert tuple(paired_interval(*counts)) == pytest.approx(published, abs=1e-4)  # Newcombe (1998), method 10


def test_it_holds_the_true_difference_as_often_as_it_says() -> None:
    random, lives = np.random.default_rng(1), 2_000
    for chances in ((0.7, 0.08, 0.04, 0.18), (0.88, 0.01, 0.03, 0.08), (0.4, 0.2, 0.2, 0.2)):
        drawn = random.multinomial(300, chances, size=lives)
        inside = sum(
            low <= chances[1] - chances[2] <= high for low, high in (paired_interval(*one) for one in drawn.tolist())
        )
        assert inside / lives > 0.935


@given(COUNT, COUNT, COUNT, COUNT)
def test_it_holds_the_difference_and_turns_round_with_its_sides(a: int, b: int, c: int, d: int) -> None:
    if a + b + c + d:
        low, high = paired_interval(a, b, c, d)
        gap = (b - c) / (a + b + c + d)
        assert -1 - 1e-9 <= low <= gap + 1e-9 and gap - 1e-9 <= high <= 1 + 1e-9
        assert paired_interval(a, c, b, d) == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize("counts", [(500, 40, 15, 100), (500, 20, 18, 100), (90, 2, 30, 9), (300, 12, 40, 200)])
def test_it_leaves_out_zero_where_mcnemars_exact_test_is_clear(counts: tuple[int, int, int, int]) -> None:
    low, high = paired_interval(*counts)
    p = binomtest(counts[1], counts[1] + counts[2]).pvalue
    if p < 0.01:
        assert low > 0 or high < 0
    if p > 0.1:
        assert low < 0 < high
