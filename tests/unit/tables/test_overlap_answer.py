import pytest

from ombud.tables import overlap
from ombud.tables.needs import Overlap
from tabled import data, taken, unmet

ROLES = {"features": ["a", "b"], "label": ["y"]}
TRAINING = {"a": [1, 1, 2, 3, None], "b": ["x", "x", None, "x", "x"], "y": [1, 1, 0, 1, 0]}


def counted(**tables: dict[str, list[object]]) -> dict[str, int]:
    fold = {"fold": ["part"]} if any("part" in table for table in tables.values()) else {}
    (cube,) = taken(Overlap(), data(roles=ROLES | fold, **tables)).calls
    return {str(cell[0]): n for cell, n in cube.cells.items()}


def test_shared_and_repeated_rows_are_counted() -> None:
    other = {"a": [1, 2, 9, None], "b": ["x", None, "x", "x"], "y": [1, 0, 1, 1]}
    assert counted(training=TRAINING, evaluation=other) == {
        "training rows": 5, "evaluation rows": 4, "duplicates in training": 1, "shared": 2,
    }  # fmt: skip


def test_whole_numbers_and_floats_are_the_same_number() -> None:
    other = {"a": [1.0, 1.5], "b": ["x", "x"], "y": [True, True]}
    assert counted(training=TRAINING, evaluation=other)["shared"] == 1


def test_missing_here_is_not_missing_there() -> None:
    one, other = {"a": [None], "b": ["x"], "y": [1]}, {"a": [1], "b": [None], "y": [1]}
    assert "shared" not in counted(training=one, evaluation=other)


def test_a_twin_in_another_fold_is_counted_and_one_in_the_same_is_not() -> None:
    folds = TRAINING | {"part": [0, 1, 0, 0, 1]}
    assert counted(training=folds)["folds"] == 2
    assert "folds" not in counted(training=TRAINING | {"part": [0, 0, 1, 1, 0]})


def test_one_table_cut_by_folds_is_judged_within_folds_and_not_against_itself() -> None:
    given = data(roles=ROLES | {"fold": ["part"]}, training=TRAINING | {"part": [0, 1, 0, 0, 1]})
    object.__setattr__(given, "tables", {"training": given.tables["training"], "evaluation": given.tables["training"]})
    (cube,) = taken(Overlap(), given).calls
    assert cube.name == "within folds" and cube.count(what="shared") == 0 and cube.count(what="folds") == 2


def test_a_table_evaluated_on_itself_without_folds_is_all_shared() -> None:
    given = data(roles=ROLES, training=TRAINING)
    object.__setattr__(given, "tables", {"training": given.tables["training"], "evaluation": given.tables["training"]})
    assert taken(Overlap(), given).calls[0].count(what="shared") == 5


def test_what_cannot_be_compared_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unmet(Overlap(), data(roles=ROLES, training=TRAINING)).manifest_key == "data.evaluation.table"
    assert unmet(Overlap(), data(roles=ROLES, evaluation=TRAINING)).manifest_key == "data.training.table"
    assert unmet(Overlap(), data(training=TRAINING, evaluation=TRAINING)).manifest_key == "columns.features"
    monkeypatch.setattr(overlap, "MOST_ROWS", 4)
    assert "would not fit" in unmet(Overlap(), data(roles=ROLES, training=TRAINING, evaluation=TRAINING)).reason


def test_empty_tables_share_nothing() -> None:
    empty: dict[str, list[object]] = {"a": [], "b": [], "y": []}
    assert counted(training=empty, evaluation=empty) == {}
    assert counted(training=empty | {"part": []}) == {}
