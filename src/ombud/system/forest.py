"""The trees of an opened model as arrays: what each node asks, and what each leaf adds to the margin."""

from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIGHTGBM_ZERO: Final = float(np.float32(1e-35))
"""LightGBM takes every number that is no larger than this, either way, for 0."""


@frozen(eq=False)
class Forest:
    """All nodes of all trees, in arrays of one length.

    Attributes:
        roots: the first node of each tree.
        left, right: the children of a node, -1 for a leaf.
        feature: which feature a node asks about (0 for a leaf).
        bound: a number below it goes left, the number itself goes right.
        missing_left: whether a missing value goes left.
        value: what a leaf adds to the margin (0 for an inner node).
        base: the margin without any tree.
        slope: score = 1 / (1 + exp(−slope · margin)).
        single: the library rounds inputs to 32 bits before it compares them.
    """

    roots: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    bound: Floats
    missing_left: NDArray[np.bool_]
    value: Floats
    base: float
    slope: float
    single: bool

    def seen(self, values: Any) -> Floats:
        """Numbers as the library compares them: rounded to 32 bits (XGBoost), or 0 for what is next to it."""
        numbers: Floats = np.asarray(values, np.float64)
        if self.single:
            with np.errstate(over="ignore"):
                return numbers.astype(np.float32).astype(np.float64)
        return np.where(np.abs(numbers) <= LIGHTGBM_ZERO, 0.0, numbers)

    def last_below(self, bounds: Floats) -> Floats:
        """The largest number that still goes left of each bound."""
        if self.single:
            return np.nextafter(bounds.astype(np.float32), np.float32(-np.inf)).astype(np.float64)
        return np.nextafter(bounds, -np.inf)

    def margin(self, rows: Floats) -> Floats:
        """The sum of the leaves that each row falls into, in 64 bits (shape: n)."""
        seen = self.seen(rows)
        total = np.full(len(rows), self.base)
        at = np.tile(self.roots, (len(rows), 1))
        who = np.arange(len(rows))[:, None]
        while (inner := self.left[at] >= 0).any():
            x = seen[who, self.feature[at]]
            goes_left = np.where(np.isnan(x), self.missing_left[at], x < self.bound[at])
            at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at)
        total += self.value[at].sum(axis=1)
        return total


@runtime_checkable
class HasForest(Protocol):
    """A model made of trees."""

    @property
    def forest(self) -> Forest: ...


@runtime_checkable
class Linear(Protocol):
    """A model whose margin is intercept + Σ weights · x; a missing value adds nothing. The score is its logistic."""

    @property
    def weights(self) -> Floats: ...

    @property
    def intercept(self) -> float: ...
