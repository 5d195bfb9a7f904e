"""Where MLflow keeps what: folders of runs with their tags, parameters and artifacts, and a registry in SQLite."""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Literal, Protocol

from attrs import frozen

from ombud.errors import Misused, NotFound, Unreadable
from ombud.rights.map.model import SourceSpec
from ombud.store.errors import StoreFailed, reported
from ombud.system.secrets import resolve

Noted = Literal["tags", "params"]
NOTED: Final = ("tags", "params")
MARK: Final = "MLmodel"
_LARGEST_NOTE: Final = 1_000_000
_CHUNK: Final = 1 << 20


@frozen
class Note:
    """A tag or a parameter.

    Attributes:
        owner: the run, experiment or model version it is of; key: its name; value: personal data may be in it.
        place: where it is kept: a file, or table and row.
    """

    owner: str
    key: str
    value: str
    place: str


@frozen
class ModelFile:
    """A file of a model among the artifacts. It is listed, never opened as a model.

    Attributes:
        name: below the artifacts' folder; digest: SHA-256 of its bytes; size: bytes.
    """

    name: str
    digest: str
    size: int


class Notes(Protocol):
    """Where tags and parameters are kept."""

    def read(self, which: Noted) -> Iterator[Note]:
        """All of them."""
        ...

    def write(self, notes: list[Note], value: str) -> None:
        """Write a value in place of theirs, for all of them or none."""
        ...


@frozen
class FolderNotes:
    """One file a tag, below `mlruns/<experiment>/<run>/tags/` (and the same for params).

    Attributes:
        root: the folder `mlruns`.
    """

    root: Path

    def read(self, which: Noted) -> Iterator[Note]:
        """See `Notes`."""
        for path in sorted(self.root.rglob(f"{which}/**/*")):
            parts = path.relative_to(self.root).parts
            if "artifacts" not in parts and path.is_file() and not path.is_symlink():
                key = "/".join(parts[parts.index(which) + 1 :])
                yield Note("/".join(parts[: parts.index(which)]), key, _text(path), str(path.relative_to(self.root)))

    def write(self, notes: list[Note], value: str) -> None:
        """See `Notes`; each file is replaced in one step, and a second call does the rest."""
        for note in notes:
            path = self.root / note.place
            with reported(note.key):
                beside = path.with_name(f".ombud-{secrets.token_hex(8)}")
                beside.write_text(value, encoding="utf-8")
                os.replace(beside, path)  # noqa: PTH105


_TABLES: Final = {
    "tags": (
        "tags",
        "experiment_tags",
        "logged_model_tags",
        "model_version_tags",
        "registered_model_tags",
        "trace_tags",
    ),
    "params": ("params", "logged_model_params"),
}
_KEYS: Final = ("key", "tag_key", "param_key")
_VALUES: Final = ("value", "tag_value", "param_value")


@frozen
class SqliteNotes:
    """Tables of MLflow's SQLite store.

    Attributes:
        file: the database.
    """

    file: Path

    def read(self, which: Noted) -> Iterator[Note]:
        """See `Notes`."""
        with self._open() as connection:
            for table in _TABLES[which]:
                names = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
                key, value = _one(names, _KEYS), _one(names, _VALUES)
                if key is None or value is None:
                    continue
                rows = connection.execute(f"SELECT rowid, {key}, {value} FROM {table}")  # noqa: S608  our own names
                for rowid, name, text in rows.fetchall():
                    yield Note(table, str(name), str(text), f"{table}/{value}/{rowid}")

    def write(self, notes: list[Note], value: str) -> None:
        """See `Notes`; in one transaction, and nothing of the old values is left in the file."""
        with self._open() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            with connection:
                for note in notes:
                    table, column, rowid = note.place.split("/")
                    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid))  # noqa: S608
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"file:{self.file}?mode=rw", uri=True, timeout=30)) as connection:
                yield connection
        except sqlite3.Error:
            problem = "MLflow's registry cannot be read or written"
            raise StoreFailed(str(self.file), problem, "Check that it is a SQLite file that nobody locks.") from None


def places(spec: SourceSpec, base: Path) -> tuple[Notes, Path]:
    """Where a store's notes and its artifacts are.

    The address is a folder `mlruns`, or `sqlite:///mlflow.db` with the artifacts' folder in option `artifacts`.

    Raises:
        NotFound: the folder or the database is not there.
        Misused: another kind of store.
    """
    address = resolve(spec.address)
    if address.startswith("sqlite:///"):
        file = base / address.removeprefix("sqlite:///")
        artifacts = base / spec.options.get("artifacts", "mlruns")
        if not file.is_file():
            raise NotFound("MLflow's registry", str(file))
        return SqliteNotes(file), artifacts
    if "://" in address and not address.startswith("file://"):
        raise Misused("of MLflow, a folder and a SQLite registry are read", "For others, map the database as kind sql.")
    root = base / address.removeprefix("file://")
    if not root.is_dir():
        raise NotFound("MLflow's folder", str(root))
    return FolderNotes(root), root


def model_files(artifacts: Path) -> Iterator[ModelFile]:
    """The files of every model among the artifacts: whatever is beside or below an `MLmodel` file."""
    for mark in sorted(artifacts.rglob(MARK)):
        for path in sorted(mark.parent.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with reported(path.name):
                    yield ModelFile(path.relative_to(artifacts).as_posix(), _digest(path), path.stat().st_size)


def _digest(path: Path) -> str:
    told = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            told.update(piece)
    return told.hexdigest()


def _text(path: Path) -> str:
    with reported(path.name):
        if path.stat().st_size > _LARGEST_NOTE:
            raise Unreadable(path.parent.name, "a tag is larger than MLflow writes any")
        return path.read_text(encoding="utf-8", errors="replace")


def _one(names: list[str], wanted: tuple[str, ...]) -> str | None:
    return next((name for name in wanted if name in names), None)
