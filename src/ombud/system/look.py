"""A first look at a table that nobody has described yet: what each column holds, without keeping what it says."""

import math
from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.table import Table

FEW: Final = 12
"""Columns with at most so many different values are looked at value by value."""

_AT_ONCE: Final = 100
"""Columns asked about in one question."""


@frozen(kw_only=True)
class ColumnLook:
    """What one column holds.

    Attributes:
        name: the column.
        kind: what kind of values.
        rows: how many rows the table has.
        distinct: about how many different values, missing not counted.
        missing: how many rows have none.
        low, high: smallest and largest number; None where there are no numbers.
        values: the values themselves where there are few, sorted; empty otherwise.
    """

    name: str
    kind: Kind
    distinct: int
    rows: int = 0
    missing: int = 0
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


@frozen
class TableLook:
    """What a table holds: how many rows, and each column in the table's order."""

    rows: int
    columns: tuple[ColumnLook, ...]


def look_at(table: Table) -> TableLook:
    """Look at every column once.

    Raises:
        OmbudError: the table cannot be read.
    """
    names = list(table.columns)
    rows = table.rows()
    looks = [
        look for start in range(0, len(names), _AT_ONCE) for look in _some(table, names[start : start + _AT_ONCE], rows)
    ]
    return TableLook(rows, tuple(looks))


def _some(table: Table, names: list[str], rows: int) -> list[ColumnLook]:
    engine = table.engine
    asked = []
    for name in names:
        column, kind = engine.quote(name), table.columns[name]
        number = (
            engine.number(column, kind)
            if kind in (Kind.BOOLEAN, Kind.INTEGER, Kind.NUMBER)
            else f"CAST(NULL AS {engine.float64})"
        )
        present = f"sum(CASE WHEN {engine.missing(column, kind)} THEN 0 ELSE 1 END)"
        asked += [engine.about_distinct(column), present, f"min({number})", f"max({number})"]
    row = engine.ask(f"SELECT {', '.join(asked)} FROM {table.relation}")[0]  # noqa: S608 (names are quoted)
    return [_one(table, name, rows, row[4 * at : 4 * at + 4]) for at, name in enumerate(names)]


def _one(table: Table, name: str, rows: int, answer: Sequence[Any]) -> ColumnLook:
    about, present, low, high = answer
    few = _values(table, name) if int(about or 0) <= 2 * FEW else ()
    return ColumnLook(
        name=name,
        kind=table.columns[name],
        distinct=len(few) or int(about or 0),
        rows=rows,
        missing=rows - int(present or 0),
        low=_finite(low),
        high=_finite(high),
        values=few if len(few) <= FEW else (),
    )


def _values(table: Table, name: str) -> tuple[str, ...]:
    engine = table.engine
    column, kind = engine.quote(name), table.columns[name]
    if kind is Kind.OTHER:
        return ()
    present = f"NOT {engine.missing(column, kind)}"
    found = engine.ask(f"SELECT {column} FROM {table.relation} WHERE {present} GROUP BY 1 LIMIT {4 * FEW}")  # noqa: S608
    return tuple(sorted({level(value) or "" for (value,) in found}))


def _finite(value: Any) -> float | None:
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None
