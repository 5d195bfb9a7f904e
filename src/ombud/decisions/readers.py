"""Rows of files and tables, one after the other, each with its number; a row that cannot be read is told, not hidden.

CSV and JSON lines are read here, so that one bad line does not keep the others out; all else is opened as a table.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ombud.decisions.plain import MOST_BYTES
from ombud.errors import Unreadable
from ombud.tables.files import find, format_of
from ombud.tables.open import open_table
from ombud.tables.table import Table

_NUMBER: Final = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")

Row = Mapping[str, Any] | str
"""A row, or what kind of fault it has."""


@frozen(eq=False)
class Rows:
    """The rows of a file or table.

    Attributes:
        columns: their names; rows: (number, row) in order, counted from 1; a fresh walk at every call.
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[int, Row]]]


def rows_of(address: str, base: Path | None = None) -> Rows:
    """Open a file or table.

    Raises:
        NotFound, Unreadable, Misused: as `open_table`.
    """
    kind, path = _kind(address, base)
    if kind == "csv" and path is not None:
        return _csv(path)
    if kind == "json" and path is not None and not _is_list(path):
        return _json_lines(path)
    return _table(address, base)


def _kind(address: str, base: Path | None) -> tuple[str, Path | None]:
    if "://" in address or "#" in address or address.startswith("spark:"):
        return "", None
    found = find(address, base)
    return (format_of(found[0]), found[0]) if len(found) == 1 else ("", None)


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(address: str, base: Path | None) -> Rows:
    with closing(open_table(address, base)) as table:
        columns = tuple(table.columns)

    def walk() -> Iterator[tuple[int, Row]]:
        with closing(open_table(address, base)) as table:
            number = 0
            for batch in table.engine.batches(f"SELECT {listed(table)} FROM {table.relation}", 5_000):  # noqa: S608
                for values in batch:
                    number += 1
                    yield number, dict(zip(columns, values, strict=True))
            table.refuse_change()

    return Rows(columns, walk)


def listed(table: Table) -> str:
    """All columns of a table, as they are read row by row; of DuckDB, times with a zone as text in UTC.

    DuckDB hands such times over only with a package that nothing else here needs.
    """
    quoted = [(table.engine.quote(name), table.types[name].upper()) for name in table.columns]
    return ", ".join(
        f"strftime(CAST({name} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')" if kind == "TIMESTAMP WITH TIME ZONE" else name
        for name, kind in quoted
    )


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(path: Path) -> Rows:
    separator = _separator(path)
    header = next(_cells(path, separator), (0, []))[1]
    if isinstance(header, str) or not header:
        raise Unreadable(str(path), "the file has no header line that can be read")
    if len({name.casefold() for name in header}) < len(header):
        raise Unreadable(str(path), "two columns have one name", "Rename one of them.")
    columns = tuple(header)

    def lines() -> Iterator[tuple[int, list[str] | str]]:
        rows = _cells(path, separator)
        next(rows, None)
        for number, (_, cells) in enumerate(rows, start=1):
            yield number, cells

    def walk() -> Iterator[tuple[int, Row]]:
        typed = _types(lines(), len(columns))
        for number, cells in lines():
            yield number, cells if isinstance(cells, str) else _row(columns, cells, typed)

    return Rows(columns, walk)


def _separator(path: Path) -> str:
    """What separates the columns: the candidate that occurs most often in the header line outside quotes."""
    with path.open("rb") as stream:
        line = re.sub(r'"[^"]*"', "", stream.readline(MOST_BYTES).decode("utf-8", "replace"))
    return max(",;\t|", key=line.count)


def _cells(path: Path, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Lines of cells, or what is wrong with a line; an empty line is none."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        rows = csv.reader(stream, delimiter=separator, strict=True)
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield rows.line_num, "quotes that do not fit (what follows up to the next quote may be missing too)"
                continue
            if cells:
                yield rows.line_num, cells


def _row(columns: tuple[str, ...], cells: list[str], typed: list[str]) -> Row:
    if len(cells) != len(columns):
        return "another number of cells than the header has"
    if any("\udc80" <= letter <= "\udcff" for cell in cells if not cell.isascii() for letter in cell):
        return "bytes that are not UTF-8"
    return {name: _value(cell, kind) for name, cell, kind in zip(columns, cells, typed, strict=True)}


def _types(lines: Iterator[tuple[int, list[str] | str]], width: int) -> list[str]:
    """What each column holds in all of its rows: "number", "boolean", or "text". "007" is a text."""
    kinds: list[set[str]] = [set() for _ in range(width)]
    for _, cells in lines:
        if isinstance(cells, list) and len(cells) == width:
            for seen, cell in zip(kinds, cells, strict=True):
                if cell and "text" not in seen:
                    seen.add(_kind_of(cell))
    return [next(iter(seen)) if len(seen) == 1 else "text" for seen in kinds]


def _kind_of(cell: str) -> str:
    if _NUMBER.fullmatch(cell):
        return "number"
    return "boolean" if cell in ("true", "false", "True", "False", "TRUE", "FALSE") else "text"


def _value(cell: str, kind: str) -> Any:
    if not cell:
        return None
    if kind == "number":
        return int(cell) if _INTEGER.fullmatch(cell) and len(cell) < 16 else float(cell)
    return cell.casefold() == "true" if kind == "boolean" else cell


# --- JSON lines -------------------------------------------------------------------------------------------------------


def _is_list(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(64).lstrip().startswith(b"[")


def _json_lines(path: Path) -> Rows:
    def walk() -> Iterator[tuple[int, Row]]:
        number = 0
        with path.open("rb") as stream:
            for line in stream:
                if line.strip():
                    number += 1
                    yield number, _object(line)

    columns: dict[str, None] = {}
    for _, row in walk():
        if not isinstance(row, str):
            columns.update(dict.fromkeys(row))
    return Rows(tuple(columns), walk)


def _object(line: bytes) -> Row:
    if len(line) > MOST_BYTES:
        return "a line of more than a megabyte"
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return "a line that is not JSON"
    return found if isinstance(found, dict) else "a line that is no object"
