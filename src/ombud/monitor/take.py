"""Count windows: one grouped pass over the rows of all windows that are asked for, inside the engine."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from ombud.errors import Unreadable
from ombud.monitor.counted import HOURS, HUMAN, PEOPLE, SCORE, Counted, feature
from ombud.monitor.cuts import Cut
from ombud.monitor.source import Source, read, written
from ombud.monitor.windows import Window
from ombud.statistics.cube import Cell, Cube
from ombud.tables.levels import level
from ombud.tables.needs import Role
from ombud.tables.roles import Columns
from ombud.tables.table import Table

MOST_CELLS: Final = 2_000_000
_LISTED: Final = 400
"""Up to so many windows are listed by name; for more, the period between the first and the last is read."""


@frozen
class _Asked:
    """One cube that is counted.

    Attributes:
        name: of the cube; axes: its axes.
        expressions: what is grouped by, as SQL.
        cell: the cell that a group is counted in.
    """

    name: str
    axes: tuple[str, ...]
    expressions: tuple[str, ...]
    cell: Callable[[Sequence[Any]], Cell]


@frozen(kw_only=True)
class Questions:
    """What is asked of every window: the columns of groups and outcomes, and how the others are cut."""

    people: tuple[str, ...]
    features: tuple[Cut, ...] = ()
    score: Cut | None = None
    decision: str | None = None
    label: str | None = None
    human_changed: str | None = None


def people_columns(columns: Columns) -> tuple[str, ...]:
    """The columns by which people are counted together: groups, outcomes, and what they are compared within."""
    roles = (Role.PROTECTED, Role.DECISION, Role.LABEL, Role.CONDITION_ON)
    return tuple(dict.fromkeys(name for role in roles for name in columns.of(role)))


def take(source: Source, questions: Questions, windows: Sequence[Window]) -> Mapping[datetime, Counted]:
    """Count some windows, all in one pass.

    Returns:
        By the beginning of the window; a window without rows has empty cubes.

    Raises:
        Unreadable: the table cannot be read, it changed while it was read, or its columns make too many combinations.
    """
    if not windows:
        return {}
    source = source.holding(windows)
    asked = _asked(source.table, questions)
    hours = _Asked(HOURS, ("hour",), (source.truncated("hour"),), lambda found: (str(found[0])[:13],))
    wanted = {one.start for one in windows}
    counted = _grouped(source.table, source.truncated(source.length), [*asked, hours], _where(source, windows))
    source.refuse_change()
    empty = {one.name: Cube(one.axes, {}) for one in (*asked, hours)}
    found = {read(str(window)): cubes for window, cubes in counted.items()}
    return {start: empty | dict(found.get(start, {})) for start in wanted}


def count(table: Table, questions: Questions) -> Counted:
    """Count a whole table as one: what windows are compared with."""
    asked = _asked(table, questions)
    counted = _grouped(table, "0", asked, "")
    return {one.name: Cube(one.axes, {}) for one in asked} | dict(next(iter(counted.values()), {}))


def _asked(table: Table, questions: Questions) -> list[_Asked]:
    quote = table.engine.quote
    outcomes = {word: name for word, name in (("decision", questions.decision), ("label", questions.label)) if name}
    found = []
    if questions.people:
        found.append(_Asked(PEOPLE, questions.people, tuple(map(quote, questions.people)), _levels))
    if questions.score is not None:
        by = (questions.score.expression(table), *map(quote, outcomes.values()))
        found.append(_Asked(SCORE, (*questions.score.axes, *outcomes), by, _cut(questions.score)))
    if questions.human_changed:
        found.append(_Asked(HUMAN, ("changed",), (quote(questions.human_changed),), _levels))
    found += [_Asked(feature(one.column), one.axes, (one.expression(table),), _cut(one)) for one in questions.features]
    return found


def _levels(found: Sequence[Any]) -> Cell:
    return tuple(map(level, found))


def _cut(one: Cut) -> Callable[[Sequence[Any]], Cell]:
    return lambda found: (*one.cell(found[0]), *map(level, found[1:]))


def _where(source: Source, windows: Sequence[Window]) -> str:
    ordered = sorted(windows)
    period = source.within(ordered[0].start, ordered[-1].end)
    if len(windows) > _LISTED:
        return f"WHERE {period}"
    listed = ", ".join(source.table.engine.at(written(one.start)) for one in ordered)
    return f"WHERE {period} AND {source.truncated(source.length)} IN ({listed})"


def _grouped(table: Table, window: str, asked: Sequence[_Asked], where: str) -> Mapping[Any, Counted]:
    """One pass with a grouping set for each cube; a constant beside each set tells whose group a row is."""
    engine = table.engine
    names = [[f"c{i}_{j}" for j in range(len(one.expressions))] for i, one in enumerate(asked)]
    inner = [f"{window} AS w", *(f"{i} AS s{i}" for i in range(len(asked)))]
    inner += [
        f"{e} AS {n}" for one, of in zip(asked, names, strict=True) for e, n in zip(one.expressions, of, strict=True)
    ]
    sets = ", ".join(f"(w, s{i}, {', '.join(of)})" for i, of in enumerate(names))
    flat = [name for of in names for name in of]
    told = [engine.text(name) if asked[i].name == HOURS else name for i, of in enumerate(names) for name in of]
    marks = [f"s{i}" for i in range(len(asked))]
    rows = engine.ask(
        f"SELECT {engine.text('w')}, {', '.join([*marks, *told])}, n FROM (SELECT w, {', '.join([*marks, *flat])}, "
        f"count(*) AS n FROM (SELECT {', '.join(inner)} FROM {table.relation} {where}) AS chosen "
        f"GROUP BY GROUPING SETS ({sets})) AS counted LIMIT {MOST_CELLS + 1}"
    )
    if len(rows) > MOST_CELLS:
        raise Unreadable(
            table.address, "groups, outcomes and strata make too many combinations to be counted by window",
            "Use bands of the columns in columns.protected and columns.condition_on.",
        )  # fmt: skip
    return _cubes(rows, asked, names)


def _cubes(
    rows: Iterable[Sequence[Any]], asked: Sequence[_Asked], names: Sequence[Sequence[str]]
) -> dict[Any, Counted]:
    starts = [1 + len(asked) + sum(map(len, names[:i])) for i in range(len(asked))]
    cells: dict[Any, list[Counter[Cell]]] = defaultdict(lambda: [Counter() for _ in asked])
    for row in rows:
        i = next(at for at, mark in enumerate(row[1 : 1 + len(asked)]) if mark is not None)
        cells[row[0]][i][asked[i].cell(row[starts[i] : starts[i] + len(names[i])])] += int(row[-1])
    return {
        window: {one.name: Cube(one.axes, found) for one, found in zip(asked, of, strict=True)}
        for window, of in cells.items()
    }
