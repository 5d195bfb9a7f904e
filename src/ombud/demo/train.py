"""The model of the demo: gradient-boosted trees, blind to race, with scores that no row helped to train."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.demo.data import Applications
from ombud.errors import NotFound

SEED: Final = 1990
FOLDS: Final = 5
ROUNDS: Final = 200
PARAMETERS: Final[dict[str, Any]] = {
    "objective": "binary:logistic",
    "max_depth": 2,
    "learning_rate": 0.05,
    "subsample": 0.8,
    "colsample_bytree": 0.8,
    "min_child_weight": 5,
    "seed": SEED,
    "nthread": 1,
}
"""Everything that decides the model; one thread, so that two machines get the same trees."""


@frozen(eq=False)
class Trained:
    """What training left behind.

    Attributes:
        score: n cross-fitted scores: each by a model that never saw the row; fold: n fold numbers from 0.
        folds: the fold models as bytes, in the order of the folds.
        refit: the model trained on all rows, as bytes: the one that would be shipped.
    """

    score: NDArray[np.float64]
    fold: NDArray[np.int64]
    folds: tuple[bytes, ...]
    refit: bytes


def train(people: Applications) -> Trained:
    """Cross-fit, then refit on all rows.

    Raises:
        NotFound: XGBoost is not installed.
    """
    matrix, names = people.matrix, list(people.features)
    label = people.approved.astype(np.float64)
    fold = np.random.default_rng(SEED).permutation(np.arange(len(label)) % FOLDS)
    score, models = np.zeros(len(label)), []
    for k in range(FOLDS):
        model = _fit(matrix[fold != k], label[fold != k], names)
        score[fold == k] = model.predict(_matrix(matrix[fold == k], None, names))
        models.append(bytes(model.save_raw("json")))
    return Trained(score, fold, tuple(models), bytes(_fit(matrix, label, names).save_raw("json")))


def write_models(trained: Trained, folder: Path) -> None:
    """Write the shipped model and, beside it, the fold models that the scores are from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_bytes(trained.refit)
    for k, model in enumerate(trained.folds):
        (folder / f"fold-{k}.json").write_bytes(model)


def _xgboost() -> Any:
    try:
        import xgboost
    except ImportError:
        raise NotFound(
            "the trainer of the demo", "package xgboost-cpu", "Install it with: pip install 'ombud[examples]'"
        ) from None
    return xgboost


def _matrix(values: NDArray[np.float64], label: NDArray[np.float64] | None, names: list[str]) -> Any:
    return _xgboost().DMatrix(values, label, feature_names=names)


def _fit(values: NDArray[np.float64], label: NDArray[np.float64], names: list[str]) -> Any:
    return _xgboost().train(PARAMETERS, _matrix(values, label, names), ROUNDS)
