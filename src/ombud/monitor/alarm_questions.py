"""What is asked of each kind of series: one-sided questions, each with the bound up to which nothing has changed.

The reference is a sample too. Half of what a question may err is spent on bounds of the reference's own rate; the
smallest change worth an alarm is added outside of them; the other half is spent on the windows.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen

from ombud.monitor.alarm_plan import DRIFT, kind_of
from ombud.statistics.distributions import Array
from ombud.statistics.sequential import Bets, chernoff, log_mixture, on_a_rise
from ombud.statistics.sequential_ratio import on_a_lower_ratio

ABOVE, BELOW = "above", "below"
BEFORE, NOW = "before ", "now "

Pair = tuple[Array, Array]
Counts = Mapping[str, Array]
"""Counts by name (shape: n_windows × …, or … for a reference)."""

_HALVINGS: Final = 40


@frozen(eq=False, kw_only=True)
class Question:
    """Is the true figure above (or below) its bound since some window?

    Attributes:
        way: ABOVE or BELOW.
        bound: the last figure that is no change (shape: …).
        was: the reference's figure (shape: …); not a number where the bound is a limit.
        error: the chance that the windows mislead.
        counts: hits and total (shape: n_windows × … each).
        other: of the group that a ratio is taken to; None for a rate.
        level: about where the other group's rate lies.
        about: which bins, for drift.
        limit: whether the bound is a limit of law or policy.
    """

    way: str
    bound: Array
    was: Array
    error: float
    counts: Pair
    other: Pair | None = None
    level: Array | None = None
    together: float = 1.0
    about: str = ""
    limit: bool = False

    def bets(self, bound: Array | None = None, windows: slice = slice(None)) -> tuple[Bets, ...]:
        """The bets on some windows, against this bound or another."""
        edge = self.bound if bound is None else bound
        ours = _cut(self.counts, windows)
        if self.other is None:
            return (_rate_bets(self.way, edge, ours, self.together),)
        assert self.level is not None
        theirs = _cut(self.other, windows)
        if self.way == BELOW:
            return on_a_lower_ratio(edge, ours, theirs, self.level, self.together)
        inverse = np.divide(1.0, edge, out=np.zeros_like(edge), where=np.isfinite(edge) & (edge > 0))
        return on_a_lower_ratio(
            inverse, theirs, ours, np.clip(np.maximum(self.level, 0.02) * edge, 0.02, 0.98), self.together
        )

    def gains(self, bound: Array | None = None, windows: slice = slice(None)) -> Array:
        """What each window adds to the logarithm of each bet (shape: n_windows × … × n_bets)."""
        return np.asarray(sum(bets.gains for bets in self.bets(bound, windows)))

    def figure(self, windows: slice) -> float | None:
        """The rate or ratio of one series over some windows together; None where it has none."""
        hits, total = (float(one.sum()) for one in _cut(self.counts, windows))
        if self.other is None:
            return hits / total if total else None
        other_hits, other_total = (float(one.sum()) for one in _cut(self.other, windows))
        return hits / total / (other_hits / other_total) if total and other_hits else None

    def furthest(self, windows: slice, error: float) -> float | None:
        """The last figure of one series that windows still rule out with `error`: an end of its interval.

        The lower end where the way is ABOVE, the upper where it is BELOW; None where there is no figure, or no end.
        """
        figure = self.figure(windows)
        if figure is None:
            return None
        near, far = figure, 0.0 if self.way == ABOVE else 1.0 if self.other is None else 2 * figure + 1

        def ruled_out(bound: float) -> bool:
            return log_mixture(self.gains(np.asarray(bound), windows)) >= -math.log(error)

        if self.other is not None and self.way == BELOW and not ruled_out(far):
            return None
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            near, far = (near, middle) if ruled_out(middle) else (middle, far)
        return far


def questions(
    series: str, counts: Counts, reference: Counts | None, *, share: float, effect: float, least: float | None,
    together: float = 1.0, learned: int = 0,
) -> tuple[Question, ...]:  # fmt: skip
    """The questions of a series; empty where its counts are of no kind that is known.

    Args:
        series: its name.
        counts: of each window, named as the points of monitoring name them: "selected" and "total" of a rate, with
            "reference_selected" and "reference_total" of a ratio; "mean" and "n" of a mean of numbers in [0, 1]; "auc",
            "positives" and "negatives"; "now 00", "now 01", … of a distribution over bins.
        reference: the same of the reference ("before 00", … in a distribution); None: only the limit can be asked for.
        share: what all of them together may err.
        effect: smallest change that is one.
        least: lowest figure that is allowed.
        learned: windows at the beginning that the reference was learned from; they are not asked whether they changed.
    """
    unseen = {name: _silent(count, learned) for name, count in counts.items()} if learned else counts
    if kind_of(series) in DRIFT:
        return tuple(_drift(unseen, reference, share, effect, together)) if reference else ()
    ours, after = rows_of(counts), rows_of(unseen)
    if ours is None or after is None:
        return ()
    sides = (2 if reference is not None else 0) + (least is not None)
    error = share / max(1, sides)
    found: list[Question] = []
    other = _other(counts)
    if reference is not None and other is None:
        found += _changed_rate(after, _known(rows_of(reference)), error, effect, together)
    elif reference is not None:
        found += _changed_ratio(after, _known(_other(unseen)), reference, error, effect, together)
    if least is not None:
        found.append(_limited(ours, other, reference, error, least, together))
    return tuple(found)


def rows_of(counts: Counts) -> Pair | None:
    """Hits and total of a series whose figure is a mean of numbers in [0, 1]; None if it is none.

    An AUC counts as a mean over as many independent pairs as the smaller class has people (Hoeffding 1963, section 5).
    """
    if "selected" in counts and "total" in counts:
        return counts["selected"], counts["total"]
    if "auc" in counts:
        pairs = np.minimum(counts["positives"], counts["negatives"])
        return counts["auc"] * pairs, pairs
    return (counts["mean"] * counts["n"], counts["n"]) if "mean" in counts else None


def _changed_rate(
    ours: Pair, before: Pair, error: float, effect: float, together: float, bounds: Pair | None = None
) -> Iterator[Question]:
    low, high = chernoff(*before, error / 2, together) if bounds is None else bounds
    was = _share(before)
    made: dict[str, Any] = {"was": was, "error": error / 2, "counts": ours, "together": together}
    yield Question(way=BELOW, bound=low - effect, **made)
    yield Question(way=ABOVE, bound=high + effect, **made)


def _changed_ratio(
    ours: Pair, other: Pair, reference: Counts, error: float, effect: float, together: float
) -> Iterator[Question]:
    """Two bounds of the reference's rates, each with a quarter of the error, bound its ratio."""
    before, other_before = _ratio_rows(reference)
    (low, high), (other_low, other_high) = (
        chernoff(*rows, error / 4, together) for rows in (before, other_before)
    )  # fmt: skip
    level = _share(other_before)
    was = np.divide(_share(before), level, out=np.full_like(level, np.nan), where=level > 0)
    highest = np.divide(high, other_low, out=np.full_like(level, np.inf), where=other_low > 0)
    made: dict[str, Any] = {
        "was": was, "error": error / 2, "counts": ours, "other": other, "level": level, "together": together,
    }  # fmt: skip
    yield Question(way=BELOW, bound=low / other_high - effect, **made)
    yield Question(way=ABOVE, bound=highest + effect, **made)


