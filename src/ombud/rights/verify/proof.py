"""What it takes to believe that a person is who they say, and that it was shown."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from attrs import define, field, frozen
from attrs.validators import ge, in_, instance_of

from ombud.errors import OmbudError
from ombud.evidence.instants import instant

Method = Literal["matched-points", "one-time-code", "attested", "oidc"]
METHODS: tuple[Method, ...] = ("matched-points", "one-time-code", "attested", "oidc")


class Level(StrEnum):
    """How sure we have to be, or are."""

    NONE = "none"
    REASONABLE = "reasonable"
    HIGH = "high"

    def reaches(self, needed: "Level") -> bool:
        """Whether this is as much as is needed."""
        order = list(Level)
        return order.index(self) >= order.index(needed)


@frozen(kw_only=True)
class Proof:
    """That somebody showed who they are. It holds nothing that says who.

    Attributes:
        method: how.
        points: how many data points matched; for a code and for OIDC 1, the contact or account.
        level: how sure it makes us.
        at: when, in UTC.
        evidence_digest: SHA-256 of what was kept of it (a declaration, an attestation in the log); None for nothing.
    """

    method: Method = field(validator=in_(METHODS))
    points: int = field(validator=ge(0))
    level: Level = field(validator=instance_of(Level))
    at: datetime
    evidence_digest: str | None = None

    def to_json(self) -> dict[str, str | int | None]:
        """What the ledger keeps of it."""
        return {
            "method": self.method, "points": self.points, "level": str(self.level), "at": instant(self.at),
            "evidence_digest": self.evidence_digest,
        }  # fmt: skip


@define
class NotProved(OmbudError):
    """What was shown does not prove who is asking.

    It says the same whether nothing matched, something did, a code was wrong, old, used or tried too often: whoever
    guesses must not learn from it how near they came.
    """

    exit_code: ClassVar[int] = 1
    next_step: ClassVar[str] = "Wait an hour and try again with a new code or with other data, or show a document."

    def __str__(self) -> str:
        return "what was given does not prove who is asking, or it was tried too often"


@define
class NotSent(OmbudError):
    """A message could not be handed over; who it is for is not said."""

    exit_code: ClassVar[int] = 3
    how: str
    problem: str
    next_step: str = "Check the mail or SMS command in the configuration, then send again."

    def __str__(self) -> str:
        return f"the message was not sent by {self.how}: {self.problem}"
