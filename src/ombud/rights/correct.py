"""Put wrong values right wherever the person's rows hold them, and say which places follow from them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from attrs import evolve

from ombud.errors import Misused, OmbudError
from ombud.rights.map.model import DataMap, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Outcome, Progress, Selection, Source, State

Open = Callable[[SourceSpec, Path], Source]


def read_changes(data_map: DataMap, written: Any) -> list[dict[str, Any]]:
    """Changes as staff write them: `[{collection, values: {column: value}, where: {column: old value}}]`.

    Raises:
        Misused: a place or column that the map does not know; no value is repeated.
    """
    if not isinstance(written, list) or not written:
        raise Misused("there are no changes in it", 'Write a list: [{"collection": "core.people", "values": {…}}].')
    known = {one.address: one for one in data_map.collections}
    for number, one in enumerate(written, start=1):
        place = one.get("collection") if isinstance(one, Mapping) else None
        if place not in known or not isinstance(one.get("values"), Mapping) or not one["values"]:
            raise Misused(f"change {number} names no place of the map, or no value", f"Places: {', '.join(known)}")
    return [dict(one) for one in written]


def correct_everywhere(
    data_map: DataMap,
    selection: Selection,
    wanted: Sequence[Mapping[str, Any]],
    progress: Progress | None = None,
    open: Open = open_source,
) -> tuple[Outcome, ...]:
    """Make the changes; one outcome a place. What was computed from these data is told as not done by itself.

    Args:
        data_map, selection: where the person's rows are; wanted: see `read_changes`.
        progress: told before each change; open: opens a source.
    """
    outcomes = []
    for done, one in enumerate(wanted):
        if progress:
            progress(f"correcting {one['collection']}", done, len(wanted))
        outcomes.append(_one(data_map, selection, one, open))
    return (*_flagged(data_map, selection, outcomes),)


def _one(data_map: DataMap, selection: Selection, wanted: Mapping[str, Any], open: Open) -> Outcome:
    collection = data_map.collection(str(wanted["collection"]))
    matches = selection.get(collection.address, ())
    if not matches:
        return Outcome(collection=collection.address, state=State.NOTHING)
    change = Change(collection=collection.address, values=wanted["values"], where=wanted.get("where"))
    try:
        with closing(open(data_map.source(collection.source), data_map.path.parent)) as source:
            return source.change(change, matches)
    except OmbudError as error:
        return Outcome(collection=collection.address, state=State.FAILED, because=str(error))


def _flagged(data_map: DataMap, selection: Selection, outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Say where decisions or training rows rest on what was changed, so that they are made anew or looked at."""
    derived = [
        one.address
        for one in data_map.collections
        if selection.get(one.address) and any(column.origin == "inferred" for column in one.columns.values())
    ]
    for outcome in outcomes:
        changed = outcome.state is State.CHANGED
        because = f"What was computed before is not changed by this: look at {', '.join(derived)}."
        yield evolve(outcome, because=f"{outcome.because} {because}".strip()) if changed and derived else outcome
