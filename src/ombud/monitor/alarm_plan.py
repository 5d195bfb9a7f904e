"""What the alarms of a system promise, and which change is worth one."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Misused
from ombud.system.spec import MonitoringSettings

EFFECTS: Final[Mapping[str, float]] = MappingProxyType({
    "selection_rate": 0.05,
    "true_positive_rate": 0.05,
    "false_positive_rate": 0.05,
    "impact_ratio": 0.10,
    "accuracy": 0.03,
    "auc": 0.05,
    "cbpe_accuracy": 0.03,
    "override_rate": 0.05,
    "missing": 0.02,
    "gap_hours": 0.10,
    "drift": 0.10,
})  # fmt: skip
"""The smallest change of each kind of series that is worth an alarm, where the manifest says nothing. These are our
conventions, no law: points of a rate (0.05 is five of a hundred people), of a ratio, of an AUC; for "drift", the share
of people who moved into or out of a bin, or a run of bins."""

OTHERWISE: Final = 0.05
"""The same for every other kind."""

LATER: Final = 0.2
"""The part of the rate that is kept for series that appear later."""

DRIFT: Final = ("psi", "ks")
_NAME: Final = re.compile(r"[a-z0-9_]+")


def _frozen_numbers(values: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType({name: float(value) for name, value in values.items()})


@frozen(kw_only=True)
class AlarmPlan:
    """The promise: a system that never changes by more than the effects raises any alarm with at most a chance `rate`.

    Attributes:
        rate: that chance, for the whole life of a release and all series together.
        effects: kind of series, or a whole name → smallest change that is worth an alarm; what is left out: `EFFECTS`.
        least: kind of series, or a whole name → lowest figure that policy or law allows; below it is an alarm.
        together: the most rows of a window that one person (household, batch) may have; 1 if every row is another's.
        since: when this life began; earlier windows are not looked at.
        restarts: how often somebody has restarted the alarms in the life of this release.
        learned: rows, and days (`learned_days`), from which a series without a reference learns what is usual.
        minimum: fewest people of whom a figure is shown.
    """

    rate: float = 0.01
    effects: Mapping[str, float] = field(factory=dict, converter=_frozen_numbers)
    least: Mapping[str, float] = field(factory=dict, converter=_frozen_numbers)
    together: float = 1.0
    since: datetime | None = None
    restarts: int = 0
    learned: int = 1_000
    learned_days: int = 28
    minimum: int = 10

    def __attrs_post_init__(self) -> None:
        if not 0 < self.rate < 1 or self.together < 1 or self.restarts < 0:
            raise Misused("a rate of false alarms lies between 0 and 1, and rows stand together by 1 or more")
        if any(not 0 < effect < 1 for effect in self.effects.values()):
            raise Misused("the smallest change worth an alarm lies between 0 and 1", "Write 0.05 for five points.")
        if set(self.effects) & set(DRIFT):
            raise Misused("the smallest drift is a share of people who moved", "Write `drift: 0.10`, not psi or ks.")

    @classmethod
    def of(cls, settings: MonitoringSettings, **more: Any) -> "AlarmPlan":
        """The plan that a manifest makes; `more` sets other attributes."""
        effects = {kind: float(effect) for kind, effect in settings.practical.items()}
        return cls(rate=float(settings.alarm_rate), effects=effects, **more)

    def effect(self, series: str) -> float:
        """The smallest change of a series that is worth an alarm."""
        kind = "drift" if kind_of(series) in DRIFT else kind_of(series)
        for given in (self.effects, EFFECTS):
            for name in (series, kind):
                if name in given:
                    return given[name]
        return OTHERWISE

    def lowest(self, series: str) -> float | None:
        """The lowest figure that a series may show; None if neither law nor policy says."""
        return self.least.get(series, self.least.get(kind_of(series)))

    @property
    def budget(self) -> float:
        """What the stretch since the last restart may spend: a half, a sixth, a twelfth …, together the whole rate."""
        return self.rate / ((self.restarts + 1) * (self.restarts + 2))

    def shares(self, known: Iterable[str], appeared: Mapping[str, int]) -> Mapping[str, float]:
        """The chance of a false alarm that each series may spend.

        Args:
            known: series that were known when the life began; they share four fifths alike.
            appeared: any other series → number of the window, from 1, in which it appeared; those of window j share
                1/(j(j + 1)) of the last fifth, so that all that ever come stay within it.
        """
        first = sorted(known)
        shares = dict.fromkeys(first, self.budget * (1 - LATER) / max(1, len(first)))
        later = {name: at for name, at in appeared.items() if name not in shares}
        for name, at in later.items():
            beside = sum(other == at for other in later.values())
            shares[name] = self.budget * LATER / (at * (at + 1) * beside)
        return shares


def kind_of(series: str) -> str:
    """The kind of a series: "selection_rate" of "selection_rate[race=black]"."""
    found = _NAME.match(series)
    return found[0] if found else series
