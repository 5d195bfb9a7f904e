"""Answer `Counts`: one grouped scan of a table for every need that reads it, then arithmetic on a few cells."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ombud.statistics.cube import Cell, Cube, Level
from ombud.statistics.disclosure import publishable
from ombud.tables.answers import CannotMeasure, Data, Taken, Unmet
from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.needs import Counts, Role
from ombud.tables.outcomes import outcomes
from ombud.tables.table import Snapshot, Table, named

MOST_LEVELS: Final = 1_000
"""A column with more values than this does not say which group a person belongs to."""

MOST_NUMBERS: Final = 50
"""A column of numbers with more values than this is a quantity; its bands have to be chosen by a person."""

MOST_CELLS: Final = 200_000
MEANINGS: Final = {Role.DECISION: "decision", Role.LABEL: "label"}

_ORDER: Final = ("evaluation", "decisions")
_RESERVED: Final = frozenset(("group", "decision", "label", "stratum"))


@frozen
class _Plan:
    """What one need reads.

    Attributes:
        need: the need.
        what, table: the table.
        groups: protected columns; outcomes: (meaning, column) pairs; strata: columns to condition on.
    """

    need: Counts
    what: str
    table: Table
    groups: tuple[str, ...]
    outcomes: tuple[tuple[Role, str], ...]
    strata: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.groups, *(column for _, column in self.outcomes), *self.strata)))


def answer_counts(needs: Sequence[Counts], data: Data) -> Mapping[Counts, Taken | Unmet]:
    """Answer all needs for counts together."""
    answers: dict[Counts, Taken | Unmet] = {}
    plans = []
    for need in needs:
        try:
            plans.append(_plan(need, data))
        except CannotMeasure as reason:
            answers[need] = reason.unmet
    for table in dict.fromkeys(plan.table for plan in plans):
        together = [plan for plan in plans if plan.table is table]
        answers |= _answer_together(together, data)
    return answers


def _plan(need: Counts, data: Data) -> _Plan:
    groups = data.columns.of(need.by)
    if not groups:
        raise CannotMeasure("no column says which group a person belongs to", f"columns.{need.by}")
    found = tuple((role, data.column(role, str(role))) for role in need.of)
    strata = data.columns.of(need.given) if need.given else ()
    if need.given and not strata:
        raise CannotMeasure("no column is declared to compare like with like", f"columns.{need.given}")
    what, table = data.first(_ORDER, (*groups, *(c for _, c in found), *strata), "data.evaluation.table")
    return _Plan(need, what, table, groups, found, strata)


def _answer_together(plans: list[_Plan], data: Data) -> dict[Counts, Taken | Unmet]:
    columns = tuple(dict.fromkeys(column for plan in plans for column in plan.columns))
    try:
        counted = grouped(plans[0].table, columns)
    except CannotMeasure as reason:
        if len(plans) == 1:
            return {plans[0].need: reason.unmet}
        return {need: answer for plan in plans for need, answer in _answer_together([plan], data).items()}
    answers: dict[Counts, Taken | Unmet] = {}
    for plan in plans:
        try:
            answers[plan.need] = _taken(plan, counted, data, plan.table.snapshot())
        except CannotMeasure as reason:
            answers[plan.need] = reason.unmet
    return answers


def grouped(table: Table, columns: Sequence[str]) -> Cube:
    """Count the rows of a table by some columns, one scan.

    Returns:
        A cube whose axes are the columns.

    Raises:
        CannotMeasure: more cells than a cube may have; the reason names the column with the most values.
    """
    engine = table.engine
    names = ", ".join(engine.quote(column) for column in columns)
    sql = f"SELECT {names}, count(*) FROM {table.relation} GROUP BY {names} LIMIT {MOST_CELLS + 1}"
    rows = engine.ask(sql)
    if len(rows) > MOST_CELLS:
        raise _too_many(table, columns)
    cells: Counter[Cell] = Counter()
    for row in rows:
        cells[tuple(level(value) for value in row[:-1])] += row[-1]
    return Cube(tuple(columns), cells)


def _too_many(table: Table, columns: Sequence[str]) -> CannotMeasure:
    engine = table.engine
    asked = ", ".join(engine.about_distinct(engine.quote(column)) for column in columns)
    counts = dict(zip(columns, engine.ask(f"SELECT {asked} FROM {table.relation}")[0], strict=True))
    worst = max(columns, key=lambda column: int(counts[column]))
    return CannotMeasure(
        f"{', '.join(map(named, columns))} together make more than {MOST_CELLS} combinations; "
        f"{named(worst)} alone has about {counts[worst]} values: use bands of it",
        "columns",
    )


def refuse_quantities(table: Table, counted: Cube, columns: Iterable[str], key: str) -> None:
    """Refuse columns that do not name groups.

    Raises:
        CannotMeasure: too many values to be groups of people.
    """
    for column in columns:
        many = len(counted.levels(column))
        number = table.columns[column] in (Kind.INTEGER, Kind.NUMBER)
        if number and many > MOST_NUMBERS:
            reason = f"column {named(column)} holds {many} different numbers: add a column with bands of it"
            raise CannotMeasure(reason, key)
        if many > MOST_LEVELS:
            raise CannotMeasure(f"column {named(column)} has {many} values, too many to be groups of people", key)


def from_counted(need: Counts, counted: Cube, data: Data, snapshot: Snapshot) -> Taken | Unmet:
    """Answer a need from rows that were counted before: windows of monitoring, added up.

    Args:
        counted: people by columns; its axes are columns, those of the need among them.
        data: the one table they were counted in, and what its columns mean.
        snapshot: in which state it was.
    """
    try:
        return _taken(_plan(need, data), counted, data, snapshot)
    except CannotMeasure as reason:
        return reason.unmet


def _taken(plan: _Plan, counted: Cube, data: Data, snapshot: Snapshot) -> Taken:
    refuse_quantities(plan.table, counted, plan.groups, f"columns.{plan.need.by}")
    refuse_quantities(plan.table, counted, plan.strata, f"columns.{plan.need.given}")
    axes = tuple(f"{name} (column)" if name in _RESERVED else name for name in plan.groups)
    finest = _meanings(plan, counted, data, axes)
    published = publishable(finest, axes, data.minimum_group)
    rest = finest.axes[len(axes) :]
    calls = [_call(published.single[axis], (axis,), rest) for axis in axes]
    if len(axes) > 1:
        combined = published.combined or Cube(finest.axes, {})
        calls.append(_call(combined, axes, rest))
    return Taken(tuple(calls), (snapshot,), published.left_out)


def _meanings(plan: _Plan, counted: Cube, data: Data, axes: tuple[str, ...]) -> Cube:
    """Roll up to what the need asks: groups, what outcomes mean, and one stratum for all columns conditioned on."""
    readers: list[Callable[[Mapping[str, Level]], Level]] = [_reader(group) for group in plan.groups]
    readers += [_outcome_reader(role, column, counted, data) for role, column in plan.outcomes]
    names = [*axes, *(MEANINGS[role] for role, _ in plan.outcomes)]
    if plan.strata:
        readers.append(lambda row: joined([row[column] for column in plan.strata]))
        names.append("stratum")
    cells: Counter[Cell] = Counter()
    for cell, n in counted.over(*plan.columns).cells.items():
        row = dict(zip(plan.columns, cell, strict=True))
        cells[tuple(read(row) for read in readers)] += n
    return Cube(tuple(names), cells)


def _reader(column: str) -> Callable[[Mapping[str, Level]], Level]:
    return lambda row: row[column]


def _outcome_reader(role: Role, column: str, counted: Cube, data: Data) -> Callable[[Mapping[str, Level]], Level]:
    declared, key = data.columns, "columns.favourable"
    favourable, unfavourable = declared.favourable, declared.unfavourable
    if role is Role.LABEL:
        favourable, unfavourable, key = (
            declared.label_favourable,
            declared.label_unfavourable,
            "columns.label_favourable",
        )
    meaning = outcomes(counted.levels(column), favourable, unfavourable, column, key)
    return lambda row: meaning[row[column]]


def joined(levels: Sequence[Level]) -> Level:
    """One level for several: "black × female"; missing only where all are."""
    if all(one is None for one in levels):
        return None
    return " × ".join("missing" if one is None else one for one in levels)


def _call(cube: Cube, groups: tuple[str, ...], rest: tuple[str, ...]) -> Cube:
    """The cube as a check sees it: one axis "group", then the outcomes."""
    cells: Counter[Cell] = Counter()
    for cell, n in cube.over(*groups, *rest).cells.items() if cube.cells else ():
        cells[(joined(cell[: len(groups)]), *cell[len(groups) :])] += n
    return Cube(("group", *rest), cells, " × ".join(groups))
