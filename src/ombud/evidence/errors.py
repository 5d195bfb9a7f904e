"""What can be wrong with evidence itself, as against what evidence says."""

from typing import ClassVar

from attrs import define

from ombud.errors import OmbudError


@define
class LedgerBroken(OmbudError):
    """The log is not what a checkpoint promised; nothing may be judged by it.

    Attributes:
        where: the store, file or bundle.
        problem: what does not fit, naming the entry where it can be named.
    """

    exit_code: ClassVar[int] = 3
    where: str
    problem: str
    next_step: str = "Keep the store as it is, and compare it with the last checkpoint you hold (Git keeps them)."

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@define
class Refused(OmbudError):
    """A statement, key or signature that the log will not take, and why; nothing was written."""

    problem: str
    next_step: str = "Run `ombud keys list` to see which keys are known and what each may sign."

    def __str__(self) -> str:
        return self.problem
