"""Which counts may be shown: no group too small, and none that could be had by subtracting shown counts.

The minimum is of people in a group, not of people with an outcome in it.
"""

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np
from attrs import frozen

from ombud.errors import Misused
from ombud.statistics.cube import Cell, Cube, Level

Sizes = Mapping[Cell, int]
"""People by combination of protected levels."""

Line = tuple[int, Level]
"""All combinations that share one level: which axis, and the level."""


@frozen
class Published:
    """Counts that may leave the engine.

    Attributes:
        single: one cube for each protected axis, over it and all axes that are not protected.
        combined: the cube over all protected axes, with small combinations and those that guard them left out; None
            where there is but one axis, or where no choice of cells could guard the small ones.
        left_out: people with a level of a single axis that too few share; they are in none of the cubes.
    """

    single: Mapping[str, Cube]
    combined: Cube | None
    left_out: int


def publishable(finest: Cube, groups: tuple[str, ...], minimum: int) -> Published:
    """Leave out groups of fewer than `minimum` people so that they cannot be computed from what is left.

    First, people with a level that too few share on a single axis go before anything is added up, again until no such
    level is left, so they are in no margin. Then margins are made. Then combinations of too few people are left out,
    with as many others as it takes: on each line of the combined cube (all combinations with one level) nobody is
    missing, or at least two combinations with together at least `minimum` people are, and no small combination follows
    from the margins by any sum and difference of lines.

    Args:
        finest: counts over the protected axes and any others (outcomes, strata).
        groups: the protected axes.
        minimum: fewest people of a group that may be shown; 1 shows everything.

    Raises:
        Misused: no protected axis, or one that the cube lacks.
    """
    if not groups:
        raise Misused("nothing to publish by: no protected axis was named")
    kept = _without_small_levels(finest, groups, minimum)
    rest = tuple(axis for axis in finest.axes if axis not in groups)
    single = {axis: kept.over(axis, *rest) for axis in groups}
    combined = _combined(kept, groups, minimum) if len(groups) > 1 else None
    return Published(single, combined, finest.total - kept.total)


def _without_small_levels(cube: Cube, groups: tuple[str, ...], minimum: int) -> Cube:
    while True:
        sizes = {axis: cube.over(axis).cells for axis in groups}
        small = {axis: {cell[0] for cell, n in sizes[axis].items() if n < minimum} for axis in groups}
        if not any(small.values()):
            return cube
        where = [(cube.axes.index(axis), levels) for axis, levels in small.items()]
        kept = {cell: n for cell, n in cube.cells.items() if not any(cell[at] in levels for at, levels in where)}
        cube = Cube(cube.axes, kept, cube.name)


def _combined(kept: Cube, groups: tuple[str, ...], minimum: int) -> Cube | None:
    sizes = kept.over(*groups).cells
    hidden = guarded(sizes, minimum)
    if hidden is None:
        return None
    at = [kept.axes.index(axis) for axis in groups]
    shown = {cell: n for cell, n in kept.cells.items() if tuple(cell[i] for i in at) not in hidden}
    return Cube(kept.axes, shown, kept.name)


def guarded(sizes: Sizes, minimum: int) -> frozenset[Cell] | None:
    """The combinations to leave out: those under the minimum, and the smallest others that guard them.

    Args:
        sizes: people by combination; each line holds at least `minimum` people.
        minimum: fewest people that may be shown.

    Returns:
        None where some small combination cannot be guarded.
    """
    small = frozenset(cell for cell, n in sizes.items() if n < minimum)
    company = Counter(line for cell in sizes for line in enumerate(cell))
    guards = {cell for cell in sizes if cell not in small and all(company[line] > 1 for line in enumerate(cell))}
    hidden = set(small)
    while lines := _telling(sizes, hidden, minimum) or _solving(hidden, small):
        near = [cell for cell in guards if any(cell[axis] == level for axis, level in lines)]
        if not near:
            return None
        guard = min(near, key=lambda cell: (sizes[cell], _cell_order(cell)))
        guards.remove(guard)
        hidden.add(guard)
    return frozenset(hidden)


def _telling(sizes: Sizes, hidden: Collection[Cell], minimum: int) -> list[Line]:
    """The first line of which too few are hidden, too few combinations or too few people; [] if none is."""
    people, cells = Counter[Line](), Counter[Line]()
    for cell in hidden:
        people.update(dict.fromkeys(enumerate(cell), sizes[cell]))
        cells.update(enumerate(cell))
    telling = [line for line in people if cells[line] < 2 or people[line] < minimum]
    return [min(telling, key=_line_order)] if telling else []


def _solving(hidden: Collection[Cell], small: Collection[Cell]) -> list[Line]:
    """The lines of the first small combination that the sums of hidden people along lines pin down; [] if none is.

    A combination is pinned down when its own indicator is a sum and difference of lines: when it lies in the row space
    of the lines × hidden combinations matrix, on which it then projects with its whole length.
    """
    ordered = sorted(hidden, key=_cell_order)
    at = {line: i for i, line in enumerate(dict.fromkeys(line for cell in ordered for line in enumerate(cell)))}
    sums = np.zeros((len(at), len(ordered)))
    for column, cell in enumerate(ordered):
        sums[[at[line] for line in enumerate(cell)], column] = 1
    _, strengths, directions = np.linalg.svd(sums, full_matrices=False)
    length = (directions[strengths > 1e-9 * strengths.max(initial=0)] ** 2).sum(axis=0)
    pinned = (cell for cell, own in zip(ordered, length, strict=True) if cell in small and own > 1 - 1e-7)
    return list(enumerate(next(pinned, ())))


def _line_order(line: Line) -> tuple[int, bool, str]:
    return line[0], line[1] is None, line[1] or ""


def _cell_order(cell: Cell) -> list[tuple[bool, str]]:
    return [(level is None, level or "") for level in cell]
