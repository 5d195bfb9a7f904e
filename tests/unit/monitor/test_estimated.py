"""Performance before labels come: marked as an estimate, and refused where it would stand on nothing."""

from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow.parquet as pq
import pytest

from monitored import MANIFEST, Monitored, people, table
from ombud.cli.monitor_text import status_text
from ombud.monitor.report import report_of
from ombud.monitor.series import read


def likely(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same people, whose loans are repaid as their score says."""
    return [row | {"repaid": int((crc32(row["id"].encode()) % 1000) / 1000 < row["score"])} for row in rows]


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    made = Monitored(tmp_path)
    pq.write_table(table(likely(people(4_000, -100, 50, seed=99))), made.root / "train.parquet")
    return made


def test_until_labels_come_accuracy_is_estimated_and_marked(bank: Monitored) -> None:
    bank.arrive([row | {"repaid": None} for row in people(900, 0, 3)])
    bank.watch(3.5)
    points = read(bank.workspace, "loans")
    assert "accuracy" not in points and "auc" not in points
    guessed = points["cbpe_accuracy"] + points["cbpe_auc"]
    assert len(guessed) == 6 and all(one.estimate and one.value and one.low and one.high for one in guessed)
    assert ", estimated," in status_text(bank.workspace, bank.system, ("cbpe",))
    report = report_of(bank.workspace, bank.system, bank.pack)
    assert "For 3 of 3 windows no labels have come: of performance, it is estimated there." in report.unknown


def test_when_labels_come_the_measured_figure_stands_beside_and_they_are_compared(bank: Monitored) -> None:
    rows = people(900, 0, 3)
    path = bank.arrive([row | {"repaid": None} for row in rows])
    bank.watch(3.5)
    pq.write_table(table(likely(rows)), path)
    bank.watch(4.5)
    points = read(bank.workspace, "loans")
    inside = [guess.low <= seen.value <= guess.high  # type: ignore[operator]
              for guess, seen in zip(points["cbpe_accuracy"], points["accuracy"], strict=False)]  # fmt: skip
    assert len(inside) >= 3 and sum(inside) >= 2
    notes = report_of(bank.workspace, bank.system, bank.pack).notes
    assert any(one.startswith("In 3 windows whose labels have come, accuracy was estimated") for one in notes)


def test_a_table_of_decisions_without_a_column_of_labels_is_estimated_too(tmp_path: Path, bank: Monitored) -> None:
    rows = table(people(900, 0, 3)).drop_columns(["repaid"])
    pq.write_table(rows, bank.root / "live" / "a.parquet")
    bank.watch(3.5)
    assert [one.estimate for one in read(bank.workspace, "loans")["cbpe_accuracy"]] == [True] * 3


@pytest.mark.parametrize(
    ("change", "rows", "why"),
    [
        (("evaluation: {table: train.parquet}, ", ""), 4_000, "knows these by heart"),
        (("", ""), 200, "has 200 rows with a label"),
    ],
)
def test_what_it_would_stand_on_is_refused_where_it_does_not_hold(
    tmp_path: Path, change: tuple[str, str], rows: int, why: str
) -> None:
    bank = Monitored(tmp_path, manifest=MANIFEST.replace(*change), declared=False)
    pq.write_table(table(likely(people(rows, -100, 50, seed=99))), bank.root / "train.parquet")
    bank.arrive(people(300, 0, 3))
    bank.watch(3.5)
    assert not [name for name in read(bank.workspace, "loans") if name.startswith("cbpe")]
    unknown = report_of(bank.workspace, bank.system, bank.pack).unknown
    assert any(one.startswith("Performance is not estimated before labels come: ") and why in one for one in unknown)


def test_scores_where_nobody_ever_had_one_give_no_estimate(bank: Monitored) -> None:
    narrow = [row | {"score": 0.3 + 0.2 * row["score"]} for row in likely(people(4_000, -100, 50, seed=99))]
    pq.write_table(table(narrow), bank.root / "train.parquet")
    bank.arrive([row | {"repaid": None} for row in people(900, 0, 3)])
    bank.watch(3.5)
    assert {one.value for one in read(bank.workspace, "loans")["cbpe_accuracy"]} == {None}
