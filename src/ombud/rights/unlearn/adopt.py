"""Take over a fitted scikit-learn model, if its own state is exactly what its rows give."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.rights.unlearn.gaussian import GaussianBayes
from ombud.rights.unlearn.model import Model
from ombud.rights.unlearn.neighbours import NearestNeighbours

_CLOSE: Final = 1e-9


def adopt(estimator: Any, x: ArrayLike, y: ArrayLike, subjects: Iterable[Any]) -> Model:
    """A model that forgets exactly, in place of a fitted GaussianNB, KNeighborsClassifier or KNeighborsRegressor.

    Args:
        estimator: the fitted estimator; it is read, not changed, and nothing of it is run.
        x, y, subjects: the rows it was trained on, and who each is about.

    Raises:
        Misused: another estimator, options that are not taken over, or rows that do not give this estimator's state.
    """
    name = type(estimator).__name__
    if type(estimator).__module__.split(".")[0] != "sklearn" or name not in _TAKEN:
        raise Misused(
            "exact unlearning is possible only for these models of scikit-learn: " + ", ".join(_TAKEN),
            "Train one of Ombud's own models, or train this one again without the person.",
        )
    adopted: Model = _TAKEN[name](estimator, x, y, list(subjects))
    return adopted


def _gaussian(estimator: Any, x: ArrayLike, y: ArrayLike, subjects: Sequence[Any]) -> Model:
    if estimator.priors is not None:
        raise Misused("this GaussianNB was given its priors, which do not come from rows")
    model = GaussianBayes.fit(x, y, subjects, smoothing=float(estimator.var_smoothing))
    state = ((estimator.class_count_, model.tally.counts), (estimator.theta_, model.means))
    _hold(np.array_equal(estimator.classes_, model.classes))
    _hold(all(_near(theirs, ours) for theirs, ours in (*state, (estimator.var_, model.variances))))
    return model


def _neighbours(estimator: Any, x: ArrayLike, y: ArrayLike, subjects: Sequence[Any]) -> Model:
    if estimator.weights != "uniform" or estimator.effective_metric_ != "euclidean":
        raise Misused("only neighbours of equal weight by Euclidean distance are taken over")
    task: Any = "class" if type(estimator).__name__ == "KNeighborsClassifier" else "number"
    model = NearestNeighbours.fit(x, y, subjects, k=int(estimator.n_neighbors), task=task)
    theirs = estimator.classes_[estimator._y] if task == "class" else estimator._y
    _hold(np.array_equal(estimator._fit_X, model.rows.x) and np.array_equal(theirs, model.rows.y))
    return model


def _near(theirs: Any, ours: Any) -> bool:
    return np.shape(theirs) == np.shape(ours) and bool(np.allclose(theirs, ours, rtol=_CLOSE, atol=0))


def _hold(same: bool) -> None:
    if not same:
        raise Misused("these rows do not give the state of this estimator", "Hand over the rows it was trained on.")


_TAKEN: Final = {"GaussianNB": _gaussian, "KNeighborsClassifier": _neighbours, "KNeighborsRegressor": _neighbours}
