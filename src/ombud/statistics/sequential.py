"""Evidence that may be looked at after every window, for ever: its chance of ever misleading is stated once.

A bet starts with 1 and is multiplied, window by window, by how much better the counts fit a change than they fit "no
change". As long as nothing has changed, its expected value stays at most 1, so the chance that it *ever* reaches
1/error is at most `error` (Ville 1939), however often anybody looks and whenever they stop. So that a change after
years is found as well, a bet is started anew at every window with a share of the stake that shrinks slowly; the shares
of all windows together are 1, and with them the promise holds for the whole life.

Sources: Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence
sequences"; Shin, Ramdas and Rinaldo (2024), "E-detectors: a nonparametric framework for sequential change detection";
Waudby-Smith and Ramdas (2024), "Estimating means of bounded random variables by betting".
"""

import math
from typing import Final

import numpy as np
from attrs import frozen

from ombud.statistics.distributions import Array

GAPS: Final = 0.02 * 1.6 ** np.arange(10)
"""How far from the bound the changes lie that bets are laid on, in units of 2·arcsin √rate, where a rate's own noise
is the same everywhere: 0.02 is one point at a rate of one half. Between two of them a bet loses at most 6 % of its
growth."""

_MOST: Final = 1e150
_NEVER_SURE: Final = 1e-3
_TINY: Final = 1e-12
_HALVINGS: Final = 60


@frozen(eq=False)
class Bets:
    """Bets on rows of one kind, which either count or do not.

    Attributes:
        hits, total: rows that count, and all rows (shape: n_windows × …). Numbers in [0, 1] may be added up to `hits`
            in place of zeros and ones: a bet on their mean is as safe, and slower.
        won, lost: logarithm of the factor for a row that counts, and for one that does not; shape: … × n_bets, with
            or without the windows before.
    """

    hits: Array
    total: Array
    won: Array
    lost: Array

    @property
    def gains(self) -> Array:
        """What each window adds to the logarithm of each bet (shape: n_windows × … × n_bets)."""
        gains: Array = self.hits[..., None] * self.won + (self.total - self.hits)[..., None] * self.lost
        return gains

    @property
    def spread(self) -> Array:
        """Variance of `gains` if the window's rate is the true one."""
        chance = self.hits * (self.total - self.hits) / np.maximum(self.total, 1)
        spread: Array = chance[..., None] * (self.won - self.lost) ** 2
        return spread


def on_a_rise(bound: Array, hits: Array, total: Array, together: float = 1.0) -> Bets:
    """Bets that pay if the rate is above `bound`; fair or worse as long as each window's true rate is at most that.

    The rate may wander below the bound as it likes (weekdays, seasons), and rows may come late and in any order: the
    bets are laid in advance, and each row multiplies them by itself.

    Args:
        bound: highest rate that is no change (shape: …); at 1 or more nothing is bet.
        hits, total: counts (shape: n_windows × …).
        together: the most rows of a window that may stand or fall together (of one person, one household): as if
            there were so many times fewer. Safe for any dependence within them, since the logarithm of a
            moment-generating function is convex.
    """
    edge = np.clip(np.asarray(bound, dtype=np.float64), _TINY, 1 - _TINY)[..., None]
    betted = _rate(np.minimum(_angle(edge) + GAPS, np.pi - _NEVER_SURE))
    idle = (betted <= edge) | (np.asarray(bound)[..., None] >= 1)
    won = np.where(idle, 0.0, np.log(betted / edge))
    lost = np.where(idle, 0.0, np.log1p(-betted) - np.log1p(-edge))
    return Bets(hits, total, won / together, lost / together)


def shares_of_windows(windows: int) -> Array:
    """The share of the stake that each window's new bet gets: 1/(1 + log2 j) - 1/(1 + log2(j + 1)) for window j.

    All of them, for ever, add up to 1. The two-thousandth window still has 1/400,000.
    """
    number = np.arange(1, windows + 2, dtype=np.float64)
    return -np.diff(1 / (1 + np.log2(number)))


