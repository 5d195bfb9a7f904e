"""What can keep a case from going on."""

from typing import ClassVar

from attrs import define

from ombud.errors import OmbudError


@define
class NotAllowed(OmbudError):
    """A step that does not follow from where the case stands; nothing was written.

    Attributes:
        case: its number.
        problem: why, in words without personal data.
        next_step: what has to come first.
    """

    case: str
    problem: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.case}: {self.problem}"


@define
class Overtaken(OmbudError):
    """Somebody else took the next step at the same moment; this one is in the log and does not count."""

    exit_code: ClassVar[int] = 3
    case: str
    event: str
    next_step: str = "Look at where the case stands now, and decide whether the step is still wanted."

    def __str__(self) -> str:
        return f"{self.case}: another step came first, so {self.event!r} does not count"
