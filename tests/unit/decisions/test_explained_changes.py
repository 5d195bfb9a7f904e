"""Numbers in a letter: few digits, and still what the model was asked and what the person could have had."""

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.decisions.changes import Searched, in_words
from ombud.decisions.letterfile import LettersFile
from ombud.documents.decisions import wording
from ombud.system.spec import Changeable

NAMES = ("income", "savings")
WORDS = wording()


class Sum:
    """A model whose score is what the two features add up to."""

    features = NAMES

    def predict(self, rows: Any) -> Any:
        return rows.sum(axis=1)


def told(before: tuple[float, float], after: tuple[float, float], limit: float,
         can: dict[str, Changeable] | None = None) -> dict[str, float]:  # fmt: skip
    """The numbers of the letter for one way, by feature."""
    people = SimpleNamespace(can=can or {}, fixed=(), only_increase=(), only_decrease=())
    explainer = SimpleNamespace(model=Sum(), groups={name: (name,) for name in NAMES}, sensitive=frozenset(), sign=1)
    moves = {name: (a, b) for name, a, b in zip(NAMES, before, after, strict=True) if a != b}
    searched = Searched(ask="found", moves=(moves,), scores=(sum(after),))
    replay = SimpleNamespace(row=np.array([before], dtype=float), threshold=Fraction(limit))
    real: Any = in_words
    (way,) = real(searched, explainer, replay, SimpleNamespace(people=people), LettersFile(), WORDS)
    return {change.what: float(change.after) for change in way.changes}


def test_two_numbers_are_shortened_together_and_the_model_still_turns() -> None:
    """Each alone could lose its last two digits; both at once would refuse the person again."""
    said = told((41000, 20000), (41240, 20340), 61520)
    assert said["income"] + said["savings"] >= 61520


def test_a_number_is_not_shortened_out_of_the_range_in_which_it_may_move() -> None:
    bound = {"income": Changeable(direction="up", high=Fraction(41260))}
    assert told((41000, 0), (41260, 0), 41250, bound) == {"income": 41260}
    assert told((41000, 0), (41260, 0), 41250, {"income": Changeable(direction="up")}) == {"income": 41300}


def test_a_number_stays_on_the_step_by_which_it_moves_without_the_noise_of_its_last_bits() -> None:
    step = {"income": Changeable(direction="up", step=Fraction(1, 10))}
    assert told((0.1, 0), (0.1 + 0.2, 0), 0.25, step) == {"income": 0.3}
    assert told((41000, 0), (41240, 0), 41150, {"income": Changeable(step=Fraction(60))}) == {"income": 41240}


def test_a_number_is_not_shortened_above_the_column_that_it_may_not_exceed() -> None:
    below = {"income": Changeable(at_most="savings")}
    assert told((1, 41245), (41240, 41245), 82480, below) == {"income": 41240}
    assert told((1, 41245), (41260, 41300), 82550, below) == {"income": 41300, "savings": 41300}


@pytest.mark.parametrize("limit", [0.5, 99_999.5])
@given(data=st.data())
def test_what_the_letter_tells_always_turns_the_outcome(limit: float, data: st.DataObject) -> None:
    first = data.draw(st.floats(0.01, limit - 0.01))
    second = limit - first + data.draw(st.floats(0, limit / 100))
    if first + second < limit:
        return
    said = told((0.0, 0.0), (first, second), limit)
    assert said["income"] + said["savings"] >= limit
