"""The words that a manifest's values are made of: how each kind of text is read, and what an editor is told of it.

Every value arrives as text (see `yaml_lines`); a field's type says what is made of it, so nothing is guessed.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ombud.errors import Misused
from ombud.system.duration import Duration
from ombud.system.places import PLACES, nearest_place

_YES: Final = frozenset(("yes", "true", "on"))
_NO: Final = frozenset(("no", "false", "off"))
_FRACTION: Final = re.compile(r"(-?[0-9]{1,18})\s*/\s*([0-9]{1,18})")
_DECIMAL: Final = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,15})?)\s*%")


def words(text: str) -> tuple[str, ...]:
    """The words of a closed list that is written as one line of text."""
    return tuple(text.split())


def wrong(problem: str, nearest: str | None = None) -> PydanticCustomError:
    """What a reader of one value raises: the problem in words, and what was probably meant."""
    return PydanticCustomError("word", "{problem}", {"problem": problem, "nearest": nearest})


def nearest(text: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The closest of the known words, if any is close."""
    by_folded = {word.casefold(): word for word in known}
    close = difflib.get_close_matches(text.casefold()[:80], by_folded, n=1, cutoff=cutoff)
    return by_folded[close[0]] if close else None


def quoted(text: str) -> str:
    """A value as an error may repeat it: short, and fit for a terminal."""
    short = text if len(text) <= 40 else text[:37] + "..."
    return f"'{short}'" if short.isprintable() else ascii(short)


def plain(value: Any) -> str:
    """The text of a scalar, also where it comes from JSON or Python and not from a file.

    Raises:
        PydanticCustomError: there is nothing, a mapping or a list.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float | Fraction | date):
        return str(value)
    raise wrong("is empty; write a value, or leave the key out" if value is None else "must be a single value")


def text(value: Any) -> str:
    """Text that says something: at most 2,000 letters, not only blanks."""
    found = plain(value).strip()
    if not found or len(found) > 2_000:
        raise wrong("is empty" if not found else "is longer than 2,000 letters")
    if any(not (letter.isprintable() or letter == "\n") for letter in found):
        raise wrong("holds control characters")
    return found


def column(value: Any) -> str:
    """The name of a column, exactly as in the table; blanks and any letters may be part of it."""
    found = plain(value)
    if not found or len(found) > 300:
        raise wrong("is no name of a column")
    return found


def exact(value: Any) -> Fraction:
    """An exact number from `4/5`, `0.8`, `80 %` or `1`: the decimal text itself, never a float near it."""
    found = plain(value).strip()
    if ratio := _FRACTION.fullmatch(found):
        if int(ratio[2]) == 0:
            raise wrong(f"{quoted(found)} divides by nought")
        return Fraction(int(ratio[1]), int(ratio[2]))
    if percent := _PERCENT.fullmatch(found):
        return Fraction(percent[1]) / 100
    if not _DECIMAL.fullmatch(found):
        raise wrong(f'{quoted(found)} is not a number; write 0.8, "4/5" or 1')
    return Fraction(found)


def share(value: Any) -> Fraction:
    """An exact number from 0 to 1."""
    found = exact(value)
    if not 0 <= found <= 1:
        raise wrong(f"{quoted(plain(value))} is not a share from 0 to 1")
    return found


def yes_no(value: Any) -> bool:
    """yes or no (also true and false)."""
    found = plain(value).strip().casefold()
    if found not in _YES | _NO:
        raise wrong(f"{quoted(plain(value))} is neither yes nor no")
    return found in _YES


def day(value: Any) -> date:
    """A date as 2026-11-01."""
    found = plain(value).strip()
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", found):
            raise ValueError
        return date.fromisoformat(found)
    except ValueError:
        raise wrong(f"{quoted(found)} is not a date like 2026-11-01") from None


def duration(value: Any) -> Duration:
    """A length of time as 90d, 6m or 10y."""
    try:
        return Duration.parse(plain(value))
    except Misused as error:
        raise wrong(f"{error}; write a number and h, d, w, m or y: 90d, 6m, 10y") from None


def age(value: Any) -> Duration:
    """How long evidence counts: a length of time of whole days or longer."""
    found = duration(value)
    if found.unit == "h":
        raise wrong(f"{quoted(plain(value))}: evidence ages in days; write 1d or more")
    return found


def place(value: Any) -> str:
    """One of the closed list of places."""
    found = plain(value).strip()
    if found not in PLACES:
        raise wrong(
            f"{quoted(found)} is not a place; countries by ISO 3166, EU, UK, US-CA, US-NYC", nearest_place(found)
        )
    return found


def function(value: Any) -> str:
    """A team, a function or the holder of a key: never the name of a person, since declarations are logged."""
    found = text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", found):
        raise wrong("name a function or a key's holder (`dpo`, `lending-team`); names of people stay out of the log")
    return found


def one_of(known: Collection[str], what: str) -> Callable[[Any], str]:
    """A reader that knows a closed list of words."""

    def read(value: Any) -> str:
        found = plain(value).strip()
        if found not in known:
            raise wrong(f"{quoted(found)} is no {what}; known: {' '.join(sorted(known))}", nearest(found, known))
        return found

    return read


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A reader of whole numbers within bounds."""

    def read(value: Any) -> int:
        found = plain(value).strip()
        if not re.fullmatch(r"[0-9]{1,12}", found) or not low <= int(found) <= high:
            raise wrong(f"{quoted(found)} is not a whole number from {low} to {high:,}")
        return int(found)

    return read


def several(value: Any) -> Any:
    """A list; one value alone is a list of one. The same value twice is a mistake."""
    found = value if isinstance(value, list | tuple) else [] if value is None else [value]
    seen: set[str] = set()
    for item in found:
        if isinstance(item, str) and item in seen:
            raise wrong(f"{quoted(item)} stands in the list twice")
        seen.add(str(item))
    return list(found)


def nothing_is_empty(value: Any) -> Any:
    """A key with nothing after it is an empty mapping."""
    return {} if value is None else value


_NUMBER: Final = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9.]+( ?/ ?[0-9]+| ?%)?$"}]}
_SCALAR: Final = {"type": ["string", "number", "boolean"]}

Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": ["string", "number"], "maxLength": 2000})]
Value = Annotated[str, PlainValidator(plain), WithJsonSchema(_SCALAR)]
Column = Annotated[str, PlainValidator(column), WithJsonSchema({"type": ["string", "number"], "maxLength": 300})]
Exact = Annotated[Fraction, PlainValidator(exact), WithJsonSchema(_NUMBER)]
Share = Annotated[Fraction, PlainValidator(share), WithJsonSchema(_NUMBER)]
YesNo = Annotated[bool, PlainValidator(yes_no), WithJsonSchema({"enum": [True, False, "yes", "no"]})]
Day = Annotated[date, PlainValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
Span = Annotated[
    Duration, PlainValidator(duration), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4} ?[hdwmy]$"})
]
Age = Annotated[
    Duration, PlainValidator(age), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4} ?[dwmy]$"})
]
Place = Annotated[str, PlainValidator(place), WithJsonSchema({"type": "string", "enum": sorted(PLACES)})]
Function = Annotated[
    str, PlainValidator(function), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"})
]


class _OneOrMany:
    """A list, of which one value alone is the short form."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(several, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        listed = handler(core)
        return {"anyOf": [listed["items"], listed]}


class _MaybeEmpty:
    """A mapping, of which nothing at all is the short form of an empty one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(nothing_is_empty, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"type": "null"}]}


Several: Final = _OneOrMany()
Mapped: Final = _MaybeEmpty()
