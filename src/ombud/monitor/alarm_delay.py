"""How long an alarm takes: stated before it matters, so that nobody has to take silence for proof."""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Final

import numpy as np

from ombud.errors import Misused
from ombud.monitor.alarm_plan import AlarmPlan
from ombud.monitor.alarm_questions import Question, questions
from ombud.monitor.alarms import counts_of, reference_counts
from ombud.monitor.points import SeriesPoint
from ombud.statistics.sequential import shares_of_windows

CHANCE: Final = 0.9
"""The chance with which a change is found within its delay, unless another is asked for."""


def delay(
    plan: AlarmPlan, share: float, reference: SeriesPoint | None, changed: SeriesPoint, after: int,
    chance: float = CHANCE,
) -> int | None:  # fmt: skip
    """The windows within which a lasting change is found.

    Args:
        plan: the promise; share: what the series may spend of it (`AlarmPlan.shares`).
        reference: what nothing had changed in.
        changed: a window as they are on average after the change: its counts say how many rows there are, and how many
            of them count.
        after: windows without a change before it. The later it comes, the longer it takes: with the logarithm.
        chance: with which it is found by then; rows falling independently.

    Returns:
        Number of windows, the one in which the change begins included; None if such a change is no reason for an
        alarm: it is too small, or cannot be told from what the reference leaves open.
    """
    counts = counts_of(changed.series, [changed])
    if counts is None or after < 0 or not 0 < chance < 1:
        raise Misused("a delay needs a window with counts, windows before it, and a chance between 0 and 1")
    before = reference_counts(changed.series, counts, reference)
    asked = questions(
        changed.series, counts, before, share=share, effect=plan.effect(changed.series),
        least=plan.lowest(changed.series), together=plan.together,
    )  # fmt: skip
    start = -math.log(float(shares_of_windows(after + 1)[-1]))
    found = [windows for one in asked for windows in _windows(one, start, NormalDist().inv_cdf(chance))]
    return min(found, default=None)


def _windows(one: Question, start: float, z: float) -> Iterator[int]:
    """How many windows each bet needs to grow from its stake to what an alarm needs."""
    bets = one.bets()
    gain = np.asarray(sum(bet.gains[0] for bet in bets))
    spread = np.asarray(sum(bet.spread[0] for bet in bets))
    needed = start + math.log(gain.shape[-1]) - math.log(one.error)
    for mean, variance in zip(gain, spread * one.together, strict=True):
        if mean > 0:
            root = (z * math.sqrt(variance) + math.sqrt(z * z * variance + 4 * mean * needed)) / (2 * mean)
            yield math.ceil(root * root)
