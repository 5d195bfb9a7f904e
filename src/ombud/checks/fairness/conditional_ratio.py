"""Whether alike people are treated alike: groups compared within strata, beside the crude comparison."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from ombud.checks.check import check
from ombud.statistics.compare import nameless, too_small, why_not
from ombud.statistics.corrections import holm
from ombud.statistics.cube import Cube
from ombud.statistics.distributions import ALPHA
from ombud.statistics.equality import equality
from ombud.statistics.groups import Group, choose_reference, rates, rates_by
from ombud.statistics.measured import assessed_share
from ombud.statistics.measurement import Measurement, Scale
from ombud.statistics.strata import (
    Homogeneity,
    Stratum,
    all_independent,
    conditional_independence,
    detectable_odds_ratio,
    homogeneity,
    odds_ratio,
    odds_ratio_interval,
)
from ombud.tables.needs import Counts, Role

NAME, CRUDE, SAME = "mantel_haenszel_odds_ratio", "crude_odds_ratio", "odds_ratio_homogeneity"
_METHOD = (
    "common odds ratio, exact (Mantel and Haenszel 1959); interval: Robins, Breslow and Greenland (1986); "
    "test: Cochran–Mantel–Haenszel, exact where counts are small"
)
_NAMED = 5  # so many strata are named in a note

Strata = Mapping[str, Mapping[str, Group]]
"""Groups by name in each stratum."""


@check(
    "fairness.conditional_ratio",
    asks="Are people who are alike in what may count selected alike, whatever their group?",
    needs=Counts(by=Role.PROTECTED, of=(Role.DECISION,), given=Role.CONDITION_ON),
    remedy="Where the gap stays within strata, look at the features; where it goes, ask if the strata may count.",
)
def conditional_ratio(counts: Cube, *, reference: str | None = None) -> Iterator[Measurement]:
    """Compare each group's odds of selection with the reference group's, within strata and all strata together.

    Args:
        counts: people by "group", "decision" and "stratum", of one protected set.
        reference: the group that law or policy names; None: as in `fairness.impact_ratio`.

    Yields:
        Of each other group: `mantel_haenszel_odds_ratio` (exact, 95 % interval, p-value of equality: the larger of the
        omnibus test's and Holm's), `crude_odds_ratio` beside it, and `odds_ratio_homogeneity` (Breslow and Day's
        statistic with Tarone's correction). Then `assessed_share`: people in strata in which their group was compared.

    Source: Mantel and Haenszel (1959); Simpson (1951) for why the crude number may point the other way.
    """
    groups, strata = rates(counts), _strata(counts)
    standard = choose_reference(counts.name, groups, reference)
    left = too_small(groups) | nameless(groups)
    because = why_not(groups, standard, left) if groups else "nobody was counted"
    if because or standard.name is None:
        yield from _uncompared(counts.name, groups, left, because)
        yield assessed_share(counts.name, 0, counts.total)
        return
    others = [group for group in groups if group.name != standard.name and group.name not in left]
    pairs = [_Pair(group, _paired(strata, group.name, standard.name)) for group in others]
    p_values = _p_values(pairs, strata, standard.name)
    for pair, (raw, corrected) in zip(pairs, p_values, strict=True):
        yield from _measurements(counts.name, standard.name, pair, raw, corrected)
    yield from _uncompared(counts.name, [group for group in groups if group.name in left], left, "")
    yield assessed_share(counts.name, _assessed(strata, others, standard.name), counts.total)


@frozen
class _Pair:
    """A group beside the reference group, stratum by stratum."""

    group: Group
    strata: tuple[Stratum, ...]

    @property
    def both(self) -> tuple[Stratum, ...]:
        return tuple(stratum for stratum in self.strata if stratum.has_both)

    @property
    def crude(self) -> Stratum:
        """All strata in one."""
        sums = (sum(values) for values in zip(*(_four(stratum) for stratum in self.strata), strict=True))
        return Stratum("all", *sums)


def _four(stratum: Stratum) -> tuple[int, int, int, int]:
    return stratum.selected, stratum.total, stratum.reference_selected, stratum.reference_total


def _strata(counts: Cube) -> Strata:
    return {
        "unknown" if level is None else level: {group.name: group for group in groups if group.total}
        for level, groups in rates_by(counts, "stratum").items()
    }


def _paired(strata: Strata, group: str, reference: str) -> tuple[Stratum, ...]:
    return tuple(
        Stratum(name, *_counted(groups.get(group)), *_counted(groups.get(reference)))
        for name, groups in strata.items()
        if group in groups or reference in groups
    )


def _counted(group: Group | None) -> tuple[int, int]:
    return (group.selected, group.total) if group else (0, 0)


def _p_values(pairs: Sequence[_Pair], strata: Strata, reference: str) -> list[tuple[float, float]]:
    """Raw and corrected p-value of each pair."""
    raw = [conditional_independence(pair.strata) for pair in pairs]
    overall = 0.0
    if len(pairs) > 1:
        names = [*(pair.group.name for pair in pairs), reference]
        tables = [[_counted(groups.get(name)) for name in names] for groups in strata.values()]
        overall = all_independent([[x for x, _ in row] for row in tables], [[n for _, n in row] for row in tables])
    return [(p, max(overall, corrected)) for p, corrected in zip(raw, holm(raw), strict=True)]


def _measurements(protected: str, reference: str, pair: _Pair, raw: float, corrected: float) -> Iterator[Measurement]:
    crude, same = _crude(protected, reference, pair), homogeneity(pair.both)
    yield _common(protected, reference, pair, raw, corrected, _notes(pair, reference, same))
    yield crude
    if same is not None:
        yield _homogeneity(protected, reference, pair, same)


def _common(
    protected: str, reference: str, pair: _Pair, raw: float, corrected: float, notes: tuple[str, ...]
) -> Measurement:
    value, interval = odds_ratio(pair.both), odds_ratio_interval(pair.both)
    return Measurement(
        name=NAME,
        protected=protected,
        group=pair.group.name,
        reference=reference,
        scale=Scale.RATIO,
        value=value,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        p_value=corrected,
        p_raw=raw,
        n=sum(stratum.total for stratum in pair.both),
        detectable=detectable_odds_ratio(pair.both),
        method=_METHOD,
        counts={
            "people": sum(stratum.total for stratum in pair.both),
            "reference_people": sum(stratum.reference_total for stratum in pair.both),
            "strata": len(pair.strata),
            "strata_with_both": len(pair.both),
        },
        unknown=_undefined(pair, reference, interval is not None),
        notes=notes,
    )


def _undefined(pair: _Pair, reference: str, has_interval: bool) -> str | None:
    if not pair.both:
        return f"no stratum holds both {pair.group.name} and {reference}: nothing can be compared within strata"
    if not has_interval:
        return "within every stratum all or none of one group are selected: the odds ratio has no interval"
    return None


def _crude(protected: str, reference: str, pair: _Pair) -> Measurement:
    crude = pair.crude
    interval = odds_ratio_interval([crude])
    return Measurement(
        name=CRUDE,
        protected=protected,
        group=pair.group.name,
        reference=reference,
        scale=Scale.RATIO,
        value=odds_ratio([crude]),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        p_raw=equality(*_four(crude)),
        p_value=equality(*_four(crude)),
        n=crude.total,
        method="odds ratio of the totals, strata ignored; interval: Woolf (1955); test uncorrected, to compare",
        counts={"people": crude.total, "reference_people": crude.reference_total},
        unknown=None if interval else "all or none of one group are selected: the odds ratio has no interval",
    )


def _homogeneity(protected: str, reference: str, pair: _Pair, same: Homogeneity) -> Measurement:
    return Measurement(
        name=SAME,
        protected=protected,
        group=pair.group.name,
        reference=reference,
        value=same.statistic,
        p_value=same.p_value,
        p_raw=same.p_value,
        n=sum(stratum.total for stratum in pair.both),
        method=f"Breslow and Day's statistic with Tarone's correction, {same.df} degrees of freedom",
        counts={"degrees_of_freedom": same.df},
    )


def _notes(pair: _Pair, reference: str, same: Homogeneity | None) -> tuple[str, ...]:
    within, crude = odds_ratio(pair.both), odds_ratio([pair.crude])
    notes = []
    if within is not None and crude is not None and (within - 1) * (crude - 1) < 0:
        notes.append(
            f"the crude odds ratio {float(crude):.2f} points the other way (Simpson's paradox): "
            "which of the two answers the question depends on whether the strata may count"
        )
    if same is not None and same.p_value < ALPHA:
        notes.append(
            f"the odds ratio differs between strata (Breslow–Day p = {same.p_value:.3f}): no one number describes them"
        )
    return (*notes, *_one_sided(pair, reference))


def _one_sided(pair: _Pair, reference: str) -> tuple[str, ...]:
    alone = [stratum.name for stratum in pair.strata if not stratum.has_both]
    if not alone:
        return ()
    more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
    return (f"strata without both {pair.group.name} and {reference}, not compared: {', '.join(alone[:_NAMED])}{more}",)


def _uncompared(
    protected: str, groups: Sequence[Group], left: Mapping[str, str], because: str
) -> Iterator[Measurement]:
    if not groups and because:
        yield Measurement(name=NAME, protected=protected, scale=Scale.RATIO, value=None, unknown=because)
    for group in groups:
        yield Measurement(
            name=NAME,
            protected=protected,
            group=group.name,
            scale=Scale.RATIO,
            value=None,
            n=group.total,
            unknown=left.get(group.name, because),
        )


def _assessed(strata: Strata, others: Sequence[Group], reference: str) -> int:
    """People whose group met the reference group (or the reference group them) in their stratum."""
    assessed = 0
    for groups in strata.values():
        met = [groups[other.name].total for other in others if other.name in groups]
        assessed += sum(met) + groups[reference].total if met and reference in groups else 0
    return assessed
