from fractions import Fraction

import pytest

from ombud.checks.monitoring.overlap import overlap
from ombud.statistics.cube import Cube


def measured(name: str = "", **counts: int) -> dict[str, object]:
    cells = {(what.replace("_", " "),): n for what, n in counts.items()}
    return {
        one.name: one.value if one.unknown is None else one.unknown for one in overlap(Cube(("what",), cells, name))
    }


def test_shares_are_of_the_table_they_speak_of() -> None:
    found = measured(training_rows=1_000, evaluation_rows=200, shared=50, duplicates_in_training=10)
    assert found == {"overlap_share": Fraction(1, 4), "duplicate_share": Fraction(1, 100)}


def test_within_folds_the_other_folds_are_what_counts() -> None:
    found = measured("within folds", training_rows=1_000, folds=4, duplicates_in_training=2)
    assert found == {"fold_overlap_share": Fraction(4, 1_000), "duplicate_share": Fraction(2, 1_000)}


def test_nothing_shared_is_a_share_of_zero() -> None:
    assert measured(training_rows=10, evaluation_rows=10) == {"overlap_share": 0, "duplicate_share": 0}


@pytest.mark.parametrize("counts", [{}, {"evaluation_rows": 5}])
def test_an_empty_training_table_is_unknown(counts: dict[str, int]) -> None:
    assert measured(**counts) == {"overlap_share": "the training table holds no rows"}


def test_an_empty_evaluation_table_is_unknown() -> None:
    assert measured(training_rows=5)["overlap_share"] == "the evaluation table holds no rows"


def test_a_find_says_that_it_may_be_different_people() -> None:
    (found, *_) = overlap(Cube(("what",), {("training rows",): 9, ("evaluation rows",): 9, ("shared",): 1}))
    assert "different people" in found.notes[0]
