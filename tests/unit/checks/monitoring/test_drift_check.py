from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.stats import ks_2samp, ncx2

from ombud.checks.monitoring.drift import drift
from ombud.statistics.cube import Cube
from ombud.statistics.drift import psi
from ombud.statistics.measurement import NOT_ASSESSED, Measurement
from ombud.status.rule import Origin, Outcome, Rule, judge
from ombud.tables.needs import Binned
from tabled import data, taken

LIMIT = Rule(
    check="monitoring.drift", measurement="psi", op="<=", value=Fraction(1, 4), origin=Origin.POLICY, source="0" * 64
)


def cube(name: str = "income", axis: str = "bin", **tables: list[int]) -> Cube:
    levels = [f"{i:02d}: bin" for i in range(1, 20)]
    return Cube(
        ("table", axis), {(t, levels[i]): n for t, counts in tables.items() for i, n in enumerate(counts)}, name
    )


def only(name: str, found: list[Measurement]) -> Measurement:
    return next(one for one in found if one.name == name)


def test_what_did_not_move_passes_a_limit_and_what_did_fails_it() -> None:
    still = only("psi", list(drift([cube(training=[500] * 4, evaluation=[250] * 4)])))
    moved = only("psi", list(drift([cube(training=[500] * 4, evaluation=[700, 200, 90, 10])])))
    assert judge(still, LIMIT).outcome is Outcome.PASS and still.value == pytest.approx(0, abs=1e-3)
    assert judge(moved, LIMIT).outcome is Outcome.FAIL and moved.value == psi([500] * 4, [700, 200, 90, 10])


def test_a_hundred_people_in_ten_bins_are_unknown_and_not_an_alarm() -> None:
    """PSI above 0.1 on identical distributions is the rule at this size; the test of equality knows it."""
    random = np.random.default_rng(3)
    limit = Rule(
        check="monitoring.drift",
        measurement="psi",
        op="<=",
        value=Fraction(1, 10),
        origin=Origin.POLICY,
        source="0" * 64,
    )
    outcomes = []
    for _ in range(200):
        before, after = (random.multinomial(100, [0.1] * 10).tolist() for _ in range(2))
        outcomes.append(judge(only("psi", list(drift([cube(training=before, evaluation=after)]))), limit).outcome)
    assert outcomes.count(Outcome.FAIL) <= 20  # 5 % of 200, three standard deviations
    assert outcomes.count(Outcome.UNKNOWN) > 100


def test_the_interval_is_the_noncentral_chi_squares_and_holds_the_value() -> None:
    found = only("psi", list(drift([cube(training=[500] * 4, evaluation=[700, 200, 90, 10])])))
    assert found.low is not None and found.high is not None and found.low < float(found.value or 0) < found.high
    unit = 1 / 2000 + 1 / 1000
    assert ncx2.cdf(float(found.value or 0) / unit, 3, found.low / unit) == pytest.approx(0.975, abs=1e-6)
    assert ncx2.cdf(float(found.value or 0) / unit, 3, found.high / unit) == pytest.approx(0.025, abs=1e-6)


def test_what_could_have_been_seen_is_said() -> None:
    found = only("psi", list(drift([cube(training=[500] * 4, evaluation=[250] * 4)])))
    unit = 1 / 2000 + 1 / 1000
    assert ncx2.sf(ncx2.ppf(0.95, 3, 0), 3, float(found.detectable or 0) / unit) == pytest.approx(0.8, abs=1e-6)
    assert "chance alone stays below" in found.notes[0]


def test_ks_is_the_gap_over_the_bins_and_leaves_missing_out() -> None:
    training, now = list(range(100)), list(range(40, 140))
    given = data(
        roles={"features": ["x"]}, training={"x": training}, evaluation={"x": [*now, *[None] * 60]},
    )  # fmt: skip
    found = only("ks", list(drift(taken(Binned(), given).calls[0])))
    assert found.value == Fraction(40, 100) and found.n == 200
    assert float(found.value) <= ks_2samp(training, now).statistic + 1e-12


def test_new_and_vanished_values_are_named() -> None:
    before, now = {"town": ["x"] * 50 + ["y"] * 50}, {"town": ["x"] * 50 + ["z"] * 40}
    given = data(roles={"features": ["town"]}, training=before, decisions=now)
    found = list(drift(taken(Binned(), given).calls[0]))
    assert [one.name for one in found] == ["psi", "cramers_v"]
    assert "new: z" in found[0].notes and "vanished: y" in found[0].notes
    assert found[0].group == "town (decisions)" and found[0].reference == "training"


def test_p_values_are_corrected_over_all_columns() -> None:
    one = cube("a", training=[500, 500], evaluation=[540, 460])
    still = [cube(f"b{i}", training=[500, 500], evaluation=[500, 500]) for i in range(9)]
    alone, among = (only("psi", list(drift(columns))) for columns in ([one], [one, *still]))
    assert alone.p_value == alone.p_raw == among.p_raw
    assert among.p_value == pytest.approx(10 * float(alone.p_value or 0))


@pytest.mark.parametrize(("people", "assessed"), [(29, False), (30, True)])
def test_few_rows_are_shown_and_not_assessed(people: int, assessed: bool) -> None:
    found = only("psi", list(drift([cube(training=[50, 50], evaluation=[people, 0])])))
    assert found.value is not None and (found.unknown is None) is assessed


def test_a_column_of_free_text_is_not_said_to_be_still() -> None:
    folded = {("training", "(other values)"): 90, ("evaluation", "(other values)"): 90}
    found = list(drift([Cube(("table", "value"), folded, "note")]))
    assert all(str(one.unknown).startswith(NOT_ASSESSED) for one in found)


def test_a_table_without_rows_is_not_compared() -> None:
    assert list(drift([cube(training=[50, 50], evaluation=[0, 0])])) == []
    (found, *_) = drift([cube(training=[0, 0], evaluation=[50, 50])])
    assert found.value is None and found.unknown == "a table is empty"


def test_no_columns_give_no_measurement() -> None:
    assert list(drift([])) == []


CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "monitoring" / "drift.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_worked_example(case: dict[str, Any]) -> None:
    found = list(drift([cube(training=case["training"], decisions=case["now"])]))
    assert only("psi", found).value == pytest.approx(case["psi"], rel=1e-3, abs=1e-7)
    assert only("ks", found).value == Fraction(case["ks"])
