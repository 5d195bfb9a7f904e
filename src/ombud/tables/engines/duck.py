"""DuckDB, embedded: the engine of files and of tables in memory."""

import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import duckdb
import pyarrow as pa

from ombud.errors import Unreadable
from ombud.tables.engines.engine import Engine, Kind, Row

MEMORY: Final = "1GB"
"""What DuckDB may use before it spills to a private folder, which is removed with the connection."""

_MOST_THREADS: Final = 8
_INTEGERS: Final = frozenset(
    ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"]
)


def kind_of(type_name: str) -> Kind:
    """What a DuckDB type holds."""
    word = type_name.upper()
    if word == "BOOLEAN":
        return Kind.BOOLEAN
    if word in _INTEGERS:
        return Kind.INTEGER
    if word in ("FLOAT", "DOUBLE") or re.fullmatch(r"DECIMAL\([0-9,]+\)", word):
        return Kind.NUMBER
    if word in ("VARCHAR", "UUID") or (word.startswith("ENUM(") and not word.endswith("[]")):
        return Kind.TEXT
    return Kind.TIME if word == "DATE" or re.fullmatch(r"TIMESTAMP[A-Z_ ]*", word) else Kind.OTHER


class DuckDB(Engine):
    """An own, closed DuckDB: no network, no extensions, and only the files of the one table it was opened for."""

    name: ClassVar[str] = "duckdb"

    def __init__(self, database: Path | None = None) -> None:
        self.where = str(database) if database else "the table"
        self._spill = tempfile.mkdtemp(prefix="ombud-")
        self._connection = self._connect(database)
        self._end = weakref.finalize(self, _end, self._connection, self._spill)

    def _connect(self, database: Path | None) -> Any:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": str(min(os.cpu_count() or 1, _MOST_THREADS)),
            "memory_limit": MEMORY,
            "temp_directory": self._spill,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        try:
            connection = duckdb.connect(str(database or ":memory:"), read_only=database is not None, config=config)
            connection.execute("SET TimeZone = 'UTC'")  # a day is the same day on every machine
            return connection
        except duckdb.Error as error:
            shutil.rmtree(self._spill, ignore_errors=True)
            raise Unreadable(self.where, f"DuckDB cannot open it ({_kind_of_error(error)})") from None

    def shut_out(self, allowed: Iterable[str] = ()) -> None:
        """From here on only these paths can be read, nothing else written, and no setting changed."""
        files = ", ".join(map(self.string, allowed))
        self._connection.execute(f"SET allowed_paths=[{files}]")
        # the folder for spilling stays open by itself
        self._connection.execute("SET enable_external_access=false")
        self._connection.execute("SET lock_configuration=true")

    def register(self, name: str, table: pa.Table) -> None:
        """Give an Arrow table a name, without copying it."""
        self._connection.register(name, table)

    def execute(self, sql: str) -> Any:
        """Run one statement.

        Raises:
            Unreadable: the message says what kind of error it was; DuckDB's own text may quote data.
        """
        try:
            return self._connection.execute(sql)
        except duckdb.Error as error:
            raise unreadable(self.where, error) from None

    def ask(self, sql: str) -> list[Row]:
        cursor = self.execute(sql)
        try:
            rows: list[Row] = cursor.fetchall()
        except duckdb.Error as error:
            raise unreadable(self.where, error) from None
        return rows

    def batches(self, sql: str, size: int = 50_000) -> Iterator[Sequence[Row]]:
        cursor = self.execute(sql)
        while rows := cursor.fetchmany(size):
            yield rows

    def arrow(self, sql: str) -> pa.Table:
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise unreadable(self.where, error) from None

    def close(self) -> None:
        self._end()

    def is_nan(self, expression: str) -> str:
        return f"isnan(CAST({expression} AS DOUBLE))"

    def matches(self, expression: str, pattern: str) -> str:
        return f"regexp_matches({expression}, {self.string(pattern)})"

    def row_hash(self, expressions: Sequence[str], seed: int = 0) -> str:
        # signed, so that every engine's hash has one type
        return f"(hash({', '.join([*expressions, str(seed)])}) >> 1)::BIGINT"

    def quantiles(self, expression: str, probabilities: Sequence[float]) -> str:
        return f"quantile_disc({expression}, [{', '.join(map(repr, probabilities))}])"

    def moment(self, expression: str, kind: Kind) -> str:
        inner = f"TRY_CAST({expression} AS TIMESTAMPTZ)" if kind is Kind.TEXT else expression
        return f"CAST({inner} AS TIMESTAMP)"


def _end(connection: Any, spill: str) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


def _kind_of_error(error: Exception) -> str:
    """The kind of a DuckDB error in words: IOException → "IO"."""
    return type(error).__name__.removesuffix("Exception") or "error"


def unreadable(where: str, error: Exception) -> Unreadable:
    """An error of DuckDB without the data it may quote."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return Unreadable(where, f"counting it needs more than {MEMORY} of memory", "Free disk space for spilling.")
    return Unreadable(where, f"DuckDB could not read it ({_kind_of_error(error)})")
