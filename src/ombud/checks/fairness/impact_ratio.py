"""Whether a group is selected less often than the group it is compared with, as a ratio and as a difference."""

from collections.abc import Iterator

from ombud.checks.check import check
from ombud.statistics.compare import compare, nameless, too_small
from ombud.statistics.cube import Cube
from ombud.statistics.groups import choose_reference, rates
from ombud.statistics.measured import assessed_share, differences, ratios
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Counts, Role


@check(
    "fairness.impact_ratio",
    asks="Is a group selected far less often than another?",
    needs=Counts(by=Role.PROTECTED, of=(Role.DECISION,)),
    remedy="Look for a less discriminatory alternative: another threshold for all, other features, another model.",
)
def impact_ratio(counts: Cube, *, reference: str | None = None) -> Iterator[Measurement]:
    """Compare each group's selection rate with that of the reference group.

    Args:
        counts: people by "group" and "decision" (favourable, unfavourable, missing), of one protected set.
        reference: the group that law or policy names; None: the highest rate among groups with at least 30 people and
            2 % of all.

    Yields:
        `impact_ratio` and `selection_rate_difference` of each other group: exact number, 95 % interval, p-value of
        equality (the larger of the omnibus test's and the corrected one), n, and the effect nearest to equality that
        this n would have told from it. A group with n < 30 is "not assessed". Then `assessed_share`. With a named
        reference that is not the best group also `impact_ratio_to_best`.

    Source: ratio, 29 CFR 1607.16(B) and 1607.4(D); intervals, Miettinen and Nurminen (1985) and Newcombe (1998).
    """
    groups = rates(counts)
    left = too_small(groups) | nameless(groups)
    family = compare(counts.name, groups, choose_reference(counts.name, groups, reference), left)
    yield from ratios("impact_ratio", family)
    yield from differences("selection_rate_difference", family)
    best = choose_reference(counts.name, groups)
    if reference not in (None, best.name) and best.name is not None:
        yield from ratios("impact_ratio_to_best", compare(counts.name, groups, best, left))
    assessed = sum(group.total for group in groups if group.name in family.compared)
    yield assessed_share(counts.name, assessed, counts.total)
