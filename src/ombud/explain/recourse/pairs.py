"""Up to two changes, exactly: every pair of levers, every position that trees can tell apart."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from ombud.explain.recourse.boxes import Reach
from ombud.explain.recourse.goal import Goal
from ombud.system.models import Model

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = Mapping[int, int]
"""Lever → position."""


@define(eq=False)
class Pairs:
    """The search over one lever and over two.

    Attributes:
        reach: the leaves; goal: what is wanted; model: who is asked where rounding decides.
        best: levers that are moved → where to, the cheapest; want: how many ways to look for.
    """

    reach: Reach
    goal: Goal
    model: Model
    want: int = 3
    best: dict[tuple[int, ...], Positions] = field(factory=dict, init=False)
    _inside: dict[int, Flags] = field(factory=dict, init=False)
    _near: NDArray[np.int64] = field(init=False)
    _base: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._near = np.flatnonzero(self.reach.asks <= 2)
        self._base = self.reach.forest.base

    def search(self, most: int) -> dict[tuple[int, ...], Positions]:
        """The cheapest way of each set of one or two levers that is among the `want` cheapest.

        A pair is left out where one of its levers alone is cheaper.
        """
        numbers = range(len(self.reach.room.levers))
        for one in numbers if most >= 1 else ():
            self._single(one)
        pairs = sorted(combinations(numbers, 2), key=lambda pair: (self._least(pair), pair)) if most >= 2 else ()
        for pair in pairs:
            if self._least(pair) < self._cutoff(pair):
                self._pair(*pair)
        return self.best

    # --- one lever ----------------------------------------------------------------------------------------------------

    def _single(self, lever: int) -> None:
        mine = self._asked(lever)
        margin = self._base + self.reach.value[self._near[mine]] @ self._mask(lever)[mine]
        costs = np.where(self.goal.may(margin), self.reach.room.levers[lever].costs, np.inf)
        costs[self.reach.room.levers[lever].stay] = np.inf
        self._keep_cheapest((lever,), margin, costs, np.inf)

    # --- two levers ---------------------------------------------------------------------------------------------------

    def _pair(self, first: int, second: int) -> None:
        """Positions of both that cost less than what is known already, all at once."""
        limit = self._cutoff((first, second))
        mine = self._asked(first, second)
        if self.reach.highest(self._near[mine], self.goal.sign) < self.goal.limit - self.goal.slack:
            return
        rows, columns = (self._affordable(one, limit) for one in (first, second))
        if not (rows.size and columns.size):
            return
        margin = self._grid(mine, first, rows, second, columns)
        levers = self.reach.room.levers
        costs = levers[first].costs[rows, None] + levers[second].costs[None, columns]
        costs = np.where(self.goal.may(margin) & self._in_order(first, rows, second, columns), costs, np.inf)
        self._keep_cheapest((first, second), margin, costs, limit, (rows, columns))

    def _grid(
        self, mine: Flags, first: int, rows: NDArray[np.int64], second: int, columns: NDArray[np.int64]
    ) -> Floats:
        """The margin at every pair of positions: leaves that ask about one lever add a line, about both a surface."""
        value = self.reach.value[self._near[mine]]
        a, b = self._mask(first)[mine][:, rows], self._mask(second)[mine][:, columns]
        all_a, all_b = a.all(axis=1), b.all(axis=1)
        some = ~all_a & ~all_b
        along = value[all_b] @ a[all_b]
        across = value[all_a & ~all_b] @ b[all_a & ~all_b]
        surface = (a[some] * value[some, None]).T @ b[some].astype(np.float64)
        grid: Floats = self._base + along[:, None] + across[None, :] + surface
        return grid

    def _in_order(self, first: int, rows: NDArray[np.int64], second: int, columns: NDArray[np.int64]) -> Flags:
        """Where nothing exceeds what it may not exceed."""
        room = self.reach.room
        value: dict[int, Floats] = {}
        for at, column in enumerate(room.levers[first].features):
            value[column] = room.levers[first].values[rows, at][:, None]
        for at, column in enumerate(room.levers[second].features):
            value[column] = room.levers[second].values[columns, at][None, :]
        fits = np.ones((len(rows), len(columns)), np.bool_)
        for a, b in room.ordered:
            if a in value or b in value:
                fits &= value.get(a, room.row[[a]]) <= value.get(b, room.row[[b]])
        return fits

    # --- what both need -----------------------------------------------------------------------------------------------

    def _keep_cheapest(
        self, levers: tuple[int, ...], margin: Floats, costs: Floats, limit: float,
        at: tuple[NDArray[np.int64], ...] | None = None,
    ) -> None:  # fmt: skip
        """Keep the cheapest position that is favourable; where rounding decides, the model does."""
        while np.isfinite(costs).any():
            flat = int(costs.argmin())
            index = np.unravel_index(flat, costs.shape)
            if costs[index] >= limit:
                return
            where = [int(axis[i]) if at else int(i) for axis, i in zip(at or (None,) * len(index), index, strict=True)]  # type: ignore[index]
            positions = dict(zip(levers, where, strict=True))
            row = self.reach.room.moved(positions)
            if self.reach.room.keeps_order(row) and (
                self.goal.surely(float(margin[index])) or self.goal.is_met(self.model, row[None])[0][0]
            ):
                self.best[levers] = positions
                return
            costs[index] = np.inf

    def _cutoff(self, pair: tuple[int, int]) -> float:
        """The cost from which a way of this pair is of no use: one of them alone, or enough other ways, cost less."""
        room = self.reach.room
        alone = [room.cost(self.best[(one,)]) for one in pair if (one,) in self.best]
        known = sorted(room.cost(way) for levers, way in self.best.items() if levers != pair)
        return min([*alone, known[self.want - 1] if len(known) >= self.want else np.inf])

    def _least(self, pair: tuple[int, int]) -> float:
        return sum(self.reach.room.levers[one].cheapest for one in pair)

    def _affordable(self, lever: int, limit: float) -> NDArray[np.int64]:
        one = self.reach.room.levers[lever]
        wanted = one.costs < limit
        wanted[one.stay] = False
        return np.flatnonzero(wanted)

    def _asked(self, *levers: int) -> Flags:
        """Of the leaves that ask for two moves at most, those that ask for none but of these levers."""
        asked: Flags = self.reach.asks[self._near] == self.reach.out[self._near][:, list(levers)].sum(axis=1)
        return asked

    def _mask(self, lever: int) -> Flags:
        if lever not in self._inside:
            self._inside[lever] = self.reach.inside(self.reach.room.levers[lever], self._near)
        return self._inside[lever]


def ways(found: Mapping[tuple[int, ...], Positions], reach: Reach) -> Iterator[tuple[float, Positions]]:
    """Ways with their cost, the cheapest first, but for those with the levers of a cheaper one and more."""
    kept: list[frozenset[int]] = []
    for cost, levers in sorted((reach.room.cost(way), levers) for levers, way in found.items()):
        if not any(before <= frozenset(levers) for before in kept):
            kept.append(frozenset(levers))
            yield cost, found[levers]
