"""The oracle is the definition of RFC 9162, section 2.1, written as it stands there: recursive and slow."""

import hashlib
from collections.abc import Sequence

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
    node_hash,
    peaks_at,
    root_of,
    stored_place,
    stored_size,
)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(data: Sequence[bytes]) -> bytes:
    if not data:
        return sha(b"")
    if len(data) == 1:
        return sha(b"\x00" + data[0])
    k = split(len(data))
    return sha(b"\x01" + mth(data[:k]) + mth(data[k:]))


def path(m: int, data: Sequence[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = split(len(data))
    return [*path(m, data[:k]), mth(data[k:])] if m < k else [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: Sequence[bytes], whole: bool) -> list[bytes]:
    if m == len(data):
        return [] if whole else [mth(data)]
    k = split(len(data))
    if m <= k:
        return [*subproof(m, data[:k], whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def leaves(size: int) -> list[bytes]:
    return [str(i).encode() for i in range(size)]


def stored(data: Sequence[bytes]) -> Stored:
    kept = grow(Peaks(), [leaf_hash(one) for one in data])[1]
    return lambda places: {place: kept[place] for place in places}


SIZES = range(0, 40)
# leaves and roots of the reference implementation of Certificate Transparency, in use since RFC 6962
CT_LEAVES = [bytes.fromhex(t) for t in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(map(leaf_hash, CT_LEAVES[:size])).hex() == CT_ROOTS[size]


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_the_recursive_definition(size: int) -> None:
    assert root_of(map(leaf_hash, leaves(size))) == mth(leaves(size))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == mth([])


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_of_every_small_tree_is_proven_as_the_rfc_says(size: int) -> None:
    data = leaves(size)
    for index in range(size):
        proof = inclusion_proof(index, size, stored(data))
        assert list(proof) == path(index, data)
        assert includes(leaf_hash(data[index]), index, size, proof, mth(data))


@pytest.mark.parametrize("size", SIZES)
def test_every_prefix_of_every_small_tree_is_proven_as_the_rfc_says(size: int) -> None:
    data = leaves(size)
    for old in range(size + 1):
        proof = consistency_proof(old, size, stored(data))
        assert list(proof) == (subproof(old, data, True) if old else [])
        assert extends(old, mth(data[:old]), size, mth(data), proof)


@pytest.mark.parametrize("size", SIZES)
def test_stored_order_never_changes_and_gives_every_earlier_tree(size: int) -> None:
    data = leaves(size)
    _, kept = grow(Peaks(), map(leaf_hash, data))
    assert len(kept) == stored_size(size)
    for old in range(size + 1):
        assert kept[: stored_size(old)] == grow(Peaks(), map(leaf_hash, data[:old]))[1]
        assert peaks_at(old, stored(data)) == grow(Peaks(), map(leaf_hash, data[:old]))[0]


def test_stored_places_count_leaves_and_subtrees_in_the_order_they_become_known() -> None:
    assert [stored_place(0, n) for n in range(5)] == [0, 1, 3, 4, 7]
    assert [stored_place(1, 0), stored_place(1, 1), stored_place(2, 0)] == [2, 5, 6]


@given(st.integers(1, 200), st.data())
def test_a_proof_fits_no_other_leaf_place_size_or_root(size: int, data: st.DataObject) -> None:
    values = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(index, size, stored(values)))
    root, leaf = mth(values), leaf_hash(values[index])
    assert not includes(leaf_hash(b"other"), index, size, proof, root)
    assert not includes(leaf, index, size, proof, mth(values[:-1]))
    assert not includes(leaf, index, size, [*proof, root], root)
    assert not any(includes(leaf, other, size, proof, root) for other in range(-1, size + 1) if other != index)
    if proof:
        cut = data.draw(st.integers(0, len(proof) - 1))
        assert not includes(leaf, index, size, proof[:cut], root)
        flipped = [bytes([proof[cut][0] ^ 1]) + proof[cut][1:] if i == cut else one for i, one in enumerate(proof)]
        assert not includes(leaf, index, size, flipped, root)


@given(st.integers(1, 120), st.data())
def test_a_consistency_proof_fits_no_other_history(size: int, data: st.DataObject) -> None:
    values = leaves(size)
    old = data.draw(st.integers(1, size))
    proof = list(consistency_proof(old, size, stored(values)))
    root, before = mth(values), mth(values[:old])
    other = mth([b"changed", *values[1:old]])
    assert not extends(old, other, size, root, proof)
    assert not extends(old, before, size, node_hash(root, root), proof)
    assert not extends(old, before, size, root, [*proof, root])
    assert not extends(size + 1, before, size, root, proof)
    if proof:
        assert not extends(old, before, size, root, proof[:-1])


def test_nothing_is_proven_about_entries_that_there_are_not() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(Misused):
            inclusion_proof(index, size, stored(leaves(size)))
    with pytest.raises(Misused):
        consistency_proof(4, 3, stored(leaves(3)))
