"""One window's figure of one series, with the counts it was made from."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import field, frozen

from ombud.errors import Misused


def _frozen_counts(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(counts))


@frozen(kw_only=True)
class SeriesPoint:
    """What one series showed in one window.

    Attributes:
        series: its name, such as "selection_rate[race=black]", "psi[income]", "auc".
        start, end: the window, half-open, with timezone.
        value: the figure; None where it could not be taken, or where nobody was there.
        low, high: its interval; None where it has none.
        n: people or rows that it was taken from.
        counts: what it was computed from. The alarms read nothing else; see `monitor.alarms` for the names that each
            kind of series needs.
        estimate: whether it is estimated, not measured (such as accuracy before the labels are there).
    """

    series: str
    start: datetime
    end: datetime
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    counts: Mapping[str, int] = field(factory=dict, converter=_frozen_counts)
    estimate: bool = False

    def __attrs_post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise Misused(f"{self.series}: a window begins before it ends, and has a timezone")
        if self.n < 0 or any(count < 0 for count in self.counts.values()):
            raise Misused(f"{self.series}: a count below 0")
