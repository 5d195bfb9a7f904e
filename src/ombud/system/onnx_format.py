"""ONNX, recognised without its library: enough of protobuf to see that a file is a graph, and what it reaches for.

Field numbers are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
"""

from collections.abc import Iterator
from typing import Final

from ombud.system.scan import clean

ONNX: Final = "onnx"
MAX_FIELDS: Final = 2_000_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MODEL: Final = {1: _VARINT, 2: _BYTES, 3: _BYTES, 4: _BYTES, 5: _VARINT, 6: _BYTES, 7: _BYTES, 8: _BYTES,
                 14: _BYTES, 20: _BYTES, 25: _BYTES, 26: _BYTES}  # fmt: skip
_IR_VERSION, _GRAPH, _OPERATOR_SETS, _FUNCTIONS = 1, 7, 8, 25
_STANDARD: Final = frozenset((b"", b"ai.onnx", b"ai.onnx.ml", b"ai.onnx.preview.training"))
_EXTERNAL: Final = 1

Fields = list[tuple[int, int, int | bytes]]


def read_fields(data: bytes) -> Fields | None:
    """The fields of one protobuf message (number, wire type, value), or None if the bytes are not one."""
    found: Fields = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        value: int | bytes
        if wire == _VARINT:
            value, at = _varint(data, at)
        elif wire in (_BYTES, _FIXED64, _FIXED32):
            length, at = _varint(data, at) if wire == _BYTES else ((8 if wire == _FIXED64 else 4), at)
            value, at = data[at : at + length], at + length
        else:
            return None
        if at > len(data) or at < 0 or not number or len(found) >= MAX_FIELDS:
            return None
        found.append((number, wire, value))
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where the next field begins; beyond the end if there is none."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    return 0, len(data) + 1


def is_onnx(data: bytes) -> bool:
    """Whether the whole file is one ModelProto: known fields of the right type, a version, a graph, operator sets."""
    if data[:1] not in (b"\x08", b"\x12", b"\x3a", b"\x42"):
        return False
    fields = read_fields(data)
    if fields is None or any(_MODEL.get(number) != wire for number, wire, _ in fields):
        return False
    return {_IR_VERSION, _GRAPH, _OPERATOR_SETS} <= {number for number, _, _ in fields}


def onnx_findings(data: bytes) -> tuple[str, ...]:
    """What reaches beyond the file: tensors kept elsewhere, operators of unknown origin, graphs too deep to follow."""
    found: set[str] = set()
    for number, _, value in read_fields(data) or ():
        if number == _GRAPH and isinstance(value, bytes):
            found |= set(_graph(value, 0))
        elif number == _FUNCTIONS and isinstance(value, bytes):
            found |= {finding for node in _messages(value, 7) for finding in _node(node, 0)}
    return tuple(sorted(found))


def _messages(data: bytes, *numbers: int) -> Iterator[bytes]:
    return (v for number, _, v in read_fields(data) or () if number in numbers and isinstance(v, bytes))


def _graph(data: bytes, depth: int) -> Iterator[str]:
    if depth > 16:
        yield "graphs nested more than sixteen deep; not looked into further"
        return
    if read_fields(data) is None:
        yield "a graph that is not well formed"
    for node in _messages(data, 1):
        yield from _node(node, depth)
    for tensor in _messages(data, 5):
        yield from _tensor(tensor)
    for sparse in _messages(data, 15):
        for tensor in _messages(sparse, 1, 2):
            yield from _tensor(tensor)


def _node(data: bytes, depth: int) -> Iterator[str]:
    for domain in _messages(data, 7):
        if domain not in _STANDARD:
            yield f"an operator from outside the standard: domain {clean(domain.decode('utf-8', 'replace'))!r}"
    for attribute in _messages(data, 5):
        for tensor in _messages(attribute, 5, 10):
            yield from _tensor(tensor)
        for graph in _messages(attribute, 6, 11):
            yield from _graph(graph, depth + 1)


def _tensor(data: bytes) -> Iterator[str]:
    fields = read_fields(data)
    if fields is None:
        yield "a tensor that is not well formed"
    elif any(number == 13 or (number == 14 and value == _EXTERNAL) for number, _, value in fields):
        yield "a tensor kept in another file: the digest of this file does not cover it"
