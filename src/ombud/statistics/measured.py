"""Rates and comparisons of rates put into measurements, with everything needed to judge them."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ombud.statistics.compare import Comparison, Family
from ombud.statistics.equality import ENOUGH_EXPECTED, smallest_expected
from ombud.statistics.groups import Group
from ombud.statistics.intervals import difference_interval, wilson
from ombud.statistics.measurement import Measurement, Scale


def one_rate(
    name: str, protected: str, group: Group, *, unknown: str | None = None, notes: Sequence[str] = ()
) -> Measurement:
    """The rate of one group with Wilson's interval; without a value where nobody was considered.

    Args:
        name: name of the rate.
        protected: the protected set.
        group: the group; `whole(...)` for everybody, which no group is named for.
        unknown: why it may not be judged; its value is shown all the same.
        notes: what a reader has to know beside it.
    """
    low, high = wilson(group.selected, group.total) if group.total else (None, None)
    return Measurement(
        name=name,
        protected=protected,
        group=group.name or None,
        value=group.rate if group.total else None,
        low=low,
        high=high,
        n=group.total,
        method="share of people, exact; interval: Wilson (1927)",
        counts=_counts(group),
        unknown=unknown if group.total else unknown or "nobody to take a rate of",
        notes=(*notes, *_undecided(group)),
    )


def ratios(name: str, family: Family, notes: Sequence[str] = ()) -> Iterator[Measurement]:
    """Each group's rate divided by the reference group's, and each group that could not be compared with the reason."""
    for one in family.comparisons:
        yield _ratio(name, family, one, notes)
    yield from _uncompared(name, family, Scale.RATIO, notes)


def differences(name: str, family: Family, notes: Sequence[str] = ()) -> Iterator[Measurement]:
    """Each group's rate minus the reference group's, and each group that could not be compared with the reason."""
    for one in family.comparisons:
        yield _difference(name, family, one, notes)
    yield from _uncompared(name, family, Scale.DIFFERENCE, notes)


def assessed_share(protected: str, assessed: int, people: int) -> Measurement:
    """The share of all people who belong to a group that could be compared.

    Args:
        protected: the protected set.
        assessed: people whose group took part in a comparison, the reference group included.
        people: everybody counted, those with a missing protected value or outcome too. Groups too small to publish
            are not among them: they are in no cube, and how many people they hold is told beside it.
    """
    return Measurement(
        name="assessed_share",
        protected=protected,
        value=Fraction(assessed, people) if people else None,
        n=people,
        method="people in groups that could be compared, of all people counted; a count of facts",
        counts={"assessed": assessed, "people": people},
        unknown=None if people else "nobody was counted",
    )


def _ratio(name: str, family: Family, one: Comparison, notes: Sequence[str]) -> Measurement:
    group, reference = one.group, one.reference
    defined = reference.selected > 0
    return Measurement(
        name=name,
        protected=family.protected,
        group=group.name,
        reference=reference.name,
        scale=Scale.RATIO,
        value=group.rate / reference.rate if defined else None,
        low=one.ratio_low if defined else None,
        high=one.ratio_high if defined else None,
        p_value=one.p_value,
        p_raw=one.p_raw,
        n=group.total,
        detectable=None if one.detectable is None else one.detectable / float(reference.rate),
        method=f"ratio of rates, exact; interval: Miettinen and Nurminen (1985); {family.method}",
        counts=_counts(group, reference),
        unknown=None if defined else f"the rate of the reference group {reference.name} is 0: no ratio to it",
        notes=(*notes, *_undecided(group)),
    )


def _difference(name: str, family: Family, one: Comparison, notes: Sequence[str]) -> Measurement:
    group, reference = one.group, one.reference
    low, high = difference_interval(group.selected, group.total, reference.selected, reference.total)
    expected = smallest_expected((group.selected, reference.selected), (group.total, reference.total))
    return Measurement(
        name=name,
        protected=family.protected,
        group=group.name,
        reference=reference.name,
        scale=Scale.DIFFERENCE,
        value=group.rate - reference.rate,
        low=low,
        high=high,
        p_value=one.p_value,
        p_raw=one.p_raw,
        n=group.total,
        detectable=None if one.detectable is None else one.detectable - float(reference.rate),
        method=f"difference of rates, exact; interval: Newcombe (1998), hybrid score; {family.method}",
        counts=_counts(group, reference),
        unknown=_too_few(expected),
        notes=(*notes, *_undecided(group)),
    )


def _too_few(expected: float) -> str | None:
    if expected >= ENOUGH_EXPECTED:
        return None
    return f"an expected count is {expected:.1f}, under {ENOUGH_EXPECTED}: too few for the interval of a difference"


def _uncompared(name: str, family: Family, scale: Scale, notes: Sequence[str]) -> Iterator[Measurement]:
    if not family.left and not family.comparisons:
        yield Measurement(name=name, protected=family.protected, scale=scale, value=None, unknown="nobody was counted")
    for group, reason in family.left:
        yield Measurement(
            name=name,
            protected=family.protected,
            group=group.name,
            reference=family.reference.name if family.reference else None,
            scale=scale,
            value=None,
            n=group.total,
            method=family.method,
            counts=_counts(group),
            unknown=reason,
            notes=tuple(notes),
        )


def _counts(group: Group, reference: Group | None = None) -> dict[str, int]:
    counts = {"selected": group.selected, "total": group.total}
    if group.undecided:
        counts["undecided"] = group.undecided
    if reference is not None:
        counts |= {"reference_selected": reference.selected, "reference_total": reference.total}
    return counts


def _undecided(group: Group) -> tuple[str, ...]:
    return (f"{group.undecided} more people of this group have no known outcome",) if group.undecided else ()
