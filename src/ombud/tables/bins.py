"""How a column is cut so that its distribution is a few counts."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Final

from attrs import field, frozen

from ombud.statistics.cube import Level
from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.table import Table

MOST_CATEGORIES: Final = 50
"""Values beyond the most frequent ones are counted together."""

OTHER: Final = "(other values)"

_LISTED: Final = 1_000
_EXACT_UP_TO: Final = 1_000_000
_SAMPLED: Final = 200_000
_SEED: Final = 20_261_123


@frozen
class Numeric:
    """Bins of a column of numbers.

    Attributes:
        axis: what a cube calls them.
        edges: upper ends of all bins but the last, increasing.
    """

    axis: ClassVar[str] = "bin"
    edges: tuple[float, ...]
    _names: Mapping[int, Level] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_names", self._made_names())

    def expression(self, table: Table, column: str) -> str:
        """The number of the bin, from 0; -1 where the value is missing."""
        engine, kind = table.engine, table.columns[column]
        name = engine.quote(column)
        value = engine.number(name, kind)
        steps = " ".join(f"WHEN {value} <= {engine.real(edge)} THEN {i}" for i, edge in enumerate(self.edges))
        return f"CASE WHEN {engine.missing(name, kind)} THEN -1 {steps} ELSE {len(self.edges)} END"

    def name(self, found: Any) -> Level:
        """What the bin is called; the names sort as the bins do: "01: up to 3", "02: 3 to 7"."""
        return self._names[int(found)]

    def _made_names(self) -> dict[int, Level]:
        ends = [level(edge) for edge in self.edges]
        words = [f"{low} to {high}" for low, high in pairwise(ends)]
        words = [f"up to {ends[0]}", *words, f"above {ends[-1]}"] if ends else ["any"]
        return {-1: None} | {i: f"{i + 1:02d}: {said}" for i, said in enumerate(words)}


@frozen
class Categories:
    """The values of a column that are counted one by one; all others are counted together.

    Attributes:
        axis: what a cube calls them.
        kept: their names.
        folded: whether the engine itself folds the others, because there are too many to send.
    """

    axis: ClassVar[str] = "value"
    kept: frozenset[str]
    folded: bool = False

    def expression(self, table: Table, column: str) -> str:
        """The value; where they are many, with the others folded already in the engine."""
        engine = table.engine
        name = engine.quote(column)
        if not self.folded:
            return name
        text, other = engine.text(name), engine.string(OTHER)
        listed = ", ".join(engine.string(value) for value in sorted(self.kept))
        among = f"WHEN {text} IN ({listed}) THEN {text} " if listed else ""
        return f"CASE WHEN {name} IS NULL THEN NULL {among}ELSE {other} END"

    def name(self, found: Any) -> Level:
        """The value itself, or one name for all the rest."""
        value = level(found)
        return value if value is None or value in self.kept else OTHER


Bins = Numeric | Categories


def edges(table: Table, column: str, bins: int, minimum: int = 1) -> Numeric:
    """Quantiles of a column of numbers, as upper ends of bins; equal ones become one.

    There are at most `bins` bins, and so few that each holds about `minimum` rows: an end is a value of the table.

    Tables of more than a million rows are sampled for this (the same rows each time): the ends move a little, and the
    counts between them stay exact.
    """
    engine, kind = table.engine, table.columns[column]
    name = engine.quote(column)
    relation, chosen = _sampled(table)
    wanted = min(bins, table.rows() // minimum)
    if wanted < 2:
        return Numeric(())
    asked = engine.quantiles(engine.number(name, kind), [i / wanted for i in range(1, wanted)])
    found = engine.ask(f"SELECT {asked} FROM {relation} WHERE {engine.is_finite(name, kind)}{chosen}")[0][0]
    return Numeric(tuple(sorted({float(edge) + 0.0 for edge in found or ()})))


def _sampled(table: Table) -> tuple[str, str]:
    if table.numbered is None or table.rows() <= _EXACT_UP_TO:
        return table.relation, ""
    relation, row = table.numbered
    every = table.rows() // _SAMPLED
    return relation, f" AND {table.engine.row_hash([row], _SEED)} % {every} = 0"


def frequent(tables: Sequence[Table], column: str, minimum: int) -> Categories:
    """The most frequent values of a column over some tables; values of fewer than `minimum` rows are never named.

    Where a column has very many values, its frequent ones are looked for in a sample (the same rows each time).
    """
    highest: Counter[Level] = Counter()
    folded = False
    for table in tables:
        found = _listed(table, column)
        folded |= len(found) >= _LISTED and table.columns[column] is Kind.TEXT
        for value, n in found:
            highest[level(value)] = max(highest[level(value)], n)
    named = [(n, value) for value, n in highest.items() if value is not None and n >= minimum]
    kept = [value for _, value in sorted(named, key=lambda one: (-one[0], one[1]))[:MOST_CATEGORIES]]
    return Categories(frozenset(kept), folded)


def _listed(table: Table, column: str) -> list[tuple[Any, ...]]:
    engine = table.engine
    name = engine.quote(column)
    relation, chosen = table.relation, ""
    if table.rows() > _EXACT_UP_TO:
        distinct = engine.ask(f"SELECT {engine.about_distinct(name)} FROM {table.relation}")[0][0]
        relation, chosen = _sampled(table) if distinct > _SAMPLED else (relation, chosen)
    where = f"{name} IS NOT NULL{chosen}"
    return engine.ask(
        f"SELECT {name}, count(*) AS n FROM {relation} WHERE {where} GROUP BY 1 ORDER BY n DESC, 1 LIMIT {_LISTED}"
    )
