"""Answer `Rows`: a bounded sample, the same for the same table and seed."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from ombud.tables.answers import Data, Sample, Taken
from ombud.tables.needs import Rows
from ombud.tables.table import Table

_ORDER = ("evaluation", "decisions", "training")


def answer_rows(need: Rows, data: Data) -> Taken:
    """Draw the sample from the first declared table that has every column asked for."""
    wanted = tuple(dict.fromkeys(name for role in need.roles for name in data.columns.of(role)))
    what, table = data.first(_ORDER, wanted, "data.evaluation.table")
    rows = table.engine.arrow(_drawn(table, wanted or tuple(table.columns), need))
    snapshot = table.snapshot()
    return Taken((Sample(rows, snapshot.rows, what, data.columns),), (snapshot,))


def _drawn(table: Table, columns: tuple[str, ...], need: Rows) -> str:
    """Order by a hash of what makes a row different from every other, and take the first."""
    engine = table.engine
    names = ", ".join(engine.quote(name) for name in columns)
    if table.numbered is not None:
        relation, row = table.numbered
        order = engine.row_hash([row], need.seed)
        return f"SELECT {names} FROM {relation} ORDER BY {order} LIMIT {need.n}"
    # no row numbers: rows that are equal in everything are numbered among themselves
    content = engine.row_hash([engine.text(engine.quote(name)) for name in table.columns], need.seed)
    inner = f"SELECT {names}, {content} AS ombud_h FROM {table.relation}"
    number = "row_number() OVER (PARTITION BY ombud_h ORDER BY ombud_h)"
    twins = f"SELECT {names}, ombud_h, {number} AS ombud_t FROM ({inner}) a"
    order = engine.row_hash(["ombud_h", "ombud_t"], need.seed)
    return f"SELECT {names} FROM ({twins}) b ORDER BY {order}, ombud_t LIMIT {need.n}"
