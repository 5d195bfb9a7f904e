"""Alarms: a fold over the windows of every series, with one promise for all of them and for the whole life.

**The promise.** If in every window the true figure of every series lies within its smallest change worth an alarm of
what the reference's population has, the chance that *any* alarm is *ever* raised in the life of a release is at most
the plan's rate. So within that distance figures may wander as they like: weekdays, seasons, noise between days. Rows
are taken to fall independently within a window unless the plan says how many stand together.

`fold_all` is the front door: it splits the rate over series and folds each. `raise_new` puts alarms on record.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from attrs import evolve

from ombud.monitor.alarm import Alarm, Alarmed
from ombud.monitor.alarm_log import alarms_of, raise_new
from ombud.monitor.alarm_plan import DRIFT, AlarmPlan, kind_of
from ombud.monitor.alarm_questions import ABOVE, BEFORE, BELOW, Counts, Question, questions
from ombud.monitor.points import SeriesPoint
from ombud.monitor.windows import Window
from ombud.statistics.distributions import Array
from ombud.statistics.sequential import began, log_evidence, shares_of_windows

_DAY_HOURS: Final = 24
_UNWATCHED: Final = ("rows", "challenger_difference")

Points = Mapping[str, Sequence[SeriesPoint]]


def fold_all(
    points: Points, plan: AlarmPlan, references: Mapping[str, SeriesPoint] | None = None
) -> tuple[Alarmed, ...]:
    """Fold every series of a system, with the plan's rate split over all of them; in order of name.

    Args:
        points: series → points, in any order; late rows have changed their own windows already.
        plan: the promise.
        references: series → one point of the population in which nothing has changed yet: the table on which the model
            was evaluated. A series without one learns what is usual from its own first windows.
    """
    known = references or {}
    alive = {name: _alive(of, plan) for name, of in points.items() if kind_of(name) not in _UNWATCHED}
    starts = sorted({point.start for of in alive.values() for point in of})
    number = {start: at for at, start in enumerate(starts, start=1)}
    appeared = {name: number[of[0].start] for name, of in alive.items() if of}
    shares = plan.shares({*known} | {name for name, at in appeared.items() if at == 1}, appeared)
    return tuple(fold(name, of, plan, known.get(name), shares.get(name, 0.0)) for name, of in sorted(alive.items()))


def fold(
    series: str, points: Sequence[SeriesPoint], plan: AlarmPlan, reference: SeriesPoint | None, share: float
) -> Alarmed:
    """Fold one series, in order of time, until its first alarm.

    Args:
        series: its name; points: its windows; plan: the promise.
        reference: what nothing has changed in yet; None: learned from the first windows.
        share: the chance of a false alarm that this series may spend; see `AlarmPlan.shares`.
    """
    alive = _alive(points, plan)
    counts = counts_of(series, alive)
    if not alive or counts is None:
        return Alarmed(
            series=series, share=share, unwatched="its points carry no counts that an alarm can be made from"
        )
    before, learned = reference_counts(series, counts, reference), 0
    if before is None and kind_of(series) not in DRIFT:
        before, learned = _learned(alive, counts, plan)
    if before is None and plan.lowest(series) is None:
        why = f"too few rows yet to learn what is usual: fewer than {plan.learned:,}, or than {plan.learned_days} days"
        return Alarmed(series=series, share=share, learned=len(alive), unwatched=why)
    together = max(plan.together, _DAY_HOURS) if kind_of(series) == "gap_hours" else plan.together
    asked = questions(
        series, counts, before, share=share, effect=plan.effect(series), least=plan.lowest(series), together=together,
        learned=learned,
    )  # fmt: skip
    result = _answered(asked, alive)
    return evolve(
        result, series=series, share=share, learned=learned,
        alarm=_alarm(result.alarm, series, plan, share),
    )  # fmt: skip


def counts_of(series: str, points: Sequence[SeriesPoint]) -> dict[str, Array] | None:
    """The counts of points as columns (shape: n_windows); None if they are of no kind that alarms know."""
    names = sorted({name for point in points for name in point.counts})
    counts = {name: np.array([float(point.counts.get(name, 0)) for point in points]) for name in names}
    if kind_of(series) in DRIFT or {"selected", "total"} <= counts.keys():
        return counts
    value = np.array([0.0 if point.value is None else point.value for point in points])
    if value.size == 0 or value.min() < 0 or value.max() > 1:
        return None
    there = np.array([float(point.value is not None) for point in points])
    if "positives" in counts:
        return {"auc": value, "positives": counts["positives"] * there, "negatives": counts["negatives"] * there}
    return {"mean": value, "n": np.array([float(point.n) for point in points]) * there}


def _alive(points: Sequence[SeriesPoint], plan: AlarmPlan) -> list[SeriesPoint]:
    return sorted(
        (one for one in points if plan.since is None or one.start >= plan.since), key=lambda one: one.start
    )  # fmt: skip


def reference_counts(series: str, counts: Counts, reference: SeriesPoint | None) -> Counts | None:
    """The counts of the reference; a distribution carries those it is compared with in every point."""
    if kind_of(series) in DRIFT:
        before = {name: count[0] for name, count in counts.items() if name.startswith(BEFORE) and count[0] > 0}
        return before or None
    found = None if reference is None else counts_of(series, [reference])
    if found is None or found.keys() != counts.keys():
        return None
    return {name: column[0] for name, column in found.items()}


def _learned(points: Sequence[SeriesPoint], counts: Counts, plan: AlarmPlan) -> tuple[Counts | None, int]:
    """What is usual, from the first windows, and how many these were; nothing, and 0, if they are too few yet."""
    learned = _enough(points, plan)
    return (_pooled({name: column[:learned] for name, column in counts.items()}) if learned else None), learned


def _enough(points: Sequence[SeriesPoint], plan: AlarmPlan) -> int:
    """The first windows that together have the rows and the days from which the usual is learned; 0 if not yet."""
    rows = 0
    for at, point in enumerate(points, start=1):
        rows += point.n
        if rows >= plan.learned and point.end - points[0].start >= timedelta(days=plan.learned_days):
            return at
    return 0


def _pooled(counts: Counts) -> Counts:
    """The counts of several windows as those of one; a mean is weighted by what it is a mean of."""
    if "auc" in counts:
        pairs = np.minimum(counts["positives"], counts["negatives"])
        total = pairs.sum()
        mean = (counts["auc"] * pairs).sum() / max(total, 1)
        return {"auc": np.asarray(mean), "positives": np.asarray(total), "negatives": np.asarray(total)}
    if "mean" in counts:
        n = counts["n"].sum()
        return {"mean": np.asarray((counts["mean"] * counts["n"]).sum() / max(n, 1)), "n": np.asarray(n)}
    return {name: np.asarray(column.sum()) for name, column in counts.items()}


def _answered(asked: Sequence[Question], points: Sequence[SeriesPoint]) -> Alarmed:
    """The nearness to an alarm after each window, and the first alarm, its plan not yet filled in."""
    if not asked or not points:
        return Alarmed(series="", windows=len(points))
    needed = np.array([-np.log(one.error) for one in asked])
    nearness = evidence_of(asked) / needed
    over = np.argwhere(nearness >= 1)
    shown = tuple(float(one) for one in nearness.max(axis=1))
    found = None
    if len(over):
        at = int(over[0][0])
        found = _found(asked[int(np.argmax(nearness[at]))], points, at)
    return Alarmed(series="", windows=len(points), nearness=shown, alarm=found)


def evidence_of(asked: Sequence[Question]) -> Array:
    """Logarithm of the evidence of each question after each window (shape: n_windows × … × n_questions)."""
    widths: dict[int, list[int]] = {}
    gains = [one.gains() for one in asked]
    for place, one in enumerate(gains):
        widths.setdefault(one.shape[-1], []).append(place)
    evidence = np.empty((*gains[0].shape[:-1], len(asked)))
    for places in widths.values():
        evidence[..., places] = log_evidence(np.stack([gains[i] for i in places], axis=-2))
    return evidence


def _found(one: Question, points: Sequence[SeriesPoint], at: int) -> Alarm:
    """The alarm of a question at a window."""
    first = began(one.gains(windows=slice(0, at + 1)))
    since = slice(first, at + 1)
    error = one.error * float(shares_of_windows(first + 1)[-1])
    n = sum(point.n for point in points[since])
    was = float(one.was)
    return Alarm(
        series="", about=one.about, since=points[first].start,
        window=Window(start=points[at].start, end=points[at].end), value=one.figure(since),
        low=evolve(one, way=ABOVE).furthest(since, error), high=evolve(one, way=BELOW).furthest(since, error),
        n=n, was=None if np.isnan(was) else was, way=one.way, bound=float(one.bound), effect=0.0, limit=one.limit,
        rate=0.0, share=0.0, estimate=any(point.estimate for point in points[since]),
    )  # fmt: skip


def _alarm(found: Alarm | None, series: str, plan: AlarmPlan, share: float) -> Alarm | None:
    if found is None:
        return None
    told = evolve(found, series=series, effect=plan.effect(series), rate=plan.rate, share=share)
    return told if found.n >= plan.minimum else evolve(told, value=None, low=None, high=None)


__all__ = [
    "Alarm",
    "AlarmPlan",
    "Alarmed",
    "Window",
    "alarms_of",
    "counts_of",
    "evidence_of",
    "fold",
    "fold_all",
    "raise_new",
]
