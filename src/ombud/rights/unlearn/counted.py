"""Naive Bayes for counts (multinomial), for yes and no (Bernoulli), and for categories."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

import numpy as np
from attrs import field, frozen
from attrs.validators import gt
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.rights.unlearn.bayes import NaiveBayes
from ombud.rights.unlearn.exact import total, value
from ombud.rights.unlearn.rows import Array, Rows
from ombud.rights.unlearn.tally import ROWS, Sums, Tally


@frozen(eq=False, kw_only=True)
class _Counted(NaiveBayes):
    """Attributes:
    alpha: added to every count (Laplace's smoothing).
    """

    alpha: float = field(default=1.0, validator=gt(0))

    @classmethod
    def fit(cls, x: ArrayLike, y: ArrayLike, subjects: Iterable[Any], **options: float) -> Self:
        """Train on rows about subjects; options as the class's attributes."""
        rows = Rows(x, y, subjects)
        empty = cls(rows=rows, tally=Tally({}), **options)
        return cls(rows=rows, tally=Tally.of(rows, empty.counting), **options)

    def options(self) -> dict[str, float]:
        """The smoothing."""
        return {"alpha": self.alpha}

    def _table(self, key: str) -> Array:
        """One exact sum of every feature in every class, classes × d."""
        features = range(self.rows.x.shape[1])
        sums = [[value(self.tally.get(name, f"{key} {one}")) for one in features] for name in self.tally.classes]
        return np.array(sums).reshape(len(self.tally.classes), len(features))


@frozen(eq=False, kw_only=True)
class MultinomialBayes(_Counted):
    """How often each feature occurs in each class; features are counts or weights of zero or more."""

    kind: ClassVar[str] = "multinomial-bayes"

    def counting(self, x: Array) -> Sums:
        """Sums of the features."""
        if (x < 0).any():
            raise Misused("a multinomial model counts, and a count is below zero", "Use the Gaussian model.")
        return {f"sum {feature}": total(column) for feature, column in enumerate(x.T)}

    def log_likelihood(self, x: Array) -> Array:
        """Weighted logarithms of the features' shares."""
        smooth = self._table("sum") + self.alpha
        return np.asarray(x @ (np.log(smooth) - np.log(smooth.sum(axis=1, keepdims=True))).T)


@frozen(eq=False, kw_only=True)
class BernoulliBayes(_Counted):
    """Whether each feature is above a threshold.

    Attributes:
        threshold: a feature counts as yes above it.
    """

    kind: ClassVar[str] = "bernoulli-bayes"

    threshold: float = 0.0

    def counting(self, x: Array) -> Sums:
        """How many rows are above the threshold."""
        return {f"yes {one}": int(n) for one, n in enumerate((x > self.threshold).sum(axis=0))}

    def options(self) -> dict[str, float]:
        """Smoothing and threshold."""
        return {"alpha": self.alpha, "threshold": self.threshold}

    def log_likelihood(self, x: Array) -> Array:
        """Logarithms of the shares of yes and no."""
        yes = np.array([[self.tally.get(c, f"yes {one}") for one in range(x.shape[1])] for c in self.tally.classes])
        total_rows = np.log(self.tally.counts[:, None] + 2 * self.alpha)
        is_yes = np.log(yes + self.alpha) - total_rows
        is_no = np.log(self.tally.counts[:, None] - yes + self.alpha) - total_rows
        above = (x > self.threshold).astype(np.float64)
        return np.asarray(above @ is_yes.T + (1 - above) @ is_no.T)


@frozen(eq=False, kw_only=True)
class CategoricalBayes(_Counted):
    """How often each category of each feature occurs; categories are whole numbers from 0.

    A feature has as many categories as its highest one that any row still has; one that no row has cannot be
    predicted from.
    """

    kind: ClassVar[str] = "categorical-bayes"

    def counting(self, x: Array) -> Sums:
        """How many rows have each category."""
        if (x < 0).any() or (x != np.floor(x)).any():
            raise Misused("categories are whole numbers from 0", "Number the categories, or use another model.")
        return {
            f"{feature}={int(category)}": int(n)
            for feature, column in enumerate(x.T)
            for category, n in zip(*np.unique(column, return_counts=True), strict=True)
        }

    def log_likelihood(self, x: Array) -> Array:
        """Logarithms of the categories' shares, added over the features."""
        parts = [self._shares(feature, column) for feature, column in enumerate(x.T)]
        return np.asarray(sum(parts, np.zeros((len(x), len(self.tally.classes)))))

    def _shares(self, feature: int, column: Array) -> Array:
        highest = int(self.rows.x[:, feature].max())
        if (column < 0).any() or (column > highest).any() or (column != np.floor(column)).any():
            raise Misused(f"column {feature} holds a category that the model has no row of")
        found, where = np.unique(column, return_inverse=True)
        counts = [[self.tally.get(name, f"{feature}={int(one)}") for name in self.tally.classes] for one in found]
        rows = np.array([self.tally.get(name, ROWS) for name in self.tally.classes])
        shares = np.array(counts, dtype=np.float64).reshape(len(found), len(rows)) + self.alpha
        return np.asarray((np.log(shares) - np.log(rows + self.alpha * (highest + 1)))[where])
