"""Asking the sources of a map, each in a thread of its own; one that fails is away, and the others go on."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, DataMap, SourceSpec
from ombud.rights.map.reach import BY_HAND
from ombud.rights.sources.matching import Wanted
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match, Progress, Source, Value
from ombud.rights.walk_found import Bounds
from ombud.rights.walk_person import Columns, Row, row_of
from ombud.store.identity import form_of


@define
class Questions:
    """What is to be asked next of each collection; nothing is asked twice.

    Attributes:
        values: address → columns → values as compared → values as given.
    """

    values: dict[str, dict[Columns, dict[tuple[str, ...], tuple[Value, ...]]]] = field(factory=dict, repr=False)
    _keys: dict[tuple[str, Columns], set[tuple[str, ...]]] = field(factory=dict, repr=False)

    def ask(self, address: str, columns: Columns, key: tuple[str, ...], values: tuple[Value, ...]) -> None:
        """Ask for the rows of a collection whose columns hold some values."""
        keys = self._keys.setdefault((address, columns), set())
        if key not in keys:
            keys.add(key)
            self.values.setdefault(address, {}).setdefault(columns, {})[key] = values

    def asked(self, address: str, columns: Columns) -> set[tuple[str, ...]]:
        """What a collection was or will be asked for, by some columns."""
        return self._keys.get((address, columns), set())

    def taken(self) -> "dict[str, dict[Columns, dict[tuple[str, ...], tuple[Value, ...]]]]":
        """What is to be asked now; afterwards there is nothing."""
        taken, self.values = self.values, {}
        return taken


@frozen
class Answer:
    """What a source said: rows, collections in which there are more than the bound, and why it is away, if it is."""

    rows: tuple[Row, ...] = ()
    cut: tuple[str, ...] = ()
    problem: str | None = None


@define
class Asked:
    """The open sources of a search."""

    map: DataMap
    base: Path
    bounds: Bounds
    opened: Mapping[str, Source] = field(factory=dict)
    away: dict[str, str] = field(factory=dict)
    used: dict[str, tuple[Columns, ...]] = field(factory=dict)
    _sources: dict[str, Source] = field(factory=dict)
    _threads: dict[str, ThreadPoolExecutor] = field(factory=dict)

    @property
    def searched(self) -> Iterator[Collection]:
        """Collections whose rows are looked up; people are asked at the end, once, by all that was reached."""
        return (one for spec in self.map.sources if spec.kind not in BY_HAND for one in spec.collections)

    def round(self, questions: Questions, progress: Progress | None) -> Iterator[Answer]:
        """Ask what is to be asked, of all sources at once; answers come in the order of the map."""
        by_source: dict[str, dict[str, Any]] = defaultdict(dict)
        for address, values in questions.taken().items():
            by_source[address.partition(".")[0]][address] = values
        going = [(spec, self._begin(spec, by_source[spec.name])) for spec in self.map.sources if by_source[spec.name]]
        for done, (spec, future) in enumerate(going):
            if progress:
                progress(f"searching {spec.name}", done, len(going))
            if future is not None:
                answer = future.result()
                if answer.problem is not None:
                    self.away[spec.name] = answer.problem
                yield answer

    def count(self, collection: Collection, matches: Sequence[Match]) -> int | None:
        """Rows that fit, by a query of its own; None where the source does not answer, which is then away."""

        def work() -> int:
            return self._source(self.map.source(collection.source)).count(collection, matches)

        found: list[int] = []
        problem = self._thread(collection.source).submit(_guarded, collection.source, lambda: found.append(work()))
        said = problem.result()
        if said is not None:
            self.away[collection.source] = said
        return found[0] if found else None

    def close(self) -> None:
        """Let go of the sources that were opened here, each in its own thread."""
        for name, thread in self._threads.items():
            source = self._sources.get(name)
            if source is not None and name not in self.opened:
                with suppress(Exception):
                    thread.submit(source.close).result()
            thread.shutdown()

    def _begin(self, spec: SourceSpec, asked: Mapping[str, Any]) -> "Future[Answer] | None":
        return None if spec.name in self.away else self._thread(spec.name).submit(self._answer, spec, asked)

    def _thread(self, name: str) -> ThreadPoolExecutor:
        if name not in self._threads:
            self._threads[name] = ThreadPoolExecutor(1, thread_name_prefix=f"ombud-find-{name}")
        return self._threads[name]

    def _source(self, spec: SourceSpec) -> Source:
        if spec.name not in self._sources:
            self._sources[spec.name] = self.opened.get(spec.name) or open_source(spec, self.base)
        return self._sources[spec.name]

    def _answer(self, spec: SourceSpec, asked: Mapping[str, Any]) -> Answer:
        rows: list[Row] = []
        cut: list[str] = []

        def work() -> None:
            source = self._source(spec)
            for collection in spec.collections:
                if collection.address in asked:
                    cut.extend(self._look(source, collection, asked[collection.address], rows))

        problem = _guarded(spec.name, work)
        return Answer(tuple(rows), tuple(cut), problem)

    def _look(
        self,
        source: Source,
        collection: Collection,
        asked: Mapping[Columns, Mapping[tuple[str, ...], tuple[Value, ...]]],
        rows: list[Row],
    ) -> Iterator[str]:
        """Take in the rows of a collection; its address if there are more than the bound."""
        used = self.used[collection.address]
        columns = tuple(
            dict.fromkeys((*collection.key, *collection.identities, *(one for some in used for one in some)))
        )
        found = 0
        for matches in _batches(collection, asked, self.bounds.values):
            wanted = tuple(map(Wanted.of, matches))
            for said in source.lookup(collection, matches, columns):
                if found >= self.bounds.rows:
                    yield collection.address
                    return
                found += 1
                rows.append(_as_asked(row_of(collection, said, used), said, wanted))


def _guarded(name: str, work: Any) -> str | None:
    """Do something; why it could not be done, without a word that may quote data."""
    try:
        work()
    except OmbudError as error:
        return str(error)
    except Exception as error:  # a driver's words may quote rows, so only its kind is told
        return f"source {name} failed in a way that was not foreseen ({type(error).__name__})"
    return None


def searchable(map: DataMap) -> DataMap:
    """The map with places that people search by whatever is known, where no identities are said of them."""
    every = {kind: kind for kind in map.identities}
    sources = (
        evolve(
            spec,
            collections=tuple(one if one.identities else evolve(one, identities=every) for one in spec.collections),
        )
        if spec.kind in BY_HAND
        else spec
        for spec in map.sources
    )
    return evolve(map, sources=tuple(sources))


def match_of(collection: Collection, columns: Columns, values: Iterable[tuple[Value, ...]]) -> Match:
    """Values of some columns as a match, compared as the column's kind of identity asks."""
    kind = collection.identities.get(columns[0]) if len(columns) == 1 else None
    given: Any = values
    return Match(columns, given, form_of(kind) if kind else "text")


