"""What a search came to, said so that the person's rows are found again by it, and nobody else's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define

from ombud.rights.map.model import Collection
from ombud.rights.map.reach import BY_HAND
from ombud.rights.sources.source import Match
from ombud.rights.walk_ask import Asked, Questions, match_of
from ombud.rights.walk_found import Ambiguity, Found, sorted_identities
from ombud.rights.walk_person import Known, Person, Place, Reading, known
from ombud.store.identity import Identity


@define(eq=False)
class Answering:
    """A search whose answer is put together.

    Attributes:
        person, asked, questions: of the search. reading: whose rows they are.
        done: whether it went to its end. limits: why more may be there.
    """

    person: Person
    asked: Asked
    questions: Questions
    reading: Reading
    done: bool
    limits: list[str]

    def found(self) -> Found:
        """The answer."""
        held, open_ = _by_address(self.reading.held), _by_address(self.reading.open)
        selection: dict[str, tuple[Match, ...]] = {}
        counts: dict[str, int] = {}
        for collection in self.person.map.collections:
            here = held.get(collection.address, [])
            if collection.personal and self.person.map.source(collection.source).kind in BY_HAND:
                self._by_hand(collection, selection, counts)
            elif collection.personal and (here or collection.source not in self.asked.away):
                matches = self._matches(collection, here, open_.get(collection.address, [])) if here else ()
                counts[collection.address] = self._count(collection, here, matches)
                selection[collection.address] = matches
        if not self.done:
            self.limits.append("the search was cut off before its end")
        away = self.asked.away
        return Found(
            selection={address: matches for address, matches in selection.items() if matches},
            counts=counts,
            reached=tuple(self.person.reached.values()),
            ambiguities=tuple(self._ambiguities()),
            incomplete=tuple(self.limits),
            away={spec.name: away[spec.name] for spec in self.person.map.sources if spec.name in away},
            map=self.person.map.digest,
        )

    def _by_hand(self, collection: Collection, selection: dict[str, tuple[Match, ...]], counts: dict[str, int]) -> None:
        """What people said that they found; they are told all that the person is known by."""
        if not self.done:
            return
        theirs = [(key[0], one.identity.value) for key, one in self.person.reached.items()]
        matches = tuple(_by_kind(collection, theirs))
        count = self.asked.count(collection, matches)
        if count is not None:
            counts[collection.address] = count
            selection[collection.address] = matches if count else ()

    def _count(self, collection: Collection, held: Sequence[Place], matches: tuple[Match, ...]) -> int:
        """Rows; where no key tells them apart, equal ones are counted by the source."""
        if collection.key or not self.done or not matches or collection.source in self.asked.away:
            return len(held)
        counted = self.asked.count(collection, matches)
        return len(held) if counted is None else counted

    # --- what finds the rows again --------------------------------------------------------------------------------

    def _matches(self, collection: Collection, held: Sequence[Place], open_: Sequence[Place]) -> tuple[Match, ...]:
        """By identity and by reference; by key where these would also find rows that may be somebody else's."""
        if not open_:
            return tuple(self._by_identity(collection, held)) + tuple(self._by_reference(collection, held))
        if collection.key and all(part for place in held for part in place[1]):
            keys = [self.person.rows[place].raw[collection.key] for place in held]
            return (match_of(collection, collection.key, keys),)
        self.limits.append(
            f"{collection.address}: it has no key, so the person's rows cannot be told from those of others; "
            f"none of them is selected"
        )
        return ()

    def _by_identity(self, collection: Collection, held: Sequence[Place]) -> Iterator[Match]:
        said = {known(identity) for place in held for identity in self.person.rows[place].identities}
        theirs = [(key[0], one.identity.value) for key, one in self.person.reached.items() if key in said]
        yield from _by_kind(collection, theirs)

    def _by_reference(self, collection: Collection, held: Sequence[Place]) -> Iterator[Match]:
        rows = [self.person.rows[place] for place in held]
        for columns in self.asked.used[collection.address]:
            asked = self.questions.asked(collection.address, columns)
            values = [row.raw[columns] for row in rows if row.parts.get(columns) in asked]
            if values and not (len(columns) == 1 and columns[0] in collection.identities):
                yield match_of(collection, columns, values)

    # --- what nobody but a person can tell ------------------------------------------------------------------------

    def _ambiguities(self) -> Iterator[Ambiguity]:
        for kind, identities in sorted(self.person.pending(self.reading).items()):
            places = self._carriers(identities, self.reading.open)
            counted = {address: len(here) for address, here in _by_address(places).items()}
            yield Ambiguity(
                kind=kind,
                identities=sorted_identities(identities.values()),
                rows=counted,
                because=self._because(kind, identities),
            )

    def _because(self, kind: str, identities: Mapping[Known, Identity]) -> str:
        rows = {**self.reading.held, **self.reading.open}
        via = sorted({rows[place].how[-2] for place in self._carriers(identities, rows)})
        more = "more" if any(key[0] == kind for key in self.person.reached) else "different"
        values = "value" if len(identities) == 1 else "values"
        return (
            f"{len(identities)} {more} {values} of {kind} by way of {', '.join(via)}: "
            f"another account of the person, or somebody else"
        )

    def _carriers(self, identities: Mapping[Known, Identity], among: Iterable[Place]) -> Iterator[Place]:
        for place in among:
            if any(known(one) in identities for one in self.person.rows[place].identities):
                yield place


def _by_kind(collection: Collection, theirs: Sequence[tuple[str, str]]) -> Iterator[Match]:
    """Kinds and values as matches of the columns that hold them."""
    for column, kind in collection.identities.items():
        values = sorted((value,) for one, value in theirs if one == kind)
        if values:
            yield match_of(collection, (column,), values)


def _by_address(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in sorted(places):
        found.setdefault(place[0], []).append(place)
    return found
