"""A database as a source: what it answers when it is asked for a person."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from attrs import define, evolve, field
from sqlalchemy import Connection, Engine, select

from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.matching import canonical
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection, Value
from ombud.rights.sources.sql.change import changed, verified
from ombud.rights.sources.sql.compare import questions
from ombud.rights.sources.sql.connect import connect, patiently, reading, writing
from ombud.rights.sources.sql.erase import Erasure, failed
from ombud.rights.sources.sql.errors import Again, SourceFailed, reported
from ombud.rights.sources.sql.read import rows, stream
from ombud.rights.sources.sql.row import Row
from ombud.rights.sources.sql.structure import Structure, Table
from ombud.rights.sources.sql.verify import counted

T = TypeVar("T")


def open_source(spec: SourceSpec, base: Path) -> "SqlSource":
    """Open a database.

    Args:
        spec: as the map describes it. Options: `timeout` (seconds for one statement, 60), `vacuum` (clean space at
            once: yes by default for SQLite, no for servers), `today` (of an erasure, to date what backups hold).
        base: the folder that relative paths of SQLite start from.

    Raises:
        Misused: the address is no database URL, or a driver is missing.
        NotFound: the file, or a variable of the environment, is not there.
        SourceFailed: it cannot be reached, or refuses.
    """
    return SqlSource(spec, connect(spec, base))


@define(eq=False)
class SqlSource:
    """A database of the map; see `sources.source.Source`."""

    spec: SourceSpec
    engine: Engine = field(repr=False)
    _tables: dict[str, Table] = field(factory=dict, repr=False)

    @property
    def where(self) -> str:
        """How errors name it: the source, never its address."""
        return f"source {self.spec.name}"

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Value]]:
        """The rows that fit, each once. Streams; a lost connection is tried again only before the first row."""
        found = self._patiently(lambda: self._begun(collection, matches, columns))
        try:
            with reported(self.where):
                yield from found
        except Again as again:
            raise SourceFailed(again.where, again.problem, again.next_step) from None

    def _begun(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None
    ) -> Iterator[dict[str, Value]]:
        """A stream whose first row is there already."""
        found = self._rows(collection, matches, columns)
        first = next(found, None)
        return iter(()) if first is None else _chained(first, found)

    def _rows(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None
    ) -> Iterator[dict[str, Value]]:
        with reading(self.engine) as connection:
            table = self._table(connection, collection)
            names = tuple(table.types if columns is None else columns)
            for row in rows(connection, table, collection, matches, names):
                yield {name: row[name] for name in names}

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        """How many rows fit."""

        def work() -> int:
            with reading(self.engine) as connection:
                return counted(connection, self._table(connection, collection), collection, matches)

        return self._patiently(work)

    def _table(self, connection: Connection, collection: Collection) -> Table:
        """A table as it was when it was first asked for; erasing and changing look anew."""
        if collection.table not in self._tables:
            self._tables[collection.table] = Structure(connection, self.spec).of(collection)
        return self._tables[collection.table]

    def _patiently(self, work: Callable[[], T]) -> T:
        """Ask once more, having forgotten what the tables were like, before it is said that something is wrong."""
        known = bool(self._tables)
        try:
            return patiently(self.where, work)
        except SourceFailed:
            self._tables.clear()
            if not known:
                raise
        return patiently(self.where, work)

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        """What `lookup` would ask, with placeholders; one value of each match stands for all."""
        few = [evolve(one, values=cast(Any, list(one.values)[:1])) for one in matches]

        def work() -> tuple[str, ...]:
            with reading(self.engine) as connection:
                table = self._table(connection, collection)
                return tuple(self._written(table, one.where) for one in questions(table, collection, few))

        return self._patiently(work)

    def _written(self, table: Table, where: object) -> str:
        query = select(*table.clause.c).where(where)  # type: ignore[arg-type]
        compiled = query.compile(dialect=self.engine.dialect, compile_kwargs={"render_postcompile": True})
        return " ".join(str(compiled).split())

    def identities(self, collection: Collection, column: str) -> Iterator[str]:
        """All distinct values of an identity column. Streams."""
        with reported(self.where), reading(self.engine) as connection:
            table = Structure(connection, self.spec).of(collection)
            query = select(table.column(column)).distinct().where(table.column(column).is_not(None))
            for (value,) in stream(connection, query):
                text = value if isinstance(value, str) else canonical(value)
                if text is not None:
                    yield text

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:
        """Erase the person's rows in one transaction, and verify it in another."""
        here = {one.address: selection[one.address] for one in self.spec.collections if selection.get(one.address)}
        if not here:
            return ()
        try:
            return Erasure(self.engine, self.spec, self.where, here, progress).run()
        except SourceFailed as error:
            return tuple(failed(self.spec, here, str(error)))

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """Set columns of the person's rows, and verify it in another transaction."""

        def work() -> list[Row]:
            with writing(self.engine) as connection:
                return changed(connection, Structure(connection, self.spec), change, matches)

        def look() -> Outcome:
            with reading(self.engine) as connection:
                return verified(connection, Structure(connection, self.spec), change, done)

        done = patiently(self.where, work)
        return patiently(self.where, look)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _chained(first: dict[str, Value], rest: Iterator[dict[str, Value]]) -> Iterator[dict[str, Value]]:
    yield first
    yield from rest
