"""Recourse by brute force: every row that can be reached on a grid, asked of the model itself."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ombud.explain.recourse import Can
from ombud.system.models import Model

Floats = NDArray[np.float64]


def least_cost(
    model: Model, row: Floats, threshold: float, favours: str, can: Sequence[Can], unit: Floats, most: int
) -> float:
    """The cost of the cheapest favourable row with at most so many features changed; infinite if there is none.

    Every feature that can move has a step and both bounds. `unit`: what a cost of 1 is, in each feature's unit.
    """
    reached = list(_reached(model.features, row, can, most))
    if not reached:
        return np.inf
    rows = np.array(reached)
    scores = model.predict(rows)
    good = scores >= threshold if favours == "high" else scores <= threshold
    costs = np.nansum(np.abs(rows - row) / unit, axis=1)
    return float(np.where(good, costs, np.inf).min())


def _reached(names: Sequence[str], row: Floats, can: Sequence[Can], most: int) -> Iterator[Floats]:
    places = {names.index(one.feature): _places(row[names.index(one.feature)], one) for one in can}
    orders = [(names.index(one.feature), names.index(one.at_most)) for one in can if one.at_most]
    for count in range(1, most + 1):
        for moved in combinations([at for at, values in places.items() if len(values)], count):
            for values in product(*(places[at] for at in moved)):
                after = row.copy()
                after[list(moved)] = values
                if not any((a in moved or b in moved) and after[a] > after[b] for a, b in orders):
                    yield after


def _places(here: float, can: Can) -> Floats:
    """Everywhere that a feature can go, but where it is."""
    if can.direction == "none" or not np.isfinite(here):
        return np.zeros(0)
    assert can.step and can.low is not None and can.high is not None
    values: Floats = here + np.arange(-200, 201) * can.step
    values = values[(values >= can.low) & (values <= can.high) & (values != here)]
    return (
        values[values > here] if can.direction == "up" else values[values < here] if can.direction == "down" else values
    )
