"""A trainer for tests of sharded ensembles: logistic regression by stochastic gradient descent."""

from typing import Any

import numpy as np


class Logistic:
    """Trains step by step; all randomness comes from the seed it is given."""

    name = "logistic-sgd"

    def __init__(self, log: list[tuple[int, int]] | None = None) -> None:
        self.log = log

    def step(self, before: Any, x: Any, y: Any, seed: int) -> dict[str, Any]:
        if self.log is not None:
            self.log.append((len(x), seed))
        random = np.random.default_rng(seed)
        weights = before["weights"].copy() if before else random.normal(size=x.shape[1] + 1)
        for row in random.permutation(len(x)):
            inputs = np.append(x[row], 1.0)
            weights += 0.1 * (float(y[row] > 0) - self._chance(inputs @ weights)) * inputs
        return {"weights": weights}

    def predict(self, state: Any, x: Any) -> Any:
        chance = self._chance(x @ state["weights"][:-1] + state["weights"][-1])
        return np.stack([1 - chance, chance], axis=1)

    @staticmethod
    def _chance(score: Any) -> Any:
        return 1 / (1 + np.exp(-np.clip(score, -30, 30)))
