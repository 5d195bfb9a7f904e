"""Repeat a decision with the model that made it, and prove that the recorded score comes out again.

Three proofs count, and which one held is said: the very same number; a number within 1e-9, which is what other
hardware or another build of a library leaves of one; and, where the score was written down with few digits, the same
digits. Anything else is another score, and then nothing is explained.
"""

import difflib
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.decisions.decision import FAVOURABLE, UNFAVOURABLE, Decision, Value
from ombud.decisions.exact import CannotReplay
from ombud.system.models import Model

Floats = NDArray[np.float64]
Proof = Literal["exact", "within 1e-9", "to its digits", "not reproduced", "no score"]

NEAR: Final = 1e-9
"""Largest distance at which two scores are one: rounding in another order of adding up."""

FEWEST_DIGITS, MOST_DIGITS = 4, 9
"""A score with fewer decimals proves nothing (1e-4 is where two scores count as the same); with more it is whole."""

_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(\.\d{1,40})?|[+-]?\d{1,20}/[1-9]\d{0,20}")


@frozen
class Replay:
    """What came out when a decision was repeated.

    Attributes:
        row: the recorded inputs as the model takes them (shape: 1 × d).
        recorded: the score on record; None where there is none.
        recomputed: what the model says now.
        proof: how the two agree; digits: decimals compared, for "to its digits".
        threshold: the score from which the outcome is favourable, exact; None where nobody said.
        outcome: the recorded one; follows: whether it is what score and threshold give; None where it cannot be told.
        by_person: a person is on record as having changed it.
    """

    row: Floats
    recorded: float | None
    recomputed: float
    proof: Proof
    digits: int | None
    threshold: Fraction | None
    outcome: str
    follows: bool | None
    by_person: bool

    @property
    def reproduced(self) -> bool:
        """Whether the recorded score came out again."""
        return self.proof in ("exact", "within 1e-9", "to its digits")

    @property
    def difference(self) -> float | None:
        """Distance of the two scores."""
        return None if self.recorded is None else abs(self.recorded - self.recomputed)

    def to_json(self) -> dict[str, Any]:
        """The replay as programs read it; the inputs are not in it."""
        return {
            "reproduced": self.reproduced, "proof": self.proof, "digits": self.digits, "recorded": self.recorded,
            "recomputed": self.recomputed, "difference": self.difference,
            "threshold": None if self.threshold is None else str(self.threshold), "outcome": self.outcome,
            "outcome_follows": self.follows, "changed_by_a_person": self.by_person,
        }  # fmt: skip


def replay(decision: Decision, model: Model, threshold: Fraction | None, score_favours: str = "high") -> Replay:
    """Repeat one decision.

    Args:
        decision: as recorded; its own threshold outranks `threshold`, the one that the manifest declares.
        model: the very one that made it.
        score_favours: "high" if a high score is good for the person, "low" if it is bad.

    Raises:
        CannotReplay: the decision is still open, or its inputs are not those that the model takes.
    """
    if decision.outcome is None:
        raise CannotReplay("the decision is still open: there is no outcome to explain", "Ask again when it is made.")
    row = inputs_for(model, decision.inputs)
    score = float(model.predict(row)[0])
    proof, digits = same_score(decision.score, score)
    own = threshold_of(decision)
    limit = threshold if own is None else own
    return Replay(
        row=row, recorded=decision.score, recomputed=score, proof=proof, digits=digits, threshold=limit,
        outcome=decision.outcome, follows=_follows(decision, score, limit, score_favours),
        by_person=decision.human is not None and decision.human.changed,
    )  # fmt: skip


def inputs_for(model: Model, inputs: Mapping[str, Value]) -> Floats:
    """Recorded inputs in the model's own order (shape: 1 × d); None is missing, as NaN.

    Raises:
        CannotReplay: a feature is not on record (perhaps under another name), or is text where a number belongs.
    """
    lacking = [name for name in model.features if name not in inputs]
    if lacking:
        raise CannotReplay(_lacking(lacking, [name for name in inputs if name not in model.features]),
                           "Record inputs under the names by which the model takes them; none is guessed.")  # fmt: skip
    text = [name for name in model.features if isinstance(inputs[name], str)]
    if text:
        raise CannotReplay(f"the record holds text in {', '.join(map(repr, text))}, and the model takes numbers",
                           "Record inputs as the model gets them: coded, or one feature a level.")  # fmt: skip
    return np.array([[_number(inputs[name]) for name in model.features]], dtype=np.float64)


def _lacking(lacking: list[str], others: list[str]) -> str:
    near = [(name, close[0]) for name in lacking if (close := difflib.get_close_matches(name, others, 1))]
    said = f"the record has no input {', '.join(map(repr, lacking))}, which the model takes"
    return said + (f" (renamed? it has {', '.join(repr(other) for _, other in near)})" if near else "")


def _number(value: Value) -> float:
    return math.nan if value is None else float(value)


def same_score(recorded: float | None, recomputed: float) -> tuple[Proof, int | None]:
    """How two scores agree, and with how many decimals where the record has few."""
    if recorded is None or not math.isfinite(recorded):
        return "no score", None
    if recorded == recomputed:
        return "exact", None
    if abs(recorded - recomputed) <= NEAR:
        return "within 1e-9", None
    digits = decimals(recorded)
    if FEWEST_DIGITS <= digits <= MOST_DIGITS and _agree(recorded, recomputed, digits):
        return "to its digits", digits
    return "not reproduced", None


def decimals(score: float) -> int:
    """How many decimals the shortest writing of a number has: 0.25 → 2."""
    exponent = Decimal(repr(score)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _agree(recorded: float, recomputed: float, digits: int) -> bool:
    """Whether one rounds to the other; half a unit of the last digit, whichever way its writer rounds a tie."""
    unit = Decimal(1).scaleb(-digits)
    return abs(Decimal(repr(recorded)) - Decimal(repr(recomputed))) <= unit / 2


def threshold_of(decision: Decision) -> Fraction | None:
    """The recorded threshold, exact.

    Raises:
        CannotReplay: it is no number.
    """
    if decision.threshold is None:
        return None
    if not _NUMBER.fullmatch(decision.threshold.strip()):
        raise CannotReplay("the recorded threshold is no number", "Record it as text, for example 0.5.")
    return Fraction(decision.threshold.strip())


def _follows(decision: Decision, score: float, threshold: Fraction | None, score_favours: str) -> bool | None:
    if threshold is None:
        return None
    limit = float(threshold)  # programs compare floats, so a score of 0.3 reaches a threshold of "0.3"
    scores = (score, score if decision.score is None else decision.score)
    reached = {(one >= limit) if score_favours == "high" else (one <= limit) for one in scores}
    return any(decision.outcome == (FAVOURABLE if one else UNFAVOURABLE) for one in reached)
