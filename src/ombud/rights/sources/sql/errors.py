"""What databases answer when they cannot do what was asked, in words a person can act on; never in their own.

Drivers quote rows in what they say ("Key (email)=(anna@example.org) already exists"), so not one of their words is
repeated: an error is told by its code or by a phrase known beforehand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from attrs import define
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError, TimeoutError

from ombud.errors import OmbudError
from ombud.store.errors import StoreFailed


@define
class SourceFailed(StoreFailed):
    """A database of the map could not do what was asked; nothing was changed in it."""


@define
class Again(OmbudError):
    """The connection broke, or two writers met: the same may succeed when it is tried again."""

    exit_code: ClassVar[int] = 3
    where: str
    problem: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


AWAY: Final = ("it cannot be reached", "Check its address in the map and that the server runs, then try again.")
BUSY: Final = ("other writers were in the way", "Run the command again; nothing was changed.")
SLOW: Final = ("it did not answer in time", "Raise `timeout` in the source's options, or try again at a quiet hour.")
DENIED: Final = ("permission is denied", "Grant its user the right to read and change the tables of the map.")
WHO: Final = ("it refused the user or the password", "Check the environment variables that its address names.")
MOVED: Final = (
    "a table or a column of the map is not there",
    "Compare the map with the database: ombud rights map check",
)
BROKEN: Final = ("a rule of the database forbids it", "Look at its constraints and triggers.")
VIEW: Final = ("it is a view, and rows are not changed in a view", "Name the tables that it shows in the map instead.")
DAMAGED: Final = ("the file is damaged or no database", "Restore it, or correct its address in the map.")
FULL: Final = ("the disk is full", "Free some space and run the command again; nothing was changed.")

_MYSQL: Final = {
    **dict.fromkeys((2002, 2003, 2005, 2006, 2013, 2055, 1053, 1040), AWAY),
    **dict.fromkeys((1205, 1213, 1020), BUSY),
    **dict.fromkeys((1317, 1969, 3024), SLOW),
    **dict.fromkeys((1044, 1142, 1143, 1227, 1290), DENIED),
    **dict.fromkeys((1045, 1698), WHO),
    **dict.fromkeys((1049, 1054, 1146), MOVED),
    **dict.fromkeys((1021, 1114), FULL),
}
_SQLSTATES: Final = (
    ("08", AWAY), ("57P0", AWAY), ("53300", AWAY), ("40001", BUSY), ("40P01", BUSY), ("55P03", SLOW), ("57014", SLOW),
    ("42501", DENIED), ("28", WHO), ("3D000", MOVED), ("42P01", MOVED), ("42703", MOVED), ("3F000", MOVED),
    ("53100", FULL), ("23", BROKEN), ("22", BROKEN), ("P0001", BROKEN),
)  # fmt: skip
_PHRASES: Final = (
    ("database is locked", BUSY), ("database table is locked", BUSY), ("interrupted", SLOW), ("readonly", DENIED),
    ("unable to open", AWAY), ("no such table", MOVED), ("no such column", MOVED), ("has no column", MOVED),
    ("malformed", DAMAGED), ("not a database", DAMAGED), ("disk is full", FULL), ("authentication failed", WHO),
    ("row-level security", DENIED), ("no password supplied", WHO), ("does not exist", MOVED), ("timed out", SLOW),
    ("timeout expired", SLOW), ("refused", AWAY), ("closed the connection", AWAY), ("connection failed", AWAY),
    ("lost connection", AWAY), ("could not translate host", AWAY), ("failed to resolve host", AWAY),
)  # fmt: skip
_OTHER: Final = ("it refused what was asked", "Look at the database's own log.")


def meaning(error: DBAPIError) -> tuple[str, str]:
    """What a driver's error means, and what to do."""
    said: Any = error.orig
    code = said.args[0] if getattr(said, "args", None) else None
    if isinstance(code, int) and code in _MYSQL:
        return _MYSQL[code]
    state = getattr(said, "sqlstate", None)
    if state:
        return next((words for prefix, words in _SQLSTATES if state.startswith(prefix)), _OTHER)
    text = str(said).lower()
    found = next((words for phrase, words in _PHRASES if phrase in text), None)
    return found or (AWAY if error.connection_invalidated else _OTHER)


def passing(words: tuple[str, str]) -> bool:
    """Whether the same may succeed when it is tried again."""
    return words in (AWAY, BUSY)


@contextmanager
def reported(where: str) -> Iterator[None]:
    """Turn what drivers say into words a person can act on.

    Raises:
        Again: it may succeed when tried again.
        SourceFailed: it will not.
    """
    try:
        yield
    except DBAPIError as error:
        words = meaning(error)
        raise (Again if passing(words) else SourceFailed)(where, *words) from None
    except NoSuchTableError:
        raise SourceFailed(where, *MOVED) from None
    except TimeoutError:
        raise SourceFailed(where, *SLOW) from None
    except SQLAlchemyError as error:
        raise SourceFailed(where, f"the database layer gave up ({type(error).__name__})", _OTHER[1]) from None
    except (UnicodeError, OverflowError, ValueError) as error:
        problem = f"it holds or was asked for a value that its driver cannot carry ({type(error).__name__})"
        raise SourceFailed(where, problem, "Look at the types of the columns in the map.") from None
