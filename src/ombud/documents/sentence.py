"""The sentence of a finding: who is worse off, by how much, how sure, against whose limit."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ombud.documents import words
from ombud.documents.measures import Measure, about, measure_of
from ombud.statistics.groups import TIMES
from ombud.statistics.measurement import Measurement
from ombud.statistics.power import needed_n
from ombud.status.finding import Finding
from ombud.status.rule import ALPHA, Judgement, Origin, Outcome, Rule

_PAIR: Final = frozenset(("selected", "total", "reference_selected", "reference_total"))


def summary_of(finding: Finding, *, alone: bool = True) -> str:
    """What a finding came to, in one sentence about the number that decides it, and one that names the others.

    Exact numbers with n, interval, test and the source of the limit; the reason where nothing could be measured.

    Args:
        finding: what to tell.
        alone: say also where no limit is set; False under a heading that says so already.
    """
    if finding.unmet is not None:
        return f"Not measured: {_ended(words.clean(finding.unmet))}"
    ranked = deciding(finding)
    if not ranked:
        return "Not measured: the check gave no number."
    said = sentence_of(ranked[0], alone=alone) + _others(finding.outcome, ranked)
    stale = f"Measured {finding.observed_at[:10]}, too long ago to count: " if finding.stale else ""
    return stale + said


def deciding(finding: Finding) -> list[Judgement]:
    """The judgements that made the outcome, the one that tells most first."""
    outcome = finding.outcome
    spoken = [j for j in finding.judgements if j.outcome is outcome and j.measurement.is_assessed]
    ruled = [j for j in spoken if j.rule]
    if not ruled and not spoken:
        spoken = [j for j in finding.judgements if j.outcome is outcome]
    return sorted(ruled or spoken, key=_weight)


def sentence_of(judgement: Judgement, *, alone: bool = True) -> str:
    """One judged number in one sentence; unless `alone`, it is silent on a limit that nobody set."""
    measurement, measure = judgement.measurement, measure_of(judgement.measurement)
    if measurement.value is None or (measurement.unknown and not measurement.is_estimate):
        return _unmeasured(judgement, measure)
    rule = judgement.rule
    limit = rule.value if rule else None
    if measurement.value is not None and measurement.counts.keys() >= _PAIR:
        said = f"{_pair(measurement, measure)}: the {measure.called} is {_number(measurement, measure, limit, False)}"
    else:
        said = _one(measurement, measure, limit)
    return _ended(said + _verdict(judgement, measure, alone))


def needed(judgement: Judgement) -> int | None:
    """How many people of the group would decide an unknown, if the rates stayed as observed; None if that is open."""
    rule, measurement = judgement.rule, judgement.measurement
    if judgement.outcome is not Outcome.UNKNOWN or rule is None or measurement.counts.keys() < {"selected", "total"}:
        return None
    if measurement.value is None or not measurement.is_assessed:
        return None
    try:
        return needed_n(measurement, rule.op, rule.value)
    except (KeyError, ZeroDivisionError):  # counts of another kind than of rates
        return None


# --- the parts of a sentence ------------------------------------------------------------------------------------------


def _pair(measurement: Measurement, measure: Measure) -> str:
    """ "Of 197 people whose race is “black”, 73.1 % were favoured; of 1,681 whose race is “white”, 94.3 %"."""
    counts = measurement.counts
    whose = f"whose {words.name(measurement.protected or 'group')} is"
    also = f" and {measure.among}" if measure.among else ""
    people = words.counted(counts["total"], "person", "people")
    return (
        f"Of {people} {whose} {words.quoted(measurement.group or '')}{also}, "
        f"{_rate(counts['selected'], counts['total'])} {measure.happened or 'count towards it'}; "
        f"of {counts['reference_total']:,} {whose} {words.quoted(measurement.reference or '')}, "
        f"{_rate(counts['reference_selected'], counts['reference_total'])}"
    )


def _rate(selected: int, total: int) -> str:
    return words.share(Fraction(selected, total)) if total else "nobody"


def _one(measurement: Measurement, measure: Measure, limit: Fraction | None) -> str:
    whom = about(measurement)
    against = f" against {words.quoted(measurement.reference)}" if measurement.reference else ""
    called = measure.called[:1].upper() + measure.called[1:]
    head = f"{called}, {whom}{against}" if whom else called
    return f"{head}: {_number(measurement, measure, limit, True)}"


def _number(measurement: Measurement, measure: Measure, limit: Fraction | None, with_n: bool) -> str:
    assert measurement.value is not None
    value = measure.write(measurement.value, limit)
    beside = [interval(measurement, measure, limit)] if measurement.is_estimate else []
    beside += [_n(measurement, measure)] if with_n and measurement.n else []
    return f"{value} ({', '.join(beside)})" if beside else value


def _n(measurement: Measurement, measure: Measure) -> str:
    of = "" if measure.n_of == "people" else f" {measure.n_of}"
    return f"n = {measurement.n:,}{of}"


def interval(measurement: Measurement, measure: Measure, limit: Fraction | None = None) -> str:
    """ "95 % interval .709 to .837"."""
    assert measurement.low is not None and measurement.high is not None
    return f"{words.level(measurement.level)} interval {measure.spread(measurement.low, measurement.high, limit)}"


def _unmeasured(judgement: Judgement, measure: Measure) -> str:
    measurement = judgement.measurement
    whom = about(measurement)
    head = f"{measure.called[:1].upper()}{measure.called[1:]}" + (f", {whom}" if whom else "")
    limit = f"; the limit is {limit_words(judgement.rule, measure)}" if judgement.rule else ""
    return _ended(f"{head}: {words.clean(judgement.measurement.unknown or judgement.because)}{limit}")


def _verdict(judgement: Judgement, measure: Measure, alone: bool) -> str:
    rule, measurement = judgement.rule, judgement.measurement
    if rule is None:
        said = [_equality(measurement), "neither law nor policy sets a limit" if alone else ""]
        return "".join(f"; {one}" for one in said if one)
    assert measurement.value is not None
    if not rule.allows(measurement.value):
        side = "below" if rule.op == ">=" else "above"
        return f", {side} the limit of {limit_words(rule, measure)}{_how_sure(judgement)}"
    least = "at least" if rule.op == ">=" else "at most"
    return f", within the limit of {least} {limit_words(rule, measure)}{_how_sure(judgement)}"


def _how_sure(judgement: Judgement) -> str:
    measurement = judgement.measurement
    if not measurement.is_estimate:
        return "; a count of facts, not an estimate"
    p = f" ({words.p_value(measurement.p_value)})" if measurement.p_value is not None else ""
    if judgement.outcome is Outcome.FAIL:
        return f", and not by chance{p}" + (
            "; the interval crosses the limit" if "crosses" in judgement.because else ""
        )
    if judgement.outcome is Outcome.PASS:
        unequal = f"; yet the groups are unequal beyond chance{p}, which needs a recorded justification"
        return ", and so is the whole interval" + (unequal if judgement.attention else "")
    return _undecided(judgement, p)


def _undecided(judgement: Judgement, p: str) -> str:
    rule, measurement = judgement.rule, judgement.measurement
    assert rule is not None and measurement.value is not None
    if measurement.unknown:
        return f", but it may not be judged: {words.clean(measurement.unknown)}"
    within = rule.allows(measurement.value)
    why = ", but the interval reaches beyond it" if within else f", but chance alone could do that{p}"
    enough = needed(judgement)
    return f"{why}; {_about_so_many(enough)} would decide it if the rates stayed as they are" if enough else why


def _about_so_many(people: int) -> str:
    """A plan, not a promise: two digits are more than is known."""
    step = 10 ** max(0, len(str(people)) - 2)
    return f"about {-(-people // step) * step:,} people of this group"


def _equality(measurement: Measurement) -> str:
    if measurement.p_value is None:
        return ""
    unequal = "unequal beyond chance" if measurement.p_value < ALPHA else "not told from equal"
    return f"{unequal} ({words.p_value(measurement.p_value)})"


def limit_words(rule: Rule, measure: Measure) -> str:
    """ "4/5 set by your own policy (borrowed from …)"."""
    return f"{measure.write_limit(rule.value)} set by {source_words(rule)}"


def source_words(rule: Rule) -> str:
    """Who set a limit."""
    if rule.origin is Origin.POLICY:
        borrowed = f" (borrowed from {words.name(rule.borrowed_from, 200)})" if rule.borrowed_from else ""
        return f"your own policy{borrowed}"
    kind = "law" if rule.origin is Origin.LAW else "official guidance"
    return f"{kind} ({words.name(rule.source)})"


# --- which number speaks ----------------------------------------------------------------------------------------------


def _weight(judgement: Judgement) -> tuple[bool | float, ...]:
    """Sorts what tells most to the front: numbers before gaps, and by their limit or, without, by their meaning."""
    measurement, rule = judgement.measurement, judgement.rule
    if measurement.value is None:
        return (True,)
    value, lone = float(measurement.value), measurement.group is None
    if rule is not None:
        return (False, lone and measurement.protected is not None, _room(value, rule))
    measure = measure_of(measurement)
    combined = TIMES in (measurement.protected or "")
    p = measurement.p_value if measurement.p_value is not None else 2.0
    direction = {"low": value, "high": -value, "": 0.0}[measure.worse]
    return (False, not measure.leads, combined, p, lone == bool(measure.worse), direction)


def _room(value: float, rule: Rule) -> float:
    """How far a value lies within its limit, relative to it; negative beyond it."""
    size = abs(float(rule.value)) or 1.0
    return (value - float(rule.value)) / size if rule.op == ">=" else (float(rule.value) - value) / size


def _others(outcome: Outcome, ranked: Sequence[Judgement]) -> str:
    if outcome not in (Outcome.FAIL, Outcome.UNKNOWN) or len(ranked) < 2:
        return ""
    rest = [_short(judgement) for judgement in ranked[1:4]]
    more = len(ranked) - 1 - len(rest)
    named = words.listed([*rest, f"{more} more"] if more else rest)
    return f" {'Also beyond' if outcome is Outcome.FAIL else 'Also undecided'}: {named}."


def _short(judgement: Judgement) -> str:
    measurement, measure = judgement.measurement, measure_of(judgement.measurement)
    limit = judgement.rule.value if judgement.rule else None
    value = f" {measure.write(measurement.value, limit)}" if measurement.value is not None else ""
    whom = about(measurement)
    beside = [interval(measurement, measure, limit)] if measurement.is_estimate else []
    beside += [_n(measurement, measure)] if measurement.n else []
    return f"{f'{whom}, ' if whom else ''}{measure.called}{value}" + (f" ({', '.join(beside)})" if beside else "")


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
