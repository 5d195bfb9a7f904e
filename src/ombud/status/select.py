"""Which statements of the log count, for one system, as of an instant."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from attrs import frozen

from ombud.evidence.entry import Entry
from ombud.law.vocabulary import Facts
from ombud.status.rule import Origin, Rule

DEFAULT_MAX_AGE_DAYS = 90
"""Used only where a declaration is silent; the manifest's own default is declared, and so evidence."""


def moment(text: str) -> datetime:
    """An instant as the log writes it."""
    return datetime.fromisoformat(text)


@frozen
class Declared:
    """What was declared of a system, as of an instant.

    Attributes:
        entry: the declaration itself.
        facts: what conditions of law may ask.
        rules: policy limits in force.
        max_age: days for which a measurement of a check counts; key "default" for all others.
        checks: the checks that were planned; one without evidence is unknown, never absent.
        release: composite digest of the release that the evidence has to be about.
        settings: the rest of what the manifest says of evidence and release.
    """

    entry: Entry
    facts: Facts
    rules: tuple[Rule, ...]
    max_age: Mapping[str, int]
    checks: tuple[str, ...]
    release: str | None
    settings: Mapping[str, Any]

    def lifetime(self, check: str) -> timedelta:
        """How long evidence of a check counts."""
        return timedelta(days=self.max_age.get(check, self.max_age.get("default", DEFAULT_MAX_AGE_DAYS)))


@frozen
class Timed:
    """A statement that counts, and whether it is still current.

    Attributes:
        entry: the statement.
        expired: it held, but no longer does as of the instant asked about.
        attempts: how many statements said the same thing with the same parameters.
    """

    entry: Entry
    expired: bool
    attempts: int = 1

    @property
    def predicate(self) -> Mapping[str, Any]:
        """Shorthand for the statement's predicate."""
        return self.entry.statement.predicate


def of_kind(log: Iterable[Entry], kind: str, as_of: datetime) -> tuple[Entry, ...]:
    """Entries of a kind that were observed by `as_of` and not withdrawn by then, in the order of the log."""
    return tuple(entry for entry in log if entry.statement.kind == kind and _counts(entry, as_of))


def _counts(entry: Entry, as_of: datetime) -> bool:
    if moment(entry.statement.predicate["observed_at"]) > as_of:
        return False
    return entry.withdrawn_from is None or as_of < moment(entry.withdrawn_from)


def declared(log: Sequence[Entry], system: str, as_of: datetime) -> Declared | None:
    """The newest declaration of a system as of an instant; None if there was none."""
    newest = [e for e in of_kind(log, "declaration", as_of) if e.statement.predicate.get("system") == system]
    return read_declaration(newest[-1]) if newest else None


def read_declaration(entry: Entry) -> Declared:
    """Take a declaration apart."""
    predicate = entry.statement.predicate
    settings = predicate.get("settings", {})
    return Declared(
        entry=entry,
        facts={fact: frozenset(values) for fact, values in predicate.get("facts", {}).items()},
        rules=tuple(policy_rule(limit, entry.digest) for limit in predicate.get("policy", ())),
        max_age=settings.get("max_age_days", {}),
        checks=tuple(predicate.get("checks", ())),
        release=predicate.get("release"),
        settings=settings,
    )


def policy_rule(limit: Mapping[str, Any], source: str) -> Rule:
    """A policy limit as it was declared, as a rule whose source is the declaration."""
    return Rule(
        check=limit["check"],
        measurement=limit["measurement"],
        op=limit["op"],
        value=Fraction(limit["value"]),
        origin=Origin.POLICY,
        source=source,
        borrowed_from=limit.get("borrowed_from"),
        protected=limit.get("protected"),
    )


def rules_for(measured: Entry, log: Sequence[Entry], system: str, now: Declared) -> tuple[Rule, ...]:
    """The policy that judges a measurement: what was declared before it, and later policy only where it is tighter.

    A limit set after the result cannot rescue it; one that is made stricter judges old results too.
    """
    before = [
        e
        for e in log
        if e.index < measured.index
        and e.statement.kind == "declaration"
        and e.statement.predicate.get("system") == system
    ]
    then = read_declaration(before[-1]).rules if before else ()
    return tuple(_tightest([*then, *now.rules]))


def _tightest(rules: Sequence[Rule]) -> list[Rule]:
    best: dict[tuple[str, str, str, str | None], Rule] = {}
    for rule in rules:
        key = (rule.check, rule.measurement, rule.op, rule.protected)
        held = best.get(key)
        tighter = held is None or (rule.value > held.value if rule.op == ">=" else rule.value < held.value)
        best[key] = rule if tighter else best[key]
    return list(best.values())


def measurements(log: Sequence[Entry], system: str, now: Declared, as_of: datetime) -> dict[str, Timed]:
    """For each check, the newest measurement of the release in question.

    Newest by the signer's claim of when it was measured; among equals, the later entry. Every attempt is counted:
    same check, release, tables and parameters.
    """
    newest: dict[str, Entry] = {}
    tries: dict[str, int] = {}
    for entry in of_kind(log, "measurement", as_of):
        said = entry.statement.predicate
        if said.get("system") != system or said.get("release") != now.release:
            continue
        check = said["check"]
        held = newest.get(check)
        if held is None or moment(said["observed_at"]) >= moment(held.statement.predicate["observed_at"]):
            newest[check] = entry
        tries[attempt_key(said)] = tries.get(attempt_key(said), 0) + 1
    return {
        check: Timed(entry, _too_old(entry, now.lifetime(check), as_of), tries[attempt_key(entry.statement.predicate)])
        for check, entry in newest.items()
    }


def attempt_key(said: Mapping[str, Any]) -> str:
    """What makes two measurements attempts at the same thing."""
    tables = sorted(str((taken.get("table") or {}).get("digest")) for taken in said.get("inputs", ()))
    parameters = sorted((str(k), str(v)) for k, v in said.get("parameters", {}).items())
    return repr((said["check"], said.get("release"), sorted(set(tables)), parameters))


def attestations(log: Sequence[Entry], system: str, now: Declared, as_of: datetime) -> dict[str, Timed]:
    """For each item ("document:dpia"), the newest attestation for the system or for the whole organisation."""
    newest: dict[str, Entry] = {}
    for entry in of_kind(log, "attestation", as_of):
        said = entry.statement.predicate
        if said.get("system") == system or said.get("organisation"):
            newest[said["item"]] = entry
    return {item: Timed(entry, _expired(entry, now, as_of)) for item, entry in newest.items()}


def _expired(entry: Entry, now: Declared, as_of: datetime) -> bool:
    expires = entry.statement.predicate.get("expires")
    if expires is None:
        return _too_old(entry, now.lifetime("attestation"), as_of)
    return as_of >= moment(expires)


def _too_old(entry: Entry, lifetime: timedelta, as_of: datetime) -> bool:
    # half-open: at the very instant at which its time is over, it no longer counts
    return as_of >= moment(entry.statement.predicate["observed_at"]) + lifetime
