"""What law asks of an organisation when something went wrong: whom to tell, by which clock, with what in the notice."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from attrs import frozen

from ombud.law.reading import fields, items, mapping, maybe, one_of, text
from ombud.law.requests import Said
from ombud.law.tree import Node, read_tree
from ombud.law.vocabulary import CERTAINTY

RISKS: Final = ("unknown", "unlikely", "likely", "high")


@frozen(kw_only=True)
class NotOwed(Said):
    """A ground on which nothing is owed. risk: it holds only with one of these assessments; empty: with any."""

    risk: tuple[str, ...] = ()


@frozen(kw_only=True)
class Wanted:
    """One thing that a notice says. key: of the note that holds it; asks: what to write; title: its heading."""

    key: str
    asks: str
    title: str


@frozen(kw_only=True)
class Duty:
    """A duty to tell somebody of an incident.

    Attributes:
        key, title, cite: which.
        clock: id in law data; None: law sets no number.
        requirement: row of the law pack that says whose duty it is; None: law outside the pack.
        asks: the fact that would tell whether it applies, where the pack cannot.
        recipient: whom to tell, a code.
        categories: of incidents that start it.
        grounds: on which nothing is owed.
        phases: what law says of notices in phases; None: nothing is known of that.
        wanted: what the notice says; wanted_certainty: how sure we are of that list.
    """

    key: str
    title: str
    cite: str
    clock: str | None
    requirement: str | None
    asks: str
    recipient: str
    categories: frozenset[str]
    grounds: Mapping[str, NotOwed]
    phases: Said | None
    wanted: tuple[Wanted, ...]
    wanted_certainty: str


@cache
def duties() -> Mapping[str, Duty]:
    """Every duty that comes with Ombud, by its key."""
    top = fields(read_tree(Path(str(files("ombud.incidents") / "duties.yaml"))), _TOP, _TOP)
    known = {key: _wanted(key, node) for key, node in mapping(top["fields"]).items()}
    everywhere = _grounds(top["everywhere"])
    return {key: _duty(key, node, known, everywhere) for key, node in mapping(top["duties"]).items()}


_TOP: Final = ("duties", "everywhere", "fields")
_NEEDED: Final = (
    "title", "clock", "requirement", "cite", "recipient", "categories", "not_notifiable", "fields", "fields_certainty",
)  # fmt: skip


def _duty(key: str, node: Node, known: Mapping[str, Wanted], everywhere: Mapping[str, NotOwed]) -> Duty:
    found = fields(node, (*_NEEDED, "phases", "asks"), _NEEDED)
    return Duty(
        key=key, title=text(found["title"]), cite=text(found["cite"]), clock=_text_or_none(found["clock"]),
        requirement=_text_or_none(found["requirement"]), asks=maybe(found, "asks", text, ""),
        recipient=text(found["recipient"]), categories=frozenset(text(one) for one in items(found["categories"])),
        grounds={**_grounds(found["not_notifiable"]), **everywhere},
        phases=maybe(found, "phases", lambda one: _said("", one), None),
        wanted=tuple(known[one_of(one, tuple(known))] for one in items(found["fields"])),
        wanted_certainty=one_of(found["fields_certainty"], CERTAINTY),
    )  # fmt: skip


def _text_or_none(node: Node) -> str | None:
    return None if node.value is None else text(node)


def _grounds(node: Node) -> Mapping[str, NotOwed]:
    return {key: _ground(key, one) for key, one in mapping(node).items()}


_SAID: Final = ("text", "cite", "certainty")


def _ground(key: str, node: Node) -> NotOwed:
    found = fields(node, (*_SAID, "while"), _SAID)
    risk = tuple(one_of(one, RISKS) for one in items(found["while"])) if "while" in found else ()
    return NotOwed(key=key, risk=risk, **_words(found))


def _said(key: str, node: Node) -> Said:
    return Said(key=key, **_words(fields(node, _SAID, _SAID)))


def _words(found: Mapping[str, Node]) -> dict[str, str]:
    cite = str(found["cite"].value or "")
    return {"text": text(found["text"]), "cite": cite, "certainty": one_of(found["certainty"], CERTAINTY)}


def _wanted(key: str, node: Node) -> Wanted:
    found = fields(node, ("asks", "title"), ("asks", "title"))
    return Wanted(key=key, asks=text(found["asks"]), title=text(found["title"]))
