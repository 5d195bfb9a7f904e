"""A row of a table as a decision, by what the manifest says of its columns."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, tzinfo
from fractions import Fraction
from typing import Any, Final

from attrs import define, field, frozen

from ombud.decisions.decision import FAVOURABLE, UNFAVOURABLE, Decision, Human, Value
from ombud.decisions.plain import value_of
from ombud.decisions.setup import threshold_text
from ombud.errors import Misused
from ombud.store.identity import Identity
from ombud.store.people import as_text
from ombud.system.spec import System
from ombud.tables.levels import meant
from ombud.tables.needs import Role

_TRUE: Final = frozenset(("1", "true", "yes", "t", "y"))
_MAY_LACK: Final = (
    Role.LABEL, Role.FOLD, Role.CONDITION_ON, Role.QUASI_IDENTIFIER, Role.SPECIAL, Role.HUMAN, Role.HUMAN_CHANGED,
    Role.HUMAN_SECONDS,
)  # fmt: skip
"""Columns that a table of decisions need not have; without the others, what was decided would be kept by halves."""


@define
class BadRow(Exception):
    """A row is no decision. Says what kind of fault it has, never what it holds."""

    kind: str


@frozen(kw_only=True)
class Made:
    """By what the decisions of a table were made, as far as somebody knows.

    Attributes:
        release, model: digests; threshold: as text.
        timezone: of times that name none; None refuses them.
    """

    release: str | None = None
    model: str | None = None
    threshold: str | None = None
    timezone: tzinfo | None = None


@define(eq=False)
class RowReader:
    """Reads the rows of one table of a system.

    Attributes:
        system: whose; made: by what; columns: role → the table's columns; numbered: rows without a number are counted.
    """

    system: System
    made: Made
    columns: Mapping[Role, tuple[str, ...]]
    numbered: str | None = None
    _other: str | None = field(default=None, init=False)

    @classmethod
    def of(cls, system: System, table: Collection[str], made: Made, numbered: str | None = None) -> "RowReader":
        """A reader for a table with these columns.

        Args:
            numbered: begin of the numbers that rows get, where the manifest names no column for them.

        Raises:
            Invalid: a declared column is not in the table. Misused: nothing tells decisions apart, or says when.
        """
        declared = system.columns
        if not declared.of(Role.ID) and numbered is None:
            raise Misused(
                "the manifest names no column with the number of a decision",
                "Write columns.id in ombud.yaml, or give --number-rows to count them.",
            )
        if not declared.of(Role.TIME):
            raise Misused("the manifest names no column that says when", "Write columns.time in ombud.yaml.")
        found = system.columns_for(table, _MAY_LACK)
        here = {role: tuple(name for name in names if name in table) for role, names in found.by_role.items()}
        return cls(system, made, here, None if declared.of(Role.ID) else numbered)

    def read(self, number: int, row: Mapping[str, Any]) -> Decision:
        """The decision of one row.

        Raises:
            BadRow: it is none.
        """
        score = self._score(row)
        decided, outcome = self._outcome(row)
        try:
            return Decision(
                id=self._id(number, row), system=self.system.name, at=self._at(row), subject=self._subject(row),
                inputs={name: value_of(row.get(name)) for name in self.columns.get(Role.FEATURE, ())},
                score=score, threshold=self.made.threshold, outcome=outcome, decided=decided,
                release=self.made.release, model=self.made.model, human=self._human(row),
                protected={name: _text(row.get(name)) for name in self.columns.get(Role.PROTECTED, ())},
            )  # fmt: skip
        except Misused:
            raise BadRow("a value that no cell can have, or a number that is too long") from None

    def _one(self, role: Role, row: Mapping[str, Any]) -> Any:
        names = self.columns.get(role, ())
        return row.get(names[0]) if names else None

    def _id(self, number: int, row: Mapping[str, Any]) -> str:
        if self.numbered is not None:
            return f"{self.numbered}-{number}"
        id = _text(self._one(Role.ID, row))
        if id is None:
            raise BadRow("no number")
        return id

    def _at(self, row: Mapping[str, Any]) -> datetime:
        value = self._one(Role.TIME, row)
        at = _moment(value)
        if at is None:
            raise BadRow("no time" if _text(value) is None else "a time that is none")
        if at.tzinfo is None:
            if self.made.timezone is None:
                raise BadRow("a time without a timezone (give --timezone)")
            at = at.replace(tzinfo=self.made.timezone)
        return at

    def _subject(self, row: Mapping[str, Any]) -> Identity | None:
        names = self.columns.get(Role.SUBJECT, ())
        value = _text(self._one(Role.SUBJECT, row))
        if not names or value is None:
            return None
        try:
            return Identity(self.system.subject_kind or names[0], value)
        except Misused:
            raise BadRow("a subject that names nobody") from None

    def _score(self, row: Mapping[str, Any]) -> float | None:
        value = self._one(Role.SCORE, row)
        if _text(value) is None:
            return None
        try:
            score = float(value)
        except (TypeError, ValueError):
            raise BadRow("a score that is no number") from None
        if score in (float("inf"), float("-inf")):
            raise BadRow("a score that is no number")
        return None if score != score else score  # NaN is missing

    def _outcome(self, row: Mapping[str, Any]) -> tuple[Value, str | None]:
        """The decision as it is written, and whether it is good for the person; None while it is open."""
        declared = self.system.columns
        text = _text(self._one(Role.DECISION, row))
        if text is None or not declared.favourable:
            return text, None
        if meant(text) == meant(declared.favourable):
            return text, FAVOURABLE
        if declared.unfavourable:
            bad = meant(text) in {meant(one) for one in declared.unfavourable}
            return text, UNFAVOURABLE if bad else None
        self._other = self._other or meant(text)
        if meant(text) != self._other:
            raise BadRow("a third kind of decision (list the bad ones in columns.unfavourable)")
        return text, UNFAVOURABLE

    def _human(self, row: Mapping[str, Any]) -> Human | None:
        who = _text(self._one(Role.HUMAN, row))
        if who is None:
            return None
        seconds = _text(self._one(Role.HUMAN_SECONDS, row))
        changed = _text(self._one(Role.HUMAN_CHANGED, row))
        try:
            return Human(
                who=who,
                changed=(changed or "").casefold() in _TRUE,
                seconds=None if seconds is None else float(seconds),
            )
        except ValueError:
            raise BadRow("a time of looking that is no number") from None


def declared_threshold(system: System) -> str | None:
    """The threshold that the manifest declares, as text."""
    limit: Fraction | None = system.model.threshold if system.model else None
    return None if limit is None else threshold_text(limit)


def _text(value: Any) -> str | None:
    try:
        return as_text(value)
    except Misused:
        raise BadRow("a list or a mapping where one value belongs") from None


def _moment(value: Any) -> datetime | None:
    """A time of any engine, or ISO text; None if it is none. A day is its first moment."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        return datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
