"""Doing what was planned, statement by statement, inside of one transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define, field
from sqlalchemy import Connection, Delete, Update, delete, text, update
from sqlalchemy.exc import DBAPIError

from ombud.rights.sources.source import Value
from ombud.rights.sources.sql.moves import Taking
from ombud.rights.sources.sql.neutral import Candidate, candidates
from ombud.rights.sources.sql.order import groups_of_tables, layers
from ombud.rights.sources.sql.plan import Plan
from ombud.rights.sources.sql.refusal import Refusal, Refused, refusing
from ombud.rights.sources.sql.row import Row, chunks, these
from ombud.rights.sources.sql.structure import Edge, Structure, Table, TableName

Told = Callable[[str, int], None]
"""Told what is being done to which number of rows."""


@define(eq=False)
class Act:
    """An erasure being carried out.

    Attributes:
        connection: of its transaction.
        plan, taking: what is to be done.
        told: progress.
        written: what was written into rows that stay, to be verified afterwards.
    """

    connection: Connection
    plan: Plan
    taking: Taking
    told: Told
    written: dict[Row, dict[str, Value]] = field(factory=dict)

    @property
    def _structure(self) -> Structure:
        return self.plan.structure

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name

    def run(self) -> None:
        """Take pointers out, delete, replace keys, overwrite.

        Raises:
            Refused: the database does not let it be done this way.
        """
        self._empty(self.plan.emptied)
        self._delete()
        self._move()
        self._mask()

    def _table(self, row: Row) -> Table:
        return self._structure.table(row.table)

    # --- pointers ---------------------------------------------------------------------------------------------------

    def _empty(self, emptied: dict[Row, dict[str, Value]]) -> None:
        for (name, columns), rows in _grouped(emptied.items(), lambda values: tuple(sorted(values))):
            if columns:
                refusals = {
                    Refusal("empty", edge.child, edge.columns)
                    for row in rows
                    for edge in self._structure.out_of(name)
                    if set(self._structure.emptied(edge)) & set(columns)
                }
                with refusing(*refusals):
                    self._change(self._structure.table(name), rows, dict.fromkeys(columns))

    def _change(self, table: Table, rows: Sequence[Row], values: dict[str, Value]) -> None:
        for part in chunks(rows):
            self.connection.execute(_update(table, part, values))
            for row in part:
                row.moved(table, values)
                self.written.setdefault(row, {}).update(values)

    # --- deleting ---------------------------------------------------------------------------------------------------

    def _delete(self) -> None:
        for tables, edges in groups_of_tables(self.plan.person):
            rows = [row for name in tables for row in self.plan.person.rows[name].values() if row.going]
            if edges:
                self._delete_knot(rows, edges)
            else:
                self._delete_rows(rows)

    def _delete_knot(self, rows: list[Row], edges: list[Edge]) -> None:
        """Rows of tables that point at each other: a circle is opened by emptying pointers, else deleted as a whole."""
        free, circle = layers(self.plan.person, rows, edges)
        for layer in free:
            self._delete_rows(layer)
        if circle:
            opened = [edge for edge in edges if self._opens(edge)]
            self._empty({row: values for row in circle if (values := self._pointers(row, opened))})
            free, circle = layers(self.plan.person, circle, [edge for edge in edges if edge not in opened])
            for layer in free:
                self._delete_rows(layer)
            self._delete_at_once(circle)

    def _opens(self, edge: Edge) -> bool:
        refused = Refusal("empty", edge.child, edge.columns) in self.plan.refused
        return not refused and bool(self._structure.emptied(edge))

    def _pointers(self, row: Row, edges: list[Edge]) -> dict[str, Value]:
        mine = [edge for edge in edges if edge.child == row.table and row.pointer(edge.columns) is not None]
        return {name: None for edge in mine for name in self._structure.emptied(edge)}

    def _delete_rows(self, rows: Iterable[Row]) -> None:
        by_table: dict[TableName, list[Row]] = {}
        for row in rows:
            by_table.setdefault(row.table, []).append(row)
        for name, mine in by_table.items():
            table = self._structure.table(name)
            for part in chunks(mine):
                with refusing(Refusal("delete", name)):
                    self.connection.execute(delete(table.clause).where(these(table, part)))
                self.told(name[1], len(part))

    def _delete_at_once(self, circle: list[Row]) -> None:
        if not circle:
            return
        names = list(dict.fromkeys(row.table for row in circle))
        if self._dialect == "postgresql":
            with refusing(*(Refusal("delete", name) for name in names)):
                self._together([self._deletion(name, circle) for name in names])
        else:
            with self._unchecked():
                self._delete_rows(circle)

    def _deletion(self, name: TableName, circle: list[Row]) -> Delete:
        table = self._structure.table(name)
        return delete(table.clause).where(these(table, [row for row in circle if row.table == name]))

    def _together(self, statements: Sequence[Delete | Update]) -> None:
        """Several statements as one, so that PostgreSQL looks at its constraints only after the last."""
        *first, last = statements
        whole: Any = last
        for number, one in enumerate(first):
            whole = whole.add_cte(one.cte(f"part{number}"))
        self.connection.execute(whole)

    @contextmanager
    def _unchecked(self) -> Iterator[None]:
        """MySQL looks at its constraints row by row, and cannot be asked to look at the end; SQLite has been asked."""
        if self._dialect not in ("mysql", "mariadb"):
            yield
            return
        self.connection.execute(text("SET SESSION foreign_key_checks = 0"))
        try:
            yield
        finally:
            self.connection.execute(text("SET SESSION foreign_key_checks = 1"))

    # --- keys -------------------------------------------------------------------------------------------------------

    def _move(self) -> None:
        """Replace keys, in those that point before those at which they point."""
        if not self.taking.moved:
            return
        groups = list(_grouped(self.taking.moved.items(), lambda values: tuple(sorted(values.items(), key=repr))))
        statements = [one for (name, _), rows in reversed(groups) for one in self._replacements(name, rows)]
        refusals = [self._unmoved(row, name) for row, values in self.taking.moved.items() for name in values]
        with refusing(*refusals):
            if self._dialect == "postgresql":
                self._together(statements)
            else:
                with self._unchecked():
                    for statement in statements:
                        self.connection.execute(statement)
        for row, values in self.taking.moved.items():
            row.moved(self._table(row), values)
            self.written.setdefault(row, {}).update(values)

    def _unmoved(self, row: Row, name: str) -> Refusal:
        tried = sum(
            one.what == "move" and one.columns[:1] == (name,) for one in self.plan.refused if one.table == row.table
        )
        return Refusal("move", row.table, (name, str(tried)))

    def _replacements(self, name: TableName, rows: Sequence[Row]) -> Iterator[Update]:
        table = self._structure.table(name)
        for (_, columns), mine in _grouped(
            ((row, self._ours(row)) for row in rows), lambda values: tuple(sorted(values))
        ):
            if columns:
                for part in chunks(mine):
                    yield _update(table, part, {one: self.taking.moved[part[0]][one] for one in columns})

    def _ours(self, row: Row) -> dict[str, Value]:
        return {one: new for one, new in self.taking.moved[row].items() if (row, one) not in self.taking.followed}

    # --- overwriting ------------------------------------------------------------------------------------------------

    def _mask(self) -> None:
        wanted: dict[Row, dict[str, None]] = {row: dict.fromkeys(names) for row, names in self.taking.masked.items()}
        for row, names in self.plan.blotted.items():
            wanted.setdefault(row, {}).update(dict.fromkeys(names))
        for (name, columns), rows in _grouped(wanted.items(), lambda values: tuple(sorted(values))):
            if columns:
                self._overwrite(self._structure.table(name), columns, rows)

    def _overwrite(self, table: Table, columns: Sequence[str], rows: list[Row]) -> None:
        """All columns at once with the best values; if a rule forbids that, one after the other until one is let in."""
        choices = {name: self._candidates(table, name) for name in columns}
        best = {name: found[0] for name, found in choices.items() if found}
        if len(best) == len(columns) and self._try(table, rows, best):
            return
        for name in columns:
            if not any(self._try(table, rows, {name: one}) for one in choices[name]):
                raise Refused(Refusal("mask", table.name, (name,)))

    def _candidates(self, table: Table, name: str) -> tuple[Candidate, ...]:
        return candidates(table, name, self.taking.wish(table.name, name), self.taking.tokens)

    def _try(self, table: Table, rows: list[Row], values: dict[str, Candidate]) -> bool:
        before = [(row, row.at) for row in rows]
        savepoint = self.connection.begin_nested()
        try:
            with refusing():
                self._write(table, rows, values)
        except Refused:
            savepoint.rollback()
            for row, at in before:
                row.at = at
            return False
        except DBAPIError:
            raise
        savepoint.commit()
        return True

    def _write(self, table: Table, rows: list[Row], values: dict[str, Candidate]) -> None:
        if any(one.each for one in values.values()):
            for row in rows:
                self._change(table, [row], {name: one.make() for name, one in values.items()})
        else:
            self._change(table, rows, {name: one.make() for name, one in values.items()})


def _update(table: Table, rows: Sequence[Row], values: dict[str, Value]) -> Update:
    return (
        update(table.clause).where(these(table, rows)).values({table.column(name): new for name, new in values.items()})
    )


def _grouped(
    rows: Iterable[tuple[Row, dict[str, Any]]], like: Callable[[dict[str, Any]], Any]
) -> Iterator[tuple[tuple[TableName, Any], list[Row]]]:
    """Rows of one table for which the same is to be done."""
    found: dict[tuple[TableName, Any], list[Row]] = {}
    for row, values in rows:
        found.setdefault((row.table, like(values)), []).append(row)
    yield from found.items()
