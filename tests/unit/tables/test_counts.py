from typing import Any

import pytest

from ombud.errors import what_next
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.tables import counts
from ombud.tables.needs import Counts, Need, Role
from ombud.tables.table import NoSuchColumn
from ombud.tables.take import Data, Taken, Unmet, take
from tabled import data, taken, unmet

ROLES = {"protected": ["race", "sex"], "decision": ["approved"], "label": ["repaid"], "condition_on": ["term", "kind"]}
PEOPLE: dict[str, list[Any]] = {
    "race": ["a", "a", "b", "b", None, "a"],
    "sex": ["f", "m", "f", "m", "f", "f"],
    "approved": [1, 0, 1, None, 1, 1],
    "repaid": [1, 1, 0, 1, None, 0],
    "term": [10, 20, 10, 20, 10, 10],
    "kind": ["x", "x", "y", None, "x", "x"],
}


def people(minimum: int = 1, **changed: list[Any]) -> Data:
    return data(minimum, roles=ROLES, evaluation=PEOPLE | changed)


def test_there_is_one_call_a_protected_column_and_one_for_their_combination() -> None:
    answer = taken(Counts(), people())
    assert [cube.name for cube in answer.calls] == ["race", "sex", "race × sex"]
    assert all(cube.axes == ("group", "decision") for cube in answer.calls)


def test_missing_groups_and_missing_outcomes_are_counted_as_such() -> None:
    race = taken(Counts(), people()).calls[0]
    assert race.cells == {
        ("a", FAVOURABLE): 2, ("a", UNFAVOURABLE): 1, ("b", FAVOURABLE): 1, ("b", None): 1, (None, FAVOURABLE): 1,
    }  # fmt: skip
    assert race.total == 6


def test_a_combination_says_which_half_is_missing() -> None:
    both = taken(Counts(), people()).calls[2]
    assert both.levels("group") == ("a × f", "a × m", "b × f", "b × m", "missing × f")


def test_decision_label_and_stratum_come_in_the_order_that_the_need_promises() -> None:
    need = Counts(of=(Role.DECISION, Role.LABEL), given=Role.CONDITION_ON)
    sex = taken(need, people()).calls[1]
    assert sex.axes == ("group", "decision", "label", "stratum")
    assert sex.count(group="f", decision=FAVOURABLE, label=UNFAVOURABLE, stratum="10 × y") == 1


def test_groups_under_the_minimum_are_in_no_cube_and_are_counted_as_left_out() -> None:
    answer = taken(Counts(), people(minimum=2))
    assert answer.left_out == 1  # the one whose race is missing
    assert [cube.total for cube in answer.calls[:2]] == [5, 5]


def test_one_protected_column_has_no_combination() -> None:
    roles = ROLES | {"protected": ["sex"]}
    answer = taken(Counts(), data(roles=roles, evaluation=PEOPLE))
    assert [cube.name for cube in answer.calls] == ["sex"]


def test_a_protected_column_may_be_called_like_an_axis() -> None:
    roles = {"protected": ["decision", "group"], "decision": ["stratum"]}
    given = data(roles=roles, evaluation={"decision": ["x", "y"], "group": ["u", "v"], "stratum": [1, 0]})
    first, second, both = taken(Counts(), given).calls
    assert first.count(group="x", decision=FAVOURABLE) == second.count(group="u", decision=FAVOURABLE) == 1
    assert both.levels("group") == ("x × u", "y × v")


def test_evaluation_is_counted_before_decisions_and_training_never() -> None:
    other = {name: values[:4] for name, values in PEOPLE.items()}
    assert taken(Counts(), data(roles=ROLES, evaluation=PEOPLE, decisions=other)).calls[0].total == 6
    assert taken(Counts(), data(roles=ROLES, decisions=other)).calls[0].total == 4
    assert unmet(Counts(), data(roles=ROLES, training=PEOPLE)).manifest_key == "data.evaluation.table"


def test_needs_over_one_table_cost_one_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[object] = []
    scan = counts.grouped
    monkeypatch.setattr(counts, "grouped", lambda table, columns: scans.append(columns) or scan(table, columns))
    needs = [Counts(), Counts(of=(Role.DECISION, Role.LABEL)), Counts(given=Role.CONDITION_ON)]
    answers = take(needs, people())
    assert len(scans) == 1 and all(isinstance(answer, Taken) for answer in answers.values())


