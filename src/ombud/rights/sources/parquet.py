"""Parquet files: only those that hold the person are rewritten, row group by row group, in the shape they had."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from attrs import frozen

from ombud.errors import Misused, Unreadable
from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.files import Edit, FileSource, Fixed, Written
from ombud.rights.sources.matching import Wanted, canonical, column, columns_of, mask, may_hold
from ombud.rights.sources.objects import open_files
from ombud.rights.sources.parquet_shape import Shape, decoded, empty_like, types_of
from ombud.rights.sources.source import Value

PIECE_BYTES: Final = 192 * 2**20
"""A row group that is larger than this, uncompressed, is read and written in pieces, to bound memory."""

SCAN_ROWS: Final = 262_144


def open_source(spec: SourceSpec, base: Path) -> FileSource:
    """Open a folder or bucket of Parquet files."""
    return FileSource(spec, open_files(spec.address, base), Parquet())


@frozen
class Parquet:
    """See `files.Format`."""

    suffixes: tuple[str, ...] = (".parquet", ".pq", ".parq")

    def rows(
        self, stream: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted], columns: Sequence[str] | None
    ) -> Iterator[dict[str, Value]]:
        """Row groups without the person are read only as far as needed to know that."""
        file = _open(stream)
        needed = _here(wanted, file, name, fixed)
        for group in _groups(file, wanted):
            if not _found(file, group, needed, wanted, fixed):
                continue
            for batch in file.iter_batches(
                SCAN_ROWS, [group], None if columns is None else _all(columns, needed, file)
            ):
                table = _table(batch)
                chosen = decoded(table).filter(mask(table, wanted, _outer(fixed, file)))
                yield from _named(chosen, columns, _outer(fixed, file))

    def count(self, stream: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted]) -> int:
        """Only the columns that tell are read."""
        file = _open(stream)
        needed = _here(wanted, file, name, fixed)
        return sum(_found(file, group, needed, wanted, fixed) for group in _groups(file, wanted))

    def rewrite(
        self, stream: IO[bytes], target: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted], edit: Edit
    ) -> Written:
        """Each row group becomes one without the person; a very large one becomes several."""
        import pyarrow.parquet as pq

        file = _open(stream)
        outer = _outer(fixed, file)
        shape, edited = Shape.of(file, name, wanted), 0
        _check(edit, file, fixed)
        with pq.ParquetWriter(target, shape.schema, **shape.options) as writer:
            writer.add_key_value_metadata(dict(shape.metadata))
            for group in range(file.metadata.num_row_groups):
                for piece in _pieces(file, group):
                    chosen = mask(piece, wanted, outer)
                    kept, changed = _edited(decoded(piece), chosen, edit, outer)
                    edited += changed
                    if kept.num_rows:
                        writer.write_table(kept.cast(shape.schema), row_group_size=kept.num_rows)
        return Written(file.metadata.num_rows, edited, shape.cleaned)

    def verify(self, stream: IO[bytes], original: IO[bytes], name: str, rows: int) -> None:
        """Every page is decoded again; the Parquet schema must be the same to the letter."""
        copy, before = _open(stream), _open(original)
        if types_of(copy) != types_of(before):
            raise Unreadable(name, "the writer would change the types of its columns", "Rewrite it with its own tool.")
        read = sum(batch.num_rows for batch in copy.iter_batches(SCAN_ROWS))
        if read != rows or copy.metadata.num_rows != rows:
            raise Unreadable(name, f"the rewritten file holds {read} rows instead of {rows} and was thrown away")

    def values(self, stream: IO[bytes], name: str, fixed: Fixed, column: str) -> Iterator[Value]:
        """Distinct within a batch."""
        file = _open(stream)
        if column in _outer(fixed, file):
            yield fixed[column]
            return
        _present(column, file, name)
        for batch in file.iter_batches(SCAN_ROWS, columns=[column]):
            yield from _column(_table(batch), column).unique().to_pylist()


def _open(stream: IO[bytes]) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(stream, pre_buffer=False)


def _table(batch: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def _column(table: Any, name: str) -> Any:
    return column(decoded(table), name)


def _outer(fixed: Fixed, file: Any) -> dict[str, Value]:
    """Columns of the folders that the file itself does not have: what a file says comes first."""
    inside = set(file.schema_arrow.names)
    return {name: value for name, value in fixed.items() if name not in inside}


def _here(wanted: Sequence[Wanted], file: Any, name: str, fixed: Fixed) -> list[str]:
    """The columns to read, to know whose rows these are."""
    needed = [one for one in columns_of(wanted) if one not in _outer(fixed, file)]
    for one in needed:
        _present(one, file, name)
    return needed


def _present(wanted: str, file: Any, name: str) -> None:
    try:
        column(empty_like(file.schema_arrow), wanted)
    except Unreadable as error:
        raise Unreadable(name, error.problem, error.next_step) from None


def _all(columns: Sequence[str], needed: Sequence[str], file: Any) -> list[str]:
    inside = set(file.schema_arrow.names)
    return [one for one in dict.fromkeys((*columns, *needed)) if one.partition(".")[0] in inside or one in inside]


def _found(file: Any, group: int, needed: list[str], wanted: Sequence[Wanted], fixed: Fixed) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    outer = _outer(fixed, file)
    if not needed:
        alone = mask(pa.table({"row": [0]}), wanted, outer)
        return int(file.metadata.row_group(group).num_rows) if alone[0].as_py() else 0
    batches = file.iter_batches(SCAN_ROWS, [group], needed)
    return sum(pc.sum(mask(_table(batch), wanted, outer)).as_py() or 0 for batch in batches)


def _groups(file: Any, wanted: Sequence[Wanted]) -> Iterator[int]:
    """Row groups whose statistics do not rule the person out."""
    places = {file.schema.column(i).path: i for i in range(len(file.schema))}
    for group in range(file.metadata.num_row_groups):
        chunks = file.metadata.row_group(group)
        if any(all(_may(chunks, places.get(name), one, i) for i, name in enumerate(one.columns)) for one in wanted):
            yield group


def _may(chunks: Any, place: int | None, wanted: Wanted, index: int) -> bool:
    if place is None:
        return True
    statistics = chunks.column(place).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return may_hold(statistics.min, statistics.max, wanted.parts(index), wanted.form)


def _pieces(file: Any, group: int) -> Iterator[Any]:
    """A row group as tables; decoded text can be some times larger than its encoded form, so pieces err small."""
    import pyarrow as pa

    chunks = file.metadata.row_group(group)
    count = -(-chunks.total_byte_size // PIECE_BYTES)
    if count <= 1:
        yield file.read_row_group(group, use_threads=True)
        return
    for batch in file.iter_batches(max(1, -(-chunks.num_rows // count)), [group]):
        yield pa.Table.from_batches([batch])


def _named(table: Any, columns: Sequence[str] | None, outer: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    names = [*table.column_names, *outer] if columns is None else columns
    inside = {name: _listed(column(table, name)) for name in names if name not in outer}
    for index in range(table.num_rows):
        yield {name: outer[name] if name in outer else inside[name][index] for name in names}


def _listed(values: Any) -> list[Value]:
    """Python's times end at microseconds."""
    import pyarrow as pa

    if pa.types.is_timestamp(values.type) and values.type.unit == "ns":
        values = values.cast(pa.timestamp("us", values.type.tz), safe=False)
    return list(values.to_pylist())


