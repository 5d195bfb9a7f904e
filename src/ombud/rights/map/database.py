"""What a database says of itself: tables, columns, keys, and who points at whom."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.source import Value

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ombud.rights.sources.sql.structure import Structure, TableName

_NOT_OURS: Final = frozenset(
    {"information_schema", "mysql", "performance_schema", "sys", "pg_catalog", "pg_toast", "temp"}
)


@frozen
class Pointer:
    """A foreign key: columns here, the table there, columns there."""

    columns: tuple[str, ...]
    parent: "TableName"
    parent_columns: tuple[str, ...]

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Columns with those they point at, in no order."""
        return frozenset(zip(self.columns, self.parent_columns, strict=True))


@frozen
class Seen:
    """A table as it is.

    Attributes:
        name: schema and name. written: as a map writes it: without the schema where that is the usual one.
        columns: all, in order. key: columns that tell its rows apart. uniques: all such groups.
        nullable: columns that may be empty. pointers: its foreign keys. view: it is a view.
    """

    name: "TableName"
    written: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    nullable: frozenset[str]
    pointers: tuple[Pointer, ...]
    view: bool = False


@frozen(eq=False)
class Database:
    """An open database, only read."""

    connection: "Connection"
    structure: "Structure"
    home: str

    def find(self, written: str) -> Seen:
        """The table that a map means.

        Raises:
            SourceFailed: there is none.
        """
        return self.seen(self.structure.name_of(written))

    def seen(self, name: "TableName") -> Seen:
        """A table by its name."""
        table = self.structure.table(name)
        return Seen(
            name=name,
            written=name[1] if name[0] == self.home else ".".join(name),
            columns=tuple(table.types),
            key=table.key,
            uniques=table.uniques,
            nullable=table.nullable,
            pointers=tuple(
                Pointer(one.columns, one.parent, one.parent_columns) for one in self.structure.out_of(name) if one.real
            ),
            view=table.view,
        )

    def names(self) -> tuple["TableName", ...]:
        """All tables, views left out, in order."""
        from sqlalchemy import inspect

        inspector = inspect(self.connection)
        schemas = [one for one in inspector.get_schema_names() if one not in _NOT_OURS and not one.startswith("pg_t")]
        return tuple((schema, name) for schema in sorted(schemas) for name in sorted(inspector.get_table_names(schema)))

    def sample(self, name: "TableName", rows: int) -> Mapping[str, Sequence[Value]]:
        """Values of the first rows, by column; only to be looked at, never to be written down."""
        from sqlalchemy import select
        from sqlalchemy.types import Integer, NullType, String

        table = self.structure.table(name)
        looked = [one for one, kind in table.types.items() if isinstance(kind, (String, Integer, NullType))]
        if not looked:
            return {}
        found = self.connection.execute(select(*(table.column(one) for one in looked)).limit(rows)).all()
        return {one: [row[at] for row in found] for at, one in enumerate(looked)}


@contextmanager
def look_into(spec: SourceSpec, base: Path) -> Iterator[Database]:
    """Open a database to read what it says of itself.

    Raises:
        Misused, NotFound: its address is wrong, or a package is missing.
        SourceFailed, Again: it is away, or refuses.
    """
    from sqlalchemy import inspect

    from ombud.rights.sources.sql.connect import connect, reading
    from ombud.rights.sources.sql.errors import reported
    from ombud.rights.sources.sql.structure import Structure

    engine: Any = connect(spec, base)
    try:
        with reported(f"source {spec.name}"), reading(engine) as connection:
            home = inspect(connection).default_schema_name or engine.url.database or ""
            yield Database(connection, Structure(connection, spec), home)
    finally:
        engine.dispose()
