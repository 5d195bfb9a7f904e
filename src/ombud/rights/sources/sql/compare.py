"""Values of any type against columns of any type, as SQL: only bound parameters, never a value in the text.

A value that a column cannot hold (a name against an integer) fits nothing. Text of identities is compared exactly,
e-mail addresses without case, telephone numbers by their digits; see `store.identity`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import ColumnElement, and_, cast, false, func, or_, tuple_
from sqlalchemy.types import (
    BINARY,
    VARBINARY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    NullType,
    Numeric,
    SmallInteger,
    String,
    TypeEngine,
    Uuid,
)

from ombud.rights.map.model import Collection
from ombud.rights.sources.matching import Wanted, canonical
from ombud.rights.sources.source import Match, Value
from ombud.rights.sources.sql.structure import Table
from ombud.store.identity import comparable, form_of

TOGETHER: Final = 500
"""How many tuples of values one query asks for."""

_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")
_LARGEST: Final = 2**63 - 1


@frozen(eq=False)
class Question:
    """Some of a selection's values, as one condition.

    Attributes:
        where: the condition.
        wanted: what a row must fit in the end, where SQL cannot tell exactly (blanks, case, accents); else none.
    """

    where: ColumnElement[bool]
    wanted: tuple[Wanted, ...] = ()

    def fits(self, row: Any) -> bool:
        """Whether a row that SQL found is meant."""
        return not self.wanted or any(one.fits(row) for one in self.wanted)


def questions(table: Table, collection: Collection, matches: Sequence[Match]) -> Iterator[Question]:
    """Matches as conditions of bounded length; those that SQL decides exactly apart from the others."""
    loose = [one for one in matches if _loose(table, collection, one)]
    sure = [one for one in matches if one not in loose]
    for part in _parts(sure):
        yield Question(or_(false(), *(_condition(table, one) for one in part)))
    for part in _parts(loose):
        yield Question(or_(false(), *(_condition(table, one) for one in part)), tuple(map(Wanted.of, part)))


def exact(table: Table, collection: Collection, matches: Sequence[Match]) -> bool:
    """Whether SQL alone decides which rows fit."""
    return not any(_loose(table, collection, one) for one in matches)


def _loose(table: Table, collection: Collection, match: Match) -> bool:
    """Identities as text are compared by our rule, not by the column's; whatever else is a key of the database."""
    if len(match.columns) > 1 or not (match.form != "text" or match.columns[0] in collection.identities):
        return False
    kind = table.types.get(match.columns[0])
    return table.dialect == "sqlite" or kind is None or _texts(kind, table.dialect)


def _parts(matches: Sequence[Match]) -> Iterator[list[Match]]:
    part: list[Match] = []
    room = TOGETHER
    for match in matches:
        values: Any = sorted(match.values, key=repr)
        while values:
            taken, values = values[:room], values[room:]
            part.append(evolve(match, values=taken))
            room -= len(taken)
            if room == 0:
                yield part
                part, room = [], TOGETHER
    if part:
        yield part


def _condition(table: Table, match: Match) -> ColumnElement[bool]:
    columns = [table.column(name) for name in match.columns]
    if len(columns) == 1:
        return _single(table, match.columns[0], [values[0] for values in match.values], match.form)
    if table.dialect == "sqlite":
        return among(columns, [values for values in match.values if None not in values], table.dialect)
    kinds = [table.types[name] for name in match.columns]
    rows = {
        row
        for values in match.values
        for row in product(*(coerced(kind, one, table.dialect) for kind, one in zip(kinds, values, strict=True)))
    }
    return among(columns, rows, table.dialect)


def among(
    columns: Sequence[ColumnElement[Any]], rows: Iterable[tuple[Value, ...]], dialect: str
) -> ColumnElement[bool]:
    """Columns that hold one of some tuples; an empty value stands for an empty column."""
    whole = [row for row in rows if None not in row]
    holes = [row for row in rows if None in row]
    found = [and_(*(c.is_(None) if v is None else c == v for c, v in zip(columns, row, strict=True))) for row in holes]
    if whole and len(columns) == 1:
        found.append(columns[0].in_([row[0] for row in whole]))
    elif whole and dialect in ("postgresql", "mysql", "mariadb", "sqlite"):
        found.append(tuple_(*columns).in_(whole))
    else:
        found += [and_(*(c == v for c, v in zip(columns, row, strict=True))) for row in whole]
    return or_(false(), *found)


def _single(table: Table, name: str, values: Sequence[Value], form: str) -> ColumnElement[bool]:
    column, kind = table.column(name), table.types[name]
    # what has no digit at all is no telephone number, and must not find all those that are empty
    values = [one for one in values if form == "text" or not isinstance(one, str) or comparable(form, one)]
    spelled = {one for value in values for one in _spellings(value, form)}
    typed = {typed for one in spelled for typed in coerced(kind, one, table.dialect)}
    found: ColumnElement[bool] = column.in_(sorted(typed, key=repr)) if typed else false()
    if form == "text" or not _texts(kind, table.dialect):
        return found
    return or_(found, _folded(table, column, values, form))


