"""The shape of a Parquet file, so that a rewritten one has the same: types, compression, dictionaries, metadata."""

import base64
import binascii
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ombud.errors import Unreadable
from ombud.rights.sources.matching import Wanted

_ARROW: Final = b"ARROW:schema"
_OTHER_ENCODINGS: Final = ("DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT")


@frozen
class Shape:
    """How to write a file like another.

    Attributes:
        schema: Arrow's, without dictionaries: those would carry along the values of erased rows.
        options: for pyarrow's ParquetWriter.
        metadata: key-value metadata to write, Arrow's schema with its dictionaries among it, byte for byte.
        cleaned: entries of key-value metadata that held an identifier and are left out.
    """

    schema: Any
    options: Mapping[str, Any]
    metadata: Mapping[bytes, bytes]
    cleaned: int

    @classmethod
    def of(cls, file: Any, name: str, wanted: Sequence[Wanted], *, strict: bool = True) -> "Shape":
        """Look at an open file.

        Args:
            strict: False where the names of groups between a list and its elements do not matter.

        Raises:
            Unreadable: the writer cannot keep one of its types.
        """
        before = dict(file.metadata.metadata or {})
        kept = {key: value for key, value in before.items() if not _holds(key + b"\n" + _plain(key, value), wanted)}
        bare = empty_like(file.schema_arrow).schema
        schema = _without(bare, wanted).remove_metadata()
        store = _ARROW in before and _ARROW not in kept
        options = {**_options(file), "store_schema": store}
        return cls(schema, _same_types(schema, options, file, name, strict), kept, len(before) - len(kept))


def empty_like(schema: Any) -> Any:
    """A table without rows and without dictionaries."""
    return decoded(schema.empty_table())


def decoded(table: Any) -> Any:
    """A table whose dictionaries and views are written out."""
    import pyarrow as pa

    plain = [one.with_type(_plain_type(one.type)) for one in table.schema]
    return table.cast(pa.schema(plain, table.schema.metadata))


def _plain_type(kind: Any) -> Any:
    """A type with what its dictionaries stand for, at every depth."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_struct(kind):
        return pa.struct([one.with_type(_plain_type(one.type)) for one in kind])
    if pa.types.is_map(kind):
        key, item = kind.key_field, kind.item_field
        return pa.map_(key.with_type(_plain_type(key.type)), item.with_type(_plain_type(item.type)), kind.keys_sorted)
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_plain_type(kind.value_type)))
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_plain_type(kind.value_type)))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_plain_type(kind.value_type)), kind.list_size)
    return kind


def _options(file: Any) -> dict[str, Any]:
    """What the footer tells of how the file was written."""
    metadata = file.metadata
    names = [file.schema.column(i).path for i in range(len(file.schema))]
    options: dict[str, Any] = {"version": metadata.format_version if metadata.format_version != "1.0" else "1.0"}
    if not metadata.num_row_groups:
        return options
    chunks = {name: [metadata.row_group(g).column(i) for g in range(min(metadata.num_row_groups, 8))]
              for i, name in enumerate(names)}  # fmt: skip
    dictionary = [name for name, several in chunks.items() if any(one.has_dictionary_page for one in several)]
    first = {name: several[0] for name, several in chunks.items()}
    return options | {
        "compression": {name: _codec(one.compression) for name, one in first.items()},
        "use_dictionary": dictionary,
        "column_encoding": dict(_encodings(first, dictionary)) or None,
        "write_statistics": [name for name, one in first.items() if one.is_stats_set],
        "write_page_index": any(one.has_column_index for one in first.values()),
        "sorting_columns": list(metadata.row_group(0).sorting_columns) or None,
        "bloom_filter_options": _blooms(first, metadata),
    }


def _codec(name: str) -> str:
    return {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}.get(name, name)


def _encodings(first: Mapping[str, Any], dictionary: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, chunk in first.items():
        special = [one for one in chunk.encodings if one in _OTHER_ENCODINGS]
        if name not in dictionary and special:
            yield name, special[0]


def _blooms(first: Mapping[str, Any], metadata: Any) -> dict[str, Any] | None:
    rows = max(1, metadata.row_group(0).num_rows)
    having = [name for name, one in first.items() if getattr(one, "bloom_filter_offset", None)]
    return {name: {"ndv": rows, "fpp": 0.05} for name in having} or None


def _same_types(schema: Any, options: Mapping[str, Any], file: Any, name: str, strict: bool) -> dict[str, Any]:
    """Try the writer's few choices on no rows until it writes the same Parquet types."""
    for nested in (True, False):
        for int96 in (False, True):
            tried = {**options, "use_compliant_nested_type": nested, "use_deprecated_int96_timestamps": int96}
            if _types(schema, tried) == types_of(file):
                return tried
    if not strict:
        return {**options, "use_compliant_nested_type": True}
    raise Unreadable(
        name, "the writer would change the types of its columns", "Rewrite it with the tool that wrote it."
    )


def types_of(file: Any) -> str:
    """The Parquet schema of an open file as text: physical and logical types, repetition and field ids."""
    return str(file.schema).partition("\n")[2]


def _types(schema: Any, options: Mapping[str, Any]) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = io.BytesIO()
    try:
        with pq.ParquetWriter(target, schema, **options):
            pass
    except pa.ArrowException:
        return ""
    return types_of(pq.ParquetFile(io.BytesIO(target.getvalue())))


# --- metadata -----------------------------------------------------------------------------------------------------


def _plain(key: bytes, value: bytes) -> bytes:
    """Arrow writes its schema, with metadata of its own, in base64."""
    if key != _ARROW:
        return value
    try:
        return base64.b64decode(value)
    except binascii.Error:
        return value


def _holds(text: bytes, wanted: Sequence[Wanted]) -> bool:
    """Whether bytes hold an identifier; those of one to three letters are in everything and say nothing."""
    low = text.lower()
    values = (part for one in wanted for key in one.keys for part in key if len(part) > 3)
    return any(
        re.search(rb"(?<![a-z0-9])" + re.escape(value) + rb"(?![a-z0-9])", low)
        for value in (part.lower().encode("utf-8") for part in values)
        if value in low
    )


def _without(schema: Any, wanted: Sequence[Wanted]) -> Any:
    """A schema whose fields' metadata hold no identifier."""
    for place, one in enumerate(schema):
        held = {key: value for key, value in (one.metadata or {}).items() if not _holds(key + b"\n" + value, wanted)}
        if one.metadata and len(held) != len(one.metadata):
            schema = schema.set(place, one.with_metadata(held or None))
    return schema
