"""The allow-list: model formats that hold data and no code, recognised by what is in the file, never by its name."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve, frozen

from ombud.errors import OmbudError, Unreadable
from ombud.system.lightgbm_format import LIGHTGBM_TEXT, is_lightgbm, parse_lightgbm
from ombud.system.onnx_format import ONNX, is_onnx, onnx_findings
from ombud.system.scan import MAX_FINDINGS, clean, open_zip, read_member, scan, scan_members, scan_pickle
from ombud.system.trees import NotSupported
from ombud.system.xgboost_format import XGBOOST_JSON, XGBOOST_UBJSON, parse_xgboost, read_document, read_json

CATBOOST: Final = "catboost-cbm"
SKOPS: Final = "skops"
ALLOWED: Final = frozenset((XGBOOST_JSON, XGBOOST_UBJSON, LIGHTGBM_TEXT, CATBOOST, ONNX, SKOPS))
_NOT_ALLOWED: Final = "not an allowed model format; never loaded"
_SKOPS_MODULES: Final = ("sklearn", "numpy", "scipy", "builtins", "collections")
_SKOPS_NODES: Final = frozenset((
    "ObjectNode", "DictNode", "DefaultDictNode", "OrderedDictNode", "ListNode", "TupleNode", "SetNode", "JsonNode",
    "NdArrayNode", "MaskedArrayNode", "DTypeNode", "SparseMatrixNode", "RandomStateNode", "RandomGeneratorNode",
    "SliceNode", "TypeNode", "BytesNode", "BytearrayNode", "TreeNode", "LossNode", "SGDNode", "CachedNode",
))  # fmt: skip
_SKOPS_BUILTINS: Final = frozenset((
    "str", "int", "float", "bool", "complex", "bytes", "bytearray", "dict", "list", "tuple", "set", "frozenset",
    "slice", "NoneType",
))  # fmt: skip


@frozen(eq=False)
class Recognised:
    """What a file is.

    Attributes:
        format: a name from `ALLOWED`, or what it was found to be instead.
        findings: why it is not safe; empty for an allowed format that is sound.
        parsed: the validated model, for formats that Ombud can open.
        unsupported: why a sound model cannot be opened.
    """

    format: str
    findings: tuple[str, ...]
    parsed: Any = None
    unsupported: NotSupported | None = None


def recognise(data: bytes) -> Recognised:
    """Recognise a model by its content and look for what is unsafe in it. Never loads, never raises for content."""
    found = _by_content(data)
    if found.format in ALLOWED - {SKOPS} and zipfile.is_zipfile(io.BytesIO(data)):
        return evolve(found, findings=(*found.findings, "the same bytes are also a zip archive"))
    return found


def _by_content(data: bytes) -> Recognised:
    if is_lightgbm(data):
        return _parsed(LIGHTGBM_TEXT, lambda: parse_lightgbm(data))
    if data.lstrip(b" \t\r\n")[:1] == b"{":
        return _braces(data)
    if data[:4] == b"CBM1":
        return _catboost(data)
    if is_onnx(data):
        return Recognised(ONNX, onnx_findings(data) + _hidden_pickle(data))
    if data[:4] == b"PK\x03\x04" and (found := _skops(data)) is not None:
        return found
    found_in = scan(data)
    return Recognised(found_in.kind, (f"{found_in.kind}: {_NOT_ALLOWED}", *found_in.findings)[:MAX_FINDINGS])


def _parsed(name: str, parse: Any) -> Recognised:
    try:
        return Recognised(name, (), parse())
    except NotSupported as why:
        return Recognised(name, (), unsupported=why)
    except Unreadable as problem:
        return Recognised(name, (f"not a sound model: {clean(str(problem))}",))


def _braces(data: bytes) -> Recognised:
    name = XGBOOST_UBJSON if data[1:2] not in (b'"', b" ", b"\n", b"\r", b"\t", b"}") else XGBOOST_JSON
    try:
        document = read_document(data)
    except OmbudError as problem:
        return Recognised(name, (f"not a sound model: {clean(str(problem))}",))
    if document is None:
        return Recognised("unknown", (f"it begins like JSON, but is no XGBoost model: {_NOT_ALLOWED}",))
    return _parsed(name, lambda: parse_xgboost(document))


def _catboost(data: bytes) -> Recognised:
    core = int.from_bytes(data[4:8], "little")
    if not 8 <= core <= len(data) - 8:
        return Recognised(CATBOOST, ("not a sound model: CatBoost's header promises more bytes than there are",))
    return Recognised(CATBOOST, _hidden_pickle(data))


def _hidden_pickle(data: bytes) -> tuple[str, ...]:
    """Findings if the same bytes would also load as a pickle."""
    findings, is_pickle = scan_pickle(data)
    return ("the same bytes are also a pickle", *findings) if is_pickle else ()


def _skops(data: bytes) -> Recognised | None:
    """A skops archive: schema.json names only plain types of the usual libraries, and no member is a pickle."""
    archive = open_zip(data)
    if archive is None or "schema.json" not in archive.namelist():
        return None
    try:
        schema = read_json(read_member(archive, "schema.json") or b"")
    except OmbudError as problem:
        return Recognised(SKOPS, (f"schema.json: {clean(str(problem))}",))
    if not isinstance(schema, dict) or "__loader__" not in schema:
        return None
    findings = set(_untrusted_types(schema))
    for name, found in scan_members(archive):
        findings.update(f"{clean(name)}: {finding}" for finding in found.findings)
    return Recognised(SKOPS, tuple(sorted(findings))[:MAX_FINDINGS])


def _untrusted_types(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        node = pending.pop()
        pending.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        if isinstance(node, dict) and "__loader__" in node:
            module, name, loader = (str(node.get(key)) for key in ("__module__", "__class__", "__loader__"))
            if not _is_plain(module, name, loader):
                yield clean(f"untrusted type {module}.{name} ({loader})")


def _is_plain(module: str, name: str, loader: str) -> bool:
    if loader not in _SKOPS_NODES or module.partition(".")[0] not in _SKOPS_MODULES:
        return False
    return module != "builtins" or name in _SKOPS_BUILTINS
