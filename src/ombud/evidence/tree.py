"""The Merkle tree of RFC 9162, section 2.1: one hash for the whole log, and short proofs about it.

The hashes of all complete subtrees are kept in the order in which they become known ("stored order"): appending a
leaf appends its hash and that of every subtree it completes. Nothing in that list ever changes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from ombud.errors import Misused

Stored = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Reads stored hashes by their place in stored order, all at once."""

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
_Subtree = tuple[int, int]  # level and number within the level: leaves [number << level, (number + 1) << level)


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf's data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node from those of its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def stored_place(level: int, number: int) -> int:
    """Where the hash of a complete subtree stands in stored order, counted from 0."""
    last_leaf = ((number + 1) << level) - 1
    return 2 * last_leaf - last_leaf.bit_count() + level


def stored_size(leaves: int) -> int:
    """How many hashes are stored for a tree of so many leaves."""
    return 2 * leaves - leaves.bit_count()


@frozen
class Peaks:
    """A tree seen from above: the hashes of its complete subtrees, from the left; all that `grow` needs.

    Attributes:
        size: number of leaves.
        hashes: one for each bit of `size` that is set, largest subtree first.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The tree's root hash; that of the empty tree is SHA-256 of nothing."""
        return _joined(self.hashes) if self.hashes else EMPTY_ROOT


def grow(peaks: Peaks, leaves: Iterable[bytes]) -> tuple[Peaks, list[bytes]]:
    """Append many leaf hashes; the new peaks and all hashes to store, in stored order."""
    stored: list[bytes] = []
    hashes, size = list(peaks.hashes), peaks.size
    for leaf in leaves:
        stored.append(leaf)
        size += 1
        for _ in range((size & -size).bit_length() - 1):
            stored.append(node_hash(hashes.pop(), stored[-1]))
        hashes.append(stored[-1])
    return Peaks(size, tuple(hashes)), stored


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Root hash over leaf hashes."""
    return grow(Peaks(), leaves)[0].root


def peaks_at(size: int, stored: Stored) -> Peaks:
    """The tree as it was when it had `size` leaves."""
    parts = list(_complete(0, size))
    found = stored([stored_place(*part) for part in parts])
    return Peaks(size, tuple(found[stored_place(*part)] for part in parts))


def inclusion_proof(index: int, size: int, stored: Stored) -> tuple[bytes, ...]:
    """The audit path of a leaf (RFC 9162, section 2.1.3.1), nearest sibling first.

    Raises:
        Misused: no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise Misused(f"a log of {size} entries has no entry {index}", "Entries are counted from 0.")
    return _hashes(list(_audit_path(index, 0, size)), stored)


def consistency_proof(old: int, size: int, stored: Stored) -> tuple[bytes, ...]:
    """The proof that a tree of `old` leaves is a prefix of that of `size` (RFC 9162, section 2.1.4.1).

    Raises:
        Misused: `old` is not between 0 and `size`.
    """
    if not 0 <= old <= size:
        raise Misused(f"a log of {size} entries never had {old} entries")
    return _hashes(list(_consistency_path(old, 0, size, True)) if old else [], stored)


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows a leaf hash at a position under a root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def extends(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree only grew (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == 0 or old == size:
        return not proof and old_root == (root if old else EMPTY_ROOT)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _joined(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees from left to right."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _hashes(ranges: Sequence[tuple[int, int]], stored: Stored) -> tuple[bytes, ...]:
    """The root of each range of leaves."""
    parts = [list(_complete(start, end)) for start, end in ranges]
    found = stored([stored_place(*part) for range_parts in parts for part in range_parts])
    return tuple(_joined([found[stored_place(*part)] for part in range_parts]) for range_parts in parts)


def _complete(start: int, end: int) -> Iterator[_Subtree]:
    """The complete subtrees that make up leaves [start, end), where `start` is a multiple of a large enough power."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _audit_path(index: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start == 1:
        return
    middle = start + _split(end - start)
    if index < middle:
        yield from _audit_path(index, start, middle)
        yield middle, end
    else:
        yield from _audit_path(index, middle, end)
        yield start, middle


def _consistency_path(old: int, start: int, end: int, whole: bool) -> Iterator[tuple[int, int]]:
    if old == end:
        if not whole:
            yield start, end
        return
    middle = start + _split(end - start)
    if old <= middle:
        yield from _consistency_path(old, start, middle, whole)
        yield middle, end
    else:
        yield from _consistency_path(old, middle, end, False)
        yield start, middle