@pytest.mark.parametrize("values", [["1.0", "0.0"] * 3, [True, False] * 3, [1.0, 0.0] * 3, ["true", "false"] * 3])
def test_the_favourable_value_is_found_in_every_type(values: list[Any]) -> None:
    assert taken(Counts(), people(approved=values)).calls[1].count(decision=FAVOURABLE) == 3


@pytest.mark.parametrize(
    ("changed", "roles", "says", "key"),
    [
        ({"approved": [1, 0, 2, 1, 1, 1]}, {}, "holds 3 values", "columns.unfavourable"),
        ({"approved": [2, 0, 2, 0, 2, 0]}, {}, "never holds", "columns.favourable"),
        ({}, {"protected": []}, "which group", "columns.protected"),
        ({}, {"decision": []}, "no column is declared as decision", "columns.decision"),
    ],
)
def test_what_cannot_be_counted_is_a_reason_with_the_key_that_mends_it(
    changed: dict[str, Any], roles: dict[str, Any], says: str, key: str
) -> None:
    answer = unmet(Counts(), data(roles=ROLES | roles, evaluation=PEOPLE | changed))
    assert says in answer.reason and answer.manifest_key == key


def test_a_raw_age_has_to_be_put_into_bands_by_a_person() -> None:
    roles = {"protected": ["age"], "decision": ["approved"]}
    given = data(roles=roles, evaluation={"age": list(range(18, 69)), "approved": [i % 2 for i in range(51)]})
    answer = unmet(Counts(), given)
    assert "51 different numbers" in answer.reason and "bands" in answer.reason
    fewer = data(roles=roles, evaluation={"age": list(range(18, 68)), "approved": [i % 2 for i in range(50)]})
    assert taken(Counts(), fewer).calls[0].total == 50


@pytest.mark.parametrize("many", [1_001, 200_002])
def test_names_are_no_groups_of_people(many: int) -> None:
    roles = {"protected": ["who"], "decision": ["approved"]}
    given = data(
        roles=roles, evaluation={"who": [f"p{i}" for i in range(many)], "approved": [i % 2 for i in range(many)]}
    )
    answer = unmet(Counts(), given)
    assert "'who'" in answer.reason and "p17" not in answer.reason


def test_one_hopeless_need_does_not_spoil_the_others() -> None:
    many = 200_001
    given = data(
        roles={"protected": ["sex"], "decision": ["approved"], "condition_on": ["who"]},
        evaluation={
            "sex": ["f", "m", "f"] * (many // 3), "approved": [1, 0, 0] * (many // 3),
            "who": [f"p{i}" for i in range(many)],
        },
    )  # fmt: skip
    answers = take([Counts(), Counts(given=Role.CONDITION_ON)], given)
    assert isinstance(answers[Counts()], Taken)
    assert isinstance(answers[Counts(given=Role.CONDITION_ON)], Unmet)


@pytest.mark.parametrize("need", [Counts(), Counts(of=(Role.LABEL,))])
def test_a_misspelt_column_stops_everything_and_names_the_nearest(need: Need) -> None:
    with pytest.raises(NoSuchColumn) as raised:
        take([need], data(roles=ROLES | {"protected": ["Race", "sex"]}, evaluation=PEOPLE))
    assert "'Race'" in str(raised.value) and "nearest is 'race'" in str(raised.value) and what_next(raised.value)


def test_a_column_that_only_another_table_has_is_a_reason() -> None:
    without = {name: values for name, values in PEOPLE.items() if name != "race"}
    answer = unmet(Counts(), data(roles=ROLES, evaluation=without, training=PEOPLE))
    assert "the evaluation table has no column 'race'" in answer.reason


def test_an_empty_table_gives_empty_cubes() -> None:
    empty = {name: [] for name in PEOPLE}
    assert [cube.total for cube in taken(Counts(), data(roles=ROLES, evaluation=empty)).calls] == [0, 0, 0]


def test_progress_is_told_before_each_step() -> None:
    told: list[tuple[str, int, int]] = []
    take([Counts(), Counts()], people(), lambda *step: told.append(step))
    assert told == [("people by group", 0, 1)]
