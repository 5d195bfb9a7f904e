"""What a law pack holds: requirements with their history, and what each needs to be shown."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from ombud.law.condition import ALWAYS, Condition

Kind = Literal["check", "document", "attestation", "process"]
Strength = Literal["direct", "supporting"]
CertaintyCode = Literal["V", "V2", "K+", "K~"]


@frozen
class ShownPart:
    """One thing that helps to show a requirement: which, and whether it shows it or only supports it."""

    kind: Kind
    name: str
    strength: Strength = "supporting"

    @property
    def item(self) -> str:
        """The name that evidence uses: "document:dpia"."""
        return f"{self.kind}:{self.name}"


@frozen
class ShownBy:
    """What shows a requirement: all of the parts, or any one of them."""

    mode: Literal["all_of", "any_of"]
    parts: tuple[ShownPart, ...]


@frozen(kw_only=True)
class Limit:
    """A number that law or official guidance sets for a measurement.

    Attributes:
        check, measurement: what it limits ("fairness.impact_ratio", "impact_ratio").
        op: ">=" (at least) or "<=" (at most).
        value: the limit, exact.
        origin: "law" or "guidance".
        unit: unit of the value; "1" for a pure number.
        since: first day of the limit; None: as long as the version.
    """

    check: str
    measurement: str
    op: Literal[">=", "<="]
    value: Fraction
    origin: Literal["law", "guidance"]
    unit: str = "1"
    since: date | None = None


@frozen(kw_only=True)
class Value:
    """A number in a requirement that no check is judged by: a retention time, a size, an amount.

    Attributes:
        unit: in words; "date" and "month and day" hold text ("2022-01-01", "07-01"), all others a number.
        since: (first day, value) in order of days; a value of None ends the one before it.
    """

    name: str
    unit: str
    origin: Literal["law", "guidance"]
    since: tuple[tuple[date, Fraction | str | None], ...]

    def on(self, day: date) -> Fraction | str | None:
        """The value on a day; None before the first and after the last."""
        return next((value for start, value in reversed(self.since) if start <= day), None)


@frozen(kw_only=True)
class Period:
    """A stretch of time in which a version applies to those who meet a condition.

    Attributes:
        when: condition, beside the requirement's own.
        start: first day on which it formally applies; None: no date is fixed.
        bites: first day on which it can bind anybody (for most, `start`).
        end: first day on which it no longer applies; None: no end is known.
        legacy: a system in use before `bites` is bound only once its design changes significantly on or after it.
    """

    when: Condition = ALWAYS
    start: date | None
    bites: date | None
    end: date | None = None
    legacy: bool = False

    def covers(self, day: date) -> bool:
        """Whether it can bind anybody on a day."""
        return self.bites is not None and self.bites <= day and (self.end is None or day < self.end)


@frozen(kw_only=True)
class Provision:
    """What a version of a requirement says, to whom, and what shows it. Own words; no text of a standard."""

    title: str
    text: str
    cite: str
    href: str
    certainty: CertaintyCode
    binding: str
    owner: str
    due: str
    when: Condition = ALWAYS
    shown_by: ShownBy | None = None
    limits: tuple[Limit, ...] = ()
    values: tuple[Value, ...] = ()
    context: bool = False
    read_by: str | None = None
    read_on: date | None = None


@frozen(kw_only=True)
class Version:
    """A requirement as one instrument left it.

    Attributes:
        provision: what it says.
        published: when the world could know; None: treated as known from the first day that it applies, or, without
            one, since the pack holds it.
        effective: from when it replaces the version before; None: see `history.effective_dates`.
        in_pack_since: since when the law pack holds it.
        corrects: number (from 1) of the version of this row that it replaces, because we had it wrong.
    """

    provision: Provision
    published: date | None
    instrument: str
    status: str
    applies: tuple[Period, ...]
    in_pack_since: date
    effective: date | None = None
    corrects: int | None = None
    note: str = ""

    @property
    def starts(self) -> tuple[date, ...]:
        """The days on which it starts to apply, for anybody, in order."""
        return tuple(sorted(period.start for period in self.applies if period.start))

    @property
    def known_from(self) -> date:
        """The day from which it counts as known."""
        return self.published or next(iter(self.starts), self.in_pack_since)


@frozen(kw_only=True)
class Row:
    """A requirement with everything that was ever released of it. Versions are only ever added, never edited."""

    id: str
    framework: str
    framework_title: str
    versions: tuple[Version, ...]


@frozen(kw_only=True)
class Requirement:
    """A requirement as the law stood on a day, by what was then published: the resolved row of a view.

    Attributes:
        id: as cited everywhere ("GDPR.22.1").
        title, text: in our own words.
        cite, href: the official place and a link to it.
        certainty: V, V2, K+ or K~; see `certainty_words`.
        binding: law, supervisory, standard or principle.
        owner: the role that has to act.
        due: before_use, continuous, on_event or clock.
        when: who it is for.
        shown_by: what shows it; None for a context row.
        limits: those in force on the day.
        values: further numbers, with their history.
        status: proposed, adopted, in_force, deferred, withdrawn, repealed, stayed or never_applied.
        published: None if the date is not recorded.
        applies_from, bites_from, applies_to: over all conditions; for given facts, see `LawView.applies`.
        instrument: the act that made it so.
        in_pack_since: since when the law pack holds it.
        context: told for orientation (fines, repealed law); it has no status.
    """

    id: str
    framework: str
    framework_title: str
    title: str
    text: str
    cite: str
    href: str
    certainty: CertaintyCode
    binding: str
    owner: str
    due: str
    when: Condition
    shown_by: ShownBy | None
    limits: tuple[Limit, ...]
    values: tuple[Value, ...]
    read_by: str | None
    read_on: date | None
    status: str
    published: date | None
    applies_from: date | None
    bites_from: date | None
    applies_to: date | None
    instrument: str
    in_pack_since: date
    context: bool = False
    note: str = ""
    periods: tuple[Period, ...] = field(default=())

    @property
    def certainty_words(self) -> str:
        """How far the row may be trusted: read by a person, not yet read, or not even compared with a text."""
        return certainty_words(self.certainty, self.read_by, self.read_on)

    def parts(self, kind: str) -> tuple[ShownPart, ...]:
        """The parts of one kind that help to show it."""
        return tuple(part for part in self.shown_by.parts if part.kind == kind) if self.shown_by else ()


def certainty_words(certainty: str, read_by: str | None, read_on: date | None) -> str:
    """What is said beside every row: nobody's reading is claimed that did not happen."""
    if read_by:
        return f"read by {read_by} on {read_on}"
    return "not yet read" if certainty == "V" else "not yet read, unchecked"


Rows = Mapping[str, Row]
