"""Answer `Binned`: how each column is distributed, by table or by protected group."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from ombud.statistics.cube import Cell, Cube
from ombud.tables.answers import TABLES, CannotMeasure, Data, Taken, Unmet
from ombud.tables.bins import Bins, edges, frequent
from ombud.tables.counts import grouped, refuse_quantities
from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.needs import Binned, Role
from ombud.tables.table import Table

MOST_COMBINATIONS = 5_000
"""Protected columns that together have more combinations are counted one by one."""

_Groups = tuple[str, ...]


@frozen(eq=False)
class _Scans:
    """The tables, and what was counted in them already: needs that ask for the same column share its scan."""

    data: Data
    _bins: dict[tuple[str, int], Bins] = field(factory=dict)
    _counted: dict[tuple[str, str, int], Cube] = field(factory=dict)

    def bins(self, column: str, tables: Mapping[str, Table], wanted: int) -> Bins:
        """How a column is cut: by quantiles of the first table, or into its frequent values."""
        if (column, wanted) not in self._bins:
            self._bins[column, wanted] = _cut(column, list(tables.values()), wanted, self.data.minimum_group)
        return self._bins[column, wanted]

    def counted(self, what: str, column: str, wanted: int, bins: Bins, groups: _Groups) -> Cube:
        """A table by groups and bins, with one scan; a finer count that is at hand is rolled up."""
        held = self._counted.get((what, column, wanted))
        if held is None or not set(groups) <= set(held.axes):
            held = _scan(self.data.tables[what], column, bins, groups)
            self._counted[what, column, wanted] = held
        return held


def answer_binned(needs: Sequence[Binned], data: Data) -> Mapping[Binned, Taken | Unmet]:
    """Answer all needs together; those against groups first, as theirs is the finer count."""
    scans = _Scans(data)
    answers: dict[Binned, Taken | Unmet] = {}
    for need in sorted(needs, key=lambda need: need.against != "group"):
        try:
            against = _against_groups if need.against == "group" else _against_tables
            answers[need] = against(need, data, scans)
        except CannotMeasure as reason:
            answers[need] = reason.unmet
    return answers


def _cut(column: str, tables: Sequence[Table], wanted: int, minimum: int) -> Bins:
    if all(table.columns[column] in (Kind.INTEGER, Kind.NUMBER) for table in tables):
        return edges(tables[0], column, wanted, minimum)
    return frequent(tables, column, minimum)


def _scan(table: Table, column: str, bins: Bins, groups: _Groups) -> Cube:
    names = "".join(f"{table.engine.quote(group)}, " for group in groups)
    places = ", ".join(str(i + 1) for i in range(len(groups) + 1))
    sql = f"SELECT {names}{bins.expression(table, column)} AS b, count(*) FROM {table.relation} GROUP BY {places}"
    cells: Counter[Cell] = Counter()
    for *group, found, n in table.engine.ask(sql):
        cells[(*map(level, group), bins.name(found))] += n
    return Cube((*groups, bins.axis), cells, column)


def _columns(need: Binned, tables: Iterable[Table], data: Data) -> tuple[str, ...]:
    declared = data.columns.of(need.column)
    if not declared:
        raise CannotMeasure(f"no column is declared as {need.column}", f"columns.{need.column}")
    tables = list(tables)
    found = tuple(
        name for name in declared if all(t.columns.get(name) not in (None, Kind.TIME, Kind.OTHER) for t in tables)
    )
    if not found:
        raise CannotMeasure(f"no column of role {need.column} is in every table", f"columns.{need.column}")
    return found


# --- against tables ---------------------------------------------------------------------------------------------------


def _against_tables(need: Binned, data: Data, scans: _Scans) -> Taken:
    tables = different(data)
    columns = _columns(need, tables.values(), data)
    cubes = []
    for column in columns:
        bins = scans.bins(column, tables, need.bins)
        cells: Counter[Cell] = Counter()
        for what in tables:
            counted = scans.counted(what, column, need.bins, bins, ()).over(bins.axis)
            cells.update({(what, *cell): n for cell, n in counted.cells.items()})
        cubes.append(Cube(("table", bins.axis), cells, column))
    return Taken((tuple(cubes),), tuple(table.snapshot() for table in tables.values()))


def different(data: Data) -> dict[str, Table]:
    """The tables, training first, without those that are the same bytes as one before them.

    Raises:
        CannotMeasure: no training table, or nothing to compare it with.
    """
    if "training" not in data.tables:
        raise CannotMeasure("there is no training table to compare with", "data.training.table")
    found: dict[str, Table] = {}
    seen: set[str] = set()
    for what in TABLES:
        if what in data.tables:
            snapshot = data.tables[what].snapshot()
            same = snapshot.digest or snapshot.address
            found |= {} if same in seen else {what: data.tables[what]}
            seen.add(same)
    if len(found) < 2:
        raise CannotMeasure("there is no second table to compare the training table with", "data.decisions.table")
    return found


# --- against groups ---------------------------------------------------------------------------------------------------


def _against_groups(need: Binned, data: Data, scans: _Scans) -> Taken:
    groups = data.columns.of(Role.PROTECTED)
    if not groups:
        raise CannotMeasure("no column says which group a person belongs to", f"columns.{Role.PROTECTED}")
    what, table = data.first(TABLES, (*groups, *data.columns.of(need.column)), "data.training.table")
    columns = [name for name in _columns(need, [table], data) if name not in groups]
    people = grouped(table, groups)
    refuse_quantities(table, people, groups, f"columns.{Role.PROTECTED}")
    together = len(people.cells) <= MOST_COMBINATIONS
    cubes = []
    for column in columns:
        bins = scans.bins(column, {what: table}, need.bins)
        finest = scans.counted(what, column, need.bins, bins, groups if together else ())
        for group in groups:
            cube = finest.over(group, bins.axis) if together else _scan(table, column, bins, (group,))
            cubes.append(_publishable(cube, people.over(group), f"{column} | {group}", data.minimum_group))
    left_out = max((_small(people.over(group), data.minimum_group) for group in groups), default=0)
    return Taken((tuple(cubes),), (table.snapshot(),), left_out)


def _publishable(cube: Cube, people: Cube, name: str, minimum: int) -> Cube:
    """Without the groups that are too small to publish, and with the axis named for what it means."""
    kept = {cell: n for cell, n in cube.cells.items() if people.cells[(cell[0],)] >= minimum}
    return Cube(("group", cube.axes[1]), kept, name)


def _small(people: Cube, minimum: int) -> int:
    return sum(n for n in people.cells.values() if n < minimum)
