"""Principal reasons of one decision, bound to wording a person approved, or the refusal to give them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.explain.attribution import principal

MAX_RESIDUAL: Final = 1e-4
"""Contributions that miss their sum by more, relatively, explain another number than the score."""

MIN_STABILITY: Final = 0.95
"""Share of the halves of the baseline in which the same reasons must come out: a convention, not law."""

KINDS: Final = ("no reasons", "not additive", "not stable", "no wording", "sensitive")
"""Kinds of refusals: what may be written where no feature of one person's decision may be named."""


@frozen
class Reason:
    """One principal reason.

    Attributes:
        feature: the feature, or group of one-hot features.
        points: what it cost, in units of the model's margin; above 0.
        wording: the sentence that a person approved for it; None if there is none.
        sensitive: why it may not be given without a person looking ("protected", "stands for race: Cramér's V 0.52");
            None if nothing speaks against it. A sensitive reason is never dropped: it is what the decision rests on.
    """

    feature: str
    points: float
    wording: str | None
    sensitive: str | None


@frozen
class Reasons:
    """The reasons of one decision.

    Attributes:
        principal: at most four, the most costly first.
        refusals: why no notice may be sent automatically; empty if it may.
        kinds: the same without a name in it, one for each refusal: see `KINDS`.
    """

    principal: tuple[Reason, ...]
    refusals: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    @property
    def may_be_sent(self) -> bool:
        """Whether a notice may go out without a person looking at the case first."""
        return not self.refusals


def reasons(
    points: NDArray[np.float64],
    names: Sequence[str],
    *,
    residual: float,
    stable: float,
    wording: Mapping[str, str],
    sensitive: Mapping[str, str],
) -> Reasons:
    """The reasons of one unfavourable decision.

    Args:
        points: one person's points against the approved population (shape: number of names).
        names: features or groups.
        residual: relative additivity residual of this person.
        stable: share of halves of the baseline with the same reasons.
        wording: feature → approved sentence.
        sensitive: feature → why it needs a person, for protected features and strong proxies.
    """
    top = [at for at in principal(points[None, :])[0] if at >= 0]
    found = tuple(Reason(names[at], float(-points[at]), wording.get(names[at]), sensitive.get(names[at])) for at in top)
    refused = tuple(_refusals(found, residual, stable))
    return Reasons(found, tuple(why for _, why in refused), tuple(kind for kind, _ in refused))


def _refusals(found: tuple[Reason, ...], residual: float, stable: float) -> Iterator[tuple[str, str]]:
    """Kind and words of everything that speaks against a notice."""
    if not found:
        yield "no reasons", "no feature counts against this decision: it is not explained by the model's score"
    if not residual <= MAX_RESIDUAL:
        yield "not additive", f"the contributions do not add up to the score (relative residual {residual:.1e})"
    if not stable >= MIN_STABILITY:
        yield "not stable", f"the reasons depend on whom one compares with (the same in {stable:.0%} of halves)"
    yield from (("no wording", f"no approved wording for {one.feature}") for one in found if one.wording is None)
    yield from (("sensitive", f"{one.feature} is {one.sensitive}") for one in found if one.sensitive is not None)
