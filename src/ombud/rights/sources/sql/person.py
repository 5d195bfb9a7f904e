"""The person's rows in one source: found by the selection, locked, and kept in memory by their keys and pointers.

Of a row only what decides its fate is kept: its key, its pointers, and what identifies somebody. A table to which
nothing points and in which nobody else can have a part needs not even that: it is emptied by one statement a batch.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from attrs import define, field
from sqlalchemy import Connection, select, true

from ombud.rights.map.model import Collection, Exemption, Reference
from ombud.rights.sources.matching import canonical
from ombud.rights.sources.source import Match, Selection
from ombud.rights.sources.sql.compare import among, coerced, exact
from ombud.rights.sources.sql.read import rows
from ombud.rights.sources.sql.row import Fate, Key, Row, folded
from ombud.rights.sources.sql.structure import Edge, Structure, Table, TableName
from ombud.store.identity import form_of

SHARED: Final = "it belongs to another person as well"
UNNAMED: Final = "the map keeps it"


@define(eq=False)
class Person:
    """What of the person is in a source.

    Attributes:
        structure: the database.
        selection: the person's rows by the map, of the collections that can be read.
        today: to tell whether an exemption has ended; None: it has not.
        rows: table → key → row.
    """

    structure: Structure
    selection: Selection
    today: date | None = None
    rows: dict[TableName, dict[Key, Row]] = field(factory=dict)
    _index: dict[tuple[TableName, tuple[str, ...]], dict[Key, list[Row]]] = field(factory=dict)
    _pointers: dict[tuple[str, tuple[str, ...]], set[Key]] = field(factory=dict)
    _existing: dict[tuple[TableName, tuple[str, ...], Key], bool] = field(factory=dict)
    _named: dict[str, set[str]] = field(factory=dict)

    @property
    def all(self) -> Iterator[Row]:
        """All rows of the person."""
        for table in self.rows.values():
            yield from table.values()

    def of(self, fate: Fate) -> list[Row]:
        """Rows of one fate."""
        return [row for row in self.all if row.fate is fate]

    def collection(self, address: str) -> Collection:
        """A collection of this source."""
        return next(one for one in self.structure.spec.collections if one.address == address)

    # --- finding ----------------------------------------------------------------------------------------------------

    def gather(self, connection: Connection, address: str) -> None:
        """Read the person's rows of a collection, and lock them; called again, it adds what has come since."""
        collection = self.collection(address)
        table = self.structure.of(collection)
        columns = self.looked_at(table)
        known = self.rows.setdefault(table.name, {})
        self._index.clear()
        lock = connection.dialect.name != "sqlite"
        counts: Counter[Key] = Counter()
        for values in rows(connection, table, collection, self.selection[address], columns, lock):
            key = tuple(values[name] for name in table.telling)
            row = known.get(key) or Row(table.name, key, {name: values[name] for name in columns}, Fate.DELETE)
            known[key] = row
            row.collections.add(address)
            counts[key] += 1
            row.copies = max(row.copies, counts[key])

    def looked_at(self, table: Table) -> tuple[str, ...]:
        """Columns that decide the fate of a table's rows."""
        names = [*table.telling]
        for edge in self.structure.out_of(table.name):
            names += edge.columns
        for edge in self.structure.into(table.name):
            names += edge.parent_columns
        for collection in self.structure.mapped.get(table.name, ()):
            names += (*collection.key, *collection.identities)
            for reference in collection.references:
                names += reference.columns
        return tuple(dict.fromkeys(name for name in names if name in table.types))

    # --- fates ------------------------------------------------------------------------------------------------------

    def decide(self) -> None:
        """What the map says of each row: kept, masked, or deleted; and what belongs to others as well."""
        for row in self.all:
            for address in row.collections:
                self._by_the_map(row, self.collection(address))
        for row in self.all:
            if self._open(row) and any(self._shared(row, self.collection(one)) for one in row.collections):
                row.fate, row.why = Fate.SHARE, SHARED
        self._share_what_hangs_on_it()

    def _open(self, row: Row) -> bool:
        """Whether others may still have a say: what is to be masked would be masked for them too."""
        return row.fate in (Fate.DELETE, Fate.MASK)

    def _by_the_map(self, row: Row, collection: Collection) -> None:
        exemption = collection.exemption
        if exemption is not None and lasts(exemption, self.today):
            row.fate, row.why = Fate.KEEP, exemption.ground
        elif collection.on_erase == "keep":
            row.fate, row.why = Fate.KEEP, row.why or UNNAMED
        elif collection.on_erase == "mask" and row.fate is not Fate.KEEP:
            row.fate = Fate.MASK

    def _shared(self, row: Row, collection: Collection) -> bool:
        return self._points_at_another(row, collection) or self._names_another(row, collection)

    def _points_at_another(self, row: Row, collection: Collection) -> bool:
        for reference in collection.references:
            if reference.binding != "belongs" or not self._leads_to_people(reference.to):
                continue
            pointer = row.pointer(reference.columns)
            if pointer is not None and not self._own(collection, reference, pointer):
                return True
        return False

    def _leads_to_people(self, address: str) -> bool:
        here = address.partition(".")[0] == self.structure.spec.name
        return address in self.structure.bearing if here else True

    def _own(self, collection: Collection, reference: Reference, pointer: Key) -> bool:
        """Whether a pointer leads to the person: to a row that was found, or to one of theirs that is gone already."""
        selected = self._selected(collection, reference.columns, pointer)
        target = next((one for one in self.structure.spec.collections if one.address == reference.to), None)
        if target is None or target.address not in self.selection:
            return selected
        table = self.structure.of(target)
        if self.at(table.name, reference.to_columns, pointer):
            return True
        return selected and not self._there(table, reference.to_columns, pointer)

    def _there(self, table: Table, columns: tuple[str, ...], pointer: Key) -> bool:
        """Whether anybody's row holds some values."""
        asked = (table.name, columns, pointer)
        if asked not in self._existing:
            query = select(true()).where(among([table.column(one) for one in columns], [pointer], table.dialect))
            self._existing[asked] = self.structure.connection.execute(query.limit(1)).first() is not None
        return self._existing[asked]

    def _selected(self, collection: Collection, columns: tuple[str, ...], pointer: Key) -> bool:
        known = self._pointers.get((collection.address, columns))
        if known is None:
            table, matches = self.structure.of(collection), self.selection.get(collection.address, ())
            known = {key for one in matches if one.columns == columns for key in self._typed(table, one)}
            self._pointers[collection.address, columns] = known
        return folded(pointer, self.structure.connection.dialect.name) in known

    def _typed(self, table: Table, match: Match) -> Iterator[Key]:
        dialect = table.dialect
        for values in match.values:
            typed = [coerced(table.types[c], v, dialect) for c, v in zip(match.columns, values, strict=True)]
            if len(typed) == 1:
                yield from (folded((one,), dialect) for one in typed[0])
            elif all(typed):
                yield folded(tuple(one[0] for one in typed), dialect)
            yield folded(values, dialect)

    def _names_another(self, row: Row, collection: Collection) -> bool:
        """Whether a row identifies somebody else.

        It does if a column about third parties holds an identity that is not this person's, or if of two columns of one
        kind one does; and if it was found by a pointer, but none of its identities is one of this person's. A row that
        the selection names by its key was looked at before.
        """
        held = {name: kind for name, kind in collection.identities.items() if row.values.get(name) is not None}
        strange = {name: kind for name, kind in held.items() if not self.named(row, collection, name)}
        for name, kind in strange.items():
            twin = any(same == kind and other != name for other, same in collection.identities.items())
            if twin or (name in collection.columns and collection.columns[name].third_party):
                return True
        key = row.pointer(collection.key) if collection.key else None
        if key is not None and self._selected(collection, collection.key, key):
            return False
        return len(strange) == len(held) and any(self._named[kind] for kind in strange.values())

    def named(self, row: Row, collection: Collection, column: str) -> bool:
        """Whether an identity column of a row holds an identity of this person."""
        kind = collection.identities[column]
        if kind not in self._named:
            self._named[kind] = set(self._identities(kind))
        return canonical(row.values.get(column), form_of(kind)) in self._named[kind]

    def _identities(self, kind: str) -> Iterator[str]:
        """All values of a kind of identity that the selection knows of the person."""
        for address, matches in self.selection.items():
            identities = self.collection(address).identities
            for match in matches:
                if len(match.columns) == 1 and identities.get(match.columns[0]) == kind:
                    texts = (canonical(value, form_of(kind)) for (value,) in match.values)
                    yield from (text for text in texts if text is not None)

    def _share_what_hangs_on_it(self) -> None:
        """What belongs to a shared row is as shared as the row."""
        shared = self.of(Fate.SHARE)
        while shared:
            shared = [low for high in shared for low in self._belonging(high)]
            for row in shared:
                row.fate, row.why = Fate.SHARE, SHARED

    def alone_in(self, collection: Collection) -> bool:
        """Whether all rows of a collection that is `simple` are the person's alone: what they belong to is."""
        for reference in collection.references:
            target = next((one for one in self.structure.spec.collections if one.address == reference.to), None)
            if reference.binding != "belongs" or target is None or target.address not in self.selection:
                continue
            table = self.structure.of(target)
            for match in self.selection[collection.address]:
                if match.columns == reference.columns and not all(
                    self._theirs(table, reference.to_columns, pointer) for pointer in match.values
                ):
                    return False
        return True

    def _theirs(self, table: Table, columns: tuple[str, ...], pointer: Key) -> bool:
        """Whether values lead to a row that is nobody else's, or to none any more."""
        found = self.at(table.name, columns, pointer)
        return all(row.fate is not Fate.SHARE for row in found) if found else not self._there(table, columns, pointer)

    def _belonging(self, high: Row) -> Iterator[Row]:
        for edge in self.structure.into(high.table):
            pointer = high.pointer(edge.parent_columns)
            if edge.binding == "belongs" and pointer is not None:
                yield from (row for row in self.at(edge.child, edge.columns, pointer) if self._open(row))

    def overlooked(self, row: Row, edge: Edge) -> bool:
        """Whether a row that was not found belongs to the person after all: it came after the search."""
        if edge.binding != "belongs":
            return False
        mapped = [one for one in self.structure.mapped.get(row.table, ()) if one.personal]
        return bool(mapped) and not any(self._shared(row, one) for one in mapped)

    # --- who points at whom -----------------------------------------------------------------------------------------

    def at(self, table: TableName, columns: tuple[str, ...], pointer: Key) -> list[Row]:
        """The person's rows that hold some values in some columns."""
        dialect = self.structure.connection.dialect.name
        index = self._index.get((table, columns))
        if index is None:
            index = {}
            for row in self.rows.get(table, {}).values():
                held = row.pointer(columns)
                if held is not None:
                    index.setdefault(folded(held, dialect), []).append(row)
            self._index[table, columns] = index
        return index.get(folded(pointer, dialect), [])

    def targets(self, row: Row, edge: Edge) -> list[Row]:
        """The person's rows at which a row points over an edge."""
        pointer = row.pointer(edge.columns)
        return [] if pointer is None else self.at(edge.parent, edge.parent_columns, pointer)


def lasts(exemption: Exemption, today: date | None) -> bool:
    """Whether an exemption still holds; a legal hold does until it is lifted."""
    return exemption.hold or exemption.until is None or today is None or today <= exemption.until


def simple(structure: Structure, collection: Collection, matches: Sequence[Match]) -> bool:
    """Whether a collection can be erased by a condition alone: nothing points at it, and it has one owner."""
    table = structure.of(collection)
    alone = len(structure.mapped[table.name]) == 1 and not structure.into(table.name) and not table.triggers
    whole = collection.on_erase == "delete" and collection.exemption is None
    parts = len(collection.identities) + sum(one.binding == "belongs" for one in collection.references)
    return alone and whole and parts <= 1 and exact(table, collection, matches)
