"""Naive Bayes for numbers: each feature is normally distributed in each class."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.rights.unlearn.bayes import NaiveBayes
from ombud.rights.unlearn.exact import SCALE, rounded, total, total_of_products
from ombud.rights.unlearn.rows import Array, Rows
from ombud.rights.unlearn.tally import Class, Sums, Tally


@frozen(eq=False, kw_only=True)
class GaussianBayes(NaiveBayes):
    """Means and variances by class, each the nearest float64 to its exact value.

    Attributes:
        smoothing: share of the largest variance of any feature that is added to every variance (scikit-learn's
            `var_smoothing`).
    """

    kind: ClassVar[str] = "gaussian-bayes"

    smoothing: float = field(default=1e-9, validator=ge(0))

    @classmethod
    def fit(cls, x: ArrayLike, y: ArrayLike, subjects: Iterable[Any], *, smoothing: float = 1e-9) -> Self:
        """Train on rows about subjects."""
        rows = Rows(x, y, subjects)
        return cls(rows=rows, tally=Tally.of(rows, _counting), smoothing=smoothing)

    @property
    def means(self) -> Array:
        """Mean of each feature in each class, classes × d."""
        return self._each(self._mean)

    @property
    def variances(self) -> Array:
        """Variance of each feature in each class, smoothed, classes × d."""
        return self._each(self._variance) + self.smoothing * max(map(self._variance_of_all, self._features), default=0)

    @property
    def _features(self) -> range:
        return range(self.rows.x.shape[1])

    def _each(self, parameter: Any) -> Array:
        return np.array([[parameter(name, feature) for feature in self._features] for name in self.tally.classes])

    def _mean(self, name: Class, feature: int) -> float:
        return rounded(self.tally.get(name, f"sum {feature}"), self.tally.get(name, "rows") << SCALE)

    def _variance(self, name: Class, feature: int) -> float:
        return _variance(*(self.tally.get(name, key) for key in ("rows", f"sum {feature}", f"square {feature}")))

    def _variance_of_all(self, feature: int) -> float:
        keys = ("rows", f"sum {feature}", f"square {feature}")
        return _variance(*(sum(self.tally.get(name, key) for name in self.tally.classes) for key in keys))

    def counting(self, x: Array) -> Sums:
        """Sums and sums of squares."""
        return _counting(x)

    def log_likelihood(self, x: Array) -> Array:
        """Logarithm of the normal densities."""
        variances, means = self.variances, self.means
        if (variances <= 0).any():
            raise Misused(
                "a feature does not vary at all, so that nothing can be said from it", "Leave the column out."
            )
        spread = np.log(2 * np.pi * variances).sum(axis=1)
        distances = [((x - mean) ** 2 / variance).sum(axis=1) for mean, variance in zip(means, variances, strict=True)]
        return np.asarray(-0.5 * (spread + np.stack(distances, axis=1)))

    def options(self) -> dict[str, float]:
        """The smoothing."""
        return {"smoothing": self.smoothing}


def _counting(x: Array) -> Sums:
    sums = {f"sum {feature}": total(column) for feature, column in enumerate(x.T)}
    return sums | {f"square {feature}": total_of_products(column, column) for feature, column in enumerate(x.T)}


def _variance(n: int, first: int, second: int) -> float:
    """Mean square minus square of the mean, rounded once."""
    return rounded(((n * second) << SCALE) - first * first, (n * n) << (2 * SCALE))
