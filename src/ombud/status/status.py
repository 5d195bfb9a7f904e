"""Status: what law asked, what was declared and what was measured, put together as of a time.

    status(requirement, scope, as_of, known_at) = combine(law(as_of, known_at), facts, measurements)

A pure function of its arguments: no clock, no file, no database. So the past can be replayed with what was known then,
and the future previewed with the law already published.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from attrs import evolve, field, frozen

from ombud.evidence.entry import Entry
from ombud.law.model import Limit, Requirement, ShownPart
from ombud.law.view import Applicability, LawView
from ombud.law.vocabulary import Facts
from ombud.statistics.measurement import Measurement
from ombud.status.combine import FAILING, MISSING, SHOWN, STALE, UNKNOWN, combine
from ombud.status.finding import Finding, Part, RequirementStatus, State, Subject
from ombud.status.rule import Judgement, Origin, Outcome, Rule, judge
from ombud.status.select import Declared, Timed, attestations, declared, measurements, of_kind, rules_for
from ombud.status.shape import well_shaped

ASSESSED_SHARE = "assessed_share"
CERTAINTY = {"V": "not yet read"}
"""Rows compared with a copy of the text; all others have not even been compared."""


@frozen(kw_only=True)
class Picture:
    """Where one system stands, as of an instant, by what the log held and the world knew at another.

    Attributes:
        system: its name.
        as_of: the instant asked about.
        known_at: the day by which law had to be published to count.
        facts: what was declared; declared_by: who signed it.
        release: composite digest of the release that the evidence is about.
        findings: one a planned check, in the order of the plan.
        requirements: one a requirement of the law pack that is not mere context.
        settings: what the declaration says of evidence and release.
        declaration: digest of the declaration; None where nothing was ever declared.
    """

    system: str
    as_of: datetime
    known_at: date
    facts: Facts = field(factory=dict)
    declared_by: str = ""
    release: str | None = None
    findings: tuple[Finding, ...] = ()
    requirements: tuple[RequirementStatus, ...] = ()
    settings: Mapping[str, object] = field(factory=dict)
    declaration: str | None = None

    def finding(self, check: str) -> Finding | None:
        """The finding of a check, if it was planned."""
        return next((finding for finding in self.findings if finding.check == check), None)

    def requirement(self, id: str) -> RequirementStatus | None:
        """The status of a requirement by its id."""
        return next((row for row in self.requirements if row.id == id), None)


def status(log: Sequence[Entry], view: LawView, system: str, as_of: datetime) -> Picture:
    """Everything that can be said of a system, as of an instant.

    Args:
        log: the trusted entries of a prefix of the log, in its order (what was known).
        view: the law in force on the day of `as_of`, as published by the day of the prefix.
        system: name of the system.
        as_of: the instant asked about; later than the newest entry, it is a preview.

    Returns:
        A picture without findings if nothing was ever declared: every requirement is then unknown.
    """
    log = well_shaped(log)
    now = declared(log, system, as_of)
    if now is None:
        rows = tuple(_row(r, State.UNKNOWN, "nothing was declared of this system") for r in view.requirements)
        return Picture(system=system, as_of=as_of, known_at=view.known_at, requirements=rows)
    applicability = view.applicability(now.facts)
    timed = measurements(log, system, now, as_of)
    findings = tuple(
        _finding(check, timed.get(check), now, log, system, applicability) for check in _planned(now, timed)
    )
    evidence = _Evidence({finding.check: finding for finding in findings}, timed, attestations(log, system, now, as_of))
    return Picture(
        system=system,
        as_of=as_of,
        known_at=view.known_at,
        facts=now.facts,
        declared_by=now.entry.holder,
        release=now.release,
        findings=findings,
        requirements=tuple(_status(one, evidence, now) for one in applicability if not one.requirement.context),
        settings=now.settings,
        declaration=now.entry.digest,
    )


def _planned(now: Declared, timed: Mapping[str, Timed]) -> tuple[str, ...]:
    # a check that is only named by a limit is planned too: a limit that nothing can judge must be seen
    return tuple(dict.fromkeys([*now.checks, *timed, *(rule.check for rule in now.rules)]))


# --- findings ---------------------------------------------------------------------------------------------------------


def _finding(
    check: str,
    timed: Timed | None,
    now: Declared,
    log: Sequence[Entry],
    system: str,
    applicability: Sequence[Applicability],
) -> Finding:
    serves = _serves(check, applicability)
    if timed is None:
        unjudged = judge_all(check, (), [*law_rules(applicability), *now.rules])
        return Finding(
            check=check, asks="", judgements=unjudged, requirements=serves, unmet="planned, but never measured"
        )
    said = timed.predicate
    taken = tuple(Measurement.from_json(one) for one in said["measurements"])
    rules = rules_for(timed.entry, log, system, now)
    return Finding(
        check=check,
        asks=said.get("asks", ""),
        judgements=judgements_of(check, taken, rules, applicability, now),
        requirements=serves,
        subjects=_subjects(timed.entry),
        observed_at=said["observed_at"],
        about=tuple(said["about"]) if said.get("about") else None,
        entry=timed.entry.digest,
        attempts=timed.attempts,
        unmet=said.get("unmet"),
        stale=timed.expired,
    )


def judgements_of(
    check: str,
    taken: Sequence[Measurement],
    policy: Sequence[Rule],
    applicability: Sequence[Applicability],
    now: Declared,
) -> tuple[Judgement, ...]:
    """Every measurement of a check held against law and policy, and against the share of people it has to assess."""
    return _enough_assessed(check, judge_all(check, taken, [*law_rules(applicability), *policy]), now)


def judge_all(check: str, taken: Sequence[Measurement], rules: Sequence[Rule]) -> tuple[Judgement, ...]:
    """Hold each measurement against each rule that concerns it; a rule that finds nothing to judge is unknown."""
    judgements: list[Judgement] = []
    for measurement in taken:
        concerned = [rule for rule in rules if rule.concerns(check, measurement)]
        judgements += [judge(measurement, rule) for rule in concerned] or [judge(measurement, None)]
    for rule in rules:
        if rule.check == check and not any(j.rule == rule for j in judgements):
            absent = Measurement(
                name=rule.measurement,
                value=None,
                protected=rule.protected,
                unknown="a limit is set for this number, but the check did not give it",
            )
            judgements.append(judge(absent, rule))
    return tuple(judgements)


def law_rules(applicability: Sequence[Applicability]) -> list[Rule]:
    """The limits that applicable requirements set: law and guidance are data, and judge old measurements too."""
    return [
        _law_rule(one.requirement, limit)
        for one in applicability
        if one.applies == "yes"
        for limit in one.requirement.limits
    ]


def _law_rule(requirement: Requirement, limit: Limit) -> Rule:
    return Rule(
        check=limit.check,
        measurement=limit.measurement,
        op=limit.op,
        value=limit.value,
        origin=Origin(limit.origin),
        source=requirement.id,
    )


def _enough_assessed(check: str, judged: Sequence[Judgement], now: Declared) -> tuple[Judgement, ...]:
    """Turn a share of assessed people below the policy's minimum into doubt; enough of them is no pass of anything.

    Like limits, it concerns protected columns by themselves, and only what something limits.
    """
    minimum = Fraction(str(now.settings.get("assessed_share", 0)))
    limited = {one.measurement.protected for one in judged if one.rule is not None}
    return tuple(
        _doubted(one, check, minimum, now) if _too_few_assessed(one, minimum, limited) else one for one in judged
    )


def _too_few_assessed(judged: Judgement, minimum: Fraction, limited: Collection[str | None]) -> bool:
    measured = judged.measurement
    if measured.name != ASSESSED_SHARE or measured.value is None or measured.protected not in limited:
        return False
    return measured.value < minimum


def _doubted(judged: Judgement, check: str, minimum: Fraction, now: Declared) -> Judgement:
    rule = Rule(
        check=check,
        measurement=ASSESSED_SHARE,
        op=">=",
        value=minimum,
        origin=Origin.POLICY,
        source=now.entry.digest,
        protected=judged.measurement.protected,
    )
    because = "too many people are in groups too small to assess"
    return evolve(judged, rule=rule, outcome=Outcome.UNKNOWN, because=because)


def _serves(check: str, applicability: Sequence[Applicability]) -> tuple[str, ...]:
    return tuple(
        one.requirement.id
        for one in applicability
        if one.applies != "no"
        and one.requirement.shown_by
        and any(part.kind == "check" and part.name == check for part in one.requirement.shown_by.parts)
    )


def _subjects(entry: Entry) -> tuple[Subject, ...]:
    inputs = entry.statement.predicate.get("inputs", ())
    seen = {str(one["table"].get("name")): one["table"].get("digest") for one in inputs if one.get("table")}
    return tuple(Subject(name, digest) for name, digest in seen.items())


# --- requirements -----------------------------------------------------------------------------------------------------


@frozen
class _Evidence:
    findings: Mapping[str, Finding]
    measured: Mapping[str, Timed]
    attested: Mapping[str, Timed]

    def part(self, asked: ShownPart, requirement: str) -> Part:
        blank = Part(kind=asked.kind, name=asked.name, strength=asked.strength, state=MISSING)
        return self._check(blank, requirement) if asked.kind == "check" else self._attestation(blank)

    def _check(self, blank: Part, requirement: str) -> Part:
        finding, timed = self.findings.get(blank.name), self.measured.get(blank.name)
        if finding is None or timed is None:
            return blank
        found, outcome = evolve(blank, entry=finding.entry), finding.outcome_for(requirement)
        if outcome is Outcome.FAIL and not timed.expired:
            return evolve(found, state=FAILING, because=f"measured {finding.observed_at}")
        if timed.expired:
            return evolve(found, state=STALE, because=f"measured {finding.observed_at}")
        if outcome is Outcome.UNKNOWN:
            return evolve(found, state=UNKNOWN, because=finding.unmet or "not decided by the numbers")
        return evolve(found, state=SHOWN, because=f"{outcome}, measured {finding.observed_at}")

    def _attestation(self, blank: Part) -> Part:
        timed = self.attested.get(f"{blank.kind}:{blank.name}")
        if timed is None:
            return blank
        said = f"attested {timed.predicate['observed_at']} by {timed.entry.holder}"
        return evolve(blank, state=STALE if timed.expired else SHOWN, because=said, entry=timed.entry.digest)


def _status(one: Applicability, evidence: _Evidence, now: Declared) -> RequirementStatus:
    requirement = one.requirement
    shown_by = requirement.shown_by
    parts = tuple(evidence.part(asked, requirement.id) for asked in shown_by.parts) if shown_by else ()
    state, because = _state(one, shown_by.mode if shown_by else "all_of", parts, now)
    row = _row(requirement, state, because)
    bites = one.bites_from.isoformat() if one.bites_from else None
    return evolve(row, bites_from=bites, missing_facts=one.missing_facts, parts=parts)


def _state(one: Applicability, mode: str, parts: Sequence[Part], now: Declared) -> tuple[State, str]:
    if one.upcoming:
        return State.UPCOMING, one.because
    if one.applies == "no":
        return State.NOT_APPLICABLE, f"{one.because} (declared by {now.entry.holder})"
    if one.applies == "cannot tell":
        return State.UNKNOWN, f"cannot tell whether it applies: {one.because}"
    return combine(mode, parts)


def _row(requirement: Requirement, state: State, because: str) -> RequirementStatus:
    return RequirementStatus(
        id=requirement.id,
        title=requirement.title,
        cite=requirement.cite,
        href=requirement.href,
        framework=requirement.framework,
        binding=requirement.binding,
        owner=requirement.owner,
        due=requirement.due,
        certainty=CERTAINTY.get(requirement.certainty, "not yet read, unchecked"),
        state=state,
        because=because,
    )


def withdrawn_or_kept(log: Sequence[Entry], kind: str, system: str, as_of: datetime) -> tuple[Entry, ...]:
    """Entries of a kind about a system that count as of an instant (approvals, waivers, releases)."""
    return tuple(e for e in of_kind(log, kind, as_of) if e.statement.predicate.get("system") == system)
