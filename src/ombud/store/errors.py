"""What can go wrong with the place where evidence is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from attrs import define
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ombud.errors import OmbudError


@define
class StoreFailed(OmbudError):
    """The store could not do what was asked; what it acknowledged before is kept, and nothing else was written."""

    exit_code: ClassVar[int] = 3
    where: str
    problem: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


_SAID: Final = (
    ("disk is full", "the disk is full", "Free some space and run the command again; what was acknowledged is kept."),
    ("disk I/O error", "the disk could not be written or read", "Check the disk, then run `ombud ledger verify`."),
    ("database is locked", "another process is writing", "Wait for it and run the command again."),
    ("readonly database", "it may only be read", "Check the permissions of the file and of its folder."),
    ("unable to open", "it cannot be opened", "Check that the file and its folder exist and that you may write there."),
    ("malformed", "the file is damaged", "Restore a backup; compare it with the last checkpoint you hold."),
    ("not a database", "the file is not an Ombud store", "Restore a backup, or correct `store` in .ombud/config.yaml."),
    ("no such table", "it is not an Ombud store", "Correct `store` in .ombud/config.yaml, or restore a backup."),
    (
        "does not exist",
        "it is not an Ombud store",
        "Correct OMBUD_STORE, or make the workspace with `ombud keys init`.",
    ),
    ("connection", "the database cannot be reached", "Check OMBUD_STORE and that the server runs."),
)
"""What drivers say, what it means, and what to do; their own words may carry data and are not repeated."""


@contextmanager
def reported(where: str) -> Iterator[None]:
    """Turn what drivers and the operating system say into words a person can act on."""
    try:
        yield
    except DBAPIError as error:
        raise _failed(where, str(error.orig)) from None
    except SQLAlchemyError as error:
        raise StoreFailed(
            where,
            f"the database layer gave up ({type(error).__name__})",
            "Check OMBUD_STORE and `store` in the config.",
        ) from None
    except OSError as error:
        raise _system(where, error) from None


def _failed(where: str, said: str) -> StoreFailed:
    for word, problem, next_step in _SAID:
        if word in said:
            return StoreFailed(where, problem, next_step)
    return StoreFailed(where, "the database refused", "Run `ombud ledger verify` to see whether the log is whole.")


def _system(where: str, error: OSError) -> StoreFailed:
    place = str(error.filename) if error.filename else where
    problem = (error.strerror or "the operating system refused").lower()
    return StoreFailed(place, problem, "Check space and permissions, then run the command again.")
