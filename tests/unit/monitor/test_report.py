"""What a monitoring report is made from: the windows that are kept, the log, and nothing else."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from attrs import evolve

from monitored import MANIFEST, Monitored, people
from ombud.documents.monitoring.facts import ReportInput
from ombud.monitor.coarser import readable
from ombud.monitor.report import report_of
from ombud.monitor.series import read, series_of
from ombud.store.windows import Windows

INJECTED = "monitoring: {wait: 1h, injected: {since: 2026-10-06, what: made for show}}"


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    return Monitored(tmp_path)


def gathered(bank: Monitored, **more: bool) -> ReportInput:
    return report_of(bank.workspace, bank.system, bank.pack, **more)


def test_before_the_first_run_nothing_is_known_and_it_is_said(bank: Monitored) -> None:
    report = gathered(bank)
    assert not report.series and report.windows == 0 and report.unknown == ("Nothing was monitored yet.",)


def test_the_series_are_those_that_are_kept(bank: Monitored) -> None:
    bank.arrive(people(600, 0, 3))
    bank.watch(3.5)
    report, kept = gathered(bank), read(bank.workspace, "loans")
    assert set(report.series) == set(kept) - {"rows"}
    point, spot = kept["selection_rate[race=black]"][0], report.series["selection_rate[race=black]"][0]
    assert (spot.value, spot.low, spot.high, spot.n) == (point.value, point.low, point.high, point.n)
    assert (spot := report.series["psi[income]"][0]).chance and spot.value is not None and spot.value < 3 * spot.chance
    assert report.limits["impact_ratio"].source.startswith("declaration ")


def test_an_alarm_is_told_with_what_stands_since_when_and_its_injection(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, manifest=MANIFEST.replace("monitoring: {wait: 1h}", INJECTED))
    bank.arrive(people(1_500, 0, 30))
    bank.arrive(people(3_000, 35, 60, seed=2, black=0.1))
    bank.watch(95.5)
    report = gathered(bank)
    alarm = next(one for one in report.open_alarms if one.series == "impact_ratio[race=black]")
    assert alarm.bound == 0.8 and alarm.since.date() >= date(2026, 10, 1)
    held = {one.check: one.outcome for one in report.held}
    assert held["fairness.impact_ratio"] == "fail"
    assert report.demonstration == "From 2026-10-06 on, by the manifest: made for show."
    assert [one.kind for one in report.changes] == ["injected"]
    assert any("windows hold no decision" in one for one in report.unknown)


def test_an_alarm_whose_incident_was_opened_names_it(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    bank.workspace.add_key("ops", ("platform",))
    bank.arrive(people(1_500, 0, 30))
    bank.arrive(people(1_500, 30, 30, seed=2, black=0.1))
    done = bank.watch(61, holder="ops")
    report = gathered(bank)
    numbers = {case.id for case in done.incidents}
    assert numbers and {one.incident for one in report.alarms} == numbers == {one.number for one in report.incidents}


def test_labels_that_have_not_come_are_said(bank: Monitored) -> None:
    bank.arrive(people(300, 0, 3))
    bank.arrive(people(200, 3, 2, seed=2, labelled=False))
    bank.watch(5.5)
    assert any(one.startswith("For 2 of 5 windows no labels have come") for one in gathered(bank).unknown)


def test_late_decisions_are_noted(bank: Monitored) -> None:
    bank.arrive(people(300, 0, 3))
    bank.watch(3.5)
    bank.arrive(people(7, 1, 1, seed=5))
    bank.watch(4.5)
    assert gathered(bank).notes[:1] == ("7 decisions came after their window had been counted, and were added to it.",)


# --- years ------------------------------------------------------------------------------------------------------------


def test_many_days_are_drawn_by_week_with_the_figures_of_the_weeks_themselves(tmp_path: Path) -> None:
    by_day, by_week = Monitored(tmp_path / "day"), Monitored(
        tmp_path / "week", manifest=MANIFEST.replace("wait: 1h", "wait: 1h, window: week")
    )  # fmt: skip
    for bank in (by_day, by_week):
        bank.arrive(people(2_400, -1, 168))
        bank.watch(167)
    store = Windows(by_day.workspace.ledger.database)
    windows = store.with_points("loans")
    drawn, length = readable(by_day.system, store, windows)
    assert len(windows) > 150 and length == "week"
    coarse, weekly = series_of(drawn), read(by_week.workspace, "loans")
    for series in ("selection_rate[race=black]", "impact_ratio[race=black]", "psi[income]", "auc", "missing[region]"):
        ours = {one.start: (one.value, one.low, one.high, one.n) for one in coarse[series]}
        theirs = {one.start: (one.value, one.low, one.high, one.n) for one in weekly[series]}
        same = ours.keys() & theirs.keys()
        assert len(same) >= 23 and all(ours[start] == theirs[start] for start in same)
    assert gathered(by_day).windows == len(windows) and gathered(by_day).point.startswith("one point a week (windows")
    assert len(gathered(by_day, every=True).series["psi[income]"]) > 150


def test_days_that_were_counted_by_other_questions_are_not_added_up(bank: Monitored) -> None:
    bank.arrive(people(1_000, 0, 160))
    bank.watch(161)
    store = Windows(bank.workspace.ledger.database)
    windows = list(store.with_points("loans"))
    windows[3] = evolve(windows[3], questions="other")
    drawn, _ = readable(bank.system, store, windows)
    week: Callable[[int], object] = lambda n: windows[n].start  # noqa: E731
    assert week(0) in {one.start for one in drawn} and week(3) in {one.start for one in drawn}
    assert len(drawn) < len(windows)


def test_few_windows_are_drawn_as_they_are(bank: Monitored) -> None:
    bank.arrive(people(300, 0, 3))
    bank.watch(3.5)
    store = Windows(bank.workspace.ledger.database)
    windows = store.with_points("loans")
    assert readable(bank.system, store, windows) == (windows, "day")
