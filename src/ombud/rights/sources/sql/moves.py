"""Taking the person out of rows that stay: which columns are overwritten, and which keys are replaced everywhere.

A key that identifies the person (an e-mail address as primary key) is replaced by a token, in the row itself and in
every row that points at it. A row under a legal hold is not touched, so a key to which it points stays as it is.
"""

from collections.abc import Iterator, Mapping

from attrs import define, field
from sqlalchemy import Connection

from ombud.rights.map.model import Column
from ombud.rights.sources.source import Value
from ombud.rights.sources.sql.neutral import Tokens, candidates
from ombud.rights.sources.sql.plan import Plan
from ombud.rights.sources.sql.refusal import Refusal
from ombud.rights.sources.sql.row import Fate, Row
from ombud.rights.sources.sql.structure import Edge, Structure, TableName


@define(eq=False)
class Taking:
    """What is written into rows that stay.

    Attributes:
        plan: with its fates settled.
        tokens: random bytes.
        masked: columns to be overwritten, by row; moved: new keys, by row.
        left: columns that go on saying something of the person, by row; held: those of them that a kept row needs.
        followed: changes of `moved` that the database makes by itself.
    """

    plan: Plan
    tokens: Tokens
    masked: dict[Row, list[str]] = field(factory=dict)
    moved: dict[Row, dict[str, Value]] = field(factory=dict)
    left: dict[Row, set[str]] = field(factory=dict)
    held: dict[Row, set[str]] = field(factory=dict)
    followed: set[tuple[Row, str]] = field(factory=set)
    _made: dict[Value, Value] = field(factory=dict)
    _bound: list[tuple[Row, str]] = field(factory=list)

    @property
    def structure(self) -> Structure:
        """The database."""
        return self.plan.structure

    def work_out(self, connection: Connection) -> None:
        """Decide for each column of each row that stays."""
        keys: list[tuple[Row, str]] = []
        for row in self.plan.person.all:
            if row.fate in (Fate.MASK, Fate.SHARE):
                keys += [(row, name) for name in self._columns(row) if not self._placed(row, name)]
        for row, name in keys:
            self._move(connection, row, name)
        for row, name in self._bound:
            if name not in self.moved.get(row, {}):
                self._remains(row, name)

    def _columns(self, row: Row) -> tuple[str, ...]:
        """What says something of the person in a row; in a shared one only what identifies them."""
        personal = self.structure.personal(row.table)
        if row.fate is Fate.MASK:
            return personal
        collections = [self.plan.person.collection(address) for address in row.collections]
        return tuple(
            name
            for name in personal
            if any(name in one.identities and self.plan.person.named(row, one, name) for one in collections)
        )

    def _placed(self, row: Row, name: str) -> bool:
        """Whether a column is dealt with without replacing a key."""
        if name in self.plan.emptied.get(row, {}):
            return True
        pointers = [edge for edge in self.structure.out_of(row.table) if edge.real and name in edge.columns]
        pointers = [edge for edge in pointers if row.pointer(edge.columns) is not None]
        if pointers:
            self._pointer(row, name, pointers)
            return True
        table = self.structure.table(row.table)
        if name in table.key or self.structure.pointed_at(row.table, name):
            return row.values.get(name) is None
        if Refusal("mask", row.table, (name,)) in self.plan.refused:
            self.left.setdefault(row, set()).add(name)
        else:
            self.masked.setdefault(row, []).append(name)
        return True

    def _pointer(self, row: Row, name: str, edges: list[Edge]) -> None:
        for edge in edges:
            columns = self.structure.emptied(edge)
            if name in columns and self.plan.can_empty(edge, row):
                self.plan.emptied.setdefault(row, {}).update(dict.fromkeys(columns))
                self.plan.edges.setdefault(row, set()).add(edge)
                return
        self._bound.append((row, name))

    def _remains(self, row: Row, name: str) -> None:
        kept = any(
            target.fate is Fate.KEEP
            for edge in self.structure.out_of(row.table)
            if name in edge.columns
            for target in self.plan.person.targets(row, edge)
        )
        (self.held if kept else self.left).setdefault(row, set()).add(name)

    # --- keys -------------------------------------------------------------------------------------------------------

    def _move(self, connection: Connection, row: Row, name: str) -> None:
        """Replace a key, and with it whatever points at it."""
        new = self._new(row, name)
        found: dict[Row, dict[str, Value]] = {}
        if new is None or not self._seen(row):
            self.left.setdefault(row, set()).add(name)
        elif self._spread(connection, row, name, new, found):
            for one, values in found.items():
                self.moved.setdefault(one, {}).update(values)
        else:
            self.held.setdefault(row, set()).add(name)

    def _seen(self, row: Row) -> bool:
        """Whether we may read all that points at a row."""
        return not any(Refusal("read", edge.child) in self.plan.refused for edge in self.structure.into(row.table))

    def _new(self, row: Row, name: str) -> Value:
        """A token in the place of a value: the same for the same value, so that what shares it goes on sharing it."""
        old = row.values[name]
        choices = candidates(self.structure.table(row.table), name, None, self.tokens, key=True)
        tried = sum(
            one.what == "move" and one.table == row.table and one.columns[0] == name for one in self.plan.refused
        )
        if tried >= len(choices):
            return None
        if old not in self._made:
            self._made[old] = choices[tried].make()
        return self._made[old]

    def _spread(
        self, connection: Connection, row: Row, name: str, new: Value, found: dict[Row, dict[str, Value]]
    ) -> bool:
        """Collect who has to change with a key; False if one of them may not."""
        if name in found.get(row, {}):
            return True
        found.setdefault(row, {})[name] = new
        for edge in self.structure.into(row.table):
            if name not in edge.parent_columns:
                continue
            place = edge.columns[edge.parent_columns.index(name)]
            by_itself = edge.follows and connection.dialect.name == "postgresql"
            for child in self._children(connection, edge, row):
                if by_itself:
                    self.followed.add((child, place))
                if child.fate is Fate.KEEP and edge.real:
                    return False
                if child.fate is not Fate.KEEP and not self._spread(connection, child, place, new, found):
                    return False
        return True

    def _children(self, connection: Connection, edge: Edge, row: Row) -> Iterator[Row]:
        pointer = row.pointer(edge.parent_columns)
        if pointer is None:
            return
        mine = self.plan.person.at(edge.child, edge.columns, pointer)
        others = [other for _, other, _ in self.plan.pointing_over(connection, edge, [row])]
        for child in (*mine, *others):
            if not child.going and edge not in self.plan.edges.get(child, ()):
                yield child

    # --- what the map wants to be written -----------------------------------------------------------------------------

    def wish(self, table: TableName, name: str) -> str | None:
        """The mask of a column; None where the map has none."""
        columns: list[Mapping[str, Column]] = [one.columns for one in self.structure.mapped.get(table, ())]
        return next((one[name].mask for one in columns if name in one and one[name].mask is not None), None)
