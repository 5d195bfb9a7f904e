"""What can go wrong, in words a person can act on.

A model that does badly is a finding, never an exception. An exception means that the answer cannot be trusted;
it says what happened, where, and what to do next, and never carries personal data.
"""

from pathlib import Path
from typing import ClassVar

from attrs import define


class OmbudError(Exception):
    """Anything that keeps Ombud from answering.

    Attributes:
        hint: what to do next, one sentence.
        exit_code: what the command line ends with; 2 (used wrongly) unless a room needs another.
    """

    hint: ClassVar[str] = "Run the command with --help to see what it expects."
    exit_code: ClassVar[int] = 2


@define
class Misused(OmbudError):
    """A command or function was asked for something that makes no sense."""

    what: str
    next_step: str = "Run the command with --help to see what it expects."

    def __str__(self) -> str:
        return self.what


@define
class NotFound(OmbudError):
    """A file, table, key or entry that was named is not there."""

    what: str
    where: str
    next_step: str = "Check the spelling and the folder you are in."

    def __str__(self) -> str:
        return f"{self.what} not found: {self.where}"


@define
class Invalid(OmbudError):
    """A file written by a person says something that cannot be meant.

    Attributes:
        path: the file.
        line: the line in it, counted from 1; None where there is none.
        key: the dotted key, empty at the top.
        problem: what is wrong with it.
        nearest: the closest right spelling, where there is one.
    """

    path: Path | str
    line: int | None
    key: str
    problem: str
    nearest: str | None = None

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        key = f"{self.key}: " if self.key else ""
        meant = f". Did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{place}: {key}{self.problem.rstrip('.') if meant else self.problem}{meant}"

    next_step: ClassVar[str] = "Mend the line and run the command again; nothing was changed."


@define
class Unreadable(OmbudError):
    """Bytes from outside are not what they claim to be: truncated, ragged, of another format, or hostile."""

    where: str
    problem: str
    next_step: str = "Check that the file is complete and of the format its name says."

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


def what_next(error: OmbudError) -> str:
    """The sentence that tells a person what to do about `error`."""
    return str(getattr(error, "next_step", None) or error.hint)
