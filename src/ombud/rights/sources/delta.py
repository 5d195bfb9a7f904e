"""Delta tables: the rows go, and then all that the table still remembers of them.

A deletion is only another entry in Delta's log: the old files stay, and the log keeps their smallest and largest
values, the names of partitions, and the condition of the deletion itself. So after the deletion the old files are
removed, the log is cut behind a new checkpoint, and the whole is read again.
"""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from attrs import field, frozen

from ombud.errors import Misused, OmbudError, Unreadable
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.delta_log import MARK, OTHERS_MAY_WRITE, cut, holders, unfinished, unreferenced
from ombud.rights.sources.files import Edit, FileSource, Fixed, Reported, Tally, edit_of, said
from ombud.rights.sources.matching import Wanted, canonical, ready
from ombud.rights.sources.objects import Bucket, open_files
from ombud.rights.sources.parquet import Parquet
from ombud.rights.sources.source import Change, Match, Outcome, Progress, State, Value

_TRIES: Final = 12
TRAVEL: Final = "earlier versions of the table are gone for all readers: time travel and change feeds begin anew"
STAYS: Final = "earlier versions of the table, until somebody is erased from it or it is vacuumed"


def open_source(spec: SourceSpec, base: Path) -> "DeltaSource":
    """Open a folder or bucket of Delta tables.

    Option `writers`: "stopped" if nobody writes while a person is erased: then files that no version knows are
    removed even if they are young.

    Raises:
        Misused: deltalake is not installed, or cannot reach that kind of store.
    """
    try:
        import deltalake  # noqa: F401
    except ImportError:
        raise Misused("Delta tables need one more package", "Install it: pip install 'ombud[rights]'") from None
    files = open_files(spec.address, base)
    if isinstance(files, Bucket) and spec.address.startswith("memory://"):
        raise Misused("a Delta table cannot lie in memory", "Name a folder or an object store.")
    return DeltaSource(spec, files, Parquet())


