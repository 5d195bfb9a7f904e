"""A linear model and tables about it, small enough to work out by hand; shared by the tests of explanations."""

from typing import Any

import numpy as np
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

from ombud.tables.answers import Sample
from ombud.tables.needs import Role
from ombud.tables.roles import Columns

Floats = NDArray[np.float64]


@frozen(eq=False)
class LinearModel:
    """Margin = intercept + weights · x; contributions against a training mean, as a library would give them."""

    features: tuple[str, ...]
    weights: Floats
    intercept: float = 0.0
    mean: float = 0.0
    error: float = 0.0
    format: str = "linear"
    digest: str = "0" * 64

    def margin(self, rows: Floats) -> Floats:
        return self.intercept + rows @ self.weights

    def predict(self, rows: Floats) -> Floats:
        return 1 / (1 + np.exp(-self.margin(rows)))

    def contributions(self, rows: Floats) -> Floats:
        base = self.intercept + self.mean * self.weights.sum()
        ours = self.weights * (rows - self.mean) * (1 + self.error)
        return np.column_stack([ours, np.full(len(rows), base)])


def sampled(columns: dict[str, Any], of: int | None = None, **roles: Any) -> Sample:
    """A sample with roles by name ("protected", "features", ...) and the decision "decision" (1 is favourable)."""
    table = pa.table(columns)
    by_role = {Role(name): tuple(names) for name, names in ({"decision": ("decision",)} | roles).items() if names}
    return Sample(table, of or len(table), "evaluation", Columns(by_role, "1", "1"))


def applicants(n: int = 400, seed: int = 0) -> dict[str, Any]:
    """Income, debt, age, and race (of which `street` gives away most), decided by income − debt."""
    random = np.random.default_rng(seed)
    income, debt, age = random.normal(size=(3, n))
    race = np.where(random.random(n) < 0.3, "b", "a")
    street = np.where(random.random(n) < 0.1, random.integers(0, 2, n), (race == "b").astype(int)).astype(float)
    merit = income - debt
    return {
        "income": income, "debt": debt, "age": age, "street": street, "race": race,
        "score": 1 / (1 + np.exp(-merit)), "decision": (merit > 0).astype(int),
    }  # fmt: skip


MERIT = LinearModel(("income", "debt"), np.array([1.0, -1.0]))
"""The model that decided about `applicants`."""
