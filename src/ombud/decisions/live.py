"""Decisions that stay in a table of yours: found there, one at a time, without being copied."""

import hashlib
from contextlib import closing
from datetime import UTC
from typing import Final

from ombud.decisions.commit import commitment
from ombud.decisions.decision import Decision
from ombud.decisions.intake import find
from ombud.decisions.kept import Kept
from ombud.decisions.plain import encode
from ombud.decisions.readers import listed
from ombud.decisions.rows import BadRow, Made, RowReader, declared_threshold
from ombud.errors import NotFound, Unreadable
from ombud.store.people.key import fingerprint
from ombud.store.workspace import Workspace
from ombud.system.spec import System
from ombud.tables.needs import Role
from ombud.tables.open import open_table
from ombud.tables.table import Table

_NOT_HERE: Final = "Record it, or name the table where it is in data.decisions and its column of numbers in columns.id."


def find_anywhere(workspace: Workspace, system: System, id: str) -> Kept:
    """The decision that a system calls so: recorded, else in its own table of decisions.

    Raises:
        NotFound: it is in neither; its number is not repeated, since it may name somebody.
        Unreadable: the table has several of that number, or what stands there is no decision.
    """
    try:
        return find(workspace, system.name, id)
    except NotFound:
        if "decisions" not in system.data or not system.columns.of(Role.ID):
            raise
        return find_live(workspace, system, id)


def find_live(workspace: Workspace, system: System, id: str) -> Kept:
    """A decision in the system's own table.

    Its model is the manifest's: whether that is true, replaying it shows. A time that names no zone is read as UTC.

    Raises:
        NotFound: no row has that number. Unreadable: several do, or the row is no decision.
    """
    with closing(open_live(system)) as table:
        reader, names = reader_of(system, table), list(table.columns)
        engine, column = table.engine, table.engine.quote(system.columns.of(Role.ID)[0])
        wanted = f"CAST({column} AS {engine.varchar}) = {engine.string(id)}"
        rows = engine.ask(f"SELECT {listed(table)} FROM {table.relation} WHERE {wanted} LIMIT 2")  # noqa: S608
    if not rows:
        raise NotFound("decision of that number", f"decisions of {system.name}", _NOT_HERE)
    if len(rows) > 1:
        raise Unreadable(table.address, "several rows have that number", "Give each decision a number of its own.")
    try:
        return _kept(workspace, reader.read(1, dict(zip(names, rows[0], strict=True))))
    except BadRow as bad:
        raise Unreadable(table.address, f"that row is no decision: {bad.kind}", "Mend the row.") from None


def open_live(system: System) -> Table:
    """The system's own table of decisions.

    Raises:
        NotFound: the manifest names none, or it is not there.
    """
    if "decisions" not in system.data:
        raise NotFound("table of decisions", str(system.path), "Name it in data.decisions.")
    return open_table(system.data["decisions"].address(), system.path.parent)


def reader_of(system: System, table: Table, *, bare: bool = False) -> RowReader:
    """What reads the rows of the system's own table; bare: only what stands in it, without model and threshold."""
    made = Made(model=declared_model(system), threshold=declared_threshold(system), timezone=UTC)
    if bare:
        made = Made(timezone=UTC)
    return RowReader.of(system, tuple(table.columns), made)


def declared_model(system: System) -> str | None:
    """The digest of the model file that the manifest names, where it is there."""
    if system.model is None or not system.model.artifact.is_file():
        return None
    with system.model.artifact.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(workspace: Workspace, decision: Decision) -> Kept:
    """With a commitment whose salt only this workspace can make: the same row has the same one, and it says nothing."""
    people = workspace.people
    salt = fingerprint(people.key, "decision salt", f"{decision.system}\0{decision.id}")
    alias = None if decision.subject is None else people.alias_of(decision.subject)
    return Kept(decision, alias, commitment(salt, 0, encode(decision)).hex())
