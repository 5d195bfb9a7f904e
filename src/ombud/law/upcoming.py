"""What is coming: the days on which requirements begin to bind, change or end, by what is published."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from attrs import frozen

from ombud.law.condition import Truth, every, in_words
from ombud.law.history import in_force
from ombud.law.model import Requirement, Version
from ombud.law.view import LawView
from ombud.law.vocabulary import Facts


@frozen(kw_only=True)
class Turn:
    """A day on which a requirement changes.

    Attributes:
        what: "begins to bind", "may begin to bind", "no longer binds" or "is reworded".
        whom: the conditions (without facts), or the facts that decide.
        missing_facts: what would have to be declared to tell.
        instrument: the act that makes it so.
    """

    day: date
    requirement: Requirement
    what: str
    whom: str
    instrument: str
    missing_facts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        parts = self.requirement.shown_by.parts if self.requirement.shown_by else ()
        return {
            "day": self.day.isoformat(),
            "id": self.requirement.id,
            "title": self.requirement.title,
            "what": self.what,
            "whom": self.whom,
            "instrument": self.instrument,
            "owner": self.requirement.owner,
            "certainty": self.requirement.certainty_words,
            "missing_facts": list(self.missing_facts),
            "shown_by": [part.item for part in parts],
        }


def upcoming(view: LawView, facts: Facts | None = None, until: date | None = None) -> tuple[Turn, ...]:
    """Every turn after the day of the view, earliest first.

    Args:
        view: the law as known.
        facts: of a system; None: for anybody.
        until: last day; None: as far as is known.
    """
    turns: list[Turn] = []
    for requirement in view.requirements:
        if requirement.context:
            continue
        days = [day for day in view.turning_days(requirement.id) if view.as_of < day <= (until or date.max)]
        found = _for_anybody(view, requirement, days) if facts is None else _for(view, requirement, days, facts)
        turns.extend(found)
    return tuple(sorted(turns, key=lambda turn: turn.day))


def _for(view: LawView, requirement: Requirement, days: list[date], facts: Facts) -> Iterator[Turn]:
    before = view.truth(requirement.id, facts, view.as_of)
    ruled = view.ruling(requirement.id, view.as_of)
    for day in days:
        then, rules = view.truth(requirement.id, facts, day), view.ruling(requirement.id, day)
        what = _what(before, then, _reworded(ruled, rules))
        if what and rules:
            yield Turn(
                day=day, requirement=requirement, what=what, whom=then.words, instrument=rules.instrument,
                missing_facts=tuple(sorted(then.missing)),
            )  # fmt: skip
        before, ruled = then, rules


def _what(before: Truth, then: Truth, reworded: bool) -> str:
    if before.holds == then.holds:
        return "is reworded" if then.holds and reworded else ""
    return {True: "begins to bind", None: "may begin to bind", False: "no longer binds"}[then.holds]


def _for_anybody(view: LawView, requirement: Requirement, days: list[date]) -> Iterator[Turn]:
    for day in days:
        rules, ruled = view.ruling(requirement.id, day), view.ruling(requirement.id, day - timedelta(days=1))
        if rules is None:
            continue
        starting = [period for period in rules.applies if period.bites == day and in_force(rules, day)]
        for period in starting:
            legacy = " (in use before: on a significant design change)" if period.legacy else ""
            whom = in_words(every(rules.provision.when, period.when)) + legacy
            yield Turn(day=day, requirement=requirement, what="begins to bind", whom=whom, instrument=rules.instrument)
        if not starting and ruled and in_force(ruled, day - timedelta(days=1)):
            what = "" if in_force(rules, day) else "no longer binds"
            what = what or ("is reworded" if _reworded(ruled, rules) else "")
            if what:
                yield Turn(
                    day=day,
                    requirement=requirement,
                    what=what,
                    whom=in_words(rules.provision.when),
                    instrument=rules.instrument,
                )


def _reworded(before: Version | None, after: Version | None) -> bool:
    return before is not None and after is not None and before.provision != after.provision
