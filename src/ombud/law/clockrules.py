"""The clocks that law starts, as data: what starts them, how long they run, what stops them."""

from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from attrs import field, frozen

from ombud.errors import Misused, NotFound
from ombud.law.reading import day, fields, items, mapping, maybe, one_of, text
from ombud.law.tree import Node, nearest, read_tree
from ombud.law.vocabulary import CERTAINTY

Unit = Literal["months", "weeks", "days", "business_days", "hours", "years"]
UNITS: Final = ("months", "weeks", "days", "business_days", "hours", "years")
Roll = Literal["next_working_day", "shown", "none"]


@frozen
class Length:
    """A stretch of time in one unit of law: a month is a calendar month, a day in hours is not."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        unit = self.unit.replace("_", " ")
        return f"{self.amount} {unit[:-1] if self.amount == 1 else unit}"


@frozen(kw_only=True)
class Extension:
    """How a clock may be prolonged, once.

    Attributes:
        length: how much.
        total: counted from the start; else added to the first length.
        notice: within which the person has to be told, with reasons, from the start; None: within the first length.
    """

    length: Length
    total: bool
    notice: Length | None = None

    def __str__(self) -> str:
        said = f"to {self.length} in total" if self.total else f"by {self.length}"
        return f"{said}, with notice and reasons inside {self.notice or 'the first period'}"


@frozen(kw_only=True)
class ClockRule:
    """How one clock counts, since a day.

    Attributes:
        id, title, starts: which clock, and the event that starts it.
        requirement: id in the law pack; None for a clock of law outside it.
        since: first day of this rule of counting: its version.
        length: None where law sets no number ("without undue delay").
        pauses: grounds on which it may stand still.
        roll: what happens if the last day is no working day.
        back: counted back from the event.
        counting: how, and by which rule, in words.
    """

    id: str
    title: str
    starts: str
    requirement: str | None
    since: date
    length: Length | None
    extension: Extension | None = None
    pauses: tuple[str, ...] = ()
    roll: Roll = "none"
    back: bool = False
    counting: str = ""
    note: str = ""
    certainty: str = field(default="K~")

    @property
    def version(self) -> str:
        """What a clock keeps of its rule."""
        return f"{self.id} since {self.since}"

    @property
    def in_hours(self) -> bool:
        """Whether it runs by the clock on the wall, not by days."""
        return self.length is not None and self.length.unit == "hours"


@cache
def clock_rules() -> tuple[ClockRule, ...]:
    """Every version of every clock that comes with Ombud."""
    return read_clocks(Path(str(files("ombud.law") / "clocks.yaml")))


def clock_rule(id: str, day: date) -> ClockRule:
    """The rule of a clock that started on a day.

    Raises:
        NotFound: no such clock.
        Misused: the clock did not exist yet on that day.
    """
    versions = [rule for rule in clock_rules() if rule.id == id]
    if not versions:
        names = tuple(sorted({rule.id for rule in clock_rules()}))
        close = nearest(id, names)
        meant = f"Did you mean {close}? " if close else ""
        raise NotFound("clock", id, f"{meant}`ombud law clocks` lists them.")
    current = [rule for rule in versions if rule.since <= day]
    if not current:
        raise Misused(f"the clock {id} starts nothing before {versions[0].since}", "Check the date of the event.")
    return max(current, key=lambda rule: rule.since)


def read_clocks(path: Path) -> tuple[ClockRule, ...]:
    """Clock rules from a file.

    Raises:
        NotFound, Unreadable, Invalid: with file and line.
    """
    top = fields(read_tree(path), ("clocks",), ("clocks",))
    return tuple(rule for id, node in mapping(top["clocks"]).items() for rule in _clock(id, node))


def _clock(id: str, node: Node) -> list[ClockRule]:
    needed = ("requirement", "title", "starts", "versions")
    found = fields(node, needed, needed)
    given = {
        "id": id,
        "title": text(found["title"]),
        "starts": text(found["starts"]),
        "requirement": None if found["requirement"].value is None else text(found["requirement"]),
    }
    return [_rule(version, given) for version in items(found["versions"])]


def _rule(node: Node, given: dict[str, Any]) -> ClockRule:
    needed = ("since", "length", "roll", "counting", "certainty")
    found = fields(node, (*needed, "extension", "pauses", "direction", "note"), needed)
    roll: Any = one_of(found["roll"], ("next_working_day", "shown", "none"))
    rule = ClockRule(
        **given,
        since=day(found["since"]),
        length=read_length(found["length"]),
        extension=maybe(found, "extension", _extension, None),
        pauses=maybe(found, "pauses", lambda listed: tuple(text(one) for one in items(listed)), ()),
        roll=roll,
        back=maybe(found, "direction", lambda node: one_of(node, ("back",)), "") == "back",
        counting=text(found["counting"]),
        note=maybe(found, "note", text, ""),
        certainty=one_of(found["certainty"], CERTAINTY),
    )
    if rule.pauses and rule.length and rule.length.unit in ("hours", "business_days"):
        raise found["pauses"].wrong("a clock in hours or business days that stands still is not known to law")
    return rule


def _extension(node: Node) -> Extension:
    found = fields(node, ("adds", "total", "notice"))
    if ("adds" in found) == ("total" in found):
        raise node.wrong("give either adds or total")
    length = read_length(found.get("adds") or found["total"])
    if length is None:
        raise node.wrong("an extension has a length")
    return Extension(length=length, total="total" in found, notice=maybe(found, "notice", read_length, None))


def read_length(node: Node) -> Length | None:
    """A length as law files write it, {months: "1"}; None for null."""
    if node.value is None:
        return None
    found = fields(node, UNITS)
    if len(found) != 1:
        raise node.wrong(f"give one of {', '.join(UNITS)}")
    ((unit, number),) = found.items()
    amount = text(number)
    if not amount.isdecimal() or not 1 <= int(amount) <= 10_000:
        raise number.wrong(f"{amount!r} is not a whole number from 1 on")
    kind: Any = unit
    return Length(int(amount), kind)
