"""Lists of people: what they asked for that decisions, training and restored backups have to respect."""

from datetime import date
from typing import Final

from attrs import field, frozen

from ombud.errors import Misused

STOPPING: Final = ("erased", "objected", "opted-out", "restricted", "consent-withdrawn")
"""Lists whose people are neither decided about by a machine nor trained on."""

LISTS: Final = (*STOPPING, "limited", "sale-opted-out")
"""Every list. `limited` keeps sensitive features away (Cal. Civ. Code § 1798.121), `sale-opted-out` keeps data from
being sold or shared (§ 1798.120); neither stops a decision or training."""


def _known(_instance: object, _attribute: object, value: str) -> None:
    if value not in LISTS:
        raise Misused(f"there is no list {value!r}", f"One of: {', '.join(LISTS)}")


@frozen(kw_only=True)
class Listed:
    """A person on a list.

    Attributes:
        alias: who, by the alias of the log.
        list: one of `LISTS`.
        system: for one system; None for all.
        law: by which law they asked; since: from this day; until: to the end of this day; None: for good.
        case: the matter in which they asked.
    """

    alias: str
    list: str = field(validator=_known)
    system: str | None = None
    law: str
    since: date
    until: date | None = None
    case: str

    def holds(self, today: date, system: str | None = None) -> bool:
        """Whether it holds on a day, for a system (None: for any)."""
        return self.since <= today and (self.until is None or today <= self.until) and self.concerns(system)

    def concerns(self, system: str | None) -> bool:
        """Whether it is about a system; an entry for all systems always is."""
        return self.system is None or system is None or self.system == system

    @property
    def stops(self) -> bool:
        """Whether it keeps the person out of decisions and training."""
        return self.list in STOPPING
