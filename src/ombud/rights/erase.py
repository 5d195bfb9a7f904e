"""Erase a person in every source of the map, and hold what each source reports against a search of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import evolve

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, DataMap, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match, Outcome, Progress, Selection, Source, State

Open = Callable[[SourceSpec, Path], Source]

_AWAY: Final = "the source could not be searched, so nothing is known of it"


def erase_everywhere(
    data_map: DataMap,
    selection: Selection,
    *,
    away: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    open: Open = open_source,
) -> tuple[Outcome, ...]:
    """Erase the person's rows wherever the map knows some; one outcome a collection with personal data.

    A source that fails does not keep the others from being done. Calling it again completes what a crash left open.

    Args:
        data_map: where people are.
        selection: the person's rows, from the search.
        away: sources that could not be searched → why.
        progress: told before each source.
        open: opens a source.
    """
    outcomes: list[Outcome] = []
    for done, spec in enumerate(data_map.sources):
        if progress:
            progress(f"erasing in {spec.name}", done, len(data_map.sources))
        reason = (away or {}).get(spec.name)
        outcomes += (
            _unsearched(spec, reason) if reason is not None else _erase_in(data_map, spec, selection, open, progress)
        )
    return tuple(outcomes)


def verified(
    data_map: DataMap, selection: Selection, outcomes: Sequence[Outcome], *, open: Open = open_source
) -> tuple[Outcome, ...]:
    """The outcomes, each held against a count by a connection of its own: what a re-query contradicts is failed."""
    left = dict(_left(data_map, selection, outcomes, open))
    return tuple(_held(one, left.get(one.collection)) for one in outcomes)


def _unsearched(spec: SourceSpec, reason: str) -> Iterator[Outcome]:
    for collection in _personal(spec):
        yield Outcome(collection=collection.address, state=State.FAILED, because=reason or _AWAY)


def _erase_in(
    data_map: DataMap, spec: SourceSpec, selection: Selection, open: Open, progress: Progress | None
) -> list[Outcome]:
    here = {one.address: selection[one.address] for one in spec.collections if selection.get(one.address)}
    nothing = [
        Outcome(collection=one.address, state=State.NOTHING) for one in _personal(spec) if one.address not in here
    ]
    if not here:
        return nothing
    try:
        with _opened(spec, data_map.path.parent, open) as source:
            said = source.erase(here, progress)
            return [*said, *_unsaid(here, said), *nothing]
    except OmbudError as error:
        return [
            *(Outcome(collection=one, state=State.FAILED, because=str(error)) for one in here),
            *nothing,
        ]


def _unsaid(here: Selection, said: Sequence[Outcome]) -> Iterator[Outcome]:
    """A place of which a source says nothing is no place where all went well."""
    told = {one.collection for one in said}
    because = "the source does not say what became of it"
    yield from (Outcome(collection=one, state=State.FAILED, because=because) for one in here if one not in told)


def _left(
    data_map: DataMap, selection: Selection, outcomes: Sequence[Outcome], open: Open
) -> Iterator[tuple[str, int | str]]:
    """Address → rows still there, or why they could not be counted."""
    claimed = {one.collection for one in outcomes if one.state in (State.ERASED, State.NOTHING)}
    for spec in data_map.sources:
        wanted = [one for one in spec.collections if one.address in claimed and selection.get(one.address)]
        if wanted:
            yield from _count_in(data_map, spec, [(one, selection[one.address]) for one in wanted], open)


def _count_in(
    data_map: DataMap, spec: SourceSpec, wanted: Sequence[tuple[Collection, tuple[Match, ...]]], open: Open
) -> Iterator[tuple[str, int | str]]:
    try:
        with _opened(spec, data_map.path.parent, open) as source:
            for collection, matches in wanted:
                yield collection.address, source.count(collection, matches)
    except OmbudError as error:
        yield from ((one.address, str(error)) for one, _ in wanted)


def _held(outcome: Outcome, left: int | str | None) -> Outcome:
    if outcome.state is State.KEPT and not outcome.ground:
        because = "The map says that it is kept, and names no ground: add an exemption to it."
        return evolve(outcome, state=State.FAILED, because=because)
    if left is None or left == 0:
        return outcome
    if isinstance(left, str):
        because = f"it was reported done, and could not be searched again: {left}"
        return evolve(outcome, state=State.FAILED, because=because)
    if outcome.state is State.ERASED and left <= outcome.masked:
        return outcome
    because = f"it was reported done, and a new search still finds {left} rows"
    return evolve(outcome, state=State.FAILED, left=left, because=because)


def _personal(spec: SourceSpec) -> list[Collection]:
    return [one for one in spec.collections if one.personal]


@contextmanager
def _opened(spec: SourceSpec, base: Path, open: Open) -> Iterator[Source]:
    with closing(open(spec, base)) as source:
        yield source
