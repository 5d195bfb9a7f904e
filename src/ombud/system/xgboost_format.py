"""XGBoost models as data: read JSON or UBJSON, validate every tree, and write what was validated.

The library is never given the bytes of the file. It gets a fresh UBJSON document that holds only what was checked here,
so that no difference between two parsers, no unreachable node and no unused field can reach it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.errors import Unreadable
from ombud.system.forest import Forest
from ombud.system.trees import NotSupported, Walk, walk
from ombud.system.ubjson import MAX_DEPTH, MAX_VALUES, read_ubjson, write_ubjson

XGBOOST_JSON: Final = "xgboost-json"
XGBOOST_UBJSON: Final = "xgboost-ubjson"
MAX_TREES: Final = 100_000
_ROOT_PARENT: Final = 2_147_483_647
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # never looks at a byte twice
_OBJECTIVE: Final = "binary:logistic"


@frozen(eq=False)
class XGBoostTree:
    """One tree: arrays of one length, a node each; a leaf has children -1 and its value in `threshold`."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.uint8]
    cover: NDArray[np.float32]


@frozen(eq=False)
class XGBoostTrees:
    """A validated binary classifier: names of the features in the model's order, prior in (0, 1), trees."""

    features: tuple[str, ...]
    base_score: float
    trees: tuple[XGBoostTree, ...]


@frozen(eq=False)
class XGBoostLinear:
    """A validated linear classifier: a weight for each feature, a bias, and the prior in (0, 1)."""

    features: tuple[str, ...]
    base_score: float
    weights: NDArray[np.float32]
    bias: np.float32


def read_document(data: bytes) -> Mapping[str, Any] | None:
    """The document in these bytes if it is an XGBoost model in JSON or UBJSON, else None.

    Raises:
        Unreadable: it begins like one, but is truncated, too deep, too large or ambiguous.
    """
    is_ubjson = data[:2] in (b"{L", b"{i", b"{U", b"{I", b"{l", b"{#", b"{$")
    if not is_ubjson and data.lstrip(b" \t\r\n")[:1] != b"{":
        return None
    document = read_ubjson(data) if is_ubjson else read_json(data)
    return document if isinstance(document, Mapping) and {"learner", "version"} <= document.keys() else None


