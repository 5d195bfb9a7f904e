"""Every leaf as the box of rows that reach it, and what of them one person can reach."""

from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.explain.recourse.levers import Lever, Room
from ombud.system.forest import Forest, HasForest
from ombud.system.models import Model

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@frozen(eq=False)
class Boxes:
    """The leaves of all trees, tree by tree.

    Attributes:
        low, high: a row is inside if low ≤ x < high in every feature (shape: leaves × d).
        missing: whether a missing value is inside (shape: leaves × d).
        value: what the leaf adds; tree: the number of its tree (shape: leaves).
    """

    low: Floats
    high: Floats
    missing: Flags
    value: Floats
    tree: NDArray[np.int64]

    @classmethod
    def of(cls, forest: Forest, width: int) -> "Boxes":
        """All leaves, followed from the roots level by level."""
        node, tree = forest.roots, np.arange(len(forest.roots))
        low, high = np.full((len(node), width), -np.inf), np.full((len(node), width), np.inf)
        missing = np.ones((len(node), width), np.bool_)
        done: list[tuple[Floats, Floats, Flags, Floats, NDArray[np.int64]]] = []
        while len(node):
            leaf = forest.left[node] < 0
            done.append((low[leaf], high[leaf], missing[leaf], forest.value[node[leaf]], tree[leaf]))
            inner = ~leaf
            node, tree, low, high, missing = _children(
                forest, node[inner], tree[inner], low[inner], high[inner], missing[inner]
            )
        parts = [np.concatenate(part) for part in zip(*done, strict=True)]
        order = np.argsort(parts[-1], kind="stable")
        return cls(*(part[order] for part in parts))


def _children(
    forest: Forest, node: NDArray[np.int64], tree: NDArray[np.int64], low: Floats, high: Floats, missing: Flags
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats, Flags]:
    rows, asked, bound = np.arange(len(node)), forest.feature[node], forest.bound[node]
    left_high, right_low = high.copy(), low.copy()
    left_high[rows, asked] = np.minimum(high[rows, asked], bound)
    right_low[rows, asked] = np.maximum(low[rows, asked], bound)
    left_missing, right_missing = missing.copy(), missing.copy()
    left_missing[rows, asked] &= forest.missing_left[node]
    right_missing[rows, asked] &= ~forest.missing_left[node]
    return (
        np.concatenate([forest.left[node], forest.right[node]]), np.concatenate([tree, tree]),
        np.concatenate([low, right_low]), np.concatenate([left_high, high]),
        np.concatenate([left_missing, right_missing]),
    )  # fmt: skip


@frozen(eq=False)
class Reach:
    """The leaves that one person can reach by moving levers, and the sum that they make.

    Attributes:
        forest, room: the trees, and where the person can get.
        low, high, value: of the leaves; starts: the first leaf of each tree.
        out: whether a leaf asks that a lever is moved (shape: leaves × levers).
        asks: how many of them it asks to be moved (shape: leaves).
    """

    forest: Forest
    room: Room
    low: Floats
    high: Floats
    value: Floats
    tree: NDArray[np.int64]
    out: Flags
    asks: NDArray[np.int64]

    @classmethod
    def of(cls, forest: Forest, boxes: Boxes, room: Room) -> "Reach":
        """What is left of the trees once everything that cannot move is filled in."""
        seen = forest.seen(room.row)
        outside = np.where(np.isnan(seen), ~boxes.missing, (seen < boxes.low) | (seen >= boxes.high))
        movable = np.zeros(len(seen), np.bool_)
        for lever in room.levers:
            movable[list(lever.features)] = True
        kept = ~outside[:, ~movable].any(axis=1)
        out = np.array([outside[kept][:, list(lever.features)].any(axis=1) for lever in room.levers], np.bool_)
        out = out.reshape(len(room.levers), int(kept.sum())).T
        return cls(
            forest, room, boxes.low[kept], boxes.high[kept], boxes.value[kept], boxes.tree[kept], out, out.sum(axis=1)
        )

    def inside(self, lever: Lever, leaves: NDArray[np.int64]) -> Flags:
        """Whether each position of a lever is inside each of some leaves (shape: leaves × positions)."""
        found = np.ones((len(leaves), len(lever.costs)), np.bool_)
        for at, column in enumerate(lever.features):
            seen = self.forest.seen(lever.values[:, at])
            found &= (seen >= self.low[leaves, column, None]) & (seen < self.high[leaves, column, None])
        return found

    def highest(self, leaves: NDArray[np.int64], sign: float) -> float:
        """The largest sign · margin that these leaves could make together, at least one of each tree."""
        tree = self.tree[leaves]
        starts = np.flatnonzero(np.r_[True, tree[1:] != tree[:-1]])
        return float(np.maximum.reduceat(sign * self.value[leaves], starts).sum()) + sign * self.forest.base


_KNOWN: Final[WeakKeyDictionary[Model, tuple[Forest, Boxes]]] = WeakKeyDictionary()


def boxes_of(model: Model) -> tuple[Forest, Boxes]:
    """The trees of a model and their leaves, worked out once as long as somebody holds the model."""
    known = _KNOWN.get(model)
    if known is None:
        assert isinstance(model, HasForest), "asked only of trees"
        known = _KNOWN[model] = (model.forest, Boxes.of(model.forest, len(model.features)))
    return known
