"""One law file: a framework with its requirements and their history, read and checked entry by entry."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from ombud.law.condition import ALWAYS, Condition, every
from ombud.law.model import Period, Provision, Row, Version
from ombud.law.provision import SAID, said
from ombud.law.reading import condition, day, day_or_none, fields, items, link, mapping, maybe, one_of, text
from ombud.law.tree import Node, read_tree
from ombud.law.vocabulary import BINDING, STATUSES

_ID: Final = re.compile(r"[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9-]+)*")
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FRAMEWORK_NEEDS: Final = ("framework", "title", "cite", "href", "binding", "in_pack_since", "requirements")
_ROW_NEEDS: Final = ("title", "text", "cite", "certainty", "owner", "due")
_VERSION_NEEDS: Final = ("published", "instrument", "status", "applies")


@frozen(kw_only=True)
class Head:
    """The top of a law file: what holds for all of its requirements unless they say otherwise.

    Attributes:
        when: for whom; every requirement's own condition is added to it.
        versions: the history of requirements that give none; None if each has to.
        requirements: id → what stands there.
    """

    name: str
    title: str
    cite: str
    href: str
    binding: str
    in_pack_since: date
    when: Condition
    versions: Node | None
    requirements: Mapping[str, Node]


def read_framework(path: Path) -> tuple[Row, ...]:
    """The requirements of one law file.

    Raises:
        NotFound, Unreadable, Invalid: as `read_tree`; the file, line and key, and the nearest right word.
    """
    head = read_head(read_tree(path))
    return tuple(read_row(id, node, head) for id, node in head.requirements.items())


def read_head(tree: Node) -> Head:
    """The top of a law file already parsed."""
    found = fields(tree, (*_FRAMEWORK_NEEDS, "when", "versions"), _FRAMEWORK_NEEDS)
    name = text(found["framework"])
    if not _NAME.fullmatch(name):
        raise found["framework"].wrong("a framework is named in small letters, digits and hyphens")
    return Head(
        name=name,
        title=text(found["title"]),
        cite=text(found["cite"]),
        href=link(found["href"]),
        binding=one_of(found["binding"], BINDING),
        in_pack_since=day(found["in_pack_since"]),
        when=maybe(found, "when", condition, ALWAYS),
        versions=found.get("versions"),
        requirements=mapping(found["requirements"]),
    )


def read_row(id: str, node: Node, head: Head) -> Row:
    """One requirement with its history."""
    if not _ID.fullmatch(id):
        raise node.wrong("an id is written like GDPR.22.1: a capital first, then letters, digits, hyphens and dots")
    found = fields(node, (*SAID, "versions", "in_pack_since"), _ROW_NEEDS)
    base = Provision(**{"href": head.href, "binding": head.binding, "when": head.when} | _said(found, head))
    if not base.context and base.shown_by is None:
        raise node.wrong("shown_by missing; a row told only for orientation says context: true")
    history = found.get("versions") or head.versions
    if history is None or not items(history):
        raise node.wrong("versions missing, here and at the top of the file")
    since = maybe(found, "in_pack_since", day, head.in_pack_since)
    versions: list[Version] = []
    for entry in items(history):
        versions.append(_version(entry, base, since, versions, head))
    return Row(id=id, framework=head.name, framework_title=head.title, versions=tuple(versions))


def _said(found: Mapping[str, Node], head: Head) -> dict[str, Any]:
    given = said(found)
    return given | {"when": every(head.when, given["when"])} if "when" in given else given


def _version(node: Node, base: Provision, since: date, earlier: list[Version], head: Head) -> Version:
    found = fields(node, (*_VERSION_READ, "corrects", *SAID))
    if "corrects" in found:
        return _correction(found, earlier, head)
    fields(node, found, _VERSION_NEEDS)
    given = _said(found, head)
    return Version(
        provision=evolve(base, **given) if given else base,
        **{"in_pack_since": since} | _dates(found),
    )


def _correction(found: Mapping[str, Node], earlier: list[Version], head: Head) -> Version:
    """What we had wrong, put right: everything that it does not say is taken from the version that it corrects."""
    number = text(found["corrects"])
    if not number.isdecimal() or not 1 <= int(number) <= len(earlier):
        raise found["corrects"].wrong(f"{number!r} is not the number of a version above (the first is 1)")
    if "in_pack_since" not in found:
        raise found["corrects"].wrong("a correction says since when it is in the pack (in_pack_since)")
    wrong = earlier[int(number) - 1]
    provision = evolve(wrong.provision, **_said(found, head))
    return evolve(wrong, provision=provision, corrects=int(number), **_dates(found))


def _dates(found: Mapping[str, Node]) -> dict[str, Any]:
    return {key: read(found[key]) for key, read in _VERSION_READ.items() if key in found}


def _periods(node: Node) -> tuple[Period, ...]:
    return tuple(_period(period) for period in items(node))


def _period(node: Node) -> Period:
    found = fields(node, ("when", "from", "bites", "to", "legacy"), ("from",))
    start = day_or_none(found["from"])
    period = Period(
        when=maybe(found, "when", condition, ALWAYS),
        start=start,
        bites=maybe(found, "bites", day_or_none, start),
        end=maybe(found, "to", day_or_none, None),
        legacy="legacy" in found and bool(one_of(found["legacy"], ("on_design_change",))),
    )
    if period.end and period.start and period.end <= period.start:
        raise found["to"].wrong("ends before it starts (the last day is not counted)")
    if period.bites and period.start and period.bites < period.start:
        raise found["bites"].wrong("cannot bind before it applies")
    return period


_VERSION_READ: Final[dict[str, Any]] = {
    "published": day_or_none,
    "instrument": text,
    "status": lambda node: one_of(node, STATUSES),
    "applies": _periods,
    "effective": day_or_none,
    "in_pack_since": day,
    "note": text,
}
