"""Human involvement over a period: which element of it is on record for how many decisions, measured, signed and kept.

What is on record is what can be shown. It is no proof that somebody thought; and what is not on record is not shown,
which is not the same as that it did not happen.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from ombud import __version__
from ombud.decisions.contest_law import built_in_law
from ombud.decisions.contest_reviewers import staff_alias
from ombud.decisions.oversight import (
    HASTY,
    SMALLEST,
    NeverDisagreed,
    Tally,
    as_measurement,
    figures,
    looked_at_alone,
    never_disagreed,
)
from ombud.decisions.oversight_tally import Progress, tally
from ombud.errors import Misused
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant
from ombud.evidence.statement import Statement, Subject
from ombud.statistics.measurement import Measurement
from ombud.store.workspace import Workspace
from ombud.system.spec import System

CHECK: Final = "oversight.human_involvement"
ASKS: Final = "Do people take part in decisions, and what shows it?"
LAWS: Final = ("CCR.7001.e", "GDPR.22.1")

ELEMENTS: Final = ("reads-output", "other-information", "may-change")
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "reads-output": (
        "the reviewer knows how to read the output and use it",
        "training is on record for the reviewer at the time of the decision",
    ),
    "other-information": (
        "the reviewer looked at the output and at other information",
        "the decision's record names both among what the reviewer saw",
    ),
    "may-change": (
        "the reviewer has the authority to change the decision",
        "somebody else had put that on record before the decision",
    ),
}
"""The three elements in 11 CCR § 7001(e), in our words, and what shows each here."""


@frozen(kw_only=True)
class Element:
    """One element of human involvement. shown: in how many reviewed decisions it is on record; of: of how many."""

    key: str
    shown: int
    of: int

    @property
    def is_shown(self) -> bool:
        """Whether it is on record for every reviewed decision, and there was one."""
        return 0 < self.of == self.shown

    @property
    def words(self) -> str:
        """The element."""
        return WORDS[self.key][0]

    @property
    def by(self) -> str:
        """What shows it."""
        return WORDS[self.key][1]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"element": self.key, "says": self.words, "shown_by": self.by, "shown": self.shown, "of": self.of}


@frozen(kw_only=True)
class Overseen:
    """What a period shows.

    Attributes:
        system, start, end: of what; hasty: seconds below which a review is counted as short.
        tally: the counts; measurements: the figures; never: reviewers who never came to another outcome.
        elements: the three of human involvement; entry: the signed statement.
    """

    system: str
    start: datetime
    end: datetime
    hasty: int
    tally: Tally
    measurements: tuple[Measurement, ...]
    never: tuple[NeverDisagreed, ...]
    elements: tuple[Element, ...]
    entry: Entry

    @property
    def conclusion(self) -> str:
        """shown: every decision of the period has all elements on record; not-shown: some lack one.

        cannot-tell: none was made, or rows of the system's own table could not be read.
        """
        if self.tally.whole < self.tally.decisions:
            return "not-shown"
        return "shown" if self.tally.decisions and not self.tally.left_out else "cannot-tell"

    def measurement(self, name: str) -> Measurement:
        """One figure by its name."""
        return next(one for one in self.measurements if one.name == name)

    @property
    def laws(self) -> tuple[str, ...]:
        """The provisions that ask for it, with how sure we are of them; which share is enough, none of them says."""
        rows = built_in_law().view(self.end.date(), self.end.date())
        found = (rows.requirement(one) for one in LAWS)
        return tuple(f"{row.id}, {row.cite} ({row.certainty}, {row.certainty_words})" for row in found)


def oversee(
    workspace: Workspace, system: System, start: datetime, end: datetime, holder: str, *, hasty: int = HASTY,
    progress: Progress | None = None,
) -> Overseen:  # fmt: skip
    """Measure a period, sign what came out, and keep it.

    Args:
        workspace: log, store, clock, keys; system: which; start, end: from when on and before when.
        holder: whose key signs; hasty: seconds below which a review is counted as short; progress: told the count.

    Raises:
        Misused: the period ends before it begins, or in the future.
        Refused: the holder may not sign measurements.
    """
    if not start < end <= workspace.context.clock.now():
        raise Misused("a period begins before it ends, and has ended", "Check --since and --until.")
    counted = tally(workspace, system, start, end, progress)
    measured, never = figures(counted, hasty), never_disagreed(counted)
    elements = _elements(counted)
    of_one = tuple(as_measurement(one, staff_alias(workspace, one.who)) for one in never)
    said = {
        "check": CHECK, "asks": ASKS, "about": [instant(start), instant(end)], "system": system.name, "inputs": [],
        "parameters": {"hasty_seconds": hasty, "smallest": SMALLEST}, "recomputable": False,
        "measurements": [one.to_json() for one in (*measured, *of_one)], "judgement": [], "left_out": counted.left_out,
        "elements": [one.to_json() for one in elements], "reviewers": len(counted.hands),
        "looked_at_alone": looked_at_alone(counted), "observed_at": workspace.now(),
        "software": {"ombud": __version__},
    }  # fmt: skip
    signed = workspace.sign(Statement((Subject(system.name),), "measurement", said), holder)
    return Overseen(
        system=system.name, start=start, end=end, hasty=hasty, tally=counted, measurements=measured, never=never,
        elements=elements, entry=workspace.ledger.append([signed])[0],
    )  # fmt: skip


def _elements(counted: Tally) -> tuple[Element, ...]:
    hands = counted.hands.values()
    shown = (sum(one.trained for one in hands), sum(one.informed for one in hands), sum(one.able for one in hands))
    return tuple(Element(key=key, shown=some, of=counted.reviews) for key, some in zip(ELEMENTS, shown, strict=True))


def plain(one: Overseen) -> dict[str, Any]:
    """For programs; nobody is named in it."""
    return {
        "system": one.system, "from": instant(one.start), "until": instant(one.end), "conclusion": one.conclusion,
        "decisions": one.tally.decisions, "with_a_person": one.tally.reviews, "involvement_shown": one.tally.whole,
        "left_out": one.tally.left_out, "elements": [each.to_json() for each in one.elements],
        "figures": [each.to_json() for each in one.measurements], "reviewers": len(one.tally.hands),
        "looked_at_alone": looked_at_alone(one.tally), "never_disagreed": len(one.never),
        "standing_out": sum(each.stands_out for each in one.never), "law": list(one.laws), "entry": one.entry.index,
    }  # fmt: skip
