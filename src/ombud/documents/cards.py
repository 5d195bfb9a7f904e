"""What a page says of each finding and each requirement, ready for the template."""

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from ombud.documents import words
from ombud.documents.figures import Figure, Line, figures, line
from ombud.documents.meaning import STATES, by_framework, next_step, why
from ombud.documents.report import Report
from ombud.documents.sentence import needed, summary_of
from ombud.status.finding import Finding, RequirementStatus, State
from ombud.status.rule import Outcome

MARKS: Final = {"fail": "✗", "unknown": "?", "pass": "✓", "measured": "·", "not applicable": "–"}


@frozen
class Card:
    """A finding as the page shows it.

    Attributes:
        id: anchor; slug: outcome as a class name; outcome: in words.
        sentence: who is worse off, by how much, how sure.
        needs: what would decide it, for an unknown.
        law: the requirements it serves.
        numbers: every measured number.
    """

    id: str
    check: str
    asks: str
    slug: str
    outcome: str
    mark: str
    sentence: str
    why: str
    remedy: str
    owner: str
    needs: str
    law: tuple[RequirementStatus, ...]
    figures: tuple[Figure, ...]
    numbers: tuple[Line, ...]
    finding: Finding


def card(report: Report, finding: Finding, number: int) -> Card:
    """Everything of one finding; its number on the page makes its anchor unique."""
    outcome, id = finding.outcome, f"c{number}-{slug(finding.check)}"
    measured = outcome is Outcome.MEASURED and not finding.summary
    return Card(
        id=id,
        check=finding.check,
        asks=finding.asks,
        slug=slug(str(outcome)),
        outcome=str(outcome),
        mark=MARKS.get(str(outcome), ""),
        sentence=summary_of(finding, alone=False) if measured else report.summary(finding),
        why=why(finding.check),
        remedy=next_step(finding),
        owner=words.owner(report.owner_of(finding)),
        needs=_needs(finding),
        law=tuple(row for one in finding.requirements if (row := report.requirement(one))),
        figures=tuple(figures(finding, id)),
        numbers=tuple(line(judgement) for judgement in finding.judgements),
        finding=finding,
    )


def _needs(finding: Finding) -> str:
    if finding.unmet is not None or finding.stale:
        return ""
    people = [n for judgement in finding.judgements if (n := needed(judgement))]
    return f"about {max(people):,} people in the smallest group, if the rates stay as they are" if people else ""


def slug(text: str) -> str:
    """A text as an anchor or class name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "other"


def anchors(ids: Sequence[str]) -> dict[str, str]:
    """Requirement id → an anchor that no other has, however alike the ids are spelt."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for id in ids:
        wanted = f"r-{slug(id)}"
        while wanted in taken:
            wanted += "-"
        taken.add(wanted)
        found[id] = wanted
    return found


@frozen
class Law:
    """A framework as the page shows it: its rows, and how many are in which state."""

    id: str
    title: str
    rows: tuple[RequirementStatus, ...]
    counts: tuple[tuple[str, str, int], ...]

    @property
    def reaches(self) -> bool:
        """Whether anything of it applies, may apply or is coming."""
        return any(row.state is not State.NOT_APPLICABLE for row in self.rows)


def laws(report: Report) -> list[Law]:
    """Every framework, those that reach the system first."""
    found = [
        Law(
            id=f"law{number}-{slug(framework)}",
            title=report.frameworks.get(framework, framework),
            rows=tuple(row for row in report.requirements if row.framework == framework),
            counts=tuple((str(state), slug(str(state)), counts[state]) for state in STATES),
        )
        for number, (framework, counts) in enumerate(by_framework(report).items())
    ]
    return sorted(found, key=lambda law: not law.reaches)


def not_applicable(rows: Sequence[RequirementStatus]) -> list[tuple[str, list[RequirementStatus]]]:
    """Why requirements do not apply, with those that a reason keeps out, the reason that keeps out most first."""
    reasons: dict[str, list[RequirementStatus]] = {}
    for row in rows:
        if row.state is State.NOT_APPLICABLE:
            reasons.setdefault(row.because, []).append(row)
    return sorted(reasons.items(), key=lambda item: -len(item[1]))


def headline(text: str) -> list[tuple[str, str]]:
    """ "2 you can fix · 3 block release" as numbers and words; [] if it has another form."""
    parts = [part.split(" ", 1) for part in text.split(" · ")]
    if not all(len(part) == 2 and part[0].isdigit() for part in parts):
        return []
    return [(part[0], part[1]) for part in parts]
