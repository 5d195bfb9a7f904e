"""Whatever the order in which decisions and labels come, and however often somebody looks: the same windows."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitored import Monitored, day, people
from ombud.monitor import series

DAYS = 6
ROWS = people(160, 0, DAYS, seed=7)

ARRIVALS = st.lists(st.integers(0, 4), min_size=len(ROWS), max_size=len(ROWS))
"""In which of five deliveries each decision comes."""


def once(root: Path) -> Monitored:
    bank = Monitored(root, declared=False)
    bank.arrive(ROWS)
    bank.watch(60)
    return bank


def of(bank: Monitored) -> Any:
    return bank.kept(), series.read(bank.workspace, "loans")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ARRIVALS, st.lists(st.floats(0, 50), min_size=5, max_size=5), st.randoms())
def test_any_order_of_arrival_ends_in_the_windows_of_one_pass(
    deliveries: list[int], times: list[float], shuffle: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = of(once(Path(folder) / "once"))
        bank = Monitored(Path(folder) / "late", declared=False)
        for number, now in enumerate(sorted(times)):
            arrived = [row for row, when in zip(ROWS, deliveries, strict=True) if when == number]
            shuffle.shuffle(arrived)
            bank.arrive(arrived)
            bank.watch(now)
        bank.watch(60)
        assert of(bank) == expected


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.booleans(), min_size=len(ROWS), max_size=len(ROWS)), st.floats(1, 50))
def test_labels_that_come_late_end_in_the_windows_of_one_pass(labelled: list[bool], now: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = of(once(Path(folder) / "once"))
        bank = Monitored(Path(folder) / "late", declared=False)
        without = [row if there else {**row, "repaid": None} for row, there in zip(ROWS, labelled, strict=True)]
        bank.arrive(without, "all")
        bank.watch(now)
        bank.arrive(ROWS, "all")
        bank.watch(60)
        assert of(bank) == expected


def test_every_decision_is_counted_once(tmp_path: Path) -> None:
    bank = once(tmp_path)
    assert sum(rows for rows, _, _ in bank.kept().values()) == len(ROWS)
    assert [point.start for point in series.read(bank.workspace, "loans")["rows"]] == [day(n) for n in range(DAYS)] + [
        day(n) for n in range(DAYS, 59)
    ]
