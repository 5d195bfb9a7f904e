"""Rows of a system by the numbers that it calls them, many at once, by index, however little the database knows."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, Column, Connection, Row, Select, String, Table, bindparam, func, select, true

_AT_ONCE: Final = 500


def rows_by_id(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], system: str, ids: Sequence[str]
) -> Iterator[Row[Any]]:
    """These columns of the rows with these ids, in no order.

    Args:
        table: has an index over (system, id).
    """
    for start in range(0, len(ids), _AT_ONCE):
        part = list(ids[start : start + _AT_ONCE])
        if connection.dialect.name == "postgresql":
            yield from connection.execute(_one_by_one(table, columns), {"system": system, "ids": part})
        else:
            yield from connection.execute(select(*columns).where(table.c.system == system, table.c.id.in_(part)))


def _one_by_one(table: Table, columns: Sequence[Column[Any]]) -> Select[Any]:
    """One look into the index for each id.

    Of a table that has just begun to grow PostgreSQL knows nothing. Asked for five hundred ids at once it expects
    them to be a good part of the system, and reads all of it; OFFSET keeps it from turning this into that.
    """
    asked = func.unnest(bindparam("ids", type_=ARRAY(String))).table_valued("id").render_derived(name="asked")
    whose = (table.c.system == bindparam("system"), table.c.id == asked.c.id)
    here = select(*columns).where(*whose).offset(0).lateral("here")
    return select(here).select_from(asked).join(here, true())
