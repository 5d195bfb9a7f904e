"""The five kinds of tables that training code holds: the values of a column, and the rows without some of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from ombud.errors import Misused


@frozen
class Left:
    """What is left of a table; rows: how many went; nameless: how many of those that are left have no subject."""

    frame: Any
    rows: int
    nameless: int


def values_of(frame: Any, column: str) -> Iterable[Any]:
    """The different values of a column, null among them.

    Raises:
        Misused: the frame is of no known type, or has no such column.
    """
    kind = _kind(frame)
    if column not in _columns(frame, kind):
        raise Misused("the table has no column of that name", "Name the column that says whose row it is.")
    try:
        found: Iterable[Any] = _VALUES[kind](frame, column)
    except (TypeError, NotImplementedError):  # values that cannot be told apart: lists, mappings
        raise Misused("the subject column holds several values a row", "Name a column of one value a row.") from None
    return found


def without(frame: Any, column: str, out: Sequence[Any], nameless: Sequence[Any]) -> Left:
    """A table without the rows whose value is among `out`.

    Args:
        frame, column: as for `values_of`; out: values of the column to leave out.
        nameless: values of it that name nobody, as null and blank do; their rows stay and are counted.
    """
    left: Left = _WITHOUT[_kind(frame)](frame, column, out, [one for one in nameless if isinstance(one, str | float)])
    return left


def _kind(frame: Any) -> str:
    """By the module of its type, so that no library is imported that the caller does not use already."""
    for one in type(frame).__mro__:
        name = f"{one.__module__.partition('.')[0]}.{one.__name__}"
        if name in _VALUES:
            return name
    raise Misused(
        f"people cannot be left out of a {type(frame).__name__}",
        "Give a frame of pandas, Polars, Arrow or Spark, or a relation of DuckDB.",
    )


def _columns(frame: Any, kind: str) -> Sequence[str]:
    if kind == "pyarrow.Table":
        return list(frame.column_names)
    return list(frame.collect_schema().names() if kind == "polars.LazyFrame" else frame.columns)


# --- pandas -----------------------------------------------------------------------------------------------------------


def _pandas_values(frame: Any, column: str) -> Iterable[Any]:
    return list(frame[column].unique())


def _pandas_without(frame: Any, column: str, out: Sequence[Any], blank: Sequence[Any]) -> Left:
    gone, column_of = frame[column].isin(list(out)), frame[column]
    nameless = column_of.isna() | column_of.isin(list(blank))
    return Left(frame[~gone], int(gone.sum()), int(nameless.sum()))


# --- Polars -----------------------------------------------------------------------------------------------------------


def _polars_values(frame: Any, column: str) -> Iterable[Any]:
    import polars as pl

    found = frame.lazy().select(pl.col(column).unique()).collect()
    return list(found.get_column(column).to_list())


def _polars_without(frame: Any, column: str, out: Sequence[Any], blank: Sequence[Any]) -> Left:
    import polars as pl

    dtype = frame.lazy().collect_schema()[column]
    gone = pl.col(column).is_in(pl.Series(list(out), dtype=dtype).implode()).fill_null(value=False)
    empty = pl.col(column).is_null()
    if dtype.is_float():
        empty = empty | pl.col(column).is_nan().fill_null(value=False)
    if blank:
        empty = empty | pl.col(column).is_in(list(blank)).fill_null(value=False)
    rows, nameless = frame.lazy().select(gone.sum().alias("gone"), empty.sum().alias("empty")).collect().row(0)
    return Left(frame.filter(~gone), int(rows or 0), int(nameless or 0))


# --- Arrow ------------------------------------------------------------------------------------------------------------


def _arrow_values(frame: Any, column: str) -> Iterable[Any]:
    import pyarrow.compute as pc

    return list(pc.unique(frame.column(column)).to_pylist())


def _arrow_without(frame: Any, column: str, out: Sequence[Any], blank: Sequence[Any]) -> Left:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = frame.column(column)
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    plain = values.cast(kind) if kind != values.type else values
    gone = pc.is_in(plain, value_set=pa.array(list(out), type=kind))
    empty = pc.is_null(plain, nan_is_null=pa.types.is_floating(kind))
    if blank:
        empty = pc.or_(empty, pc.is_in(plain, value_set=pa.array(list(blank), type=kind)))
    return Left(frame.filter(pc.invert(gone)), int(pc.sum(gone).as_py() or 0), int(pc.sum(empty).as_py() or 0))


# --- DuckDB -----------------------------------------------------------------------------------------------------------


def _duckdb_values(frame: Any, column: str) -> Iterable[Any]:
    import duckdb

    return [value for (value,) in frame.select(duckdb.ColumnExpression(column)).distinct().fetchall()]


def _duckdb_without(frame: Any, column: str, out: Sequence[Any], blank: Sequence[Any]) -> Left:
    import duckdb

    column_of = duckdb.ColumnExpression(column)
    empty = frame.filter(column_of.isnull() | _among(column_of, blank)).shape[0]
    if not out:
        return Left(frame, 0, empty)
    gone = _among(column_of, out)
    return Left(frame.filter(column_of.isnull() | ~gone), frame.filter(gone).shape[0], empty)


def _among(column: Any, values: Sequence[Any]) -> Any:
    import duckdb

    held = [duckdb.ConstantExpression(one) for one in values]
    return column.isin(*held) if held else duckdb.ConstantExpression(False)


# --- Spark ------------------------------------------------------------------------------------------------------------


def _spark_values(frame: Any, column: str) -> Iterator[Any]:
    return (row[0] for row in frame.select(_spark_column(frame, column)).distinct().toLocalIterator())


def _spark_without(frame: Any, column: str, out: Sequence[Any], blank: Sequence[Any]) -> Left:
    column_of = _spark_column(frame, column)
    nameless = frame.filter(column_of.isNull() | column_of.isin(list(blank))).count()
    if not out:
        return Left(frame, 0, nameless)
    gone = column_of.isin(list(out))
    return Left(frame.filter(column_of.isNull() | ~gone), frame.filter(gone).count(), nameless)


def _spark_column(frame: Any, column: str) -> Any:
    return frame["`" + column.replace("`", "``") + "`"]


_VALUES: Final[Any] = {
    "pandas.DataFrame": _pandas_values, "polars.DataFrame": _polars_values, "polars.LazyFrame": _polars_values,
    "pyarrow.Table": _arrow_values, "duckdb.DuckDBPyRelation": _duckdb_values, "pyspark.DataFrame": _spark_values,
}  # fmt: skip
_WITHOUT: Final[Any] = {
    "pandas.DataFrame": _pandas_without, "polars.DataFrame": _polars_without, "polars.LazyFrame": _polars_without,
    "pyarrow.Table": _arrow_without, "duckdb.DuckDBPyRelation": _duckdb_without, "pyspark.DataFrame": _spark_without,
}  # fmt: skip
