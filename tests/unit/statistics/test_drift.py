import numpy as np
import pytest
from scipy.stats import chi2, ks_2samp

from ombud.statistics.drift import ks, new_and_vanished, psi, psi_limit


def test_psi_is_its_formula_when_there_are_many_people() -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.35, 0.25])
    by_hand = float(((q - p) * np.log(q / p)).sum())
    assert psi((p * 1e9).astype(int).tolist(), (q * 1e9).astype(int).tolist()) == pytest.approx(by_hand, rel=1e-6)


def test_psi_of_a_table_with_itself_is_zero() -> None:
    assert psi([3, 0, 7], [3, 0, 7]) == 0


def test_an_empty_bin_is_smoothed_and_not_infinite() -> None:
    assert 0 < psi([50, 50, 0], [50, 40, 10]) < 1


def test_a_bin_that_is_empty_in_both_changes_nothing() -> None:
    assert psi([5, 0, 7], [9, 0, 3]) == psi([5, 7], [9, 3])


def test_the_limit_of_psi_is_chi_square_over_both_sizes() -> None:
    assert psi_limit(200, 500, 10) == pytest.approx(chi2.ppf(0.95, 9) * (1 / 200 + 1 / 500))
    assert psi_limit(200, 500, 1) == 0


@pytest.mark.parametrize(("n", "m"), [(100, 100), (200, 1000), (5000, 300)])
def test_the_limit_raises_few_false_alarms_where_the_convention_of_one_tenth_raises_many(n: int, m: int) -> None:
    rng, shares = np.random.default_rng(6), np.full(10, 0.1)
    found = np.array(
        [psi(rng.multinomial(n, shares).tolist(), rng.multinomial(m, shares).tolist()) for _ in range(3000)]
    )
    assert (found > psi_limit(n, m, 10)).mean() <= 0.06
    if m == 100:
        assert (found > 0.1).mean() > 0.6


def test_ks_agrees_with_scipy_over_bins() -> None:
    before, after = [10, 20, 30, 5], [30, 20, 10, 15]
    theirs = ks_2samp(np.repeat(range(4), before), np.repeat(range(4), after), method="asymp")
    gap, p = ks(before, after)
    assert float(gap) == pytest.approx(theirs.statistic)
    assert p == pytest.approx(theirs.pvalue, abs=0.01)


def test_new_and_vanished_categories_are_named() -> None:
    assert new_and_vanished({"a": 3, "b": 0, None: 1}, {"a": 1, "c": 2, "b": 4}) == (("b", "c"), (None,))
