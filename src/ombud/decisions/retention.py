"""How long records of decisions are kept: at least, by which law; at most, by whose word; and where the two conflict.

Every period is counted from the decision. Where facts are missing to tell whether a law binds, it is kept to until
somebody declares them: what is deleted does not come back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from attrs import frozen

from ombud.errors import Misused
from ombud.evidence.log import Log
from ombud.law import Facts, LawView, Pack
from ombud.law.model import Value
from ombud.system.duration import Duration

_UNITS: Final = {"months": "m", "years": "y", "days": "d", "calendar days": "d"}


@frozen(kw_only=True)
class Floor:
    """A time for which the law wants records kept.

    Attributes:
        requirement, cite: which law; title: what it is called.
        at_least: how long, from the decision.
        applies: "yes", or "cannot tell" with `missing` facts.
        because: the facts and dates that decide it.
        certainty: how far our reading of the row may be trusted.
        yields: why a person's erasure comes first all the same; None: it does not.
        bites_from: the day from which it binds, where that is to come; then `applies` is "no".
    """

    requirement: str
    cite: str
    title: str
    at_least: Duration
    applies: str
    because: str
    certainty: str
    yields: str | None = None
    missing: tuple[str, ...] = ()
    bites_from: date | None = None

    def binds(self, at: datetime, now: datetime) -> bool:
        """Whether a decision made at a moment has to be kept for it now, or may have to be."""
        return self.applies != "no" and now < self.at_least.after(at)

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {
            "requirement": self.requirement, "cite": self.cite, "title": self.title, "at_least": str(self.at_least),
            "applies": self.applies, "because": self.because, "certainty": self.certainty, "yields": self.yields,
            "missing_facts": list(self.missing),
            "bites_from": self.bites_from.isoformat() if self.bites_from else None,
        }  # fmt: skip


@frozen(kw_only=True)
class Retention:
    """How long the decisions of a system are kept.

    Attributes:
        floors: at least, by each law that binds, may bind, or will.
        ceiling: at most, as the manifest sets it; None: nobody has set it.
        asked: the requirement that asks for a ceiling ("GDPR.5.1.e"), if it binds or may bind; else None.
    """

    floors: tuple[Floor, ...] = ()
    ceiling: Duration | None = None
    asked: str | None = None

    @property
    def conflicts(self) -> tuple[Floor, ...]:
        """Laws that want records kept longer than the ceiling. They are kept that long, and the conflict is shown."""
        if self.ceiling is None:
            return ()
        start = datetime(2001, 1, 31)  # noqa: DTZ001 (only lengths are compared)
        end = self.ceiling.after(start)
        return tuple(one for one in self.floors if one.applies != "no" and one.at_least.after(start) > end)

    def keeps(self, at: datetime, now: datetime, *, erasure: bool = False) -> Floor | None:
        """The law for which a decision is kept now, the longest first; None if no law keeps it.

        Args:
            at: when the decision was made; erasure: a person asks for it, before which some laws stand back.
        """
        binding = [one for one in self.floors if one.binds(at, now) and not (erasure and one.yields)]
        return max(binding, key=lambda one: (one.at_least.after(at), one.requirement), default=None)

    def expired(self, at: datetime, now: datetime) -> bool:
        """Whether a decision's time is over: past the ceiling, and no law keeps it."""
        return self.ceiling is not None and now >= self.ceiling.after(at) and self.keeps(at, now) is None

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {
            "floors": [one.to_json() for one in self.floors],
            "ceiling": str(self.ceiling) if self.ceiling else None,
            "asked_by": self.asked,
            "conflicts": [one.requirement for one in self.conflicts],
        }


def retention(pack: Pack, facts: Facts, ceiling: Duration | None, today: date) -> Retention:
    """How long decisions are kept under the law of a day.

    Args:
        pack: the law; facts: of the system and its organisation; ceiling: as the manifest sets it.
    """
    view, rules = pack.view(today, today), _rules()
    asked = _applies(view, rules["ceiling"], facts)
    return Retention(
        floors=tuple(one for rule in rules["floors"] for one in _floor(view, rule, facts, today)),
        ceiling=ceiling,
        asked=rules["ceiling"] if asked in ("yes", "cannot tell") else None,
    )


def declared_retention(log: Log, pack: Pack, system: str, today: date) -> Retention:
    """The same by what was last declared of a system in the log; of one that never was, every law may bind."""
    said: Mapping[str, Any] = {}
    for entry in log.trusted("declaration"):
        if entry.statement.system == system and entry.statement.predicate.get("what") == "system":
            said = entry.statement.predicate
    facts = {str(name): frozenset(map(str, values)) for name, values in dict(said.get("facts") or {}).items()}
    content = said.get("content")
    kept = content.get("retention") if isinstance(content, Mapping) else None
    written = kept.get("decisions") if isinstance(kept, Mapping) else None
    return retention(pack, facts, _duration(written), today)


def words(found: Iterable[Floor]) -> str:
    """Requirements, one after the other."""
    return ", ".join(f"{one.requirement} ({one.at_least.words})" for one in found)


def _duration(written: object) -> Duration | None:
    try:
        return Duration.parse(str(written)) if written else None
    except Misused:
        return None


def _floor(view: LawView, rule: Mapping[str, Any], facts: Facts, today: date) -> Iterator[Floor]:
    if not _concerns(rule, facts) or rule["requirement"] not in {one.id for one in view.requirements}:
        return
    requirement = view.requirement(rule["requirement"])
    answer = view.applies(requirement, facts)
    number = next((one for one in requirement.values if one.name == rule["value"]), None)
    at_least = None if number is None else _length(number, answer.bites_from if answer.upcoming else today)
    if at_least is None or (answer.applies == "no" and not answer.upcoming):
        return
    yield Floor(
        requirement=requirement.id, cite=requirement.cite, title=requirement.title, at_least=at_least,
        applies=answer.applies, because=answer.because, certainty=requirement.certainty_words, yields=rule["yields"],
        missing=answer.missing_facts, bites_from=answer.bites_from if answer.upcoming else None,
    )  # fmt: skip


def _length(number: Value, day: date | None) -> Duration | None:
    value = number.on(day) if day else None
    return None if value is None else Duration(int(value), _UNITS[number.unit])


def _concerns(rule: Mapping[str, Any], facts: Facts) -> bool:
    """Whether the rule is for this use case; where none is declared, the longer of two numbers counts."""
    used: Sequence[str] = sorted(facts.get("use_case") or ())
    if "only_for" in rule:
        return any(one in rule["only_for"] for one in used)
    return not used or not all(one in rule.get("not_for", ()) for one in used)


def _applies(view: LawView, id: str, facts: Facts) -> str:
    return view.applies(view.requirement(id), facts).applies if id in {one.id for one in view.requirements} else "no"


@cache
def _rules() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return found
