"""Levers: what a person can move, as a list of positions, each with its cost.

Between two split points trees answer alike, so of each stretch the position nearest to where the person stands is
enough. Where a feature may not exceed another, both also get the positions at which they meet.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from ombud.errors import Misused
from ombud.explain.recourse.answer import Can
from ombud.system.forest import Forest

Floats = NDArray[np.float64]
_MOST: Final = 4096
"""Positions of a feature that moves in steps and depends on another; beyond that only some are looked at."""
_NORMAL: Final = 1.4826
"""A median absolute deviation times this is the standard deviation of a normal variable."""


@frozen(eq=False, kw_only=True)
class Lever:
    """One thing that can be moved, as one change.

    Attributes:
        features: columns of the row that it sets.
        values: its positions (shape: n × number of features), a number's in their order.
        costs: of each position (shape: n); 0 where it stays.
        stay: the position where it stays.
    """

    features: tuple[int, ...]
    values: Floats = field(repr=False)
    costs: Floats = field(repr=False)
    stay: int

    @property
    def cheapest(self) -> float:
        """What moving it costs at least."""
        moved = np.delete(self.costs, self.stay)
        return float(moved.min()) if moved.size else np.inf


@frozen(eq=False, kw_only=True)
class Room:
    """Everywhere that a person can get.

    Attributes:
        row: where they stand (shape: d).
        levers: what can be moved.
        ordered: pairs of columns, the first of which may not exceed the second.
        notes: what is left out.
    """

    row: Floats = field(repr=False)
    levers: tuple[Lever, ...]
    ordered: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()

    def moved(self, positions: Mapping[int, int]) -> Floats:
        """The row with some levers (by number) at other positions."""
        row = self.row.copy()
        for lever, at in positions.items():
            row[list(self.levers[lever].features)] = self.levers[lever].values[at]
        return row

    def cost(self, positions: Mapping[int, int]) -> float:
        """What that costs."""
        return float(sum(self.levers[lever].costs[at] for lever, at in positions.items()))

    @property
    def chained(self) -> bool:
        """Whether a feature is in more than one order: then not every point where three of them meet is looked at."""
        columns = [column for pair in self.ordered for column in pair]
        return len(columns) != len({*columns})

    def keeps_order(self, row: Floats) -> bool:
        """Whether nothing exceeds what it may not exceed, of what is known and was moved."""
        moved = row != self.row
        return all(not (moved[a] or moved[b]) or not row[a] > row[b] for a, b in self.ordered)


def spreads(observed: Floats | None, row: Floats) -> Floats:
    """The unit of cost of each feature (shape: d): the spread of the population, robustly; else the value's size."""
    unit = np.where(np.isfinite(row), np.maximum(np.abs(row), 1.0), 1.0)
    for at in range(len(row)) if observed is not None and len(observed) else ():
        assert observed is not None
        seen = observed[:, at][np.isfinite(observed[:, at])]
        if seen.size:
            robust = _NORMAL * float(np.median(np.abs(seen - np.median(seen))))
            unit[at] = robust or float(seen.std()) or unit[at]
    return unit


def steps_of(
    can: Sequence[Can], columns: Mapping[str, int], observed: Floats | None, row: Floats
) -> Mapping[str, float]:
    """Feature → its step: as it was given, or 1 where everybody has a whole number."""
    found = {one.feature: one.step for one in can if one.step is not None}
    for one in can if observed is not None and len(observed) else ():
        assert observed is not None
        at = columns[one.feature]
        seen = np.append(observed[:, at][np.isfinite(observed[:, at])], row[at])
        if one.feature not in found and one.group is None and (seen == np.round(seen)).all():
            found[one.feature] = 1.0
    return found


def as_far_as_anybody(
    can: Sequence[Can], names: Sequence[str], observed: Floats | None, row: Floats
) -> tuple[Can, ...]:
    """The same with bounds where none were given: nobody is told to go farther than anybody observed has come."""
    columns = columns_of(names, can)
    if observed is None or not np.isfinite(observed).any():
        return tuple(can)
    everybody = np.vstack([observed, row])
    return tuple(_within(one, everybody[:, columns[one.feature]]) for one in can)


def _within(can: Can, seen: Floats) -> Can:
    known = seen[np.isfinite(seen)]
    if not known.size:
        return can
    low, high = float(known.min()), float(known.max())
    return evolve(can, low=low if can.low is None else can.low, high=high if can.high is None else can.high)


def room_of(forest: Forest, row: Floats, names: Sequence[str], can: Sequence[Can], observed: Floats | None) -> Room:
    """Where a person can get, as far as trees can tell the difference.

    Raises:
        Misused: a feature that the model does not have, or twice.
    """
    columns = columns_of(names, can)
    unit, steps = spreads(observed, row), steps_of(can, columns, observed, row)
    free = [one for one in can if one.direction != "none" and np.isfinite(row[columns[one.feature]])]
    ordered = ordered_of(can, columns, row)
    cuts = {columns[one.feature]: _cuts(forest, columns[one.feature]) for one in can}
    stepped = {
        columns[one.feature]: _every_step(float(row[columns[one.feature]]), steps[one.feature], one, cuts)
        for one in free
        if one.feature in steps and any(columns[one.feature] in pair for pair in ordered)
    }
    numbers = []
    for one in free:
        column = columns[one.feature]
        if one.group is None:
            meets = stepped.get(column, _meets(forest, row, column, cuts, stepped, ordered))
            numbers.append(_number(forest, row, column, one, steps.get(one.feature), unit, cuts[column], meets))
    levels = [lever for group in dict.fromkeys(one.group for one in free if one.group is not None)
              if (lever := _levels(row, [columns[one.feature] for one in free if one.group == group]))]  # fmt: skip
    gone = sorted(one.feature for one in can if one.direction != "none" and not np.isfinite(row[columns[one.feature]]))
    notes = (f"what is missing stays missing: {', '.join(gone)}",) if gone else ()
    levers = tuple(one for one in (*numbers, *levels) if len(one.costs) > 1)
    return Room(row=row, levers=levers, ordered=ordered, notes=notes)


