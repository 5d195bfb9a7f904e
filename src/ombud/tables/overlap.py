"""Answer `Overlap`: rows that are the same within the training table, in both tables, or in several folds."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from typing import Any, Final

import numpy as np

from ombud.statistics.cube import Cell, Cube
from ombud.tables.answers import CannotMeasure, Data, Taken
from ombud.tables.engines.engine import Kind
from ombud.tables.needs import Role
from ombud.tables.table import Table

Hashes = np.ndarray[Any, np.dtype[np.int64]]

MOST_ROWS: Final = 50_000_000
"""Hashes are compared in memory, 8 bytes each; larger tables are not compared."""


def answer_overlap(data: Data) -> Taken:
    """Hash the rows in the engine over features and label, then compare the hashes.

    Raises:
        CannotMeasure: no training table, no features, two engines (their hashes differ), or more rows than fit.
    """
    training, evaluation = data.first(("training",), (), "data.training.table")[1], data.tables.get("evaluation")
    columns = _columns(data, training, evaluation)
    fold = next((name for name in data.columns.of(Role.FOLD) if name in training.columns), None)
    same = evaluation is not None and _same(training, evaluation)
    if evaluation is None and fold is None:
        raise CannotMeasure("there is no evaluation table to compare with", "data.evaluation.table")
    hashes, folds = _hashes(training, columns, fold)
    cells: dict[Cell, int] = {("training rows",): len(hashes), ("duplicates in training",): _repeated(hashes)}
    if fold is not None:
        cells[("folds",)] = _across(hashes, folds)
    if evaluation is not None and not (same and fold is not None):
        others = hashes if same else _hashes(evaluation, columns, None)[0]
        cells |= {("evaluation rows",): len(others), ("shared",): _shared(hashes, others)}
    tables = (training,) if evaluation is None or same else (training, evaluation)
    return Taken(
        (Cube(("what",), cells, "within folds" if fold is not None else ""),), tuple(t.snapshot() for t in tables)
    )


def _same(one: Table, other: Table) -> bool:
    mine, theirs = one.snapshot(), other.snapshot()
    return (mine.digest or mine.address) == (theirs.digest or theirs.address)


def _columns(data: Data, training: Table, evaluation: Table | None) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys((*data.columns.of(Role.FEATURE), *data.columns.of(Role.LABEL))))
    tables = [table for table in (training, evaluation) if table is not None]
    if len({table.engine.name for table in tables}) > 1:
        raise CannotMeasure("training and evaluation tables are in different engines and cannot be compared", "data")
    if any(table.rows() > MOST_ROWS for table in tables):
        raise CannotMeasure(f"a table has more than {MOST_ROWS} rows; their hashes would not fit into memory", "data")
    found = tuple(name for name in wanted if all(name in table.columns for table in tables))
    if not data.columns.of(Role.FEATURE) or not found:
        raise CannotMeasure("no feature is in both tables", "columns.features")
    return found


def _hashes(table: Table, columns: tuple[str, ...], fold: str | None) -> tuple[Hashes, Hashes]:
    engine = table.engine
    row = engine.row_hash([_comparable(table, column) for column in columns])
    part = engine.row_hash([engine.text(engine.quote(fold))]) if fold is not None else "0"
    found = engine.arrow(f"SELECT {row} AS h, {part} AS f FROM {table.relation}")
    as_numbers = [np.asarray(found.column(name).to_numpy(), dtype=np.int64) for name in ("h", "f")]
    return as_numbers[0], as_numbers[1]


def _comparable(table: Table, column: str) -> str:
    """A value in the form in which two tables agree: numbers as float64, all else as text."""
    engine, kind = table.engine, table.columns[column]
    name = engine.quote(column)
    return engine.number(name, kind) if kind in (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN) else engine.text(name)


def _repeated(hashes: Hashes) -> int:
    """Rows that repeat an earlier one."""
    ordered = np.sort(hashes)
    return int((ordered[1:] == ordered[:-1]).sum())


def _shared(training: Hashes, evaluation: Hashes) -> int:
    """Rows of the evaluation table that the training table holds too."""
    if not len(training):
        return 0
    ordered = np.sort(training)
    at = np.minimum(np.searchsorted(ordered, evaluation), len(ordered) - 1)
    return int((ordered[at] == evaluation).sum())


def _across(hashes: Hashes, folds: Hashes) -> int:
    """Rows that have a twin in another fold."""
    if not len(hashes):
        return 0
    order = np.argsort(hashes, kind="stable")
    sorted_hashes, sorted_folds = hashes[order], folds[order]
    starts = np.flatnonzero(np.r_[True, sorted_hashes[1:] != sorted_hashes[:-1]])
    mixed = np.minimum.reduceat(sorted_folds, starts) != np.maximum.reduceat(sorted_folds, starts)
    sizes = np.diff(np.r_[starts, len(hashes)])
    return int(sizes[mixed].sum())
