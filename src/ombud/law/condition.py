"""Conditions on declared facts, in three-valued (Kleene) logic.

A fact that nobody declared makes a condition unknown, never false, and the answer names it. A fact declared with no
values ("no exemptions") is known.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from attrs import field, frozen

from ombud.law.vocabulary import Facts

NEVER = "never"


@frozen
class Truth:
    """An answer of a condition.

    Attributes:
        holds: True, False, or None when it cannot be told.
        because: the declared facts that decide it, in words.
        missing: the facts that would have to be declared to tell.
    """

    holds: bool | None
    because: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """Why, in one line."""
        if self.holds is None:
            return "not declared: " + ", ".join(sorted(self.missing))
        return "; ".join(dict.fromkeys(self.because))


YES = Truth(True)
NO = Truth(False)


def both(truths: Iterable[Truth]) -> Truth:
    """All of them: false if one is false, else unknown if one is unknown, else true. All of none is true."""
    seen = tuple(truths)
    denied = [truth for truth in seen if truth.holds is False]
    if denied:
        return denied[0]
    return _open(seen) or Truth(True, sum((truth.because for truth in seen), ()))


def either(truths: Iterable[Truth]) -> Truth:
    """Any of them: true if one is true, else unknown if one is unknown, else false. Any of none is false."""
    seen = tuple(truths)
    met = [truth for truth in seen if truth.holds]
    if met:
        return met[0]
    return _open(seen) or Truth(False, sum((truth.because for truth in seen), ()))


def _open(truths: tuple[Truth, ...]) -> Truth | None:
    unknown = [truth for truth in truths if truth.holds is None]
    return Truth(None, missing=frozenset().union(*(truth.missing for truth in unknown))) if unknown else None


@frozen
class Is:
    """The fact has at least one of the values."""

    fact: str
    values: tuple[str, ...]

    def evaluate(self, facts: Facts) -> Truth:
        """Hold it against what is declared."""
        if self.fact not in facts:
            return Truth(None, missing=frozenset((self.fact,)))
        declared = facts[self.fact]
        met = sorted(declared.intersection(self.values))
        if met:
            return Truth(True, (f"{self.fact} is {' and '.join(met)}",))
        said = " and ".join(sorted(declared)) or "declared as none"
        return Truth(False, (f"{self.fact} is {said}, not {' or '.join(self.values)}",))

    def to_json(self) -> dict[str, Any]:
        """The form of the law files."""
        return {self.fact: list(self.values)}


@frozen
class Dated:
    """The fact is a date on or after `start` and before `end`; "never" is neither.

    Attributes:
        fact: one of `DATE_FACTS`.
        start: first day that meets the condition; None: no lower bound.
        end: first day that no longer does; None: no upper bound.
    """

    fact: str
    start: date | None
    end: date | None

    def evaluate(self, facts: Facts) -> Truth:
        """Hold it against what is declared; several dates meet it if one does."""
        declared = declared_dates(self.fact, facts)
        if declared is None:
            return Truth(None, missing=frozenset((self.fact,)))
        said = f"{self.fact} is {', '.join(day.isoformat() for day in declared) or NEVER}"
        met = any((self.start or date.min) <= day < (self.end or date.max) for day in declared)
        return Truth(True, (said,)) if met else Truth(False, (f"{said}, not {self.bounds}",))

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        bounds = (f"on or after {self.start}" if self.start else "", f"before {self.end}" if self.end else "")
        return " and ".join(bound for bound in bounds if bound)

    def to_json(self) -> dict[str, Any]:
        """The form of the law files."""
        bounds = {"from": self.start, "before": self.end}
        return {self.fact: {name: day.isoformat() for name, day in bounds.items() if day}}


@frozen
class Not:
    """The part does not hold."""

    part: "Condition"

    def evaluate(self, facts: Facts) -> Truth:
        """Hold it against what is declared."""
        truth = self.part.evaluate(facts)
        return truth if truth.holds is None else Truth(not truth.holds, truth.because)

    def to_json(self) -> dict[str, Any]:
        """The form of the law files."""
        return {"not": self.part.to_json()}


@frozen
class All:
    """Every part holds; with no parts, always."""

    parts: tuple["Condition", ...] = field(default=())

    def evaluate(self, facts: Facts) -> Truth:
        """Hold it against what is declared."""
        return both(part.evaluate(facts) for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """The form of the law files."""
        return {"all": [part.to_json() for part in self.parts]}


@frozen
class Any_:  # noqa: N801 (the word of the law files is "any")
    """At least one part holds."""

    parts: tuple["Condition", ...]

    def evaluate(self, facts: Facts) -> Truth:
        """Hold it against what is declared."""
        return either(part.evaluate(facts) for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """The form of the law files."""
        return {"any": [part.to_json() for part in self.parts]}


Condition = Is | Dated | Not | All | Any_
ALWAYS: Condition = All()


def every(*conditions: Condition) -> Condition:
    """The conjunction of conditions, flat, without those that always hold."""
    parts: list[Condition] = []
    for condition in conditions:
        parts.extend(condition.parts if isinstance(condition, All) else (condition,))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def in_words(condition: Condition) -> str:
    """A condition as people read it: "role is provider; and annex_iii is yes"."""
    match condition:
        case Is(fact, values):
            return f"{fact} is {' or '.join(values)}"
        case Dated(fact):
            return f"{fact} is {condition.bounds}"
        case Not(part):
            return f"not ({in_words(part)})"
        case Any_(parts):
            return "(" + ", or ".join(in_words(part) for part in parts) + ")"
        case All(parts):
            return "; and ".join(in_words(part) for part in parts) or "everybody"


def facts_in(condition: Condition) -> frozenset[str]:
    """The facts that a condition asks about."""
    if isinstance(condition, Is | Dated):
        return frozenset((condition.fact,))
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    return frozenset().union(*(facts_in(part) for part in parts))


def declared_dates(fact: str, facts: Facts) -> tuple[date, ...] | None:
    """The dates declared for a fact, earliest first; empty for "never", None if nothing is declared."""
    if fact not in facts:
        return None
    return tuple(sorted(date.fromisoformat(value) for value in facts[fact] if value != NEVER))


def from_json(data: Mapping[str, Any]) -> Condition:
    """Read what `to_json` wrote."""
    ((key, value),) = data.items()
    if key == "not":
        return Not(from_json(value))
    if key in ("all", "any"):
        parts = tuple(from_json(part) for part in value)
        return All(parts) if key == "all" else Any_(parts)
    if isinstance(value, Mapping):
        start, end = value.get("from"), value.get("before")
        return Dated(key, date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)
    return Is(key, tuple(value))
