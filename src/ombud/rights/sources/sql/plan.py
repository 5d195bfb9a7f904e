"""What becomes of every row before anything is done: deleted, kept without the person, or only rid of a pointer.

A row may go only if every row that points at it goes too, or has its pointer taken out. Otherwise it stays, without
the person in it, and so may keep the rows at which it points itself: the rule is applied upwards until nothing changes.
Effects that the database would have by itself (ON DELETE CASCADE, SET NULL) never happen unplanned: when a row is
deleted, nothing that is not going points at it any more.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from attrs import define, field
from sqlalchemy import Connection, Select, select

from ombud.rights.sources.source import Value
from ombud.rights.sources.sql.compare import among
from ombud.rights.sources.sql.errors import SourceFailed
from ombud.rights.sources.sql.person import Person
from ombud.rights.sources.sql.read import stream
from ombud.rights.sources.sql.refusal import Refusal, refusing
from ombud.rights.sources.sql.row import AT_ONCE, Fate, Key, Row, folded
from ombud.rights.sources.sql.structure import Edge, Structure, TableName

POINTED_AT: Final = "rows of others point at it and may not be changed"


@define(eq=False)
class Plan:
    """What is to be done.

    Attributes:
        person: the person's rows with their fates.
        refused: what is known not to be possible.
        others: rows of others that are concerned, by table and key.
        emptied: columns to be emptied, by row; edges: over which pointers that is.
        blotted: columns to be overwritten, by row: pointers that only the map knows, where they may not be empty.
        dangling: pointers that only the map knows and that cannot be taken out.
    """

    person: Person
    refused: frozenset[Refusal]
    others: dict[tuple[TableName, Key], Row] = field(factory=dict)
    emptied: dict[Row, dict[str, Value]] = field(factory=dict)
    edges: dict[Row, set[Edge]] = field(factory=dict)
    blotted: dict[Row, set[str]] = field(factory=dict)
    dangling: int = 0
    _waiting: list[Row] = field(factory=list)

    @property
    def structure(self) -> Structure:
        """The database."""
        return self.person.structure

    def settle(self, connection: Connection) -> None:
        """Decide what becomes of each row."""
        self.person.decide()
        for row in self.person.of(Fate.DELETE):
            if Refusal("delete", row.table) in self.refused:
                self._stays(row, "the database did not let it be deleted")
        for row in self.person.all:
            if not row.going:
                self._waiting.append(row)
        pointing = self._pointing(connection)
        self._complete(pointing)
        while self._waiting:
            self._release(self._waiting.pop())
        for edge, other, target in pointing:
            if target.going:
                self._let_go(edge, other, target)
            while self._waiting:
                self._release(self._waiting.pop())
        self._take_out(pointing)

    def _complete(self, pointing: Iterable[tuple[Edge, Row, Row]]) -> None:
        """Refuse to take the pointer out of a row that is the person's as well: nobody would find it again.

        Raises:
            SourceFailed: there is one; it is to be searched for again.
        """
        for edge, other, _ in pointing:
            if self.person.overlooked(other, edge):
                problem = "rows belong to the person that the search did not find: they came later, or are too many"
                raise SourceFailed(other.table[1], problem, "Search again, then erase.")

    def _stays(self, row: Row, why: str) -> None:
        row.fate, row.why = Fate.MASK, why
        self._waiting.append(row)

    def _release(self, row: Row) -> None:
        """A row stays: what it points at must let go of it, or stay as well."""
        for edge in self.structure.out_of(row.table):
            for target in self.person.targets(row, edge):
                if target.going:
                    self._let_go(edge, row, target)

    def _let_go(self, edge: Edge, row: Row, target: Row) -> None:
        if not edge.real and row.fate is Fate.KEEP:
            return
        if not self.can_empty(edge, row):
            self._stays(target, POINTED_AT)

    def can_empty(self, edge: Edge, row: Row) -> bool:
        """Whether a row's pointer may be taken out; one that only the map knows can be overwritten at least."""
        return row.fate is not Fate.KEEP and (not edge.real or bool(self._emptied(edge)))

    def _emptied(self, edge: Edge) -> tuple[str, ...]:
        refused = Refusal("empty", edge.child, edge.columns) in self.refused
        return () if refused else self.structure.emptied(edge)

    # --- rows of others ---------------------------------------------------------------------------------------------

    def _pointing(self, connection: Connection) -> list[tuple[Edge, Row, Row]]:
        """Rows that are not the person's and point at one that is to go."""
        found = []
        for name, rows in self.person.rows.items():
            for edge in self.structure.into(name):
                going = [row for row in rows.values() if row.going]
                found += self.pointing_over(connection, edge, going)
                if Refusal("read", edge.child) in self.refused:
                    for row in going:
                        self._stays(row, POINTED_AT)
        return found

    def pointing_over(self, connection: Connection, edge: Edge, targets: list[Row]) -> list[tuple[Edge, Row, Row]]:
        """Rows that are not the person's and point over an edge at some that are; none where they may not be read."""
        if Refusal("read", edge.child) in self.refused:
            return []
        pointers = {key: row for row in targets if (key := row.pointer(edge.parent_columns)) is not None}
        keys = list(pointers)
        found = []
        for start in range(0, len(keys), AT_ONCE):
            part = {key: pointers[key] for key in keys[start : start + AT_ONCE]}
            found += [
                (edge, other, target)
                for other in self._others(connection, edge, list(part))
                for target in self._aimed(edge, other, part)
            ]
        return found

    def _others(self, connection: Connection, edge: Edge, keys: list[Key]) -> Iterator[Row]:
        child = self.structure.table(edge.child)
        mine = self.person.rows.get(child.name, {})
        names = self.person.looked_at(child)
        columns = [child.column(name) for name in edge.columns]
        query = select(*(child.column(name) for name in names)).where(among(columns, keys, child.dialect))
        for values in self._asked(connection, edge, query):
            row = dict(zip(names, values, strict=True))
            key = tuple(row[name] for name in child.telling)
            if key not in mine:
                yield self.others.setdefault((child.name, key), Row(child.name, key, row))

    def _asked(self, connection: Connection, edge: Edge, query: Select[Any]) -> list[tuple[Value, ...]]:
        """Rows that point at the person's, locked; only read where we may not lock them, and so not change them."""
        locked = Refusal("lock", edge.child)
        if locked in self.refused or connection.dialect.name == "sqlite":
            with refusing(Refusal("read", edge.child)):
                return list(stream(connection, query))
        with refusing(locked):
            return list(stream(connection, query.with_for_update()))

    def _aimed(self, edge: Edge, other: Row, part: dict[Key, Row]) -> list[Row]:
        """At which rows another one points; at all that were asked for, if only the database knows what is equal."""
        dialect = self.structure.connection.dialect.name
        pointer = other.pointer(edge.columns)
        aim = None if pointer is None else folded(pointer, dialect)
        found = [row for key, row in part.items() if folded(key, dialect) == aim]
        return found or list(part.values())

    # --- pointers ---------------------------------------------------------------------------------------------------

    def _take_out(self, pointing: Iterable[tuple[Edge, Row, Row]]) -> None:
        """Which pointers are emptied: those at rows that go, and those of shared rows at the person."""
        for edge, other, target in pointing:
            if target.going:
                self._empty(edge, other)
        for row in self.person.all:
            if row.fate not in (Fate.MASK, Fate.SHARE):
                continue
            for edge in self.structure.out_of(row.table):
                if any(self._leaves(row, edge, target) for target in self.person.targets(row, edge)):
                    self._empty(edge, row)

    def _leaves(self, row: Row, edge: Edge, target: Row) -> bool:
        if target.going:
            return True
        shared = row.fate is Fate.SHARE and target.fate is Fate.MASK and edge.binding == "belongs"
        return shared and self.can_empty(edge, row)

    def _empty(self, edge: Edge, row: Row) -> None:
        """Note what takes a pointer out; one that only the map knows may be overwritten where it may not be empty."""
        columns = self._emptied(edge)
        self.emptied.setdefault(row, {}).update(dict.fromkeys(columns))
        self.edges.setdefault(row, set()).add(edge)
        if not columns and not edge.real:
            free = [one for one in edge.columns if self._free(edge, one)]
            self.blotted.setdefault(row, set()).update(free)
            if not free:
                self.dangling += 1

    def _free(self, edge: Edge, column: str) -> bool:
        refused = Refusal("mask", edge.child, (column,)) in self.refused
        return not refused and not self.structure.bound(edge.child, column)