def columns_of(names: Sequence[str], can: Sequence[Can]) -> dict[str, int]:
    """Feature → its column.

    Raises:
        Misused: a name that the model does not have, or that is given twice.
    """
    given = [one.feature for one in can]
    strange = sorted({*given, *(one.at_most for one in can if one.at_most)} - {*names})
    if strange or len(given) != len({*given}):
        problem = f"the model has no {', '.join(strange)}" if strange else "a feature is given twice"
        raise Misused(problem, f"Its features: {', '.join(names[:30])}.")
    return {name: at for at, name in enumerate(names)}


def ordered_of(can: Sequence[Can], columns: Mapping[str, int], row: Floats) -> tuple[tuple[int, int], ...]:
    """Pairs of known columns, the first of which may not exceed the second."""
    pairs = [(columns[one.feature], columns[one.at_most]) for one in can if one.at_most]
    return tuple((a, b) for a, b in pairs if np.isfinite(row[a]) and np.isfinite(row[b]))


def _cuts(forest: Forest, column: int) -> Floats:
    """The numbers from which on some tree answers otherwise, in order."""
    asked = (forest.left >= 0) & (forest.feature == column) & np.isfinite(forest.bound)
    return np.unique(forest.bound[asked])


def _meets(
    forest: Forest, row: Floats, column: int, cuts: Mapping[int, Floats], stepped: Mapping[int, Floats],
    ordered: Sequence[tuple[int, int]],
) -> Floats:  # fmt: skip
    """Where a number that moves freely may meet one that it may not exceed, or that may not exceed it."""
    partners = [b if a == column else a for a, b in ordered if column in (a, b)]
    met = [
        row[partners],
        *(cuts.get(one, row[:0]) for one in partners),
        *(stepped.get(one, row[:0]) for one in partners),
    ]
    values = np.concatenate(met)
    return np.concatenate([values, forest.last_below(values)])


def _number(
    forest: Forest, row: Floats, column: int, can: Can, step: float | None, unit: Floats, cuts: Floats, meets: Floats
) -> Lever:
    here = float(row[column])
    wanted = [_first(forest, cuts, here, step), _last(forest, cuts, here, step), meets, np.array([here])]
    wanted += [_onto(np.array([bound]), here, step) for bound in (can.low, can.high) if bound is not None]
    values = np.unique(np.concatenate(wanted))
    values = values[_allowed(values, here, can)]
    costs = np.abs(values - here) / unit[column]
    return Lever(features=(column,), values=values[:, None], costs=costs, stay=int(np.searchsorted(values, here)))


def _first(forest: Forest, cuts: Floats, here: float, step: float | None) -> Floats:
    """Of each stretch above, the first number that belongs to it."""
    above = cuts[cuts > forest.seen(here)]
    if step is None:
        return above
    count = np.ceil((above - here) / step)
    count = np.where(forest.seen(here + (count - 1) * step) >= above, count - 1, count)
    count = np.where(forest.seen(here + count * step) < above, count + 1, count)
    return here + count * step


def _last(forest: Forest, cuts: Floats, here: float, step: float | None) -> Floats:
    """Of each stretch below, the last number that belongs to it."""
    below = cuts[cuts <= forest.seen(here)]
    if step is None:
        return forest.last_below(below)
    count = np.ceil((here - below) / step)
    count = np.where(forest.seen(here - (count - 1) * step) < below, count - 1, count)
    count = np.where(forest.seen(here - count * step) >= below, count + 1, count)
    back: Floats = here - count * step
    return back


def _onto(values: Floats, here: float, step: float | None) -> Floats:
    """Values, or the steps on either side of them."""
    if step is None:
        return values
    count = (values - here) / step
    return np.concatenate([here + np.floor(count) * step, here + np.ceil(count) * step])


def _every_step(here: float, step: float, can: Can, cuts: Mapping[int, Floats]) -> Floats:
    """Every step that can be reached, as far as any feature changes anything; at most `_MOST` either way."""
    ends = [here, *(end for one in cuts.values() for end in (*one[:1], *one[-1:]))]
    low = float(can.low if can.low is not None else min(ends) - step)
    high = float(can.high if can.high is not None else max(ends) + step)
    down, up = (min(_MOST, max(0, int(np.ceil(one / step)))) for one in (here - low, high - here))
    return np.asarray(here + np.arange(-down, up + 1) * step, np.float64)


def _allowed(values: Floats, here: float, can: Can) -> NDArray[np.bool_]:
    """Whether each value may be moved to; where it stands is always allowed."""
    low, high = -np.inf if can.low is None else can.low, np.inf if can.high is None else can.high
    low, high = max(low, here) if can.direction == "up" else low, min(high, here) if can.direction == "down" else high
    allowed: NDArray[np.bool_] = ((values >= low) & (values <= high)) | (values == here)
    return allowed


def _levels(row: Floats, columns: Sequence[int]) -> Lever | None:
    """The levels of one column; None where the person's own level is none that can be left."""
    now = row[list(columns)]
    if not np.isin(now, (0, 1)).all() or now.sum() > 1 or len(columns) < 2:
        return None
    values = np.eye(len(columns))
    here = int(now.argmax()) if now.any() else -1
    if here < 0:
        return None
    costs = np.ones(len(columns))
    costs[here] = 0.0
    return Lever(features=tuple(columns), values=values, costs=costs, stay=here)