def _batches(
    collection: Collection, asked: Mapping[Columns, Mapping[tuple[str, ...], tuple[Value, ...]]], most: int
) -> Iterator[list[Match]]:
    """Matches with a bounded number of values together, in one order whatever they came in."""
    flat = [(columns, key, values[key]) for columns, values in sorted(asked.items()) for key in sorted(values)]
    for start in range(0, len(flat), most):
        grouped: dict[Columns, list[tuple[Value, ...]]] = defaultdict(list)
        for columns, _, values in flat[start : start + most]:
            grouped[columns].append(values)
        yield [match_of(collection, columns, values) for columns, values in grouped.items()]


def _as_asked(row: Row, said: Mapping[str, Value], wanted: Sequence[Wanted]) -> Row:
    """A row whose reference a database took for equal (without case, say) points at what was asked for."""
    if any(one.fits(said) for one in wanted):
        return row
    for one in wanted:
        here = row.parts.get(one.columns)
        loose = here and next((key for key in sorted(one.keys) if _loosely(key) == _loosely(here)), None)
        if loose:
            row.parts[one.columns] = loose
    return row


def _loosely(values: tuple[str, ...]) -> tuple[str, ...]:
    """Without case, accents and blanks at the end, as some databases compare."""
    return tuple(
        "".join(
            one for one in unicodedata.normalize("NFKD", value).casefold() if not unicodedata.combining(one)
        ).rstrip()
        for value in values
    )
