"""Asking for rows: each once, in streams, by values in batches."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, Select, select

from ombud.rights.map.model import Collection
from ombud.rights.sources.source import Match, Value
from ombud.rights.sources.sql.compare import questions
from ombud.rights.sources.sql.structure import Table

BATCH = 1_000
"""Rows that travel together."""


def rows(
    connection: Connection,
    table: Table,
    collection: Collection,
    matches: Sequence[Match],
    columns: Sequence[str],
    lock: bool = False,
) -> Iterator[Mapping[str, Value]]:
    """The rows that fit, each once, as column → value; more columns than asked for where they are needed to compare.

    Args:
        lock: keep others from changing them until the transaction ends.
    """
    looked = tuple(dict.fromkeys((*columns, *_compared(matches))))
    asked = list(questions(table, collection, matches))
    seen: set[int] | None = set() if len(asked) > 1 else None
    telling = tuple(table.telling) if seen is not None else ()
    names = tuple(dict.fromkeys((*looked, *telling)))
    for question in asked:
        query = select(*(table.column(name) for name in names)).where(question.where)
        for row in stream(connection, query.with_for_update() if lock else query):
            found = dict(zip(names, row, strict=True))
            if question.fits(found) and _new(seen, found, telling):
                yield found


def _compared(matches: Sequence[Match]) -> tuple[str, ...]:
    return tuple(column for one in matches for column in one.columns if len(one.columns) == 1)


def _new(seen: set[int] | None, row: Mapping[str, Value], telling: Sequence[str]) -> bool:
    """Whether a row was not yielded before; only a number is kept of each."""
    if seen is None:
        return True
    mark = hash(tuple(_hashed(row[name]) for name in telling))
    fresh = mark not in seen
    seen.add(mark)
    return fresh


def _hashed(value: Value) -> Value:
    return repr(value) if isinstance(value, (dict, list, bytearray, memoryview)) else value


def stream(connection: Connection, query: Select[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    """Rows as they come, a bounded number of them in memory."""
    with connection.execute(query, execution_options={"stream_results": True, "yield_per": BATCH}) as result:
        for row in result:
            yield tuple(row)
