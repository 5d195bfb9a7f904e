"""What a value is called once it is counted: one text form, whichever engine or file it came from.

Grouping happens on the raw values, inside the engine; their names are made here, on the few cells that come back.
"""

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any

from ombud.statistics.cube import Level

_WHOLE = re.compile(r"([+-]?)0*([0-9]+?)(?:\.0*)?")
_EXACT_FLOAT = 2**53


def level(value: Any) -> Level:
    """The name of a value: None for null and NaN, "1" for 1, 1.0 and True, ISO form for dates, text as it is."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return str(int(value))
    if isinstance(value, float):
        return _of_float(value)
    if isinstance(value, Decimal):
        return None if value.is_nan() else _of_decimal(value)
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)


def _of_float(value: float) -> Level:
    if math.isnan(value):
        return None
    whole = value.is_integer() and abs(value) < _EXACT_FLOAT
    return str(int(value)) if whole else repr(value)


def _of_decimal(value: Decimal) -> str:
    if value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    return repr(float(value))


def meant(text: str) -> str:
    """What a declared value means: `true` and `1.0` mean the same as `1`, so that YAML, CSV and Parquet agree."""
    stripped = text.strip()
    if stripped.lower() in ("true", "false"):
        return "1" if stripped.lower() == "true" else "0"
    whole = _WHOLE.fullmatch(stripped)
    if whole is None:
        return stripped
    sign = "-" if whole[1] == "-" and whole[2] != "0" else ""
    return sign + whole[2]
