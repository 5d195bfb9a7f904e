"""Answer `Classes`: people who share all quasi-identifiers, and how much their sensitive values differ.

Raw quasi-identifiers make nearly as many classes as there are people, so they are reduced a second time inside the
engine: what comes back counts classes by their size and diversity, and names none of them.
"""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from ombud.statistics.cube import Cell, Cube
from ombud.tables.answers import TABLES, CannotMeasure, Data, Taken
from ombud.tables.engines.engine import Engine, Kind
from ombud.tables.needs import Classes, Role
from ombud.tables.table import Table

STEPS: Final = 1_000
"""Entropies are rounded down and distances up to a thousandth: to the side that alarms."""

MOST_ORDERED: Final = 50
"""A sensitive number with more values than this has no ordered distance; the equal distance is never smaller."""


@frozen
class _People:
    """The rows to reduce, as SQL.

    Attributes:
        engine: who counts.
        relation: the rows.
        quasi: expressions of the quasi-identifiers.
        subject: the expression of who the person is; None where each row is a person anyway.
        declared: whether a subject column was declared.
    """

    engine: Engine
    relation: str
    quasi: tuple[str, ...]
    subject: str | None
    declared: bool

    @property
    def names(self) -> str:
        return ", ".join(f"q{i}" for i in range(len(self.quasi)))

    def grouped(self, more: str = "", where: str = "") -> str:
        """Classes, and one more column, with the number of people in each; one with many rows counts once."""
        columns = [f"{expression} AS q{i}" for i, expression in enumerate(self.quasi)]
        columns += [f"{more} AS s"] if more else []
        places = ", ".join(str(i + 1) for i in range(len(columns)))
        people = "count(*)" if self.subject is None else f"count(DISTINCT {self.subject})"
        return f"SELECT {', '.join(columns)}, {people} AS n FROM {self.relation}{where} GROUP BY {places}"

    def float64(self, expression: str) -> str:
        return f"CAST({expression} AS {self.engine.float64})"


def answer_classes(need: Classes, data: Data) -> Taken:
    """Count classes by size, and for each sensitive column by diversity and distance.

    Raises:
        CannotMeasure: no quasi-identifier is declared, or no table has them all.
    """
    quasi = data.columns.of(need.by)
    if not quasi:
        raise CannotMeasure("no column is declared that could single a person out", f"columns.{need.by}")
    _, table = data.first(TABLES, quasi, "data.training.table")
    people = _people(table, quasi, data)
    cubes = [_sizes(people)]
    for column in data.columns.of(need.sensitive):
        if column in table.columns and column not in quasi:
            cubes += _diversity(people, table, column)
    return Taken((tuple(cubes),), (table.snapshot(),))


def _people(table: Table, quasi: Sequence[str], data: Data) -> _People:
    engine = table.engine
    subject = next((engine.quote(name) for name in data.columns.of(Role.SUBJECT) if name in table.columns), None)
    counted = subject if subject and not _unique(table, subject) else None
    return _People(engine, table.relation, tuple(_value(table, name) for name in quasi), counted, subject is not None)


def _unique(table: Table, subject: str) -> bool:
    """Whether nobody has two rows, so that counting rows is counting people."""
    return int(table.engine.ask(f"SELECT count(DISTINCT {subject}) FROM {table.relation}")[0][0]) == table.rows()


def _value(table: Table, column: str) -> str:
    """A value in which all missing ones are the same: null and NaN."""
    engine, kind = table.engine, table.columns[column]
    name = engine.quote(column)
    return f"CASE WHEN {engine.missing(name, kind)} THEN NULL ELSE {name} END" if kind is Kind.NUMBER else name


def _sizes(people: _People) -> Cube:
    gap = " OR ".join(f"q{i} IS NULL" for i in range(len(people.quasi)))
    sql = f"SELECT n, CASE WHEN {gap} THEN 1 ELSE 0 END AS gap, count(*) FROM ({people.grouped()}) c GROUP BY 1, 2"
    cells: dict[Cell, int] = {
        (str(n), "yes" if gap else "no"): classes for n, gap, classes in people.engine.ask(sql) if n
    }
    return Cube(("size", "missing"), cells, "people" if people.declared else "rows")


