"""Columns as Arrow and NumPy hold them: all their values, at every depth."""

from typing import Any

import numpy as np

from ombud.rights.proof.sink import Sink


def columns(sink: Sink, kind: str, table: Any) -> None:
    """All values of an Arrow batch."""
    for values in table.columns:
        _values(sink, kind, values)


def _values(sink: Sink, kind: str, values: Any) -> None:
    import pyarrow as pa

    what = values.type
    if pa.types.is_dictionary(what):
        return _values(sink, kind, values.dictionary_decode())
    if isinstance(what, pa.BaseExtensionType):
        return _values(sink, kind, values.storage)
    if pa.types.is_struct(what):
        for part in values.flatten():
            _values(sink, kind, part)
    elif pa.types.is_map(what):
        _values(sink, kind, values.keys)
        _values(sink, kind, values.items)
    elif _is_list(what):
        _values(sink, kind, values.flatten())
    else:
        _flat(sink, kind, values, what)
    return None


def _is_list(what: Any) -> bool:
    import pyarrow as pa

    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view)
    return any(test(what) for test in kinds)


def _flat(sink: Sink, kind: str, values: Any, what: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string_view(what) or pa.types.is_binary_view(what):
        values, what = values.cast(pa.large_binary()), pa.large_binary()
    present = values.drop_null()
    if pa.types.is_integer(what) or pa.types.is_floating(what):
        sink.integers(kind, present.to_numpy(zero_copy_only=False))
    elif pa.types.is_date(what) or pa.types.is_decimal(what):
        sink.text(kind, _joined(pc.cast(present, pa.large_string())))
    elif not (pa.types.is_temporal(what) or pa.types.is_boolean(what) or pa.types.is_null(what)):
        sink.text(kind, _joined(present))


def _joined(values: Any) -> bytes:
    """All values with NUL between them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(values):
        return b""
    plain = pc.cast(values, pa.large_binary())
    offsets = pa.array([0, len(plain)], pa.int64())
    joined = pc.binary_join(pa.LargeListArray.from_arrays(offsets, plain), pa.scalar(b"\0", pa.large_binary()))
    return bytes(joined[0].as_py())


def array(sink: Sink, kind: str, values: Any) -> None:
    """All values of a NumPy array that holds no objects."""
    if values.dtype.names:
        for name in values.dtype.names:
            array(sink, kind, values[name])
    elif values.dtype.kind in "iuf":
        sink.integers(kind, values.ravel())
    elif values.dtype.kind in "SU":
        flat = np.char.encode(values, "utf-8") if values.dtype.kind == "U" else values
        sink.text(kind, b"\0".join(flat.ravel().tolist()))
