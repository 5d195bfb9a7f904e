"""Ask for the least changes that would have led to another outcome, within what this person can change."""

from collections.abc import Iterator
from typing import Any

from ombud.decisions.changes import WITHIN, Searched, changeable
from ombud.decisions.population import Explainer
from ombud.decisions.replay import Replay
from ombud.system.manifest import System
from ombud.system.spec import Changeable


def search(system: System, explainer: Explainer, again: Replay) -> Searched:
    """Search with the model that decided.

    Args:
        system: whose manifest says what people can change; explainer: the model; again: the decision, repeated.
    """
    try:
        from ombud.explain.recourse import recourse
    except ImportError:
        return Searched(ask="not asked", notes=("changes are not searched in this version",))
    assert again.threshold is not None, "a decision without a threshold is not explained"
    answer = recourse(
        explainer.model, again.row[0], threshold=float(again.threshold), score_favours=explainer.score_favours,
        can=tuple(_can(system, explainer)), observed=explainer.seen, most_changes=WITHIN,
    )  # fmt: skip
    return _searched(answer)


def _can(system: System, explainer: Explainer) -> Iterator[Any]:
    from ombud.explain.recourse import Can

    group_of = {name: group for group, names in explainer.groups.items() for name in names if len(names) > 1}
    for name, how in changeable(system, explainer).items():
        said = how or Changeable()
        yield Can(
            feature=name, direction=said.direction if how else "none", low=_number(said.low), high=_number(said.high),
            step=_number(said.step), group=group_of.get(name), at_most=said.at_most,
        )  # fmt: skip


def _number(exact: Any) -> float | None:
    return None if exact is None else float(exact)


def _searched(answer: Any) -> Searched:
    """What the search says, never more: that there is nothing only where that was proved."""
    moves = tuple({one.feature: (float(one.before), float(one.after)) for one in way.changes} for way in answer.found)
    notes = tuple(getattr(answer, "notes", ()))
    if moves:
        scores = tuple(float(way.score_after) for way in answer.found)
        return Searched(ask="found", moves=moves, scores=scores, notes=notes)
    if answer.proved == "none exists":
        return Searched(ask="none", within=getattr(answer, "within", WITHIN), notes=notes)
    return Searched(ask="not found", notes=notes)
