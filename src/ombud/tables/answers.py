"""What a need is asked of, and what it is answered with."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import field, frozen

from ombud.errors import OmbudError
from ombud.tables.levels import level
from ombud.tables.roles import Columns
from ombud.tables.table import NoSuchColumn, Snapshot, Table

TABLES = ("training", "evaluation", "decisions")


@frozen
class Unmet:
    """Why a need could not be answered.

    Attributes:
        reason: in words; never a value of a person.
        manifest_key: the key that would mend it, "" where none would.
    """

    reason: str
    manifest_key: str


class CannotMeasure(OmbudError):
    """Inside `tables/`: this need cannot be answered. It leaves the room as an `Unmet`."""

    def __init__(self, reason: str, manifest_key: str = "") -> None:
        super().__init__(reason)
        self.unmet = Unmet(reason, manifest_key)


@frozen
class Taken:
    """A need that was answered.

    Attributes:
        calls: one answer for each call of the check.
        tables: the tables that were read, as they were.
        left_out: people in groups too small to publish, who are in none of the answers.
    """

    calls: tuple[Any, ...]
    tables: tuple[Snapshot, ...]
    left_out: int = 0


@frozen
class Data:
    """The tables of a system, and what their columns mean.

    Attributes:
        tables: by what they are for: "training", "evaluation", "decisions"; those that are not declared are absent.
        columns: the declared columns.
        minimum_group: groups with fewer people are left out of everything.
    """

    tables: Mapping[str, Table]
    columns: Columns
    minimum_group: int = 10

    def column(self, role: Any, key: str) -> str:
        """The one column with a role.

        Raises:
            CannotMeasure: none was declared.
        """
        names = self.columns.of(role)
        if not names:
            raise CannotMeasure(f"no column is declared as {key}", f"columns.{key}")
        return names[0]

    def first(self, order: Iterable[str], wanted: Iterable[str], key: str) -> tuple[str, Table]:
        """The first declared table, in this order, that has all the wanted columns.

        Raises:
            CannotMeasure: no such table is declared, or each lacks a column (the reason names it).
        """
        names = tuple(wanted)
        declared = [(what, self.tables[what]) for what in order if what in self.tables]
        if not declared:
            raise CannotMeasure(f"no table of {' or '.join(order)} data is declared", key)
        lacking = [(what, [name for name in names if name not in table.columns]) for what, table in declared]
        for (what, table), (_, missing) in zip(declared, lacking, strict=True):
            if not missing:
                return what, table
        what, missing = lacking[0]
        raise CannotMeasure(f"the {what} table has no column {missing[0]!r}", f"data.{what}.table")

    def refuse_unknown_columns(self) -> None:
        """Stop before anything is counted if a declared column is in none of the tables.

        Raises:
            NoSuchColumn: with the nearest name there is.
        """
        known = tuple(dict.fromkeys(name for table in self.tables.values() for name in table.columns))
        for name in self.columns.declared:
            if name not in known:
                raise NoSuchColumn.among(name, known, " and ".join(self.tables))


@frozen(eq=False)
class Sample:
    """A bounded random sample of rows.

    Attributes:
        table: the rows, as Arrow; one column a column of the table.
        of: how many rows the table has.
        what: which table it was drawn from ("evaluation").
    """

    table: pa.Table
    of: int
    what: str
    columns: Columns = field(repr=False)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def numbers(self, names: Iterable[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The rows as numbers, shape n × len(names); what is missing or no number is NaN."""
        columns = [_as_numbers(self.table.column(name)) for name in names]
        if not columns:
            return np.empty((len(self), 0), dtype=np.float64)
        return np.column_stack(columns)

    def levels(self, name: str) -> list[str | None]:
        """One column as levels (see `tables/levels.py`)."""
        return [level(value) for value in self.table.column(name).to_pylist()]


def _as_numbers(column: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    kind = column.type
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    ):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.full(len(column), np.nan)
