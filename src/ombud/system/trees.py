"""Trees from a file: prove that each is a tree before any library is trusted with it."""

from typing import Any, Final

import numpy as np
from attrs import define, frozen
from numpy.typing import NDArray

from ombud.errors import OmbudError, Unreadable

MAX_TREE_DEPTH: Final = 512


@define
class NotSupported(OmbudError):
    """A sound model that Ombud cannot work with, and what would make it work."""

    where: str
    what: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.where}: not supported: {self.what}"


@frozen(eq=False)
class Walk:
    """A tree seen from its root, level by level.

    Attributes:
        order: the old number of each reachable node, in the new order; the two children of a node stand side by side.
        leaf: whether it is a leaf.
        left, right: its children in the new numbering, -1 for a leaf.
    """

    order: NDArray[np.int64]
    leaf: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]


def walk(where: str, left: NDArray[Any], right: NDArray[Any], feature: NDArray[Any], n_features: int) -> Walk:
    """Follow the children from node 0; a leaf has both children -1. Nodes that nothing reaches are left out.

    Raises:
        Unreadable: no node, a child out of range, a node reached twice (a cycle or a shared branch), one child only,
            a split on a feature that the model does not have, or more than 512 levels.
    """
    n = left.size
    if n == 0:
        raise Unreadable(where, "has no node")
    seen = np.zeros(n, bool)
    levels, level = [], np.zeros(1, np.int64)
    while level.size:
        if seen[level].any() or np.unique(level).size != level.size:
            raise Unreadable(where, "a node is reached twice: a cycle or a shared branch")
        seen[level] = True
        levels.append(level)
        if len(levels) > MAX_TREE_DEPTH:
            raise Unreadable(where, f"deeper than {MAX_TREE_DEPTH} levels")
        level = _children(where, level, left, right, feature, n_features)
    order = np.concatenate(levels)
    new = np.full(n, -1, np.int64)
    new[order] = np.arange(order.size)
    leaf = left[order] < 0
    return Walk(order, leaf, np.where(leaf, -1, new[left[order]]), np.where(leaf, -1, new[right[order]]))


def _children(where: str, level: NDArray[Any], left: NDArray[Any], right: NDArray[Any], feature: NDArray[Any],
              n_features: int) -> NDArray[Any]:  # fmt: skip
    a, b = left[level], right[level]
    if ((a < 0) != (b < 0)).any() or (np.minimum(a, b) < -1).any():
        raise Unreadable(where, "a node has one child only, or an impossible one")
    inner = a >= 0
    if (np.maximum(a, b) >= left.size).any():
        raise Unreadable(where, "a child is out of range")
    splits = feature[level][inner]
    if ((splits < 0) | (splits >= n_features)).any():
        raise Unreadable(where, "a split on a feature that the model does not have")
    return np.column_stack((a[inner], b[inner])).ravel()
