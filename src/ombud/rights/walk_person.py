"""Whose rows are found: which identities are the person's, which rows, and where nobody but a person can tell.

An identity of a row is ranked by how surely it tells one person from others (`DataMap.rank`): a customer number before
an e-mail address, that before a telephone number. A row is held as surely as the surest identity of the person in it,
or as the row it belongs to.

- What a row says of its person is theirs if it is less sure than what holds the row: all e-mail addresses and accounts
  of a customer number, all telephone numbers of an e-mail address.
- What is as sure, or surer, is theirs only if it is the one value of its kind. A second customer number found by an
  e-mail address may be another account or another person, and so may a second e-mail address found by a bank account.
  These are not followed, and a row that carries one is nobody's until a person decides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import define, field, frozen

from ombud.errors import Misused
from ombud.rights.map.model import Collection, DataMap, Reference
from ombud.rights.sources.matching import canonical
from ombud.rights.sources.source import Value
from ombud.rights.walk_found import Reached
from ombud.store.identity import Identity, form_of

Known = tuple[str, str]
"""Kind of identity, and value as compared."""

Columns = tuple[str, ...]
Place = tuple[str, Columns]
"""A row: its address, and what tells it apart there."""

SAYS_NOTHING: Final = frozenset(
    ["-", "--", ".", "?", "0", "n/a", "na", "nan", "nil", "no", "none", "null", "unknown", "undefined", "x"]
)
"""Written where nothing is known: it finds rows if it is asked for, but said by a row, it leads nowhere."""


def known(identity: Identity) -> Known:
    """An identity as compared."""
    return identity.kind, identity.comparable


@define(eq=False)
class Row:
    """A row that was found.

    Attributes:
        place: which it is. identities: what it says of its person.
        parts: columns that references use → their values as compared; raw: the same as the source gave them.
    """

    place: Place
    identities: tuple[Identity, ...]
    parts: dict[Columns, tuple[str, ...]] = field(repr=False)
    raw: dict[Columns, tuple[Value, ...]] = field(repr=False)

    @property
    def address(self) -> str:
        """Of its collection."""
        return self.place[0]


@frozen
class Held:
    """How a row is the person's.

    Attributes:
        rank: of the surest identity by which it is.
        rises: whether the row it belongs to is the person's as well; not so where it was itself found by belonging.
        how: from the first identity to its collection.
    """

    rank: int
    rises: bool
    how: tuple[str, ...]


@frozen
class Reading:
    """What the rows come to at one time: rows of the person, and rows that may be somebody else's (→ rank)."""

    held: Mapping[Place, Held]
    open: Mapping[Place, Held]


