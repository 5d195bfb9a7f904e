"""Proves, by the map alone, that every kind of identity leads to every collection with personal data.

The proof walks collections as the search walks rows (`rights.walk`): from an identity to the collections that hold its
kind; from those to what they say of the person, to what belongs to them, and to what they belong to; from what was
found by belonging only downwards. A route that is not in this graph no search will take.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from attrs import define, evolve, field

from ombud.rights.map.duties import duties
from ombud.rights.map.finding import Finding
from ombud.rights.map.model import Collection, DataMap, Reference

BY_HAND: Final = ("mail", "manual")
"""Kinds of sources that people search; without identities of their own they are searched by whatever is known."""

Way = tuple[str, ...]
"""Kinds and addresses by turns, from the first kind on."""

Step = tuple[str, bool, Way]
"""A collection, whether its own references are followed, and the way to it."""


@define
class Reach:
    """Where one kind of identity leads.

    Attributes:
        kinds: kinds of identity on the way → how; the first is the one that it began with.
        collections: address → how. risen: those whose own references are followed as well.
        asked: address → groups of columns that are asked for.
    """

    map: DataMap
    kinds: dict[str, tuple[str, ...]] = field(factory=dict)
    collections: dict[str, tuple[str, ...]] = field(factory=dict)
    risen: set[str] = field(factory=set)
    asked: dict[str, dict[tuple[str, ...], None]] = field(factory=dict)
    _by_address: dict[str, Collection] = field(init=False)
    _into: dict[str, list[tuple[str, Reference]]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._by_address = {one.address: one for one in self.map.collections}
        self._into = defaultdict(list)
        for address, collection in self._by_address.items():
            for reference in collection.references:
                if reference.binding == "belongs":
                    self._into[reference.to].append((address, reference))

    def onward(self, address: str, rises: bool, how: Way) -> Iterator[Step]:
        """Where rows of a collection lead."""
        collection = self._by_address[address]
        for kind in collection.identities.values():
            if kind not in self.kinds:
                self.kinds[kind] = (*how, kind)
                yield from self.holders(kind)
        for child, reference in self._into[address]:
            self.ask(child, reference.columns)
            yield child, False, (*how, child)
        for reference in collection.references if rises else ():
            if reference.binding == "belongs" and reference.to in self._by_address:
                self.ask(reference.to, reference.to_columns)
                yield reference.to, True, (*how, reference.to)

    def holders(self, kind: str) -> Iterator[Step]:
        """Collections that hold a kind of identity."""
        for address, collection in self._by_address.items():
            for column, held in collection.identities.items():
                if held == kind:
                    self.ask(address, (column,))
                    yield address, True, (*self.kinds[kind], address)

    def ask(self, address: str, columns: tuple[str, ...]) -> None:
        """Note that the collection is asked by some columns."""
        self.asked.setdefault(address, {})[columns] = None


def routes(map: DataMap, *kinds: str) -> Reach:
    """Where kinds of identity lead, over any number of steps."""
    reach = Reach(map)
    steps: list[Step] = []
    for kind in kinds:
        reach.kinds.setdefault(kind, (kind,))
        steps += reach.holders(kind)
    for address, rises, how in steps:  # it grows while it is read
        if address in reach.risen or (address in reach.collections and not rises):
            continue
        reach.collections.setdefault(address, how)
        if rises:
            reach.risen.add(address)
        steps += reach.onward(address, rises, how)
    return reach


def check_reach(map: DataMap) -> tuple[Finding, ...]:
    """All that is wrong with a map, as far as the map alone can tell: holes first, in the order of the map."""
    found = [*_pointing(map), *_unreached(map), *_owners(map), *duties(map), *_cycles(map)]
    return tuple(sorted(found, key=lambda one: not one.hole))


def _pointing(map: DataMap) -> Iterator[Finding]:
    """References that lead nowhere; a map that was read from a file has none to unknown collections."""
    there = {one.address for one in map.collections}
    for collection in map.collections:
        for reference in collection.references:
            if reference.to not in there:
                says = f"{', '.join(reference.columns)} points at {reference.to}, which is not in the map"
                add = f"add {reference.to}, or take the reference away"
                yield Finding(rule="reference", where=collection.address, says=says, add=add)
            elif len(reference.columns) != len(reference.to_columns) or not reference.columns:
                says = f"the reference to {reference.to} has not as many columns here as there"
                yield Finding(rule="reference", where=collection.address, says=says, add="name them in the same order")


# --- which identity does not lead where ---------------------------------------------------------------------------


def _unreached(map: DataMap) -> Iterator[Finding]:
    reaches = {kind: routes(map, kind) for kind in map.identities}
    held = [kind for kind, reach in reaches.items() if reach.collections]
    for kind in sorted(set(reaches).difference(held)):
        add = f"identities: {{COLUMN: {kind}}} in a collection that holds it, or take {kind} away"
        yield Finding(rule="unreached", where="identities", says=f"no collection holds {kind}", add=add)
    for collection in map.collections:
        missing = [kind for kind in held if collection.address not in reaches[kind].collections]
        if missing and collection.personal and not _by_hand(map, collection):
            reached = [
                one for one in map.collections if all(one.address in reaches[kind].collections for kind in missing)
            ]
            yield Finding(
                rule="unreached",
                where=collection.address,
                says=f"{' and '.join(missing)} {'do' if len(missing) > 1 else 'does'} not lead here",
                add=_mending(collection, missing, reached, reaches[missing[0]]),
            )


def _by_hand(map: DataMap, collection: Collection) -> bool:
    return map.source(collection.source).kind in BY_HAND and not collection.identities


def _mending(collection: Collection, missing: list[str], reached: list[Collection], reach: Reach) -> str:
    known = {one.address for one in reached}
    for reference in collection.references:
        if reference.to in known and reference.binding == "mentions":
            return f"references: {{{_written(reference)}}}, if a row here is that person's"
    if any(one.binding == "belongs" for one in collection.references):
        return f"mend {', '.join(sorted({one.to for one in collection.references if one.binding == 'belongs'}))} first"
    for one in reached:
        for reference in one.references:
            if reference.to == collection.address and one.address in reach.risen:
                return f"in {one.address}: references: {{{_written(reference)}}}, if a row there is that person's"
        for reference in one.references:
            if reference.to == collection.address and reference.columns:
                back = evolve(reference, columns=reference.to_columns, to=one.address, to_columns=reference.columns)
                return f"references: {{{_written(back)}}}, if a row here is that person's"
    return _guessed(collection, missing[0], reached)


def _guessed(collection: Collection, kind: str, reached: list[Collection]) -> str:
    """A line with a column that is named like what it could point at, or with COLUMN where none is."""
    names = [*collection.columns, *collection.key]
    for one in reached:
        for target in (*one.key, *one.identities):
            likely = {target.lower(), f"{one.name.lower().rstrip('s')}_{target.lower()}"} - {"id"}
            column = next((name for name in names if name.lower() in likely), None)
            if column and one.key == (target,):
                return f"references: {{{column}: {one.address}.{target}}}"
            if column and target in one.identities:
                return f"identities: {{{column}: {one.identities[target]}}}"
    keyed = next((one for one in reached if len(one.key) == 1), None)
    pointing = f", or references: {{COLUMN: {keyed.address}.{keyed.key[0]}}}" if keyed else ""
    return f"identities: {{COLUMN: {kind}}}{pointing}"


def _written(reference: Reference) -> str:
    """As it stands within braces in YAML, where a comma outside of quotes ends a value."""
    return f'"{", ".join(reference.columns)}": "belongs to {reference.to} ({", ".join(reference.to_columns)})"'


# --- what hangs on what -------------------------------------------------------------------------------------------


def _owners(map: DataMap) -> Iterator[Finding]:
    """Rows that would belong to several, where only foreign keys say so: a branch's loans are not its manager's."""
    for collection in map.collections:
        owners = [one for one in collection.references if one.binding == "belongs"]
        if len(owners) > 1 and any(not one.said for one in owners):
            says = "by its foreign keys a row here belongs to several: " + ", ".join(
                f"{', '.join(one.columns)} → {one.to}" for one in owners
            )
            add = "write `belongs to` for those whose person it is, and `mentions` for the others"
            yield Finding(rule="owners", where=collection.address, says=says, add=add)


def _cycles(map: DataMap) -> Iterator[Finding]:
    """Circles of references: harmless to the search, good to know for who erases."""
    there = {one.address for one in map.collections}
    ahead = {
        one.address: tuple(dict.fromkeys(ref.to for ref in one.references if ref.to in there))
        for one in map.collections
    }
    told: set[str] = set()
    for start in _endless(ahead):
        circle = () if start in told else _circle(start, ahead)
        told.update(circle)
        if circle:
            says = f"references go in a circle: {' → '.join((*circle, start))}"
            yield Finding(rule="cycle", where=start, says=says, hole=False)


def _endless(ahead: dict[str, tuple[str, ...]]) -> list[str]:
    """Collections from which references never come to an end; those that do are peeled off from their ends."""
    behind: dict[str, list[str]] = defaultdict(list)
    for address, further in ahead.items():
        for one in further:
            behind[one].append(address)
    left = {address: len(further) for address, further in ahead.items()}
    ends = [address for address, count in left.items() if count == 0]
    for end in ends:  # it grows while it is read
        for address in behind[end]:
            left[address] -= 1
            if left[address] == 0:
                ends.append(address)
    return [address for address, count in left.items() if count > 0]


def _circle(start: str, ahead: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a collection back to itself; empty if there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # it grows while it is read
        for further in ahead[way[-1]]:
            if further == start:
                return way
            if further not in seen:
                seen.add(further)
                ways.append((*way, further))
    return ()
