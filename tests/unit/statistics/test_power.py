from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from statsmodels.stats.proportion import confint_proportions_2indep, power_proportions_2indep

from counting import cube, named
from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.checks.fairness.selection_rates import selection_rates
from ombud.statistics.measurement import Measurement
from ombud.statistics.power import detectable_rates, needed_n

FOUR_FIFTHS = Fraction(4, 5)


@pytest.mark.parametrize(("n", "m", "rate"), [(197, 1681, 0.9), (100, 100, 0.3), (60, 900, 0.5)])
def test_the_detectable_rate_has_power_four_fifths_by_statsmodels(n: int, m: int, rate: float) -> None:
    lower = float(detectable_rates([n], m, rate)[0])
    found = power_proportions_2indep(rate - lower, lower, m, ratio=n / m, alpha=0.05, return_results=False)
    assert found == pytest.approx(0.8, abs=0.005)


def test_the_detectable_rate_is_noticed_four_times_in_five_in_a_simulation() -> None:
    lower = float(detectable_rates([200], 300, 0.6)[0])
    rng = np.random.default_rng(3)
    draws = zip(rng.binomial(200, lower, 4000), rng.binomial(300, 0.6, 4000), strict=True)
    noticed = [
        chi2_contingency([[x, 200 - x], [y, 300 - y]], correction=False).pvalue < 0.05 for x, y in list(draws)[:2000]
    ]
    assert np.mean(noticed) == pytest.approx(0.8, abs=0.03)


def test_where_no_rate_would_have_been_noticed_there_is_none() -> None:
    assert np.isnan(detectable_rates([5], 1000, 0.02)[0])


def test_more_people_detect_more() -> None:
    rates = detectable_rates([50, 100, 1000], 1000, 0.5)
    assert rates[0] < rates[1] < rates[2] < 0.5


def _ratio(**groups: tuple[int, int]) -> Measurement:
    return named(impact_ratio(cube(**groups)), "impact_ratio", next(iter(groups)))


def test_about_450_black_people_would_decide_the_demo() -> None:
    measured = _ratio(black=(161, 197), white=(1635, 1681))  # ratio .84, interval .78 to .89, as the demo finds
    assert (round(measured.low or 0, 2), round(measured.high or 0, 2)) == (0.78, 0.89)
    assert 420 <= (needed_n(measured, ">=", FOUR_FIFTHS) or 0) <= 480


def test_the_needed_number_is_the_first_that_passes_by_statsmodels() -> None:
    measured = _ratio(black=(161, 197), white=(1635, 1681))
    needed = needed_n(measured, ">=", FOUR_FIFTHS)
    assert needed is not None

    def low(n: int) -> float:
        times = n / 197
        counts = (161 * times, n, 1635 * times, 1681 * times)
        return float(confint_proportions_2indep(*counts, compare="ratio", method="score")[0])

    assert low(needed - 1) < 0.8 <= low(needed) + 1e-9


def test_beyond_the_limit_the_needed_number_is_the_first_that_is_significant() -> None:
    measured = _ratio(a=(21, 40), b=(30, 40))  # ratio .7, p .036 with 40 people
    needed = needed_n(measured, ">=", FOUR_FIFTHS)
    assert needed is not None and needed <= 40

    measured = _ratio(a=(20, 40), b=(27, 40))
    needed = needed_n(measured, ">=", FOUR_FIFTHS)
    assert needed is not None

    def p(n: int) -> float:
        times = n / 40
        table = np.array([[20, 20], [27, 13]]) * times
        return float(chi2_contingency(table, correction=False).pvalue)

    assert p(needed - 1) >= 0.05 > p(needed)


def test_a_correction_for_many_comparisons_asks_for_more_people() -> None:
    alone = needed_n(_ratio(a=(20, 40), b=(27, 40)), ">=", FOUR_FIFTHS)
    among = needed_n(_ratio(a=(20, 40), b=(27, 40), c=(26, 40), d=(27, 41)), ">=", FOUR_FIFTHS)
    assert alone is not None and among is not None and among > alone


def test_a_ratio_on_the_limit_is_decided_by_no_number() -> None:
    assert needed_n(_ratio(a=(24, 40), b=(30, 40)), ">=", FOUR_FIFTHS) is None


def test_a_limit_on_a_rate_is_decided_by_its_own_interval() -> None:
    measured = named(selection_rates(cube(a=(24, 40), b=(30, 40))), "selection_rate", "a")
    needed = needed_n(measured, ">=", Fraction(1, 2))
    assert needed is not None and needed > 40
    assert needed_n(measured, ">=", Fraction(7, 10)) is not None
    assert needed_n(measured, "<=", Fraction(7, 10)) is not None


def test_a_limit_on_a_difference_is_decided_by_newcombes_interval() -> None:
    measured = named(impact_ratio(cube(a=(24, 40), b=(30, 40))), "selection_rate_difference", "a")
    assert measured.value == Fraction(-3, 20)
    needed = needed_n(measured, ">=", Fraction(-1, 5))
    assert needed is not None

    def low(n: int) -> float:
        times = n / 40
        return float(confint_proportions_2indep(24 * times, n, 30 * times, n, compare="diff", method="newcomb")[0])

    assert low(needed - 1) < -0.2 <= low(needed)


def test_a_number_without_rates_needs_no_number_of_people() -> None:
    assert needed_n(Measurement(name="psi", value=0.2), "<=", Fraction(1, 10)) is None