def _diversity(people: _People, table: Table, column: str) -> list[Cube]:
    distinct, entropy, distance = Counter[Cell](), Counter[Cell](), Counter[Cell]()
    for size, values, spread, moved, classes in people.engine.ask(_reduced(people, table, column)):
        distinct[(str(int(size)), str(values))] += classes
        entropy[(_thousandths(spread),)] += classes
        distance[(_thousandths(moved),)] += classes
    cubes = [
        Cube(("size", "distinct"), distinct, column),
        Cube(("entropy",), entropy, column),
        Cube(("distance",), distance, column),
    ]
    ordered = _ordered(people, table, column)
    return [*cubes, ordered] if ordered else cubes


def _reduced(people: _People, table: Table, column: str) -> str:
    """Classes by size, distinct values, entropy (nats) and distance (total variation) from the whole table.

    Values that a class lacks need no row: the distance is the sum of what a class has too much of.
    """
    engine, names, n = people.engine, people.names, people.float64("n")
    value = engine.quote(column)
    text = f"CASE WHEN {engine.missing(value, table.columns[column])} THEN 'n' ELSE 'v' || {engine.text(value)} END"
    spread = f"ln(max(size)) - sum({n} * ln({n})) / max(size)"
    surplus = f"CASE WHEN {n} / size > share THEN {n} / size - share ELSE 0 END"
    return f"""
        WITH v AS ({people.grouped(text)}),
        t AS (SELECT {people.float64("sum(n)")} AS total FROM v),
        w AS (SELECT s, sum(n) / max(total) AS share FROM v CROSS JOIN t GROUP BY s),
        c AS (SELECT v.*, w.share, {people.float64(f"sum(v.n) OVER (PARTITION BY {names})")} AS size
              FROM v JOIN w ON v.s = w.s),
        r AS (SELECT {names}, max(size) AS size, count(*) AS k, {spread} AS spread, sum({surplus}) AS moved
              FROM c GROUP BY {names})
        SELECT size, k, floor(spread * {STEPS} + 1e-6), ceil(moved * {STEPS} - 1e-6), count(*) FROM r GROUP BY 1,2,3,4
    """


def _ordered(people: _People, table: Table, column: str) -> Cube | None:
    """Classes by the earth mover's distance of an ordered value: how far along the scale it has to be moved."""
    kind = table.columns[column]
    if kind not in (Kind.INTEGER, Kind.NUMBER):
        return None
    engine, names = people.engine, people.names
    value = engine.number(engine.quote(column), kind)
    there = f" WHERE {engine.is_finite(engine.quote(column), kind)}"
    scale = engine.ask(
        f"SELECT {value}, count(*) FROM {table.relation}{there} GROUP BY 1 ORDER BY 1 LIMIT {MOST_ORDERED + 1}"
    )
    if not 2 < len(scale) <= MOST_ORDERED:
        return None
    size = people.float64("sum(n)")
    gaps = " + ".join(_gap(people, float(end), share) for end, share in _cumulated(scale)[:-1])
    sql = f"""
        WITH v AS ({people.grouped(value, there)}),
        r AS (SELECT {names}, ({gaps}) / ({size} * {len(scale) - 1}) AS moved FROM v GROUP BY {names})
        SELECT ceil(moved * {STEPS} - 1e-6), count(*) FROM r GROUP BY 1
    """
    cells = Counter[Cell]()
    for moved, classes in engine.ask(sql):
        cells[(_thousandths(moved),)] += classes
    return Cube(("ordered distance",), cells, column)


def _cumulated(scale: Sequence[tuple[Any, ...]]) -> list[tuple[float, float]]:
    total, below = sum(n for _, n in scale), 0
    found = []
    for end, n in scale:
        below += n
        found.append((float(end), below / total))
    return found


def _gap(people: _People, end: float, share: float) -> str:
    below = people.float64(f"sum(CASE WHEN s <= {people.engine.real(end)} THEN n ELSE 0 END)")
    return f"abs({below} - {people.engine.real(share)} * {people.float64('sum(n)')})"


def _thousandths(steps: Any) -> str:
    return f"{int(steps) / STEPS:.3f}"
