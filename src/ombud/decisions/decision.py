"""A decision as it was made: about whom, by which release, on what, with what score, and who had a hand in it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from ombud.errors import Misused
from ombud.store.identity import Identity

Value = float | int | str | bool | None
"""What one input may be; None is missing."""

FAVOURABLE: Final = "favourable"
UNFAVOURABLE: Final = "unfavourable"


def _frozen_map(values: Mapping[str, Value]) -> Mapping[str, Value]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Human:
    """What a person did in a decision.

    Attributes:
        who: a staff number or key id, never a name.
        saw: what was in front of them: "score", "reasons", "inputs", "documents".
        changed: whether the outcome is another than the model's.
        seconds: how long they looked; None if nobody measured.
    """

    who: str
    saw: tuple[str, ...] = ()
    changed: bool = False
    seconds: float | None = None


@frozen(kw_only=True)
class Decision:
    """One decision about one person.

    Attributes:
        id: what the system calls it; unique within the system.
        system: whose it is.
        at: when it was made (with a timezone).
        subject: the person as the system knows them; None once erased, or where nobody said.
        inputs: feature → value, as the model got them.
        score: the model's number, unrounded; None where there is none.
        threshold: the score from which the outcome is favourable, exact, as text ("0.5").
        outcome: "favourable" or "unfavourable"; None where the decision is still open.
        decided: the decision as the system writes it ("1", "declined").
        release: digest of the release it was made under; model: digest of the model file.
        human: who of the staff had a hand in it.
        reasons: keys of the reasons that were given at the time (features).
        notices: digests of the documents that the person was sent.
        protected: column → group, where the organisation holds it; never an input.
    """

    id: str
    system: str
    at: datetime
    subject: Identity | None = None
    inputs: Mapping[str, Value] = field(factory=dict, converter=_frozen_map, repr=False)
    score: float | None = None
    threshold: str | None = None
    outcome: str | None = None
    decided: Value = None
    release: str | None = None
    model: str | None = None
    human: Human | None = None
    reasons: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    protected: Mapping[str, str | None] = field(factory=dict, converter=_frozen_map, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.id or len(self.id) > 200:
            raise Misused("a decision has a number of 1 to 200 characters", "Give the one your system uses.")
        if self.at.tzinfo is None:
            raise Misused("the time of a decision has no timezone", "Write it like 2026-11-25T10:00:00Z.")
        if self.outcome not in (FAVOURABLE, UNFAVOURABLE, None):
            raise Misused("an outcome is favourable or unfavourable", "Leave it out while the decision is open.")
