"""What the database says of itself: tables, columns, keys, rules, and who points at whom; completed by the map."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, cast

from attrs import define, evolve, field, frozen
from sqlalchemy import Connection, TableClause, column, inspect, or_, select, table, text
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.sql.elements import ColumnClause, quoted_name
from sqlalchemy.types import JSON, Float, NullType, TypeEngine, UserDefinedType

from ombud.rights.map.model import Binding, Collection, SourceSpec
from ombud.rights.sources.sql.errors import MOVED, SourceFailed

TableName = tuple[str, str]
"""Schema and name, as the database spells them."""

_OWN_SCHEMAS: Final = frozenset(
    {"information_schema", "mysql", "performance_schema", "sys", "pg_catalog", "pg_toast", "temp"}
)


class Raw(UserDefinedType[Any]):
    """Whatever the driver gives and takes."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """As SQLite calls a column of any type."""
        return "BLOB"


@frozen
class Edge:
    """Columns of a table that point at columns of another.

    Attributes:
        child, columns: who points; parent, parent_columns: at whom, in the same order.
        real: a foreign key of the database; otherwise only the map knows of it.
        binding: what the map says that it means; None where the map does not know of it.
        follows: the database itself carries a changed key over (ON UPDATE CASCADE).
    """

    child: TableName
    columns: tuple[str, ...]
    parent: TableName
    parent_columns: tuple[str, ...]
    real: bool = True
    binding: Binding | None = None
    follows: bool = False

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Its columns with those they point at, in no order."""
        return frozenset(zip(self.columns, self.parent_columns, strict=True))


