"""The law on a day, by what was published by another day: who is bound by what, and what is coming."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from attrs import field, frozen

from ombud.errors import NotFound
from ombud.law.condition import NO, Truth, both, declared_dates, either
from ombud.law.history import History, history, in_force, known_versions, ruling, turning_days
from ombud.law.model import Period, Requirement, Row, Version
from ombud.law.tree import nearest
from ombud.law.vocabulary import ENDED, NEVER, NOT_LAW, Facts

Answer = Literal["yes", "no", "cannot tell"]


@frozen(kw_only=True)
class Applicability:
    """Whether a requirement binds, for some facts, on the day of the view.

    Attributes:
        applies: "yes": in force on the day, and its conditions hold. "cannot tell": `missing_facts` would decide.
        because: the facts or dates that decide it, in words.
        missing_facts: what would have to be declared.
        upcoming: it does not bind on the day but will from `bites_from` on (with `missing_facts`: it may).
        bites_from: the first day on which it binds or may bind these facts; None if none is known.
    """

    requirement: Requirement
    applies: Answer
    because: str
    missing_facts: tuple[str, ...] = ()
    upcoming: bool = False
    bites_from: date | None = None

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {
            "id": self.requirement.id,
            "applies": self.applies,
            "because": self.because,
            "upcoming": self.upcoming,
            "bites_from": self.bites_from.isoformat() if self.bites_from else None,
            "missing_facts": list(self.missing_facts),
        }


@frozen
class Proposal:
    """A published version that is not law and changes nothing while it is not."""

    id: str
    version: Version


@frozen
class LawView:
    """Requirements known on `known_at` as they stand on `as_of`; context rows among them."""

    as_of: date
    known_at: date
    requirements: tuple[Requirement, ...]
    proposals: tuple[Proposal, ...]
    _histories: Mapping[str, History] = field(repr=False, eq=False)
    _by_id: Mapping[str, Requirement] = field(repr=False, eq=False)

    @classmethod
    def of(cls, rows: Iterable[Row], as_of: date, known_at: date, held_at: date | None = None) -> "LawView":
        """See `Pack.view`."""
        requirements, proposals, histories = [], [], {}
        for row in rows:
            versions = known_versions(row, known_at, held_at)
            proposals += [Proposal(row.id, version) for version in versions if version.status in NOT_LAW]
            histories[row.id] = history(versions)
            if histories[row.id]:
                requirements.append(_resolve(row, histories[row.id], as_of))
        by_id = {requirement.id: requirement for requirement in requirements}
        return cls(as_of, known_at, tuple(requirements), tuple(proposals), histories, by_id)

    def requirement(self, id: str) -> Requirement:
        """One requirement.

        Raises:
            NotFound: no such id was law or adopted by `known_at`.
        """
        try:
            return self._by_id[id]
        except KeyError:
            close = nearest(id, tuple(self._by_id))
            step = f"Did you mean {close}? " if close else ""
            raise NotFound(
                "requirement", f"{id} (as published by {self.known_at})", f"{step}`ombud law list` names them all."
            ) from None

    def applies(self, requirement: Requirement, facts: Facts) -> Applicability:
        """Whether a requirement binds on the day of the view, and if not, whether it will."""
        now, bites = self._truth(requirement.id, facts, self.as_of)
        if now.holds:
            because = f"in force since {bites} ({requirement.instrument}); {now.words}".rstrip("; ")
            return Applicability(requirement=requirement, applies="yes", because=because, bites_from=bites)
        if now.holds is None:
            return Applicability(
                requirement=requirement, applies="cannot tell", because=now.words,
                missing_facts=tuple(sorted(now.missing)), bites_from=bites,
            )  # fmt: skip
        return self._later(requirement, facts, now)

    def applicability(self, facts: Facts) -> tuple[Applicability, ...]:
        """`applies` for every requirement of the view."""
        return tuple(self.applies(requirement, facts) for requirement in self.requirements)

    def turning_days(self, id: str) -> tuple[date, ...]:
        """The days on which a requirement may change for anybody, by what is known."""
        return turning_days(self._histories[id])

    def versions(self, id: str) -> tuple[Version, ...]:
        """The known versions of a requirement that are law, in the order in which they took effect; none if unknown."""
        return tuple(version for _, version in self._histories.get(id, ()))

    def ruling(self, id: str, day: date) -> Version | None:
        """The version of a requirement that rules on a day, by what is known."""
        return ruling(self._histories[id], day)

    def truth(self, id: str, facts: Facts, day: date) -> Truth:
        """Whether a requirement binds on any day, by what is known."""
        return self._truth(id, facts, day)[0]

    def _truth(self, id: str, facts: Facts, day: date) -> tuple[Truth, date | None]:
        """The answer on a day, and since when the periods that give it can bind."""
        version = self.ruling(id, day)
        if version is None or not in_force(version, day):
            return NO, None
        bound = both((version.provision.when.evaluate(facts),))
        if bound.holds is False:
            return bound, None
        running = [(p, _in_period(p, facts, day)) for p in version.applies if _runs(version, p, day)]
        answer = both((bound, either(truth for _, truth in running)))
        bites = [p.bites for p, truth in running if p.bites and truth.holds is not False]
        return answer, min(bites, default=None)

    def _later(self, requirement: Requirement, facts: Facts, now: Truth) -> Applicability:
        """What a requirement that does not bind on the day will do: bind, perhaps bind, or pass these facts by."""
        passed_by: dict[str, None] = {}
        for day in self.turning_days(requirement.id):
            then = self.truth(requirement.id, facts, day) if day > self.as_of else now
            if then.holds is not False:
                return self._upcoming(requirement, then, day, tuple(passed_by))
            if day > self.as_of and then.words not in ("", now.words):
                passed_by.update(dict.fromkeys(then.because))
        because = now.words or "; ".join(passed_by) or self._why_not(requirement)
        return Applicability(requirement=requirement, applies="no", because=because)

    def _upcoming(self, requirement: Requirement, then: Truth, day: date, passed_by: tuple[str, ...]) -> Applicability:
        version = self.ruling(requirement.id, day)
        may = "may bind" if then.holds is None else "binds"
        said = (f"{may} from {day} ({version.instrument if version else ''})", then.words, *passed_by)
        return Applicability(
            requirement=requirement, applies="no", because="; ".join(word for word in said if word),
            missing_facts=tuple(sorted(then.missing)), upcoming=True, bites_from=day,
        )  # fmt: skip

    def _why_not(self, requirement: Requirement) -> str:
        """Why what has no period to come binds nobody: it ended, never applied, or has no date."""
        version = self.ruling(requirement.id, self.as_of)
        if version and version.status in NEVER:
            return f"never applied ({version.instrument})"
        if version and version.status in ENDED:
            return f"{version.status} ({version.instrument})"
        if requirement.applies_to and requirement.applies_to <= self.as_of:
            return f"ended on {requirement.applies_to} ({requirement.instrument})"
        return f"no date is fixed ({requirement.instrument})"


def _resolve(row: Row, versions: History, as_of: date) -> Requirement:
    version = ruling(versions, as_of) or versions[0][1]
    said = version.provision
    ends = [period.end for period in version.applies]
    last = max((end for end in ends if end), default=None) if all(ends) else None
    return Requirement(
        id=row.id, framework=row.framework, framework_title=row.framework_title,
        title=said.title, text=said.text, cite=said.cite, href=said.href, certainty=said.certainty,
        binding=said.binding, owner=said.owner, due=said.due, when=said.when, shown_by=said.shown_by,
        limits=tuple(limit for limit in said.limits if limit.since is None or limit.since <= as_of),
        values=said.values, read_by=said.read_by, read_on=said.read_on, context=said.context,
        status=version.status, published=version.published, instrument=version.instrument,
        applies_from=min(version.starts, default=None),
        bites_from=min((period.bites for period in version.applies if period.bites), default=None),
        applies_to=last, in_pack_since=version.in_pack_since, note=version.note, periods=version.applies,
    )  # fmt: skip


def _runs(version: Version, period: Period, day: date) -> bool:
    return period.covers(day) and not (version.status in ENDED and period.end is None)


def _in_period(period: Period, facts: Facts, day: date) -> Truth:
    condition = period.when.evaluate(facts)
    return both((condition, _legacy(period, facts, day))) if period.legacy else condition


def _legacy(period: Period, facts: Facts, day: date) -> Truth:
    """A system in use before the day is bound only once its design has changed significantly since it."""
    in_use = declared_dates("in_use_since", facts)
    if in_use is None:
        return Truth(None, missing=frozenset(("in_use_since",)))
    start = period.bites or date.max
    if not in_use or in_use[0] >= start:
        return Truth(True, (f"in_use_since is {in_use[0] if in_use else 'never'}",))
    changed = declared_dates("design_changed", facts)
    if changed is None:
        return Truth(None, missing=frozenset(("design_changed",)))
    met = [moment for moment in changed if start <= moment <= day]
    if met:
        return Truth(True, (f"in use since {in_use[0]}, design changed significantly on {met[0]}",))
    return Truth(False, (f"in use since {in_use[0]}, before {start}: bound only if its design changes significantly",))
