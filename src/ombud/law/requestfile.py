"""Reading requests.yaml: duties, clocks, grounds and remedies of each law, with mistakes told by file and line."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ombud.law.calendar import calendars
from ombud.law.clockrules import clock_rules, read_length
from ombud.law.condition import ALWAYS
from ombud.law.duties import LAWS, RIGHTS, RULES, Book, Duty, Ground, Regime, Said
from ombud.law.reading import condition, day, fields, items, link, mapping, maybe, one_of, text
from ombud.law.tree import Node, nearest, read_tree
from ombud.law.vocabulary import CERTAINTY, EEA

T = TypeVar("T")


def read_requests(path: Path) -> Book:
    """Duties, grounds and remedies from a file.

    Raises:
        NotFound, Unreadable, Invalid: with file and line.
    """
    needed = ("read_by", "read_on", "places", "laws")
    top = fields(read_tree(path), needed, needed)
    return Book(
        laws={key: _law(_named(key, node, LAWS), node) for key, node in mapping(top["laws"]).items()},
        zones={place: _zone(node) for place, node in mapping(top["places"]).items()},
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _zone(node: Node) -> tuple[str, str | None]:
    found = fields(node, ("timezone", "calendar"), ("timezone",))
    return text(found["timezone"]), maybe(found, "calendar", lambda one: one_of(one, calendars()), None)


def _law(key: str, node: Node) -> Regime:
    needed = ("title", "href", "since", "lives", "scope", "duties", "refuse", "keep", "remedies", "rules")
    found = fields(node, (*needed, "established", "when"), needed)
    since = day(found["since"])
    return Regime(
        law=key,
        title=text(found["title"]),
        href=link(found["href"]),
        since=since,
        scope=_said("scope", found["scope"]),
        lives=_places(found["lives"]),
        established=maybe(found, "established", _places, frozenset()),
        when=maybe(found, "when", condition, ALWAYS),
        duties=_each(found["duties"], RIGHTS, lambda right, one: _duty(key, right, since, one)),
        refuse=_each(found["refuse"], None, _ground),
        keep=_each(found["keep"], None, _ground),
        remedies=_each(found["remedies"], None, _said),
        rules=_each(found["rules"], RULES, _said),
    )


def _places(node: Node) -> frozenset[str]:
    named = frozenset(text(one) for one in items(node))
    return named | EEA if "EEA" in named else named | {"GB"} if "UK" in named else named


def _each(node: Node, words: tuple[str, ...] | None, read: Callable[[str, Node], T]) -> dict[str, T]:
    return {key: read(_named(key, one, words) if words else key, one) for key, one in mapping(node).items()}


def _named(key: str, node: Node, words: tuple[str, ...]) -> str:
    if key not in words:
        raise node.wrong(f"{key!r} is not among the words allowed here", nearest(key, words))
    return key


def _said(key: str, node: Node) -> Said:
    needed = ("text", "cite", "certainty")
    found = fields(node, needed, needed)
    return Said(
        key=key, text=text(found["text"]), cite=text(found["cite"]), certainty=one_of(found["certainty"], CERTAINTY)
    )


def _ground(key: str, node: Node) -> Ground:
    needed = ("text", "cite", "certainty")
    found = fields(node, (*needed, "types", "within"), needed)
    types = maybe(found, "types", lambda one: frozenset(one_of(right, RIGHTS) for right in items(one)), None)
    return Ground(
        key=key, text=text(found["text"]), cite=text(found["cite"]), certainty=one_of(found["certainty"], CERTAINTY),
        types=frozenset(RIGHTS) if types is None else types, within=maybe(found, "within", read_length, None),
    )  # fmt: skip


def _duty(law: str, right: str, since: date, node: Node) -> Duty:
    needed = ("requirement", "cite", "certainty", "clock", "ends", "identity", "fee")
    more = ("acknowledge", "refusal", "points", "declaration", "notes", "since")
    found = fields(node, (*needed, *more), needed)
    ends: Any = one_of(found["ends"], ("told", "done"))
    identity: Any = one_of(found["identity"], ("required", "if-doubted", "not-required"))
    return Duty(
        law=law,
        right=right,
        requirement=None if found["requirement"].value is None else text(found["requirement"]),
        cite=text(found["cite"]),
        certainty=one_of(found["certainty"], CERTAINTY),
        clock=_clock(found["clock"]),
        acknowledge=maybe(found, "acknowledge", _clock, None),
        refusal=maybe(found, "refusal", _clock, None),
        ends=ends,
        identity=identity,
        points=maybe(found, "points", _points, {}),
        declaration=maybe(found, "declaration", text, ""),
        fee=_said("fee", found["fee"]),
        notes=maybe(found, "notes", lambda listed: tuple(text(one) for one in items(listed)), ()),
        since=maybe(found, "since", day, since),
    )


def _clock(node: Node) -> str | None:
    return None if node.value is None else one_of(node, tuple({rule.id for rule in clock_rules()}))


def _points(node: Node) -> dict[str, int]:
    found = fields(node, ("categories", "pieces"))
    numbers = {name: text(one) for name, one in found.items()}
    for name, number in numbers.items():
        if not (number.isdecimal() and 1 <= int(number) <= 10):
            raise found[name].wrong("is not a number of data points")
    return {name: int(number) for name, number in numbers.items()}
