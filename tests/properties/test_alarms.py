"""Alarms keep their promise: lives without a change stay silent, a change is found in the time that was stated."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from census_points import reference as census_before
from census_points import series as census_series
from ledgers import Clock
from lives import BEGIN, PLAN, RATE, at_the_edge, found_after, life, raised, reference, stated, stationary
from ombud.monitor.alarm_delay import delay
from ombud.monitor.alarms import AlarmPlan, alarms_of, fold_all, raise_new
from ombud.monitor.points import SeriesPoint
from ombud.store.workspace import create_workspace

LIVES = 200
TOO_MANY = int(binom.ppf(0.999, LIVES, RATE))
"""More false alarms than this in so many lives come about with a chance of one in a thousand if the promise is kept."""
WORKERS = 2


def many(of: object, seeds: range) -> list[list[str]]:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        return list(pool.map(of, seeds, chunksize=10))  # type: ignore[arg-type]


def test_lives_that_never_change_raise_at_most_the_stated_share_of_alarms() -> None:
    with_alarm = [alarms for alarms in many(stationary, range(LIVES)) if alarms]
    assert len(with_alarm) <= TOO_MANY, with_alarm


def test_lives_as_far_from_the_reference_as_is_no_change_raise_at_most_the_stated_share() -> None:
    with_alarm = [alarms for alarms in many(at_the_edge, range(1_000, 1_000 + LIVES)) if alarms]
    assert len(with_alarm) <= TOO_MANY, with_alarm


def test_a_planted_change_is_found_within_the_stated_delay_and_never_before_it_happens() -> None:
    delays, within = many_found(), stated()
    assert within < 60
    assert all(one is None or one >= 1 for one in delays)
    found = sum(one is not None and one <= within for one in delays)
    assert found >= binom.ppf(0.001, len(delays), 0.9), (found, within, sorted(one or 999 for one in delays))


def many_found() -> list[int | None]:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        return list(pool.map(found_after, range(5_000, 5_060), chunksize=10))


def test_a_change_too_small_to_matter_has_no_delay_because_it_is_no_reason_for_an_alarm() -> None:
    before = SeriesPoint(series="selection_rate", start=BEGIN, end=BEGIN.replace(day=2), n=9_000,
                         counts={"selected": 4_000, "total": 9_000})  # fmt: skip
    changed = SeriesPoint(series="selection_rate", start=BEGIN, end=BEGIN.replace(day=2), n=900,
                          counts={"selected": 420, "total": 900})  # fmt: skip
    assert delay(PLAN, 0.01, before, changed, 10) is None


@pytest.mark.parametrize("windows", [12, 52])
def test_four_years_of_real_people_raise_no_alarm(windows: int) -> None:
    alarmed = fold_all(census_series(windows), AlarmPlan(), census_before())
    assert not raised(alarmed), [one.alarm for one in alarmed if one.alarm]
    watched = [one for one in alarmed if one.unwatched is None]
    assert len(watched) >= 20 and all(one.windows == 3 * windows for one in watched)


def test_the_same_real_people_with_a_planted_change_raise_one() -> None:
    points = census_series(52)
    name = "selection_rate[SEX=women]"
    changed = [_lowered(one) if one.start.year == 2018 else one for one in points[name]]
    alarmed = fold_all({**points, name: changed}, AlarmPlan(), census_before())
    (alarm,) = [one.alarm for one in alarmed if one.series == name]
    assert alarm is not None and alarm.way == "below" and alarm.window.start.year == 2018


def _lowered(point: SeriesPoint) -> SeriesPoint:
    counts = {**point.counts, "selected": round(point.counts["selected"] * 0.7)}
    return SeriesPoint(series=point.series, start=point.start, end=point.end, n=point.n, counts=counts)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_in_which_windows_come_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, points = reference(rng), life(rng, days=60, change=0.3, after=20)
    shuffled = {name: [of[i] for i in rng.permutation(len(of))] for name, of in points.items()}
    assert fold_all(points, PLAN, before) == fold_all(shuffled, PLAN, before)


@given(
    known=st.sets(st.text("abc", min_size=1, max_size=3), max_size=6),
    appeared=st.dictionaries(st.text("xyz", min_size=1, max_size=3), st.integers(1, 400), max_size=30),
    restarts=st.integers(0, 5),
)  # fmt: skip
def test_what_all_series_together_may_spend_is_never_more_than_the_promise(
    known: set[str], appeared: dict[str, int], restarts: int
) -> None:
    spent = sum(sum(AlarmPlan(rate=RATE, restarts=number).shares(known, appeared).values())
                for number in range(restarts + 1))  # fmt: skip
    assert spent <= RATE + 1e-12


def test_an_alarm_is_put_on_record_once_for_each_life_and_read_as_it_was_raised(tmp_path: object) -> None:
    workspace = create_workspace(tmp_path, {"watch": (("ci",), None)}, clock=Clock())  # type: ignore[arg-type]
    rng = np.random.default_rng(3)
    before = reference(rng)
    alarmed = fold_all(life(rng, days=120, change=0.3, after=40, size=200), PLAN, before)
    first = raise_new(workspace, "mortgage", alarmed, "watch", life="r1")
    assert {one.series for one in first} == set(raised(alarmed)) and first
    assert raise_new(workspace, "mortgage", alarmed, "watch", life="r1") == ()
    assert len(raise_new(workspace, "mortgage", alarmed, "watch", life="r2")) == len(first)
    kept = {one.series: one for one in alarms_of(workspace.ledger.log(), "mortgage") if one.life == "r1"}
    for one in alarmed:
        if one.alarm is not None:
            there = kept[one.series]
            assert (there.since, there.window, there.way, there.n) == (
                one.alarm.since, one.alarm.window, one.alarm.way, one.alarm.n)  # fmt: skip
            assert there.value == pytest.approx(one.alarm.value, rel=1e-5)
