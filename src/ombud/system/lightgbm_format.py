"""LightGBM text models as data: read, validate every tree, and write only what was validated."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.errors import Unreadable
from ombud.system.forest import Forest
from ombud.system.trees import NotSupported, walk
from ombud.system.ubjson import MAX_VALUES

LIGHTGBM_TEXT: Final = "lightgbm-text"
MAX_TREES: Final = 100_000
_WHERE: Final = "LightGBM model"
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
_SPLITS: Final = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "internal_count",
                  "internal_value", "internal_weight", "split_gain")  # fmt: skip
_LEAVES: Final = ("leaf_value", "leaf_count", "leaf_weight")
_IS_CATEGORICAL: Final = 1
_EVERY_NUMBER: Final = "inf"
"""The threshold of a split that sends all numbers one way, and what is missing the other."""
_DEFAULT_LEFT: Final = 2
_ZERO_IS_MISSING, _NAN_IS_MISSING = 1, 2


@frozen(eq=False)
class LightGBMTrees:
    """A validated binary classifier: features in the model's order, slope of the sigmoid, and checked fields a tree."""

    features: tuple[str, ...]
    sigmoid: str
    trees: tuple[Mapping[str, tuple[str, ...]], ...]


def is_lightgbm(data: bytes) -> bool:
    """Whether the bytes begin like a LightGBM text model."""
    return re.match(rb"tree\r?\nversion=v[0-9]+\r?\n", data[:64]) is not None


def parse_lightgbm(data: bytes) -> LightGBMTrees:
    """Validate a text model.

    Raises:
        Unreadable: not text, an index out of range, a cycle, arrays of unequal length, a number that is none.
        NotSupported: sound, but not a binary classifier of numeric features.
    """
    if data.count(b" ") + data.count(b"\n") > MAX_VALUES:
        raise Unreadable(_WHERE, "too many values")
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Unreadable(_WHERE, "is not UTF-8 text") from None
    body, end, _ = text.partition("\nend of trees")
    if not end:
        raise Unreadable(_WHERE, "is cut off: the line 'end of trees' is missing")
    head, *blocks = re.split(r"^Tree=[0-9]+\n", body, flags=re.MULTILINE)
    if len(blocks) > MAX_TREES:
        raise Unreadable(_WHERE, f"more than {MAX_TREES} trees")
    fields = _fields(head)
    sigmoid, names = _require_binary(fields), _names(fields)
    return LightGBMTrees(names, sigmoid, tuple(_tree(at, block, len(names)) for at, block in enumerate(blocks)))


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key in found and key:
            raise Unreadable(_WHERE, f"the line {key[:40]!r} occurs twice")
        found[key] = value
    return found


def _require_binary(fields: Mapping[str, str]) -> str:
    objective = re.fullmatch(r"binary sigmoid:([0-9]+(?:\.[0-9]+)?)", fields.get("objective", ""))
    if objective is None or float(objective[1]) <= 0:
        what = f"objective {fields.get('objective', '')[:60]!r}: its output is no probability of a decision"
        raise NotSupported(_WHERE, what, "Train with objective 'binary'.")
    if fields.get("num_class") != "1" or fields.get("num_tree_per_iteration") != "1" or "average_output" in fields:
        raise NotSupported(_WHERE, "several classes, or averaged trees", "Train one boosted model for one decision.")
    return objective[1]


