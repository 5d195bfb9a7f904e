"""Gather what is held on a person, place by place, for the copy that they get."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from ombud.documents.rights.access import Copy, Field, Held, Logic
from ombud.documents.rights.letters import Remedy
from ombud.errors import OmbudError
from ombud.evidence.log import Log
from ombud.rights.desk import BY_HAND
from ombud.rights.map.model import Collection, Column, DataMap, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match, Selection, Source
from ombud.system.organisation import Organisation

MOST_ROWS: Final = 200_000
"""Rows of one place that a copy takes; more are said to be missing, and how many there are."""

Open = Callable[[SourceSpec, Path], Source]


def copy_of(
    data_map: DataMap,
    selection: Selection,
    *,
    organisation: Organisation,
    case: str,
    today: date,
    log: Log,
    away: Mapping[str, str] | None = None,
    remedies: tuple[Remedy, ...] = (),
    limits: tuple[str, ...] = (),
    counts: Mapping[str, int] | None = None,
    open: Open = open_source,
) -> Copy:
    """All that the map's sources hold on a person.

    Args:
        data_map, selection: where to look, and the person's rows there.
        organisation: who holds it; its manifest has to say how people reach it.
        case, today: number of the matter, and the day of the copy.
        log: for the declarations of the systems that decide with these data.
        away: sources that could not be searched → why.
        remedies, limits: where to complain, and what was not looked at.
        counts: place → entries that were found; of places that only people can read, all that is known.
        open: opens a source.
    """
    held = [
        one
        for spec in data_map.sources
        for one in (
            _by_hand(spec, counts or {}, away or {})
            if spec.kind in BY_HAND
            else _in_source(data_map, spec, selection, away or {}, open)
        )
    ]
    reached = organisation.contact
    return Copy(
        organisation=organisation.name, address=reached.address if reached else (),
        contact=reached.write_to if reached else "", officer=(reached.officer or "") if reached else "",
        case=case, day=today, held=tuple(held), logics=tuple(_logics(data_map, selection, log)),
        remedies=remedies, limits=limits,
    )  # fmt: skip


def _by_hand(spec: SourceSpec, counts: Mapping[str, int], away: Mapping[str, str]) -> Iterator[Held]:
    """What people found: no program can copy it, and the copy says that it is there."""
    for one in spec.collections:
        if one.personal:
            problem = "It could not be searched." if spec.name in away else ""
            yield evolve(_held(one, (), problem=problem), by_hand=counts.get(one.address, 0))


def _in_source(
    data_map: DataMap, spec: SourceSpec, selection: Selection, away: Mapping[str, str], open: Open
) -> Iterator[Held]:
    collections = [one for one in spec.collections if one.personal]
    wanted = [one for one in collections if selection.get(one.address)]
    if spec.name in away:
        yield from (_held(one, (), problem="It could not be searched.") for one in collections)
        return
    yield from (_held(one, ()) for one in collections if one not in wanted)
    if not wanted:
        return
    try:
        with closing(open(spec, data_map.path.parent)) as source:
            for collection in wanted:
                yield _read(source, collection, selection[collection.address])
    except OmbudError:
        yield from (_held(one, (), problem="It could not be opened.") for one in wanted)


def _read(source: Source, collection: Collection, matches: Sequence[Match]) -> Held:
    names = list(collection.columns)
    try:
        rows = list(islice(source.lookup(collection, matches, names or None), MOST_ROWS + 1))
        total = source.count(collection, matches) if len(rows) > MOST_ROWS else len(rows)
    except OmbudError:
        return _held(collection, (), problem="It could not be read.")
    shown = [{name: row.get(name) for name in names} for row in rows[:MOST_ROWS]]
    return _held(collection, shown, problem=_missing(total, len(names)))


def _missing(total: int, columns: int) -> str:
    if total and not columns:
        return f"It holds {total:,} entries, and our record does not say what is in them. Ask us."
    return f"It holds {total:,} entries; this copy has {MOST_ROWS:,} of them." if total > MOST_ROWS else ""


def _held(collection: Collection, rows: Sequence[Mapping[str, Any]], problem: str = "") -> Held:
    return Held(
        address=collection.address, called=collection.name.replace("_", " "),
        fields=tuple(_field(one) for one in collection.columns.values()), rows=rows, problem=problem,
        purposes=collection.purposes, recipients=collection.recipients, lawful_basis=collection.lawful_basis,
        origin=collection.origin, retention=collection.retention,
    )  # fmt: skip


def _field(column: Column) -> Field:
    return Field(
        name=column.name, called=column.name.replace("_", " "), category=column.category, origin=column.origin,
        secret=column.secret, third_party=column.third_party,
    )  # fmt: skip


# --- how systems decide -----------------------------------------------------------------------------------------------


def _logics(data_map: DataMap, selection: Selection, log: Log) -> Iterator[Logic]:
    """The systems whose decisions are among what was found, as they were last declared."""
    named = {one.logic for one in data_map.collections if one.logic and selection.get(one.address)}
    declared = {
        str(entry.statement.predicate.get("system")): entry.statement.predicate
        for entry in log.trusted("declaration")
        if entry.statement.predicate.get("what") == "system"
    }
    for name in sorted(named):
        said = declared.get(name, {}).get("content")
        yield _logic(name, said if isinstance(said, Mapping) else {})


def _logic(name: str, said: Mapping[str, Any]) -> Logic:
    columns, model, reasons = (_mapping(said.get(key)) for key in ("columns", "model", "reasons"))
    features = columns.get("features") or ()
    threshold = model.get("threshold")
    return Logic(
        system=name,
        purpose=str(said.get("purpose") or ""),
        features=tuple(str(reasons.get(one) or one) for one in ([features] if isinstance(features, str) else features)),
        threshold=f"A score of at least {threshold} is decided in your favour." if threshold is not None else "",
        human=_HUMAN.get(str(said.get("decision")), ""),
    )


_HUMAN: Final = {
    "automated": "Nobody, unless you ask: the machine decides. You can have a person look at it again.",
    "assisted": "A person decides, with the help of the machine.",
}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
