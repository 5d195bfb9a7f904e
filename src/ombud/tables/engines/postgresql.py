"""PostgreSQL (the extra `postgresql`): counts run in the server, only counts come back."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import pyarrow as pa
from attrs import frozen

from ombud.errors import Misused, NotFound, Unreadable
from ombud.tables.engines.engine import Engine, Kind, Row

SCHEMES: Final = ("postgresql", "postgres")

_KINDS: Final = {
    "bool": Kind.BOOLEAN, "int2": Kind.INTEGER, "int4": Kind.INTEGER, "int8": Kind.INTEGER, "float4": Kind.NUMBER,
    "float8": Kind.NUMBER, "numeric": Kind.NUMBER, "text": Kind.TEXT, "varchar": Kind.TEXT, "bpchar": Kind.TEXT,
    "name": Kind.TEXT, "uuid": Kind.TEXT, "date": Kind.TIME, "timestamp": Kind.TIME, "timestamptz": Kind.TIME,
}  # fmt: skip
_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


@frozen
class Address:
    """A PostgreSQL address, read once.

    Attributes:
        conninfo: the URL for the driver; holds the password and is never shown.
        shown: scheme, user, host and database, and the table; no password, no options.
        schema: None for the search path.
        table: the table's name, unquoted.
    """

    conninfo: str
    shown: str
    schema: str | None
    table: str

    def __repr__(self) -> str:
        return self.shown


def read_address(address: str) -> Address:
    """Take `postgresql://user@host/database#schema.table` apart.

    Raises:
        Misused: no table after "#", or not a URL; the message repeats nothing of it.
    """
    try:
        url = urlsplit(address)
        parts = _table_parts(unquote(url.fragment))
        shown = _shown(url)
    except ValueError:
        raise Misused(
            "the PostgreSQL address cannot be read", "Write postgresql://user@host:port/database#schema.table"
        ) from None
    *schema, table = parts
    conninfo = urlunsplit(url._replace(fragment=""))
    return Address(conninfo, f"{shown}#{'.'.join(parts)}", schema[0] if schema else None, table)


def _table_parts(fragment: str) -> list[str]:
    parts = [(m[1] or "").replace('""', '"') or m[2] for m in _PART.finditer(fragment)]
    rebuilt = ".".join(m[0] for m in _PART.finditer(fragment))
    if not 1 <= len(parts) <= 2 or rebuilt != fragment:
        raise ValueError
    return parts


def _shown(url: SplitResult) -> str:
    user = f"{url.username}@" if url.username else ""
    host = url.hostname or ""
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{user}{host}{port}{url.path}"


class PostgreSQL(Engine):
    """One read-only transaction on a server: every question sees the same state of the table."""

    name: ClassVar[str] = "postgresql"
    float64: ClassVar[str] = "double precision"
    varchar: ClassVar[str] = "text"

    def __init__(self, address: Address) -> None:
        self.where = address.shown
        self._psycopg = _driver()
        try:
            self._connection = self._psycopg.connect(address.conninfo, connect_timeout=10, autocommit=True)
            self._connection.execute("SET TIME ZONE 'UTC'")  # a day is the same day on every machine
            self._connection.autocommit = False
            self._connection.read_only = True
            self._connection.isolation_level = self._psycopg.IsolationLevel.REPEATABLE_READ
        except self._psycopg.Error as error:
            problem = f"PostgreSQL cannot be reached ({type(error).__name__})"
            raise Unreadable(self.where, problem, "Check host, database, user and password.") from None

    def describe(self, address: Address) -> tuple[str, Mapping[str, str]]:
        """The relation as SQL, and its columns with the server's names of their types.

        Raises:
            NotFound: no such table, view or materialised view that this user may read.
        """
        schema = f"{self.quote(address.schema)}." if address.schema else ""
        relation = schema + self.quote(address.table)
        found = self.ask(
            "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
            f"WHERE a.attrelid = to_regclass({self.string(relation)}) AND a.attnum > 0 AND NOT a.attisdropped "
            "ORDER BY a.attnum"
        )
        if not found:
            raise NotFound("table", self.where, "Check schema and table after '#', and that the user may read it.")
        return relation, dict(found)

    def ask(self, sql: str) -> list[Row]:
        try:
            return list(self._connection.execute(sql).fetchall())
        except self._psycopg.Error as error:
            raise self._unreadable(error) from None

    def batches(self, sql: str, size: int = 50_000) -> Iterator[Sequence[Row]]:
        try:
            with self._connection.cursor(name="ombud") as cursor:
                cursor.execute(sql)
                while rows := cursor.fetchmany(size):
                    yield rows
        except self._psycopg.Error as error:
            raise self._unreadable(error) from None

    def arrow(self, sql: str) -> pa.Table:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                names = [column.name for column in cursor.description]
                rows = cursor.fetchall()
        except self._psycopg.Error as error:
            raise self._unreadable(error) from None
        return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})

    def close(self) -> None:
        self._connection.close()

    def number(self, expression: str, kind: Kind) -> str:
        inner = f"{expression}::integer" if kind is Kind.BOOLEAN else expression
        return f"({inner})::double precision"

    def is_nan(self, expression: str) -> str:
        return f"({expression} = 'NaN')"

    def is_infinite(self, expression: str) -> str:
        return f"({expression} = 'Infinity' OR {expression} = '-Infinity')"

    def matches(self, expression: str, pattern: str) -> str:
        return f"({expression} ~ {self.string(pattern)})"

    def row_hash(self, expressions: Sequence[str], seed: int = 0) -> str:
        return f"hashtextextended(ROW({', '.join(expressions)})::text, {seed})"

    def about_distinct(self, expression: str) -> str:
        return f"count(DISTINCT {expression})"

    def quantiles(self, expression: str, probabilities: Sequence[float]) -> str:
        shares = ", ".join(map(repr, probabilities))
        return f"percentile_disc(ARRAY[{shares}]::double precision[]) WITHIN GROUP (ORDER BY {expression})"

    def moment(self, expression: str, kind: Kind) -> str:  # noqa: ARG002 (one way for all)
        return f"(({expression})::timestamptz AT TIME ZONE 'UTC')"

    def _unreadable(self, error: Exception) -> Unreadable:
        if not self._connection.closed:
            self._connection.rollback()  # or the server would refuse every later question
        return Unreadable(self.where, f"PostgreSQL could not answer ({type(error).__name__})", "Check its log.")


def kind_of(type_name: str) -> Kind:
    """What a PostgreSQL type holds."""
    return _KINDS.get(type_name, Kind.OTHER)


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise Misused("a PostgreSQL address needs the extra 'postgresql'", "pip install 'ombud[postgresql]'") from None
    return psycopg
