"""Values of databases as people read them, as JSON holds them, and as a spreadsheet may safely open them."""

import base64
import math
import re
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Final

from ombud.documents.paper import bounded

_FORMULA: Final = re.compile(r"^[\s\u200b-\u200f\ufeff\x00-\x1f]*[=+\-@＝＋－＠]|^[\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?\d{1,20}([.,]\d{1,20})?")
_LENGTH: Final = re.compile(r"([1-9]\d{0,4})\s?([hdwmy])")
_UNITS: Final = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
LONGEST_SHOWN: Final = 400


def as_text(value: Any) -> str:
    """A value as a reader sees it; a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(bytes(value)):,} bytes (in the file for machines)"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return bounded(str(value), LONGEST_SHOWN)


def in_words(length: str) -> str:
    """A length of time as manifests write it, in words: "10y" is "10 years"; anything else is words already."""
    found = _LENGTH.fullmatch(length.strip())
    return f"{found[1]} {_UNITS[found[2]]}{'' if found[1] == '1' else 's'}" if found else length


def as_json(value: Any) -> Any:
    """A value as JSON: exact; decimals, dates and bytes (Base64) as text; not-a-number as text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, dict):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(one) for one in value]
    return value.value if isinstance(value, Enum) else _plain(value)


def _plain(value: Any) -> str:
    """Anything else as text in which every half of a pair is replaced, so that it can be written in UTF-8."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def as_cell(value: Any) -> str:
    """A value for CSV: as JSON has it, with an apostrophe before what a spreadsheet would take for a formula."""
    plain = as_json(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, (int, float)):
        return str(plain)
    text = str(plain).replace("\0", "")
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
