"""What every engine can do, and the words in which their SQL differs.

The questions of this room are small: group and count, a bin, a pattern, a hash, a few quantiles. Whatever a dialect
says in its own way is a method here; everything else is written once, in the files beside this folder.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, ClassVar

import pyarrow as pa

Row = tuple[Any, ...]


class Kind(StrEnum):
    """What a column holds, as far as counting cares."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    OTHER = "other"


class Engine(ABC):
    """One connection to one kind of database.

    Every method that returns text returns an expression of SQL made from expressions of SQL; names and values enter
    only through `quote` and `string`.
    """

    name: ClassVar[str]
    float64: ClassVar[str] = "DOUBLE"
    varchar: ClassVar[str] = "VARCHAR"

    @abstractmethod
    def ask(self, sql: str) -> list[Row]:
        """All rows of a small answer.

        Raises:
            Unreadable: the engine could not read the table; the message carries none of its values.
        """

    @abstractmethod
    def batches(self, sql: str, size: int = 50_000) -> Iterator[Sequence[Row]]:
        """The rows of an answer of any size, a batch at a time."""

    @abstractmethod
    def arrow(self, sql: str) -> pa.Table:
        """The answer as an Arrow table."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""

    # --- names and values ---------------------------------------------------------------------------------------------

    def quote(self, name: str) -> str:
        """A name as an identifier, whatever it holds."""
        return '"' + name.replace('"', '""') + '"'

    def string(self, value: str) -> str:
        """A text as a literal, whatever it holds."""
        return "'" + value.replace("'", "''") + "'"

    def real(self, value: float) -> str:
        """A number as a float64 literal, exact."""
        return f"CAST('{value!r}' AS {self.float64})"

    # --- expressions --------------------------------------------------------------------------------------------------

    def number(self, expression: str, kind: Kind) -> str:
        """A column as float64."""
        inner = f"CAST({expression} AS INTEGER)" if kind is Kind.BOOLEAN else expression
        return f"CAST({inner} AS {self.float64})"

    def text(self, expression: str) -> str:
        """A column as text."""
        return f"CAST({expression} AS {self.varchar})"

    def missing(self, expression: str, kind: Kind) -> str:
        """Whether a value is null or, for numbers, NaN."""
        if kind is Kind.NUMBER:
            return f"({expression} IS NULL OR {self.is_nan(expression)})"
        return f"({expression} IS NULL)"

    @abstractmethod
    def is_nan(self, expression: str) -> str:
        """Whether a number is NaN."""

    def is_infinite(self, expression: str) -> str:
        """Whether a number is plus or minus infinity."""
        return f"({expression} = {self.real(float('inf'))} OR {expression} = {self.real(float('-inf'))})"

    def is_finite(self, expression: str, kind: Kind) -> str:
        """Whether a value is there and is an ordinary number."""
        if kind is not Kind.NUMBER:
            return f"({expression} IS NOT NULL)"
        return f"({expression} IS NOT NULL AND NOT {self.is_nan(expression)} AND NOT {self.is_infinite(expression)})"

    @abstractmethod
    def matches(self, expression: str, pattern: str) -> str:
        """Whether a text holds a match. Patterns use classes and counts only: no `\\b`, no look-around."""

    @abstractmethod
    def row_hash(self, expressions: Sequence[str], seed: int = 0) -> str:
        """A 64-bit hash of several values, as a signed integer. Equal values give equal hashes in one engine."""

    def about_distinct(self, expression: str) -> str:
        """About how many different values there are."""
        return f"approx_count_distinct({expression})"

    @abstractmethod
    def quantiles(self, expression: str, probabilities: Sequence[float]) -> str:
        """Values at some shares of the sorted column, as a list; values that occur, never interpolated."""

    def day(self, expression: str) -> str:
        """The calendar day of a time."""
        return f"CAST({expression} AS DATE)"

    # --- times --------------------------------------------------------------------------------------------------------

    def moment(self, expression: str, kind: Kind) -> str:  # noqa: ARG002 (engines differ)
        """A column of times, or of text that holds times, as a time without zone, in UTC; null where it holds none."""
        return f"CAST({expression} AS TIMESTAMP)"

    def at(self, utc: str) -> str:
        """A time in UTC as a literal, comparable with a `moment`; "2026-11-23 07:00:00.000000"."""
        return f"CAST({self.string(utc)} AS TIMESTAMP)"

    def truncated(self, moment: str, unit: str) -> str:
        """The hour, day, week (from Monday) or month that a `moment` lies in."""
        return f"date_trunc('{unit}', {moment})"

    def total(self, expression: str) -> str:
        """The exact sum of 64-bit integers, however many."""
        return f"sum({expression})"