def log_evidence(gains: Array) -> Array:
    """Logarithm of the evidence at each window, that there has been a change at it or before.

    Args:
        gains: what each window adds to the logarithm of each bet (shape: n_windows × … × n_bets).

    Returns:
        Shape: n_windows × …. Where it ever reaches log(1/error) by chance, that has at most the chance `error`.
        Above a factor of 1e150 it is only known to be that large.
    """
    factors = np.exp(np.minimum(gains, math.log(_MOST)))
    held = np.zeros(gains.shape[1:])
    evidence = np.empty(gains.shape[:-1])
    left = 1.0
    for at, share in enumerate(shares_of_windows(len(gains))):
        held += share
        held *= factors[at]
        np.minimum(held, _MOST, out=held)
        left -= share
        evidence[at] = held.mean(axis=-1) + max(left, 0.0)
    return np.log(evidence)


def began(gains: Array) -> int:
    """The window, counted from 0, since which the change has most likely lasted, seen from the last window.

    Args:
        gains: of one series (shape: n_windows × n_bets).
    """
    since = np.cumsum(gains[::-1], axis=0)[::-1].max(axis=1)
    return int(np.argmax(since + np.log(shares_of_windows(len(gains)))))


def log_mixture(gains: Array) -> float:
    """Logarithm of the mean of bets that all began at the first of these windows (shape: n_windows × n_bets)."""
    total = gains.sum(axis=0)
    highest = float(total.max())
    return highest + math.log(float(np.exp(total - highest).mean()))


def chernoff(hits: Array, total: Array, error: Array | float, together: float = 1.0) -> tuple[Array, Array]:
    """Bounds of a rate from one sample of fixed size: each is wrong with at most the chance `error`.

    Args:
        hits, total: counts, or sums of numbers in [0, 1] (shape: …).
        error: chance of each bound (shape: broadcastable).
        together: as in `on_a_rise`.

    Returns:
        Lowest and highest rate; 0 and 1 where nobody was counted.

    Source: Chernoff (1952), "A measure of asymptotic efficiency for tests of a hypothesis based on the sum of
    observations"; for numbers in [0, 1], Hoeffding (1963).
    """
    x, n = np.broadcast_arrays(np.asarray(hits, dtype=np.float64), np.asarray(total, dtype=np.float64))
    most = -np.log(error) * together
    seen = np.divide(x, n, out=np.full(x.shape, 0.5), where=n > 0)
    if seen.ndim == 0 and np.ndim(most) == 0:
        ends = (_furthest_alone(float(seen), float(n), float(most), end) for end in (0.0, 1.0))
        low, high = map(np.asarray, ends)
    else:
        low, high = _furthest(seen, n, most, np.stack([np.zeros_like(seen), np.ones_like(seen)]))
    return low, high


def _furthest(seen: Array, n: Array, most: Array | float, end: Array) -> Array:
    """The rate furthest towards `end` at which n rows with the rate seen are not too unlikely."""
    near, far = np.broadcast_to(seen, end.shape).copy(), end.copy()
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        unlikely = n * _divergence(seen, middle) > most
        near, far = np.where(unlikely, near, middle), np.where(unlikely, middle, far)
    return far


def _furthest_alone(seen: float, n: float, most: float, end: float) -> float:
    """The same for one rate: plain numbers are far quicker than arrays of one."""
    near, far = seen, end
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        true = min(max(middle, _TINY), 1 - _TINY)
        first = seen * math.log(max(seen, _TINY) / true) if seen > 0 else 0.0
        second = (1 - seen) * math.log(max(1 - seen, _TINY) / (1 - true)) if seen < 1 else 0.0
        near, far = (near, middle) if n * (first + second) > most else (middle, far)
    return far


def _divergence(seen: Array, true: Array) -> Array:
    """Kullback and Leibler's divergence of two rates."""
    true = np.clip(true, _TINY, 1 - _TINY)
    first = np.where(seen > 0, seen * np.log(np.maximum(seen, _TINY) / true), 0.0)
    second = np.where(seen < 1, (1 - seen) * np.log(np.maximum(1 - seen, _TINY) / (1 - true)), 0.0)
    divergence: Array = first + second
    return divergence


def _angle(rate: Array) -> Array:
    angle: Array = 2 * np.arcsin(np.sqrt(rate))
    return angle


def _rate(angle: Array) -> Array:
    rate: Array = np.sin(angle / 2) ** 2
    return rate
