"""Proofs at their edges: what is asked in vain, and what is handed over empty, cut or made for another tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Misused
from ombud.evidence.tree import (
    EMPTY_ROOT,
    Peaks,
    Stored,
    consistency_proof,
    extends,
    grow,
    includes,
    inclusion_proof,
    leaf_hash,
    root_of,
    stored_size,
)


def hashes(size: int) -> list[bytes]:
    return [leaf_hash(str(i).encode()) for i in range(size)]


def stored(size: int) -> Stored:
    kept = grow(Peaks(), hashes(size))[1]
    return lambda places: {place: kept[place] for place in places}


def root(size: int) -> bytes:
    return root_of(hashes(size))


def test_who_asks_for_an_entry_that_there_is_not_is_told_how_entries_are_counted() -> None:
    with pytest.raises(Misused) as raised:
        inclusion_proof(3, 3, stored(3))
    assert raised.value.what == "a log of 3 entries has no entry 3"
    assert raised.value.next_step == "Entries are counted from 0."


def test_who_asks_for_a_history_that_never_was_is_told_so() -> None:
    with pytest.raises(Misused) as raised:
        consistency_proof(4, 3, stored(3))
    assert raised.value.what == "a log of 3 entries never had 4 entries"
    with pytest.raises(Misused):
        consistency_proof(-1, 3, stored(3))


@pytest.mark.parametrize("old", [3, 5, 6, 7])
def test_an_empty_proof_shows_no_growth_beside_the_smallest_that_does(old: int) -> None:
    assert not extends(old, root(old), 8, root(8), [])
    assert extends(old, root(old), 8, root(8), consistency_proof(old, 8, stored(8)))


def test_an_empty_proof_shows_no_growth_from_a_complete_tree_either() -> None:
    assert not extends(4, root(4), 8, root(8), [])
    assert not extends(4, root(4), 8, root(4), [])  # not even where nothing but the size differs


def test_a_tree_extends_itself_and_the_empty_tree_with_no_proof_at_all() -> None:
    assert extends(5, root(5), 5, root(5), [])
    assert not extends(5, root(5), 5, root(5), [root(5)])
    assert not extends(5, root(5), 5, root(6), [])
    assert extends(0, EMPTY_ROOT, 5, root(5), [])
    assert not extends(0, EMPTY_ROOT, 5, root(5), [root(5)])
    assert not extends(0, root(5), 5, root(5), [])


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3)])
def test_no_proof_shows_a_tree_that_shrank_or_never_was(old: int, size: int) -> None:
    assert not extends(old, root(3), size, root(3), [])
    assert not extends(old, root(3), size, root(3), [root(3)])


def test_nothing_is_included_in_an_empty_tree() -> None:
    assert not includes(hashes(1)[0], 0, 0, [], EMPTY_ROOT)
    assert not includes(EMPTY_ROOT, 0, 0, [], EMPTY_ROOT)


def test_a_tree_of_one_leaf_needs_no_proof_and_takes_none() -> None:
    (leaf,) = hashes(1)
    assert includes(leaf, 0, 1, [], leaf)
    assert not includes(leaf, 0, 1, [leaf], leaf)


@given(st.integers(2, 64), st.data())
def test_no_proof_of_growth_fits_an_older_or_newer_beginning(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    other = data.draw(st.integers(1, size - 1).filter(lambda n: n != old) if size > 2 else st.just(size))
    proof = consistency_proof(old, size, stored(size))
    assert not extends(other, root(old), size, root(size), proof)
    assert not extends(old, root(other), size, root(size), proof)


@pytest.mark.parametrize("size", range(65))
def test_no_tree_stores_more_than_two_hashes_a_leaf(size: int) -> None:
    assert stored_size(size) == len(grow(Peaks(), hashes(size))[1]) <= 2 * size
