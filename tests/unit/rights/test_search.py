"""Searching for the person of a case: the log says how much is where, and the store alone says who."""

from pathlib import Path

import pytest

from asked import ANN, OFFICER, asked, take
from desks import ask, desk_at, granted
from ombud.cases import NotAllowed
from ombud.errors import Misused
from ombud.rights.desk import FOUND
from ombud.rights.search import search
from ombud.store.identity import Identity


def test_the_log_says_how_much_and_the_private_note_says_what(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    case, found = search(desk, ask(desk))
    said = case.last("found")
    assert said is not None and said.details["map"] == desk.data_map.digest
    assert {row["collection"]: row["rows"] for row in said.details["found"]} == {
        "core.people": 1, "core.invoices": 1, "lake.visits": 2,
    }  # fmt: skip
    assert desk.found(case) == found
    payloads = b"".join(entry.envelope.payload for entry in desk.workspace.ledger.log().entries)
    assert b"ann@" not in payloads and b"C-1" not in payloads


def test_what_the_person_is_known_by_is_learned_for_the_lists(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk)
    search(desk, number)
    known = desk.workspace.people.identities(desk.alias(desk.case(number)))
    assert {str(one.value) for one in known} == {"ann@example.org", "C-1"}


def test_nobody_is_searched_for_before_it_was_shown_who_asks(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = asked(desk.workspace).case.id
    with pytest.raises(Misused, match="nobody has shown"):
        search(desk, number)
    take(desk.workspace, desk.case(number), "verified", method="attested", level="high", points=0)
    assert search(desk, number)[1].rows == 4


def test_a_source_that_is_away_is_named_in_the_log_as_unreached(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake" / "visits.csv").unlink()
    (tmp_path / "lake").rmdir()
    case, found = search(desk, ask(desk))
    said = case.last("found")
    assert said is not None and said.details["unreached"] == ["lake.visits"] and not found.complete


def test_a_case_that_is_over_is_not_searched_and_nothing_of_the_person_is_kept_again(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    take(desk.workspace, desk.case(number), "withdrawn", on="2026-11-23")
    desk.workspace.people.drop(number)
    with pytest.raises(NotAllowed):
        search(desk, number)
    assert not desk.workspace.people.kept(number)


def test_what_somebody_decided_is_not_theirs_stays_out_of_later_searches(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number, other = ask(desk), Identity("customer", "C-1")
    assert search(desk, number, rejected=[other])[1].counts["core.invoices"] == 0
    assert search(desk, number)[1].counts["core.invoices"] == 0, "remembered"
    assert search(desk, number, also=[other])[1].counts["core.invoices"] == 1, "and it can be taken back"


def test_a_search_with_another_map_does_not_count(tmp_path: Path) -> None:
    from desks import SOURCES, mapped

    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    other = type(desk)(desk.workspace, mapped(tmp_path, SOURCES + "# changed\n"), OFFICER, desk.organisation)
    with pytest.raises(Misused, match="the map of data has changed"):
        other.found(other.case(number))
    assert desk.found(desk.case(number)).identities[0] == ANN


def test_a_damaged_note_is_no_result_of_a_search(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    desk.note(desk.case(number), FOUND, {"selection": {"core.people": 1}})
    with pytest.raises(Misused, match="no result of a search"):
        desk.found(desk.case(number))
