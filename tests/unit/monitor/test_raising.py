"""A run of the monitor raises what has changed, once, and opens an incident for it."""

from pathlib import Path

import pytest

from monitored import FIRST, MANIFEST, Monitored, people
from ombud.cases import cases_of
from ombud.cli.monitor_text import status_text, watched_json, watched_text
from ombud.incidents.incident import INCIDENTS

LONG = 60
CHANGED = 40


def lived(bank: Monitored, black_after: float) -> None:
    """Sixty days of decisions; from the fortieth on, the chance of one group is another."""
    for number in range(LONG):
        black = 0.5 if number < CHANGED else black_after
        bank.arrive(people(300, number, seed=number + 1, black=black, labelled=False))


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    found = Monitored(tmp_path, manifest=MANIFEST.replace("{wait: 1h}", "{wait: 1h, alarm_rate: 0.05}"))
    found.workspace.add_key("watch", ("platform",))
    return found


def test_a_system_that_goes_on_as_it_was_raises_nothing_and_says_so(bank: Monitored) -> None:
    lived(bank, 0.5)
    done = bank.watch(LONG + 0.5)
    assert done.alarms == () and done.incidents == () and bank.said("alarm") == []
    assert "no new alarm" in watched_text(done, bank.system)
    assert "no alarm was raised" in status_text(bank.workspace, bank.system, ())


def test_a_group_that_is_refused_more_often_from_a_day_on_raises_an_alarm_in_one_incident(bank: Monitored) -> None:
    lived(bank, 0.1)
    done = bank.watch(LONG + 0.5, holder="watch")
    told = {one.series: one for one in done.alarms}
    alarm = told["selection_rate[race=black]"]
    assert alarm.way == "below" and abs((alarm.since - FIRST).days - CHANGED) <= 2
    assert alarm.value is not None and alarm.value == pytest.approx(0.1, abs=0.05)
    assert {"impact_ratio[race=black]"} <= told.keys() and not [name for name in told if "white" in name]
    cases = cases_of(bank.workspace.ledger.log(), INCIDENTS)
    assert {one.id for one in done.incidents} == {one.id for one in cases}
    assert "possible-discrimination" in cases[0].opened["categories"]
    assert "ALARM selection_rate[race=black]" in watched_text(done, bank.system)
    assert {one["series"] for one in watched_json(done)["alarms"]} == told.keys()


def test_running_again_raises_nothing_twice_and_opens_no_second_incident(bank: Monitored) -> None:
    lived(bank, 0.1)
    first = bank.watch(LONG + 0.5, holder="watch")
    size = len(cases_of(bank.workspace.ledger.log(), INCIDENTS))
    again = bank.watch(LONG + 1.5, holder="watch")
    assert first.alarms and again.alarms == () and again.incidents == ()
    assert len(cases_of(bank.workspace.ledger.log(), INCIDENTS)) == size


def test_a_key_that_may_sign_no_cases_raises_the_alarm_all_the_same_and_says_what_is_missing(bank: Monitored) -> None:
    lived(bank, 0.1)
    done = bank.watch(LONG + 0.5)
    assert done.alarms and done.incidents == () and any("may not sign cases" in one for one in done.notes)


def test_an_incident_that_a_run_could_not_open_is_opened_by_the_next(bank: Monitored) -> None:
    lived(bank, 0.1)
    assert bank.watch(LONG + 0.5).incidents == ()
    assert bank.watch(LONG + 0.6, holder="watch").incidents != ()


def test_a_ratio_below_the_limit_of_the_policy_is_an_alarm_from_the_start(tmp_path: Path) -> None:
    bank = Monitored(tmp_path)
    for number in range(12):
        bank.arrive(people(400, number, seed=number + 1, black=0.15, labelled=False))
    told = {one.series: one for one in bank.watch(12.5).alarms}
    alarm = told["impact_ratio[race=black]"]
    assert alarm.limit and alarm.bound == pytest.approx(0.8) and alarm.was is None