def _names(fields: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(fields.get("feature_names", "").split(" "))
    if not _WHOLE.fullmatch(fields.get("max_feature_idx", "")) or int(fields["max_feature_idx"]) != len(names) - 1:
        raise Unreadable(_WHERE, f"{len(names)} feature names do not fit max_feature_idx")
    if "" in names or len(set(names)) != len(names):
        raise Unreadable(_WHERE, "a feature has no name, or two have the same")
    if all(re.fullmatch(r"Column_[0-9]+", name) for name in names):
        raise NotSupported(
            _WHERE,
            "it carries no feature names, so no column can be matched to an input",
            "Train from a table with named columns, or give feature_name to lightgbm.Dataset.",
        )
    return names


def _tree(at: int, block: str, n_features: int) -> Mapping[str, tuple[str, ...]]:
    where = f"{_WHERE}, tree {at}"
    fields = _fields(block)
    if fields.get("num_cat") != "0" or fields.get("is_linear", "0") != "0":
        raise NotSupported(where, "splits by category, or linear leaves", "Train on numeric or one-hot columns.")
    n_leaves = fields.get("num_leaves", "")
    if not _WHOLE.fullmatch(n_leaves) or not 1 <= int(n_leaves) <= 10_000_000:
        raise Unreadable(where, "num_leaves is not a count")
    leaves = int(n_leaves)
    columns = dict(_columns(fields, where, leaves))
    if leaves > 1:
        _require_tree(where, columns, leaves, n_features)
    return columns | {"num_leaves": (n_leaves,), "num_cat": ("0",), "is_linear": ("0",), "shrinkage": ("1",)}


def _columns(fields: Mapping[str, str], where: str, leaves: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for keys, n in ((_SPLITS, leaves - 1), (_LEAVES, leaves)):
        for key in keys:
            values = tuple(fields[key].split()) if key in fields else None
            if values is None and key in ("internal_value", "internal_weight", "split_gain", "leaf_weight"):
                continue
            if leaves == 1 and not values and key != "leaf_value":
                values = ("0",) * n
            numbers = [one for one in values or () if key != "threshold" or one != _EVERY_NUMBER]
            if values is None or len(values) != n or not all(map(_NUMBER.fullmatch, numbers)):
                raise Unreadable(where, f"{key} is not a list of {n} numbers")
            if not np.isfinite(np.array(numbers, float)).all():
                raise Unreadable(where, f"{key} holds a value that is not finite")
            yield key, values


def _require_tree(where: str, columns: Mapping[str, tuple[str, ...]], leaves: int, n_features: int) -> None:
    """LightGBM numbers splits 0, 1, … and writes leaf i as child ~i: one numbering for both, splits first."""
    splits = leaves - 1
    left, right, feature, kind = (
        _whole(columns, key, where) for key in ("left_child", "right_child", "split_feature", "decision_type")
    )
    for key in ("internal_count", "leaf_count"):
        if (_whole(columns, key, where) < 0).any():
            raise Unreadable(where, f"{key} is negative")
    if ((kind < 0) | (kind > 15) | (kind & _IS_CATEGORICAL != 0)).any():
        raise Unreadable(where, "an unknown kind of split")
    if any((side >= splits).any() or (side < -leaves).any() for side in (left, right)):
        raise Unreadable(where, "a child is out of range")
    both = [np.concatenate((np.where(side < 0, splits + ~side, side), np.full(leaves, -1))) for side in (left, right)]
    seen = walk(where, both[0], both[1], np.concatenate((feature, np.zeros(leaves, np.int64))), n_features)
    if seen.order.size != splits + leaves:
        raise Unreadable(where, "a node that nothing reaches")


def _whole(columns: Mapping[str, tuple[str, ...]], key: str, where: str) -> NDArray[Any]:
    if not all(map(_WHOLE.fullmatch, columns[key])):
        raise Unreadable(where, f"{key} is not a list of whole numbers")
    return np.array(columns[key], np.int64)


def write_lightgbm(model: LightGBMTrees) -> str:
    """A fresh text model of what was validated, with neutral names: columns are matched by position from here on."""
    d = len(model.features)
    names = " ".join(f"f{at}" for at in range(d))
    head = (
        f"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={d - 1}\n"
        f"objective=binary sigmoid:{model.sigmoid}\nfeature_names={names}\nfeature_infos={' '.join(['none'] * d)}\n\n"
    )
    trees = (
        f"Tree={at}\n" + "\n".join(f"{key}={' '.join(values)}" for key, values in tree.items()) + "\n\n\n"
        for at, tree in enumerate(model.trees)
    )
    return head + "".join(trees) + "end of trees\n\nparameters:\nend of parameters\n"


def lightgbm_forest(model: LightGBMTrees) -> Forest:
    """The same trees as arrays; splits of a tree come first, then its leaves.

    A missing value goes where the node sends it, or is read as 0 where training saw none missing.

    Raises:
        NotSupported: zeros were trained as missing values, so that a node does not cut the numbers in two.
    """
    parts = [_nodes(tree, f"{_WHERE}, tree {at}") for at, tree in enumerate(model.trees)]
    sizes = [part[0].size for part in parts]
    roots = np.concatenate(([0], np.cumsum(sizes)))[:-1].astype(np.int64)
    left, right, feature, bound, missing_left, value = map(np.concatenate, zip(*parts, strict=True))
    start = np.repeat(roots, sizes)
    return Forest(
        roots=roots, left=np.where(left < 0, -1, left + start), right=np.where(right < 0, -1, right + start),
        feature=feature, bound=bound, missing_left=missing_left, value=value, base=0.0, slope=float(model.sigmoid),
        single=False,
    )  # fmt: skip


def _nodes(tree: Mapping[str, tuple[str, ...]], where: str) -> tuple[NDArray[Any], ...]:
    leaves = int(tree["num_leaves"][0])
    splits = leaves - 1
    left, right, feature, kind = (
        np.array(tree[key], np.int64) for key in ("left_child", "right_child", "split_feature", "decision_type")
    )
    threshold, value = np.array(tree["threshold"], np.float64), np.array(tree["leaf_value"], np.float64)
    missing = kind >> 2
    if splits and (missing == _ZERO_IS_MISSING).any():
        raise NotSupported(where, "zero taken for a missing value", "Train with zero_as_missing=false.")
    goes_left = np.where(missing == _NAN_IS_MISSING, kind & _DEFAULT_LEFT != 0, threshold >= 0)
    none = np.full(leaves, -1, np.int64)
    return (
        *(np.concatenate((np.where(side < 0, splits + ~side, side), none)) for side in (left, right)),
        np.concatenate((feature, np.zeros(leaves, np.int64))),
        np.concatenate((np.nextafter(threshold, np.inf), np.zeros(leaves))),  # x ≤ t is x < the next number
        np.concatenate((goes_left, np.zeros(leaves, np.bool_))),
        np.concatenate((np.zeros(splits), value)),
    )
