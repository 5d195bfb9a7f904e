"""More than two changes: the best way found, and a cost below which there is none, by branch and bound over boxes.

A box holds an interval of positions of each lever. Trees bound the margin in it from above: each adds the best of its
leaves that the box touches. Its cost is bounded from below by the cheapest position of each lever. Boxes are opened in
order of that cost, so that the first whose cheapest corner is favourable is the least of all. What ends the search
early is a number of boxes and no clock: the same question has the same answer on every machine.
"""

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from ombud.explain.recourse.boxes import Reach
from ombud.explain.recourse.goal import Goal
from ombud.system.models import Model

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Box = tuple[tuple[int, int], ...]
"""Of each lever the positions from the first number on and before the second."""


@frozen
class Bounded:
    """What came of the search.

    Attributes:
        way: lever → position, the cheapest that was found; None if none was.
        bound: no way costs less; infinite if there is none at all.
        opened: how many boxes were looked into.
    """

    way: dict[int, int] | None
    bound: float
    opened: int


@define(eq=False)
class Beyond:
    """The search over any number of levers.

    Attributes:
        reach: the leaves; goal: what is wanted; model: who is asked in the end; most: boxes to look into.
    """

    reach: Reach
    goal: Goal
    model: Model
    most: int
    _inside: list[Flags] = field(init=False)
    _leaves: NDArray[np.int64] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._leaves = np.arange(len(self.reach.value))
        self._inside = [self.reach.inside(lever, self._leaves) for lever in self.reach.room.levers]

    def search(self) -> Bounded:
        """Look into boxes, the cheapest first."""
        levers = self.reach.room.levers
        best = self._greedy()
        cost = np.inf if best is None else self.reach.room.cost(best)
        whole: Box = tuple((0, len(lever.costs)) for lever in levers)
        waiting: list[tuple[float, int, Box]] = []
        number = opened = 0
        for box in self._worth((whole,), cost):
            heapq.heappush(waiting, (self._least(box), number, box))
        while waiting and opened < self.most:
            least, _, box = heapq.heappop(waiting)
            if least >= cost:
                return Bounded(best, cost, opened)
            opened += 1
            corner = self._corner(box)
            if self._turns(corner):
                return Bounded(self._moved(corner), least, opened)
            for part in self._worth(self._split(box, corner), cost):
                number += 1
                heapq.heappush(waiting, (self._least(part), number, part))
        bound = min(waiting[0][0], cost) if waiting else cost
        return Bounded(best, bound, opened)

    # --- boxes --------------------------------------------------------------------------------------------------------

    def _least(self, box: Box) -> float:
        return float(sum(lever.costs[a:b].min() for lever, (a, b) in zip(self.reach.room.levers, box, strict=True)))

    def _worth(self, boxes: Sequence[Box], cost: float) -> Iterator[Box]:
        """Boxes that may hold a way that costs less than what is known."""
        for box in boxes:
            if self._least(box) < cost and self._may_keep_order(box) and self._highest(box) >= self._wanted:
                yield box

    @property
    def _wanted(self) -> float:
        return self.goal.limit - self.goal.slack

    def _highest(self, box: Box) -> float:
        """The largest sign · margin that a box could hold."""
        return self.reach.highest(self._leaves[self._touched(box)], self.goal.sign)

    def _touched(self, box: Box) -> Flags:
        touched = np.ones(len(self._leaves), np.bool_)
        for inside, (a, b) in zip(self._inside, box, strict=True):
            if b - a < inside.shape[1]:
                touched &= inside[:, a] if b - a == 1 else inside[:, a:b].any(axis=1)
        return touched

    def _may_keep_order(self, box: Box) -> bool:
        room = self.reach.room
        ends: dict[int, tuple[float, float]] = {}
        for lever, (a, b) in zip(room.levers, box, strict=True):
            for at, column in enumerate(lever.features):
                ends[column] = float(lever.values[a:b, at].min()), float(lever.values[a:b, at].max())
        here = {column: (float(room.row[column]),) * 2 for pair in room.ordered for column in pair}
        ends = here | ends
        return all(ends[a][0] <= ends[b][1] for a, b in room.ordered if room.row[a] <= room.row[b])

    def _split(self, box: Box, corner: Sequence[int]) -> tuple[Box, ...]:
        """The box in parts along the lever that keeps most of what could be gained away from its cheapest corner."""
        lever = self._widest(box, corner)
        if lever is None:
            return ()
        (a, b), at = box[lever], corner[lever]
        stays = self.reach.room.levers[lever].costs[at] == 0
        middle = (a + b) // 2
        parts = [(a, at), (at, at + 1), (at + 1, b)] if stays else [(a, middle), (middle, b)]
        return tuple((*box[:lever], part, *box[lever + 1 :]) for part in parts if part[0] < part[1])

    def _widest(self, box: Box, corner: Sequence[int]) -> int | None:
        touched = self._touched(box)
        gain = np.where(touched, np.abs(self.reach.value), 0.0)
        lost = [gain[~inside[:, at]].sum() if b - a > 1 else -1.0
                for inside, (a, b), at in zip(self._inside, box, corner, strict=True)]  # fmt: skip
        lever = int(np.argmax(lost)) if lost else 0
        return lever if lost and lost[lever] >= 0 else None

    # --- corners ------------------------------------------------------------------------------------------------------

    def _corner(self, box: Box) -> list[int]:
        """The cheapest position of each lever."""
        levers = self.reach.room.levers
        return [a + int(lever.costs[a:b].argmin()) for lever, (a, b) in zip(levers, box, strict=True)]

    def _moved(self, positions: Sequence[int]) -> dict[int, int]:
        stays = (lever.stay for lever in self.reach.room.levers)
        return {number: at for number, (at, stay) in enumerate(zip(positions, stays, strict=True)) if at != stay}

    def _turns(self, positions: Sequence[int]) -> bool:
        """Whether the model decides favourably there."""
        row = self.reach.room.moved(self._moved(positions))
        margin = self._margin(positions)
        if not self.goal.may(np.array(margin)) or not self.reach.room.keeps_order(row):
            return False
        return bool(self.goal.is_met(self.model, row[None])[0][0])

    def _margin(self, positions: Sequence[int]) -> float:
        there = np.ones(len(self._leaves), np.bool_)
        for inside, at in zip(self._inside, positions, strict=True):
            there &= inside[:, at]
        return float(self.reach.value[there].sum()) + self.reach.forest.base

    # --- a first way --------------------------------------------------------------------------------------------------

    def _greedy(self) -> dict[int, int] | None:
        """Move what gains most for its cost until the outcome turns, then take back what is not needed."""
        at = [lever.stay for lever in self.reach.room.levers]
        for _ in range(2 * len(at)):
            if self._turns(at):
                return self._moved(self._spared(at))
            moves = [(self._gain(at, lever), lever) for lever in range(len(at))]
            (gain, position), lever = max(moves, default=((0.0, 0), 0))
            if gain <= 0:
                return None
            at[lever] = position
        return None

    def _gain(self, at: Sequence[int], lever: int) -> tuple[float, int]:
        """The best position of a lever, all others standing: what it gains for what it costs more."""
        margin = self.goal.sign * self._margins(at, lever)
        costs = self.reach.room.levers[lever].costs
        more = np.maximum(costs - costs[at[lever]], 1e-9)
        lacking = self.goal.limit - margin[at[lever]]
        gain = np.minimum(margin - margin[at[lever]], max(lacking, 0.0)) / more
        gain = np.where(self._ordered(at, lever), gain, -np.inf)
        return float(gain.max()), int(gain.argmax())

    def _margins(self, at: Sequence[int], lever: int) -> Floats:
        """The margin at each position of a lever, all others standing."""
        others = np.ones(len(self._leaves), np.bool_)
        for number, (inside, position) in enumerate(zip(self._inside, at, strict=True)):
            if number != lever:
                others &= inside[:, position]
        margins: Floats = self.reach.value[others] @ self._inside[lever][others] + self.reach.forest.base
        return margins

    def _ordered(self, at: Sequence[int], lever: int) -> Flags:
        room, positions = self.reach.room, range(len(self.reach.room.levers[lever].costs))
        if not room.ordered:
            return np.ones(len(positions), np.bool_)
        trials = (self._moved([*at[:lever], position, *at[lever + 1 :]]) for position in positions)
        return np.array([room.keeps_order(room.moved(one)) for one in trials])

    def _spared(self, at: Sequence[int]) -> list[int]:
        """The same way with every lever as little moved as it needs to be."""
        spared = list(at)
        for lever in sorted(range(len(spared)), key=lambda one: -self.reach.room.levers[one].costs[spared[one]]):
            costs = self.reach.room.levers[lever].costs
            for position in np.argsort(costs, kind="stable"):
                trial = [*spared[:lever], int(position), *spared[lever + 1 :]]
                if costs[position] >= costs[spared[lever]]:
                    break
                if self._turns(trial):
                    spared = trial
                    break
        return spared