# --- editing ------------------------------------------------------------------------------------------------------


def _edited(table: Any, chosen: Any, edit: Edit, outer: Mapping[str, Value]) -> tuple[Any, int]:
    """The table without the chosen rows, or with other values in them; and how many those were."""
    import pyarrow.compute as pc

    for name, value in (edit.where or {}).items():
        chosen = pc.and_(chosen, _same(table, name, value, outer))
    count = pc.sum(chosen).as_py() or 0
    if edit.values is None:
        return (table.filter(pc.invert(chosen)) if count else table), count
    if count:
        for name, value in edit.values.items():
            table = _set(table, name.split("."), chosen, value, edit.required)
    return table, count


def _same(table: Any, name: str, value: Value, outer: Mapping[str, Value]) -> Any:
    import pyarrow as pa

    if value is None and name not in outer:
        return column(table, name).is_null()
    wanted = Wanted((name,), frozenset({(canonical(value) or "",)}), "text")
    return mask(table, [wanted], outer) if value is not None else pa.repeat(outer[name] is None, table.num_rows)


def _check(edit: Edit, file: Any, fixed: Fixed) -> None:
    for name in edit.values or {}:
        if name in _outer(fixed, file):
            raise Misused(f"column {name!r} is the name of a folder and cannot be changed in its files")


def _set(table: Any, path: Sequence[str], chosen: Any, value: Value, required: str | None) -> Any:
    """Set a column, or a field inside of one, in the chosen rows."""
    name = ".".join(path) if ".".join(path) in table.column_names else path[0]
    place = table.column_names.index(name)
    whole, wanted = table.field(place), table.column(place)
    inner = [] if name == ".".join(path) else list(path[1:])
    return table.set_column(place, whole, _replaced(wanted, whole, inner, chosen, value, required))


def _replaced(values: Any, kind: Any, path: list[str], chosen: Any, value: Value, required: str | None) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not path:
        return pc.if_else(chosen, _scalar(value, kind, required), values)
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    flat = pa.concat_arrays(flat.chunks) if isinstance(flat, pa.ChunkedArray) else flat
    fields = list(flat.type)
    parts = [pc.struct_field(flat, one.name) for one in fields]
    place = flat.type.get_field_index(path[0])
    parts[place] = _replaced(parts[place], fields[place], path[1:], chosen, value, required)
    parts[place] = parts[place].combine_chunks() if isinstance(parts[place], pa.ChunkedArray) else parts[place]
    return pa.StructArray.from_arrays(parts, fields=fields, mask=flat.is_null())


def _scalar(value: Value, field: Any, required: str | None) -> Any:
    import pyarrow as pa

    kind = field.type
    if value is None and not field.nullable:
        if required is None or not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise Misused(f"column {field.name!r} must not be empty", "Name a mask for it in the map of data.")
        value = required
    try:
        return pa.scalar(value).cast(kind) if value is not None else pa.scalar(None, kind)
    except (pa.ArrowException, TypeError, ValueError):
        raise Misused(f"the new value does not fit the type of column {field.name!r}") from None
