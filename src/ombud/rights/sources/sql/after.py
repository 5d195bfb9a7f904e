"""What a database still holds of deleted rows: cleaned where that is asked for and possible, and told where not."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from ombud.errors import Misused
from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.sql.connect import cleaning
from ombud.rights.sources.sql.structure import Table
from ombud.system.duration import Duration

_BUSY: Final = "free pages and the write-ahead log of the file, until `VACUUM` runs while no other program reads it"
_NOT_ASKED: Final = "free pages of the file, until `VACUUM` runs (option `vacuum` is no)"


def clean(engine: Engine, spec: SourceSpec, tables: Iterable[Table]) -> tuple[str, ...]:
    """Clean what can be cleaned after the transaction, and list what goes on holding copies."""
    name = engine.dialect.name
    if name == "sqlite":
        return (*_sqlite(engine, spec), *backups(spec))
    if name == "postgresql":
        return (*_postgresql(engine, spec, tables), *backups(spec))
    if name in ("mysql", "mariadb"):
        return (*_mysql(engine, spec, tables), *backups(spec))
    return ("free space, logs and replicas of the database, as long as it keeps them", *backups(spec))


def backups(spec: SourceSpec) -> tuple[str, ...]:
    """Until when backups hold what was erased; they are nobody's to rewrite, so only the day is told."""
    if spec.backups is None:
        return ("backups, for as long as they are kept (the map does not say how long)",)
    if spec.backups.strip().lower() in ("none", "0d"):
        return ()
    day = today(spec)
    if day is None:
        return (f"backups, until {spec.backups} after this erasure",)
    return (f"backups, until {_after(day, spec.backups)}",)


def today(spec: SourceSpec) -> date | None:
    """The day of the erasure, if whoever opened the source said it (option `today`)."""
    written = spec.options.get("today")
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Misused(f"source {spec.name}: `today` is not a date", "Write it as 2026-11-01.") from None


def _after(day: date, length: str) -> str:
    try:
        return Duration.parse(length).after(datetime.combine(day, time(), UTC)).date().isoformat()
    except Misused:
        return f"{length} after {day.isoformat()}"


def wants_vacuum(spec: SourceSpec, default: bool) -> bool:
    """Whether the map asks for space to be cleaned at once."""
    written = spec.options.get("vacuum")
    return default if written is None else written.strip().lower() in ("yes", "true", "on", "1")


# --- SQLite ---------------------------------------------------------------------------------------------------------


def _sqlite(engine: Engine, spec: SourceSpec) -> tuple[str, ...]:
    if not wants_vacuum(spec, default=True):
        return (_NOT_ASKED,)
    try:
        with cleaning(engine) as connection:
            return _rewrite(connection)
    except DBAPIError:
        return (_BUSY,)


def _rewrite(connection: Connection) -> tuple[str, ...]:
    """A new file without what was deleted, no log beside it, and no old journal."""
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name IN ('sqlite_stat3', 'sqlite_stat4')").first():
        connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql("VACUUM")
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    if mode == "wal":
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
        return (_BUSY,) if busy is None or busy[0] else ()
    if mode in ("persist", "truncate"):
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        connection.exec_driver_sql(f"PRAGMA journal_mode={mode}")
    return ()


# --- servers --------------------------------------------------------------------------------------------------------


def _postgresql(engine: Engine, spec: SourceSpec, tables: Iterable[Table]) -> Iterator[str]:
    dead = _dead(engine, spec, tables, "VACUUM (FULL, ANALYZE) {}")
    if dead:
        yield f"dead rows and planner statistics of {dead}, until VACUUM and ANALYZE have run"
    yield "the write-ahead log and its archive, until PostgreSQL recycles them"
    yield "replicas, until they have caught up; replication slots and standbys that lag hold more"


def _mysql(engine: Engine, spec: SourceSpec, tables: Iterable[Table]) -> Iterator[str]:
    dead = _dead(engine, spec, tables, "OPTIMIZE TABLE {}")
    if dead:
        yield f"free space inside of {dead}, until purge and OPTIMIZE TABLE have run"
    yield "the redo and undo logs, until the server has purged them"
    yield "the binary log, until it expires (binlog_expire_logs_seconds)"
    yield "replicas, until they have caught up"


def _dead(engine: Engine, spec: SourceSpec, tables: Iterable[Table], command: str) -> str:
    """Clean tables if the map asks for it; names of those that were not cleaned."""
    names = {table.name: engine.dialect.identifier_preparer.format_table(table.clause) for table in tables}
    if not wants_vacuum(spec, default=False):
        return ", ".join(name for _, name in sorted(names))
    left = []
    with cleaning(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET statement_timeout = 0"))
        for name, quoted in sorted(names.items()):
            if not _vacuumed(connection, command.format(quoted)):
                left.append(name[1])
        connection.invalidate()
    return ", ".join(left)


def _vacuumed(connection: Connection, command: str) -> bool:
    try:
        # a literal % would be read as a placeholder by the driver
        connection.execute(text(re.sub(r"([\\:])", r"\\\1", command)))
    except DBAPIError:
        return False
    return True