def read_json(data: bytes) -> Any:
    """Parse JSON of bounded depth and size, without repeated keys.

    Raises:
        Unreadable: not JSON, or hostile.
    """
    bare = _STRINGS.sub(b"", data)
    if sum(map(bare.count, (b",", b"[", b"{", b"]", b"}"))) > MAX_VALUES:
        raise Unreadable("JSON", "too many values")
    brackets = np.frombuffer(re.sub(rb"[^][{}]+", b"", bare), np.uint8)
    steps = np.where((brackets == ord("[")) | (brackets == ord("{")), 1, -1)
    if np.cumsum(steps).max(initial=0) > MAX_DEPTH:
        raise Unreadable("JSON", f"nested deeper than {MAX_DEPTH}")
    try:
        return json.loads(data, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("JSON", f"cannot be parsed ({str(problem)[:80]})") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("JSON", "a key that occurs twice")
    return found


def parse_xgboost(document: Mapping[str, Any]) -> XGBoostTrees | XGBoostLinear:
    """Validate a model's document: boosted trees, or a linear model.

    Raises:
        Unreadable: an index out of range, a cycle, arrays of unequal length, a number that is none.
        NotSupported: sound, but not a binary classifier of numeric features with names.
    """
    learner = _member(document, "learner")
    names = _names(learner)
    params = _member(learner, "learner_model_param")
    if _whole(params, "num_feature") != len(names):
        raise Unreadable("XGBoost model", f"{len(names)} feature names for num_feature {params['num_feature']!r:.20}")
    _require_binary(learner, params)
    base = _base_score(params)
    if _member(learner, "gradient_booster").get("name") == "gblinear":
        return XGBoostLinear(names, base, *_linear(learner, len(names)))
    trees = _member(learner, "gradient_booster", "model").get("trees")
    if not isinstance(trees, list) or len(trees) > MAX_TREES:
        raise Unreadable("XGBoost model", "gradient_booster.model.trees is not a list of at most 100,000 trees")
    return XGBoostTrees(names, base, tuple(_tree(at, tree, len(names)) for at, tree in enumerate(trees)))


def _require_binary(learner: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    objective = _member(learner, "objective").get("name")
    if objective != _OBJECTIVE:
        what = f"objective {str(objective)[:60]!r}: its output is no probability of a decision"
        raise NotSupported("XGBoost model", what, f"Train with objective {_OBJECTIVE!r}.")
    booster = _member(learner, "gradient_booster").get("name")
    if booster not in ("gbtree", "gblinear"):
        raise NotSupported("XGBoost model", f"booster {str(booster)[:60]!r}", "Train with booster 'gbtree'.")
    if _whole(params, "num_class", 0) > 1 or _whole(params, "num_target", 1) > 1:
        raise NotSupported("XGBoost model", "several classes or targets", "Train one model for one yes-or-no decision.")


def _names(learner: Mapping[str, Any]) -> tuple[str, ...]:
    names = learner.get("feature_names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Unreadable("XGBoost model", "feature_names is not a list of names")
    if not names:
        raise NotSupported(
            "XGBoost model",
            "it carries no feature names, so no column can be matched to an input",
            "Train from a table with named columns, or set booster.feature_names before saving.",
        )
    if len(set(names)) != len(names):
        raise Unreadable("XGBoost model", "two features have the same name")
    return tuple(names)


def _base_score(params: Mapping[str, Any]) -> float:
    text = str(params.get("base_score", "")).strip("[]")
    try:
        score = float(text)
    except ValueError:
        raise Unreadable("XGBoost model", "base_score is not one number") from None
    if not 0 < score < 1:
        raise Unreadable("XGBoost model", "base_score is not a probability between 0 and 1")
    return score


def _linear(learner: Mapping[str, Any], n_features: int) -> tuple[NDArray[np.float32], np.float32]:
    """Weights in the order of the features, and the bias, which the file holds last."""
    found = _array(_member(learner, "gradient_booster", "model"), "weights", "XGBoost model")
    if found.size != n_features + 1:
        raise Unreadable("XGBoost model", f"{found.size} weights do not fit {n_features} features and a bias")
    with np.errstate(over="ignore"):
        single = found.astype(np.float32)
    if not np.isfinite(single).all():
        raise Unreadable("XGBoost model", "a weight is not a number")
    return single[:-1], single[-1]


def _tree(at: int, tree: Any, n_features: int) -> XGBoostTree:
    where = f"XGBoost model, tree {at}"
    if not isinstance(tree, Mapping):
        raise Unreadable(where, "is not an object")
    if np.size(tree.get("categories", ())) or np.any(_array(tree, "split_type", where, optional=True)):
        raise NotSupported(where, "splits by category", "Train on numeric or one-hot columns.")
    if _whole(_member(tree, "tree_param"), "size_leaf_vector", 1) > 1:
        raise NotSupported(where, "leaves with several values", "Train one model for one yes-or-no decision.")
    left, right = _integers(tree, "left_children", where), _integers(tree, "right_children", where)
    feature = _integers(tree, "split_indices", where)
    threshold, cover = _array(tree, "split_conditions", where), _array(tree, "sum_hessian", where)
    default_left = _integers(tree, "default_left", where)
    if len({a.size for a in (left, right, feature, threshold, cover, default_left)}) != 1:
        raise Unreadable(where, "its arrays have unequal lengths")
    if (left >= 0).any() and (right != left + 1)[left >= 0].any():  # the library takes the right child to be the next
        raise Unreadable(where, "the children of a node do not stand side by side")
    seen = walk(where, left, right, np.where(left < 0, 0, feature), n_features)
    _require_numbers(where, threshold[seen.order], cover[seen.order], seen.leaf)
    return _compact(seen, feature, threshold, default_left, cover)


def _require_numbers(where: str, values: NDArray[Any], cover: NDArray[Any], leaf: NDArray[np.bool_]) -> None:
    if np.isnan(values).any() or not np.isfinite(values[leaf]).all():
        raise Unreadable(where, "a split or leaf value is not a number")
    if not np.isfinite(cover).all() or (cover < 0).any():
        raise Unreadable(where, "the weight of a node is negative or not a number")


def _compact(seen: Walk, feature: NDArray[Any], threshold: NDArray[Any], default_left: NDArray[Any],
             cover: NDArray[Any]) -> XGBoostTree:  # fmt: skip
    """Only the nodes that can be reached, numbered level by level."""
    order = seen.order
    return XGBoostTree(
        left=seen.left.astype(np.int32), right=seen.right.astype(np.int32),
        feature=np.where(seen.leaf, 0, feature[order]).astype(np.int32), threshold=threshold[order].astype(np.float32),
        default_left=(default_left[order] != 0).astype(np.uint8), cover=cover[order].astype(np.float32),
    )  # fmt: skip


def write_xgboost(model: XGBoostTrees | XGBoostLinear) -> bytes:
    """A fresh UBJSON document of the validated model, without names: columns are matched by position from here on."""
    params = {"base_score": repr(model.base_score), "boost_from_average": "1", "num_class": "0",
              "num_feature": str(len(model.features)), "num_target": "1"}  # fmt: skip
    learner = {
        "attributes": {}, "feature_names": [], "feature_types": [], "learner_model_param": params,
        "gradient_booster": _gblinear(model) if isinstance(model, XGBoostLinear) else _gbtree(model),
        "objective": {"name": _OBJECTIVE, "reg_loss_param": {"scale_pos_weight": "1"}},
    }  # fmt: skip
    return write_ubjson({"learner": learner, "version": [3, 0, 0]})


def _gblinear(model: XGBoostLinear) -> dict[str, Any]:
    weights = np.append(model.weights, model.bias).astype(np.float32)
    return {"model": {"boosted_rounds": 1, "weights": weights}, "name": "gblinear"}


def _gbtree(model: XGBoostTrees) -> dict[str, Any]:
    n = len(model.trees)
    gbtree = {
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(n)},
        "iteration_indptr": range(n + 1),
        "tree_info": [0] * n,
        "trees": [_written(at, tree, len(model.features)) for at, tree in enumerate(model.trees)],
    }
    return {"model": gbtree, "name": "gbtree"}


def _written(at: int, tree: XGBoostTree, n_features: int) -> dict[str, Any]:
    n = tree.left.size
    parents = np.full(n, _ROOT_PARENT, np.int32)
    inner = np.flatnonzero(tree.left >= 0)
    parents[tree.left[inner]] = inner
    parents[tree.right[inner]] = inner
    nothing: Any = np.zeros(0, np.int32)
    return {
        "base_weights": np.zeros(n, np.float32), "categories": nothing, "categories_nodes": nothing,
        "categories_segments": np.zeros(0, np.int64), "categories_sizes": np.zeros(0, np.int64),
        "default_left": tree.default_left, "id": at, "left_children": tree.left,
        "loss_changes": np.zeros(n, np.float32), "parents": parents, "right_children": tree.right,
        "split_conditions": tree.threshold, "split_indices": tree.feature, "split_type": np.zeros(n, np.uint8),
        "sum_hessian": tree.cover,
        "tree_param": {"num_deleted": "0", "num_feature": str(n_features), "num_nodes": str(n),
                       "size_leaf_vector": "1"},
    }  # fmt: skip


def _member(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for at, key in enumerate(keys):
        found = document.get(key)
        if not isinstance(found, Mapping):
            raise Unreadable("XGBoost model", f"has no object {'.'.join(keys[: at + 1])}")
        document = found
    return document


def _whole(params: Mapping[str, Any], key: str, default: int | None = None) -> int:
    text = str(params.get(key, default))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Unreadable("XGBoost model", f"{key} is not a whole number")
    return int(text)


def _array(tree: Mapping[str, Any], key: str, where: str, optional: bool = False) -> NDArray[Any]:
    given = tree.get(key, () if optional else None)
    try:
        found = np.asarray(given)
    except (ValueError, OverflowError):
        found = np.asarray(None)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iuf"):
        raise Unreadable(where, f"{key} is not a list of numbers")
    return found


def _integers(tree: Mapping[str, Any], key: str, where: str) -> NDArray[Any]:
    found = _array(tree, key, where)
    if found.size and found.dtype.kind not in "iu":
        raise Unreadable(where, f"{key} is not a list of whole numbers")
    return found.astype(np.int64)


def xgboost_forest(model: XGBoostTrees) -> Forest:
    """The same trees as arrays, thresholds and leaves as the 32-bit numbers that they are."""
    roots = np.concatenate(([0], np.cumsum([tree.left.size for tree in model.trees])))[:-1].astype(np.int64)
    start = np.repeat(roots, [tree.left.size for tree in model.trees])
    left, right, feature, threshold, default_left = (
        np.concatenate([getattr(tree, name) for tree in model.trees] or [np.zeros(0)])
        for name in ("left", "right", "feature", "threshold", "default_left")
    )
    leaf, numbers = left < 0, threshold.astype(np.float64)
    return Forest(
        roots=roots, left=np.where(leaf, -1, left + start).astype(np.int64),
        right=np.where(leaf, -1, right + start).astype(np.int64), feature=feature.astype(np.int64),
        bound=np.where(leaf, 0.0, numbers), missing_left=default_left.astype(np.bool_),
        value=np.where(leaf, numbers, 0.0), base=float(np.log(model.base_score / (1 - model.base_score))), slope=1.0,
        single=True,
    )  # fmt: skip
