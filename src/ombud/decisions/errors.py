"""What can go wrong where decisions are recorded."""

from typing import ClassVar

from attrs import define

from ombud.errors import OmbudError


@define
class SpoolFailed(OmbudError):
    """A decision could not be written to the spool. It is not recorded; those acknowledged before are."""

    exit_code: ClassVar[int] = 3
    where: str
    problem: str
    next_step: str = "Free space or mend the folder; nothing of this decision was kept."

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@define
class Differs(OmbudError):
    """A decision came again under the same number with another content. What was kept first stays."""

    exit_code: ClassVar[int] = 1
    kept: str
    came: str
    next_step: str = "Give the other decision a number of its own, or record what changed as a new decision."

    def __str__(self) -> str:
        return f"the decision kept as {self.kept[:16]} came again with another content ({self.came[:16]})"
