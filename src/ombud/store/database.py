"""Opening the store: SQLite in a file, or PostgreSQL; one writer at a time; the schema's version checked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ombud.errors import Misused, NotFound
from ombud.store.errors import StoreFailed, reported

HEAD: Final = "0004"
"""The version of the schema that this program reads and writes: the newest file in migrations/versions."""

_LOCK: Final = 0x6F6D627564
"""Key of PostgreSQL's advisory lock under which the log grows ("ombud")."""

BUSY_SECONDS: Final = 30
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON")


@frozen(eq=False)
class Database:
    """An open store.

    Attributes:
        engine: SQLAlchemy's engine.
        where: the store's place without its password; safe to show.
    """

    engine: Engine
    where: str

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open a store that was made before.

        Raises:
            NotFound: there is none.
            StoreFailed: it cannot be read, or its schema is not of this version.
        """
        database = cls.open_any(url)
        database._check_version()
        return database

    @classmethod
    def open_any(cls, url: str) -> "Database":
        """Open a store of any version, to bring it up to date.

        Raises:
            NotFound: there is none.
        """
        database = cls._connect(url)
        if database.file is not None and not database.file.exists():
            raise NotFound("store", str(database.file), "Make the workspace first: ombud keys init")
        return database

    @classmethod
    def create(cls, url: str) -> "Database":
        """Open a store, making it or bringing its schema up to date."""
        database = cls._connect(url)
        with reported(database.where):
            if database.file is not None:
                database.file.parent.mkdir(parents=True, exist_ok=True)
        database.upgrade()
        return database

    @classmethod
    def _connect(cls, url: str) -> "Database":
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise Misused(
                "the store's address is not a database URL", "Write sqlite:///PATH or postgresql://…"
            ) from None
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise Misused(f"the store cannot be kept in {parsed.get_backend_name()}", "Use SQLite or PostgreSQL.")
        sqlite = parsed.get_backend_name() == "sqlite"
        try:
            engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS} if sqlite else {})
        except ImportError:
            raise Misused("PostgreSQL needs one more package", "Install it: pip install 'ombud[postgresql]'") from None
        if sqlite:
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
        return cls(engine, parsed.render_as_string(hide_password=True))

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the store."""
        with reported(self.where), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction of the only writer; it commits at the end, or changes nothing."""
        with reported(self.where), self.engine.connect() as plain:
            connection = plain.execution_options(ombud_write=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                yield connection

    def settle(self) -> None:
        """Move what was written into the store's file and empty SQLite's log, so that what was deleted is in neither.

        A reader that is busy keeps the log from being emptied; the next call does it.
        """
        if self.file is not None:
            with reported(self.where), self.engine.connect() as connection:
                cursor = connection.connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()

    def upgrade(self) -> None:
        """Bring the schema up to this program's version; a newer one is refused.

        Raises:
            StoreFailed: the store is newer than this program.
        """
        with self.writing() as connection:
            version = _version(connection)
            if version == HEAD:
                return
            if version is not None and version > HEAD:
                raise self._newer(version)
            _migrate(connection)

    def backup(self, path: Path) -> None:
        """Copy the whole store, as it is at one moment, into a new file.

        Raises:
            Misused: the file is there already, or the store is PostgreSQL (which has pg_dump).
        """
        if self.file is None:
            raise Misused("this store is PostgreSQL", "Back it up with pg_dump.")
        if path.exists():
            raise Misused(f"{path} is there already", "Name a new file; a backup never overwrites another.")
        with reported(str(path)), self.engine.connect() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            _copy(source, path)

    def _check_version(self) -> None:
        with self.reading() as connection:
            version = _version(connection)
        if version is None:
            raise StoreFailed(self.where, "it is not an Ombud store", "Make the workspace first: ombud keys init")
        if version > HEAD:
            raise self._newer(version)
        if version < HEAD:
            raise StoreFailed(
                self.where,
                f"its schema is version {version}, this program needs {HEAD}",
                "Make a backup (ombud ledger backup PATH), then run: ombud ledger upgrade",
            )

    def _newer(self, version: str) -> StoreFailed:
        problem = f"its schema is version {version}, newer than this program ({HEAD}); there is no way back"
        return StoreFailed(self.where, problem, "Install the newer Ombud again, or restore a backup.")


def _prepare(connection: Any, _record: Any) -> None:
    """Durable, private, and with transactions begun by us."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("ombud_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)


def _copy(source: sqlite3.Connection, path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise OSError(0, str(error), str(path)) from None
