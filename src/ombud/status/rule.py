"""A limit, where it comes from, and the one function that holds a measurement against it."""

from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from attrs import frozen

from ombud.statistics.measurement import Measurement, Scale
from ombud.statistics.power import needed_n

COMBINED = " × "
"""How the names of protected columns that are looked at together are joined."""

ALPHA = 0.05
"""Two-sided significance of equality; a convention of statistics (methods: judgement), never shown as law."""


class Outcome(StrEnum):
    """What a check came to under a rule."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    FAIL = "fail"
    MEASURED = "measured"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


SEVERITY = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.MEASURED, Outcome.NOT_APPLICABLE)
"""Which outcome speaks for several: the first of these that occurs."""


class Origin(StrEnum):
    """Who set a limit."""

    LAW = "law"
    GUIDANCE = "guidance"
    POLICY = "policy"


@frozen(kw_only=True)
class Rule:
    """A limit on one measurement of one check.

    Attributes:
        check, measurement: what it limits ("fairness.impact_ratio", "impact_ratio").
        op: ">=" (at least) or "<=" (at most).
        value: the limit, exact.
        origin: law, official guidance, or the organisation's own policy.
        source: requirement id (law, guidance) or digest of the declaration that holds the policy.
        borrowed_from: for a policy, the text whose number it borrows.
        protected: only for this protected column or combination; None: for each protected column by itself. A
            combination of columns is limited only where it is named: no text that Ombud ships limits one.
    """

    check: str
    measurement: str
    op: Literal[">=", "<="]
    value: Fraction
    origin: Origin
    source: str
    borrowed_from: str | None = None
    protected: str | None = None

    def concerns(self, check: str, measurement: Measurement) -> bool:
        """Whether the rule speaks of this measurement."""
        if (self.check, self.measurement) != (check, measurement.name):
            return False
        if self.protected is None:
            return COMBINED not in (measurement.protected or "")
        return self.protected == measurement.protected

    def allows(self, value: float | Fraction) -> bool:
        """Whether a value lies within the limit, compared exactly."""
        return value >= self.value if self.op == ">=" else value <= self.value

    def to_json(self) -> dict[str, Any]:
        """The form that `check --format json` prints."""
        return {
            "op": self.op,
            "value": str(self.value),
            "origin": str(self.origin),
            "source": self.source,
            "borrowed_from": self.borrowed_from,
        }


@frozen
class Judgement:
    """A measurement held against a rule.

    Attributes:
        outcome: pass, fail, measured or unknown.
        attention: a pass that is significantly unequal: it needs a recorded justification.
        because: why, in one sentence, in words.
    """

    measurement: Measurement
    rule: Rule | None
    outcome: Outcome
    because: str
    attention: bool = False


def judge(measurement: Measurement, rule: Rule | None) -> Judgement:
    """Hold one measurement against one rule; the only place where a verdict is made.

    *Fail* is beyond the limit and significantly unequal; *pass* is within it with an interval that excludes a breach;
    everything between is *unknown*. A number that is no estimate (a count of facts) is compared as it is. Without a
    rule there is no verdict: *measured*. Significance is of equality, not of the limit, and more data can therefore
    never turn a pass of the same truth into an unknown.
    """
    if measurement.unknown is not None or measurement.value is None:
        return Judgement(measurement, rule, Outcome.UNKNOWN, measurement.unknown or "could not be measured")
    if rule is None:
        return Judgement(measurement, None, Outcome.MEASURED, "neither law nor policy sets a limit")
    if not measurement.is_estimate:
        return _exact(measurement, rule)
    return _estimated(measurement, rule)


def _exact(measurement: Measurement, rule: Rule) -> Judgement:
    assert measurement.value is not None
    if rule.allows(measurement.value):
        return Judgement(measurement, rule, Outcome.PASS, "within the limit; a count of facts, not an estimate")
    return Judgement(measurement, rule, Outcome.FAIL, "beyond the limit; a count of facts, not an estimate")


def _estimated(measurement: Measurement, rule: Rule) -> Judgement:
    assert measurement.value is not None and measurement.low is not None and measurement.high is not None
    unequal = _unequal(measurement, rule)
    nearest_breach = measurement.low if rule.op == ">=" else measurement.high
    if not rule.allows(measurement.value):
        if unequal:
            crosses = rule.allows(measurement.high if rule.op == ">=" else measurement.low)
            also = "; the interval crosses the limit" if crosses else ""
            return Judgement(measurement, rule, Outcome.FAIL, f"beyond the limit, and not by chance{also}")
        return _undecided(measurement, rule, "beyond the limit, but chance alone could do that")
    if not rule.allows(nearest_breach):
        return _undecided(measurement, rule, "within the limit, but the interval reaches beyond it")
    because = "within the limit, and so is the whole interval"
    if unequal and measurement.scale is not Scale.PLAIN:
        return Judgement(measurement, rule, Outcome.PASS, because + "; yet significantly unequal", attention=True)
    return Judgement(measurement, rule, Outcome.PASS, because)


def _undecided(measurement: Measurement, rule: Rule, because: str) -> Judgement:
    needed = needed_n(measurement, rule.op, rule.value)
    enough = f"; about {needed:,} people of this group would decide it, if the rates stay as they are" if needed else ""
    return Judgement(measurement, rule, Outcome.UNKNOWN, because + enough)


def _unequal(measurement: Measurement, rule: Rule) -> bool:
    if measurement.p_value is not None:
        return measurement.p_value < ALPHA
    # a plain estimate has no equality to test: it is beyond the limit when its whole interval is
    assert measurement.low is not None and measurement.high is not None
    return not rule.allows(measurement.high if rule.op == ">=" else measurement.low)
