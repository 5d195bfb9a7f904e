"""Where decisions are read from, and what a look at all of them costs: one scan that fingerprints every window."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import evolve, frozen

from ombud.errors import Misused
from ombud.evidence.canonical import digest
from ombud.monitor.windows import Window
from ombud.system.manifest import System
from ombud.tables.engines.engine import Kind
from ombud.tables.needs import Role
from ombud.tables.open import open_table
from ombud.tables.roles import Columns
from ombud.tables.table import Snapshot, Table

_MAY_LACK: Final = tuple(role for role in Role if role is not Role.TIME)
_COUNTED: Final = (
    Role.TIME, Role.DECISION, Role.SCORE, Role.LABEL, Role.HUMAN_CHANGED, Role.PROTECTED, Role.CONDITION_ON,
    Role.FEATURE,
)  # fmt: skip


@frozen(eq=False)
class Source:
    """The decisions of a system, wherever they are.

    Attributes:
        table: where they are.
        columns: what its columns mean; only columns that it has.
        length: of the windows.
    """

    table: Table
    columns: Columns
    length: str

    @property
    def most(self) -> int | None:
        """How many rows are counted together; None where the engine reads them by itself."""
        return None

    def holding(self, windows: Sequence[Window]) -> "Source":  # noqa: ARG002 (recorded decisions differ)
        """The source in which some windows can be counted."""
        return self

    @property
    def moment(self) -> str:
        """When a decision was made, in UTC, as SQL."""
        name = self.columns.of(Role.TIME)[0]
        return self.table.engine.moment(self.table.engine.quote(name), self.table.columns[name])

    def truncated(self, unit: str) -> str:
        """The hour, day, week or month of a decision, as SQL."""
        return self.table.engine.truncated(self.moment, unit)

    def within(self, start: datetime, end: datetime) -> str:
        """Whether a decision was made in [start, end), as SQL."""
        at = self.table.engine.at
        return f"{self.moment} >= {at(written(start))} AND {self.moment} < {at(written(end))}"

    @property
    def counted(self) -> tuple[str, ...]:
        """The columns that anything is counted by: a change in another one changes no window."""
        return tuple(dict.fromkeys(name for role in _COUNTED for name in self.columns.of(role)))

    def snapshot(self, rows: int) -> Snapshot:
        """The table as evidence names it: it grows, so nothing pins its content but the counts that were taken."""
        schema = digest([[name, self.table.types[name]] for name in self.table.columns])
        return Snapshot(self.table.name, None, rows, schema, self.table.address, addressed=False)

    def refuse_change(self) -> None:
        """Stop if a file was changed while it was counted.

        Raises:
            Unreadable: size or time of a file differ.
        """
        self.table.refuse_change()


def written(when: datetime) -> str:
    """A time in UTC as engines read it."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")


def read(text: str) -> datetime:
    """The beginning of a window as an engine writes it ("2026-11-23 00:00:00", "2026-11-23")."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def open_source(system: System) -> Source:
    """Open the table of decisions that a manifest names.

    Raises:
        Misused: the manifest names no table of decisions, or no column that says when; or that column holds no times.
        OmbudError: the table cannot be read.
    """
    spec = system.data.get("decisions")
    if spec is None:
        raise Misused(
            "the manifest names no table of decisions", "Add data.decisions.table to it, or record decisions."
        )
    return source_of(system, open_table(spec.address(), system.path.parent))


def source_of(system: System, table: Table) -> Source:
    """A table as the decisions of a system."""
    columns = system.columns_for(table.columns, may_lack=_MAY_LACK)
    there = {role: tuple(n for n in names if n in table.columns) for role, names in columns.by_role.items()}
    if not there.get(Role.TIME):
        raise Misused("no column says when a decision was made", "Add columns.time to the manifest.")
    if table.columns[there[Role.TIME][0]] not in (Kind.TIME, Kind.TEXT):
        raise Misused("the column of times holds numbers", "Make it a column of dates or times, in UTC.")
    return Source(table, evolve(columns, by_role=there), system.monitoring.window)
