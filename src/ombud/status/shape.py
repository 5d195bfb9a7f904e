"""Whether a signed statement has the shape that status reads. One that has not does not count, and stops nothing.

A signature says who spoke, not that what was said makes sense. A statement without sense, by whoever may sign, must not
be able to break the status of a system, nor to be read the wrong way round.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from ombud.evidence.entry import Entry

Shape = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _anything(value: Any) -> bool:
    return isinstance(value, object)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _fraction(value: Any) -> bool:
    try:
        return isinstance(value, str) and Fraction(value) is not None
    except (ValueError, ZeroDivisionError):
        return False


def _one_of(*values: Any) -> Shape:
    return lambda value: value in values


def _maybe(shape: Shape) -> Shape:
    return lambda value: value is None or shape(value)


def _list_of(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list | tuple) and all(shape(one) for one in value)


def _map_of(shape: Shape) -> Shape:
    return lambda value: isinstance(value, Mapping) and all(_text(k) and shape(one) for k, one in value.items())


def _whole(low: int, high: int) -> Shape:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _record(wanted: Mapping[str, Shape], optional: Mapping[str, Shape]) -> Shape:
    def shaped(value: Any) -> bool:
        if not isinstance(value, Mapping):
            return False
        has_all = all(name in value and shape(value[name]) for name, shape in wanted.items())
        return has_all and all(shape(value[name]) for name, shape in optional.items() if name in value)

    return shaped


_MEASUREMENT: Final = _record(
    {"name": _text},
    {
        "value": _maybe(_number), "exact": _maybe(_fraction), "low": _maybe(_number), "high": _maybe(_number),
        "level": _number, "p_value": _maybe(_number), "p_raw": _maybe(_number), "n": _whole(0, 10**15),
        "detectable": _maybe(_number), "scale": _one_of("ratio", "difference", "plain"), "method": _text,
        "protected": _maybe(_text), "group": _maybe(_text), "reference": _maybe(_text),
        "counts": _map_of(_whole(0, 10**15)), "unknown": _maybe(_text), "notes": _list_of(_text),
    },
)  # fmt: skip
_LIMIT: Final = _record(
    {"check": _text, "measurement": _text, "op": _one_of(">=", "<="), "value": _fraction},
    {"borrowed_from": _maybe(_text), "protected": _maybe(_text)},
)
_SETTINGS: Final = _record(
    {},
    {
        "approvals": _whole(1, 9), "set": _list_of(_text), "assessed_share": _fraction, "on_uncertain": _text,
        "max_age_days": _map_of(_whole(0, 10**6)),
    },
)  # fmt: skip
_ABOUT_A_NUMBER: Final = {"protected": _maybe(_text), "group": _maybe(_text), "release": _maybe(_text)}

SHAPES: Final[Mapping[str, Shape]] = {
    "declaration": _record(
        {},
        {
            "facts": _map_of(_list_of(_text)), "policy": _list_of(_LIMIT), "settings": _SETTINGS,
            "checks": _list_of(_text), "release": _maybe(_text),
        },
    ),
    "measurement": _record(
        {"check": _text, "measurements": _list_of(_MEASUREMENT)},
        {
            "asks": _text, "release": _maybe(_text), "unmet": _maybe(_text), "about": _maybe(_list_of(_text)),
            "inputs": _list_of(_record({}, {"table": _maybe(_map_of(_anything))})),
            "parameters": _map_of(_anything), "left_out": _whole(0, 10**15),
        },
    ),
    "attestation": _record({"item": _text}, {"expires": _maybe(_instant)}),
    "approval": _record({"release": _text}, {}),
    "waiver": _record({"target": _text, "expires": _instant}, {"reason": _text, "release": _maybe(_text)}),
    "justification": _record({"check": _text, "measurement": _text, "reason": _text}, _ABOUT_A_NUMBER),
    "release": _record({"release": _text, "parts": _map_of(_maybe(_text))}, {}),
    "break-glass": _record({"release": _text, "until": _instant}, {"reason": _text}),
}  # fmt: skip
"""What status and gate read of each kind; kinds that are not here are not read by them."""


def well_shaped(log: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that status may read."""
    return tuple(entry for entry in log if _readable(entry))


def _readable(entry: Entry) -> bool:
    shape = SHAPES.get(entry.statement.kind)
    return shape is None or shape(entry.statement.predicate)
