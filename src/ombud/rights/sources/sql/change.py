"""Setting columns of the person's rows: a rectification, or a mark that they are restricted."""

from collections.abc import Sequence

from attrs import evolve
from sqlalchemy import Connection, select, update

from ombud.errors import Misused
from ombud.rights.map.model import Collection
from ombud.rights.sources.matching import canonical
from ombud.rights.sources.source import Change, Match, Outcome, State, Value
from ombud.rights.sources.sql.compare import coerced
from ombud.rights.sources.sql.errors import BROKEN, VIEW, SourceFailed
from ombud.rights.sources.sql.read import rows, stream
from ombud.rights.sources.sql.refusal import Refused, refusing
from ombud.rights.sources.sql.row import Row, chunks, keyed, these
from ombud.rights.sources.sql.structure import Structure, Table


def changed(connection: Connection, structure: Structure, change: Change, matches: Sequence[Match]) -> list[Row]:
    """Change the person's rows; answers those that were changed, for the verification.

    Raises:
        Misused: a value is not of its column's type.
        SourceFailed: the table or a column is not there, or the database refuses.
    """
    collection = _collection(structure, change)
    table = structure.of(collection)
    if table.view:
        raise SourceFailed(change.collection, *VIEW)
    values = typed(table, change)
    found = _meant(connection, table, collection, change, matches)
    for part in chunks(found):
        set_ = {table.column(name): value for name, value in values.items()}
        try:
            with refusing():
                connection.execute(update(table.clause).where(these(table, part)).values(set_))
        except Refused:
            raise SourceFailed(change.collection, *BROKEN) from None
        for row in part:
            row.moved(table, values)
    return found


def typed(table: Table, change: Change) -> dict[str, Value]:
    """The new values as the columns hold them.

    Raises:
        Misused: one is not of its column's type; the value is not repeated.
    """
    return {name: _typed(table, name, value) for name, value in change.values.items()}


def _typed(table: Table, name: str, value: Value) -> Value:
    table.column(name)
    if value is None or (table.dialect == "sqlite" and not isinstance(value, str)):
        return value
    kind = table.types[name]
    found = coerced(kind, value, table.dialect)
    if not found:
        what = f"the new value of {table.name[1]}.{name} is not of the column's type"
        raise Misused(what, "Write it as the column has it.")
    return found[0]


def _collection(structure: Structure, change: Change) -> Collection:
    return next(one for one in structure.spec.collections if one.address == change.collection)


def _meant(
    connection: Connection, table: Table, collection: Collection, change: Change, matches: Sequence[Match]
) -> list[Row]:
    """The person's rows in which the columns still hold what they should."""
    where = dict(change.where or {})
    for name in where:
        table.column(name)
    names = tuple(dict.fromkeys((*table.telling, *where, *change.values)))
    found = []
    for values in rows(connection, table, collection, matches, names, connection.dialect.name != "sqlite"):
        if all(canonical(values[name]) == canonical(old) for name, old in where.items()):
            found.append(Row(table.name, tuple(values[name] for name in table.telling), values))
    return found


def verified(connection: Connection, structure: Structure, change: Change, found: list[Row]) -> Outcome:
    """What a new transaction sees of the change."""
    table = structure.of(_collection(structure, change))
    wanted = {name: canonical(value) for name, value in typed(table, change).items()}
    right = 0
    for part in chunks(found):
        query = select(*(table.column(name) for name in wanted)).where(keyed(table, [row.at for row in part]))
        for values in stream(connection, query):
            right += all(canonical(one) == new for one, new in zip(values, wanted.values(), strict=True))
    left = max(0, len(found) - right)
    done = Outcome(collection=change.collection, state=State.NOTHING, found=len(found), masked=right, left=left)
    if left:
        return evolve(done, state=State.FAILED, because=f"{left} rows do not hold the new value.")
    return evolve(done, state=State.CHANGED) if found else done
