"""What a law owes somebody who asks: its duty, the grounds it lists, the remedies it gives; as objects."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from attrs import field, frozen

from ombud.law.clockrules import Length
from ombud.law.condition import Condition

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
