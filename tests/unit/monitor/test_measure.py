"""What the counts of one window show, held against the numbers that others compute."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitored import Monitored, people
from ombud.statistics.intervals import ratio_interval, wilson
from support import needs

ROWS = people(900, 0, 0.9, seed=3, black=0.35)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Any:
    bank = Monitored(tmp_path_factory.mktemp("measured"))
    bank.arrive(ROWS)
    return bank.watch(1.5).windows[0].series


def share(rows: list[Any], what: str) -> tuple[int, int]:
    return sum(row[what] for row in rows), len(rows)


def of(race: str, **only: Any) -> list[Any]:
    return [row for row in ROWS if row["race"] == race and all(row[k] == v for k, v in only.items())]


def test_a_selection_rate_is_the_share_approved_with_wilsons_interval(series: Any) -> None:
    selected, total = share(of("black"), "approved")
    point = series["selection_rate[race=black]"]
    assert (point.value, point.n, dict(point.counts)) == (
        selected / total,
        total,
        {"selected": selected, "total": total},
    )
    assert (point.low, point.high) == tuple(wilson(selected, total))


def test_an_impact_ratio_compares_with_the_group_that_policy_names(series: Any) -> None:
    ours, theirs = share(of("black"), "approved"), share(of("white"), "approved")
    point = series["impact_ratio[race=black]"]
    assert point.value == pytest.approx(ours[0] / ours[1] / (theirs[0] / theirs[1]))
    assert (point.low, point.high) == tuple(ratio_interval(*ours, *theirs))
    assert "impact_ratio[race=white]" not in series


def test_error_rates_refer_to_the_favourable_decision(series: Any) -> None:
    selected, total = share(of("white", repaid=1), "approved")
    assert series["true_positive_rate[race=white]"].value == selected / total
    selected, total = share(of("white", repaid=0), "approved")
    assert series["false_positive_rate[race=white]"].value == selected / total


def test_accuracy_is_the_share_of_labels_that_the_decisions_met(series: Any) -> None:
    right = sum(row["approved"] == row["repaid"] for row in ROWS)
    assert (series["accuracy"].value, series["accuracy"].n) == (right / len(ROWS), len(ROWS))


def test_the_auc_is_that_of_others_up_to_the_width_of_a_bin(series: Any) -> None:
    metrics = needs("sklearn.metrics")
    labels = [row["repaid"] for row in ROWS]
    binned = [np.ceil(row["score"] * 50) for row in ROWS]
    assert series["auc"].value == pytest.approx(metrics.roc_auc_score(labels, binned))


def test_the_override_rate_counts_only_decisions_that_a_person_had_a_hand_in(series: Any) -> None:
    seen = [row for row in ROWS if row["changed"] is not None]
    assert series["override_rate"].value == sum(row["changed"] == "1" for row in seen) / len(seen)


def test_a_shift_of_incomes_moves_their_index_and_no_other(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    bank.arrive(people(900, 0, 0.9, seed=3, move=8))
    found = bank.watch(1.5).windows[0].series
    assert found["psi[income]"].value > 0.25 > 0.02 > found["psi[region]"].value


def test_what_is_missing_or_new_is_counted(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    rows = people(100, 0, 0.9)
    odd = [{**row, "income": None} for row in rows[:10]] + [{**row, "income": 1e9} for row in rows[10:15]]
    odd += [{**row, "region": "moon"} for row in rows[15:18]]
    bank.arrive([*odd, *rows[18:]])
    found = bank.watch(1.5).windows[0].series
    assert found["missing[income]"].value == 0.10
    assert found["out_of_range[income]"].value == pytest.approx(0.05, abs=0.02)
    assert found["new_level[region]"].value == 0.03
