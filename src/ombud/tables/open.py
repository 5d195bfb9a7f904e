"""Open a table by its address, or one that is already in memory.

Addresses: `data/train.parquet`, `data/2026-*.parquet`, a folder of Parquet files, `people.csv`, `people.jsonl`,
`warehouse.duckdb#schema.table`, `app.sqlite#table`, `postgresql://user@host/database#schema.table`, `spark:path`.
"""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pyarrow as pa

from ombud.errors import Misused, NotFound, Unreadable
from ombud.tables import files
from ombud.tables.engines import duck, postgresql, spark, sqlite
from ombud.tables.engines.duck import DuckDB
from ombud.tables.table import Table, named

_DATABASES: Final = (".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db")
_KEEP_IN_MEMORY: Final = 512 << 20
"""Text files up to this size are parsed once and kept by the engine; larger ones are parsed at every question."""

_FORMATS: Final = "Parquet, CSV, TSV, JSON lines, DuckDB#table, SQLite#table, postgresql://…#table or spark:path"


def open_table(address: str, base: Path | None = None) -> Table:
    """Open a table.

    Args:
        address: see the top of this file.
        base: the folder that relative paths start from; by default the current one.

    Raises:
        NotFound: no such file or table.
        Unreadable: the bytes are not what the name says: truncated, ragged, of another format.
        Misused: an address of no known kind, or an extra that is not installed.
    """
    if address.startswith(tuple(f"{scheme}://" for scheme in postgresql.SCHEMES)):
        return _postgresql(address)
    if address.startswith("spark:"):
        return _spark_path(address.removeprefix("spark:"), base)
    if "://" in address:
        raise Misused(f"addresses of kind {named(urlsplit(address).scheme)} are not opened", f"Use {_FORMATS}.")
    path, table = _split(address)
    found = files.find(path, base)
    if table is not None:
        return _database(found[0], table, address)
    return _files(found, address)


def open_frame(frame: Any, name: str) -> Table:
    """Open a table that is in memory: pandas, Polars, Arrow, a DuckDB relation, or a DataFrame of Spark.

    Args:
        frame: anything narwhals knows, lazy or not.
        name: what people call it.

    Raises:
        Misused: not a table.
    """
    if type(frame).__module__.startswith("pyspark.sql"):
        return _spark(frame, name, f"memory:{name}")
    engine = DuckDB()
    data = _as_arrow(frame)
    engine.register("incoming", data)
    return _described(engine, "incoming", name, f"memory:{name}", data.schema.names)


def _as_arrow(frame: Any) -> pa.Table:
    import narwhals as nw

    if isinstance(frame, pa.Table):
        return frame
    try:
        known = nw.from_native(frame)
        eager = known.collect("pyarrow") if isinstance(known, nw.LazyFrame) else known
        return eager.to_arrow()
    except (TypeError, pa.ArrowException) as error:
        problem = f"a {type(frame).__name__} is not a table that can be read ({type(error).__name__})"
        raise Misused(problem, "Give a pandas, Polars, Arrow or Spark table with one type a column.") from None


def _split(address: str) -> tuple[str, str | None]:
    """The path and, for a database, the table after "#"; other names may hold a "#" themselves."""
    path, mark, table = address.partition("#")
    if mark and path.lower().endswith(_DATABASES):
        if not table:
            raise Misused(f"{named(address)} names no table", f"Write {path}#table.")
        return path, table
    if address.lower().endswith(_DATABASES):
        raise Misused(f"{named(address)} is a database: which table?", f"Write {address}#table.")
    return address, None


# --- files ------------------------------------------------------------------------------------------------------------


def _files(found: tuple[Path, ...], address: str) -> Table:
    kind = files.format_of(found[0])
    if kind == "parquet":
        return _parquet(found, address)
    if len(found) > 1:
        raise Misused(f"{named(address)} matches {len(found)} files; only Parquet files are read together", "Name one.")
    read = {"csv": files.csv_relation, "json": files.json_relation}.get(kind)
    if read is None:
        raise Unreadable(address, "its format is not known", f"Use {_FORMATS}.")
    return _text(found[0], address, *read(found[0]))


