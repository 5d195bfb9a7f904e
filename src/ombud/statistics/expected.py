"""How well decisions can be expected to do before their labels come: from scores whose meaning is known from before.

Confidence-based performance estimation: the chance of a favourable label given the score is taken from rows whose label
is known, and applied to rows whose label is not. It is right as long as a score still means what it meant; whether it
does, only labels can tell.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from ombud.statistics.distributions import LEVEL, Interval, z_of
from ombud.statistics.scores import auc_interval

TOGETHER: Final = 20
"""Neighbouring bins are taken together until each has so many rows with a label."""

UNSEEN: Final = 0.05
"""If more than this share of the rows has scores that no labelled row had, nothing is estimated."""

Place = tuple[int, bool]
"""The number of a bin of the score, and whether the decision was favourable."""

Labelled = Mapping[Place, tuple[int, int]]
"""Place → rows with a favourable label, rows with any label."""


@frozen(eq=False)
class Meaning:
    """What scores meant in rows whose labels are known.

    Attributes:
        labelled: what was counted.
    """

    labelled: Labelled
    _chances: Mapping[Place, tuple[int, int]] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        found: dict[Place, tuple[int, int]] = {}
        for favourable in (True, False):
            ours = [(place, of) for place, of in sorted(self.labelled.items()) if place[1] is favourable]
            found.update(_together(ours))
        object.__setattr__(self, "_chances", found)

    @property
    def sizes(self) -> tuple[int, int]:
        """Rows with a favourable label, and with an unfavourable one."""
        positives = sum(hits for hits, _ in self.labelled.values())
        return positives, sum(of for _, of in self.labelled.values()) - positives

    def chance(self, place: Place) -> tuple[int, int]:
        """Favourable labels, and labels, of the rows that a place is held against: its own, or the nearest bin's."""
        if place in self._chances:
            return self._chances[place]
        near = [one for one in self._chances if one[1] is place[1]] or list(self._chances)
        nearest = min(near, key=lambda one: (abs(one[0] - place[0]), one))
        return self._chances[nearest]

    def unseen(self, rows: Mapping[Place, int]) -> float:
        """The share of rows at places that no labelled row had."""
        total = sum(rows.values())
        return sum(n for place, n in rows.items() if place not in self.labelled) / total if total else 0.0


def expected_accuracy(meaning: Meaning, rows: Mapping[Place, int]) -> tuple[float, Interval]:
    """The share of decisions that labels can be expected to confirm, and a 95 % interval of what they will confirm.

    The interval holds the chance in the labels to come and the chance in those that are known; not that scores may have
    changed their meaning.

    Args:
        meaning: what scores meant; rows: place → rows.
    """
    total = sum(rows.values())
    right, variance = 0.0, 0.0
    for (bin_, favourable), n in sorted(rows.items()):
        hits, of = meaning.chance((bin_, favourable))
        share = hits / of if favourable else 1 - hits / of
        smooth = (share * of + 0.5) / (of + 1)
        right += n * share
        variance += (n + n * n / of) * smooth * (1 - smooth)
    value, half = right / total, z_of(LEVEL) * math.sqrt(variance) / total
    return value, Interval(max(0.0, value - half), min(1.0, value + half))


def expected_auc(meaning: Meaning, rows: Mapping[Place, int]) -> tuple[float, Interval, tuple[int, int]] | None:
    """The area under the ROC curve that labels can be expected to give, its interval, and the expected class sizes.

    None where one of the classes can hardly be expected. Each row counts as a part of a positive and a part of a
    negative; the interval is that of classes as large as theirs and the known ones' together allow.
    """
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    for (bin_, favourable), n in sorted(rows.items()):
        hits, of = meaning.chance((bin_, favourable))
        positive[bin_] = positive.get(bin_, 0.0) + n * hits / of
        negative[bin_] = negative.get(bin_, 0.0) + n * (1 - hits / of)
    bins = sorted(positive)
    area = _area([positive[one] for one in bins], [negative[one] for one in bins])
    sizes = round(sum(positive.values())), round(sum(negative.values()))
    known = meaning.sizes
    if area is None or min(*sizes, *known) < 1:
        return None
    ours, theirs = (max(2, round(1 / (1 / a + 1 / b))) for a, b in zip(sizes, known, strict=True))
    return area, auc_interval(area, ours, theirs), sizes


def _area(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    won, below = 0.0, 0.0
    for ours, theirs in zip(positive, negative, strict=True):
        won += ours * (below + theirs / 2)
        below += theirs
    pairs = sum(positive) * sum(negative)
    return won / pairs if pairs > 0 else None


def _together(places: Sequence[tuple[Place, tuple[int, int]]]) -> dict[Place, tuple[int, int]]:
    """Neighbouring bins in groups of enough rows; what is left at the end joins the last group."""
    groups: list[list[tuple[Place, tuple[int, int]]]] = [[]]
    for one in places:
        if sum(of for _, (_, of) in groups[-1]) >= TOGETHER:
            groups.append([])
        groups[-1].append(one)
    if len(groups) > 1 and sum(of for _, (_, of) in groups[-1]) < TOGETHER:
        last = groups.pop()
        groups[-1] += last
    found: dict[Place, tuple[int, int]] = {}
    for group in groups:
        both = sum(hits for _, (hits, _) in group), sum(of for _, (_, of) in group)
        found.update({place: both for place, _ in group if both[1]})
    return found
