"""Decisions that Ombud recorded, as a source of windows: what is in the store is read a window at a time.

A recorded decision is never changed, so the numbers of a window's rows and the times at which its labels came in tell
whether anything is new; the rows themselves are only read to be counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import pyarrow as pa
from attrs import evolve, field, frozen
from sqlalchemy import ColumnElement, func, select

from ombud.decisions.contest import decided_again
from ombud.decisions.decision import FAVOURABLE, Decision
from ombud.decisions.intake import between, labels_of
from ombud.errors import Misused
from ombud.monitor.look import Mark, Seen
from ombud.monitor.source import Source
from ombud.monitor.windows import Window, beginning
from ombud.store.decided import micros, moment
from ombud.store.decided.tables import DECISIONS, LABELS
from ombud.store.workspace import Workspace
from ombud.system.manifest import System
from ombud.tables.engines.engine import Kind
from ombud.tables.levels import level
from ombud.tables.needs import Role
from ombud.tables.open import open_frame, open_table
from ombud.tables.roles import Columns
from ombud.tables.table import Snapshot, Table

AT_ONCE: Final = 500_000
"""Decisions that are read into memory together."""

_PART: Final = 5_000
_DAY: Final = 86_400_000_000
_NAMES: Final = {
    Role.TIME: "at", Role.DECISION: "outcome", Role.SCORE: "score", Role.LABEL: "label",
    Role.HUMAN_CHANGED: "human_changed",
}  # fmt: skip
"""What a column is called that the manifest does not name."""


@frozen(eq=False)
class Recorded(Source):
    """The recorded decisions of a system. `table` holds none of them, and says what their columns are.

    Attributes:
        again: commitments of decisions that reviews of contests recorded; they are nobody's first, and in no window.
    """

    workspace: Workspace = field(kw_only=True)
    system: System = field(kw_only=True)
    again: frozenset[str] = field(kw_only=True, default=frozenset())

    @property
    def most(self) -> int | None:
        """Decisions that are read into memory together."""
        return AT_ONCE

    def look(self, now: datetime) -> Seen:
        """Fingerprint every window: from the numbers of its rows and from when its labels came in."""
        marks: dict[datetime, list[int]] = {}
        for day, rows, numbers in self._days(micros(now)):
            mark = marks.setdefault(beginning(day, self.length), [0, 0, 0])
            mark[0], mark[1] = mark[0] + rows, mark[1] + numbers
        for day, labels, received in self._labels(micros(now)):
            mark = marks.setdefault(beginning(day, self.length), [0, 0, 0])
            mark[2] += labels + received
        found = {start: Mark(rows, f"{numbers}/{labels}") for start, (rows, numbers, labels) in marks.items()}
        return Seen(marks=found, future=self._future(micros(now)))

    def holding(self, windows: Sequence[Window]) -> Source:
        """The decisions of some windows, in memory."""
        start, end = min(one.start for one in windows), max(one.end for one in windows)
        rows = between(self.workspace, self.system.name, start, end)
        schema = self.table.engine.arrow(f"SELECT * FROM {self.table.relation} LIMIT 0").schema  # noqa: S608 (ours)
        made = (one.decision for one in rows if one.commitment not in self.again)
        parts = [pa.Table.from_pydict(dict(part), schema=schema) for part in self._parts(made)]
        whole = pa.concat_tables(parts) if parts else schema.empty_table()
        return Source(open_frame(whole, self.table.name), self.columns, self.length)

    def snapshot(self, rows: int) -> Snapshot:
        """The recorded decisions as evidence names them; what pins them are their own batches in the log."""
        return evolve(super().snapshot(rows), address=f"recorded:{self.system.name}")

    def _parts(self, decisions: Iterable[Decision]) -> Iterator[Mapping[str, list[Any]]]:
        rows = iter(decisions)
        while part := list(islice(rows, _PART)):
            labels = labels_of(self.workspace, self.system.name, [one.id for one in part])
            yield {name: [self._value(name, one, labels) for one in part] for name in self.table.columns}

    def _value(self, name: str, one: Decision, labels: Mapping[str, str]) -> Any:
        role = next((role for role in _NAMES if name in self.columns.of(role)), None)
        if role is Role.TIME:
            return one.at.astimezone(UTC).replace(tzinfo=None)
        if role is Role.DECISION:
            return None if one.outcome is None else self._outcome(one.outcome)
        if role is Role.SCORE:
            return one.score
        if role is Role.LABEL:
            return labels.get(one.id)
        if role is Role.HUMAN_CHANGED:
            return None if one.human is None else str(int(one.human.changed))
        value = one.protected[name] if name in one.protected else one.inputs.get(name)
        return _number(value) if self.table.columns[name] is Kind.NUMBER else level(value)

    def _outcome(self, outcome: str) -> str:
        """The word of the manifest, so that what a decision means is read in one way everywhere."""
        favourable, unfavourable = self.columns.favourable, self.columns.unfavourable
        return favourable if outcome == FAVOURABLE else next(iter(unfavourable), f"not {favourable}")

    def _days(self, now: int) -> Iterator[tuple[datetime, int, int]]:
        day = DECISIONS.c.at - DECISIONS.c.at % _DAY
        here = (*self._first, DECISIONS.c.at.is_not(None), DECISIONS.c.at <= now)
        asked = select(day, func.count(), func.sum(DECISIONS.c.number)).where(*here).group_by(day)
        with self.workspace.ledger.database.reading() as connection:
            for start, rows, numbers in connection.execute(asked).all():
                yield moment(int(start)), int(rows), int(numbers)

    def _labels(self, now: int) -> Iterator[tuple[datetime, int, int]]:
        day = DECISIONS.c.at - DECISIONS.c.at % _DAY
        same = (LABELS.c.system == DECISIONS.c.system) & (LABELS.c.id == DECISIONS.c.id)
        here = (DECISIONS.c.system == self.system.name, DECISIONS.c.at <= now)
        total = func.sum(LABELS.c.received_at % 1_000_000_007)
        asked = select(day, func.count(), total).select_from(DECISIONS.join(LABELS, same)).where(*here).group_by(day)
        with self.workspace.ledger.database.reading() as connection:
            for start, labels, received in connection.execute(asked).all():
                yield moment(int(start)), int(labels), int(received)

    @property
    def _first(self) -> tuple[ColumnElement[bool], ...]:
        again = [bytes.fromhex(one) for one in sorted(self.again)]
        return DECISIONS.c.system == self.system.name, DECISIONS.c.commitment.not_in(again)

    def _future(self, now: int) -> int:
        here = (*self._first, DECISIONS.c.at > now)
        with self.workspace.ledger.database.reading() as connection:
            return int(connection.execute(select(func.count()).where(*here)).scalar_one())


def open_recorded(workspace: Workspace, system: System) -> Recorded:
    """The recorded decisions of a system.

    Raises:
        Misused: none were recorded.
    """
    first = next(between(workspace, system.name), None)
    if first is None:
        raise Misused(
            "the manifest names no table of decisions, and none were recorded",
            "Add data.decisions.table to it, or record decisions: ombud decisions --help",
        )
    columns = _columns(system, first.decision)
    known = _reference(system)
    fields = [(name, _type(known, columns, name, first.decision)) for name in _wanted(columns)]
    table = open_frame(pa.schema(fields).empty_table(), f"recorded decisions of {system.name}")
    again = decided_again(workspace, system.name)
    return Recorded(table, columns, system.monitoring.window, workspace=workspace, system=system, again=again)


def _columns(system: System, sample: Decision) -> Columns:
    """The manifest's names for what a decision holds, and ours for what it does not name."""
    roles = {role: names for role, names in system.columns.by_role.items() if role in _READ}
    roles |= {role: (name,) for role, name in _NAMES.items() if role not in roles}
    features = roles.get(Role.FEATURE) or tuple(sorted(sample.inputs))
    protected = roles.get(Role.PROTECTED) or tuple(sorted(sample.protected))
    favourable = system.columns.favourable or FAVOURABLE
    return evolve(
        system.columns, favourable=favourable, label_favourable=system.columns.label_favourable or favourable,
        by_role={**roles, Role.FEATURE: features, Role.PROTECTED: protected},
    )  # fmt: skip


_READ: Final = (*_NAMES, Role.PROTECTED, Role.CONDITION_ON, Role.FEATURE)


def _wanted(columns: Columns) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for role in _READ for name in columns.of(role)))


def _type(known: Table | None, columns: Columns, name: str, sample: Decision) -> pa.DataType:
    if name in columns.of(Role.TIME):
        return pa.timestamp("us")
    if name in columns.of(Role.SCORE):
        return pa.float64()
    if name not in columns.of(Role.FEATURE) or name in columns.of(Role.PROTECTED):
        return pa.string()
    if known is not None and name in known.columns:
        return pa.float64() if known.columns[name] in (Kind.INTEGER, Kind.NUMBER) else pa.string()
    return pa.float64() if _is_number(sample.inputs.get(name)) else pa.string()


def _reference(system: System) -> Table | None:
    """The table that the model learned from: what is a number there is one here."""
    for what in ("training", "evaluation"):
        if what in system.data:
            return open_table(system.data[what].address(), system.path.parent)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float | None:
    """A number; what is none, in a column of numbers, is not a number."""
    if value is None:
        return None
    return float(value) if isinstance(value, int | float) else float("nan")
