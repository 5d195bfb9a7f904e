"""What can be expected before labels come: against the labels that then do come, and against other software."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from ombud.statistics.expected import Meaning, Place, expected_accuracy, expected_auc
from ombud.statistics.scores import auc

BINS = 50


def people(random: Any, n: int, a: float, b: float) -> tuple[Any, Any, Any]:
    """Scores that say too much, decisions with a few changed by people, and labels."""
    score = random.beta(a, b, n)
    decision = (score > 0.5) ^ (random.random(n) < 0.05)
    return np.minimum(BINS - 1, (score * BINS).astype(int)), decision, random.random(n) < score**1.5


def labelled(bins: Any, decision: Any, label: Any) -> dict[Place, tuple[int, int]]:
    of = Counter(zip(bins.tolist(), decision.tolist(), strict=True))
    hits = Counter(zip(bins[label].tolist(), decision[label].tolist(), strict=True))
    return {place: (hits[place], n) for place, n in of.items()}


def rows(bins: Any, decision: Any) -> dict[Place, int]:
    return dict(Counter(zip(bins.tolist(), decision.tolist(), strict=True)))


def real_auc(bins: Any, label: Any) -> float:
    return float(auc(np.bincount(bins[label], minlength=BINS).tolist(),
                     np.bincount(bins[~label], minlength=BINS).tolist()))  # fmt: skip


@pytest.mark.parametrize("shift", [(2.0, 2.0), (3.0, 2.0), (1.0, 1.0)])
def test_the_interval_holds_what_the_labels_then_confirm(shift: tuple[float, float]) -> None:
    random, lives = np.random.default_rng(7), 300
    right, ranked = 0, 0
    for _ in range(lives):
        meaning = Meaning(labelled(*people(random, 4_000, 2, 2)))
        bins, decision, label = people(random, 700, *shift)
        _, (low, high) = expected_accuracy(meaning, rows(bins, decision))
        right += low <= np.mean(decision == label) <= high
        found = expected_auc(meaning, rows(bins, decision))
        assert found is not None
        ranked += found[1][0] <= real_auc(bins, label) <= found[1][1]
    assert right / lives > 0.92 and ranked / lives > 0.92


def test_of_the_known_rows_themselves_the_expected_accuracy_is_the_measured_one() -> None:
    bins, decision, label = people(np.random.default_rng(3), 20_000, 3, 3)
    meaning = Meaning(labelled(bins, decision, label))
    value, _ = expected_accuracy(meaning, rows(bins, decision))
    assert value == pytest.approx(float(np.mean(decision == label)), abs=2e-3)


def test_the_expected_area_is_that_of_rows_weighted_by_their_chances() -> None:
    random = np.random.default_rng(11)
    meaning = Meaning(labelled(*people(random, 6_000, 2, 2)))
    bins, decision, _ = people(random, 900, 3, 2)
    found = expected_auc(meaning, rows(bins, decision))
    chances = np.array(
        [h / n for h, n in (meaning.chance((int(b), bool(d))) for b, d in zip(bins, decision, strict=True))]
    )
    both = np.concatenate([np.ones(len(bins)), np.zeros(len(bins))])
    weights = np.concatenate([chances, 1 - chances])
    theirs = roc_auc_score(both, np.concatenate([bins, bins]), sample_weight=weights)
    assert found is not None and found[0] == pytest.approx(float(theirs), abs=1e-12)


def test_if_scores_change_their_meaning_the_estimate_does_not_see_it() -> None:
    random = np.random.default_rng(5)
    meaning = Meaning(labelled(*people(random, 4_000, 2, 2)))
    bins, decision, label = people(random, 5_000, 2, 2)
    _, (low, high) = expected_accuracy(meaning, rows(bins, decision))
    assert not low <= np.mean(decision == ~label) <= high  # that is what labels are for


def test_scores_that_no_labelled_row_had_are_counted() -> None:
    meaning = Meaning({(3, True): (30, 40), (4, True): (35, 40)})
    assert meaning.unseen({(3, True): 30, (9, True): 10}) == 0.25
    assert meaning.chance((9, True)) == meaning.chance((4, True)) == (35, 40)


@given(st.dictionaries(st.tuples(st.integers(0, 12), st.booleans()), st.integers(1, 60), min_size=1), st.data())
def test_any_counts_give_a_share_within_its_interval(known: dict[Place, int], data: st.DataObject) -> None:
    meaning = Meaning({place: (data.draw(st.integers(0, n)), n) for place, n in known.items()})
    seen = data.draw(st.dictionaries(st.sampled_from(sorted(known)), st.integers(1, 500), min_size=1))
    value, (low, high) = expected_accuracy(meaning, seen)
    assert 0 <= low <= value <= high <= 1
    found = expected_auc(meaning, seen)
    assert found is None or 0 <= found[1][0] <= found[0] <= found[1][1] <= 1
