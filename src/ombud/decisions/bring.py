"""Bring decisions in from a file or table: whatever is good is kept once, and whatever is not is told by its row."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from ombud.decisions.batch import anchor
from ombud.decisions.decision import Decision
from ombud.decisions.intake import AT_ONCE, Labelled, label, take_in
from ombud.decisions.kept import Receipt
from ombud.decisions.readers import Rows, rows_of
from ombud.decisions.rows import BadRow, Made, RowReader
from ombud.errors import Misused
from ombud.store.people import as_text
from ombud.store.workspace import Workspace
from ombud.system.spec import System
from ombud.tables.needs import Role

Progress = Callable[[str, int, int], None]

SHOWN: Final = 10
"""Rows named of each kind of fault; of the others there is the count."""

DIFFERS: Final = "a number that is kept with another content"


@frozen
class Fault:
    """Rows with one kind of fault: how many, and the numbers of the first of them, counted from 1."""

    count: int
    rows: tuple[int, ...]


@frozen(kw_only=True)
class Brought:
    """What became of the rows of a table.

    Attributes:
        rows: how many there were; receipt: what became of those that are decisions; bad: kind of fault → rows.
    """

    rows: int
    receipt: Receipt
    bad: Mapping[str, Fault]

    @property
    def whole(self) -> bool:
        """Whether every row is kept now."""
        return not self.bad

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        bad = {kind: {"count": one.count, "rows": list(one.rows)} for kind, one in self.bad.items()}
        return {"rows": self.rows, **self.receipt.to_json(), "bad": bad}


@define(eq=False)
class _Bringing:
    """Rows on their way in."""

    workspace: Workspace
    reader: RowReader
    rows: int = 0
    receipt: Receipt = field(factory=Receipt)
    bad: dict[str, list[int]] = field(factory=dict)
    waiting: list[tuple[int, Decision]] = field(factory=list)

    def add(self, number: int, row: Mapping[str, Any] | str) -> None:
        """One more row."""
        self.rows += 1
        try:
            if isinstance(row, str):
                raise BadRow(row)
            self.waiting.append((number, self.reader.read(number, row)))
        except BadRow as bad:
            self.bad.setdefault(bad.kind, []).append(number)
        if len(self.waiting) == AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Keep what waits."""
        if not self.waiting:
            return
        receipt = take_in(self.workspace, [decision for _, decision in self.waiting])
        for conflict in receipt.differ:
            self.bad.setdefault(DIFFERS, []).append(self.waiting[conflict.index][0])
        self.receipt += receipt
        self.waiting.clear()


def bring(
    workspace: Workspace,
    system: System,
    address: str,
    *,
    holder: str | None,
    made: Made | None = None,
    number_rows: bool = False,
    base: Path | None = None,
    progress: Progress | None = None,
) -> Brought:
    """Take the decisions of a file or table in. The same table again changes nothing.

    Args:
        workspace, system: whose store, and whose decisions; the manifest says what the columns mean.
        address: CSV, JSON lines, Parquet, or any address of `open_table`; base: what relative paths start from.
        holder: whose key puts them into the log; None leaves that for later.
        made: by which release, model and threshold, as far as somebody knows.
        number_rows: number the rows where the manifest names no column of numbers.
        progress: told now and then.

    Raises:
        NotFound, Unreadable, Invalid, Misused: the table cannot be opened or is not the manifest's; nothing was kept.
    """
    table = rows_of(address, base)
    prefix = _digest_of(table) if number_rows else None
    reader = RowReader.of(system, table.columns, made or Made(), prefix)
    on = _Bringing(workspace, reader)
    for number, row in table.rows():
        on.add(number, row)
        if progress and number % AT_ONCE == 0:
            progress("decisions", number, 0)
    on.flush()
    batches = anchor(workspace, holder, system.name) if holder is not None else ()
    return Brought(rows=on.rows, receipt=on.receipt + Receipt(batches=len(batches)), bad=_told(on.bad))


def bring_labels(
    workspace: Workspace, system: System, address: str, base: Path | None = None
) -> tuple[Labelled, Mapping[str, Fault]]:
    """Take labels in from a table with the columns of the decision's number and of the label.

    Raises:
        Misused: the manifest names no such columns, or the table has none of them. Others as `bring`.
    """
    table = rows_of(address, base)
    id, name = (system.columns.of(role) for role in (Role.ID, Role.LABEL))
    if not id or not name:
        raise Misused("the manifest does not say where numbers and labels are", "Write columns.id and columns.label.")
    if id[0] not in table.columns or name[0] not in table.columns:
        raise Misused(f"the table lacks the column {id[0]!r} or {name[0]!r}", "Rename its columns to the manifest's.")
    given: list[tuple[str, str, datetime | None]] = []
    bad: dict[str, list[int]] = {}
    for number, row in table.rows():
        said = None if isinstance(row, str) else (as_text(row.get(id[0])), as_text(row.get(name[0])))
        if said is None or said[0] is None or said[1] is None:
            bad.setdefault("no number or no label" if said else str(row), []).append(number)
        else:
            given.append((said[0], said[1], None))
    return label(workspace, system.name, given), _told(bad)


def _told(bad: Mapping[str, list[int]]) -> dict[str, Fault]:
    return {kind: Fault(len(rows), tuple(sorted(rows)[:SHOWN])) for kind, rows in sorted(bad.items())}


def _digest_of(table: Rows) -> str:
    """What tells a table's rows from those of others, where they have no numbers of their own: its content."""
    import hashlib

    found = hashlib.sha256()
    for _, row in table.rows():
        found.update(repr(row if isinstance(row, str) else sorted(row.items())).encode("utf-8", "surrogateescape"))
    return found.hexdigest()[:16]
