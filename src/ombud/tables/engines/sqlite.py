"""SQLite files: read with Python's own sqlite3 into DuckDB, a batch at a time.

SQLite types values, not columns; a column's type is therefore what its values are, and text wherever they differ.
"""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote as in_url

import pyarrow as pa

from ombud.errors import NotFound, Unreadable
from ombud.tables.engines.duck import DuckDB
from ombud.tables.engines.engine import Row

_BATCH: Final = 50_000
_TYPES: Final = {
    frozenset(("integer",)): pa.int64(),
    frozenset(("real",)): pa.float64(),
    frozenset(("integer", "real")): pa.float64(),
    frozenset(("blob",)): pa.binary(),
}


def load(path: Path, table: str, engine: DuckDB, relation: str) -> None:
    """Copy one SQLite table into `relation` of an engine's memory.

    Raises:
        NotFound: no such table or view.
        Unreadable: the file is damaged.
    """
    try:
        with closing(sqlite3.connect(f"file:{in_url(str(path))}?mode=ro", uri=True)) as database:
            _refuse_absent(database, path, table)
            _copy(database, '"' + table.replace('"', '""') + '"', engine, relation)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unreadable(str(path), f"SQLite could not read it ({type(error).__name__})") from None


def _refuse_absent(database: sqlite3.Connection, path: Path, table: str) -> None:
    found = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    if table not in found:
        raise NotFound(f"table {table!r}", str(path), f"It holds: {', '.join(sorted(found)) or 'nothing'}.")


def _copy(database: sqlite3.Connection, source: str, engine: DuckDB, relation: str) -> None:
    cursor = database.execute(f"SELECT * FROM {source}")
    schema = _schema(database, source, [column[0] for column in cursor.description])
    engine.register("incoming", schema.empty_table())
    engine.execute(f"CREATE TABLE {relation} AS SELECT * FROM incoming")
    for rows in _batches(cursor):
        engine.register("incoming", _as_arrow(rows, schema))
        engine.execute(f"INSERT INTO {relation} SELECT * FROM incoming")
    engine.execute("DROP VIEW incoming")


def _schema(database: sqlite3.Connection, source: str, names: list[str]) -> pa.Schema:
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    found = [
        frozenset(row[0] for row in database.execute(f"SELECT DISTINCT typeof({name}) FROM {source}"))
        for name in quoted
    ]
    types = [_TYPES.get(seen - {"null"}, pa.string()) for seen in found]
    return pa.schema(list(zip(names, types, strict=True)))


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[Row]]:
    while rows := cursor.fetchmany(_BATCH):
        yield rows


def _as_arrow(rows: list[Row], schema: pa.Schema) -> pa.Table:
    columns = [
        pa.array([_fitted(row[i], field.type) for row in rows], type=field.type) for i, field in enumerate(schema)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _fitted(value: object, kind: pa.DataType) -> object:
    if value is None or not pa.types.is_string(kind):
        return float(value) if isinstance(value, int) and pa.types.is_floating(kind) else value
    return value if isinstance(value, str) else value.hex() if isinstance(value, bytes) else str(value)
