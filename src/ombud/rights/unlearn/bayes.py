"""What the naive Bayes models share: sums by class, and a class for each row by its joint probability."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Self

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike

from ombud.rights.unlearn.model import Arrays, Header, asked, somebody
from ombud.rights.unlearn.rows import Array, Rows
from ombud.rights.unlearn.tally import Sums, Tally


@frozen(eq=False, kw_only=True)
class NaiveBayes(ABC):
    """A model whose parameters follow from sums over the rows of each class.

    Attributes:
        rows: the training rows.
        tally: their sums, kept exactly.
    """

    kind: ClassVar[str]
    method: ClassVar[str] = "sums of each class, without rounding"

    rows: Rows
    tally: Tally = field(repr=False)

    @property
    def classes(self) -> Array:
        """The classes that have rows, sorted."""
        return np.unique(self.rows.y)

    def forget(self, subjects: Iterable[str]) -> Self:
        """Take these people's rows out of the sums."""
        gone = self.rows.about(subjects)
        share = Tally.of(self.rows.where(gone), self.counting)
        return evolve(self, rows=self.rows.where(~gone), tally=self.tally - share)

    def touched(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """The classes that they have rows in."""
        return tuple(f"class {name}" for name in np.unique(self.rows.y[self.rows.about(subjects)]).tolist())

    def predict(self, x: ArrayLike) -> Array:
        """The most probable class for each row; of equals, the first in order."""
        return np.asarray(self.classes[np.argmax(self._joint(x), axis=1)])

    def predict_proba(self, x: ArrayLike) -> Array:
        """Probability of each class, n × classes."""
        joint = self._joint(x)
        likely = np.exp(joint - joint.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def _joint(self, x: ArrayLike) -> Array:
        somebody(self.rows)
        prior = np.log(self.tally.counts) - np.log(len(self.rows))
        return np.asarray(prior + self.log_likelihood(asked(x, self.rows.x.shape[1])))

    def state(self) -> tuple[Header, Arrays]:
        """Everything it is."""
        rows = self.rows
        header = {"tally": self.tally.to_json(), "options": self.options()}
        return header, {"x": rows.x, "y": rows.y, "subjects": rows.subjects}

    @classmethod
    def from_state(cls, header: Header, arrays: Arrays) -> Self:
        """Made again from its state."""
        rows = Rows(arrays["x"], arrays["y"], arrays["subjects"])
        return cls(rows=rows, tally=Tally.from_json(header["tally"]), **header["options"])

    @abstractmethod
    def counting(self, x: Array) -> Sums:
        """What is added up over the rows of one class."""

    @abstractmethod
    def log_likelihood(self, x: Array) -> Array:
        """Logarithm of the likelihood of each row in each class."""

    @abstractmethod
    def options(self) -> dict[str, float]:
        """What it was told beside the rows."""
