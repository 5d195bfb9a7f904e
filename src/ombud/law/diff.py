"""What differs between the law seen from two days, and which instrument made the difference."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from attrs import frozen

from ombud.law.condition import in_words
from ombud.law.model import Limit, Requirement, ShownBy, Version
from ombud.law.view import LawView
from ombud.law.vocabulary import Facts

_COMPARED: Final = (
    "status", "applies_from", "bites_from", "applies_to", "title", "text", "cite", "binding", "due", "owner", "when",
    "limits", "shown_by",
)  # fmt: skip
_ESSENTIAL: Final = ("status", "applies_from", "bites_from", "text", "when")
"""What is told of a requirement that only one of the views knows."""


@frozen
class Difference:
    """One thing that is not the same: what, before, after; in words."""

    what: str
    before: str
    after: str


@frozen(kw_only=True)
class Change:
    """A requirement that differs between two views.

    Attributes:
        kind: "new", "gone" or "changed".
        instruments: the acts that made the difference: those known only to the later view, else the one now ruling.
        differences: what is not the same.
    """

    id: str
    title: str
    kind: str
    instruments: tuple[str, ...]
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "instrument": "; ".join(self.instruments),
            "instruments": list(self.instruments),
            "differences": [{"what": d.what, "before": d.before, "after": d.after} for d in self.differences],
        }


def difference(before: LawView, after: LawView, facts: Facts | None = None) -> tuple[Change, ...]:
    """The requirements that differ, in the order of the later view, then those that are gone.

    Args:
        before, after: two views of one pack.
        facts: with them, only what concerns these facts, and how it does; None: everything.
    """
    old = {requirement.id: requirement for requirement in before.requirements}
    new = {requirement.id: requirement for requirement in after.requirements}
    changes = (_change(id, old.get(id), new.get(id), before, after, facts) for id in dict.fromkeys((*new, *old)))
    return tuple(change for change in changes if change)


def _change(
    id: str, old: Requirement | None, new: Requirement | None, before: LawView, after: LawView, facts: Facts | None
) -> Change | None:
    found = tuple(_differences(id, old, new, before, after, facts))
    if not found or (facts is not None and not _concerns(id, before, after, facts)):
        return None
    known = new or old
    kind = "changed" if old and new else "new" if new else "gone"
    instruments = _instruments(id, before, after)
    return Change(id=id, title=known.title if known else "", kind=kind, instruments=instruments, differences=found)


def _instruments(id: str, before: LawView, after: LawView) -> tuple[str, ...]:
    """What the later view knows and the earlier does not; failing that, what rules in the later (or ruled before)."""
    known = before.versions(id)
    added = [version.instrument for version in after.versions(id) if version not in known]
    ruling = after.ruling(id, after.as_of) if after.versions(id) else before.ruling(id, before.as_of)
    return tuple(dict.fromkeys(added or ([ruling.instrument] if ruling else [])))


def _concerns(id: str, before: LawView, after: LawView, facts: Facts) -> bool:
    answers = [view.applies(view.requirement(id), facts) for view in (before, after) if view.versions(id)]
    return any(answer.applies != "no" or answer.upcoming for answer in answers)


def _differences(
    id: str, old: Requirement | None, new: Requirement | None, before: LawView, after: LawView, facts: Facts | None
) -> Iterator[Difference]:
    if facts is not None:
        yield from _unequal("applies", _answer(old, before, facts), _answer(new, after, facts))
    for what in _COMPARED if old and new else _ESSENTIAL:
        yield from _unequal(what, _said(old, what), _said(new, what))
    yield from _unequal("to come", _to_come(id, before), _to_come(id, after))


def _unequal(what: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(what, before, after)


def _answer(requirement: Requirement | None, view: LawView, facts: Facts) -> str:
    if requirement is None:
        return "not known"
    answer = view.applies(requirement, facts)
    return f"{answer.applies}: {answer.because}"


def _said(requirement: Requirement | None, what: str) -> str:
    value = getattr(requirement, what) if requirement else None
    if what == "when" and requirement:
        return in_words(requirement.when)
    if isinstance(value, ShownBy):
        return f"{value.mode}: {', '.join(f'{part.item} ({part.strength})' for part in value.parts)}"
    if isinstance(value, tuple):
        return ", ".join(_limit(limit) for limit in value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _limit(limit: Limit) -> str:
    return f"{limit.measurement} {limit.op} {limit.value} ({limit.origin})"


def _to_come(id: str, view: LawView) -> str:
    """The versions that are known but rule only later than the day of the view, and the periods still to begin."""
    ruling = view.ruling(id, view.as_of) if view.versions(id) else None
    later = [version for version in view.versions(id) if version is not ruling and _starts_after(version, view.as_of)]
    return "; ".join(f"{version.status} ({version.instrument})" for version in later)


def _starts_after(version: Version, day: date) -> bool:
    return bool(version.effective and version.effective > day) or any(start > day for start in version.starts)
