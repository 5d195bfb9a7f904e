"""Decisions that were recorded are monitored like those of a table."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from monitored import MANIFEST, Monitored, Row, day, people
from ombud.decisions.decision import FAVOURABLE, UNFAVOURABLE, Decision, Human
from ombud.decisions.intake import label, record
from ombud.monitor import series

RECORDED = MANIFEST.replace(", decisions: {table: live}", "")
ROWS = people(300, 0, 4, seed=21)


def decision(row: Row) -> Decision:
    """A row of a table as it would have been recorded."""
    return Decision(
        id=row["id"], system="loans", at=row["at"].replace(tzinfo=UTC), score=row["score"], threshold="0.5",
        inputs={"income": row["income"], "region": row["region"]}, protected={"race": row["race"]},
        outcome=FAVOURABLE if row["approved"] else UNFAVOURABLE, decided=row["approved"],
        human=None if row["changed"] is None else Human(who="7", changed=row["changed"] == "1"),
    )  # fmt: skip


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    made = Monitored(tmp_path / "recorded", manifest=RECORDED, declared=False)
    made.clock.at = day(4)
    record(made.workspace, "loans", [decision(row) for row in ROWS], None)
    return made


def labels(rows: list[Row]) -> list[Any]:
    return [(row["id"], str(row["repaid"]), None) for row in rows]


def test_the_series_are_those_of_the_same_decisions_in_a_table(tmp_path: Path, bank: Monitored) -> None:
    label(bank.workspace, "loans", labels(ROWS))
    bank.watch(5)
    other = Monitored(tmp_path / "table", declared=False)
    other.arrive(ROWS)
    other.watch(5)
    assert series.read(bank.workspace, "loans") == series.read(other.workspace, "loans")


def test_a_decision_that_comes_late_and_a_label_go_to_their_own_window(bank: Monitored) -> None:
    bank.watch(5)
    assert bank.watch(6).windows[0].rows == 0
    record(bank.workspace, "loans", [decision(row) for row in people(4, 1, seed=22)], None)
    assert [(one.window.start, one.late) for one in bank.watch(6).windows] == [(day(1), 4)]
    second = [row for row in ROWS if row["at"].replace(tzinfo=UTC) >= day(2) and row["at"].replace(tzinfo=UTC) < day(3)]
    label(bank.workspace, "loans", labels(second))
    assert [one.window.start for one in bank.watch(6).windows] == [day(2)]
    assert bank.watch(6).windows == ()


def test_a_decision_that_is_erased_leaves_its_window(bank: Monitored) -> None:
    bank.watch(5)
    row = bank.workspace.decided.find("loans", ROWS[0]["id"])
    assert row is not None
    bank.workspace.decided.remove([row], what="erased", ground="asked for", at=0)
    before = sum(rows for rows, _, _ in bank.kept().values())
    bank.watch(5)
    assert sum(rows for rows, _, _ in bank.kept().values()) == before - 1


def test_a_text_where_a_number_belongs_is_no_number_and_is_seen(bank: Monitored) -> None:
    odd = decision({**people(1, 4, seed=30)[0], "income": "unknown"})
    record(bank.workspace, "loans", [odd], None)
    found = {one.window.start: one for one in bank.watch(5.5).windows}
    assert found[day(4)].series["not_finite[income]"].counts["selected"] == 1
