"""In which order rows are deleted: those that point before those at which they point."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from ombud.rights.sources.sql.person import Person
from ombud.rights.sources.sql.row import Row
from ombud.rights.sources.sql.structure import Edge, Structure, TableName

Node = TypeVar("Node", bound=Hashable)


def groups_of_tables(person: Person) -> Iterator[tuple[list[TableName], list[Edge]]]:
    """Tables with rows that go, those that point first; tables that point at each other come together.

    Yields:
        Tables, and the foreign keys among them; none for a table alone that does not point at itself.
    """
    tables = [name for name, rows in person.rows.items() if any(row.going for row in rows.values())]
    for group in _knots_of(person.structure, tables, lambda edge: edge.real):
        yield group, [edge for edge in person.structure.edges if edge.real and {edge.child, edge.parent} <= set(group)]


def parents_first(structure: Structure, tables: Iterable[TableName]) -> list[list[TableName]]:
    """Tables, those at which others point first; tables that point at each other come together."""
    return list(_knots_of(structure, list(dict.fromkeys(tables)), lambda _: True))[::-1]


def _knots_of(
    structure: Structure, tables: list[TableName], counts: Callable[[Edge], bool]
) -> Iterator[list[TableName]]:
    edges = [edge for edge in structure.edges if counts(edge) and edge.child in tables and edge.parent in tables]
    pointing: dict[TableName, list[TableName]] = {name: [] for name in tables}
    for edge in edges:
        pointing[edge.parent].append(edge.child)
    return knots(tables, lambda name: pointing[name])


def layers(person: Person, rows: Iterable[Row], edges: list[Edge]) -> tuple[list[list[Row]], list[Row]]:
    """Rows of tables that point at each other, layer by layer; the second answer is those that point in a circle.

    MySQL alone will not delete a row that points at itself, so there it is a circle too.
    """
    alone = person.structure.connection.dialect.name in ("mysql", "mariadb")
    waiting = dict.fromkeys(rows, 0)
    heads: dict[Row, list[Row]] = {row: [] for row in waiting}
    for row in waiting:
        for edge in (one for one in edges if one.child == row.table):
            for target in person.targets(row, edge):
                if target in waiting and (alone or target is not row):
                    heads[row].append(target)
                    waiting[target] += 1
    found = []
    layer = [row for row, count in waiting.items() if count == 0]
    while layer:
        found.append(layer)
        for row in layer:
            del waiting[row]
        layer = list(_freed(layer, heads, waiting))
    return found, list(waiting)


def _freed(layer: list[Row], heads: dict[Row, list[Row]], waiting: dict[Row, int]) -> Iterator[Row]:
    for row in layer:
        for target in heads[row]:
            waiting[target] -= 1
            if waiting[target] == 0:
                yield target


def knots(nodes: Iterable[Node], after: Callable[[Node], list[Node]]) -> Iterator[list[Node]]:
    """Tarjan's algorithm: groups of nodes that reach each other, a group after all that its nodes lead to."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    for start in nodes:
        if start in index:
            continue
        work = [(start, iter(after(start)))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            node, following = work[-1]
            fresh = next((one for one in following if one not in index or one in stack), None)
            if fresh is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    place = stack.index(node)
                    yield stack[place:]
                    del stack[place:]
            elif fresh in index:
                low[node] = min(low[node], index[fresh])
            else:
                index[fresh] = low[fresh] = len(index)
                stack.append(fresh)
                work.append((fresh, iter(after(fresh))))
