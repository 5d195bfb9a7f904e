"""Whether the model errs more often about one group than about another."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from ombud.checks.check import check
from ombud.statistics.compare import Family, compare, nameless, too_small
from ombud.statistics.cube import Cube
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE, Group, Reference, choose_reference, rates
from ombud.statistics.measured import assessed_share, differences, one_rate, ratios
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Counts, Role

ENOUGH = 10
"""Fewest people in the denominator of an error rate (methods: fairness, error rates)."""

FAVOURABLE_NOTE = "true and false positive refer to the favourable decision"

LABEL_NOTES = {
    "past-human-decision": "the label is a past human decision: an error here is a disagreement with those people, "
    "and a rate that is equal repeats what they did",
    "proxy": "the label is a proxy: an error here is measured against a stand-in for the outcome",
}


@frozen
class _Rate:
    """One error rate: share of people with a favourable `outcome` among those with `level` on the axis `among`."""

    name: str
    outcome: str
    among: str
    level: str
    people: str


RATES = (
    _Rate("true_positive_rate", "decision", "label", FAVOURABLE, "people with a favourable label"),
    _Rate("false_positive_rate", "decision", "label", UNFAVOURABLE, "people with an unfavourable label"),
    _Rate("positive_predictive_value", "label", "decision", FAVOURABLE, "people decided favourably"),
)


@check(
    "fairness.error_rates",
    asks="Does the model err more often about one group than about another?",
    needs=Counts(by=Role.PROTECTED, of=(Role.DECISION, Role.LABEL)),
    remedy="Find which features serve one group badly, gather better labels, or choose another model or threshold.",
)
def error_rates(counts: Cube, *, reference: str | None = None, label_is: str | None = None) -> Iterator[Measurement]:
    """Compare true positive rate, false positive rate and positive predictive value between groups.

    Each rate has its own denominator: people with a favourable label, with an unfavourable label, and decided
    favourably. One reference group serves all three: the one that `fairness.impact_ratio` would choose.

    Args:
        counts: people by "group", "decision" and "label" (favourable, unfavourable, missing), of one protected set.
        reference: the group that law or policy names.
        label_is: what the label is: "outcome", "past-human-decision" or "proxy"; said beside every number.

    Yields:
        For each of the three: the rate of each group with Wilson's 95 % interval, then `…_ratio` and `…_difference`
        against the reference group; a group with n < 30, or with fewer than 10 in the denominator, is "not assessed".
        Then `assessed_share`: people in groups of which all three could be compared.

    Source: equal opportunity and equalised odds, Hardt et al. (2016); predictive parity, Chouldechova (2017).
    """
    people = rates(counts)
    standard = choose_reference(counts.name, people, reference)
    compared = frozenset(group.name for group in people)
    notes = _notes(label_is, counts.count(label=None))
    for rate in RATES:
        family, measured = _measured(counts, rate, people, standard, notes)
        compared &= family.compared
        yield from measured
    yield assessed_share(counts.name, sum(g.total for g in people if g.name in compared), counts.total)


def _measured(
    counts: Cube, rate: _Rate, people: Sequence[Group], standard: Reference, notes: tuple[str, ...]
) -> tuple[Family, Iterator[Measurement]]:
    groups = rates(counts, rate.outcome, (rate.among, rate.level))
    few = too_small(groups, ENOUGH, rate.people) | too_small(people)
    family = compare(counts.name, groups, standard, few | nameless(people))
    return family, _measurements(rate, groups, family, few, notes)


def _measurements(
    rate: _Rate, groups: Sequence[Group], family: Family, few: dict[str, str], notes: tuple[str, ...]
) -> Iterator[Measurement]:
    for group in groups:
        yield one_rate(rate.name, family.protected, group, unknown=few.get(group.name), notes=notes)
    yield from ratios(f"{rate.name}_ratio", family, notes)
    yield from differences(f"{rate.name}_difference", family, notes)


def _notes(label_is: str | None, unlabelled: int) -> tuple[str, ...]:
    missing = f"{unlabelled} people have no label: they are in no true or false positive rate" if unlabelled else ""
    return tuple(note for note in (FAVOURABLE_NOTE, LABEL_NOTES.get(label_is or "", ""), missing) if note)