@frozen
class DeltaSource(FileSource):
    """See `source.Source`; the log says which files a table has."""

    _partitions: dict[str, Fixed] = field(factory=dict, repr=False)

    def names(self, collection: Collection) -> tuple[str, ...]:
        """The files of the newest version."""
        import pyarrow as pa

        table = self._open(collection)
        _supported(table)
        names = []
        for row in pa.table(table.get_add_actions()).to_pylist():
            name = f"{collection.table}/{unquote(row['path'])}"
            self._partitions[name] = dict(row.get("partition") or {})
            names.append(name)
        return tuple(sorted(names))

    def fixed(self, name: str) -> Fixed:
        """The values of its partition, by the log."""
        return self._partitions.get(name) if name in self._partitions else super().fixed(name)  # type: ignore[return-value]

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """See `Source`."""
        collection = {one.address: one for one in self.spec.collections}[change.collection]
        edit, tally, left = Edit(change.values, change.where), Tally(), 0
        wanted = ready(matches)
        try:
            tally.found = self._count_all(collection, wanted)
            tally.edited = self._commit(collection, wanted, edit) if tally.found else 0
            left = self._unchanged(collection, matches, change)
        except OmbudError as error:
            tally.fail(said(error))
        return self.outcome(collection, edit, tally, left)

    def _erase(self, collection: Collection, wanted: Sequence[Wanted], progress: Progress) -> Outcome:
        edit, tally, left = edit_of(collection, wanted), Tally(), 0
        try:
            tally.found = self._count_all(collection, wanted)
            if collection.on_erase == "keep" or collection.exemption is not None:
                return self.kept(collection, tally.found)
            if tally.found:
                progress(f"deleting from {collection.table}", 0, 3)
                tally.files += self._concerned(collection, wanted)
                tally.edited = self._commit(collection, wanted, edit)
            self._forget(collection, wanted, tally, progress)
            left = self._count_all(collection, wanted)
        except OmbudError as error:
            tally.fail(said(error))
        return self.outcome(collection, edit, tally, left)

    # --- the newest version ---

    def _open(self, collection: Collection) -> Any:
        from deltalake import DeltaTable

        with _told(collection.table):
            return DeltaTable(self._address(collection))

    def _address(self, collection: Collection) -> str:
        return f"{self.files.where.rstrip('/')}/{collection.table}"

    def _count_all(self, collection: Collection, wanted: Sequence[Wanted]) -> int:
        return sum(self._count(name, wanted) for name in self.names(collection))

    def _concerned(self, collection: Collection, wanted: Sequence[Wanted]) -> list[str]:
        return [self.shown(name, wanted) for name in self.names(collection) if self._count(name, wanted)]

    def _commit(self, collection: Collection, wanted: Sequence[Wanted], edit: Edit) -> int:
        """Delete or change in a transaction of the table; again if another one came first."""
        from deltalake import CommitProperties, PostCommitHookProperties
        from deltalake.exceptions import CommitFailedError

        hooks = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
        about = {"commit_properties": CommitProperties({MARK: "erasure" if edit.where is None else "change"}),
                 "post_commithook_properties": hooks}  # fmt: skip
        for attempt in range(_TRIES):
            condition, rows = self._condition(collection, wanted, edit)
            if not rows:
                return 0
            table = self._open(collection)
            try:
                with _told(collection.table, CommitFailedError):
                    if edit.values is None:
                        table.delete(condition, **about)
                    else:
                        table.update(self._updates(table, edit), predicate=condition, **about)
                return rows
            except CommitFailedError:
                if attempt == _TRIES - 1:
                    raise Unreadable(
                        collection.table, f"other writers came first {_TRIES} times", "Try again."
                    ) from None
        return 0

    def _condition(self, collection: Collection, wanted: Sequence[Wanted], edit: Edit) -> tuple[str, int]:
        """A condition in SQL on the values as they stand in the table, and how many rows it is true for."""
        where = {name: canonical(value) for name, value in (edit.where or {}).items()}
        tuples: dict[tuple[tuple[str, str], ...], None] = {}
        rows = 0
        for name in self.names(collection):
            with Reported(self.shown(name, wanted)) as shown, self.files.open(name) as stream:
                for row in self.format.rows(stream, shown, self.fixed(name), wanted, None):
                    if all(canonical(_reach(row, one)) == value for one, value in where.items()):
                        rows += 1
                        tuples[_literals(row, wanted, where)] = None
        either = " OR ".join("(" + " AND ".join(_test(*pair) for pair in pairs) + ")" for pairs in tuples)
        return either, rows

    def _updates(self, table: Any, edit: Edit) -> dict[str, str]:
        import pyarrow as pa

        schema = pa.schema(table.schema().to_arrow())
        return {_quoted(name): self._new(schema, name, value, edit) for name, value in (edit.values or {}).items()}

    def _new(self, schema: Any, name: str, value: Value, edit: Edit) -> str:
        place = schema.get_field_index(name)
        if place < 0:
            raise Misused(f"column {name!r} cannot be set in a Delta table", "Name a column at the top of the table.")
        if value is None and not schema.field(place).nullable:
            value = edit.required
        return _literal(value)

    # --- everything before it ---

    def _forget(self, collection: Collection, wanted: Sequence[Wanted], tally: Tally, progress: Progress) -> None:
        """Remove what older versions held, if they held the person or an erasure was begun and not finished."""
        folder = collection.table
        old = self._old(collection, wanted)
        if not tally.found:
            tally.found = tally.edited = old
        if not (tally.found or unfinished(self.files, folder) or holders(self.files, folder, wanted)):
            return
        progress(f"removing old files of {folder}", 1, 3)
        self._vacuum(collection)
        for name, known in unreferenced(self.files, folder, lambda: self.names(collection)).items():
            if known or self.spec.options.get("writers") == "stopped":
                self.files.remove(name)
            elif self._holds(name, wanted):
                tally.fail(OTHERS_MAY_WRITE)
        progress(f"cutting the log of {folder}", 2, 3)
        self._cut(collection)
        for problem in holders(self.files, folder, wanted):
            tally.fail(problem)
        if self._old(collection, wanted):
            tally.fail("files of earlier versions still hold the person")

    def _old(self, collection: Collection, wanted: Sequence[Wanted]) -> int:
        names = unreferenced(self.files, collection.table, lambda: self.names(collection))
        return sum(self._holds(name, wanted) for name in names)

    def _holds(self, name: str, wanted: Sequence[Wanted]) -> int:
        """How many rows a file of an old version has; one that cannot be read may hold anybody."""
        if not name.endswith(".parquet"):
            return 0
        try:
            return self._count(name, wanted)
        except OmbudError:
            return 1

    def _vacuum(self, collection: Collection) -> None:
        with _told(collection.table):
            self._open(collection).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)

    def _cut(self, collection: Collection) -> None:
        """Write a checkpoint, hold it against the table, and remove the log before it."""
        table = self._open(collection)
        with _told(collection.table), Reported(collection.table):
            table.create_checkpoint()
            cut(self.files, collection.table, table.version(), lambda: self._same(collection, table))

    def _same(self, collection: Collection, table: Any) -> None:
        again = self._open(collection)
        if again.version() == table.version() and sorted(again.file_uris()) != sorted(table.file_uris()):
            raise Unreadable(collection.table, "its new checkpoint does not hold the table; nothing was cut")

    def not_covered(self, tally: Tally) -> tuple[str, ...]:
        """Where copies may live on, and what readers lose."""
        return (*super().not_covered(tally), TRAVEL)

    def outcome(self, collection: Collection, edit: Edit, tally: Tally, left: int) -> Outcome:
        """A change leaves earlier versions as they are, and says so."""
        whole = super().outcome(collection, edit, tally, left)
        if edit.required is None and not edit.deletes and whole.state is not State.NOTHING:
            from attrs import evolve

            return evolve(whole, not_covered=(*whole.not_covered[:-1], STAYS))
        return whole


