"""A dry run: what a search would ask, worded by the sources, with nothing asked for."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, DataMap, SourceSpec
from ombud.rights.map.reach import Reach, routes
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Source
from ombud.rights.walk_ask import match_of, searchable
from ombud.rights.walk_found import check_identities, sorted_identities
from ombud.store.identity import Identity


@frozen
class Planned:
    """What a search would ask of one collection.

    Attributes:
        collection: its address; how: kinds and collections on the way there; queries: with placeholders.
        problem: why its source could not say, if it could not.
    """

    collection: str
    how: tuple[str, ...]
    queries: tuple[str, ...] = ()
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "collection": self.collection,
            "how": list(self.how),
            "queries": list(self.queries),
            "problem": self.problem,
        }


def plan(
    map: DataMap,
    identities: Iterable[Identity],
    *,
    base: Path | None = None,
    opened: Mapping[str, Source] | None = None,
) -> tuple[Planned, ...]:
    """Say what a search would ask, without asking it, in the order of the map.

    Values that only answers would tell are placeholders like all others; a source is opened only to word its queries.

    Raises:
        Misused: as `find`.
    """
    map, given = searchable(map), sorted_identities(identities)
    check_identities(map, given)
    reach = routes(map, *dict.fromkeys(one.kind for one in given))
    folder = base or map.path.parent
    return tuple(one for spec in map.sources for one in _planned(spec, reach, folder, opened or {}))


def _planned(spec: SourceSpec, reach: Reach, base: Path, opened: Mapping[str, Source]) -> Iterator[Planned]:
    """Of one source."""
    here = [one for one in spec.collections if one.address in reach.collections]
    if not here:
        return
    try:
        source = opened.get(spec.name) or open_source(spec, base)
    except OmbudError as error:
        yield from (Planned(one.address, reach.collections[one.address], problem=str(error)) for one in here)
        return
    for collection in here:
        yield _worded(source, collection, reach)
    if spec.name not in opened:
        source.close()


def _worded(source: Source, collection: Collection, reach: Reach) -> Planned:
    matches = [match_of(collection, columns, [("0",) * len(columns)]) for columns in reach.asked[collection.address]]
    how = reach.collections[collection.address]
    try:
        return Planned(collection.address, how, source.queries(collection, matches))
    except OmbudError as error:
        return Planned(collection.address, how, problem=str(error))
