"""What would have led to another outcome: what this person can change, asked of the model, and put into words."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ombud.decisions.letterfile import LettersFile
from ombud.decisions.population import Explainer
from ombud.decisions.replay import Replay
from ombud.decisions.worded import FEWEST, MOST, label, number, value
from ombud.documents.decisions import Ask, Change, Way
from ombud.documents.rights.letters import Wording
from ombud.system.manifest import System
from ombud.system.spec import Changeable

Floats = NDArray[np.float64]
Moves = Mapping[str, tuple[float, float]]
"""Feature → value before and after."""
Can = Mapping[str, Changeable | None]
"""Feature → how far a person can change it; None: not at all."""

WITHIN: Final = 2
"""Up to so many changes at once are searched exhaustively."""
ON_STEP: Final = 1e-3
"""A number is on a step if it is no farther from it than this part of a step: what 32 bits leave of 57.6."""


@frozen(kw_only=True)
class Searched:
    """What became of the search.

    Attributes:
        ask: found, none (proved), not found, or not asked.
        within: the proof of none is about so many changes at once; None where it is about any number.
        moves: ways found, each feature → (before, after); scores: the model's answer to each.
        notes: what the search says of itself.
    """

    ask: Ask
    within: int | None = None
    moves: tuple[Mapping[str, tuple[float, float]], ...] = field(default=(), repr=False)
    scores: tuple[float, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The search as programs read it."""
        ways = [
            {"changes": [{"feature": name, "before": _plain(a), "after": _plain(b)} for name, (a, b) in one.items()],
             "score_after": score}
            for one, score in zip(self.moves, self.scores, strict=True)
        ]  # fmt: skip
        return {"result": self.ask, "within": self.within, "ways": ways, "notes": list(self.notes),
                "holds": "as of this model, not a promise"}  # fmt: skip


def _plain(number: float) -> float | None:
    return None if np.isnan(number) else number


def changeable(system: System, explainer: Explainer) -> dict[str, Changeable | None]:
    """Feature of the model → how far a person can change it; None: not at all.

    What nobody can change is what the manifest fixes, protected columns, and whatever stands for one: no letter tells
    anybody to be of another race or to move to another street. Where the manifest says what can be changed, nothing
    else can.
    """
    people, found = system.people, {}
    for group, names in explainer.groups.items():
        for name in names:
            said = people.can.get(name) or people.can.get(group)
            one_way = "up" if {name, group} & set(people.only_increase) else None
            one_way = "down" if {name, group} & set(people.only_decrease) else one_way
            free = None if people.can and not one_way else Changeable(direction=one_way or "any")
            fixed = {name, group} & {*people.fixed} or group in explainer.sensitive
            found[name] = None if fixed else said or free
    return found


def in_words(
    searched: Searched, explainer: Explainer, replay: Replay, system: System, file: LettersFile, words: Wording
) -> tuple[Way, ...]:
    """The ways as a letter tells them: numbers in few digits, with all of which at once the model was asked again."""
    can = changeable(system, explainer)
    return tuple(Way(_changes(one, explainer, replay, can, file, words)) for one in searched.moves)


def _changes(moves: Moves, explainer: Explainer, replay: Replay, can: Can, file: LettersFile,
             words: Wording) -> tuple[Change, ...]:  # fmt: skip
    told, said = _told(moves, explainer, replay, can), []
    for group, names in explainer.groups.items():
        moved = [name for name in names if name in moves]
        if moved and len(names) > 1:
            said.append(_level(group, moved, moves, file, words))
        elif moved:
            before, after = moves[moved[0]]
            shown = told.get(moved[0]) or value(after, words)
            said.append(Change(what=label(moved[0], file, words), before=value(before, words), after=shown))
    return tuple(said)


def _level(group: str, moved: list[str], moves: Mapping[str, tuple[float, float]], file: LettersFile,
           words: Wording) -> Change:  # fmt: skip
    """Another level of a column that the model sees as one indicator a level."""
    before = [name.partition("=")[2] for name in moved if moves[name][0] > moves[name][1]]
    after = [name.partition("=")[2] for name in moved if moves[name][1] > moves[name][0]]
    nothing = words.word("value.missing")
    return Change(what=label(group, file, words), before=", ".join(before) or nothing,
                  after=", ".join(after) or nothing)  # fmt: skip


def _told(moves: Moves, explainer: Explainer, replay: Replay, can: Can) -> dict[str, str]:
    """Feature → its number, in as few digits as turn the outcome when the model is asked with all that is told.

    Numbers are shortened together: each alone may use up what the model leaves, and then both are one too many.
    """
    whole = {name for names in explainer.groups.values() if len(names) == 1 for name in names}
    numbers = {name: after for name, (_, after) in moves.items() if name in whole and not np.isnan(after)}
    for digits in range(FEWEST, MOST):
        short = {name: float(f"{after:.{digits}g}") for name, after in numbers.items()}
        row = _moved(explainer, replay, {**{name: after for name, (_, after) in moves.items()}, **short})
        fits = all(_may(said, *moves[name], can.get(name)) for name, said in short.items())
        if fits and _in_order(short, can, explainer, row) and _turns(explainer, replay, row):
            return {name: number(said, digits) for name, said in short.items()}
    return {name: repr(after) for name, after in numbers.items()}


def _moved(explainer: Explainer, replay: Replay, values: Mapping[str, float]) -> Floats:
    """The person's row with other values in it (shape: 1 × d)."""
    row = replay.row.copy()
    for name, said in values.items():
        row[0, explainer.model.features.index(name)] = said
    return row


def _turns(explainer: Explainer, replay: Replay, row: Floats) -> bool:
    score, limit = float(explainer.model.predict(row)[0]), float(replay.threshold or 0)
    return score >= limit if explainer.sign > 0 else score <= limit


def _may(said: float, before: float, after: float, how: Changeable | None) -> bool:
    """Whether a shortened number is still one that this person could have had."""
    if said == after:
        return True
    if how is None or (said - before) * (after - before) <= 0:
        return False
    in_range = (how.low is None or said >= float(how.low)) and (how.high is None or said <= float(how.high))
    return in_range and (how.step is None or abs(said - after) <= float(how.step) * ON_STEP)


def _in_order(short: Collection[str], can: Can, explainer: Explainer, row: Floats) -> bool:
    """Whether what may not exceed another column does not, where one of the two was shortened."""
    at = explainer.model.features.index
    pairs = ((name, how.at_most) for name, how in can.items() if how and how.at_most in explainer.model.features)
    return not any(row[0, at(one)] > row[0, at(most)] for one, most in pairs if most and {one, most} & set(short))
