"""How a column is cut for all windows alike: bins fixed once, and marks for values that the reference did not have."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from ombud.statistics.cube import Cell, Level
from ombud.tables.bins import OTHER, Categories, Numeric, edges, frequent
from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.profile import MOST_LEVELS
from ombud.tables.table import Table

NOT_FINITE: Final = "not finite"
OUT_OF_RANGE: Final = "out of range"
NEW_LEVEL: Final = "new level"

_NUMBERS: Final = (Kind.INTEGER, Kind.NUMBER)
_MISSING, _NAN, _PLUS, _MINUS, _BELOW, _ABOVE = range(-1, -7, -1)
_NEW: Final = "(new values)"


@frozen(kw_only=True)
class Cut:
    """How one column is counted, in the reference and in every window.

    Attributes:
        column: its name.
        bins: quantiles of the reference's numbers, or its frequent values.
        low, high: range of the reference's numbers; None: no number is out of range.
        known: the reference's values; None: there are too many for a value to be new, or nothing to compare with.
    """

    column: str
    bins: Numeric | Categories
    low: float | None = None
    high: float | None = None
    known: frozenset[str] | None = None
    _cells: dict[Any, Cell] = field(factory=dict, init=False, eq=False, repr=False)

    @property
    def axes(self) -> tuple[str, str]:
        """Axes of a cube of this column."""
        return self.bins.axis, "mark"

    @property
    def watches(self) -> tuple[str, ...]:
        """The marks that a value can get."""
        if isinstance(self.bins, Numeric):
            return (NOT_FINITE, OUT_OF_RANGE) if self.low is not None else (NOT_FINITE,)
        return (NEW_LEVEL,) if self.known is not None else ()

    def expression(self, table: Table) -> str:
        """The code that a row is grouped by."""
        name, kind = table.engine.quote(self.column), table.columns[self.column]
        if isinstance(self.bins, Numeric):
            return _number(table, name, kind, self)
        return name if kind is Kind.BOOLEAN else _value(table, name, self)

    def cell(self, found: Any) -> Cell:
        """Bin or value, and mark, of a code."""
        if found not in self._cells:
            self._cells[found] = (
                _of_number(self.bins, int(found)) if isinstance(self.bins, Numeric) else self._of(found)
            )
        return self._cells[found]

    def _of(self, found: Any) -> Cell:
        assert isinstance(self.bins, Categories)
        value = level(found)
        if value is None or value in self.bins.kept:
            return value, None
        is_new = self.known is not None and value != OTHER and (value == _NEW or value not in self.known)
        return OTHER, NEW_LEVEL if is_new else None

    def to_plain(self) -> dict[str, Any]:
        """The form in which the store keeps it."""
        plain: dict[str, Any] = {"column": self.column, "low": self.low, "high": self.high}
        if isinstance(self.bins, Numeric):
            return plain | {"edges": list(self.bins.edges)}
        known = None if self.known is None else sorted(self.known)
        return plain | {"kept": sorted(self.bins.kept), "known": known}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Cut":
        """Read what `to_plain` wrote."""
        if "edges" in plain:
            low, high = (None if plain[end] is None else float(plain[end]) for end in ("low", "high"))
            return cls(column=plain["column"], bins=Numeric(tuple(map(float, plain["edges"]))), low=low, high=high)
        known = None if plain["known"] is None else frozenset(plain["known"])
        return cls(column=plain["column"], bins=Categories(frozenset(plain["kept"])), known=known)


def can_be_cut(column: str, *tables: Table) -> bool:
    """Whether a column is in all tables, and holds numbers, texts or truths."""
    return all(table.columns.get(column) not in (None, Kind.TIME, Kind.OTHER) for table in tables)


def cut(column: str, reference: Table | None, watched: Table, bins: int, minimum: int) -> Cut:
    """How a column is cut by what the reference holds; without one, only whether a value is there and finite is seen.

    Args:
        bins: how many bins of numbers at most; minimum: values of fewer rows are never named.
    """
    tables = [table for table in (reference, watched) if table is not None]
    if all(table.columns[column] in _NUMBERS for table in tables):
        if reference is None:
            return Cut(column=column, bins=Numeric(()))
        low, high = _range(reference, column)
        return Cut(column=column, bins=edges(reference, column, bins, minimum), low=low, high=high)
    if reference is None:
        return Cut(column=column, bins=Categories(frozenset()))
    return Cut(column=column, bins=frequent([reference], column, minimum), known=_known(reference, column))


def _range(table: Table, column: str) -> tuple[float | None, float | None]:
    engine, kind, name = table.engine, table.columns[column], table.engine.quote(column)
    value = f"CASE WHEN {engine.is_finite(name, kind)} THEN {engine.number(name, kind)} END"
    low, high = engine.ask(f"SELECT min({value}), max({value}) FROM {table.relation}")[0]  # noqa: S608 (quoted)
    return (None, None) if low is None else (float(low), float(high))


def _known(table: Table, column: str) -> frozenset[str] | None:
    name = table.engine.quote(column)
    sql = f"SELECT DISTINCT {name} FROM {table.relation} WHERE {name} IS NOT NULL LIMIT {MOST_LEVELS + 1}"  # noqa: S608
    found = table.engine.ask(sql)
    return None if len(found) > MOST_LEVELS else frozenset(known for row in found if (known := level(row[0])))


# --- codes ------------------------------------------------------------------------------------------------------------


def _number(table: Table, name: str, kind: Kind, one: Cut) -> str:
    engine = table.engine
    value = engine.number(name, kind)
    steps = [f"WHEN {name} IS NULL THEN {_MISSING}"]
    if kind is Kind.NUMBER:
        infinite = engine.is_infinite(name)
        steps += [f"WHEN {engine.is_nan(name)} THEN {_NAN}"]
        steps += [f"WHEN {infinite} THEN CASE WHEN {value} > 0 THEN {_PLUS} ELSE {_MINUS} END"]
    if one.low is not None and one.high is not None:
        steps += [f"WHEN {value} < {engine.real(one.low)} THEN {_BELOW}"]
        steps += [f"WHEN {value} > {engine.real(one.high)} THEN {_ABOVE}"]
    assert isinstance(one.bins, Numeric)
    steps += [f"WHEN {value} <= {engine.real(edge)} THEN {i}" for i, edge in enumerate(one.bins.edges)]
    return f"CASE {' '.join(steps)} ELSE {len(one.bins.edges)} END"


def _of_number(bins: Numeric, code: int) -> Cell:
    if code >= 0:
        return bins.name(code), None
    last: Level = bins.name(len(bins.edges))
    marked: dict[int, Cell] = {
        _MISSING: (None, None), _NAN: (None, NOT_FINITE), _PLUS: (last, NOT_FINITE),
        _MINUS: (bins.name(0), NOT_FINITE), _BELOW: (bins.name(0), OUT_OF_RANGE), _ABOVE: (last, OUT_OF_RANGE),
    }  # fmt: skip
    return marked[code]


def _value(table: Table, name: str, one: Cut) -> str:
    """The value where it is counted by itself; the others are folded in the engine, new ones apart."""
    engine = table.engine
    assert isinstance(one.bins, Categories)
    text, other, new = engine.text(name), engine.string(OTHER), engine.string(_NEW)
    steps = [f"WHEN {name} IS NULL THEN NULL"]
    for values, then in ((one.bins.kept, text), ((one.known or frozenset()) - one.bins.kept, other)):
        listed = ", ".join(map(engine.string, sorted(values)))
        steps += [f"WHEN {text} IN ({listed}) THEN {then}"] if listed else []
    return f"CASE {' '.join(steps)} ELSE {other if one.known is None else new} END"
