"""From nodes of a law file to values: each reader takes a node and returns a value, or raises `Invalid` at its line."""

import re
from collections.abc import Callable, Collection
from datetime import date
from fractions import Fraction
from typing import TypeVar

from ombud.law.condition import ALWAYS, All, Any_, Condition, Dated, Is, Not
from ombud.law.tree import Node, nearest
from ombud.law.vocabulary import DATE_FACTS, FACTS

T = TypeVar("T")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,12})?(/\d{1,12})?")
_OPEN_VALUES = {
    "jurisdiction": re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?"),
    "establishment": re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?"),
    "exempt": re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?:[a-z0-9-]+"),
    "adopted": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
}
MAX_TEXT = 2_000


def fields(node: Node, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, Node]:
    """The entries of a mapping with known keys only."""
    found = mapping(node)
    for key, value in found.items():
        if key not in allowed:
            raise value.wrong("no such key here", nearest(key, tuple(allowed)))
    missing = [key for key in required if key not in found]
    if missing:
        raise node.wrong(f"{', '.join(missing)} missing")
    return found


def mapping(node: Node) -> dict[str, Node]:
    """The entries of a mapping."""
    if not isinstance(node.value, dict):
        raise node.wrong("expected entries of the form key: value")
    return node.value


def items(node: Node) -> list[Node]:
    """The entries of a list."""
    if not isinstance(node.value, list):
        raise node.wrong("expected a list")
    return node.value


def text(node: Node) -> str:
    """A sentence or name in printable characters, on one line."""
    if not isinstance(node.value, str) or not node.value.strip():
        raise node.wrong("expected text")
    words = " ".join(node.value.split())
    if not words.isprintable():
        raise node.wrong("holds characters that cannot be printed")
    if len(words) > MAX_TEXT:
        raise node.wrong(f"longer than {MAX_TEXT} characters")
    return words


def one_of(node: Node, words: Collection[str]) -> str:
    """One of a closed list of words."""
    word = text(node)
    if word not in words:
        close = nearest(word, tuple(words))
        listed = "" if close else f" Allowed: {', '.join(sorted(words))}."
        raise node.wrong(f"{word!r} is not among the words allowed here.{listed}", close)
    return word


def day(node: Node) -> date:
    """A date, YYYY-MM-DD."""
    written = text(node)
    try:
        if not _DAY.fullmatch(written):
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise node.wrong(f"{written!r} is not a date; write it as 2026-11-23") from None


def day_or_none(node: Node) -> date | None:
    """A date, or null."""
    return None if node.value is None else day(node)


def exact(node: Node) -> Fraction:
    """An exact number: "4/5", "0.8", "6"."""
    written = text(node)
    if not _NUMBER.fullmatch(written) or re.fullmatch(r".*/0+", written) or ("." in written and "/" in written):
        raise node.wrong(f'{written!r} is not a number; write "4/5", "0.8" or "6"')
    return Fraction(written)


def truth(node: Node) -> bool:
    """true or false."""
    return one_of(node, ("true", "false")) == "true"


def link(node: Node) -> str:
    """An https address."""
    address = text(node)
    if not re.fullmatch(r"https://[^\s\"'<>]+", address):
        raise node.wrong(f"{address!r} is not an https:// address")
    return address


def maybe(found: dict[str, Node], key: str, read: Callable[[Node], T], default: T) -> T:
    """What a reader makes of an entry; the default where there is none."""
    return read(found[key]) if key in found else default


def condition(node: Node) -> Condition:
    """A condition: `fact: [values]`, `all`, `any`, `not`; several entries side by side all have to hold."""
    if node.value is None:
        return ALWAYS
    found = mapping(node)
    parts = tuple(_entry(key, value) for key, value in found.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _entry(key: str, node: Node) -> Condition:
    if key == "not":
        return Not(condition(node))
    if key in ("all", "any"):
        parts = tuple(condition(part) for part in items(node))
        if not parts:
            raise node.wrong("an empty list says nothing")
        return All(parts) if key == "all" else Any_(parts)
    if key not in FACTS:
        raise node.wrong("no such fact", nearest(key, (*FACTS, "all", "any", "not")))
    return _dated(key, node) if isinstance(node.value, dict) else _is(key, node)


def _dated(fact: str, node: Node) -> Dated:
    if fact not in DATE_FACTS:
        raise node.wrong("is not a date; give a list of values")
    found = fields(node, ("from", "before"))
    if not found:
        raise node.wrong("give from, before, or both")
    return Dated(fact, maybe(found, "from", day, None), maybe(found, "before", day, None))


def _is(fact: str, node: Node) -> Is:
    values = tuple(_value(fact, value) for value in items(node))
    if not values:
        raise node.wrong("an empty list says nothing")
    return Is(fact, values)


def _value(fact: str, node: Node) -> str:
    allowed = FACTS[fact]
    if allowed is not None:
        return one_of(node, allowed)
    if fact in DATE_FACTS:
        return one_of(node, ("never",))
    written = text(node)
    if not _OPEN_VALUES[fact].fullmatch(written):
        raise node.wrong(f"{written!r} is not of the form that {fact} has")
    return written
