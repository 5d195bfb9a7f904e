"""What would have led to another outcome: what this person can change, asked of the model, and put into words."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ombud.decisions.letterfile import LettersFile
from ombud.decisions.population import Explainer
from ombud.decisions.replay import Replay
from ombud.decisions.worded import few_digits, label, value
from ombud.documents.decisions import Ask, Change, Way
from ombud.documents.rights.letters import Wording
from ombud.system.manifest import System
from ombud.system.spec import Changeable

Floats = NDArray[np.float64]
WITHIN: Final = 2
"""Up to so many changes at once are searched exhaustively."""


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
    searched: Searched, explainer: Explainer, replay: Replay, file: LettersFile, words: Wording
) -> tuple[Way, ...]:
    """The ways as a letter tells them: numbers in few digits, with which the model was asked again."""
    return tuple(Way(_changes(one, explainer, replay, file, words)) for one in searched.moves)


def _changes(moves: Mapping[str, tuple[float, float]], explainer: Explainer, replay: Replay, file: LettersFile,
             words: Wording) -> tuple[Change, ...]:  # fmt: skip
    row = replay.row.copy()
    for name, (_, after) in moves.items():
        row[0, explainer.model.features.index(name)] = after
    said = []
    for group, names in explainer.groups.items():
        moved = [name for name in names if name in moves]
        if moved and len(names) > 1:
            said.append(_level(group, moved, moves, file, words))
        elif moved:
            said.append(_number(moved[0], moves[moved[0]], row, explainer, replay, file, words))
    return tuple(said)


def _level(group: str, moved: list[str], moves: Mapping[str, tuple[float, float]], file: LettersFile,
           words: Wording) -> Change:  # fmt: skip
    """Another level of a column that the model sees as one indicator a level."""
    before = [name.partition("=")[2] for name in moved if moves[name][0] > moves[name][1]]
    after = [name.partition("=")[2] for name in moved if moves[name][1] > moves[name][0]]
    nothing = words.word("value.missing")
    return Change(what=label(group, file, words), before=", ".join(before) or nothing,
                  after=", ".join(after) or nothing)  # fmt: skip


def _number(name: str, move: tuple[float, float], row: Floats, explainer: Explainer, replay: Replay,
            file: LettersFile, words: Wording) -> Change:  # fmt: skip
    """A number in as few digits as still turn the outcome when the model is asked with them."""
    before, after = move
    at, trial = explainer.model.features.index(name), row.copy()

    def turns(said: float) -> bool:
        trial[0, at] = said
        score, limit = float(explainer.model.predict(trial)[0]), float(replay.threshold or 0)
        return score >= limit if explainer.sign > 0 else score <= limit

    shown = value(after, words) if np.isnan(after) else few_digits(after, turns)
    return Change(what=label(name, file, words), before=value(before, words), after=shown)
