"""Do people take part in decisions? Figures of a period, from counts: pure, with what each rests on.

No figure here says that somebody does their work well or badly, and none says that law is kept: law has no number for
any of them. They are signals, beside what is on record of each decision.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from attrs import define, field, frozen

from ombud.statistics.corrections import holm
from ombud.statistics.distributions import LEVEL, Interval, hypergeometric
from ombud.statistics.intervals import wilson
from ombud.statistics.measurement import NOT_ASSESSED, Measurement

SMALLEST: Final = 30
"""Fewer reviews than this say nothing, of all people together and of one alone."""

HASTY: Final = 30
"""Seconds below which a review is counted as short, unless something else is said. No law names a number."""

ALPHA: Final = 0.05
_MEDIAN: Final = "median; its interval from order statistics (exact for any distribution)"
_WILSON: Final = "exact share; score interval (Wilson 1927)"
_NEVER: Final = (
    "chance of so few other outcomes if cases were dealt at random (hypergeometric), corrected over all reviewers with "
    "enough reviews (Holm 1979)"
)


@define
class Hand:
    """What one reviewer did in a period.

    Attributes:
        reviews: decisions in which they had a hand; changed: how often the outcome was another than the model's.
        trained, informed, able: in how many of them each element of human involvement is on record; whole: all three.
        seconds: how long they took, of those after they were told that times are measured.
    """

    reviews: int = 0
    changed: int = 0
    trained: int = 0
    informed: int = 0
    able: int = 0
    whole: int = 0
    seconds: list[float] = field(factory=list, repr=False)


@frozen(kw_only=True)
class Tally:
    """A period.

    Attributes:
        decisions: how many were made; hands: reviewer → what they did.
        told: how many of the reviewers were told that times are measured.
        untimed: reviews after that notice whose time nobody measured.
        left_out: rows of the system's own table that are no decisions.
        contests, reversed: contested decisions that were reviewed, and how many of these came out otherwise.
    """

    decisions: int
    hands: Mapping[str, Hand]
    told: int = 0
    untimed: int = 0
    left_out: int = 0
    contests: int = 0
    reversed: int = 0

    @property
    def reviews(self) -> int:
        """Decisions in which a person had a hand."""
        return sum(hand.reviews for hand in self.hands.values())

    @property
    def changed(self) -> int:
        """Of those, how many came out otherwise than the model said."""
        return sum(hand.changed for hand in self.hands.values())

    @property
    def whole(self) -> int:
        """Of those, how many have every element of human involvement on record."""
        return sum(hand.whole for hand in self.hands.values())

    @property
    def seconds(self) -> list[float]:
        """The times that may be looked at, ascending."""
        return sorted(took for hand in self.hands.values() for took in hand.seconds)


@frozen(kw_only=True)
class NeverDisagreed:
    """A reviewer who always came to the model's outcome.

    Attributes:
        who: as the tally calls them; reviews: how many.
        chance: of that, if they changed outcomes as often as the others did: (1 − rate) ** reviews.
        p_value: the same with the others' rate itself uncertain, corrected for looking at many reviewers.
        others, others_changed: what the others did.
    """

    who: str
    reviews: int
    chance: float
    p_value: float
    others: int
    others_changed: int

    @property
    def stands_out(self) -> bool:
        """Whether chance alone is no good account of it. It is a question to ask, no verdict."""
        return self.p_value < ALPHA


def figures(tally: Tally, hasty: int = HASTY) -> tuple[Measurement, ...]:
    """The figures of a period that name nobody."""
    return (
        _facts("human_share", tally.reviews, tally.decisions, "decisions with a person on record"),
        _facts("involvement_shown", tally.whole, tally.decisions, "decisions with every element on record"),
        share("override_rate", tally.changed, tally.reviews, "reviews"),
        *_times(tally, hasty),
        share("contest_reversal_rate", tally.reversed, tally.contests, "reviewed contests"),
    )


def share(name: str, some: int, all_: int, of: str) -> Measurement:
    """A share with its score interval; of too few, only the counts are told."""
    counts = {"some": some, "all": all_}
    if all_ < SMALLEST:
        return Measurement(name=name, value=None, n=all_, counts=counts, unknown=_too_few(all_, of))
    low, high = wilson(some, all_)
    return Measurement(name=name, value=Fraction(some, all_), low=low, high=high, n=all_, counts=counts, method=_WILSON)


def never_disagreed(tally: Tally) -> tuple[NeverDisagreed, ...]:
    """Reviewers with enough reviews who never came to another outcome, the least likely first."""
    able = {who: hand for who, hand in tally.hands.items() if _alone(hand, tally)}
    p_values = holm([_few(hand, tally) for hand in able.values()])
    found = [_never(who, hand, tally, p) for (who, hand), p in zip(able.items(), p_values, strict=True)]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.p_value, one.who)))


def looked_at_alone(tally: Tally) -> int:
    """How many reviewers have enough reviews, and enough by others beside, to be looked at alone."""
    return sum(_alone(hand, tally) for hand in tally.hands.values())


def as_measurement(one: NeverDisagreed, name: str) -> Measurement:
    """A reviewer who never disagreed, for the log; name: the alias."""
    return Measurement(
        name="overrides_of_reviewer", group=name, value=Fraction(0), n=one.reviews, p_raw=one.chance,
        p_value=one.p_value, reference="all other reviewers", method=_NEVER,
        counts={"reviews": one.reviews, "changed": 0, "others": one.others, "others_changed": one.others_changed},
    )  # fmt: skip


def median_interval(ascending: Sequence[float], level: float = LEVEL) -> Interval:
    """An interval that covers the median at least as often as its level, whatever the distribution.

    From the k-th smallest to the k-th largest value, with the largest k for which either tail of a fair coin's count
    is at most (1 − level) / 2. Too few values for any k: from minus to plus infinity.
    """
    from scipy.special import bdtr

    n, tail = len(ascending), (1 - level) / 2
    low, high = 0, n // 2
    while low < high:  # the largest k with P(fewer than k heads of n) ≤ tail
        middle = (low + high + 1) // 2
        low, high = (middle, high) if bdtr(middle - 1, n, 0.5) <= tail else (low, middle - 1)
    return Interval(ascending[low - 1], ascending[n - low]) if low else Interval(-math.inf, math.inf)


def median(ascending: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    n = len(ascending)
    return (ascending[(n - 1) // 2] + ascending[n // 2]) / 2


# --- times ------------------------------------------------------------------------------------------------------------


def _times(tally: Tally, hasty: int) -> tuple[Measurement, ...]:
    took, names = tally.seconds, ("review_seconds", "hasty_share")
    why = None if tally.told else "no reviewer was told that times are measured, so none is looked at"
    why = why or (_too_few(len(took), "timed reviews") if len(took) < SMALLEST else None)
    if why:
        return tuple(Measurement(name=name, value=None, n=len(took), unknown=why) for name in names)
    low, high = median_interval(took)
    counts = {"timed": len(took), "untimed": tally.untimed}
    short = share("hasty_share", sum(one < hasty for one in took), len(took), "timed reviews")
    return (
        Measurement(name="review_seconds", value=median(took), low=low, high=high, n=len(took), counts=counts,
                    method=_MEDIAN),
        short,
    )  # fmt: skip


def _facts(name: str, some: int, all_: int, what: str) -> Measurement:
    """A share of everything there is: no estimate, so no interval."""
    counts = {"some": some, "all": all_}
    if all_ == 0:
        return Measurement(name=name, value=None, counts=counts, unknown="no decision was made in the period")
    return Measurement(name=name, value=Fraction(some, all_), n=all_, counts=counts, method=f"exact: {what}")


def _too_few(n: int, of: str) -> str:
    return f"{NOT_ASSESSED}: {n} {of}, fewer than {SMALLEST}"


# --- one among many ---------------------------------------------------------------------------------------------------


def _alone(hand: Hand, tally: Tally) -> bool:
    return min(hand.reviews, tally.reviews - hand.reviews) >= SMALLEST


def _few(hand: Hand, tally: Tally) -> float:
    """Chance that this hand holds so few of all changed outcomes, had they been dealt at random."""
    low, chances = hypergeometric(hand.reviews, tally.reviews - hand.reviews, tally.changed)
    return min(1.0, float(chances[: hand.changed - low + 1].sum()))


def _never(who: str, hand: Hand, tally: Tally, p: float) -> NeverDisagreed | None:
    if hand.changed:
        return None
    others, changed = tally.reviews - hand.reviews, tally.changed
    chance = (1 - changed / others) ** hand.reviews
    return NeverDisagreed(
        who=who, reviews=hand.reviews, chance=chance, p_value=p, others=others, others_changed=changed
    )
