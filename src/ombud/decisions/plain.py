"""A decision as plain data and as canonical bytes: the one form in which it is spooled, kept and committed to.

What is empty is left out, so that the form can grow without changing the bytes of what was written before.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ombud.decisions.decision import Decision, Human, Value
from ombud.errors import Misused, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.instants import instant
from ombud.store.identity import Identity

MOST_BYTES: Final = 1 << 20
"""A decision takes no more than this; what is larger is no decision."""

_EXACT: Final = 2.0**53
_ALWAYS: Final = ("id", "system", "at")
_TEXTS: Final = ("threshold", "outcome", "release", "model")


def encode(decision: Decision) -> bytes:
    """The canonical bytes of a decision.

    Raises:
        Misused: a value that JSON cannot carry exactly (infinite, of an unknown type), or more than a megabyte.
    """
    content = canonical(plain(decision))
    if len(content) > MOST_BYTES:
        raise Misused("a decision of more than a megabyte is no decision", "Record what it was decided on, no files.")
    return content


def decode(content: bytes, where: str = "decision") -> Decision:
    """The decision of canonical bytes.

    Raises:
        Unreadable: they are not canonical, or are no decision; says nothing of what they hold.
    """
    said = parse(content, where)
    try:
        return from_plain(said)
    except (KeyError, TypeError, ValueError, AttributeError, Misused):
        raise Unreadable(where, "this is not a decision") from None


def plain(decision: Decision) -> dict[str, Any]:
    """A decision as plain data, without what is empty; a number that is none (NaN) is missing."""
    said: dict[str, Any] = {"id": decision.id, "system": decision.system, "at": instant(decision.at)}
    if decision.subject is not None:
        said["subject"] = {"kind": decision.subject.kind, "value": decision.subject.value}
    if decision.score is not None:
        said["score"] = _number(decision.score)
    for name in _TEXTS:
        value = getattr(decision, name)
        if value is not None:
            said[name] = value
    if decision.decided is not None:
        said["decided"] = value_of(decision.decided)
    if decision.inputs:
        said["inputs"] = {name: value_of(value) for name, value in decision.inputs.items()}
    if decision.protected:
        said["protected"] = dict(decision.protected)
    return said | _of_people(decision)


def from_plain(said: Mapping[str, Any]) -> Decision:
    """The decision of plain data."""
    if not said.keys() >= set(_ALWAYS) or not all(isinstance(said[name], str) for name in _ALWAYS):
        raise TypeError
    subject, human, score = said.get("subject"), said.get("human"), said.get("score")
    at = datetime.fromisoformat(said["at"])
    if instant(at) != said["at"]:  # the same time in another spelling would be other bytes of the same decision
        raise ValueError
    return Decision(
        id=said["id"], system=said["system"], at=at,
        subject=Identity(subject["kind"], subject["value"]) if subject else None,
        inputs=said.get("inputs", {}), score=None if score is None else float(score),
        decided=said.get("decided"), protected=said.get("protected", {}),
        human=_human(human) if human else None,
        reasons=tuple(said.get("reasons", ())), notices=tuple(said.get("notices", ())),
        **{name: said.get(name) for name in _TEXTS},
    )  # fmt: skip


def value_of(value: Any) -> Value:
    """A value as it is written: scalars of NumPy as numbers, whole floats as integers, what is no number as missing.

    Raises:
        Misused: it is infinite, or of a type that one cell cannot have; it is not repeated.
    """
    kind = type(value)
    if kind is float:
        return _number(value)
    if kind is str or kind is int or value is None or kind is bool:
        return value  # type: ignore[no-any-return]
    scalar = getattr(value, "item", None)
    if callable(scalar) and not isinstance(value, list | tuple | dict):
        return value_of(scalar())
    if isinstance(value, float | int | str):
        return value_of(kind.__mro__[1](value))  # a subclass, as its plain self
    raise Misused(f"an input of type {kind.__name__} cannot be recorded", "Give a number, a text, true, false or None.")


def _number(value: float) -> float | int | None:
    """The number as canonical JSON writes it anyhow, in the form that is written fastest."""
    number = float(value)
    if math.isnan(number):
        return None
    if math.isinf(number):
        raise Misused("an infinite number cannot be recorded", "Leave it out, or record None where it is missing.")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _of_people(decision: Decision) -> dict[str, Any]:
    """Who of the staff had a hand in it, and what the person was told."""
    said: dict[str, Any] = {}
    if decision.human is not None:
        said["human"] = {"who": decision.human.who, "saw": list(decision.human.saw), "changed": decision.human.changed}
        if decision.human.seconds is not None:
            said["human"]["seconds"] = _number(decision.human.seconds)
    if decision.reasons:
        said["reasons"] = list(decision.reasons)
    if decision.notices:
        said["notices"] = list(decision.notices)
    return said


def _human(said: Mapping[str, Any]) -> Human:
    seconds = said.get("seconds")
    return Human(
        who=said["who"], saw=tuple(said.get("saw", ())), changed=bool(said.get("changed", False)),
        seconds=None if seconds is None else float(seconds),
    )  # fmt: skip
