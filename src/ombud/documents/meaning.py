"""What a report's parts mean to a reader: why a question is asked, what is open, and what it would take."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ombud.documents.report import Report
from ombud.documents.words import SUBJECTS
from ombud.status.finding import Finding, RequirementStatus, State
from ombud.status.rule import Outcome

WHY: Final = {
    "privacy.undeclared_personal_data": "Personal data that nobody declared has no purpose, no ground and no end date.",
    "privacy.reidentification": "Whoever knows a little about a person may find them again in a table without names.",
    "privacy.special_categories": "A trait that the model may not use can return through features that stand for it.",
    "privacy.erased_people": "Deleting a row takes nobody out of a model that learned from it; somebody has to decide.",
    "security.model_format": "Some model files run code on being opened; whoever can change one owns the machine.",
    "security.released_artifact": "Evidence about one file says nothing about another that was put in its place.",
    "fairness.selection_rates": "How often each group gets what it asks for: every question of fairness begins here.",
    "fairness.impact_ratio": "People of one group go away with nothing more often than people of another.",
    "fairness.error_rates": "A model that errs more about one group puts the cost of its errors on that group.",
    "fairness.conditional_ratio": "Groups that differ in nothing that counts ought to be decided alike.",
    "explanation.reasons": "Whoever is refused may ask why, and the answer has to be true.",
    "explanation.protected_reasons": "A refusal for a protected trait, or what stands for it, is beyond explaining.",
    "monitoring.drift": "A model is right about the people it was made from, not about those who came after.",
    "monitoring.data_quality": "Broken values go into a model silently and come out as decisions.",
    "monitoring.overlap": "Numbers from rows that the model has already seen are better than the truth.",
}
"""Why each question is asked, in one sentence."""

WHY_SUBJECT: Final = {
    "privacy": "It is about people who are in the data.",
    "security": "What cannot be trusted to be unchanged cannot be trusted at all.",
    "fairness": "It is about people who are treated differently.",
    "explanation": "It is about people who want to know why.",
    "monitoring": "What was true at release need not be true today.",
}

OPEN: Final = (State.NOT_SHOWN, State.UNKNOWN, State.STALE, State.PARTLY_SHOWN)
STATES: Final = (
    State.SHOWN, State.PARTLY_SHOWN, State.NOT_SHOWN, State.UNKNOWN, State.STALE, State.UPCOMING, State.NOT_APPLICABLE,
)  # fmt: skip
OUTCOMES: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.MEASURED, Outcome.NOT_APPLICABLE)

VERDICTS: Final = {"may": "May go live", "may not": "May not go live", "cannot tell": "Cannot tell"}


def why(check: str) -> str:
    """Why a check matters; "" for a subject of a plug-in's own."""
    return WHY.get(check) or WHY_SUBJECT.get(check.partition(".")[0], "")


def next_step(finding: Finding) -> str:
    """What to do about a finding: what the manifest lacks, else to measure again, else what mends such a failure."""
    _, lacks, what = (finding.unmet or "").partition("; add ")
    if lacks:
        return f"Add {what}."
    return "Measure again: ombud check." if finding.stale else finding.remedy


def of_outcome(report: Report, *outcomes: Outcome) -> list[Finding]:
    """The findings with these outcomes, in the order of the report."""
    return [finding for finding in report.findings if finding.outcome in outcomes]


def by_subject(report: Report) -> dict[str, Counter[Outcome]]:
    """Subject → how many of its checks came to which outcome; a subject without checks is there with none."""
    counted: dict[str, Counter[Outcome]] = {subject: Counter() for subject in SUBJECTS}
    for finding in report.findings:
        counted.setdefault(finding.check.partition(".")[0], Counter())[finding.outcome] += 1
    return counted


def by_framework(report: Report) -> dict[str, Counter[State]]:
    """Framework id → how many of its requirements are in which state, in the order of the report."""
    counted: dict[str, Counter[State]] = {}
    for row in report.requirements:
        counted.setdefault(row.framework, Counter())[row.state] += 1
    return counted


def open_by_owner(rows: Iterable[RequirementStatus]) -> dict[str, list[RequirementStatus]]:
    """Role → its open requirements, the role with most first."""
    found: dict[str, list[RequirementStatus]] = {}
    for row in rows:
        if row.state in OPEN:
            found.setdefault(row.owner, []).append(row)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


@frozen
class Wanted:
    """Something that would decide open requirements.

    Attributes:
        what: a fact to declare, or a document, attestation or process to put on record.
        kind: fact, check, document, attestation or process.
        rows: the requirements that it helps.
    """

    what: str
    kind: str
    rows: tuple[RequirementStatus, ...]


def facts_wanted(report: Report) -> list[Wanted]:
    """Facts that nobody declared, those that decide most first."""
    waiting: dict[tuple[str, str], list[RequirementStatus]] = {}
    for row in report.requirements:
        for fact in row.missing_facts if row.state in OPEN else ():
            waiting.setdefault(("fact", fact), []).append(row)
    return _most(waiting)


def evidence_wanted(report: Report) -> list[Wanted]:
    """Documents, attestations and processes that open requirements wait for, those that most wait for first."""
    waiting: dict[tuple[str, str], list[RequirementStatus]] = {}
    for row in report.requirements:
        if row.state in OPEN and not row.missing_facts:
            for part in row.parts:
                if part.kind != "check" and part.state in ("missing", "stale"):
                    waiting.setdefault((part.kind, part.name), []).append(row)
    return _most(waiting)


def _most(found: Mapping[tuple[str, str], Sequence[RequirementStatus]]) -> list[Wanted]:
    wanted = [Wanted(name, kind, tuple(rows)) for (kind, name), rows in found.items()]
    return sorted(wanted, key=lambda one: (-len(one.rows), one.kind, one.what))
