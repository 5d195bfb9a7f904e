"""Answer `Profile`: what is in each column of each table, one scan a table for the plain counters."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from ombud.statistics.cube import Cell, Cube, Level
from ombud.tables.answers import TABLES, CannotMeasure, Data, Taken
from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.needs import Profile, Role
from ombud.tables.patterns import PATTERNS
from ombud.tables.personal import personal
from ombud.tables.table import Table

LATEST_DAYS: Final = 60
"""Of each column of times, rows by day for so many of its last days, so that a check can see the future."""

MOST_LEVELS: Final = 1_000
"""Columns with more values than this have no "new level": there, new values are usual."""

PERSONAL: Final = (Role.SUBJECT, Role.QUASI_IDENTIFIER, Role.PROTECTED, Role.SPECIAL)
"""Roles that declare a column to hold personal data."""

_NEVER_ALIKE: Final = (Role.SUBJECT, Role.TIME, Role.FOLD)
"""Roles of columns whose values are new in every table."""

_NUMBERS: Final = (Kind.INTEGER, Kind.NUMBER)
_Days = list[tuple[Any, ...]]


@frozen
class _Seen:
    """What one scan told of a column: the counters, and the range of its finite numbers."""

    counters: Mapping[str, int]
    low: float | None = None
    high: float | None = None


@frozen(eq=False)
class _Profiled:
    """One table: what its columns hold."""

    what: str
    table: Table
    columns: Mapping[str, _Seen] = field(factory=dict)


def answer_profile(needs: Sequence[Profile], data: Data) -> Mapping[Profile, Taken]:
    """Profile every declared table; a need without patterns is the same with those counters left out."""
    if not data.tables:
        raise CannotMeasure("no table is declared", "data.evaluation.table")
    patterns = any(need.patterns for need in needs)
    cells: Counter[Cell] = Counter()
    first: _Profiled | None = None
    for what, same in _declared(data).items():
        one = _profiled(what, data.tables[what])
        first = first or one
        found = _plain(one, data)
        _compared(one, first, found, [name for role in _NEVER_ALIKE for name in data.columns.of(role)])
        if patterns:
            _patterns(one, found)
        cells.update({(name, *cell): n for name in (what, *same) for cell, n in found.items()})
    whole = Cube(("table", "column", "what"), cells)
    snapshots = tuple(data.tables[what].snapshot() for what in TABLES if what in data.tables)
    return {need: Taken((whole if need.patterns else _without_patterns(whole),), snapshots) for need in needs}


def _declared(data: Data) -> dict[str, list[str]]:
    """The declared tables, training first, each with those that are the same bytes."""
    found: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    for what in TABLES:
        if what in data.tables:
            snapshot = data.tables[what].snapshot()
            same = snapshot.digest or snapshot.address
            if same in seen:
                found[seen[same]].append(what)
            else:
                found[what], seen[same] = [], what
    return found


def _without_patterns(cube: Cube) -> Cube:
    names = tuple(pattern.name for pattern in PATTERNS)
    return cube.where(lambda cell: not str(cell["what"]).startswith(names))


# --- one scan ---------------------------------------------------------------------------------------------------------


def _profiled(what: str, table: Table) -> _Profiled:
    columns = list(table.columns)
    asked = [expression for column in columns for expression in _asked(table, column)]
    row = list(table.engine.ask(f"SELECT {', '.join(asked)} FROM {table.relation}")[0])
    seen = {}
    for column in columns:
        missing, distinct, not_finite, low, high = (row.pop(0) for _ in range(5))
        counters = {
            "rows": table.rows(),
            "missing": int(missing or 0),
            "distinct": int(distinct or 0),
            "not finite": int(not_finite or 0),
        }
        seen[column] = _Seen(counters, _float(low), _float(high))
    return _Profiled(what, table, seen)


def _asked(table: Table, column: str) -> tuple[str, ...]:
    engine, kind = table.engine, table.columns[column]
    name = engine.quote(column)
    missing = f"sum(CASE WHEN {name} IS NULL THEN 1 ELSE 0 END)"
    distinct = engine.about_distinct(name) if kind is not Kind.OTHER else "0"
    if kind not in _NUMBERS:
        return missing, distinct, "0", "NULL", "NULL"
    value, finite = engine.number(name, kind), engine.is_finite(name, kind)
    infinite = f"sum(CASE WHEN {name} IS NOT NULL AND NOT {finite} THEN 1 ELSE 0 END)"
    inside = f"CASE WHEN {finite} THEN {value} END"
    return missing, distinct, infinite, f"min({inside})", f"max({inside})"


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _plain(one: _Profiled, data: Data) -> Counter[Cell]:
    """The counters of the scan by column and name, and what else is known of a column."""
    declared = {name for role in PERSONAL for name in data.columns.of(role)}
    found: Counter[Cell] = Counter()
    for column, seen in one.columns.items():
        found.update({(column, what): n for what, n in seen.counters.items()})
        found[(column, "declared personal")] += column in declared
        found[(column, f"kind {one.table.columns[column]}")] += 1
        if one.table.columns[column] is Kind.TIME:
            found.update({(column, f"day {day}"): n for day, n in _days(one.table, column)})
    return found


def _days(table: Table, column: str) -> _Days:
    engine = table.engine
    day = engine.day(engine.quote(column))
    rows = engine.ask(
        f"SELECT {day} AS d, count(*) FROM {table.relation} WHERE {engine.quote(column)} IS NOT NULL "
        f"GROUP BY 1 ORDER BY 1 DESC LIMIT {LATEST_DAYS}"
    )
    return [(level(found), n) for found, n in rows]


# --- against the training table ---------------------------------------------------------------------------------------


def _compared(one: _Profiled, first: _Profiled, found: Counter[Cell], left: Sequence[str]) -> None:
    """Values that the training table does not have; nothing if there is none, or this is it."""
    if first.what != "training" or one is first:
        return
    for column, seen in first.columns.items():
        if column not in one.columns or column in left:
            continue
        kinds = {first.table.columns[column], one.table.columns[column]}
        if kinds <= set(_NUMBERS):
            found[(column, "out of range")] += _outside(one.table, column, seen)
        elif kinds <= {Kind.TEXT, Kind.BOOLEAN, *_NUMBERS} and seen.counters["distinct"] <= MOST_LEVELS:
            found[(column, "new level")] += _new(one.table, first.table, column)


def _outside(table: Table, column: str, seen: _Seen) -> int:
    if seen.low is None or seen.high is None:
        return 0
    engine, kind = table.engine, table.columns[column]
    name = engine.quote(column)
    value, low, high = engine.number(name, kind), engine.real(seen.low), engine.real(seen.high)
    outside = f"{engine.is_finite(name, kind)} AND ({value} < {low} OR {value} > {high})"
    return int(engine.ask(f"SELECT count(*) FROM {table.relation} WHERE {outside}")[0][0])


def _new(table: Table, training: Table, column: str) -> int:
    known = _levels(training, column)
    return sum(n for found, n in _levels(table, column).items() if found is not None and found not in known)


def _levels(table: Table, column: str) -> Mapping[Level, int]:
    name = table.engine.quote(column)
    found: Counter[Level] = Counter()
    for batch in table.engine.batches(f"SELECT {name}, count(*) FROM {table.relation} GROUP BY 1"):
        for value, n in batch:
            found[level(value)] += n
    return found


def _patterns(one: _Profiled, found: Counter[Cell]) -> None:
    for column, seen in one.columns.items():
        kinds = personal(one.table, column, seen.counters["distinct"], seen.high)
        found.update({(column, what): n for what, n in kinds.items()})
