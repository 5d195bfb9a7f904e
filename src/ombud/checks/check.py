"""What a check is: a question, what it needs, and one function that measures."""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from ombud.errors import Misused
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import COUNTED, Need

API_VERSION = 1
"""Version of this contract; a plug-in that was written for another one is reported as unknown."""

Measure = Callable[..., Iterator[Measurement]]


@frozen
class Check:
    """A question to a system: metadata, needs, and one pure function. It knows no law, no time and no I/O.

    Attributes:
        name: "subject.question", for example "fairness.impact_ratio".
        asks: the question as a person would ask it.
        needs: what `measure` is called with, in this order.
        measure: yields measurements; keyword parameters that the policy sets (`reference`) are passed if it takes them.
        remedy: what usually mends a failure, one sentence.
        api: version of this contract that it was written for.
    """

    name: str
    asks: str
    needs: tuple[Need, ...]
    measure: Measure
    remedy: str = ""
    api: int = API_VERSION

    @property
    def subject(self) -> str:
        """The first half of the name: privacy, security, fairness, explanation or monitoring."""
        return self.name.partition(".")[0]

    @property
    def digest(self) -> str:
        """SHA-256 of the check's own source, so that a statement says by which code it was made."""
        return hashlib.sha256(inspect.getsource(self.measure).encode()).hexdigest()

    @property
    def recomputable(self) -> bool:
        """Whether its numbers come from counts alone and can be repeated without data."""
        return all(isinstance(need, COUNTED) for need in self.needs)

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the keyword parameters that a policy may set."""
        return frozenset(
            name for name, p in inspect.signature(self.measure).parameters.items() if p.kind is p.KEYWORD_ONLY
        )

    def __call__(self, *answers: Any, **parameters: Any) -> Iterator[Measurement]:
        return self.measure(*answers, **parameters)


def check(name: str, *, asks: str, needs: Need | tuple[Need, ...], remedy: str = "") -> Callable[[Measure], Check]:
    """Turn a measuring function into a check.

    Raises:
        Misused: the name is not "subject.question".
    """
    if name.count(".") != 1:
        raise Misused(f"check {name!r}: a name has the form subject.question")

    def decorate(measure: Measure) -> Check:
        return Check(name, asks, needs if isinstance(needs, tuple) else (needs,), measure, remedy)

    return decorate
