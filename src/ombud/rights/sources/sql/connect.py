"""Connecting to a database of the map: its address, its driver, its time limit."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ombud.errors import Misused, NotFound
from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.sql.errors import Again, SourceFailed, reported
from ombud.store.identity import comparable
from ombud.system.secrets import resolve

T = TypeVar("T")

_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_WRITTEN: Final = "Write postgresql://…, mysql://… or sqlite:///PATH."
_EXTRAS: Final = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
_ATTEMPTS: Final = 4
_SECONDS: Final = 60
"""How long one statement may take where the map sets no `timeout`."""

_STEPS: Final = 100_000
"""SQLite looks at the clock each so many of its own steps."""


def connect(spec: SourceSpec, base: Path) -> Engine:
    """An engine for a source; nothing is asked of the database yet.

    Raises:
        Misused: the address is no database URL, or a driver is not installed.
        NotFound: the file is not there, or an environment variable is not set.
    """
    url = _url(spec, base)
    seconds = timeout(spec)
    try:
        engine = create_engine(url, hide_parameters=True, connect_args=_arguments(url, seconds))
    except ImportError:
        extra = _EXTRAS.get(url.get_backend_name(), "")
        raise Misused(
            f"{url.get_backend_name()} needs one more package",
            f"Install it: pip install 'ombud[{extra}]'" if extra else "Install its driver for SQLAlchemy.",
        ) from None
    except (NoSuchModuleError, ArgumentError):
        raise Misused(f"source {spec.name}: databases of this kind are not known", _WRITTEN) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "before_cursor_execute", _watch(seconds))
    elif url.get_backend_name() in ("mysql", "mariadb"):
        event.listen(engine, "connect", _limit(seconds))
    return engine


def timeout(spec: SourceSpec) -> int:
    """Seconds that one statement may take."""
    written = spec.options.get("timeout", str(_SECONDS)).strip().removesuffix("s")
    if not written.isdecimal() or int(written) < 1:
        raise Misused(f"source {spec.name}: `timeout` is not a number of seconds", "Write for example: timeout: 30s")
    return int(written)


def _url(spec: SourceSpec, base: Path) -> URL:
    try:
        url = make_url(resolve(spec.address))
    except (ArgumentError, ValueError):
        raise Misused(f"source {spec.name}: its address is not a database URL", _WRITTEN) from None
    if url.drivername in _DRIVERS:
        url = url.set(drivername=_DRIVERS[url.drivername])
    return _file(spec, url, base) if url.get_backend_name() == "sqlite" else url


def _file(spec: SourceSpec, url: URL, base: Path) -> URL:
    """SQLite would make a file that is not there; a database of people is never made by looking for them."""
    name = url.database or ""
    if name in ("", ":memory:") or name.startswith("file:"):
        raise Misused(f"source {spec.name}: SQLite needs the path of a file", "Write sqlite:///PATH.")
    path = base / name
    if not path.is_file():
        raise NotFound("database", str(path), f"Correct the address of source {spec.name} in the map.")
    return url.set(database=str(path))


def _arguments(url: URL, seconds: int) -> dict[str, Any]:
    match url.get_backend_name():
        case "sqlite":
            return {"timeout": min(seconds, 30)}
        case "postgresql":
            # row_security=off: a policy that would hide rows makes a query fail instead of finding nothing
            limits = f"-c statement_timeout={seconds * 1000} -c row_security=off"
            return {"options": limits, "connect_timeout": min(seconds, 10)}
        case "mysql" | "mariadb":
            return {"connect_timeout": min(seconds, 10), "read_timeout": seconds + 5, "write_timeout": seconds + 5}
    return {}


def _prepare(connection: Any, record: Any) -> None:
    deadline = record.info["deadline"] = [float("inf")]
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.create_function("ombud_form", 2, _form, deterministic=True)
    connection.set_progress_handler(lambda: time.monotonic() > deadline[0], _STEPS)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("ombud_plain"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("ombud_write") else "BEGIN")


def _watch(seconds: int) -> Callable[..., None]:
    """SQLite has no time limit of its own; a stream is as slow as its reader and has none."""

    def watch(connection: Connection, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _m: Any) -> None:
        streams = context is not None and context.execution_options.get("stream_results")
        connection.info["deadline"][0] = float("inf") if streams else time.monotonic() + seconds

    return watch


def _limit(seconds: int) -> Callable[[Any, Any], None]:
    """MariaDB counts seconds, MySQL milliseconds, each under a name of its own."""

    def limit(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            maria = "mariadb" in str(cursor.fetchone()[0]).lower()
            cursor.execute(
                f"SET SESSION max_statement_time={seconds}" if maria
                else f"SET SESSION max_execution_time={seconds * 1000}"
            )  # fmt: skip

    return limit


def _form(form: Any, value: Any) -> str | None:
    return comparable(str(form), value) if isinstance(value, str) else None


def patiently(where: str, work: Callable[[], T]) -> T:
    """Do something, and do it again with growing pauses while the connection breaks or other writers are in the way.

    Raises:
        SourceFailed: it does not succeed.
        Misused: the package for pauses is not installed.
    """
    try:
        import stamina
    except ImportError:
        raise Misused("databases need one more package", "Install it: pip install 'ombud[rights]'") from None
    try:
        for attempt in stamina.retry_context(on=Again, attempts=_ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=2):
            with attempt, reported(where):
                return work()
    except Again as again:
        raise SourceFailed(again.where, again.problem, again.next_step) from None
    raise AssertionError("an attempt returns or raises")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes nothing."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def cleaning(engine: Engine) -> Iterator[Connection]:
    """No transaction at all, as VACUUM demands."""
    plain: dict[str, Any] = {"ombud_plain": True}
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with engine.connect().execution_options(**plain, **level) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The one transaction of an erasure: SQLite's only writer, or one that sees what was committed before its locks."""
    plain = {"ombud_write": True}
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with engine.connect().execution_options(**plain, **level) as connection, connection.begin():
        yield connection
