"""Replaying the list of the erased on restored data: whoever is on it goes again, nobody else does."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from asked import ANN
from desks import BOB, SOURCES, ask, desk_at, fill, granted, left_in, mapped, states
from ombud.rights.decide import Kept
from ombud.rights.deliver import close, deliver, tell_recipients
from ombud.rights.desk import Desk
from ombud.rights.fulfil import fulfil
from ombud.rights.reapply import reapply
from ombud.rights.search import search
from ombud.rights.sources.source import State
from support import needs

BACK = {"core.people": "erased and verified", "core.invoices": "erased and verified",
        "lake.visits": "erased and verified"}  # fmt: skip


def erased(folder: Path, sources: str = SOURCES, keep: Any = ()) -> Desk:
    """A desk at which Ann was erased, and whose data then came back from a backup."""
    desk, _ = desk_at(folder, sources)
    fulfil(desk, granted(desk, keep=keep))
    fill(folder)
    return desk


def test_whoever_was_erased_is_erased_again_and_nobody_else(tmp_path: Path) -> None:
    desk = erased(tmp_path)
    done = reapply(desk)
    assert done.whole and done.people == 1 and states(done.outcomes) == BACK
    assert left_in(tmp_path) == [] and left_in(tmp_path, BOB.value) == ["people.jsonl", "visits.csv"]


def test_it_needs_nobodys_name_once_the_case_is_closed(tmp_path: Path) -> None:
    for part in ("typst", "pyzipper"):
        needs(part)
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    tell_recipients(desk, number, list(fulfil(desk, number).recipients))
    deliver(desk, number, "mail")
    close(desk, number)
    assert desk.workspace.people.alias_of(ANN) is None
    fill(tmp_path)
    assert reapply(desk).people == 1 and left_in(tmp_path) == []


def test_the_log_says_how_many_and_for_which_cases_and_not_who(tmp_path: Path) -> None:
    desk = erased(tmp_path)
    done = reapply(desk)
    said = done.case.opened
    assert said["people"] == 1 and len(said["cases"]) == 1 and done.case.id.startswith("E-")
    assert all(b"ann@" not in one.envelope.payload for one in desk.workspace.ledger.log().entries)


def test_a_second_replay_finds_nobody(tmp_path: Path) -> None:
    desk = erased(tmp_path)
    reapply(desk)
    again = reapply(desk)
    assert again.whole and again.people == 0 and again.outcomes == ()


@pytest.mark.parametrize("right", ["objection", "restriction", "access"])
def test_whoever_asked_for_something_else_is_not_erased(tmp_path: Path, right: str) -> None:
    desk, _ = desk_at(tmp_path)
    fulfil(desk, granted(desk, right))
    assert reapply(desk).people == 0 and "people.jsonl" in left_in(tmp_path)


def test_what_was_kept_is_kept_again_until_its_day_and_goes_after_it(tmp_path: Path) -> None:
    keep = [Kept(collection="core.invoices", ground="legal-obligation", until=date(2026, 12, 1))]
    desk, clock = desk_at(tmp_path)
    fulfil(desk, granted(desk, keep=keep))
    fill(tmp_path)
    assert states(reapply(desk).outcomes)["core.invoices"] == "not erasable"
    clock.time = clock.now().replace(month=12, day=2)
    fill(tmp_path)
    assert states(reapply(desk).outcomes)["core.invoices"] == "erased and verified"


def test_a_place_that_cannot_be_read_is_named_and_the_replay_is_not_whole(tmp_path: Path) -> None:
    desk = erased(tmp_path)
    (tmp_path / "core" / "people.jsonl").write_text("{not json\n", encoding="utf-8")
    done = reapply(desk)
    assert not done.whole and "core.people" in {place for place, _ in done.unread}
    assert states(done.outcomes)["lake.visits"] == "erased and verified"


def test_a_value_that_can_be_nobodys_hides_nobody_who_stands_after_it(tmp_path: Path) -> None:
    desk = erased(tmp_path)
    for where, rows in (("core/people.jsonl", '{"id": "' + "9" * 2000 + '", "email": "' + "x" * 2000 + '"}\n'),):
        path = tmp_path / where
        path.write_text(rows + path.read_text(encoding="utf-8"), encoding="utf-8")
    done = reapply(desk)
    assert done.people == 1 and left_in(tmp_path) == [] and not done.unread


def test_rows_that_may_be_somebody_elses_are_left_and_said(tmp_path: Path) -> None:
    keyed = SOURCES.replace("table: people.jsonl\n", "table: people.jsonl\n        key: [id]\n")
    desk = erased(tmp_path, keyed)
    with (tmp_path / "core" / "people.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "C-9", "email": "ann@example.org", "name": "Second Account"}\n')
    done = reapply(desk)
    assert not done.whole and "core.people" in {place for place, _ in done.unread}


def test_a_replay_of_nobody_reads_nothing(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    opened: list[str] = []
    done = reapply(desk, open=lambda spec, _: opened.append(spec.name))  # type: ignore[arg-type,func-returns-value]
    assert done.whole and not opened


def test_two_people_are_counted_together_place_by_place(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    for person in (ANN, BOB):
        fulfil(desk, granted(desk, identities=(person,)))
    fill(tmp_path)
    done = reapply(desk)
    people = next(one for one in done.outcomes if one.collection == "core.people")
    assert done.people == 2 and (people.state, people.found, people.erased) == (State.ERASED, 2, 2)
    assert left_in(tmp_path, BOB.value) == []


def test_a_map_that_changed_since_is_no_hindrance(tmp_path: Path) -> None:
    desk = erased(tmp_path)
    other = type(desk)(desk.workspace, mapped(tmp_path, SOURCES + "# changed\n"), desk.holder, desk.organisation)
    assert reapply(other).people == 1


def test_whoever_only_asked_is_not_on_the_list_before_it_is_granted(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    search(desk, ask(desk))
    assert reapply(desk).people == 0


def test_whoever_shares_an_address_with_the_erased_is_not_erased_in_their_place(tmp_path: Path) -> None:
    keyed = SOURCES.replace("table: people.jsonl\n", "table: people.jsonl\n        key: [id]\n")
    desk = erased(tmp_path, keyed)
    reapply(desk)
    with (tmp_path / "core" / "people.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "C-9", "email": "ann@example.org", "name": "Second Account"}\n')
    for _ in range(2):
        done = reapply(desk)
        assert not done.whole and "core.people" in {place for place, _ in done.unread}
        assert "Second Account" in (tmp_path / "core" / "people.jsonl").read_text(encoding="utf-8")
