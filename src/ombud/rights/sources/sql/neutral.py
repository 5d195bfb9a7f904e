"""What is written in the place of a personal value in a row that has to stay.

First what the map says, then nothing, then values of the column's type that say nothing. A database may refuse some by
its rules, so there are several, the next tried when one is refused. Words and numbers in a CHECK rule are tried last.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from attrs import frozen
from sqlalchemy.types import (
    BINARY,
    JSON,
    VARBINARY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Time,
    TypeEngine,
    Uuid,
)

from ombud.rights.sources.source import Value
from ombud.rights.sources.sql.compare import coerced
from ombud.rights.sources.sql.structure import Table

Tokens = Callable[[int], bytes]
"""Random bytes of a length."""

MARK: Final = "erased-"
"""How a token in the place of an identity begins."""

_WORD: Final = re.compile(r"'((?:[^']|'')*)'")
_FIGURE: Final = re.compile(r"(?<![\w.'])-?\d{1,9}(?![\w.'])")


@frozen
class Candidate:
    """A value that could be written.

    Attributes:
        make: makes it; for a column in which no two rows may be equal, another one each time.
        each: whether it is another one each time.
    """

    make: Callable[[], Value]
    each: bool = False


def candidates(table: Table, column: str, mask: str | None, tokens: Tokens, key: bool = False) -> tuple[Candidate, ...]:
    """Values for a column, the best first.

    Args:
        mask: what the map wants; None where it says nothing.
        key: it identifies the row: neither the map's word nor nothing will do.
    """
    kind, dialect = table.types[column], table.dialect
    unique = key or table.unique(column)
    found: list[Candidate] = []
    if not key:
        if mask is not None:
            found += [Candidate(_constant(one)) for one in _read(kind, mask, dialect)[:1]]
        if column in table.nullable:
            found.append(Candidate(_constant(None)))
    random = [Candidate(one, True) for one in _random(kind, dialect, tokens)]
    plain = [Candidate(_constant(one)) for one in _plain(kind, dialect)]
    found += random if unique else [*random[:1], *plain] if _textual(kind) else plain
    found += [Candidate(_constant(one)) for rule in table.checks for one in _named(kind, rule, dialect)]
    return tuple(found) if unique or not _textual(kind) else (*found, *random[1:])


def _constant(value: Value) -> Callable[[], Value]:
    return lambda: value


def _textual(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, String) and not isinstance(kind, Enum)


def _read(kind: TypeEngine[Any], written: str, dialect: str) -> tuple[Value, ...]:
    if isinstance(kind, Boolean):
        return (written.strip().lower() in ("true", "yes", "1"),)
    if isinstance(kind, JSON):
        return (written,)
    if dialect == "sqlite" and _textual(kind):
        return (written,)
    return coerced(kind, written, dialect)


def _named(kind: TypeEngine[Any], rule: str, dialect: str) -> Iterator[Value]:
    """Values that a rule itself names, as in CHECK (sex IN ('f', 'm'))."""
    words = [word.replace("''", "'") for word in _WORD.findall(rule)] if not _numeric(kind) else []
    figures = _FIGURE.findall(_WORD.sub("", rule)) if _numeric(kind) else []
    for one in dict.fromkeys([*words, *figures]):
        yield from _read(kind, one, dialect)[:1]


def _numeric(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, (Integer, Numeric, Float))


def _plain(kind: TypeEngine[Any], dialect: str) -> tuple[Value, ...]:
    if isinstance(kind, Enum):
        return tuple(kind.enums)
    raw = dialect == "sqlite"
    for types, values in _PLAIN:
        if isinstance(kind, types):
            return tuple(_raw(one) if raw else one for one in values)
    return ("", 0, b"")


def _raw(value: Value) -> Value:
    """As SQLite keeps it."""
    if isinstance(value, (date, datetime, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return int(value) if isinstance(value, (bool, Decimal)) else value


_PLAIN: Final[tuple[tuple[Any, tuple[Value, ...]], ...]] = (
    (Boolean, (False, True)),
    (Integer, (0, 1, -1)),
    (Numeric, (Decimal(0), Decimal(1), Decimal(-1))),
    (DateTime, (datetime(1900, 1, 1), datetime(1970, 1, 2), datetime(2000, 1, 1))),  # noqa: DTZ001
    (Date, (date(1900, 1, 1), date(1970, 1, 1), date(2000, 1, 1))),
    (Time, (time(0, 0),)),
    (Uuid, (UUID(int=0),)),
    ((LargeBinary, BINARY, VARBINARY), (b"", b"\0")),
    (JSON, ({}, [])),
    (String, ("erased", "-", "", "0", "x", "X", "erased@erased.invalid", "0000000000", "1900-01-01")),
)


def _random(kind: TypeEngine[Any], dialect: str, tokens: Tokens) -> tuple[Callable[[], Value], ...]:
    if isinstance(kind, Enum):
        return ()
    if isinstance(kind, Integer):
        return _numbers(_bits(kind), tokens)
    if isinstance(kind, Numeric):
        return _numbers(min(31, int((getattr(kind, "precision", None) or 9) * 3)), tokens)
    if isinstance(kind, Uuid):
        return (lambda: _uuid(kind, dialect, tokens),)
    if isinstance(kind, (LargeBinary, BINARY, VARBINARY)):
        return (lambda: tokens(16), lambda: tokens(4))
    if isinstance(kind, (DateTime, Date)):
        return (lambda: _day(kind, dialect, tokens),)
    return _texts(kind, tokens)


def _bits(kind: TypeEngine[Any]) -> int:
    return 15 if isinstance(kind, SmallInteger) else 62 if isinstance(kind, BigInteger) else 31


def _numbers(bits: int, tokens: Tokens) -> tuple[Callable[[], Value], ...]:
    """Negative first: a sequence will never come upon them."""

    def number() -> int:
        return int(int.from_bytes(tokens(8)) % (2**bits - 2) + 1)

    return (lambda: -number(), number, lambda: number() % 32_000 + 1)


def _uuid(kind: TypeEngine[Any], dialect: str, tokens: Tokens) -> Value:
    found = UUID(bytes=tokens(16), version=4)
    return str(found) if dialect == "sqlite" or not getattr(kind, "as_uuid", True) else found


def _day(kind: TypeEngine[Any], dialect: str, tokens: Tokens) -> Value:
    day = date.fromordinal(date(1800, 1, 1).toordinal() + int.from_bytes(tokens(4)) % 36_500)
    found = datetime(day.year, day.month, day.day) if isinstance(kind, DateTime) else day  # noqa: DTZ001
    return _raw(found) if dialect == "sqlite" else found


def _texts(kind: TypeEngine[Any], tokens: Tokens) -> tuple[Callable[[], Value], ...]:
    room = getattr(kind, "length", None) or 255

    def mark() -> str:
        token = MARK + tokens(8).hex()
        return token if len(token) <= room else tokens(room).hex()[:room]

    def mail() -> str:
        return f"{MARK}{tokens(6).hex()}@erased.invalid"[-room:]

    def digits() -> str:
        return str(10**11 + int.from_bytes(tokens(8)) % (9 * 10**11))[-room:]

    return (
        mark,
        mail,
        lambda: tokens(4).hex()[:room],
        digits,
        lambda: tokens(1).hex()[:room],
        lambda: tokens(1).hex()[0],
    )
