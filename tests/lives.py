"""Shared by tests of alarms: whole lives of systems, drawn many at once from a seed.

A life has daily windows, weekends with few decisions, a weekly rhythm and days that differ from each other, one group
of hundreds a day, one of dozens and one of which most days see nobody. What "stationary" means is what the alarms
promise about: every day's true figure stays within the smallest change worth an alarm.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen

from ombud.monitor.alarm_plan import AlarmPlan
from ombud.monitor.alarm_questions import questions
from ombud.monitor.alarms import evidence_of
from ombud.statistics.distributions import Array

WINDOWS = 730
TOGETHER = 25
GROUPS = {"a": (400, 0.55), "b": (60, 0.45), "c": (0.6, 0.40)}
BINS = 10
REFERENCE = {"a": 6_000, "b": 1_500, "c": 60, "": 8_000}

Lives = Mapping[str, tuple[Mapping[str, Array], Mapping[str, Array]]]
"""Series → counts by name (shape: n_windows × n_lives), and counts of the reference (shape: n_lives)."""


@frozen
class Shift:
    """A change that begins at a window and lasts: of everybody's selection rate, of b's, or of the feature."""

    at: int
    everybody: float = 0.0
    b: float = 0.0
    feature: float = 0.0


def draw(seed: int, lives: int, shift: Shift | None = None, *, edge: bool = False) -> Lives:
    """So many lives. With `edge`, every day lies exactly as far off as is still no change."""
    rng = np.random.default_rng(seed)
    days = np.arange(WINDOWS)[:, None]
    shift = shift or Shift(WINDOWS)
    after = days >= shift.at
    wobble = _wobble(rng, days, lives, 0.05, edge=edge)
    n = {g: _people(rng, days, lives, mean) for g, (mean, _) in GROUPS.items()}
    rate = {g: np.clip(p + wobble + after * shift.everybody, 0, 1) for g, (_, p) in GROUPS.items()}
    rate["b"] = np.clip(rate["a"] * (GROUPS["b"][1] / GROUPS["a"][1]) + after * shift.b, 0, 1)
    selected = {g: rng.binomial(n[g], rate[g]).astype(float) for g in GROUPS}
    known = {g: rng.binomial(REFERENCE[g], p, lives).astype(float) for g, (_, p) in GROUPS.items()}
    found = {f"selection_rate[race={g}]": (_of(selected[g], n[g]), _of(known[g], REFERENCE[g])) for g in GROUPS}
    for g in ("b", "c"):
        ours = _of(selected[g], n[g], selected["a"], n["a"])
        found[f"impact_ratio[race={g}]"] = (ours, _of(known[g], REFERENCE[g], known["a"], REFERENCE["a"]))
    everybody = sum(n.values())
    found["missing[income]"] = _missing(rng, days, lives, everybody, edge=edge)
    found["accuracy"] = _accuracy(rng, days, lives, n["b"], edge=edge)
    found["psi[income]"] = _feature(rng, days, lives, everybody, after * shift.feature, edge=edge)
    return found


def _wobble(rng: np.random.Generator, days: Array, lives: int, most: float, *, edge: bool) -> Array:
    """How far each day lies off: a weekly rhythm and noise between days, never more than `most`."""
    if edge:
        return np.full((len(days), lives), most) * rng.choice([-1, 1], lives)
    rhythm = most * rng.uniform(0, 0.7, lives) * np.sin(2 * np.pi * (days + rng.integers(7, size=lives)) / 7)
    season = most * rng.uniform(0, 0.3, lives) * np.sin(2 * np.pi * days / 365)
    return np.clip(rhythm + season + rng.normal(0, most / 3, (len(days), lives)), -most, most)


def _people(rng: np.random.Generator, days: Array, lives: int, mean: float) -> Array:
    """People a day: few at weekends, and more variable than chance alone makes them."""
    busy = np.where(days % 7 >= 5, 0.2, 1.0) * mean
    return rng.poisson(rng.gamma(4.0, busy / 4.0, (len(days), lives)))


def _missing(rng: np.random.Generator, days: Array, lives: int, n: Array, *, edge: bool) -> tuple:
    rate = np.clip(0.01 + _wobble(rng, days, lives, 0.02, edge=edge), 0, 1)
    return _of(rng.binomial(n, rate), n), _of(rng.binomial(REFERENCE[""], 0.01, lives), REFERENCE[""])


def _accuracy(rng: np.random.Generator, days: Array, lives: int, n: Array, *, edge: bool) -> tuple:
    rate = 0.8 + _wobble(rng, days, lives, 0.03, edge=edge)
    return _of(rng.binomial(n, rate), n), _of(rng.binomial(2_000, 0.8, lives), 2_000)


def _feature(rng: np.random.Generator, days: Array, lives: int, n: Array, shift: Array, *, edge: bool) -> tuple:
    """Ten bins; people wander from the lower half to the upper, and after a shift so many more do."""
    moved = _wobble(rng, days, lives, 0.1, edge=edge) + shift
    tilt = np.where(np.arange(BINS) < BINS / 2, -1.0, 1.0) / (BINS / 2)
    shares = np.clip(1 / BINS + moved[..., None] * tilt, 1e-9, None)
    now = rng.multinomial(n, shares / shares.sum(axis=-1, keepdims=True)).astype(float)
    before = rng.multinomial(REFERENCE[""], np.full(BINS, 1 / BINS), lives).astype(float)
    return (
        {f"now {i:02d}": now[..., i] for i in range(BINS)},
        {f"before {i:02d}": before[..., i] for i in range(BINS)},
    )


def _of(hits: Array, total: Array | int, other: Array | None = None, other_total: Array | int = 0) -> dict[str, Array]:
    hits = np.asarray(hits, dtype=float)
    found = {"selected": hits, "total": np.broadcast_to(np.asarray(total, dtype=float), hits.shape)}
    if other is not None:
        found["reference_selected"] = np.asarray(other, dtype=float)
        found["reference_total"] = np.broadcast_to(np.asarray(other_total, dtype=float), hits.shape)
    return found


def nearness(lives: Lives, plan: AlarmPlan) -> Iterator[tuple[str, Array]]:
    """How near each series of each life is to an alarm after each window (shape: n_windows × n_lives); 1 is one."""
    shares = plan.shares(lives, {})
    for series, (counts, reference) in lives.items():
        asked = questions(
            series, counts, reference, share=shares[series], effect=plan.effect(series), least=plan.lowest(series)
        )
        needed = np.array([-np.log(one.error) for one in asked])
        yield series, (evidence_of(asked) / needed).max(axis=-1)


def first_alarms(seed: int, lives: int, plan: AlarmPlan, shift: Shift | None = None, *, edge: bool = False) -> dict:
    """Series → first window with an alarm in each life (shape: n_lives); -1 where there is none. Drawn in lots."""
    found: dict[str, list[Array]] = {}
    for lot in range(0, lives, TOGETHER):
        drawn = draw(seed + lot, min(TOGETHER, lives - lot), shift, edge=edge)
        for series, near in nearness(drawn, plan):
            over = near >= 1
            found.setdefault(series, []).append(np.where(over.any(axis=0), over.argmax(axis=0), -1))
    return {series: np.concatenate(parts) for series, parts in found.items()}
