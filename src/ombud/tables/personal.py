"""Count what looks like personal data in one column, over all rows."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from typing import Final

from ombud.tables.engines.engine import Kind
from ombud.tables.patterns import CHECKED, DIGITS, EMAIL, PATTERNS, Pattern
from ombud.tables.table import Table

_FEW: Final = 4
"""A column with fewer different values than a quarter of its rows is searched by its different values."""

_SHORTEST: Final = 10_000_000_000
"""Integers below eleven digits are none of the numbers that have a checksum."""


def personal(table: Table, column: str, distinct: int, highest: float | None) -> Counter[str]:
    """How many rows of a column hold each kind of personal data.

    Args:
        distinct: about how many different values it has.
        highest: its largest value, for integers.

    Returns:
        Rows by name of the pattern; for those with a checksum also "…-shaped", and both again by different values
        ("card, different", "card-shaped, different"), so that a reader can tell a find from chance.
    """
    kind = table.columns[column]
    if kind is Kind.INTEGER:
        long = highest is not None and highest >= _SHORTEST
        return _checked(table, column, distinct, whole=True) if long else Counter()
    if kind is not Kind.TEXT:
        return Counter()
    return _plain(table, column, distinct) + _checked(table, column, distinct, whole=False)


def _plain(table: Table, column: str, distinct: int) -> Counter[str]:
    """Patterns without a checksum: counted in the engine alone."""
    engine = table.engine
    relation, weight = _values(table, column, distinct)
    any_digits = engine.matches("v", "|".join(f"(?:{pattern.expression})" for pattern in DIGITS))
    tests = {EMAIL.name: f"v LIKE '%@%' AND {engine.matches('v', EMAIL.expression)}"}
    tests |= {pattern.name: f"d AND {engine.matches('v', pattern.expression)}" for pattern in DIGITS}
    sums = ", ".join(f"sum(CASE WHEN {test} THEN {weight} ELSE 0 END)" for test in tests.values())
    inner = f"SELECT v, {weight} AS n, {any_digits} AS d FROM ({relation}) a"
    found = engine.ask(f"SELECT {sums.replace(f'THEN {weight}', 'THEN n')} FROM ({inner}) b")[0]
    return Counter({name: int(n) for name, n in zip(tests, found, strict=True) if n})


def _values(table: Table, column: str, distinct: int) -> tuple[str, str]:
    """The values to search, as SQL, and how many rows each stands for."""
    engine = table.engine
    text = engine.text(engine.quote(column))
    if distinct * _FEW >= table.rows():
        return f"SELECT {text} AS v FROM {table.relation}", "1"
    return f"SELECT {text} AS v, count(*) AS n FROM {table.relation} GROUP BY 1", "n"


def _checked(table: Table, column: str, distinct: int, *, whole: bool) -> Counter[str]:
    """Patterns with a checksum: the engine finds different values of the shape, the checksum is taken here."""
    engine = table.engine
    patterns = [pattern for pattern in CHECKED if pattern.whole or not whole]
    relation, weight = _values(table, column, distinct)
    shape = engine.matches("v", "|".join(f"(?:{pattern.expression})" for pattern in patterns))
    sql = f"SELECT v, sum({weight}) FROM ({relation}) a WHERE {shape} GROUP BY 1"
    found: Counter[str] = Counter()
    for batch in engine.batches(sql):
        for value, n in batch:
            for pattern in patterns:
                _tally(found, pattern, str(value), int(n))
    return found


def _tally(found: Counter[str], pattern: Pattern, value: str, n: int) -> None:
    passes = pattern.found_in(value)
    if passes is None:
        return
    found[pattern.shaped] += n
    found[f"{pattern.shaped}, different"] += 1
    if passes:
        found[pattern.name] += n
        found[f"{pattern.name}, different"] += 1


__all__ = ["PATTERNS", "personal"]
