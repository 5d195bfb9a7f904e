from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association as scipy_association

from ombud.statistics.association import chi_square, cramers_v, proxy, table
from ombud.statistics.cube import Cube

TABLE = [[13, 7, 22], [30, 41, 9], [8, 0, 12]]


def test_cramers_v_agrees_with_scipy_before_the_correction() -> None:
    assert cramers_v(TABLE, corrected=False) == pytest.approx(scipy_association(np.array(TABLE), method="cramer"))


def test_chi_square_agrees_with_scipy() -> None:
    theirs = chi2_contingency(TABLE, correction=False)
    assert chi_square(TABLE) == pytest.approx((theirs.statistic, theirs.dof, theirs.pvalue))


def test_the_corrected_v_is_bergsmas_formula_by_hand() -> None:
    # n = 40, chi-square = 10, a 2 × 2 table: phi² = .25 - 1/39, both sides 2 - 1/39
    assert cramers_v([[15, 5], [5, 15]]) == pytest.approx(((0.25 - 1 / 39) / (1 - 1 / 39)) ** 0.5)


def test_the_correction_takes_off_what_chance_adds() -> None:
    rng = np.random.default_rng(4)
    tables = [rng.multinomial(60, np.full(20, 0.05)).reshape(4, 5) for _ in range(300)]
    assert np.mean([cramers_v(one, corrected=False) for one in tables]) > 0.2
    assert np.mean([cramers_v(one) for one in tables]) < 0.09


def test_one_column_that_follows_from_the_other_is_nearly_one() -> None:
    assert cramers_v([[500, 0], [0, 500]]) == pytest.approx(1, abs=1e-3)
    assert cramers_v([[500, 0], [0, 500]], corrected=False) == 1


@pytest.mark.parametrize("flat", [[[5, 5]], [[5], [5]], [[0, 0], [3, 4]], [[1, 0], [0, 0]]])
def test_a_table_of_one_row_or_column_shows_no_association(flat: list[list[int]]) -> None:
    assert cramers_v(flat) == 0
    assert chi_square(flat) == (0, 0, 1)


def test_a_cube_becomes_a_table_with_missing_last() -> None:
    cube = Cube(("group", "bin", "x"), {(None, "1", "a"): 3, ("b", "0", "a"): 2, ("b", "0", "c"): 5})
    rows, columns, counts = table(cube, "group", "bin")
    assert (rows, columns, counts.tolist()) == (("b", None), ("0", "1"), [[7, 0], [0, 3]])


def test_a_proxy_ranks_bins_by_the_share_of_the_level_in_them() -> None:
    found = proxy([1, 9, 0], [9, 1, 0])
    assert found is not None
    assert found.auc == Fraction(9, 10)  # ranked: 9 of 10 above 1 of 10: (9·9 + (9 + 9)/2) / 100
    assert found.n == 20
    assert found.interval.low < 0.9 < found.interval.high
    assert found.p_value == pytest.approx(chi2_contingency([[1, 9], [9, 1]], correction=False).pvalue)


def test_the_order_of_bins_does_not_matter_to_a_proxy() -> None:
    assert proxy([5, 1, 8], [2, 9, 4]) == proxy([8, 5, 1], [4, 2, 9])


def test_a_level_that_everybody_or_nobody_has_cannot_be_told() -> None:
    assert proxy([3, 4], [0, 0]) is None
    assert proxy([0, 0], [3, 4]) is None
