"""Say what was done to a list of entries, given the list of hashes that was signed for."""

from collections import Counter
from collections.abc import Sequence

Difference = tuple[str, int | None, str]
"""A code, a position (None if there is no one position), and a sentence."""


def what_was_done(found: Sequence[bytes], promised: Sequence[bytes]) -> list[Difference]:
    """What differs.

    Args:
        found: hashes of the entries that are here.
        promised: hashes whose tree has the signed root.
    """
    if list(found) == list(promised):
        return []
    repeated = _repeated(found, promised)
    if repeated:
        return repeated
    here, there = set(found), set(promised)
    missing = [i for i, leaf in enumerate(promised) if leaf not in here]
    foreign = [i for i, leaf in enumerate(found) if leaf not in there]
    if missing and foreign == missing and len(found) == len(promised):
        return [
            ("changed", i, f"entry {i} was changed: its bytes do not have the hash that was signed for")
            for i in missing
        ]
    if missing and not foreign and _in_order(found, promised):
        return _dropped(missing, len(promised))
    if foreign and not missing:
        return [("put in", i, f"entry {i} was put in: the log that was signed has no such entry") for i in foreign]
    if not missing and not foreign:
        return _moved(found, promised)
    return [
        (
            "mixed",
            None,
            f"{len(missing)} entries are missing and {len(foreign)} are foreign; first: {(missing or foreign)[0]}",
        )
    ]


def _repeated(found: Sequence[bytes], promised: Sequence[bytes]) -> list[Difference]:
    allowed, seen = Counter(promised), Counter[bytes]()
    first: dict[bytes, int] = {}
    told: list[Difference] = []
    for i, leaf in enumerate(found):
        seen[leaf] += 1
        if leaf in allowed and seen[leaf] > allowed[leaf]:
            told.append(("replayed", i, f"entry {i} was replayed: it repeats entry {first[leaf]}"))
        first.setdefault(leaf, i)
    return told


def _in_order(found: Sequence[bytes], promised: Sequence[bytes]) -> bool:
    place = {leaf: i for i, leaf in enumerate(promised)}
    places = [place[leaf] for leaf in found]
    return places == sorted(places)


def _dropped(missing: Sequence[int], size: int) -> list[Difference]:
    head = next((i for i, index in enumerate(missing) if index != i), len(missing))
    tail = next((i for i, index in enumerate(reversed(missing)) if index != size - 1 - i), len(missing))
    ends: list[Difference] = []
    if head:
        ends.append(("dropped head", 0, f"the head was dropped: the first {head} of {size} entries are missing"))
    if tail and head < len(missing):
        ends.append(
            ("dropped tail", size - tail, f"the tail was dropped: the last {tail} of {size} entries are missing")
        )
    between = missing[head : len(missing) - tail] if head + tail < len(missing) else []
    return [*ends, *(("removed", i, f"entry {i} was removed") for i in between)]


def _moved(found: Sequence[bytes], promised: Sequence[bytes]) -> list[Difference]:
    place = {leaf: i for i, leaf in enumerate(promised)}
    moved = [(place[leaf], i) for i, leaf in enumerate(found) if place[leaf] != i]
    return [("reordered", was, f"reordered: entry {was} stands at {now}") for was, now in sorted(moved)]