def _limited(
    ours: Pair, other: Pair | None, reference: Counts | None, error: float, least: float, together: float
) -> Question:
    level = _share(_ratio_rows(reference)[1]) if other is not None and reference is not None else None
    shape = ours[0].shape[1:]
    return Question(
        way=BELOW, bound=np.full(shape, least), was=np.full(shape, np.nan), error=error, counts=ours, other=other,
        level=np.full(shape, 0.5) if level is None else level, together=together, limit=True,
    )  # fmt: skip


def _drift(counts: Counts, reference: Counts, share: float, effect: float, together: float) -> Iterator[Question]:
    """Of every bin, and of every run of bins from the lowest: has it won, has it lost?"""
    names = sorted(name for name in reference if name.startswith(BEFORE))
    now = [counts[name.replace(BEFORE, NOW)] for name in names]
    total = np.asarray(sum(count for name, count in counts.items() if name.startswith(NOW)))
    was = [reference[name] for name in names]
    everybody = np.asarray(sum(was))
    now.append(total - sum(now))  # values that the reference did not have
    was.append(np.zeros_like(everybody))
    sets = _sets(len(names))
    error = share / (2 * len(sets))
    of = np.stack([np.asarray(sum(was[i] for i in bins)) for bins in sets])
    lows, highs = chernoff(of, everybody, error / 2, together)  # of all sets at once: one by one takes far longer
    for at, (bins, about) in enumerate(sets.items()):
        ours = (np.asarray(sum(now[i] for i in bins)), total)
        for one in _changed_rate(ours, (of[at], everybody), error, effect, together, (lows[at], highs[at])):
            yield evolve(one, about=about)


def _sets(bins: int) -> dict[tuple[int, ...], str]:
    """Each bin alone, then the runs from the lowest that are neither one bin nor all but one; then what is new."""
    alone = {(i,): f"bin {i + 1}" for i in range(bins)}
    runs = {tuple(range(end)): f"bins 1 to {end}" for end in range(2, bins - 1)}
    return alone | runs | {(bins,): "new values"}


def _rate_bets(way: str, edge: Array, counts: Pair, together: float) -> Bets:
    if way == ABOVE:
        return on_a_rise(edge, *counts, together)
    return on_a_rise(1 - edge, counts[1] - counts[0], counts[1], together)


def _ratio_rows(reference: Counts) -> tuple[Pair, Pair]:
    return _known(rows_of(reference)), _known(_other(reference))


def _share(rows: Pair) -> Array:
    hits, total = (np.asarray(one, dtype=np.float64) for one in rows)
    share: Array = np.divide(hits, total, out=np.full(np.shape(hits), 0.5), where=total > 0)
    return share


def _cut(counts: Pair, windows: slice) -> Pair:
    return counts[0][windows], counts[1][windows]


def _other(counts: Counts) -> Pair | None:
    return (counts["reference_selected"], counts["reference_total"]) if "reference_selected" in counts else None


def _silent(count: Array, windows: int) -> Array:
    """The counts with nobody in the first windows."""
    heard = count.copy()
    heard[:windows] = 0
    return heard


def _known(rows: Pair | None) -> Pair:
    assert rows is not None  # a reference has the counts that its series has
    return rows
