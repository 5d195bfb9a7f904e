"""What law owes people who ask something of an organisation: duties, clocks, grounds and remedies, as data."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from attrs import evolve, field, frozen

from ombud.errors import Misused
from ombud.law.calendar import calendars
from ombud.law.clockrules import Length, clock_rules, read_length
from ombud.law.condition import ALWAYS, Condition
from ombud.law.reading import condition, day, fields, items, link, mapping, maybe, one_of, text
from ombud.law.tree import Node, nearest, read_tree
from ombud.law.vocabulary import CERTAINTY, EEA, Facts, places

T = TypeVar("T")

RIGHTS: Final = (
    "access", "portability", "erasure", "rectification", "restriction", "objection", "opt-out-sale",
    "opt-out-decisions", "limit-sensitive", "withdraw-consent",
)  # fmt: skip
"""What people ask for. A closed list."""

LAWS: Final = ("gdpr", "uk-gdpr", "ccpa", "colorado")
"""Under which law they ask. A closed list."""

RULES: Final = ("agents", "minors", "deceased", "repeated")

Identity = Literal["required", "if-doubted", "not-required"]
Ends = Literal["told", "done"]


@frozen(kw_only=True)
class Said:
    """Something that a law says, in our words. No person has read the official text for it yet.

    Attributes:
        key: its name on the closed list; text: in one sentence; cite: the provision; certainty: as in the sheets.
    """

    key: str = ""
    text: str
    cite: str
    certainty: str

    @property
    def certainty_words(self) -> str:
        """How it is shown."""
        return "not yet read" if self.certainty == "V" else "not yet read, unchecked"

    def to_json(self) -> dict[str, str]:
        """For programs."""
        return {"key": self.key, "text": self.text, "cite": self.cite, "certainty": self.certainty_words}


@frozen(kw_only=True)
class Ground(Said):
    """A ground.

    Attributes:
        types: the rights against which it may be held.
        within: it holds only if the same was denied to the person that shortly before; None: it asks for nothing.
    """

    types: frozenset[str] = frozenset(RIGHTS)
    within: Length | None = None


@frozen(kw_only=True)
class Duty:
    """What a law owes somebody who asks for one thing.

    Attributes:
        right: what is asked for; law: whose duty it is.
        requirement: id in the law pack; None: it is not there.
        cite, certainty: the provision, and how sure we are of it.
        clock: id of the clock of the answer; None: law, or our sheets, set no number.
        acknowledge, refusal: ids of the clocks of the confirmation and of a refusal; None: there is none.
        ends: the answer's clock ends when the person was told, or when it was done.
        identity: whether identity has to be shown.
        points: what is asked for ("categories", "pieces") → data points that have to match, where law says so.
        declaration: for what a declaration signed by the person is needed as well; "" for nothing.
        fee: what may be charged.
        since: the first day of the duty.
    """

    law: str
    right: str
    requirement: str | None
    cite: str
    certainty: str
    clock: str | None
    acknowledge: str | None = None
    refusal: str | None = None
    ends: Ends
    identity: Identity
    points: Mapping[str, int] = field(factory=dict)
    declaration: str = ""
    fee: Said
    notes: tuple[str, ...] = ()
    since: date

    @property
    def certainty_words(self) -> str:
        """How it is shown."""
        return "not yet read" if self.certainty == "V" else "not yet read, unchecked"


@frozen(kw_only=True)
class Regime:
    """A law as it holds for somebody.

    Attributes:
        law, title, href: which.
        since: the first day on which this file knows it.
        scope: whom it concerns.
        lives, established, when: the conditions; see requests.yaml.
        on: the day that is asked about.
        missing: facts of the organisation that nobody declared; without them the law is taken as applying.
        because: why it is taken as applying.
        timezone, calendar: whose days and holidays its clocks count by default; calendar None: weekends alone.
    """

    law: str
    title: str
    href: str
    since: date
    scope: Said
    lives: frozenset[str]
    established: frozenset[str]
    when: Condition
    duties: Mapping[str, Duty] = field(repr=False)
    refuse: Mapping[str, Ground] = field(repr=False)
    keep: Mapping[str, Ground] = field(repr=False)
    remedies: Mapping[str, Said] = field(repr=False)
    rules: Mapping[str, Said] = field(repr=False)
    on: date = date.min
    missing: frozenset[str] = frozenset()
    because: str = ""
    timezone: str = "UTC"
    calendar: str | None = None

    def duty(self, right: str) -> Duty | None:
        """What it owes somebody who asks for this; None if nothing, or not yet on the day."""
        duty = self.duties.get(right)
        return duty if duty and duty.since <= self.on else None

    def not_yet(self, right: str) -> date | None:
        """From which later day on it will owe it; None if it never will, or does already."""
        duty = self.duties.get(right)
        return duty.since if duty and duty.since > self.on else None

    def grounds_to_refuse(self, right: str) -> tuple[Ground, ...]:
        """The closed list of grounds on which it lets this be refused."""
        return tuple(ground for ground in self.refuse.values() if right in ground.types)

    def grounds_to_keep(self, right: str) -> tuple[Ground, ...]:
        """The closed list of grounds on which it lets data be kept or left out though the request is granted."""
        return tuple(ground for ground in self.keep.values() if right in ground.types)


@frozen(kw_only=True)
class Book:
    """The file: laws by key, and where days are counted by default; digest: SHA-256 of its bytes."""

    laws: Mapping[str, Regime]
    zones: Mapping[str, tuple[str, str | None]]
    digest: str


@cache
def book() -> Book:
    """What comes with Ombud."""
    return read_requests(Path(str(files("ombud.law") / "requests.yaml")))


def regimes(residence: str, facts: Facts, on: date) -> tuple[Regime, ...]:
    """The laws under which somebody can ask something of an organisation.

    Args:
        residence: where the person lives ("DE", "US-CA").
        facts: what the organisation declared: establishment, role, ccpa_threshold. A fact that nobody declared leaves
            it open; the law is then taken as applying, and `missing` says what would tell.
        on: the day of the request.

    Raises:
        Misused: that is no place.
    """
    if not (2 <= len(residence) <= 7 and residence.replace("-", "").isalnum() and residence.isupper()):
        raise Misused("that is no place to live", "Write it as DE, GB or US-CA.")
    found = (_holds(regime, residence, facts, on) for regime in book().laws.values())
    return tuple(regime for regime in found if regime)


def _holds(regime: Regime, residence: str, facts: Facts, on: date) -> Regime | None:
    lives = bool(places(frozenset((residence,))) & regime.lives) or residence.split("-")[0] in regime.lives
    seats = facts.get("establishment", frozenset())
    seated = sorted(seats & regime.established) or sorted(places(seats) & regime.established)
    truth = regime.when.evaluate(facts)
    if on < regime.since or truth.holds is False or not (lives or seated):
        return None
    home = residence if lives else seated[0]
    timezone, days = book().zones.get(home) or book().zones.get(home.split("-")[0]) or ("UTC", None)
    because = f"the person lives in {residence}" if lives else f"the organisation is established in {seated[0]}"
    return evolve(regime, on=on, missing=truth.missing, because=because, timezone=timezone, calendar=days)


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
