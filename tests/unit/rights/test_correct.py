"""Correcting: only the person's rows, only where the old value stood, and no value in any word that is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from asked import take
from desks import ask, desk_at, granted
from ombud.errors import Misused
from ombud.rights.correct import CHANGES, correct_everywhere, note_changes, read_changes
from ombud.rights.desk import Desk
from ombud.rights.fulfil import fulfil
from ombud.rights.sources.source import State

SECRET = "Zeta Zwölf"


def people(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "core" / "people.jsonl").read_text(encoding="utf-8").splitlines()]


def change(place: str = "core.people", where: Any = None, **values: Any) -> dict[str, Any]:
    return {"collection": place, "values": values, **({"where": where} if where else {})}


def corrected(desk: Desk, *changes: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    number = granted(desk, "rectification")
    note_changes(desk, number, list(changes))
    return number, {one.collection: one for one in fulfil(desk, number).outcomes}


def test_a_wrong_value_is_put_right_in_the_persons_rows_alone(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number, told = corrected(desk, change(name=SECRET, where={"name": "Ann Unique"}))
    assert [one["name"] for one in people(tmp_path)] == [SECRET, "Bob Unique"]
    assert told["core.people"].state is State.CHANGED and desk.case(number).state == "fulfilled"
    assert all(SECRET.encode() not in one.envelope.payload for one in desk.workspace.ledger.log().entries)


def test_where_the_old_value_does_not_stand_nothing_is_changed_and_nothing_claimed(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    _, told = corrected(desk, change(name=SECRET, where={"name": "Somebody"}))
    assert told["core.people"].state is State.NOTHING and people(tmp_path)[0]["name"] == "Ann Unique"


def test_a_run_that_was_cut_off_after_changing_is_told_as_changed_by_the_next(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    wanted = [change(name=SECRET, where={"name": "Ann Unique"})]
    number = granted(desk, "rectification")
    selection = desk.found(desk.case(number)).selection
    first, second = (correct_everywhere(desk.data_map, selection, wanted) for _ in range(2))
    assert first[0].state is second[0].state is State.CHANGED and "already" in second[0].because


def test_several_changes_of_one_place_are_one_outcome_that_says_what_was_done(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    right, beside = change(name=SECRET, where={"name": "Ann Unique"}), change(name="Q", where={"name": "Somebody"})
    number, told = corrected(desk, right, beside)
    assert told["core.people"].state is State.CHANGED and told["core.people"].found == 1
    assert desk.case(number).state == "fulfilled"


def test_a_place_that_could_not_be_searched_has_failed_and_is_not_called_empty(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake" / "visits.csv").unlink()
    (tmp_path / "lake").rmdir()
    number, told = corrected(desk, change("lake.visits", page="/right"))
    assert told["lake.visits"].state is State.FAILED and desk.case(number).state == "acting"


def test_changes_are_taken_only_for_an_open_request_that_asks_for_a_correction(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    other, number = ask(desk), ask(desk, "rectification")
    take(desk.workspace, desk.case(number), "withdrawn", on="2026-11-23")
    for case in (other, number):
        with pytest.raises(Misused, match="no request for a correction"):
            note_changes(desk, case, [change(name=SECRET)])
        assert CHANGES not in desk.workspace.people.kept(case)
    assert note_changes(desk, ask(desk, "rectification"), [change(name=SECRET)]).state == "verified"


@pytest.mark.parametrize(
    "written",
    [
        None, {}, [], "text", 7, [None], [[]], [{}], [{"collection": "core.people"}],
        [change(place=SECRET, name="x")], [change()], [change(**{SECRET: "x"})], [change(name={SECRET: 1})],
        [change(name=[SECRET])], [change(name="x", where={SECRET: 1})], [{**change(name="x"), "where": [SECRET]}],
        [{**change(name="x"), SECRET: 1}], [{"collection": [SECRET], "values": {"name": "x"}}],
        [change(name=SECRET)] * 1001,
    ],
)  # fmt: skip
def test_what_is_no_list_of_changes_is_refused_without_repeating_it(tmp_path: Path, written: Any) -> None:
    desk, _ = desk_at(tmp_path)
    with pytest.raises(Misused) as told:
        read_changes(desk.data_map, written)
    assert SECRET not in f"{told.value} {told.value.next_step}"


@pytest.mark.parametrize("value", ["x", "", 7, 1.5, True, None])
def test_a_text_a_number_or_nothing_is_a_value(tmp_path: Path, value: Any) -> None:
    desk, _ = desk_at(tmp_path)
    assert read_changes(desk.data_map, [change(name=value)]) == [change(name=value)]
