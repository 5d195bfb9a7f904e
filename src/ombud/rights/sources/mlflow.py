"""What MLflow keeps of people: tables among the artifacts, tags and parameters; models are listed, never opened."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from ombud.errors import Misused, OmbudError
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.matching import Wanted, ready
from ombud.rights.sources.mlflow_store import NOTED, ModelFile, Note, Noted, Notes, model_files, places
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection, Source, State, Value
from ombud.store.identity import comparable

ERASED: Final = "[erased]"
_SUFFIXES: Final = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "jsonl",
}  # fmt: skip
_SHORTEST: Final = 4
"""An identifier shorter than this is looked for only as the whole of a tag: within text it is found everywhere."""


def open_source(spec: SourceSpec, base: Path) -> "MlflowSource":
    """Open MLflow's store: a folder `mlruns`, or a SQLite registry with a folder of artifacts.

    A collection's `table` is "tags", "params", or a pattern of artifacts ("*/*/artifacts/data/*.parquet").

    Raises:
        NotFound, Misused: see `mlflow_store.places`; a pattern that names no kind of table.
    """
    notes, artifacts = places(spec, base)
    tables = {one.address: _kind(one) for one in spec.collections if one.table not in NOTED}
    opened = {kind: _opened(spec, kind, tables, artifacts) for kind in sorted(set(tables.values()))}
    return MlflowSource(spec, notes, artifacts, {address: opened[kind] for address, kind in tables.items()})


@frozen
class MlflowSource:
    """See `Source`.

    Attributes:
        notes: tags and parameters; artifacts: their folder; tables: address of a collection → the source of its files.
    """

    spec: SourceSpec
    notes: Notes = field(repr=False)
    artifacts: Path = field(repr=False)
    tables: dict[str, Source] = field(repr=False)

    @property
    def models(self) -> tuple[ModelFile, ...]:
        """The files of models among the artifacts, with their digests: what they learned is decided elsewhere."""
        return tuple(model_files(self.artifacts))

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Value]]:
        """See `Source`. A tag has the columns owner, key and value; it fits if an identifier stands in its value."""
        if collection.address in self.tables:
            yield from self.tables[collection.address].lookup(collection, matches, columns)
            return
        for note in self._noted(collection, matches):
            row = {"owner": note.owner, "key": note.key, "value": note.value}
            yield row if columns is None else {name: row[name] for name in columns}

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        """See `Source`."""
        if collection.address in self.tables:
            return self.tables[collection.address].count(collection, matches)
        return len(self._noted(collection, matches))

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        """See `Source`."""
        if collection.address in self.tables:
            return self.tables[collection.address].queries(collection, matches)
        return tuple(f"{collection.table} in whose value one of {len(one.values)} values ? stands" for one in matches)

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:
        """See `Source`. Of tables the rows are deleted; a tag that holds an identifier is written over as a whole."""
        here = [one for one in self.spec.collections if one.address in selection]
        return tuple(outcome for one in here for outcome in self._erase(one, selection[one.address], progress))

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """See `Source`; tags are not rectified, but erased and set anew by whoever keeps the run.

        Raises:
            Misused: the collection is one of tags or parameters.
        """
        if change.collection not in self.tables:
            raise Misused("tags and parameters of MLflow are not changed, only erased")
        return self.tables[change.collection].change(change, matches)

    def identities(self, collection: Collection, column: str) -> Iterator[str]:
        """See `Source`; of tags and parameters, all distinct values."""
        if collection.address in self.tables:
            return self.tables[collection.address].identities(collection, column)
        return iter(sorted({getattr(note, column) for note in self.notes.read(cast(Noted, collection.table))}))

    def close(self) -> None:
        """See `Source`."""
        for source in self.tables.values():
            source.close()

    def _erase(
        self, collection: Collection, matches: Sequence[Match], progress: Progress | None
    ) -> tuple[Outcome, ...]:
        if collection.address in self.tables:
            return self.tables[collection.address].erase({collection.address: tuple(matches)}, progress)
        try:
            return (self._write_over(collection, matches),)
        except OmbudError as error:
            return (Outcome(collection=collection.address, state=State.FAILED, because=str(error)),)

    def _write_over(self, collection: Collection, matches: Sequence[Match]) -> Outcome:
        found = self._noted(collection, matches)
        if not found:
            return Outcome(collection=collection.address, state=State.NOTHING)
        if collection.on_erase == "keep" or collection.exemption is not None:
            ground = collection.exemption.ground if collection.exemption else None
            return Outcome(
                collection=collection.address, state=State.KEPT, found=len(found), kept=len(found), left=len(found),
                ground=ground, because="the map says that it is kept",
            )  # fmt: skip
        self.notes.write(found, ERASED)
        left = len(self._noted(collection, matches))
        return Outcome(
            collection=collection.address, state=State.FAILED if left else State.ERASED, found=len(found),
            masked=len(found) - left, left=left, because=f"{left} are still found" if left else "",
            not_covered=(f"copies and backups, {self._backups}", "names of runs and of tags, and meta.yaml"),
        )  # fmt: skip

    @property
    def _backups(self) -> str:
        return f"for {self.spec.backups}" if self.spec.backups else "for how long is not known"

    def _noted(self, collection: Collection, matches: Sequence[Match]) -> list[Note]:
        """The tags or parameters in whose value one of the identifiers stands."""
        sought = [(one.form, part) for one in ready(matches) for part in _parts(one)]
        if not sought:
            return []
        notes = self.notes.read(cast(Noted, collection.table))
        return [note for note in notes if any(_stands(part, note.value, form) for form, part in sought)]


def _parts(wanted: Wanted) -> frozenset[str]:
    """What is looked for: matches of tags are of one column, `value`."""
    if wanted.columns != ("value",):
        raise Misused("tags and parameters are looked up by their value", "Map the identity on column value.")
    return wanted.parts(0)


def _stands(part: str, value: str, form: str) -> bool:
    """Whether an identifier is the value, or stands in it by itself, with no letter or digit beside it."""
    if comparable(form, value) == part:
        return True
    if len(part) < _SHORTEST:
        return False
    if form == "phone":
        numbers = re.findall(r"\+?\d[\d ()/.-]{2,30}\d", value)
        return any(comparable(form, number) == part for number in numbers)
    within = value if form == "text" else comparable(form, value)
    return re.search(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])", within) is not None


def _kind(collection: Collection) -> str:
    kind = _SUFFIXES.get(Path(collection.table).suffix.lower())
    if kind is None:
        raise Misused(
            f"the collection {collection.address} names no kind of table",
            f"Write tags, params, or a pattern that ends in one of: {', '.join(_SUFFIXES)}.",
        )
    return kind


def _opened(spec: SourceSpec, kind: str, tables: dict[str, str], artifacts: Path) -> Source:
    """The source that reads this kind of table, over the folder of artifacts."""
    from ombud.rights.sources.open import open_source as open_kind

    own = tuple(one for one in spec.collections if tables.get(one.address) == kind)
    options: Any = {name: value for name, value in spec.options.items() if name != "artifacts"}
    return open_kind(evolve(spec, kind=kind, address=str(artifacts), collections=own, options=options), artifacts)
