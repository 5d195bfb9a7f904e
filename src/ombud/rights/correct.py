"""Put wrong values right wherever the person's rows hold them, and say which places follow from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from ombud.cases import Case
from ombud.errors import Misused, OmbudError
from ombud.rights.desk import Desk
from ombud.rights.map.model import Collection, DataMap, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection, Source, State

Open = Callable[[SourceSpec, Path], Source]

CHANGES: Final = "changes"
"""The note of a case that holds what is right."""

_MOST: Final = 1_000
_OPEN: Final = ("verified", "found", "reviewed", "acting")


def note_changes(desk: Desk, number: str, written: Any) -> Case:
    """Keep what is right as a private note of a case; nothing is changed yet.

    Raises:
        Misused: the case asks for no correction or is past it, or see `read_changes`.
    """
    case = desk.case(number)
    if case.opened["right"] != "rectification" or case.state not in _OPEN:
        raise Misused(f"{case.id} is no request for a correction that is open", f"ombud rights show {case.id}")
    desk.note(case, CHANGES, read_changes(desk.data_map, written))
    return case


def read_changes(data_map: DataMap, written: Any) -> list[dict[str, Any]]:
    """Changes as staff write them: `[{collection, values: {column: value}, where: {column: old value}}]`.

    Raises:
        Misused: a place or column that the map does not know, or what is no value; nothing of it is repeated.
    """
    if not isinstance(written, list) or not 0 < len(written) <= _MOST:
        hint = 'Write a list: [{"collection": "core.people", "values": {…}}].'
        raise Misused(f"there are no changes in it, or more than {_MOST:,}", hint)
    known = {one.address: one for one in data_map.collections if one.personal}
    return [_read(number, one, known) for number, one in enumerate(written, start=1)]


def _read(number: int, written: Any, known: Mapping[str, Collection]) -> dict[str, Any]:
    said = written if isinstance(written, dict) else {}
    place = said.get("collection")
    if not isinstance(place, str) or place not in known or said.keys() - {"collection", "values", "where"}:
        raise Misused(f"change {number} names no place of the map", f"Places: {', '.join(known)}")
    columns = _columns(known[place])
    for part in (said.get("values"), said.get("where", {})):
        if not isinstance(part, dict) or not part.keys() <= columns or not all(map(_is_value, part.values())):
            raise Misused(
                f"change {number} has no columns of {place} with a text, a number or null each",
                f"Columns: {', '.join(sorted(columns))}",
            )
    if not said["values"]:
        raise Misused(f"change {number} changes nothing", f"Columns: {', '.join(sorted(columns))}")
    return dict(said)


def _columns(collection: Collection) -> set[str]:
    return {*collection.columns, *collection.identities, *collection.key}


def _is_value(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def correct_everywhere(
    data_map: DataMap,
    selection: Selection,
    wanted: Sequence[Mapping[str, Any]],
    progress: Progress | None = None,
    *,
    away: Mapping[str, str] | None = None,
    open: Open = open_source,
) -> tuple[Outcome, ...]:
    """Make the changes; one outcome a place. What was computed from these data is told as not done by itself.

    Args:
        data_map, selection: where the person's rows are; wanted: see `read_changes`.
        progress: told before each change; open: opens a source.
        away: sources that could not be searched → why; nothing is known of their rows.
    """
    outcomes = []
    for done, one in enumerate(wanted):
        if progress:
            progress(f"correcting {one['collection']}", done, len(wanted))
        outcomes.append(_one(data_map, selection, away or {}, one, open))
    return (*_flagged(data_map, selection, _by_place(outcomes)),)


def _one(
    data_map: DataMap, selection: Selection, away: Mapping[str, str], wanted: Mapping[str, Any], open: Open
) -> Outcome:
    collection = data_map.collection(str(wanted["collection"]))
    matches, spec = selection.get(collection.address, ()), data_map.source(collection.source)
    if spec.name in away:
        return Outcome(collection=collection.address, state=State.FAILED, because=away[spec.name])
    if not matches:
        return Outcome(collection=collection.address, state=State.NOTHING)
    change = Change(collection=collection.address, values=wanted["values"], where=wanted.get("where"))
    try:
        with closing(open(spec, data_map.path.parent)) as source:
            done = _made(source.change(change, matches))
            return _already(source, change, matches) if done.state is State.NOTHING and change.where else done
    except OmbudError as error:
        return Outcome(collection=collection.address, state=State.FAILED, because=str(error))


def _made(said: Outcome) -> Outcome:
    """Found is not yet changed: where the old value stood in no row, nothing was done."""
    nothing = said.state is State.CHANGED and not said.masked
    return Outcome(collection=said.collection, state=State.NOTHING) if nothing else said


def _already(source: Source, change: Change, matches: Sequence[Match]) -> Outcome:
    """Where no row holds the old value any more, rows that hold the new one are right: a run before was cut off."""
    done = _made(source.change(evolve(change, where={**(change.where or {}), **change.values}), matches))
    return evolve(done, because="The right value stood there already.") if done.state is State.CHANGED else done


_CLAIMS_LEAST: Final = (State.FAILED, State.KEPT, State.CHANGED, State.ERASED, State.NOTHING)


def _by_place(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Several changes of one place are one outcome: failed if one of them is, changed if one of them did something."""
    places: dict[str, list[Outcome]] = {}
    for one in outcomes:
        places.setdefault(one.collection, []).append(one)
    for several in places.values():
        least = min(several, key=lambda one: _CLAIMS_LEAST.index(one.state))
        yield evolve(
            least, found=sum(one.found for one in several), masked=sum(one.masked for one in several),
            left=sum(one.left for one in several), files=tuple(dict.fromkeys(f for one in several for f in one.files)),
        )  # fmt: skip


def _flagged(data_map: DataMap, selection: Selection, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
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
