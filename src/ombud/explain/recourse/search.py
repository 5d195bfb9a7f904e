"""Ask a model what would have changed its answer: exactly where its form allows, and never more than was proved."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from ombud.errors import Misused
from ombud.explain.recourse.answer import Can, Change, Option, Recourse
from ombud.explain.recourse.beyond import Beyond
from ombud.explain.recourse.boxes import Reach, boxes_of
from ombud.explain.recourse.goal import Goal, of_forest
from ombud.explain.recourse.levers import Room, as_far_as_anybody, room_of
from ombud.explain.recourse.linear import FARTHEST, Program, margin_of, program_of
from ombud.explain.recourse.pairs import Pairs, ways
from ombud.system.forest import HasForest, Linear
from ombud.system.models import Model

Floats = NDArray[np.float64]
BOXES: Final = 4_000
"""Boxes that are looked into beyond two changes."""
_CHAIN: Final = "features that depend on each other in a chain were not tried at every point where they meet"


def recourse(
    model: Model,
    row: Floats,
    *,
    threshold: float,
    can: Sequence[Can],
    score_favours: str = "high",
    observed: Floats | None = None,
    most_changes: int = 2,
    more_boxes: int = BOXES,
    want: int = 3,
) -> Recourse:
    """The least changes that would have changed a decision.

    Up to `most_changes` (1 or 2) the answer is exact for linear models and trees. Only if there is none, more are
    looked for, with a proved bound. Every option is what the model itself answers. It holds for this model, and
    promises nothing.

    Args:
        model: trees or linear; row: what it decided on (shape: d).
        threshold: the score from which the outcome is favourable; score_favours: high, or low if up to it.
        can: what can be changed, and how far.
        observed: people whose spread is the unit of cost (shape: n × d), and beyond whose range nothing is moved where
            `can` sets no bound; None: the unit is the size of each value, and there is no bound.
        more_boxes: how long to look beyond `most_changes`, in boxes; 0: not at all. No clock: the same question has the
            same answer everywhere.
        want: how many ways to look for.

    Raises:
        Misused: the outcome is favourable already, or the model is neither linear nor made of trees.
    """
    if most_changes not in (1, 2) or want < 1:
        raise Misused("up to one or two changes are searched exactly, for one way or more", "Set most_changes to 2.")
    if _is_met(model, row, threshold, score_favours):
        raise Misused("this decision is favourable already", "Ask for the changes of one that is not.")
    within = as_far_as_anybody(can, model.features, observed, row)
    if isinstance(model, Linear):
        return _linear(model, row, threshold, score_favours, within, observed, most_changes, want)
    if isinstance(model, HasForest):
        return _trees(model, row, threshold, score_favours, within, observed, most_changes, more_boxes, want)
    raise Misused(f"a {model.format} model does not show its form", "Only linear models and trees can be searched.")


def _is_met(model: Model, row: Floats, threshold: float, favours: str) -> bool:
    score = float(model.predict(row[None])[0])
    return score >= threshold if favours == "high" else score <= threshold


# --- trees ------------------------------------------------------------------------------------------------------------


def _trees(
    model: Any, row: Floats, threshold: float, favours: str, can: Sequence[Can], observed: Floats | None, most: int,
    more: int, want: int,
) -> Recourse:  # fmt: skip
    forest, boxes = boxes_of(model)
    room = room_of(forest, row, model.features, can, observed)
    goal, reach = of_forest(forest, threshold, favours), Reach.of(forest, boxes, room)
    if reach.highest(np.arange(len(reach.value)), goal.sign) < goal.limit - goal.slack:
        return Recourse(found=(), proved="none exists", notes=room.notes)
    found = ways(Pairs(reach, goal, model, want).search(most), reach)
    options = tuple(_option(model, room, room.moved(way), len(way), cost) for cost, way in list(found)[:want])
    if options:
        return _modest(
            Recourse(found=options, proved="least", within=most, bound=options[0].cost, notes=room.notes), room
        )
    if not more:
        return _modest(Recourse(found=(), proved="none exists", within=most, notes=room.notes), room)
    return _modest(_further(Beyond(reach, goal, model, more), model, room, most), room)


def _further(search: Beyond, model: Model, room: Room, most: int) -> Recourse:
    """Any number of changes, after it was proved that few do not suffice."""
    done = search.search()
    if done.way is None:
        none = not np.isfinite(done.bound)
        return Recourse(
            found=(), proved="none exists", within=None if none else most, bound=None if none else done.bound,
            notes=room.notes,
        )  # fmt: skip
    option = _option(model, room, room.moved(done.way), len(done.way), room.cost(done.way))
    least = done.bound >= option.cost
    return Recourse(found=(option,), proved="least" if least else "bounded", bound=done.bound, notes=room.notes)


def _modest(answer: Recourse, room: Room) -> Recourse:
    """What was proved, less what was not looked at."""
    if not room.chained or answer.proved == "bounded":
        return answer
    return evolve(answer, proved="bounded", bound=None, notes=(*answer.notes, _CHAIN))


def _option(model: Model, room: Room, after: Floats, count: int, cost: float) -> Option:
    return _told(model, room.row, after, count, cost)


def _told(model: Model, before: Floats, after: Floats, count: int, cost: float) -> Option:
    """An option, with what the model itself answers."""
    moved = [at for at in np.flatnonzero(after != before) if not np.isnan(before[at])]
    changes = tuple(
        Change(feature=model.features[at], before=float(before[at]), after=float(after[at])) for at in moved
    )
    return Option(changes=changes, count=count, cost=cost, score_after=float(model.predict(after[None])[0]))


# --- linear models ----------------------------------------------------------------------------------------------------


def _linear(
    model: Any, row: Floats, threshold: float, favours: str, can: Sequence[Can], observed: Floats | None, most: int,
    want: int,
) -> Recourse:  # fmt: skip
    size = abs(model.intercept) + float(np.nansum(np.abs(model.weights * row)))
    goal = Goal.of(threshold, favours, 1.0, 2 * size + 1, len(row), single=True)
    program = program_of(model, row, can, observed, goal.sign)
    missing = goal.limit - goal.sign * margin_of(model, row) + program.held
    few = tuple(_each_way(model, program, goal, missing, most, want))
    if few:
        return Recourse(found=few, proved="least", within=most, bound=few[0].cost)
    any_number = tuple(_each_way(model, program, goal, missing, None, 1))
    if any_number:
        return Recourse(found=any_number, proved="least", bound=any_number[0].cost)
    if program.solve(missing - goal.slack, None) is None and not any(
        FARTHEST in (m.up, m.down) for m in program.movers
    ):
        return Recourse(found=(), proved="none exists")
    note = "rounding of the model decides, or a number would have to move farther than any that is looked at"
    return Recourse(found=(), proved="bounded", notes=(note,))


def _each_way(
    model: Any, program: Program, goal: Goal, missing: float, most: int | None, want: int
) -> Iterator[Option]:
    """Ways, the cheapest first, each with other movers than the ones before."""
    cut: list[frozenset[int]] = []
    while len(cut) < want:
        row = _surely(model, program, goal, missing, most, cut)
        if row is None:
            return
        cut.append(program.moves(row))
        yield _told(model, program.row, row, len(cut[-1]), program.cost(row))


def _surely(
    model: Any, program: Program, goal: Goal, missing: float, most: int | None, cut: Sequence[frozenset[int]]
) -> Floats | None:
    """The cheapest row that the model itself decides favourably: a little more than needed, where it rounds."""
    for more in (0.0, 1.0, 2.0, 10.0, 100.0):
        row = program.solve(missing + more * goal.slack, most, cut)
        if row is None or goal.is_met(model, row[None])[0][0]:
            return row
    return None
