"""Nearest neighbours: the model is its rows, so a row that is deleted is unlearned."""

from collections.abc import Iterable
from typing import Any, Final, Literal, Self

import numpy as np
from attrs import evolve, field, frozen
from attrs.validators import ge, in_
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.rights.unlearn.model import Arrays, Header, asked
from ombud.rights.unlearn.rows import Array, Rows

Task = Literal["class", "number"]
_AT_ONCE: Final = 4_000_000
"""Distances in memory at a time."""


@frozen(eq=False)
class NearestNeighbours:
    """Predicts from the `k` rows nearest by Euclidean distance, all of one weight; of equal distances the earlier row.

    Attributes:
        rows: the training rows.
        k: how many of them are asked.
        task: "class": the most frequent class among them (the first in order if several are), "number": their mean.
    """

    kind = "nearest-neighbours"
    method = "rows deleted"

    rows: Rows
    k: int = field(default=5, validator=ge(1))
    task: Task = field(default="class", validator=in_(("class", "number")))

    @classmethod
    def fit(cls, x: ArrayLike, y: ArrayLike, subjects: Iterable[Any], *, k: int = 5, task: Task = "class") -> Self:
        """Train on rows about subjects."""
        return cls(Rows(x, y, subjects), k, task)

    @property
    def classes(self) -> Array:
        """The classes that have rows, sorted."""
        return np.unique(self.rows.y)

    def forget(self, subjects: Iterable[str]) -> Self:
        """Without these people's rows."""
        return evolve(self, rows=self.rows.where(~self.rows.about(subjects)))

    def touched(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """The rows are one part."""
        return ("rows",) if self.rows.about(subjects).any() else ()

    def predict(self, x: ArrayLike) -> Array:
        """A class or a number for each row."""
        if self.task == "class":
            return np.asarray(self.classes[np.argmax(self.predict_proba(x), axis=1)])
        return np.asarray(self.rows.y[self._nearest(x)].mean(axis=1))

    def predict_proba(self, x: ArrayLike) -> Array:
        """Share of each class among the neighbours, n × classes."""
        if self.task != "class":
            raise Misused("this model predicts numbers, which have no probabilities", "Use predict.")
        nearest = np.searchsorted(self.classes, self.rows.y)[self._nearest(x)]
        return np.stack([(nearest == number).mean(axis=1) for number in range(len(self.classes))], axis=1)

    def state(self) -> tuple[Header, Arrays]:
        """Everything it is."""
        rows = self.rows
        return {"k": self.k, "task": self.task}, {"x": rows.x, "y": rows.y, "subjects": rows.subjects}

    @classmethod
    def from_state(cls, header: Header, arrays: Arrays) -> Self:
        """Made again from its state."""
        return cls(Rows(arrays["x"], arrays["y"], arrays["subjects"]), int(header["k"]), header["task"])

    def _nearest(self, x: ArrayLike) -> Array:
        """Positions of the k nearest rows, n × k."""
        if len(self.rows) < self.k:
            raise Misused(f"{len(self.rows)} rows are left, and {self.k} neighbours are asked", "Take a smaller k.")
        queries = asked(x, self.rows.x.shape[1])
        step = max(1, _AT_ONCE // len(self.rows))
        parts = [self._nearest_to(queries[start : start + step]) for start in range(0, len(queries), step)]
        return np.concatenate(parts) if parts else np.zeros((0, self.k), dtype=np.intp)

    def _nearest_to(self, queries: Array) -> Array:
        from scipy.spatial.distance import cdist  # each distance by itself: other rows do not change its last bit

        distances = cdist(queries, self.rows.x, "sqeuclidean")
        return np.asarray(np.argsort(distances, axis=1, kind="stable")[:, : self.k])
