"""A row that erasure concerns, what is to become of it, and how it is found among the others of its table."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import define, field
from sqlalchemy import CHAR, ColumnElement, and_, cast, false, or_
from sqlalchemy.dialects.mysql import CHAR as MYSQL_CHAR
from sqlalchemy.types import String

from ombud.rights.sources.source import Value
from ombud.rights.sources.sql.compare import among
from ombud.rights.sources.sql.structure import Table, TableName

Key = tuple[Value, ...]

AT_ONCE: Final = 500
"""Rows that one statement deletes or changes."""


class Fate(StrEnum):
    """What is to become of a row."""

    DELETE = "delete"
    MASK = "mask"
    SHARE = "share"
    KEEP = "keep"
    OTHER = "other"
    """Not the person's: at most a pointer to the person is taken out of it."""


@define(eq=False)
class Row:
    """One row, or several that nothing tells apart.

    Attributes:
        table: where it is.
        key: the values that tell it from others, as it was found; at: as they are now, after changes of ours.
        values: of the columns that were read.
        fate: what is to become of it.
        copies: how many rows it is; more than one only in a table without a key.
        collections: addresses of the collections in which it was found.
        why: for people, why it is not deleted.
    """

    table: TableName
    key: Key = field(repr=False)
    values: Mapping[str, Value] = field(repr=False)
    fate: Fate = Fate.OTHER
    copies: int = 1
    collections: set[str] = field(factory=set)
    why: str = ""
    at: Key = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.at = self.key

    @property
    def going(self) -> bool:
        """Whether it is to be deleted."""
        return self.fate is Fate.DELETE

    def pointer(self, columns: Sequence[str]) -> Key | None:
        """What it holds in some columns; None if one of them is empty, so that they point nowhere."""
        found = tuple(self.values.get(one) for one in columns)
        return None if None in found else found

    def moved(self, table: Table, changed: Mapping[str, Value]) -> None:
        """Note that columns were changed, so that it is found again."""
        self.at = tuple(changed.get(name, old) for name, old in zip(table.telling, self.at, strict=True))


def folded(key: Key, dialect: str) -> Key:
    """A key in a form in which the values of two columns are compared, as the database would."""
    return tuple(_folded(value, dialect) for value in key)


def _folded(value: Value, dialect: str) -> Value:
    if isinstance(value, (float, Decimal)):
        return _whole(value)
    if isinstance(value, str) and dialect in ("mysql", "mariadb", "mssql"):
        return value.casefold().rstrip(" ")
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else value


def _whole(value: float | Decimal) -> Value:
    """12.0 is 12; what is no whole number stays as it is."""
    return int(value) if -(2**63) < value < 2**63 and value == int(value) else value


def these(table: Table, rows: Iterable[Row]) -> ColumnElement[bool]:
    """The condition that finds some rows of one table, as they are now."""
    return keyed(table, [row.at for row in rows])


def keyed(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """The condition that finds the rows with some keys."""
    columns = [table.column(name) for name in table.telling]
    if table.key or table.dialect not in ("mysql", "mariadb"):
        return among(columns, keys, table.dialect)
    return or_(false(), *(_to_the_letter(table, columns, key) for key in keys))


def _to_the_letter(table: Table, columns: Sequence[ColumnElement[Value]], key: Key) -> ColumnElement[bool]:
    """Without a key, text must be equal to the letter: MySQL takes Anna for ANNA, and so another's row for this one."""
    found: list[ColumnElement[bool]] = []
    for name, column, value in zip(table.telling, columns, key, strict=True):
        found.append(column.is_(None) if value is None else column == value)
        if isinstance(table.types[name], (String, CHAR)) and value is not None:
            found.append(cast(column, MYSQL_CHAR(charset="utf8mb4")).collate("utf8mb4_bin") == value)
    return and_(*found)


def chunks(rows: Iterable[Row], size: int = AT_ONCE) -> Iterable[list[Row]]:
    """Rows in lists of bounded length."""
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
