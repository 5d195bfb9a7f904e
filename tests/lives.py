"""Shared by tests of alarms: simulated lives of systems, window by window, with nothing changing or one thing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from ombud.monitor.alarm_delay import delay
from ombud.monitor.alarms import Alarmed, AlarmPlan, fold_all
from ombud.monitor.points import SeriesPoint

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730
GROUPS = {"a": 0.45, "b": 0.38, "c": 0.30}
BINS = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
WEEK = np.array([0.02, 0.01, 0.0, 0.0, -0.01, -0.03, 0.01])
"""How a stationary system still moves with the days of the week, in points: within every practical effect."""

RATE = 0.05
PLAN = AlarmPlan(rate=RATE)

Points = dict[str, list[SeriesPoint]]


def reference(rng: np.random.Generator, people: int = 3_000) -> Mapping[str, SeriesPoint]:
    """The table on which the model was evaluated: a sample of what the life below is drawn from."""
    start = BEGIN - timedelta(days=365)
    hits = {group: int(rng.binomial(people, rate)) for group, rate in GROUPS.items()}
    missing = int(rng.binomial(people * len(GROUPS), 0.04))
    counts = _counts(hits, dict.fromkeys(GROUPS, people), missing, *rng.multinomial(people, BINS, 2))
    return {name: _point(name, start, 365, said) for name, said in counts.items()}


def life(rng: np.random.Generator, days: int = DAYS, change: float = 0.0, after: int = 0, size: int = 60) -> Points:
    """A life of daily windows.

    Args:
        change: added to the rate of group "a" from window `after` on.
        size: people of each group on an average day; the number varies, with days on which nobody comes.
    """
    drift_reference = rng.multinomial(3_000, BINS)
    found: Points = {}
    for day in range(days):
        move = WEEK[day % 7] * rng.uniform(0.5, 1.5)
        busy = 0 if rng.random() < 0.02 else rng.poisson(size)
        people = {group: int(rng.poisson(busy)) for group in GROUPS}
        rates = {
            group: rate + move + (change if group == "a" and day >= after else 0) for group, rate in GROUPS.items()
        }
        hits = {group: int(rng.binomial(people[group], rates[group])) for group in GROUPS}
        everybody = sum(people.values())
        counts = _counts(hits, people, int(rng.binomial(everybody, 0.04)), rng.multinomial(everybody, BINS),
                         drift_reference)  # fmt: skip
        for name, said in counts.items():
            found.setdefault(name, []).append(_point(name, BEGIN + timedelta(days=day), 1, said))
    return found


def _counts(
    hits: Mapping[str, int], people: Mapping[str, int], missing: int, now: np.ndarray, before: np.ndarray
) -> dict[str, dict[str, int]]:  # fmt: skip
    of = {group: {"selected": hits[group], "total": people[group]} for group in GROUPS}
    beside = {f"reference_{name}": count for name, count in of["a"].items()}
    bins = {f"before {i:02d}": int(n) for i, n in enumerate(before)} | {
        f"now {i:02d}": int(n) for i, n in enumerate(now)
    }
    return {
        **{f"selection_rate[g={group}]": of[group] for group in GROUPS},
        **{f"impact_ratio[g={group}]": of[group] | beside for group in GROUPS if group != "a"},
        "missing[income]": {"selected": missing, "total": sum(people.values())},
        "psi[income]": bins,
    }


def _point(name: str, start: datetime, days: int, counts: dict[str, int]) -> SeriesPoint:
    n = counts.get("total", sum(count for key, count in counts.items() if key.startswith("now ")))
    return SeriesPoint(series=name, start=start, end=start + timedelta(days=days), n=n, counts=counts)


# --- what lives come to -----------------------------------------------------------------------------------------------


def raised(alarmed: tuple[Alarmed, ...]) -> list[str]:
    return [one.series for one in alarmed if one.alarm is not None]


def stationary(seed: int) -> list[str]:
    """A life that moves with the days of the week, and never changes."""
    rng = np.random.default_rng(seed)
    return raised(fold_all(life(rng), PLAN, reference(rng)))


def at_the_edge(seed: int) -> list[str]:
    """A life in which one rate lies as far from the reference as is just no change."""
    rng = np.random.default_rng(seed)
    before = reference(rng)
    return raised(fold_all(life(rng, change=PLAN.effect("selection_rate"), size=200), PLAN, before))


AFTER, SHIFT, SIZE = 365, 0.15, 200


def found_after(seed: int) -> int | None:
    """Windows from a planted change to its alarm; None if it was not found, or another series spoke first."""
    rng = np.random.default_rng(seed)
    before = reference(rng)
    told = {one.series: one.alarm for one in fold_all(life(rng, change=SHIFT, after=AFTER, size=SIZE), PLAN, before)}
    alarm = told["selection_rate[g=a]"]
    return None if alarm is None else (alarm.window.start - BEGIN).days - AFTER + 1


def stated() -> int:
    """The delay that is stated beforehand for such a change."""
    names = [*reference(np.random.default_rng(0))]
    share = PLAN.shares(names, {})["selection_rate[g=a]"]
    before = SeriesPoint(series="selection_rate[g=a]", start=BEGIN, end=BEGIN.replace(day=2), n=3_000,
                         counts={"selected": round(3_000 * GROUPS["a"]), "total": 3_000})  # fmt: skip
    changed = SeriesPoint(series="selection_rate[g=a]", start=BEGIN, end=BEGIN.replace(day=2), n=SIZE,
                          counts={"selected": round(SIZE * (GROUPS["a"] + SHIFT)), "total": SIZE})  # fmt: skip
    windows = delay(PLAN, share, before, changed, AFTER)
    assert windows is not None
    return windows
