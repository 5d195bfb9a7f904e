"""Bets on the ratio of two rates that both move: evidence that one group's rate fell below a multiple of another's.

A window with a people of one group and b of the other is one block. Its factor is how likely the counts are under the
change betted on, divided by how likely they are under the nearest pair of rates that is no change. Its expected value
is at most 1 for *every* pair of rates that is no change, so both rates may rise and fall together as they like.

Source: Turner, Ly and Grünwald (2024), "Generic e-variables for exact sequential k-sample tests that allow for optional
stopping"; Turner and Grünwald (2023), "Exact anytime-valid confidence intervals for contingency tables and beyond". The
nearest pair is the restricted likelihood estimate of Miettinen and Nurminen (1985).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ombud.statistics.distributions import Array
from ombud.statistics.sequential import GAPS, Bets

AROUND: Final = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
"""Levels of the other group's rate that are betted on, about the one supposed, in units of 2·arcsin √rate. A level that
is off costs a little growth; it never makes the evidence unsafe."""

_EDGE: Final = 0.02
_TINY: Final = 1e-12

Pair = tuple[Bets, Bets]


def on_a_lower_ratio(
    bound: Array, counts: tuple[Array, Array], other: tuple[Array, Array], level: Array, together: float = 1.0
) -> Pair:
    """Bets that pay if a rate divided by another's is below `bound`; fair or worse while it is at least that.

    For a ratio *above* a bound c, change the groups' places and ask for one below 1/c.

    Args:
        bound: lowest ratio that is no change (shape: …); at 0, where every ratio is at least that, nothing is bet.
        counts, other: hits and total of the group and of the other (shape: n_windows × … each).
        level: about where the other group's rate is supposed to lie (shape: …).
        together: as in `sequential.on_a_rise`.

    Returns:
        Bets on the rows of the group and of the other; their gains are to be added.
    """
    idle = (bound <= 0)[..., None]
    least = np.where(idle, 1.0, bound[..., None])
    ours, theirs = _betted(least, level)
    near_ours, near_theirs = _nearest(least, ours, theirs, counts[1][..., None], other[1][..., None])
    return (
        _bets(counts, ours, near_ours, idle, together),
        _bets(other, np.broadcast_to(theirs, near_theirs.shape), near_theirs, idle, together),
    )


def _betted(least: Array, level: Array) -> tuple[Array, Array]:
    """The pairs of rates that are betted on, all with a ratio below `least` (shape: … × n_bets each)."""
    middle = 2 * np.arcsin(np.sqrt(level))[..., None]
    theirs = _rate(np.repeat(np.clip(middle + AROUND, _EDGE, np.pi - _EDGE), len(GAPS), axis=-1))
    highest = 2 * np.arcsin(np.sqrt(np.minimum(least * theirs, 1.0)))
    step = np.minimum(np.tile(GAPS, len(AROUND)), highest * 0.9)
    return _rate(highest - step), theirs


def _nearest(least: Array, ours: Array, theirs: Array, n: Array, other_n: Array) -> tuple[Array, Array]:
    """The pair with exactly the ratio `least` that blocks of this size can least be told from the pair betted on."""
    x, other_x = n * ours, other_n * theirs
    half = (least * (n + other_x) + x + other_n) / 2
    root = np.sqrt(np.maximum(half * half - (n + other_n) * least * (x + other_x), 0))
    rate = np.divide(x + other_x, half + root, out=np.broadcast_to(theirs, half.shape).copy(), where=half > 0)
    return _inside(least * rate), _inside(rate)


def _bets(counts: tuple[Array, Array], betted: Array, near: Array, idle: NDArray[np.bool_], together: float) -> Bets:
    won = np.where(idle, 0.0, np.log(betted) - np.log(near))
    lost = np.where(idle, 0.0, np.log1p(-betted) - np.log1p(-near))
    return Bets(*counts, won / together, lost / together)


def _rate(angle: Array) -> Array:
    rate: Array = np.sin(angle / 2) ** 2
    return rate


def _inside(rate: Array) -> Array:
    return np.clip(rate, _TINY, 1 - _TINY)