@define(eq=False)
class Person:
    """What is known of a person so far.

    Attributes:
        map: where people are.
        reached: identity as compared → how it was reached. rejected: identities that are known to be others'.
        lone: whether the one value of its kind is taken where it is as sure as what it was found by, or surer.
        rows: place → row. sizes: address → how many of them.
    """

    map: DataMap
    reached: dict[Known, Reached] = field(factory=dict)
    rejected: frozenset[Known] = frozenset()
    lone: bool = True
    rows: dict[Place, Row] = field(factory=dict)
    sizes: Counter[str] = field(factory=Counter)
    _carriers: dict[Known, list[Place]] = field(factory=lambda: defaultdict(list))
    _by_parts: dict[tuple[str, Columns, tuple[str, ...]], list[Place]] = field(factory=lambda: defaultdict(list))
    _into: dict[str, tuple[tuple[Collection, Reference], ...]] = field(factory=dict)
    _out: dict[str, tuple[Reference, ...]] = field(factory=dict)

    def accept(self, identity: Identity, how: tuple[str, ...]) -> None:
        """Take an identity as the person's."""
        self.reached.setdefault(known(identity), Reached(identity, how))

    def add(self, row: Row) -> None:
        """Take a row in; of one that is known, only what it points at anew."""
        before = self.rows.setdefault(row.place, row)
        if before is row:
            self.sizes[row.address] += 1
            for identity in row.identities:
                self._carriers[known(identity)].append(row.place)
        for columns, values in row.parts.items():
            if before is row or before.parts.get(columns) != values:
                self._by_parts[row.address, columns, values].append(row.place)
                before.parts[columns] = values

    def children(self, address: str) -> tuple[tuple[Collection, Reference], ...]:
        """References by which rows belong to those of a collection."""
        if address not in self._into:
            found = self.map.references_to(address)
            self._into[address] = tuple((one, ref) for one, ref in found if ref.binding == "belongs")
        return self._into[address]

    def parents(self, address: str) -> tuple[Reference, ...]:
        """References by which rows of a collection belong to others."""
        if address not in self._out:
            references = self.map.collection(address).references
            self._out[address] = tuple(one for one in references if one.binding == "belongs")
        return self._out[address]

    # --- whose rows -----------------------------------------------------------------------------------------------

    def read(self) -> Reading:
        """Tell the person's rows from others', the surest first."""
        held: dict[Place, Held] = {}
        open_: dict[Place, Held] = {}
        seeds: dict[int, list[tuple[Place, Held]]] = defaultdict(list)
        for key, reached in self.reached.items():
            rank = self.map.rank(key[0])
            for place in self._carriers.get(key, ()):
                seeds[rank].append((place, Held(rank, True, (*reached.how, place[0]))))
        for rank in sorted(seeds):
            self._spread(sorted(seeds[rank], key=lambda one: (len(one[1].how), one[1].how, one[0])), held, open_)
        return Reading(held, {place: how for place, how in open_.items() if place not in held})

    def _spread(self, queue: list[tuple[Place, Held]], held: dict[Place, Held], open_: dict[Place, Held]) -> None:
        for place, how in queue:  # it grows while it is read
            before = held.get(place)
            if before and (before.rises or not how.rises):
                continue
            if self._foreign(self.rows[place], how.rank):
                open_.setdefault(place, how)
                continue
            held[place] = Held(before.rank, True, before.how) if before else how
            queue.extend(self._around(self.rows[place], how))

    def _around(self, row: Row, how: Held) -> Iterator[tuple[Place, Held]]:
        for child, reference in self.children(row.address):
            values = row.parts.get(reference.to_columns)
            for place in self._by_parts.get((child.address, reference.columns, values or ()), ()):
                yield place, Held(how.rank, False, (*how.how, child.address))
        for reference in self.parents(row.address) if how.rises else ():
            values = row.parts.get(reference.columns)
            for place in self._by_parts.get((reference.to, reference.to_columns, values or ()), ()):
                yield place, Held(how.rank, True, (*how.how, reference.to))

    def _foreign(self, row: Row, rank: int) -> bool:
        """Whether a row says of its person something as sure as what holds it, which is not the person's."""
        own = {one.kind for one in row.identities if known(one) in self.reached}
        if any(self.map.rank(kind) == 1 for kind in own):
            return False
        return any(
            self.map.rank(one.kind) <= rank and one.kind not in own
            for one in row.identities
            if one.comparable.casefold() not in SAYS_NOTHING
        )

    # --- which identities -----------------------------------------------------------------------------------------

    def news(self, reading: Reading) -> dict[Identity, tuple[str, ...]]:
        """Identities that are to be taken as the person's now → how they were reached; none: the search is at its end.

        All that is surely theirs comes first; of the rest one kind at a time, the surest kind first.
        """
        sure: dict[Known, tuple[Identity, tuple[str, ...]]] = {}
        single: dict[tuple[int, str], dict[int, dict[Known, tuple[Identity, tuple[str, ...]]]]] = {}
        for identity, how in self._said(reading):
            found = (identity, (*how.how, identity.kind))
            rank = self.map.rank(identity.kind)
            if rank > how.rank:
                sure.setdefault(known(identity), found)
            else:
                ranks = single.setdefault((rank, identity.kind), {})
                ranks.setdefault(how.rank, {}).setdefault(known(identity), found)
        if sure:
            return dict(sure.values())
        have = {kind for kind, _ in self.reached}
        for (_, kind), ranks in sorted(single.items()) if self.lone else ():
            surest = ranks[min(ranks)]
            if kind not in have and len(surest) == 1:
                return dict(surest.values())
        return {}

    def pending(self, reading: Reading) -> dict[str, dict[Known, Identity]]:
        """Kind → identities that may be the person's or another's."""
        found: dict[str, dict[Known, Identity]] = {}
        for identity, how in self._said(reading):
            if self.map.rank(identity.kind) <= how.rank:
                found.setdefault(identity.kind, {}).setdefault(known(identity), identity)
        return found

    def _said(self, reading: Reading) -> Iterator[tuple[Identity, Held]]:
        """What rows say that is new; of rows that may be another's, only what is as sure as what found them."""
        for rows, all_of_it in ((reading.held, True), (reading.open, False)):
            for place, how in sorted(rows.items(), key=lambda one: (one[1].rank, len(one[1].how), one[1].how, one[0])):
                for identity in self.rows[place].identities:
                    if self._new(identity) and (all_of_it or self.map.rank(identity.kind) <= how.rank):
                        yield identity, how

    def _new(self, identity: Identity) -> bool:
        key = known(identity)
        return key not in self.reached and key not in self.rejected and key[1].casefold() not in SAYS_NOTHING


def row_of(collection: Collection, said: Mapping[str, Value], used: Iterable[Columns]) -> Row:
    """A row as it was found.

    Args:
        collection: it is in.
        said: column → value.
        used: groups of columns that references use.
    """
    telling = collection.key or tuple(sorted(said))
    raw = {columns: tuple(said.get(one) for one in columns) for columns in used}
    parts = {columns: compared(values) for columns, values in raw.items() if None not in values}
    return Row(
        place=(collection.address, tuple(canonical(said.get(one)) or "" for one in telling)),
        identities=tuple(_identities(collection, said)),
        parts=parts,
        raw={columns: raw[columns] for columns in parts},
    )


def compared(values: tuple[Value, ...]) -> tuple[str, ...]:
    """Values of a reference in the form in which they are compared."""
    return tuple(canonical(value) or "" for value in values)


def _identities(collection: Collection, said: Mapping[str, Value]) -> Iterator[Identity]:
    for column, kind in collection.identities.items():
        value = canonical(said.get(column), form_of(kind))
        if value is None:
            continue
        try:
            yield Identity(kind, value)
        except Misused:  # far too long, or of blanks: nobody is known by it
            continue
