"""The map and its sources: completed from the databases' own keys, and held against what is really there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from ombud.errors import OmbudError, what_next
from ombud.rights.map.database import Database, Pointer, Seen, look_into
from ombud.rights.map.finding import Finding
from ombud.rights.map.guess import by_name
from ombud.rights.map.model import Collection, DataMap, Reference, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match
from ombud.system.words import nearest

FILES: Final = ("parquet", "csv", "jsonl", "delta")


def complete(map: DataMap, base: Path | None = None) -> DataMap:
    """The map with the keys and references that its databases know; what a person wrote stays as it is.

    A source that cannot be read is named in `unread`, and a search counts it as away: without its references, rows
    would be missed in silence.

    Args:
        base: the folder that relative addresses start from; the map's own if None.
    """
    sources, unread = [], dict(map.unread)
    for spec in map.sources:
        try:
            sources.append(_completed(spec, base or map.path.parent) if spec.kind == "sql" else spec)
        except OmbudError as error:
            sources.append(spec)
            unread[spec.name] = str(error)
    return evolve(map, sources=tuple(sources), unread=unread)


def _completed(spec: SourceSpec, base: Path) -> SourceSpec:
    with look_into(spec, base) as database:
        seen = dict(_tables(spec, database))
        collections = tuple(
            _filled(one, seen[one.address], spec, seen) if one.address in seen else one for one in spec.collections
        )
    return evolve(spec, collections=collections)


def _tables(spec: SourceSpec, database: Database) -> Iterator[tuple[str, Seen]]:
    """Address → table, for those that are there."""
    from ombud.rights.sources.sql.errors import SourceFailed

    for collection in spec.collections:
        try:
            yield collection.address, database.find(collection.table)
        except SourceFailed:
            continue


def _filled(collection: Collection, table: Seen, spec: SourceSpec, seen: dict[str, Seen]) -> Collection:
    said = [_with_holes(one, table) for one in collection.references]
    written = {(one.to, frozenset(zip(one.columns, one.to_columns, strict=False))) for one in said}
    more = [
        _reference(collection, pointer, table, other.address)
        for pointer in table.pointers
        for other in spec.collections
        if other.address in seen and seen[other.address].name == pointer.parent
        if (other.address, pointer.pairs) not in written
    ]
    return evolve(collection, key=collection.key or table.key, references=(*said, *more))


def _with_holes(reference: Reference, table: Seen) -> Reference:
    if reference.nullable is not None:
        return reference
    return evolve(reference, nullable=table.nullable.issuperset(reference.columns))


def _reference(collection: Collection, pointer: Pointer, table: Seen, to: str) -> Reference:
    """A row belongs to the one it points at, unless it has a person of its own, or points into its own table."""
    mentions = bool(collection.identities) or to == collection.address
    return Reference(
        columns=pointer.columns,
        to=to,
        to_columns=pointer.parent_columns,
        binding="mentions" if mentions else "belongs",
        nullable=table.nullable.issuperset(pointer.columns),
        said=False,
    )


# --- held against what is there -----------------------------------------------------------------------------------


def compare(map: DataMap, base: Path | None = None) -> tuple[Finding, ...]:
    """Where the map and its sources differ: tables, columns, keys that are gone, and tables that it does not know."""
    found = [finding for spec in map.sources for finding in _compared(spec, base or map.path.parent)]
    return tuple(sorted(found, key=lambda one: not one.hole))


def _compared(spec: SourceSpec, base: Path) -> Iterator[Finding]:
    try:
        if spec.kind == "sql":
            with look_into(spec, base) as database:
                yield from list(_database(spec, database))
        elif spec.kind in FILES:
            yield from _files(spec, base)
    except OmbudError as error:
        yield Finding(rule="away", where=spec.name, says=str(error), add=what_next(error))


def _database(spec: SourceSpec, database: Database) -> Iterator[Finding]:
    seen = dict(_tables(spec, database))
    names = database.names()
    for collection in spec.collections:
        if collection.address not in seen:
            yield _gone(collection, [name for _, name in names])
        else:
            yield from _columns(collection, seen[collection.address], seen)
            yield from _key(collection, seen[collection.address])
            yield from _unlisted(collection, seen[collection.address])
    yield from _unknown(spec, database, names, seen)


def _gone(collection: Collection, names: list[str]) -> Finding:
    meant = nearest(collection.table.rpartition(".")[2], names)
    add = f"table: {meant}, if that is it" if meant else "correct `table`, or take the collection away"
    return Finding(rule="table", where=collection.address, says=f"table {collection.table} is not there", add=add)


def _columns(collection: Collection, table: Seen, seen: dict[str, Seen]) -> Iterator[Finding]:
    pointing = (name for one in collection.references for name in one.columns)
    for name in dict.fromkeys([*collection.key, *collection.identities, *collection.columns, *pointing]):
        if name not in table.columns:
            yield _renamed(collection.address, name, table)
    for reference in collection.references:
        there = seen.get(reference.to)
        for name in reference.to_columns if there else ():
            if there and name not in there.columns:
                yield _renamed(collection.address, name, there)


def _renamed(address: str, name: str, table: Seen) -> Finding:
    meant = nearest(name, table.columns)
    add = f"write {meant}, if it was renamed" if meant else f"{table.written} has: {', '.join(table.columns)}"
    return Finding(rule="column", where=address, says=f"{table.written} has no column {name}", add=add)


def _key(collection: Collection, table: Seen) -> Iterator[Finding]:
    if collection.key and table.uniques and not any(set(one) <= set(collection.key) for one in table.uniques):
        says = f"{', '.join(collection.key)} may be the same in several rows of {table.written}"
        add = f"key: [{', '.join(table.uniques[0])}]"
        yield Finding(rule="key", where=collection.address, says=says, add=add)
    elif not collection.key and not table.key:
        says = f"{table.written} has no key: its rows are told apart by all of their columns"
        add = "a primary key in the database, or `key: [COLUMN]` if one is unique"
        yield Finding(rule="key", where=collection.address, says=says, add=add, hole=False)


def _unlisted(collection: Collection, table: Seen) -> Iterator[Finding]:
    if not collection.personal:
        return
    for name in table.columns:
        category = by_name(name, table.name[1])
        if category and name not in collection.columns:
            says = f"column {name} of {table.written} is not in the map, and is called like personal data"
            add = f"columns: {{{name}: {category}}}"
            yield Finding(rule="unlisted", where=collection.address, says=says, add=add, hole=False)


def _unknown(
    spec: SourceSpec, database: Database, names: tuple[tuple[str, str], ...], seen: dict[str, Seen]
) -> Iterator[Finding]:
    """Tables that the map does not know, and that are about people by their columns or by whom they point at."""
    known = {table.name: address for address, table in seen.items()}
    for name in names:
        if name in known:
            continue
        table = database.seen(name)
        people = [column for column in table.columns if by_name(column, name[1])]
        pointing = [known[one.parent] for one in table.pointers if one.parent in known]
        if people or pointing:
            said = [f"has columns called like personal data ({', '.join(people)})"] if people else []
            said += [f"points at {', '.join(dict.fromkeys(pointing))}"] if pointing else []
            says = f"table {table.written} is not in the map, and {' and '.join(said)}"
            add = f"a collection for it; with `personal: no` if it is about nobody ({table.written})"
            yield Finding(rule="unknown", where=spec.name, says=says, add=add)


def _files(spec: SourceSpec, base: Path) -> Iterator[Finding]:
    """Each collection is asked for nobody: files or columns that are gone are told by the source itself."""
    source = open_source(spec, base)
    try:
        for collection in spec.collections:
            columns = list(dict.fromkeys([*collection.key, *collection.identities, *collection.columns]))
            try:
                next(iter(source.lookup(collection, [Match((one,), _nobody()) for one in columns], columns)), None)
            except OmbudError as error:
                yield Finding(rule="table", where=collection.address, says=str(error), add=what_next(error))
    finally:
        source.close()


def _nobody() -> Any:
    return frozenset({("\N{REPLACEMENT CHARACTER} nobody",)})
