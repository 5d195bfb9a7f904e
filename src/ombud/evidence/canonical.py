"""One canonical form for whatever is hashed or signed: JSON as RFC 8785 writes it.

Reading is as strict as writing: bytes that are JSON but not in this one form are refused, so that two readers can
never understand different things by the same digest.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import rfc8785

from ombud.errors import Misused, Unreadable

VERSION: Final = 1
"""Version of the encoding. Digests of version 1 are RFC 8785 and will be read for ever; another gets another number."""

_SAFE_INTEGER: Final = 2**53
_PLACE: Final = re.compile(r'"\\u0000([0-9]+)\\u0000"')
"""The place of a rare number, as it stands in a text."""

_LEAST_PLAIN: Final = 1e-4
"""From here on Python writes a float that is not whole without an exponent."""


def canonical(obj: Any, version: int = VERSION) -> bytes:
    """The canonical bytes of plain data: mappings with text keys, sequences, text, numbers, booleans, None.

    Raises:
        Misused: something that JSON cannot carry exactly (a fraction, a date, NaN, an integer of 2^53 or more).
    """
    if version != VERSION:
        raise Misused(f"there is no canonical encoding of version {version}")
    try:
        rare: list[object] = []
        text = _WRITE.encode(_plain(obj, rare))
        if _beyond_first_plane(text):
            return rfc8785.dumps(_plain(obj, None))
        return text.encode() if not rare else _with_rare(text, rare) or rfc8785.dumps(_plain(obj, None))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Misused(f"this cannot be written as canonical JSON: {error}") from None


def digest(obj: Any, version: int = VERSION) -> str:
    """SHA-256 over the canonical bytes, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical(obj, version)).hexdigest()


def parse(data: bytes, where: str = "JSON") -> Any:
    """Read canonical bytes back; everything else, even JSON of the same meaning, is refused.

    Raises:
        Unreadable: not JSON, JSON in another form, or nested too deeply.
    """
    try:
        text = data.decode("utf-8")
        obj, same = (None, False) if _has_rarities(text) else _quickly(text)
        if not same:
            obj, same = _slowly(data)
    except (ValueError, RecursionError, Misused):
        raise Unreadable(where, "these bytes are not JSON, or not JSON that can be carried exactly") from None
    if not same:
        raise Unreadable(where, "this is JSON, but not in canonical form (RFC 8785)")
    return obj


def _has_rarities(text: str) -> bool:
    """Whether it holds text that Python and RFC 8785 may write differently."""
    return "\\u" in text or _beyond_first_plane(text)


def _beyond_first_plane(text: str) -> bool:
    """Whether keys could sort otherwise in UTF-16 than by code point."""
    return not text.isascii() and max(text) >= "\ud800"


def _quickly(text: str) -> tuple[Any, bool]:
    """Compare with what Python writes, which is the canonical form where no rare number occurs."""
    obj = _READ.decode(text)
    return obj, _no_rare_number(obj) and _WRITE.encode(obj) == text


def _no_rare_number(obj: Any) -> bool:
    """Whether Python writes every number that was read as RFC 8785 does."""
    if isinstance(obj, float):
        return not obj.is_integer() and abs(obj) >= _LEAST_PLAIN
    if isinstance(obj, int):
        return abs(obj) < _SAFE_INTEGER
    if isinstance(obj, dict):
        return all(map(_no_rare_number, obj.values()))
    return not isinstance(obj, list) or all(map(_no_rare_number, obj))


def _slowly(data: bytes) -> tuple[Any, bool]:
    obj = json.loads(data.decode("utf-8"), parse_int=_integer, parse_constant=_refuse)
    return obj, canonical(obj) == data


def _with_rare(text: str, rare: Sequence[object]) -> bytes | None:
    """The text with its rare numbers in their places, as RFC 8785 writes them; None if a text looks like a place.

    A few rare numbers (a very small p-value) are no reason to write a long statement the slow way.
    """
    if len(_PLACE.findall(text)) != len(rare):
        return None
    return _PLACE.sub(lambda found: rfc8785.dumps(rare[int(found[1])]).decode(), text).encode()  # type: ignore[arg-type]


def _plain(obj: Any, rare: list[object] | None) -> Any:
    """Dictionaries, lists and scalars only; numbers that Python writes otherwise than RFC 8785 go into `rare`.

    Such a number leaves a text in its place that says which one it is; with None, the number itself stays.
    """
    if isinstance(obj, str) or obj is None or isinstance(obj, bool):
        return obj
    if isinstance(obj, Mapping):
        return {_key(key): _plain(value, rare) for key, value in obj.items()}
    if isinstance(obj, int):
        return obj if abs(obj) < _SAFE_INTEGER else _noted(obj, rare)
    if isinstance(obj, float):
        return obj if _written_alike(repr(obj)) else _noted(obj, rare)
    if isinstance(obj, Sequence) and not isinstance(obj, bytes | bytearray | memoryview):
        return [_plain(item, rare) for item in obj]
    raise Misused(f"a value of type {type(obj).__name__} has no canonical form; write it as text or a number first")


def _noted(number: object, rare: list[object] | None) -> object:
    if rare is None:
        return number
    rare.append(number)
    return f"\0{len(rare) - 1}\0"


def _written_alike(literal: str) -> bool:
    """Whether RFC 8785 writes this float as Python does: no exponent, no whole number, not NaN or infinity."""
    return "e" not in literal and "n" not in literal and not literal.endswith(".0")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise Misused(f"a key of type {type(key).__name__} has no canonical form; keys are text")
    return key


def _integer(literal: str) -> int | float:
    """Integers beyond 2^53 are floats that happen to be whole."""
    value = int(literal)
    return value if abs(value) < _SAFE_INTEGER else float(literal)


def _refuse(literal: str) -> None:
    raise ValueError(f"{literal} is not JSON")


_READ: Final = json.JSONDecoder(parse_constant=_refuse)
_WRITE: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
