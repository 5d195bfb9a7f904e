"""What a decision or a label means, one value at a time: a window may be too small to hold every value."""

from collections.abc import Collection

from attrs import frozen

from ombud.statistics.cube import Level
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.tables.levels import meant
from ombud.tables.roles import Columns

_YES = frozenset(("1", "yes", "y", "t"))


@frozen
class Outcomes:
    """The declared values of decision and label."""

    favourable: str
    unfavourable: frozenset[str]
    label_favourable: str
    label_unfavourable: frozenset[str]

    @classmethod
    def of(cls, columns: Columns) -> "Outcomes":
        """As the manifest declares them."""
        return cls(
            meant(columns.favourable), frozenset(map(meant, columns.unfavourable)),
            meant(columns.label_favourable), frozenset(map(meant, columns.label_unfavourable)),
        )  # fmt: skip

    def decision(self, value: Level) -> Level:
        """Favourable, unfavourable, or None where the decision is open."""
        return _meaning(value, self.favourable, self.unfavourable)

    def label(self, value: Level) -> Level:
        """The same for the label; None where it has not arrived."""
        return _meaning(value, self.label_favourable, self.label_unfavourable)


def _meaning(value: Level, favourable: str, unfavourable: Collection[str]) -> Level:
    if value is None:
        return None
    if meant(value) == favourable:
        return FAVOURABLE
    return UNFAVOURABLE if not unfavourable or meant(value) in unfavourable else None


def yes(value: Level) -> bool | None:
    """Whether a column of yes and no says yes; None where it says nothing."""
    return None if value is None else meant(value).lower() in _YES
