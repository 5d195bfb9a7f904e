"""What somebody is called, as text, whatever type the value has in a table or program.

The same person is 1007 in a database, 1007.0 in a data frame with gaps, and "1007" in a CSV file.
"""

import math
from datetime import date
from decimal import Decimal
from typing import Final

from ombud.errors import Misused

_EXACT: Final = 2**53


def as_text(value: object) -> str | None:
    """The text by which a value names somebody; None where it names nobody (null, NaN, blank).

    Raises:
        Misused: a list, a mapping or the like: nothing that names a person.
    """
    match value:
        case None:
            return None
        case str():
            return value if value.strip() else None
        case float():
            return _of_float(value)
        case Decimal():
            return _of_decimal(value)
        case date():
            return None if value.isoformat() == "NaT" else value.isoformat()  # the "no time" of pandas is a date
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case list() | tuple() | dict() | set():
            raise Misused(f"a {type(value).__name__} names nobody", "The subject column holds one value a row.")
    return _of_other(value)


def _of_other(value: object) -> str | None:
    plain = getattr(value, "item", None)  # a scalar of NumPy or Arrow
    if callable(plain):
        return as_text(plain())
    text = str(int(value)) if isinstance(value, int) else str(value)
    return None if text in ("NaT", "<NA>", "nan", "") else text


def _of_float(value: float) -> str | None:
    if math.isnan(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def _of_decimal(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    whole = value.is_finite() and value == value.to_integral_value()
    return str(int(value)) if whole else format(value.normalize(), "f")
