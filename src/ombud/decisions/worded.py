"""How features, values and scores are written in a letter: in words where somebody gave them, and never misleading."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ombud.decisions.decision import Value
from ombud.decisions.letterfile import LettersFile
from ombud.documents.decisions import Input
from ombud.documents.rights.letters import Wording
from ombud.explain.attribution import LEVEL_MARK
from ombud.system.manifest import System

FEWEST, MOST = 3, 17
"""Significant digits: a reader wants few, and seventeen tell any two numbers apart."""


def wording_of(system: System, words: Wording) -> Mapping[str, str]:
    """Feature → the sentence that a person approved, in the language of a letter.

    The manifest's sentences are English. Another language has its own, in the folder that a native reader approved.
    """
    own = {name.removeprefix("reason."): said for name, said in words.words.items() if name.startswith("reason.")}
    return {**system.reasons, **own} if words.language.partition("-")[0] == "en" else own


def label(feature: str, file: LettersFile, words: Wording) -> str:
    """What a feature is called in a letter: in the letter's language, else by the organisation, else its own name."""
    return words.words.get(f"label.{feature}") or file.labels.get(feature) or feature


def inputs(
    groups: Mapping[str, Sequence[str]], recorded: Mapping[str, Value], file: LettersFile, words: Wording
) -> tuple[Input, ...]:
    """The inputs of a decision, a column each: of one-hot levels the one that holds."""
    return tuple(Input(what=label(group, file, words), value=_of_group(group, names, recorded, words))
                 for group, names in groups.items())  # fmt: skip


def _of_group(group: str, names: Sequence[str], recorded: Mapping[str, Value], words: Wording) -> str:
    if tuple(names) == (group,):
        return value(recorded.get(group), words)
    held = [name.partition(LEVEL_MARK)[2] or name for name in names if recorded.get(name)]
    return ", ".join(held) or words.word("value.missing")


def value(given: Value, words: Wording, digits: int = 15) -> str:
    """One value: yes or no, "nothing on record", a number without the noise of its last bits, or the text itself."""
    if given is None or (isinstance(given, float) and math.isnan(given)):
        return words.word("value.missing")
    if isinstance(given, bool):
        return words.word("value.yes" if given else "value.no")
    return given if isinstance(given, str) else number(_plainest(given), digits)


def _plainest(given: float) -> float:
    """A number that is one of 32 bits, as people wrote it: 57.6 for 57.5999984741211."""
    single = np.float32(given)
    return float(str(single)) if float(single) == given and np.isfinite(single) else given


def number(given: float, digits: int) -> str:
    """A number with so many significant digits, never with an exponent."""
    said = format(Decimal(f"{given:.{digits}g}"), "f")
    return said.rstrip("0").rstrip(".") if "." in said else said


def score_beside(score: float, threshold: Fraction, higher: bool = True) -> str:
    """A score in as few digits as keep it on its side of the threshold."""
    limit = float(threshold)

    def reached(one: float) -> bool:
        return one >= limit if higher else one <= limit

    return few_digits(score, lambda said: reached(said) == reached(score) and (said == limit) == (score == limit))


def few_digits(given: float, still: Callable[[float], bool]) -> str:
    """A number in as few digits as leave true what is said of it."""
    for digits in range(FEWEST, MOST):
        said = f"{given:.{digits}g}"
        if still(float(said)):
            return number(float(said), digits)
    return repr(given)
