"""Recourse for linear models, exactly, as a mixed-integer program that HiGHS solves.

Each number moves up or down by a length that costs as many spreads as it is long, and counts as a change if it moves at
all; of the levels of a column one is on. A way that was found is cut off with everything that contains it, so the next
one is another way.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from ombud.explain.recourse.answer import Can
from ombud.explain.recourse.levers import columns_of, ordered_of, spreads, steps_of
from ombud.system.forest import Linear

Floats = NDArray[np.float64]
FARTHEST: Final = 1e4
"""Spreads, or steps, beyond which no number is moved."""


@frozen(kw_only=True)
class Mover:
    """One number or one column of levels.

    Attributes:
        columns: of the row; unit: what a length of 1 is, in the number's unit (levels: 0); price: of that length.
        up, down: longest way either way; least: how far it has to move up (down if negative) to be allowed at all.
        low, high: the range it ends in; whole: whether it moves in whole units.
    """

    columns: tuple[int, ...]
    unit: float = 0.0
    price: float = 1.0
    up: float = 0.0
    down: float = 0.0
    least: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    whole: bool = False

    @property
    def is_level(self) -> bool:
        """Whether it is a column of levels."""
        return len(self.columns) > 1


def movers_of(row: Floats, names: Sequence[str], can: Sequence[Can], observed: Floats | None) -> tuple[Mover, ...]:
    """What can be moved, and how far.

    Raises:
        Misused: a feature that the model does not have, or twice.
    """
    columns = columns_of(names, can)
    unit, steps = spreads(observed, row), steps_of(can, columns, observed, row)
    free = [one for one in can if one.direction != "none" and np.isfinite(row[columns[one.feature]])]
    numbers = [_number(row[columns[one.feature]], columns[one.feature], one, steps.get(one.feature), unit)
               for one in free if one.group is None]  # fmt: skip
    groups = dict.fromkeys(one.group for one in free if one.group is not None)
    levels = [tuple(columns[one.feature] for one in free if one.group == group) for group in groups]
    on = [Mover(columns=one) for one in levels if len(one) > 1 and sorted(row[list(one)])[-2:] == [0, 1]]
    return (*(one for one in numbers if one.up or one.down), *on)


def _number(here: float, column: int, can: Can, step: float | None, unit: Floats) -> Mover:
    size = step or float(unit[column])
    up = np.inf if can.high is None else (can.high - here) / size
    down = np.inf if can.low is None else (here - can.low) / size
    least = 0.0 if up >= 0 and down >= 0 else (-down if down < 0 else up)
    if step:
        up, down, least = np.floor(up + 1e-9), np.floor(down + 1e-9), np.sign(least) * np.ceil(abs(least) - 1e-9)
    return Mover(
        columns=(column,), low=-np.inf if can.low is None else can.low, high=np.inf if can.high is None else can.high,
        unit=size, price=size / float(unit[column]), whole=step is not None, least=float(least),
        up=float(np.clip(up, 0, FARTHEST)) if can.direction != "down" else 0.0,
        down=float(np.clip(down, 0, FARTHEST)) if can.direction != "up" else 0.0,
    )  # fmt: skip


@define(eq=False)
class Program:
    """Minimise the cost of changes subject to the margin that is wanted.

    Attributes:
        row: where the person stands; weights: of the model; sign: 1 if a high margin is good.
        movers: what can be moved; ordered: pairs of columns, the first of which may not exceed the second.
    """

    row: Floats
    weights: Floats
    sign: float
    movers: tuple[Mover, ...]
    ordered: tuple[tuple[int, int], ...]
    _start: list[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        sizes = [len(one.columns) + 1 if one.is_level else 3 for one in self.movers]
        self._start = [0, *np.cumsum(sizes).tolist()]

    def solve(self, gain: float, most: int | None, cut: Sequence[frozenset[int]] = ()) -> Floats | None:
        """The cheapest row that gains so much, with at most so many changes; None if there is none.

        Args:
            gain: how much sign · margin has to grow; cut: sets of movers that may not all move (again).
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        if not self.movers:
            return None
        rules = [*self._rules(most, cut), (self._gains(), gain, np.inf)]
        matrix, low, high = (np.array(part) for part in zip(*rules, strict=True))
        lower, upper = self._bounds()
        found = milp(
            self._prices(), integrality=self._whole(), bounds=Bounds(lower, upper),
            constraints=LinearConstraint(matrix, low, high), options={"mip_rel_gap": 0.0},
        )  # fmt: skip
        return None if found.x is None else self._moved(np.asarray(found.x))

    def moves(self, row: Floats) -> frozenset[int]:
        """Which movers a row has moved."""
        changed = row != self.row
        return frozenset(at for at, one in enumerate(self.movers) if changed[list(one.columns)].any())

    def cost(self, row: Floats) -> float:
        """What a row costs."""
        return sum(self._cost(one, row) for one in self.movers)

    def _cost(self, one: Mover, row: Floats) -> float:
        length = float(np.abs(row - self.row)[list(one.columns)].max())
        return length if one.is_level else length / one.unit * one.price

    # --- the program: of a number (up, down, moved), of a column (each level, moved) ----------------------------------

    def _blank(self) -> Floats:
        return np.zeros(self._start[-1])

    def _prices(self) -> Floats:
        prices = self._blank()
        for at, one in zip(self._start, self.movers, strict=False):
            if one.is_level:
                prices[at + len(one.columns)] = 1.0
            else:
                prices[at : at + 2] = one.price
        return prices

    def _whole(self) -> NDArray[np.int64]:
        whole = np.ones(self._start[-1], np.int64)
        for at, one in zip(self._start, self.movers, strict=False):
            if not one.is_level:
                whole[at : at + 2] = int(one.whole)
        return whole

    def _bounds(self) -> tuple[Floats, Floats]:
        upper = np.ones(self._start[-1])
        for at, one in zip(self._start, self.movers, strict=False):
            if not one.is_level:
                upper[at : at + 2] = one.up, one.down
        return self._blank(), upper

    def _gains(self) -> Floats:
        return self.sign * self._effect(self.weights)

    def _effect(self, weights: Floats) -> Floats:
        """What each variable adds to Σ weights · (row − row before); a column's levels are counted from none on."""
        found = self._blank()
        for at, one in zip(self._start, self.movers, strict=False):
            if one.is_level:
                found[at : at + len(one.columns)] = weights[list(one.columns)]
            else:
                found[at], found[at + 1] = weights[one.columns[0]] * one.unit, -weights[one.columns[0]] * one.unit
        return found

    def _rules(self, most: int | None, cut: Sequence[frozenset[int]]) -> Iterator[tuple[Floats, float, float]]:
        for at, one in zip(self._start, self.movers, strict=False):
            yield from self._levels(at, one) if one.is_level else self._moves(at, one)
        moved = [end - 1 for end in self._start[1:]]
        if most is not None:
            yield self._sum(moved), -np.inf, float(most)
        for found in cut:
            yield self._sum([moved[one] for one in sorted(found)]), -np.inf, float(len(found) - 1)
        for a, b in self.ordered:
            yield from self._in_order(a, b)

    def _in_order(self, a: int, b: int) -> Iterator[tuple[Floats, float, float]]:
        """The first does not exceed the second; where it does so already, it may as long as neither moves."""
        weights = np.zeros(len(self.row))
        weights[a], weights[b] = 1.0, -1.0
        room = float(self.row[b] - self.row[a])
        if room >= 0:
            yield self._effect(weights), -np.inf, room
            return
        for end, one in zip(self._start[1:], self.movers, strict=True):
            if {a, b} & {*one.columns}:
                rule = self._effect(weights)
                rule[end - 1] = -room
                yield rule, -np.inf, 0.0

    def _moves(self, at: int, one: Mover) -> Iterator[tuple[Floats, float, float]]:
        """A length needs the change that it is; one that stands outside its range has to come inside, if it moves."""
        for way, limit in ((at, one.up), (at + 1, one.down)):
            rule = self._sum([way])
            rule[at + 2] = -limit
            yield rule, -np.inf, 0.0
        if one.least:
            rule = self._sum([at if one.least > 0 else at + 1])
            rule[at + 2] = -abs(one.least)
            yield rule, 0.0, np.inf

    def _levels(self, at: int, one: Mover) -> Iterator[tuple[Floats, float, float]]:
        """One level is on; it is a change if it is another than before."""
        levels = list(range(at, at + len(one.columns)))
        yield self._sum(levels), 1.0, 1.0
        before = at + int(self.row[list(one.columns)].argmax())
        yield self._sum([before, at + len(one.columns)]), 1.0, 1.0

    def _sum(self, variables: Sequence[int]) -> Floats:
        rule = self._blank()
        rule[list(variables)] = 1.0
        return rule

    def _moved(self, solved: Floats) -> Floats:
        row = self.row.copy()
        for at, one in zip(self._start, self.movers, strict=False):
            if one.is_level:
                row[list(one.columns)] = np.round(solved[at : at + len(one.columns)])
            elif round(solved[at + 2]):
                length = solved[at] - solved[at + 1]
                after = row[one.columns[0]] + (round(length) if one.whole else length) * one.unit
                row[one.columns[0]] = np.clip(after, one.low, one.high)
        return row

    @property
    def held(self) -> float:
        """What the levels that are on now add: a program counts a column from none on."""
        return float(sum(self.sign * self.weights[list(one.columns)] @ self.row[list(one.columns)]
                         for one in self.movers if one.is_level))  # fmt: skip


def margin_of(model: Linear, row: Floats) -> float:
    """The margin of a row; a missing value adds nothing."""
    return model.intercept + float(np.nansum(model.weights * row))


def program_of(model: Any, row: Floats, can: Sequence[Can], observed: Floats | None, sign: float) -> Program:
    """The program of a person and a linear model."""
    names = model.features
    columns = columns_of(names, can)
    movers = movers_of(row, names, can, observed)
    return Program(row, model.weights, sign, movers, ordered_of(can, columns, row))
