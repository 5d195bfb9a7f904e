"""After the transaction: a query of its own, in a new one, holds against what was planned what is really there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field
from sqlalchemy import Connection, func, select

from ombud.rights.map.model import Collection
from ombud.rights.sources.matching import canonical
from ombud.rights.sources.source import Match, Value
from ombud.rights.sources.sql.act import Act
from ombud.rights.sources.sql.compare import exact, questions
from ombud.rights.sources.sql.read import rows, stream
from ombud.rights.sources.sql.row import AT_ONCE, Fate, Key, Row, keyed
from ombud.rights.sources.sql.structure import Structure, Table


@define
class Seen:
    """What a new search finds in one collection.

    Attributes:
        left: rows that it finds, without those that hold nothing of the person any more.
        unexplained: those of them of which nobody decided that they stay, and masked ones that are not masked.
    """

    left: int = 0
    unexplained: int = 0


@define(eq=False)
class Check:
    """Holds what was done against the database.

    Attributes:
        structure: the database, in a new transaction.
        act: what was done.
    """

    structure: Structure
    act: Act
    _now: dict[Any, Row] = field(factory=dict)

    def of(self, connection: Connection, address: str, matches: Sequence[Match]) -> Seen:
        """What is left of the person in a collection."""
        collection = self.act.plan.person.collection(address)
        table = self.structure.of(collection)
        staying = self._staying(table, address)
        seen = Seen()
        for found in rows(connection, table, collection, matches, table.telling):
            row = staying.get(_key(found[name] for name in table.telling))
            if row is None:
                seen.left += 1
                seen.unexplained += 1
            elif row.fate is not Fate.MASK:
                seen.left += 1
        wrong = sum(not one for one in self._clean(connection, table, list(staying.values())))
        seen.left += wrong
        seen.unexplained += wrong
        return seen

    def _staying(self, table: Table, address: str) -> dict[Key, Row]:
        mine = self.act.plan.person.rows.get(table.name, {})
        return {_key(row.at): row for row in mine.values() if not row.going and address in row.collections}

    def _clean(self, connection: Connection, table: Table, staying: list[Row]) -> Iterator[bool]:
        """Whether each row that stays holds what was written into it."""
        changed = {_key(row.at): row for row in staying if self.act.written.get(row)}
        keys = [row.at for row in changed.values()]
        names = list(table.types)
        for start in range(0, len(keys), AT_ONCE):
            query = select(*(table.column(name) for name in names)).where(keyed(table, keys[start : start + AT_ONCE]))
            for values in stream(connection, query):
                found = dict(zip(names, values, strict=True))
                row = changed.get(_key(found[name] for name in table.telling))
                if row is not None:
                    yield self._holds(found, self.act.written[row])

    def _holds(self, found: Mapping[str, Value], written: Mapping[str, Value]) -> bool:
        return all(_same(found[name], value) for name, value in written.items())


def _key(values: Iterable[Value]) -> Key:
    return tuple(_hashed(one) for one in values)


def _hashed(value: Value) -> Value:
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    return repr(value) if isinstance(value, (dict, list)) else value


def _same(found: Value, written: Value) -> bool:
    if found is None or written is None or isinstance(written, (dict, list)):
        return bool(found == written)
    if isinstance(written, bool) or isinstance(found, bool):
        return bool(found) == bool(written)
    if isinstance(written, (bytes, bytearray)):
        return bytes(found).rstrip(b"\0") == bytes(written).rstrip(b"\0")
    return found == written or canonical(str(found)) == canonical(str(written))


def counted(connection: Connection, table: Table, collection: Collection, matches: Sequence[Match]) -> int:
    """How many rows fit, by the database's own counting where it alone decides."""
    asked = list(questions(table, collection, matches))
    if len(asked) == 1 and exact(table, collection, matches):
        query = select(func.count()).select_from(table.clause).where(asked[0].where)
        return int(connection.execute(query).scalar_one())
    return sum(1 for _ in rows(connection, table, collection, matches, table.telling))
