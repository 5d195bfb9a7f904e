"""A pack is a value: it is carried as JSON, named by its digest, and locked once released."""

import hashlib
import json
from datetime import date
from pathlib import Path

from attrs import evolve

from ombud.law.load import load_pack, read_pack
from ombud.law.pack import Pack
from ombud.law.release import digests, tampered, unreleased

CASES = Path(__file__).parents[2] / "cases" / "law"
SMALL = read_pack([CASES / "small.yaml"])


def test_a_pack_survives_json_with_its_digest() -> None:
    back = Pack.from_json(json.loads(json.dumps(SMALL.to_json())))
    assert set(back.rows) == set(SMALL.rows)
    assert back.digest == SMALL.digest


def test_the_shipped_pack_survives_json_with_its_digest() -> None:
    pack = load_pack()
    assert Pack.from_json(json.loads(json.dumps(pack.to_json()))).digest == pack.digest


def test_a_pack_read_back_answers_the_same() -> None:
    back = Pack.from_json(SMALL.to_json())
    facts = {"jurisdiction": frozenset({"EU"}), "role": frozenset({"provider"})}
    moments = [(date(2026, 8, 3), date(2026, 7, 1)), (date(2027, 12, 2), date(2026, 11, 23))]
    for as_of, known_at in moments:
        expected = {one.requirement.id: one for one in SMALL.view(as_of, known_at).applicability(facts)}
        assert {one.requirement.id: one for one in back.view(as_of, known_at).applicability(facts)} == expected


def test_the_digest_is_that_of_the_sorted_compact_json() -> None:
    plain = json.dumps(SMALL.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert SMALL.digest == hashlib.sha256(plain.encode()).hexdigest()


def test_the_order_of_rows_does_not_change_the_digest() -> None:
    assert Pack(SMALL.rows[::-1]).digest == SMALL.digest


def test_any_change_of_a_value_changes_the_digest() -> None:
    first, *rest = SMALL.rows
    (version, *versions) = first.versions
    moved = evolve(first, versions=(evolve(version, published=date(2024, 7, 13)), *versions))
    assert Pack((moved, *rest)).digest != SMALL.digest


def test_an_untouched_pack_agrees_with_its_lock() -> None:
    lock = digests(SMALL)
    assert tampered(lock, SMALL) == ()
    assert unreleased(lock, SMALL) == ()


def test_an_edited_or_removed_version_is_named() -> None:
    lock = digests(SMALL)
    first, second, *rest = SMALL.rows
    edited = evolve(first, versions=(evolve(first.versions[0], note="improved"), *first.versions[1:]))
    shortened = evolve(second, versions=second.versions[:1])
    found = tampered(lock, Pack((edited, shortened, *rest)))
    assert found == (
        "SMALL.1: version 1 was released and has been edited; add a version with corrects:",
        "SMALL.2: version 2 was released and is gone",
    )


def test_a_row_taken_away_is_named() -> None:
    assert "SMALL.1: version 1 was released and is gone" in tampered(digests(SMALL), Pack(SMALL.rows[1:]))


def test_a_version_added_behind_the_released_ones_breaks_nothing() -> None:
    first, *rest = SMALL.rows
    longer = evolve(first, versions=(*first.versions, evolve(first.versions[0], corrects=1)))
    lock = digests(SMALL)
    assert tampered(lock, Pack((longer, *rest))) == ()
    assert unreleased(lock, Pack((longer, *rest))) == ("SMALL.1 version 3",)