def _parquet(found: tuple[Path, ...], address: str) -> Table:
    names = files.parquet_names(found)
    engine = DuckDB()
    engine.where = address
    paths = ", ".join(engine.string(files.literal(path)) for path in found)
    relation = f"read_parquet([{paths}])"
    numbered = f"read_parquet([{paths}], file_row_number = true, filename = true)"
    clash = {"file_row_number", "filename"} & {name.casefold() for name in names}
    row = ("parse_filename(filename)", "file_row_number")
    engine.shut_out({spelling for path in found for spelling in (str(path), files.literal(path))})
    return _described(
        engine, relation, found[0].name if len(found) == 1 else Path(address).name, address, names,
        files=found, numbered=None if clash else (numbered, ", ".join(row)),
    )  # fmt: skip


def _text(path: Path, address: str, relation: str, names: list[str] | None) -> Table:
    engine = DuckDB()
    engine.where = address
    engine.shut_out({str(path), files.literal(path)})
    numbered = None
    _refuse_twice(address, names or [])
    try:
        if path.stat().st_size <= _KEEP_IN_MEMORY:
            engine.execute(f"CREATE TABLE held AS SELECT * FROM {relation}")
            relation, numbered = "held", ("held", "rowid")
        return _described(engine, relation, path.name, address, names, files=(path,), numbered=numbered)
    except Unreadable:
        raise files.explained(path, address) from None


def _database(path: Path, table: str, address: str) -> Table:
    if files.format_of(path) == "sqlite":
        engine = DuckDB()
        engine.where = address
        sqlite.load(path, table, engine, "held")
        engine.shut_out()
        return _described(engine, "held", table, address, None, files=(path,), numbered=("held", "rowid"))
    if files.format_of(path) != "duckdb":
        raise Unreadable(address, "this is neither a DuckDB nor a SQLite file")
    engine = DuckDB(path)
    engine.shut_out()
    relation = _duckdb_relation(engine, table, path)
    return _described(engine, relation, table, address, None, files=(path,))


def _duckdb_relation(engine: DuckDB, table: str, path: Path) -> str:
    found = engine.ask("SELECT table_schema, table_name FROM information_schema.tables")
    for schema, name in found:
        if table in (name, f"{schema}.{name}"):
            return f"{engine.quote(schema)}.{engine.quote(name)}"
    raise NotFound(
        f"table {named(table)}", str(path), f"It holds: {', '.join(sorted(n for _, n in found)) or 'nothing'}."
    )


def _described(
    engine: DuckDB,
    relation: str,
    name: str,
    address: str,
    names: list[str] | None,
    *,
    files: tuple[Path, ...] = (),
    numbered: tuple[str, str] | None = None,
) -> Table:
    types = {row[0]: row[1] for row in engine.ask(f"DESCRIBE SELECT * FROM {relation}")}
    _refuse_renamed(address, names or list(types), types)
    kinds = {column: duck.kind_of(type_name) for column, type_name in types.items()}
    return Table(name, address, engine, relation, kinds, types, files, numbered)


def _refuse_twice(address: str, written: list[str]) -> None:
    """DuckDB gives a second column of the same name (whatever its case) another name; a person must choose instead."""
    folded = Counter(name.casefold() for name in written)
    twice = next((name for name in written if folded[name.casefold()] > 1), None)
    if twice is not None:
        problem = f"two columns are called {named(twice)} (upper and lower case count as the same)"
        raise Unreadable(address, problem, "Rename one of them.")


def _refuse_renamed(address: str, written: list[str], read: Mapping[str, str]) -> None:
    _refuse_twice(address, written)
    if any(name not in read for name in written):
        raise Unreadable(address, "the column names cannot be read as they are written")


# --- servers ----------------------------------------------------------------------------------------------------------


def _postgresql(address: str) -> Table:
    where = postgresql.read_address(address)
    engine = postgresql.PostgreSQL(where)
    relation, types = engine.describe(where)
    kinds = {column: postgresql.kind_of(type_name) for column, type_name in types.items()}
    return Table(where.table, where.shown, engine, relation, kinds, types)


def _spark_path(path: str, base: Path | None) -> Table:
    found = files.find(path, base)
    reader = spark.session().read
    try:
        frame = reader.parquet(*map(str, found))
    except Exception as error:
        raise Unreadable(path, f"Spark cannot read it as Parquet ({type(error).__name__})") from None
    table = _spark(frame, Path(path).name, f"spark:{path}")
    return Table(table.name, table.address, table.engine, table.relation, table.columns, table.types, found)


def _spark(frame: Any, name: str, address: str) -> Table:
    engine = spark.Spark(frame, address)
    types = engine.describe(frame)
    _refuse_renamed(address, list(frame.columns), types)
    kinds = {column: spark.kind_of(type_name) for column, type_name in types.items()}
    return Table(name, address, engine, engine.view, kinds, types)
