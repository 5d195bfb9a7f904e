"""What a status is made of, in words that every document and door shares."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from ombud.status.rule import SEVERITY, Judgement, Origin, Outcome, Rule, judge


class State(StrEnum):
    """Where a requirement stands. There is no word for "compliant": no measurement could show that."""

    NOT_APPLICABLE = "not applicable"
    UPCOMING = "upcoming"
    NOT_SHOWN = "not shown"
    UNKNOWN = "unknown"
    STALE = "stale"
    PARTLY_SHOWN = "partly shown"
    SHOWN = "shown"


@frozen
class Subject:
    """Something that evidence speaks of: a name, and its SHA-256 digest where its bytes are known."""

    name: str
    digest: str | None


@frozen(kw_only=True)
class Finding:
    """One check's newest answer for one release, judged by the rules in force.

    Attributes:
        check: name of the check; asks: its question.
        judgements: every measurement with every rule that concerns it.
        requirements: ids of the applicable requirements which this check helps to show.
        summary: who is worse off, by how much, and how sure: one sentence.
        remedy: what to do next.
        entry: digest of the statement in the log; None if nothing could be appended.
        attempts: how many times this was measured with the same parameters.
        about: the half-open period spoken of, ISO instants.
        unmet: why it could not be measured; None if it was.
        stale: it was measured, but so long ago that it no longer counts.
    """

    check: str
    asks: str
    judgements: tuple[Judgement, ...]
    requirements: tuple[str, ...] = ()
    summary: str = ""
    remedy: str = ""
    subjects: tuple[Subject, ...] = ()
    observed_at: str = ""
    about: tuple[str, str] | None = None
    entry: str | None = None
    attempts: int = 1
    unmet: str | None = None
    stale: bool = False

    @property
    def outcome(self) -> Outcome:
        """The outcome that speaks for all: any fail, else any unknown, else any pass, else measured.

        Where there are rules, only what they limit speaks; groups too small to assess do not (how many people they
        leave out is measured and limited by itself). Without rules, a number is *measured*, and no number is unknown.
        """
        if self.unmet is not None:
            return Outcome.UNKNOWN
        if any(judgement.rule for judgement in self.judgements):
            return worst(j.outcome for j in self.judgements if j.rule and j.measurement.is_assessed)
        measured = any(judgement.outcome is Outcome.MEASURED for judgement in self.judgements)
        return Outcome.MEASURED if measured else Outcome.UNKNOWN

    def outcome_for(self, requirement: str) -> Outcome:
        """The outcome as far as one requirement is concerned: limits of other laws say nothing of it.

        The organisation's own policy counts for every requirement, for it is how the organisation said it would tell.
        """
        own = tuple(j if _concerns(j.rule, requirement) else judge(j.measurement, None) for j in self.judgements)
        return evolve(self, judgements=own).outcome

    def to_json(self) -> dict[str, Any]:
        """The published form of a finding."""
        return {
            "check": self.check,
            "asks": self.asks,
            "outcome": str(self.outcome),
            "summary": self.summary,
            "remedy": self.remedy,
            "requirements": list(self.requirements),
            "measurements": [_judged(judgement) for judgement in self.judgements],
            "subjects": [{"name": subject.name, "digest": subject.digest} for subject in self.subjects],
            "observed_at": self.observed_at,
            "about": list(self.about) if self.about else None,
            "entry": self.entry,
            "attempts": self.attempts,
            "unmet": self.unmet,
            "stale": self.stale,
        }


def _concerns(rule: Rule | None, requirement: str) -> bool:
    return rule is None or rule.origin is Origin.POLICY or rule.source == requirement


def _judged(judgement: Judgement) -> dict[str, Any]:
    return judgement.measurement.to_json() | {
        "outcome": str(judgement.outcome),
        "because": judgement.because,
        "attention": judgement.attention,
        "rule": judgement.rule.to_json() if judgement.rule else None,
    }


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that speaks for several; unknown if there is none."""
    seen = set(outcomes)
    return next((outcome for outcome in SEVERITY if outcome in seen), Outcome.UNKNOWN)


@frozen(kw_only=True)
class Part:
    """One of the things that would show a requirement, and how far it does.

    Attributes:
        kind: check, document, attestation or process.
        name: which one.
        strength: "direct" or "supporting".
        state: shown, failing, unknown, stale or missing.
        because: why, with the outcome or the date.
        entry: digest of the statement that it rests on.
    """

    kind: str
    name: str
    strength: str
    state: str
    because: str = ""
    entry: str | None = None


@frozen(kw_only=True)
class RequirementStatus:
    """Where one requirement stands for one system, as of a time, by what the log then held.

    Attributes:
        id, title, cite, href, framework, binding, owner, due: from the law pack.
        certainty: how well the row is known ("not yet read", "not yet read, unchecked").
        state: see `State`.
        because: why, in one sentence; for "not applicable", the declared facts and who signed them.
        bites_from: first day on which it can bind anybody; ISO date.
        missing_facts: facts that would have to be declared to tell whether it applies.
        parts: what would show it.
    """

    id: str
    title: str
    cite: str
    href: str
    framework: str
    binding: str
    owner: str
    due: str
    certainty: str
    state: State
    because: str
    bites_from: str | None = None
    missing_facts: tuple[str, ...] = ()
    parts: tuple[Part, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The published form of a status."""
        plain: dict[str, Any] = {
            "id": self.id, "title": self.title, "cite": self.cite, "href": self.href, "framework": self.framework,
            "binding": self.binding, "owner": self.owner, "due": self.due, "certainty": self.certainty,
            "state": str(self.state), "because": self.because, "bites_from": self.bites_from,
            "missing_facts": list(self.missing_facts),
            "parts": [
                {"kind": p.kind, "name": p.name, "strength": p.strength, "state": p.state, "because": p.because,
                 "entry": p.entry}
                for p in self.parts
            ],
        }  # fmt: skip
        return plain
