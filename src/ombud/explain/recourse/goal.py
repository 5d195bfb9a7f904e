"""The outcome that is wanted, as a bound on the margin, and how far the library's own arithmetic may lie from ours."""

from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.system.forest import Forest
from ombud.system.models import Model

Floats = NDArray[np.float64]
_SINGLE, _DOUBLE = 2.0**-24, 2.0**-53
_ROUNDINGS: Final = 8
"""Roundings between a margin and its score, with room to spare."""


@frozen(kw_only=True)
class Goal:
    """A favourable outcome.

    Attributes:
        sign: 1 where a high score is good, −1 where a low one is.
        threshold: the score that has to be reached (or not exceeded).
        limit: sign · margin from which the outcome is favourable, but for rounding.
        slack: how far a margin of ours may lie from the library's, at most.
    """

    sign: float
    threshold: float
    limit: float
    slack: float

    @classmethod
    def of(cls, threshold: float, favours: str, slope: float, size: float, terms: int, single: bool) -> "Goal":
        """The goal of a model whose margin is a sum of `terms` numbers, together no larger than `size`."""
        sign, unit = (1.0 if favours == "high" else -1.0), _SINGLE if single else _DOUBLE
        with np.errstate(divide="ignore"):
            margin = (np.log(threshold) - np.log1p(-threshold)) / slope if 0 <= threshold <= 1 else np.nan
        spread = max(threshold * (1 - threshold), unit)
        slack = unit * ((terms + 2) * size + _ROUNDINGS * (1 + abs(margin) + 1 / spread) / slope)
        return cls(sign=sign, threshold=threshold, limit=sign * float(margin), slack=float(slack))

    def is_met(self, model: Model, rows: Floats) -> tuple[NDArray[np.bool_], Floats]:
        """Whether the model itself decides favourably on rows, and its scores."""
        scores = model.predict(rows)
        return (scores >= self.threshold if self.sign > 0 else scores <= self.threshold), scores

    def may(self, margin: Floats) -> NDArray[np.bool_]:
        """Whether margins of ours may be favourable."""
        reached: NDArray[np.bool_] = self.sign * margin >= self.limit - self.slack
        return reached

    def surely(self, margin: float) -> bool:
        """Whether a margin of ours is favourable whatever was rounded."""
        return self.sign * margin >= self.limit + self.slack


def of_forest(forest: Forest, threshold: float, favours: str) -> Goal:
    """The goal for trees."""
    largest = np.maximum.reduceat(np.abs(forest.value), forest.roots).sum() if len(forest.roots) else 0.0
    size = float(largest) + abs(forest.base)
    return Goal.of(threshold, favours, forest.slope, size, len(forest.roots), forest.single)
