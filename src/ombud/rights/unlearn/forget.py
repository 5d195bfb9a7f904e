"""Forget people: only where the result is exactly what training without them gives."""

from collections.abc import Iterable
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Misused
from ombud.rights.unlearn.counted import BernoulliBayes, CategoricalBayes, MultinomialBayes
from ombud.rights.unlearn.gaussian import GaussianBayes
from ombud.rights.unlearn.linear import LinearRegression
from ombud.rights.unlearn.model import Model, digest_of
from ombud.rights.unlearn.neighbours import NearestNeighbours
from ombud.rights.unlearn.sisa import ShardedEnsemble

EXACT: Final = (
    NearestNeighbours, GaussianBayes, MultinomialBayes, BernoulliBayes, CategoricalBayes, LinearRegression,
    ShardedEnsemble,
)  # fmt: skip
"""The models that forget exactly, and there are no others."""


@frozen(kw_only=True)
class Unlearned:
    """A model after somebody was forgotten, and what that took.

    Attributes:
        model: the new model; the old one is as it was.
        rows: how many rows were taken out.
        absent: how many of the people named had no row in it.
        touched: which parts of the model were concerned.
        method: how, in words.
        exact: always true: a model that cannot do it exactly is refused.
        digest_before, digest_after: SHA-256 over everything the model was and is; `digest_after` is that of a model
            trained without these people.
    """

    model: Any = field(repr=False)
    rows: int
    absent: int
    touched: tuple[str, ...]
    method: str
    exact: bool = True
    digest_before: str
    digest_after: str

    @property
    def said(self) -> str:
        """What happened, in one sentence without personal data."""
        if not self.rows:
            return "nobody named has a row in this model; it is as it was"
        nobody = f"; {self.absent} named had no row in it" if self.absent else ""
        return f"{self.rows} rows forgotten exactly ({self.method}){nobody}"


def forget(model: Model, subjects: Iterable[Any]) -> Unlearned:
    """Take all rows of these people out of a model.

    Args:
        model: one of `EXACT`.
        subjects: who, as the model's subjects are written.

    Raises:
        Misused: no exact way is known for this kind of model, or what is left does not determine it.
    """
    if not isinstance(model, EXACT):
        raise Misused(
            "exact unlearning is possible only for k-NN, naive Bayes, linear and ridge regression, and sharded "
            "ensembles trained here",
            "Train this model again without the person, or record another decision about it.",
        )
    named = frozenset(str(subject) for subject in subjects)
    after = model.forget(named)
    return Unlearned(
        model=after, rows=len(model.rows) - len(after.rows), absent=len(named - model.rows.people),
        touched=model.touched(named), method=model.method, digest_before=digest_of(model),
        digest_after=digest_of(after),
    )  # fmt: skip
