"""What a row or a version says, read key by key: words, conditions, what shows it, limits and values."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import itemgetter
from typing import Any, Final

from attrs import fields_dict

from ombud.law.model import Limit, Provision, ShownBy, ShownPart, Value
from ombud.law.reading import (
    condition,
    day,
    day_or_none,
    exact,
    fields,
    items,
    link,
    mapping,
    maybe,
    one_of,
    text,
    truth,
)
from ombud.law.tree import Node, nearest
from ombud.law.vocabulary import BINDING, CALENDAR_UNITS, CERTAINTY, CHECKS, DUE, ORIGINS, OWNERS, PARTS, STRENGTHS

_CHECK: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def said(found: Mapping[str, Node]) -> dict[str, Any]:
    """The fields of `Provision` that the entries give; entries that are not its fields are passed over."""
    given = {key: _READ[key](node) for key, node in found.items() if key in _READ}
    if given.get("context") and given.get("shown_by"):
        raise found["shown_by"].wrong("a context row is shown by nothing")
    if ("read_by" in found) != ("read_on" in found):
        raise found["read_by" if "read_by" in found else "read_on"].wrong("read_by and read_on belong together")
    return given


def _shown_by(node: Node) -> ShownBy:
    found = fields(node, ("all_of", "any_of"))
    if len(found) != 1:
        raise node.wrong("give either all_of or any_of")
    ((mode, listed),) = found.items()
    parts = tuple(_part(part) for part in items(listed))
    if not parts:
        raise listed.wrong("an empty list shows nothing")
    if len({part.item for part in parts}) != len(parts):
        raise listed.wrong("names the same thing twice")
    return ShownBy("all_of" if mode == "all_of" else "any_of", parts)


def _part(node: Node) -> ShownPart:
    found = fields(node, (*PARTS, "strength"), ("strength",))
    kinds = [kind for kind in found if kind in PARTS]
    if len(kinds) != 1:
        raise node.wrong(f"name one thing: {', '.join(PARTS)}")
    (kind,) = kinds
    name = check_name(found[kind]) if kind == "check" else one_of(found[kind], PARTS[kind])
    strength: Any = one_of(found["strength"], STRENGTHS)
    return ShownPart(kind, name, strength)  # type: ignore[arg-type]


def check_name(node: Node) -> str:
    """The name of a check: one of ours, or a plug-in's; what looks like a slip of ours is refused."""
    name = text(node)
    if name in CHECKS:
        return name
    close = nearest(name, CHECKS) if _CHECK.fullmatch(name) else None
    if close and sum(a != b for a, b in zip(name, close, strict=False)) + abs(len(name) - len(close)) > 3:
        close = None
    if close or not _CHECK.fullmatch(name):
        raise node.wrong(f"no check is called {name!r}", close)
    return name


def _limits(node: Node) -> tuple[Limit, ...]:
    return tuple(_limit(limit) for limit in items(node))


def _limit(node: Node) -> Limit:
    needed = ("check", "measurement", "op", "value", "origin")
    found = fields(node, (*needed, "unit", "since"), needed)
    op: Any = one_of(found["op"], (">=", "<="))
    origin: Any = one_of(found["origin"], ORIGINS)
    return Limit(
        check=check_name(found["check"]),
        measurement=text(found["measurement"]),
        op=op,
        value=exact(found["value"]),
        origin=origin,
        unit=maybe(found, "unit", text, "1"),
        since=maybe(found, "since", day_or_none, None),
    )


def _values(node: Node) -> tuple[Value, ...]:
    return tuple(_number(key, value) for key, value in mapping(node).items())


def _number(name: str, node: Node) -> Value:
    found = fields(node, ("unit", "since", "origin"), ("unit", "since", "origin"))
    history = mapping(found["since"])
    if not history:
        raise found["since"].wrong("a value needs the day since when it holds")
    read: Callable[[Node], Fraction | str] = text if text(found["unit"]) in CALENDAR_UNITS else exact
    steps = sorted(
        (
            (day(_named(written, value)), None if value.value is None else read(value))
            for written, value in history.items()
        ),
        key=itemgetter(0),
    )
    origin: Any = one_of(found["origin"], ORIGINS)
    return Value(name=name, unit=text(found["unit"]), origin=origin, since=tuple(steps))


def _named(key: str, value: Node) -> Node:
    """The key of an entry as a node of its own."""
    return Node(key, value.path, value.line, value.key)


def _reader(node: Node) -> str | None:
    return None if node.value is None else text(node)


_READ: Final[dict[str, Any]] = {
    "title": text, "text": text, "cite": text, "href": link, "when": condition, "shown_by": _shown_by,
    "limits": _limits, "values": _values, "context": truth, "read_by": _reader, "read_on": day_or_none,
    "certainty": lambda node: one_of(node, CERTAINTY),
    "binding": lambda node: one_of(node, BINDING),
    "owner": lambda node: one_of(node, OWNERS),
    "due": lambda node: one_of(node, DUE),
}  # fmt: skip
SAID: Final = tuple(_READ)

assert set(SAID) == set(fields_dict(Provision))
