"""Find a person: from what they are known by, over identity columns and references, until nothing new is found.

A row is the person's if one of its identities is theirs, if it belongs to a row of theirs, or if a row found by its
identity belongs to it. What a row says of its person is followed; see `walk_person` for where that ends.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from ombud.errors import Misused
from ombud.rights.map.model import Collection, DataMap
from ombud.rights.sources.source import Progress, Source
from ombud.rights.walk_answer import Answering
from ombud.rights.walk_ask import Asked, Questions, searchable
from ombud.rights.walk_found import Ambiguity, Bounds, Found, Reached, check_identities, sorted_identities
from ombud.rights.walk_person import Columns, Person, Reading, known
from ombud.rights.walk_plan import Planned, plan
from ombud.store.identity import Identity

__all__ = ["Ambiguity", "Bounds", "Found", "Planned", "Reached", "find", "plan"]

USUAL: Final = Bounds()


def find(
    map: DataMap,
    identities: Iterable[Identity],
    *,
    base: Path | None = None,
    progress: Progress | None = None,
    opened: Mapping[str, Source] | None = None,
    rejected: Iterable[Identity] = (),
    lone: bool = True,
    bounds: Bounds = USUAL,
    resume: Found | None = None,
    keep: Callable[[Found], None] | None = None,
) -> Found:
    """Search all sources of a map for a person.

    Args:
        map: where people are, its keys and references complete (`map.live.complete`).
        identities: what the person is known by, proved; all of them are theirs.
        base: the folder that relative addresses start from; the map's own if None.
        progress: told before each source.
        opened: sources that are open already; they are used, and not closed.
        rejected: identities that somebody decided are not the person's.
        lone: whether the only customer number behind an e-mail address is taken for theirs; False: a person decides.
        bounds: how far it goes.
        resume: what an earlier search of this map came to; its identities are taken over, the sources asked again.
        keep: given the state after every round, so that a search that was cut off can be taken up again.

    Raises:
        Misused: no identity, a kind that the map does not know, or a state of another map.
    """
    map = searchable(map)
    asked = Asked(map, base or map.path.parent, bounds, opened or {})
    search = Search.begin(map, identities, rejected, asked, resume, lone)
    try:
        return search.run(progress, keep)
    finally:
        search.asked.close()


@frozen(eq=False)
class Search:
    """A search under way."""

    person: Person
    asked: Asked
    questions: Questions
    limits: dict[str, None]

    @classmethod
    def begin(
        cls,
        map: DataMap,
        identities: Iterable[Identity],
        rejected: Iterable[Identity],
        asked: Asked,
        resume: Found | None,
        lone: bool,
    ) -> "Search":
        """A search that has asked nothing yet."""
        given = sorted_identities(identities)
        check_identities(map, given if given or not resume else resume.identities)
        if resume and resume.map != map.digest:
            raise Misused("the map has changed since that search", "Search again from the beginning.")
        asked.away.update(map.unread)
        asked.used = {one.address: _used(map, one) for one in map.collections}
        person = Person(map, rejected=frozenset(known(one) for one in rejected), lone=lone)
        search = cls(person, asked, Questions(), {})
        for identity in given:
            search.accept(identity, (identity.kind,))
        for reached in resume.reached if resume else ():
            if known(reached.identity) not in person.rejected:
                search.accept(reached.identity, reached.how)
        return search

    def run(self, progress: Progress | None, keep: Callable[[Found], None] | None) -> Found:
        """Ask and read by turns until neither rows nor identities are new."""
        for _ in range(self.asked.bounds.rounds):
            if not self.questions.values and not self._believe():
                return self.answer(done=True)
            self._ask(progress)
            self._follow(self.person.read())
            if keep:
                keep(self.answer(done=False))
        self.limits["the search went over more steps than its bound"] = None
        return self.answer(done=True)

    def _believe(self) -> bool:
        """Take new identities as the person's; False if there are none."""
        news = self.person.news(self.person.read())
        taken = [self.accept(identity, how) for identity, how in news.items()]
        self._follow(self.person.read())
        return any(taken)

    def accept(self, identity: Identity, how: tuple[str, ...]) -> bool:
        """Take an identity as the person's, and ask for it wherever its kind is held; False if they have too many."""
        if len(self.person.reached) >= self.asked.bounds.identities:
            self.limits[f"the person has more than {self.asked.bounds.identities:,} identities"] = None
            return False
        self.person.accept(identity, how)
        for collection in self.asked.searched:
            for column, kind in collection.identities.items():
                if kind == identity.kind:
                    self.questions.ask(collection.address, (column,), (identity.comparable,), (identity.value,))
        return True

    def answer(self, done: bool) -> Found:
        """What it has come to."""
        return Answering(self.person, self.asked, self.questions, self.person.read(), done, list(self.limits)).found()

    def _ask(self, progress: Progress | None) -> None:
        for answer in self.asked.round(self.questions, progress):
            for row in answer.rows:
                if row.place in self.person.rows or self._room(row.address):
                    self.person.add(row)
            for address in answer.cut:
                self._limit(address)

    def _room(self, address: str) -> bool:
        if self.person.sizes[address] < self.asked.bounds.rows:
            return True
        self._limit(address)
        return False

    def _limit(self, address: str) -> None:
        self.limits[f"{address}: more than {self.asked.bounds.rows:,} rows lead on; the rest was not looked at"] = None

    def _follow(self, reading: Reading) -> None:
        """Ask for rows that belong to the person's, and for those that the person's rows belong to."""
        person = self.person
        for place, held in reading.held.items():
            row = person.rows[place]
            for child, reference in person.children(row.address):
                if reference.to_columns in row.parts:
                    parts, raw = row.parts[reference.to_columns], row.raw[reference.to_columns]
                    self.questions.ask(child.address, reference.columns, parts, raw)
            for reference in person.parents(row.address) if held.rises else ():
                if reference.columns in row.parts:
                    parts, raw = row.parts[reference.columns], row.raw[reference.columns]
                    self.questions.ask(reference.to, reference.to_columns, parts, raw)


def _used(map: DataMap, collection: Collection) -> tuple[Columns, ...]:
    """Groups of columns that references lead over, and the key."""
    own = [one.columns for one in collection.references if one.binding == "belongs"]
    others = [one.to_columns for _, one in map.references_to(collection.address) if one.binding == "belongs"]
    return tuple(dict.fromkeys([*own, *others, *([collection.key] if collection.key else [])]))
