"""What one run of the monitor counts, keeps, signs and says."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from monitored import MANIFEST, Monitored, day, people
from ombud.errors import Misused, Unreadable
from ombud.evidence.instants import instant
from ombud.monitor import series
from ombud.monitor.evidence import KIND
from ombud.release.assess import assess, picture_of
from ombud.release.recompute import recompute
from ombud.status.finding import State
from ombud.status.rule import Outcome


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    return Monitored(tmp_path)


# --- windows ----------------------------------------------------------------------------------------------------------


def test_each_day_is_a_window_and_one_without_decisions_is_a_point_with_nobody(bank: Monitored) -> None:
    bank.arrive(people(200, 0))
    bank.arrive(people(150, 2))
    done = bank.watch(3.5)
    assert [(one.window.start, one.rows) for one in done.windows] == [(day(0), 200), (day(1), 0), (day(2), 150)]
    rows = series.read(bank.workspace, "loans")["rows"]
    assert [(point.value, point.n) for point in rows] == [(200, 200), (0, 0), (150, 150)]


def test_a_window_that_is_not_over_is_told_and_not_judged(bank: Monitored) -> None:
    bank.arrive(people(100, 0))
    bank.arrive(people(40, 1, 0.25))
    done = bank.watch(1.5)
    assert done.open is not None and (done.open.window.start, done.open.rows, done.open.series) == (day(1), 40, {})
    assert [one.window.start for one in done.windows] == [day(0)]


def test_a_window_waits_for_rows_that_come_a_little_late(bank: Monitored) -> None:
    bank.arrive(people(100, 0))
    assert bank.watch(1 + 0.5 / 24).windows == ()
    assert len(bank.watch(1 + 1.5 / 24).windows) == 1


def test_decisions_of_the_future_are_left_out_and_told_until_their_time_comes(bank: Monitored) -> None:
    bank.arrive([*people(50, 0), *people(30, 5)])
    done = bank.watch(2)
    assert done.future == 30 and sum(one.rows for one in done.windows) == 50
    later = bank.watch(6.5)
    assert later.future == 0 and [one.rows for one in later.windows if one.rows] == [30]


def test_decisions_without_a_time_are_in_no_window_and_told(bank: Monitored) -> None:
    bank.arrive([*people(50, 0), *({**one, "at": None} for one in people(7, 0, seed=2))])
    done = bank.watch(1.5)
    assert done.undated == 7 and done.windows[0].rows == 50


def test_a_date_of_long_ago_makes_no_windows_and_is_told(bank: Monitored) -> None:
    bank.arrive([*people(50, 0), *people(3, -40_000)])
    done = bank.watch(1.5)
    assert done.ancient == 3 and len(done.windows) == 1


# --- again and again --------------------------------------------------------------------------------------------------


def test_a_second_run_finds_nothing_to_do_and_writes_nothing(bank: Monitored) -> None:
    bank.arrive(people(200, 0, 3))
    bank.watch(4)
    size, before = bank.workspace.ledger.size, bank.kept()
    again = bank.watch(4)
    assert again.windows == () and again.entries == ()
    assert bank.workspace.ledger.size == size and bank.kept() == before


def test_what_was_missed_is_caught_up(bank: Monitored) -> None:
    bank.arrive(people(100, 0))
    bank.watch(1.5)
    bank.arrive(people(300, 1, 20))
    done = bank.watch(21.5)
    assert len(done.windows) == 20 and sum(one.rows for one in done.windows) == 300


def test_late_decisions_go_to_the_window_they_belong_to_and_it_alone_is_counted_again(bank: Monitored) -> None:
    bank.arrive(people(300, 0, 3))
    bank.watch(4)
    bank.arrive(people(11, 1, seed=5))
    done = bank.watch(9.5)
    late = [one for one in done.windows if one.late]
    assert [(one.window.start, one.late) for one in late] == [(day(1), 11)]
    assert {one.window.start for one in done.windows if one.rows} == {day(1)}


def test_a_label_that_comes_later_changes_the_window_of_its_decision(bank: Monitored) -> None:
    rows = people(200, 0, labelled=False)
    bank.arrive(rows, "first")
    before = bank.watch(1.5).windows[0]
    assert not any(name.startswith("true_positive_rate") for name in before.series)
    bank.arrive([{**one, "repaid": 1} for one in rows], "first")
    after = bank.watch(30.5).windows[0]
    assert (after.window.start, after.rows, after.late) == (day(0), 200, 0)
    assert after.series["accuracy"].n == 200 and not after.series["accuracy"].estimate


def test_rows_in_another_order_are_the_same_window(bank: Monitored) -> None:
    rows = people(200, 0)
    bank.arrive(rows, "first")
    bank.watch(1.5)
    bank.arrive(rows[::-1], "first")
    assert bank.watch(1.5).windows == ()


def test_a_window_whose_rows_were_deleted_keeps_its_counts_and_is_told(bank: Monitored) -> None:
    bank.arrive(people(200, 0), "old")
    bank.arrive(people(200, 1))
    bank.watch(2.5)
    before = bank.kept()
    (bank.root / "live" / "old.parquet").unlink()
    done = bank.watch(2.5)
    assert [one.start for one in done.gone] == [day(0)] and bank.kept() == before


def test_a_person_who_is_erased_leaves_the_counts_of_their_window(bank: Monitored) -> None:
    rows = people(200, 0)
    bank.arrive(rows, "first")
    bank.watch(1.5)
    bank.arrive(rows[1:], "first")
    assert [(one.rows, one.late) for one in bank.watch(1.5).windows] == [(199, 0)]


def test_until_looks_as_if_it_were_that_time(bank: Monitored) -> None:
    bank.arrive(people(500, 0, 5))
    assert len(bank.watch(9, until=day(2.5)).windows) == 2
    assert len(bank.watch(9).windows) == 6


# --- on record --------------------------------------------------------------------------------------------------------


def test_each_window_is_signed_once_and_again_when_it_changed(bank: Monitored) -> None:
    bank.arrive(people(200, 0))
    bank.watch(1.5)
    bank.arrive(people(5, 0, seed=3))
    bank.watch(1.6)
    said = bank.said(KIND)
    assert [(one["about"], one["rows"], one["late"], one["version"]) for one in said] == [
        ([instant(day(0)), instant(day(1))], 200, 0, 1),
        ([instant(day(0)), instant(day(1))], 205, 5, 2),
    ]


def test_the_trailing_period_speaks_for_the_checks_and_can_be_recomputed_from_the_bundle(bank: Monitored) -> None:
    bank.arrive(people(2_000, 0, 5))
    bank.watch(6)
    log = bank.workspace.ledger.log()
    written = [one for one in log.trusted("measurement") if one.statement.predicate["about"]]
    assert {one.statement.predicate["check"] for one in written} >= {
        "fairness.impact_ratio", "fairness.selection_rates", "fairness.error_rates", "monitoring.drift",
        "monitoring.data_quality",
    }  # fmt: skip
    names = {i["cube"] for one in written for i in one.statement.predicate["inputs"] if "cube" in i}
    again = recompute(log, {name: bank.workspace.ledger.cube(name) for name in names | _cubes(log)}, bank.pack)
    mine = [one for one in again if one.index in {entry.index for entry in written}]
    assert all(one.numbers and not one.differing and one.why_not is None for one in mine) and len(mine) == len(written)


def _cubes(log: Any) -> set[str]:
    return {i["cube"] for one in log.trusted("measurement") for i in one.statement.predicate["inputs"] if "cube" in i}


def test_monitoring_turns_a_requirement_that_the_release_had_shown(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    assert _fair(bank) is State.SHOWN
    bank.arrive(people(4_000, 0, 5, black=0.3))
    bank.watch(6)
    assert _fair(bank) is State.NOT_SHOWN


def test_monitoring_keeps_a_requirement_fresh_after_the_release_would_be_too_old(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    bank.arrive(people(8_000, 80, 20))
    bank.clock.at = day(101)
    assert _fair(bank) is State.STALE
    bank.watch(101)
    assert _fair(bank) is State.SHOWN


def test_few_decisions_do_not_make_unknown_what_the_release_showed(bank: Monitored) -> None:
    bank.arrive(people(25, 0))
    done = bank.watch(1.5)
    assert "fairness.impact_ratio" in dict(done.waiting) and _fair(bank) is State.SHOWN


def test_after_the_whole_trailing_period_doubt_is_said(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, manifest=MANIFEST.replace("{wait: 1h}", "{wait: 1h, trailing: 3d}"))
    bank.arrive(people(80, 0, 5))
    done = bank.watch(6)
    assert done.pool is not None and done.pool.whole and done.pool.windows == 3
    assert _fair(bank) is State.UNKNOWN


def _fair(bank: Monitored) -> State:
    row = picture_of(bank.workspace, bank.pack, "loans").requirement("T.FAIR")
    assert row is not None
    return row.state


def test_what_the_trailing_period_gives_is_what_a_check_of_the_same_rows_gives(tmp_path: Path) -> None:
    rows = people(3_000, 0, 5, move=3)
    one = Monitored(tmp_path / "one")
    one.arrive(rows)
    one.watch(6)
    lone = MANIFEST.replace("evaluation: {table: train.parquet}, ", "")
    other = Monitored(tmp_path / "other", manifest=lone, declared=False)
    other.arrive(rows)
    assess(other.workspace, other.system, None, other.pack, "ml")
    for check in ("fairness.selection_rates", "fairness.impact_ratio", "fairness.error_rates", "monitoring.drift"):
        assert _numbers(one, check) == _numbers(other, check), check


def _numbers(bank: Monitored, check: str) -> list[Any]:
    entries = [e for e in bank.workspace.ledger.log().trusted("measurement") if e.statement.predicate["check"] == check]
    return list(entries[-1].statement.predicate["measurements"])


def test_a_system_that_was_never_declared_is_counted_and_not_judged(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, declared=False)
    bank.arrive(people(100, 0))
    done = bank.watch(1.5)
    assert len(done.windows) == 1 and "ombud check" in done.notes[0]
    assert not bank.workspace.ledger.log().trusted("measurement")


def test_a_finding_of_monitoring_says_which_period_it_speaks_of(bank: Monitored) -> None:
    bank.arrive(people(3_000, 0, 5))
    bank.watch(6)
    finding = picture_of(bank.workspace, bank.pack, "loans").finding("fairness.impact_ratio")
    assert finding is not None and finding.outcome is Outcome.PASS
    assert finding.about == (instant(day(0)), instant(day(5)))


# --- small groups -----------------------------------------------------------------------------------------------------


def test_no_statement_names_a_group_of_fewer_people_than_are_published(bank: Monitored) -> None:
    few = [{**one, "race": "martian"} for one in people(9, 0, seed=8)]
    bank.arrive([*people(200, 0), *few])
    bank.watch(1.5)
    said = [str(entry.statement.predicate) for entry in bank.workspace.ledger.log().entries]
    assert not any("martian" in one for one in said)


def test_a_small_group_is_not_what_is_missing_from_everybody(bank: Monitored) -> None:
    few = [{**one, "race": "martian"} for one in people(4, 0, seed=8)]
    bank.arrive([*people(200, 0), *few])
    shown = {name: point for name, point in bank.watch(1.5).windows[0].series.items() if point.value is not None}
    assert "selection_rate" in shown and sum(name.startswith("selection_rate[") for name in shown) == 1


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_a_manifest_without_decisions_says_what_to_add(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, manifest=MANIFEST.replace(", decisions: {table: live}", ""), declared=False)
    with pytest.raises(Misused, match="none were recorded"):
        bank.watch(1.5)


def test_a_manifest_without_times_says_what_to_add(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, manifest=MANIFEST.replace("time: at, ", ""), declared=False)
    bank.arrive(people(10, 0))
    with pytest.raises(Misused, match="no column says when"):
        bank.watch(1.5)


def test_a_broken_file_is_an_error_and_the_next_run_catches_up(bank: Monitored) -> None:
    bank.arrive(people(100, 0))
    broken = bank.root / "live" / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(Unreadable):
        bank.watch(1.5)
    broken.unlink()
    assert bank.watch(1.5).windows[0].rows == 100


def test_a_file_that_did_not_change_is_not_read_again(bank: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.arrive(people(100, 0))
    bank.arrive(people(100, 1))
    bank.watch(2.5)
    bank.arrive(people(100, 2))
    asked: list[str] = []
    from ombud.tables.engines.duck import DuckDB

    ask = DuckDB.ask
    monkeypatch.setattr(DuckDB, "ask", lambda self, sql: asked.append(sql) or ask(self, sql))
    done = bank.watch(3.5)
    looks = [sql for sql in asked if "looked" in sql]
    assert [one.window.start for one in done.windows] == [day(2)]
    assert len(looks) == 1 and "filename IN" in looks[0] and looks[0].split("filename IN")[1].count(".parquet") == 1


def test_windows_of_another_length_begin_anew_and_the_old_ones_stay_on_record(bank: Monitored) -> None:
    bank.arrive(people(300, 0, 14))
    bank.watch(15)
    text = (bank.root / "ombud.yaml").read_text().replace("{wait: 1h}", "{wait: 1h, window: week}")
    (bank.root / "ombud.yaml").write_text(text)
    done = bank.watch(21)
    assert all((one.window.end - one.window.start).days == 7 for one in done.windows)
    assert sum(one.rows for one in done.windows) == 300


def test_a_training_table_that_changed_makes_new_bins_and_every_window_is_counted_anew(bank: Monitored) -> None:
    bank.arrive(people(300, 0, 2))
    bank.watch(3)
    trained = pq.read_table(bank.root / "train.parquet")
    pq.write_table(trained.slice(0, 2_000), bank.root / "train.parquet")
    assert len(bank.watch(3).windows) == 2 and bank.watch(3).windows == ()
