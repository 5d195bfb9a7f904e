"""Under which laws somebody may have a person look at a decision, and by when the answer is due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ombud.errors import Misused, NotFound
from ombud.evidence.instants import instant
from ombud.law import Pack, load_pack
from ombud.law.calendar import WEEKENDS_ONLY, calendar
from ombud.law.clock import run_clock, zone
from ombud.law.clockrules import clock_rule
from ombud.law.model import certainty_words
from ombud.law.reading import fields, items, mapping, one_of, text
from ombud.law.requests import Said, book
from ombud.law.tree import Node, read_tree
from ombud.law.vocabulary import CERTAINTY, Facts, places


@frozen(kw_only=True)
class ContestLaw:
    """A law that lets somebody have a person look at a decision.

    Attributes:
        key, title, cite, certainty: which, and how sure we are.
        requirement: its row in the law pack; lives: where the people live whom it protects.
        clock: id in law data; None: law sets no number. note: what a reader has to know.
    """

    key: str
    title: str
    requirement: str
    lives: frozenset[str]
    clock: str | None
    cite: str
    certainty: str
    note: str

    @property
    def certainty_words(self) -> str:
        """How it is shown."""
        return certainty_words(self.certainty, None, None)


_NEEDED: Final = ("title", "requirement", "lives", "clock", "cite", "certainty", "note")


@cache
def contest_laws() -> Mapping[str, ContestLaw]:
    """Every such law that comes with Ombud."""
    return {key: _law(key, node) for key, node in mapping(_file()["laws"]).items()}


@cache
def grounds() -> Mapping[str, Said]:
    """The grounds on which a contest may be refused; a closed list."""
    return {key: _ground(key, node) for key, node in mapping(_file()["grounds"]).items()}


@cache
def _file() -> Mapping[str, Node]:
    return fields(read_tree(Path(str(files("ombud.decisions") / "contest_law.yaml"))), ("laws", "grounds"))


def _law(key: str, node: Node) -> ContestLaw:
    found = fields(node, _NEEDED, _NEEDED)
    return ContestLaw(
        key=key, title=text(found["title"]), requirement=text(found["requirement"]),
        lives=frozenset(text(one) for one in items(found["lives"])),
        clock=None if found["clock"].value is None else text(found["clock"]), cite=text(found["cite"]),
        certainty=one_of(found["certainty"], CERTAINTY), note=text(found["note"]),
    )  # fmt: skip


def _ground(key: str, node: Node) -> Said:
    found = fields(node, ("text", "cite", "certainty"), ("text", "cite", "certainty"))
    cite = str(found["cite"].value or "")
    return Said(key=key, text=text(found["text"]), cite=cite, certainty=one_of(found["certainty"], CERTAINTY))


@cache
def built_in_law() -> Pack:
    """The law that comes with Ombud."""
    return load_pack()


def duties(lives: tuple[str, ...], facts: Facts, received: datetime, pack: Pack) -> tuple[Mapping[str, Any], ...]:
    """What each law owes somebody who contests a decision, as the log keeps it.

    Args:
        lives: where the person lives; nobody knows: every law is asked, and none is said to apply for certain.
        facts: what is declared of the system. What nobody declared leaves it open, and the law's clock then runs.
        received: when the contest came in: law is taken as it stood on that day.
        pack: the law.
    """
    home = frozenset[str]().union(*(places(frozenset((one,))) | {one} for one in lives))
    concerned = [law for law in contest_laws().values() if not lives or law.lives & home]
    return tuple(_duty(law, lives, facts, received, pack) for law in concerned)


def _duty(
    law: ContestLaw, lives: tuple[str, ...], facts: Facts, received: datetime, pack: Pack
) -> Mapping[str, Any]:  # fmt: skip
    view = pack.view(received.date(), received.date())
    try:
        told = view.applies(view.requirement(law.requirement), facts)
    except NotFound:
        return {"law": law.key, "applies": "cannot-tell", "rule": "that row of law is not in this pack"}
    later = "not-yet" if told.upcoming else "no"
    applies = {"yes": "yes", "cannot tell": "cannot-tell"}.get(told.applies, later)
    missing = list(told.missing_facts) if applies == "cannot-tell" else []
    if not lives and applies in ("yes", "cannot-tell"):
        applies, missing = "cannot-tell", [*missing, "where the person lives"]
    row: dict[str, Any] = {"law": law.key, "applies": applies, **({"missing": missing} if missing else {})}
    return row | (_time(law, lives, received) if applies in ("yes", "cannot-tell") else {})


def _time(law: ContestLaw, lives: tuple[str, ...], received: datetime) -> dict[str, Any]:
    if law.clock is None:
        return {"rule": "law data holds no number for it"}
    place, days = _place(law, lives)
    try:
        rule = clock_rule(law.clock, received.astimezone(zone(place)).date())
    except Misused as early:
        return {"rule": str(early)}
    result = run_clock(rule, received, place, calendar(days) if days else WEEKENDS_ONLY)
    end = result.ends_at
    if end is None or result.legal is None:
        return {"rule": f"{rule.version}; law sets no number"}
    return {"rule": f"{rule.version}: {rule.length}", "due": result.legal.isoformat()[:10], "timezone": place,
            "end": instant(end - timedelta(microseconds=1))}  # fmt: skip


def _place(law: ContestLaw, lives: tuple[str, ...]) -> tuple[str, str | None]:
    zones = book().zones
    for one in lives:
        if (places(frozenset((one,))) | {one}) & law.lives and one in zones:
            return zones[one]
    return "UTC", None
