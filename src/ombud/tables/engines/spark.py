"""Spark (the extra `spark`): counts run in the cluster, only counts come back."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import pyarrow as pa

from ombud.errors import Misused, Unreadable
from ombud.tables.engines.engine import Engine, Kind, Row

_KINDS: Final = {
    "boolean": Kind.BOOLEAN, "tinyint": Kind.INTEGER, "smallint": Kind.INTEGER, "int": Kind.INTEGER,
    "bigint": Kind.INTEGER, "float": Kind.NUMBER, "double": Kind.NUMBER, "string": Kind.TEXT, "date": Kind.TIME,
    "timestamp": Kind.TIME, "timestamp_ntz": Kind.TIME,
}  # fmt: skip
_views = itertools.count(1)


def kind_of(type_name: str) -> Kind:
    """What a Spark type holds."""
    return Kind.NUMBER if type_name.startswith("decimal") else _KINDS.get(type_name, Kind.OTHER)


class Spark(Engine):
    """A DataFrame of somebody's Spark session, asked through a temporary view. The session stays theirs."""

    name: ClassVar[str] = "spark"
    varchar: ClassVar[str] = "STRING"

    def __init__(self, frame: Any, where: str) -> None:
        self.where = where
        self._session = frame.sparkSession
        self.view = f"ombud_{next(_views)}"
        frame.createOrReplaceTempView(self.view)

    def describe(self, frame: Any) -> Mapping[str, str]:
        """The columns with Spark's names of their types."""
        return dict(frame.dtypes)

    def ask(self, sql: str) -> list[Row]:
        try:
            return [tuple(row) for row in self._session.sql(sql).collect()]
        except Exception as error:
            raise self._unreadable(error) from None

    def batches(self, sql: str, size: int = 50_000) -> Iterator[Sequence[Row]]:
        rows = iter(self._session.sql(sql).toLocalIterator())
        while batch := [tuple(row) for row in itertools.islice(rows, size)]:
            yield batch

    def arrow(self, sql: str) -> pa.Table:
        try:
            frame = self._session.sql(sql)
            rows = [tuple(row) for row in frame.collect()]
        except Exception as error:
            raise self._unreadable(error) from None
        return pa.table({name: [row[i] for row in rows] for i, name in enumerate(frame.columns)})

    def close(self) -> None:
        self._session.catalog.dropTempView(self.view)

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def string(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def real(self, value: float) -> str:
        return f"CAST('{value!r}' AS DOUBLE)"

    def is_nan(self, expression: str) -> str:
        return f"isnan({expression})"

    def matches(self, expression: str, pattern: str) -> str:
        return f"({expression} RLIKE {self.string(pattern)})"

    def row_hash(self, expressions: Sequence[str], seed: int = 0) -> str:
        # xxhash64 skips nulls, so that (null, 1) and (1, null) would be the same row; an array's text keeps the place
        texts = ", ".join(f"CAST({expression} AS STRING)" for expression in expressions)
        return f"xxhash64(to_json(array({texts}), map('ignoreNullFields', 'false')), {seed}L)"

    def quantiles(self, expression: str, probabilities: Sequence[float]) -> str:
        shares = ", ".join(f"CAST({share!r} AS DOUBLE)" for share in probabilities)
        return f"percentile_approx({expression}, array({shares}), 1000000)"

    def moment(self, expression: str, kind: Kind) -> str:  # noqa: ARG002 (Spark knows the type itself)
        utc = f"to_utc_timestamp(CAST({expression} AS TIMESTAMP), current_timezone())"
        zoned = f"typeof({expression}) IN ('timestamp', 'string')"
        return f"CASE WHEN {zoned} THEN {utc} ELSE CAST({expression} AS TIMESTAMP) END"

    def total(self, expression: str) -> str:
        return f"sum(CAST({expression} AS DECIMAL(38, 0)))"

    def _unreadable(self, error: Exception) -> Unreadable:
        return Unreadable(self.where, f"Spark could not answer ({type(error).__name__})", "See Spark's own log.")


def session() -> Any:
    """The running Spark session, or a local one.

    Raises:
        Misused: pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise Misused("a Spark address needs the extra 'spark'", "pip install 'ombud[spark]'") from None
    return SparkSession.builder.appName("ombud").config("spark.ui.enabled", "false").getOrCreate()
