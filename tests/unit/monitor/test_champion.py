"""Champion against challenger: on the same rows, with one interval, and on record."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow.parquet as pq
import pytest

from monitored import MANIFEST, Monitored, people, table
from ombud.cli.monitor_text import watched_json, watched_text
from ombud.monitor.report import report_of
from ombud.monitor.series import read
from ombud.system.models import open_model

NAMED = MANIFEST.replace("{wait: 1h}", "{wait: 1h, challenger: better.txt}")


def earning(rows: list[dict[str, Any]], noise: int = 7) -> list[dict[str, Any]]:
    """The same people, of whom those with an income repay, but for a few; the decisions knew nothing of it."""
    return [
        row | {"repaid": int(row["income"] > 50) if number % noise else 0, "income": float(row["income"])}
        for number, row in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that learnt who repays."""
    path = tmp_path_factory.mktemp("model") / "better.txt"
    incomes = np.random.default_rng(1).normal(50, 10, (3_000, 1))
    data = lightgbm.Dataset(incomes, (incomes[:, 0] > 50).astype(int), feature_name=["income"])
    lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 20).save_model(path)
    return path


@pytest.fixture
def bank(tmp_path: Path, better: Path) -> Monitored:
    made = Monitored(tmp_path, manifest=NAMED, declared=False)
    (tmp_path / "better.txt").write_bytes(better.read_bytes())
    return made


def test_the_counts_are_those_of_scoring_every_row_by_hand(bank: Monitored) -> None:
    rows = earning(people(400, 0, 1))
    bank.arrive([*rows, *(row | {"repaid": None, "id": f"x{row['id']}"} for row in rows[:50])])
    done = bank.watch(1.5)
    scores = open_model(bank.root / "better.txt").predict(np.array([[row["income"]] for row in rows]))
    first = [int(score >= 0.5) == row["repaid"] for score, row in zip(scores, rows, strict=True)]
    second = [row["approved"] == row["repaid"] for row in rows]
    point = read(bank.workspace, "loans")["challenger_difference"][0]
    assert point.n == 400 and dict(point.counts) == {
        "both": sum(a and b for a, b in zip(first, second, strict=True)),
        "challenger_only": sum(a and not b for a, b in zip(first, second, strict=True)),
        "champion_only": sum(b and not a for a, b in zip(first, second, strict=True)),
        "neither": sum(not a and not b for a, b in zip(first, second, strict=True)),
    }
    assert point.value == pytest.approx(np.mean(first) - np.mean(second))
    assert point.low is not None and point.low > 0
    assert "the challenger is right more often" in watched_text(done, bank.system)
    assert watched_json(done)["challenger"]["n"] == 400


def test_the_comparison_is_on_record_and_in_the_report(bank: Monitored) -> None:
    bank.arrive(earning(people(400, 0, 2)))
    bank.watch(2.5)
    assert all("challenger_difference" in one["series"] for one in bank.said("window"))
    said = report_of(bank.workspace, bank.system, bank.pack).compared
    assert said.startswith("Challenger against champion on the same 400 decisions with a label: +")
    assert said.endswith("the challenger is right more often, since 2026-09-01.")


def test_labels_that_come_later_are_compared_then(bank: Monitored) -> None:
    rows = earning(people(300, 0, 1))
    path = bank.arrive([row | {"repaid": None} for row in rows])
    done = bank.watch(1.5)
    assert watched_json(done)["challenger"] is None and "challenger_difference" not in read(bank.workspace, "loans")
    pq.write_table(table(rows), path)
    bank.watch(2.5)
    assert read(bank.workspace, "loans")["challenger_difference"][0].n == 300


def test_a_challenger_that_is_named_later_is_compared_on_all_windows_that_are_still_there(
    tmp_path: Path, better: Path
) -> None:
    bank = Monitored(tmp_path, declared=False)
    bank.arrive(earning(people(300, 0, 2)))
    bank.watch(2.5)
    (tmp_path / "better.txt").write_bytes(better.read_bytes())
    (tmp_path / "ombud.yaml").write_text(NAMED, encoding="utf-8")
    bank.watch(2.6)
    assert len(read(bank.workspace, "loans")["challenger_difference"]) == 2


def test_running_twice_compares_nothing_twice(bank: Monitored) -> None:
    bank.arrive(earning(people(300, 0, 1)))
    bank.watch(1.5)
    size = bank.workspace.ledger.size
    assert bank.watch(1.6).windows == () and bank.workspace.ledger.size == size


@pytest.mark.parametrize(
    ("name", "why"), [("gone.txt", "gone.txt"), ("ombud.yaml", "ombud.yaml")], ids=["no such file", "no model"]
)
def test_a_challenger_that_cannot_be_opened_stops_nothing_and_is_told(tmp_path: Path, name: str, why: str) -> None:
    bank = Monitored(tmp_path, manifest=NAMED.replace("better.txt", name), declared=False)
    bank.arrive(people(300, 0, 1))
    done = bank.watch(1.5)
    assert len(done.windows) == 1
    assert any(note.startswith("the challenger is not compared: ") and why in note for note in done.notes)


def test_a_feature_that_is_missing_is_said(bank: Monitored) -> None:
    rows = table(people(100, 0, 1)).drop_columns(["income"])
    pq.write_table(rows, bank.root / "live" / "a.parquet")
    assert "no column 'income', which the challenger reads" in " ".join(bank.watch(1.5).notes)
