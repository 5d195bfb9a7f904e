"""How often each group is selected."""

from collections.abc import Iterator, Sequence

from ombud.checks.check import check
from ombud.statistics.compare import too_small
from ombud.statistics.cube import Cube
from ombud.statistics.groups import TIMES, Group, rates, whole
from ombud.statistics.measured import one_rate
from ombud.statistics.measurement import Measurement
from ombud.statistics.shrinkage import shrunk
from ombud.tables.needs import Counts, Role


@check(
    "fairness.selection_rates",
    asks="How often is each group selected?",
    needs=Counts(by=Role.PROTECTED, of=(Role.DECISION,)),
    remedy="Declare more decisions, or the missing protected values, so that every group can be seen.",
)
def selection_rates(counts: Cube) -> Iterator[Measurement]:
    """Give the selection rate of everybody and of each group, people with a missing protected value apart.

    Args:
        counts: people by "group" and "decision" (favourable, unfavourable, missing), of one protected set.

    Yields:
        `selection_rate` of everybody (no group), then of each group: exact share in [0, 1], Wilson's 95 % interval, n.
        A group with n < 30 is marked "not assessed". Of combinations, a note gives the rate pulled towards the whole.

    Source: selection rate, 29 CFR 1607.16(R); interval, Wilson (1927).
    """
    groups = rates(counts)
    yield one_rate("selection_rate", counts.name, whole(groups), notes=("everybody counted",))
    few = too_small(groups)
    for group, notes in zip(groups, _notes(counts.name, groups), strict=True):
        yield one_rate("selection_rate", counts.name, group, unknown=few.get(group.name), notes=notes)


def _notes(protected: str, groups: Sequence[Group]) -> Iterator[tuple[str, ...]]:
    pulled = _pulled(groups) if TIMES in protected else ("",) * len(groups)
    for group, display in zip(groups, pulled, strict=True):
        missing = "people whose protected value is not known" if group.missing else ""
        yield tuple(note for note in (missing, display) if note)


def _pulled(groups: Sequence[Group]) -> Iterator[str]:
    """For display: what small combinations would show if chance alone moved them away from the whole."""
    counted = [group for group in groups if group.total]
    rate = dict(zip(counted, shrunk([g.selected for g in counted], [g.total for g in counted]), strict=True))
    for group in groups:
        yield f"pulled towards the whole, for display: {rate[group]:.3f}" if group in rate else ""