@frozen(kw_only=True, eq=False)
class Table:
    """A table as it is now. What only erasure needs is asked when it is needed, by the connection it was read with.

    Attributes:
        name: schema and name.
        types: column → its declared type, in the table's order.
        key: columns that tell its rows apart; empty where there are none.
        nullable, computed: columns that may be emptied, and those that the database computes.
        dialect: name of the kind of database.
        asked: reads more about it.
    """

    name: TableName
    types: Mapping[str, TypeEngine[Any]]
    key: tuple[str, ...]
    nullable: frozenset[str]
    computed: frozenset[str]
    dialect: str
    asked: "Structure" = field(repr=False)

    @cached_property
    def uniques(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns that no two rows share, the key among them."""
        return (*((self.key,) if self.key else ()), *self.asked.uniques(self.name))

    @cached_property
    def checks(self) -> tuple[str, ...]:
        """Its CHECK rules, as written."""
        return self.asked.checks(self.name)

    @cached_property
    def triggers(self) -> bool:
        """Whether it has triggers."""
        return self.asked.triggers(self.name)

    @cached_property
    def view(self) -> bool:
        """Whether it is a view."""
        return self.asked.view(self.name)

    @cached_property
    def lasting(self) -> bool:
        """Whether what is done in it can be taken back."""
        return self.asked.lasting(self.name)

    @cached_property
    def clause(self) -> TableClause:
        """The table in SQLAlchemy's words; every name is quoted, so that none can be read as SQL."""
        schema, name = self.name
        columns: list[ColumnClause[Any]] = [
            column(quoted_name(one, True), self._carried(kind)) for one, kind in self.types.items()
        ]
        return table(quoted_name(name, True), *columns, schema=quoted_name(schema, True))

    def column(self, name: str) -> ColumnClause[Any]:
        """A column.

        Raises:
            SourceFailed: the table has none of that name.
        """
        if name not in self.types:
            raise SourceFailed(f"{self.name[1]}.{name}", *MOVED)
        found: ColumnClause[Any] = self.clause.c[name]
        return found

    def _carried(self, kind: TypeEngine[Any]) -> TypeEngine[Any]:
        """SQLite keeps what it was given whatever the column says, so it is read and written as it is."""
        return Raw() if self.dialect == "sqlite" else kind

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """Columns by which a row is found again: the key, or else all that can be compared."""
        return self.key or tuple(one for one, kind in self.types.items() if self._compared(kind))

    def _compared(self, kind: TypeEngine[Any]) -> bool:
        if self.dialect == "sqlite":
            return True
        return not isinstance(kind, (JSON, NullType)) and not (isinstance(kind, Float) and "my" in self.dialect)

    def unique(self, name: str) -> bool:
        """Whether a column is in a group that no two rows share."""
        return any(name in group for group in self.uniques)


@define(eq=False)
class Structure:
    """Tables and edges of a database, read when they are needed.

    Attributes:
        connection: of the transaction that asks.
        spec: the source as the map describes it.
    """

    connection: Connection
    spec: SourceSpec
    _tables: dict[TableName, Table] = field(factory=dict)
    _mapped: dict[TableName, list[Collection]] = field(factory=dict)

    @cached_property
    def _inspector(self) -> Inspector:
        return inspect(self.connection)

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name

    @cached_property
    def _home(self) -> str:
        return self._inspector.default_schema_name or self.connection.engine.url.database or ""

    def name_of(self, written: str) -> TableName:
        """The table that the map means: a name in the usual schema, or schema and name with a dot between.

        Raises:
            SourceFailed: there is none.
        """
        schema, dot, name = written.partition(".")
        for found in [(self._home, written), *([(schema, name)] if dot else [])]:
            if found in self._tables or self._there(found):
                return found
        raise SourceFailed(written, *MOVED)

    def _there(self, name: TableName) -> bool:
        return bool(self._inspector.has_table(name[1], schema=name[0]))

    def view(self, name: TableName) -> bool:
        """Whether a name is a view's."""
        return name[1] not in self._inspector.get_table_names(name[0])

    def of(self, collection: Collection) -> Table:
        """The table of a collection."""
        return self.table(self.name_of(collection.table))

    def table(self, name: TableName) -> Table:
        """A table by its name."""
        if name not in self._tables:
            self._tables[name] = self._read(name)
        return self._tables[name]

    def _read(self, name: TableName) -> Table:
        schema, plain = name
        columns = self._inspector.get_columns(plain, schema)
        primary = tuple(self._inspector.get_pk_constraint(plain, schema)["constrained_columns"])
        required = {one["name"] for one in columns if not one["nullable"]}
        if not primary or self._holes(name, primary):
            key = next((group for group in self.uniques(name) if required.issuperset(group)), ())
        else:
            key = primary
        return Table(
            name=name,
            types={one["name"]: one["type"] for one in columns},
            key=key,
            nullable=frozenset(one["name"] for one in columns if one["nullable"]) - frozenset(primary),
            computed=frozenset(one["name"] for one in columns if one.get("computed")),
            dialect=self._dialect,
            asked=self,
        )

    def uniques(self, name: TableName) -> tuple[tuple[str, ...], ...]:
        """Groups of columns that no two rows of a table share, besides its key."""
        return () if self.view(name) else tuple(self._uniques(name))

    def _uniques(self, name: TableName) -> Iterator[tuple[str, ...]]:
        schema, plain = name
        for one in self._inspector.get_unique_constraints(plain, schema):
            yield tuple(one["column_names"])
        for index in self._inspector.get_indexes(plain, schema):
            names = index["column_names"]
            partial = any("where" in key for key in index.get("dialect_options", {}))
            if index["unique"] and None not in names and not partial:
                yield tuple(cast(list[str], names))

    def _holes(self, name: TableName, primary: tuple[str, ...]) -> bool:
        """Whether a key is empty in some row, as SQLite allows: an empty key tells no rows apart."""
        if self._dialect != "sqlite":
            return False
        keys = table(quoted_name(name[1], True), *(column(quoted_name(one, True)) for one in primary))
        empty = select(keys).where(or_(*(one.is_(None) for one in keys.c))).limit(1)
        return self.connection.execute(empty).first() is not None

    def checks(self, name: TableName) -> tuple[str, ...]:
        """The CHECK rules of a table, as written; none where the database cannot tell them."""
        if self.view(name):
            return ()
        try:
            found = self._inspector.get_check_constraints(name[1], name[0])
        except NotImplementedError:
            return ()
        return tuple(str(one["sqltext"]) for one in found)

    def triggers(self, name: TableName) -> bool:
        """Whether a table has triggers; False where the database cannot tell."""
        asked = {
            "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name "
            "AND :schema = :schema",
            "postgresql": "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n "
            "ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND c.relname = :name AND n.nspname = :schema",
            "mysql": "SELECT count(*) FROM information_schema.triggers WHERE event_object_table = :name "
            "AND event_object_schema = :schema",
        }  # fmt: skip
        query = asked.get("mysql" if self._dialect == "mariadb" else self._dialect)
        if query is None:
            return False
        return bool(self.connection.execute(text(query), {"name": name[1], "schema": name[0]}).scalar())

    def lasting(self, name: TableName) -> bool:
        """Whether what is done in a table can be taken back."""
        if self._dialect not in ("mysql", "mariadb"):
            return True
        query = "SELECT engine FROM information_schema.tables WHERE table_name = :name AND table_schema = :schema"
        engine = self.connection.execute(text(query), {"name": name[1], "schema": name[0]}).scalar()
        return str(engine).lower() not in ("myisam", "aria", "memory", "csv", "archive")

    # --- who points at whom ---------------------------------------------------------------------------------------

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All foreign keys of the database, and the references that only the map knows."""
        found = list(self._foreign_keys())
        for collection in self.spec.collections:
            for edge in self._references(collection):
                same = next((i for i, one in enumerate(found) if _same(one, edge)), None)
                if same is None:
                    found.append(edge)
                else:
                    found[same] = evolve(found[same], binding=edge.binding)
        return tuple(found)

    def into(self, name: TableName) -> tuple[Edge, ...]:
        """Who points at a table."""
        return tuple(edge for edge in self.edges if edge.parent == name)

    def out_of(self, name: TableName) -> tuple[Edge, ...]:
        """At whom a table points."""
        return tuple(edge for edge in self.edges if edge.child == name)

    def _foreign_keys(self) -> Iterator[Edge]:
        if self._dialect == "sqlite":
            yield from self._of_sqlite()
            return
        parts = self._partitions()
        for schema in self._inspector.get_schema_names():
            if schema in _OWN_SCHEMAS or schema.startswith("pg_t"):
                continue
            for (_, child), keys in self._inspector.get_multi_foreign_keys(schema=schema).items():
                for key in keys:
                    parent = (key["referred_schema"] or self._home, key["referred_table"])
                    if (schema, child) not in parts and parent not in parts:
                        follows = str(key["options"].get("onupdate", "")).upper() == "CASCADE"
                        here, there = tuple(key["constrained_columns"]), tuple(key["referred_columns"])
                        yield Edge((schema, child), here, parent, there, follows=follows)

    def _of_sqlite(self) -> Iterator[Edge]:
        """From its own list: SQLite compares names without case, and a missing list of columns means the key."""
        names = {one.lower(): one for one in self._inspector.get_table_names("main")}
        for child in names.values():
            grouped: dict[int, list[Any]] = {}
            asked = text("SELECT * FROM pragma_foreign_key_list(:name)")
            for row in self.connection.execute(asked, {"name": child}):
                grouped.setdefault(row[0], []).append(row)
            for rows in grouped.values():
                rows.sort(key=lambda row: row[1])
                parent = names.get(str(rows[0][2]).lower())
                if parent is not None:
                    here = self._spelled(child, [row[3] for row in rows])
                    there = self._meant(parent, [row[4] for row in rows])
                    yield Edge(("main", child), here, ("main", parent), there, follows=rows[0][5] == "CASCADE")

    def _meant(self, parent: str, columns: list[str | None]) -> tuple[str, ...]:
        if None in columns:
            return tuple(self._inspector.get_pk_constraint(parent, "main")["constrained_columns"])
        return self._spelled(parent, cast(list[str], columns))

    def _spelled(self, name: str, columns: list[str]) -> tuple[str, ...]:
        known = {one["name"].lower(): one["name"] for one in self._inspector.get_columns(name, "main")}
        return tuple(known.get(one.lower(), one) for one in columns)

    def _partitions(self) -> set[TableName]:
        """Parts of partitioned tables: their rows are those of the whole."""
        if self._dialect != "postgresql":
            return set()
        query = (
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relispartition"
        )
        return {(row[0], row[1]) for row in self.connection.execute(text(query))}

    def _references(self, collection: Collection) -> Iterator[Edge]:
        known = {one.address: one for one in self.spec.collections}
        for reference in collection.references:
            if reference.to in known:
                try:
                    child, parent = self.name_of(collection.table), self.name_of(known[reference.to].table)
                except SourceFailed:
                    continue
                yield Edge(child, reference.columns, parent, reference.to_columns, False, reference.binding)

    # --- what the map says of a table -----------------------------------------------------------------------------

    @cached_property
    def mapped(self) -> Mapping[TableName, tuple[Collection, ...]]:
        """Table → collections that the map has of it."""
        found: dict[TableName, tuple[Collection, ...]] = {}
        for collection in self.spec.collections:
            try:
                name = self.name_of(collection.table)
            except SourceFailed:
                continue
            found[name] = (*found.get(name, ()), collection)
        return found

    def personal(self, name: TableName) -> tuple[str, ...]:
        """Columns of a table that say something of a person, by the map; computed ones follow the others."""
        found: Iterable[str] = dict.fromkeys(
            column
            for collection in self.mapped.get(name, ())
            if collection.personal
            for column in (*collection.identities, *collection.columns)
        )
        here = self.table(name)
        return tuple(one for one in found if one in here.types and one not in here.computed)

    @cached_property
    def bearing(self) -> frozenset[str]:
        """Addresses of collections whose rows lead to a person: they identify one, or belong to a row that does."""
        found = {one.address for one in self.spec.collections if one.personal and one.identities}
        while True:
            more = {one.address for one in self.spec.collections if one.personal and self._leads(one, found)}
            if more <= found:
                return frozenset(found)
            found |= more

    def _leads(self, collection: Collection, found: set[str]) -> bool:
        return any(one.binding == "belongs" and one.to in found for one in collection.references)

    def emptied(self, edge: Edge) -> tuple[str, ...]:
        """Columns that take a pointer out when they are emptied; none if that is not possible.

        A column that another foreign key shares is left alone, for emptying it would take that pointer out as well;
        and what stays must not be what identifies the person.
        """
        child = self.table(edge.child)
        shared = {
            name
            for other in self.out_of(edge.child)
            if other.real and other != edge and other.pairs != edge.pairs
            for name in other.columns
        }
        never = {*shared, *child.key, *child.computed}
        free = tuple(one for one in edge.columns if one in child.nullable and one not in never)
        telling = set(self.personal(edge.parent))
        staying = {there for here, there in zip(edge.columns, edge.parent_columns, strict=True) if here not in free}
        return () if staying & telling else free

    def bound(self, name: TableName, column: str) -> bool:
        """Whether other rows hang on what a column holds: part of a key, of a foreign key, or computed."""
        here = self.table(name)
        pointing = any(edge.real and column in edge.columns for edge in self.out_of(name))
        return pointing or column in here.key or column in here.computed or self.pointed_at(name, column)

    def pointed_at(self, name: TableName, column: str) -> bool:
        """Whether a column is one by which others point at its rows."""
        return any(column in edge.parent_columns for edge in self.into(name))


def _same(one: Edge, other: Edge) -> bool:
    return (one.child, one.parent, one.pairs) == (other.child, other.parent, other.pairs)
