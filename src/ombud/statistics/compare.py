"""One rate of all groups against a reference group: which pairs, with which test, interval and smallest effect."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import frozen

from ombud.statistics.corrections import benjamini_hochberg, holm
from ombud.statistics.equality import equality, omnibus
from ombud.statistics.groups import ENOUGH_PEOPLE, TIMES, Group, Reference
from ombud.statistics.intervals import ratio_intervals
from ombud.statistics.measurement import NOT_ASSESSED
from ombud.statistics.power import detectable_rates

MANY = 10
"""With more comparisons than this, over combinations of columns, false alarms are held down by their share among
alarms (Benjamini–Hochberg) instead of one by one (Holm); the omnibus test comes first either way."""

Correction = Callable[[Sequence[float]], tuple[float, ...]]


@frozen(kw_only=True)
class Comparison:
    """One group beside the reference group.

    Attributes:
        group, reference: the two.
        p_raw: p-value that their rates are equal.
        p_value: the larger of the omnibus test's and the one corrected for the number of comparisons.
        ratio_low, ratio_high: interval of the ratio; high is infinite where the reference rate is 0.
        detectable: the highest rate below the reference's that would have been told from it; None if none would.
    """

    group: Group
    reference: Group
    p_raw: float
    p_value: float
    ratio_low: float
    ratio_high: float
    detectable: float | None


@frozen(kw_only=True)
class Family:
    """All groups of one protected set, compared on one rate.

    Attributes:
        protected: the protected column, or columns joined by " × ".
        reference: the group compared with; None if there is none that can be.
        comparisons: each other group that is large enough.
        left: the groups that were not compared, each with the reason.
        method: the choice of reference and the tests, in words.
    """

    protected: str
    reference: Group | None
    comparisons: tuple[Comparison, ...]
    left: tuple[tuple[Group, str], ...]
    method: str

    @property
    def compared(self) -> frozenset[str]:
        """Names of the groups that took part in a comparison, the reference included; empty if there was none."""
        return frozenset(group.name for one in self.comparisons for group in (one.group, one.reference))


def too_small(groups: Iterable[Group], minimum: int = ENOUGH_PEOPLE, of: str = "people") -> dict[str, str]:
    """Why each group with fewer than `minimum` considered people is not assessed, by name."""
    few = (group for group in groups if group.total < minimum)
    return {group.name: f"{NOT_ASSESSED}: {group.total} {of}, fewer than {minimum}" for group in few}


def nameless(groups: Iterable[Group]) -> dict[str, str]:
    """Why people whose protected value is not known are no group to compare, by name."""
    return {
        group.name: f"{NOT_ASSESSED}: {group.total} people whose protected value is not known"
        for group in groups
        if group.missing
    }


def compare(protected: str, groups: Sequence[Group], reference: Reference, left: Mapping[str, str]) -> Family:
    """Compare the rate of each group with that of the reference group.

    Args:
        protected: the protected set.
        groups: all groups, too small ones and people with a missing value among them.
        reference: the group to compare with (see `groups.choose_reference`).
        left: groups that are not to be compared, with the reason (see `too_small` and `nameless`).
    """
    standard = next((group for group in groups if group.name == reference.name), None)
    because = why_not(groups, reference, left)
    if standard is None or because:
        reasons = tuple((group, left.get(group.name, because)) for group in groups)
        return Family(protected=protected, reference=None, comparisons=(), left=reasons, method=reference.how)
    others = [group for group in groups if group is not standard and group.name not in left]
    many = TIMES in protected and len(others) > MANY
    return Family(
        protected=protected,
        reference=standard,
        comparisons=tuple(_compared(others, standard, benjamini_hochberg if many else holm)),
        left=tuple((group, left[group.name]) for group in groups if group.name in left),
        method=f"{reference.how}; {_tests(len(others), many)}",
    )


def why_not(groups: Sequence[Group], reference: Reference, left: Mapping[str, str]) -> str:
    """Why no group of a set can be compared; "" if some can."""
    if len(groups) == 1:
        return "there is only one group: nothing to compare it with"
    if reference.name is None:
        return reference.how
    return f"the reference group {reference.name} is {left[reference.name]}" if reference.name in left else ""


def _tests(pairs: int, many: bool) -> str:
    test = "Pearson's test of equality, or Fisher's where an expected count is under 5"
    if pairs < 2:
        return test
    return f"{test}; omnibus first, then {'Benjamini–Hochberg' if many else 'Holm'} over {pairs} pairs"


def _compared(others: Sequence[Group], reference: Group, correct: Correction) -> Iterator[Comparison]:
    if not others:
        return
    totals = [group.total for group in others]
    raw = [equality(group.selected, group.total, reference.selected, reference.total) for group in others]
    corrected = correct(raw)
    overall = omnibus([group.selected for group in (*others, reference)], [*totals, reference.total])
    low, high = ratio_intervals([group.selected for group in others], totals, reference.selected, reference.total)
    noticed = detectable_rates(totals, reference.total, float(reference.rate))
    for at, group in enumerate(others):
        yield Comparison(
            group=group,
            reference=reference,
            p_raw=raw[at],
            p_value=max(overall, corrected[at]),
            ratio_low=float(low[at]),
            ratio_high=float(high[at]),
            detectable=None if np.isnan(noticed[at]) else float(noticed[at]),
        )