def _texts(kind: TypeEngine[Any], dialect: str) -> bool:
    return (
        dialect == "sqlite" or (isinstance(kind, String) and not isinstance(kind, Enum)) or isinstance(kind, NullType)
    )


def _folded(table: Table, column: ColumnElement[Any], values: Sequence[Value], form: str) -> ColumnElement[bool]:
    """Without case, or by digits, as far as each database can; what it finds is compared once more afterwards."""
    given = [value for value in values if isinstance(value, str)]
    right = sorted({comparable(form, one) for one in given})
    if table.dialect == "sqlite":
        return func.ombud_form(form, column).in_(right)
    plain = [one for one in given if "\0" not in one]
    if form == "email":
        lower = {
            two for one in plain for two in (one.strip().lower(), comparable(form, one), comparable(form, one).lower())
        }
        return func.lower(cast(column, String) if isinstance(column.type, NullType) else column).in_(sorted(lower))
    digits = sorted({one for value in right for one in _digits(value)})
    flags = ("g",) if table.dialect == "postgresql" else ()
    return func.regexp_replace(column, "[^0-9]", "", *flags).in_(digits) if digits else false()


def _digits(number: str) -> set[str]:
    """How the digits of a telephone number may stand in a column: an international one also with 00 before it."""
    digits = re.sub(r"[^0-9]", "", number)
    return {digits, f"00{digits}"} if number.startswith("+") else {digits}


def _spellings(value: Value, form: str) -> set[Value]:
    if not isinstance(value, str):
        return {value}
    plain = value.strip()
    found = {value, plain, unicodedata.normalize("NFC", plain), unicodedata.normalize("NFD", plain)}
    return {*found, comparable(form, value)} if form != "text" else found


def coerced(kind: TypeEngine[Any], value: Value, dialect: str) -> tuple[Value, ...]:
    """A value as a column's type can hold it: none, one, or (SQLite, whose columns hold anything) several."""
    if value is None:
        return ()
    if dialect == "sqlite":
        return tuple(_as_anything(kind, value))
    if isinstance(kind, Enum):
        return (value,) if value in (kind.enums or ()) else ()
    for types, read in _READERS:
        if isinstance(kind, types):
            return read(kind, value)
    return (value,)


def _as_anything(kind: TypeEngine[Any], value: Value) -> Iterator[Value]:
    text = canonical(value) if not isinstance(value, str) else value
    number = int(text) if text is not None and _WHOLE.fullmatch(text) and abs(int(text)) <= _LARGEST else None
    if number is not None:
        yield number
    if isinstance(kind, Integer) and isinstance(value, str):
        return  # SQLite would read "042" in an integer column as 42, which is another identity
    if isinstance(value, (bytes, bytearray, memoryview)):
        yield bytes(value)
    elif isinstance(value, float):
        yield value
    elif isinstance(value, UUID):
        yield from (str(value), value.hex, value.bytes)
    elif text is not None:
        yield from (text, text.encode("utf-8"))


def _integer(kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    text = str(int(value)) if isinstance(value, bool) else canonical(value) or ""
    if not _WHOLE.fullmatch(text):
        return ()
    bits = 64 if isinstance(kind, BigInteger) else 16 if isinstance(kind, SmallInteger) else 32
    bits += 1 if getattr(kind, "unsigned", False) else 0
    return (int(text),) if -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1) else ()


def _number(_kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return (value,)
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return ()
    return (found,) if found.is_finite() and abs(found.adjusted()) < 100 else ()


def _uuid(kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    try:
        found = value if isinstance(value, UUID) else UUID(str(value).strip())
    except ValueError:
        return ()
    return (found if getattr(kind, "as_uuid", True) else str(found),)


def _bytes(_kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return (bytes(value),)
    return (value.bytes,) if isinstance(value, UUID) else (str(value).encode("utf-8"),)


def _boolean(_kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    return (value,) if isinstance(value, bool) else ()


def _date(_kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    if isinstance(value, (date, datetime)):
        return (value,)
    try:
        return (date.fromisoformat(str(value)),)
    except ValueError:
        return ()


def _moment(_kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    if isinstance(value, (date, datetime)):
        return (value,)
    try:
        return (datetime.fromisoformat(str(value)),)
    except ValueError:
        return ()


def _text(_kind: TypeEngine[Any], value: Value) -> tuple[Value, ...]:
    text = value if isinstance(value, str) else canonical(value) or ""
    return (text,) if "\0" not in text else ()


_READERS: Final = (
    (Boolean, _boolean),
    (Integer, _integer),
    (Numeric, _number),
    (Uuid, _uuid),
    ((LargeBinary, BINARY, VARBINARY), _bytes),
    (DateTime, _moment),
    (Date, _date),
    (String, _text),
)


def kind_of(collection: Collection, column: str) -> str:
    """How a column's text is compared: by the kind of identity in it."""
    return form_of(collection.identities.get(column, "text"))
