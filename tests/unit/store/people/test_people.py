"""People are kept beside the log, behind aliases that say nothing, and can be deleted."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.errors import Misused, Unreadable
from ombud.store.identity import Identity
from ombud.store.people import Listed, People, TableState
from ombud.store.people.key import people_key
from ombud.store.people.published import published_at, read_published
from ombud.store.workspace import create_workspace

DAY = date(2026, 11, 25)
ANNA = Identity("email", "Anna@Example.org")
NUMBER = Identity("customer_id", "C-1007")


@pytest.fixture
def people(tmp_path: Path) -> People:
    return create_workspace(tmp_path).people


def table(**more: object) -> TableState:
    said = {"system": "loans", "role": "training", "digest": "d" * 64, "kind": "customer_id", "release": "r" * 64,
            "model": "m" * 64, "rows": 3, "taken_at": "2026-11-25T07:00:00.000000Z"}  # fmt: skip
    return TableState(**{**said, **more})  # type: ignore[arg-type]


def listed(alias: str, **more: object) -> Listed:
    said = {"alias": alias, "list": "erased", "law": "gdpr", "since": DAY, "case": "R-ABCDEF"}
    return Listed(**{**said, **more})  # type: ignore[arg-type]


def test_a_person_keeps_one_alias_whatever_the_case_of_the_address(people: People) -> None:
    alias = people.enrol([ANNA])
    assert people.enrol([Identity("email", "anna@example.ORG"), NUMBER]) == alias
    assert people.alias_of(NUMBER) == alias and len(alias) == 32


def test_identities_of_two_people_are_never_taken_for_one(people: People) -> None:
    people.enrol([ANNA])
    people.enrol([NUMBER])
    with pytest.raises(Misused, match="2 people"):
        people.enrol([ANNA, NUMBER])


def test_the_same_number_of_another_kind_is_another_person(people: People) -> None:
    assert people.enrol([Identity("loan_id", "42")]) != people.enrol([Identity("customer_id", "42")])


def test_nothing_of_a_forgotten_person_is_left_in_the_files_of_the_store(people: People, tmp_path: Path) -> None:
    alias = people.enrol([ANNA])
    people.keep("R-ABCDEF", "address", "Quince Street 77")
    held = b"".join(path.read_bytes() for path in (tmp_path / ".ombud").glob("ombud.db*"))
    assert b"Anna@Example.org" in held and b"Quince Street" in held
    people.forget(alias)
    people.drop("R-ABCDEF")
    left = b"".join(path.read_bytes() for path in (tmp_path / ".ombud").glob("ombud.db*"))
    assert b"Anna@Example.org" not in left and b"Quince Street" not in left and people.identities(alias) == ()


def test_whoever_is_listed_is_found_again_by_hash_after_the_link_is_gone(people: People) -> None:
    alias = people.enrol([ANNA, NUMBER])
    people.enlist(listed(alias))
    people.forget(alias)
    assert [one.alias for one in people.listed([Identity("email", "anna@example.org")])] == [alias]
    assert people.listed([Identity("email", "other@example.org")]) == ()


def test_an_identity_found_later_is_listed_too(people: People) -> None:
    alias = people.enrol([ANNA])
    people.enlist(listed(alias))
    people.add(alias, [NUMBER])
    assert people.listed([NUMBER])


def test_whoever_leaves_the_last_list_leaves_no_hash(people: People) -> None:
    alias = people.enrol([ANNA])
    people.enlist(listed(alias))
    people.enlist(listed(alias, list="objected"))
    people.delist(listed(alias))
    assert people.fingerprints()
    people.delist(listed(alias, list="objected"))
    assert not people.fingerprints() and not people.lists()


def test_a_person_is_found_in_the_tables_they_were_in_and_in_no_other(people: People) -> None:
    assert people.remember(table(), ["C-1007", "C-1", "C-1"]).people == 2
    people.remember(table(digest="e" * 64), ["C-1"])
    found = people.memberships([NUMBER])
    assert [one.table.digest for one in found] == ["d" * 64] and found[0].people == 2
    assert people.memberships([Identity("email", "C-1007")]) == ()


def test_a_table_is_kept_once_however_often_it_is_checked(people: People) -> None:
    people.remember(table(), ["C-1"])
    people.remember(table(taken_at="2026-11-26T07:00:00.000000Z"), ["C-1"])
    assert len(people.tables()) == 1
    people.remember(table(model="n" * 64), ["C-1"])
    assert len(people.tables()) == 2


def test_an_erased_person_is_still_known_to_have_been_in_a_table(people: People) -> None:
    kept = people.remember(table(), ["C-1007", "C-1"])
    alias = people.enrol([ANNA, NUMBER])
    people.enlist(listed(alias))
    people.forget(alias)
    assert people.listed_in(kept) == {alias}
    assert [one.table.digest for one in people.memberships_of(alias)] == ["d" * 64]


@settings(max_examples=25)
@given(st.lists(st.sets(st.integers(0, 90)), min_size=1, max_size=5))
def test_memberships_are_those_of_plain_sets(tables: list[set[int]]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        people = create_workspace(Path(folder)).people
        for number, members in enumerate(tables):
            people.remember(table(digest=f"{number:064d}"), (f"C-{one}" for one in members))
        for one in range(0, 91, 7):
            found = {int(m.table.digest) for m in people.memberships([Identity("customer_id", f"C-{one}")])}
            assert found == {number for number, members in enumerate(tables) if one in members}


def test_numbers_beyond_one_chunk_are_found(people: People) -> None:
    people.remember(table(), (f"C-{n}" for n in range(70_000)))
    assert len(people.memberships([Identity("customer_id", "C-69999")])) == 1


def test_published_lists_name_nobody_and_a_changed_byte_is_noticed(people: People, tmp_path: Path) -> None:
    people.enlist(listed(people.enrol([ANNA])))
    path = published_at(tmp_path)
    assert b"anna" not in path.read_bytes().lower()
    assert [on[0] for entry in read_published(tmp_path, people.key).entries.values() for on in entry] == ["erased"]
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Unreadable):
        read_published(tmp_path, people.key)


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    assert people_key(tmp_path) == people_key(tmp_path)
    (tmp_path / "people.key").chmod(0o644)
    with pytest.raises(Misused, match="others than its owner"):
        people_key(tmp_path)


def test_two_laws_of_one_case_stand_side_by_side_and_the_end_of_one_is_not_the_end_of_the_other(people: People) -> None:
    alias = people.enrol([ANNA])
    people.enlist(listed(alias, list="objected", law="gdpr", until=DAY))
    people.enlist(listed(alias, list="objected", law="uk-gdpr"))
    assert [(one.law, one.until) for one in people.lists()] == [("gdpr", DAY), ("uk-gdpr", None)]
    people.delist(listed(alias, list="objected", law="uk-gdpr"))
    assert [one.law for one in people.lists()] == ["gdpr"]