def _supported(table: Any) -> None:
    """Two features hide rows or names from whoever reads the files.

    Raises:
        Unreadable: the table uses one of them.
    """
    import pyarrow as pa

    settings: Mapping[str, str] = table.metadata().configuration
    if settings.get("delta.columnMapping.mode", "none") != "none":
        raise Unreadable("a Delta table", "it renames columns (column mapping), which is not read", "Ask its owner.")
    if pa.table(table.deletion_vectors()).num_rows:
        raise Unreadable(
            "a Delta table",
            "it only marks rows as deleted (deletion vectors)",
            "Run first: REORG TABLE … APPLY (PURGE)",
        )


@contextmanager
def _told(table: str, *but: type[Exception]) -> Any:
    """Turn what the library says, which may quote data, into words of our own."""
    from deltalake.exceptions import DeltaError, DeltaProtocolError, TableNotFoundError

    try:
        yield
    except but:
        raise
    except TableNotFoundError:
        raise Unreadable(table, "there is no Delta table", "Correct the table's path in the map of data.") from None
    except DeltaProtocolError:
        raise Unreadable(table, "the table does not allow it, or has features that are not supported") from None
    except DeltaError as error:
        raise Unreadable(table, f"the table refused ({type(error).__name__})", "Read its own log.") from None
    except OSError:
        raise Unreadable(table, "the disk or the store refused", "Check space and permissions.") from None
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, OmbudError):
            raise
        raise Unreadable(table, f"the table refused ({type(error).__name__})", "Read its own log.") from None


# --- SQL ----------------------------------------------------------------------------------------------------------


def _literals(
    row: Mapping[str, Value], wanted: Sequence[Wanted], where: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """The values by which a row is found: those of the first match that fits."""
    fitting = next(one for one in wanted if one.fits(_Reached(row, one.columns)))
    columns = dict.fromkeys((*fitting.columns, *where))
    return tuple((_quoted(name), _literal(_reach(row, name))) for name in columns)


class _Reached(dict[str, Value]):
    def __init__(self, row: Mapping[str, Value], names: Sequence[str]) -> None:
        super().__init__({name: _reach(row, name) for name in names})


def _reach(row: Mapping[str, Value], name: str) -> Value:
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _test(column: str, literal: str) -> str:
    return f"{column} IS NULL" if literal == "NULL" else f"{column} = {literal}"


def _quoted(name: str) -> str:
    """A column; of a dotted name, the field inside of it."""
    outer, *inner = name.split(".")
    quoted = '"' + outer.replace('"', '""') + '"'
    return quoted + "".join("['" + part.replace("'", "''") + "']" for part in inner)


def _literal(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return "'" + str(value).replace("'", "''") + "'"
