"""What each feature added to a decision, against the people who were approved.

A library's contributions φᵢ(x) are Shapley values of a game: v(S) is what its trees expect of the margin when only the
features in S are known. They add up to margin(x) − base, where the base is the average over whoever the model was
trained on: not the question that a declined person asks. That question is "what set me apart from those you approved?",
and it is answered by

    pointsᵢ(x) = φᵢ(x) − mean of φᵢ over the approved,    Σᵢ pointsᵢ(x) = margin(x) − mean margin of the approved.

Shapley values are linear in the game, so these are themselves the Shapley values of the contrast game
v_x − mean v_approved. For a linear model they reduce to wᵢ(xᵢ − mean of xᵢ over the approved).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import define
from numpy.typing import NDArray

from ombud.errors import OmbudError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_REASONS: Final = 4
"""How many principal reasons are given at most (methods: explanation)."""

HALVES: Final = 40
"""How many random halves of the approved the top reasons have to survive."""

LEVEL_MARK: Final = "="
"""In a feature's name, what stands between a column and one of its levels: "purpose=car" belongs to "purpose"."""


@define
class CannotExplain(OmbudError):
    """There is no honest explanation to be had from this model and these rows."""

    why: str
    next_step: str

    def __str__(self) -> str:
        return self.why


def against_approved(contributions: Floats, approved: Bools) -> Floats:
    """Points gained or lost by each feature against the approved population.

    Args:
        contributions: the model's own, n × (d + 1), the last column its base.
        approved: which rows are the approved population (shape: n).

    Returns:
        n × d, in units of the margin; rows that are approved average to 0 in every column.

    Raises:
        CannotExplain: nobody was approved.
    """
    if not approved.any():
        raise CannotExplain("nobody in the sample was approved, so there is nobody to compare with",
                            "Name a table that holds favourable decisions too.")  # fmt: skip
    raw = contributions[:, :-1]
    points: Floats = raw - raw[approved].mean(axis=0)
    return points


def residuals(points: Floats, margin: Floats, approved: Bools) -> Floats:
    """How far each row's points are from adding up, relative to their size.

    Returns:
        |Σ points − (margin − mean margin of the approved)| / Σ |points| (shape: n); 0 where both are 0.
    """
    gap = np.abs(points.sum(axis=1) - (margin - margin[approved].mean()))
    size = np.abs(points).sum(axis=1)
    relative: Floats = np.where(gap == 0, 0.0, gap / np.where(size > 0, size, np.finfo(float).tiny))
    return relative


def one_hot_groups(features: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which features are levels of one column, by their names "column=level": group → its features, in order."""
    groups: dict[str, tuple[str, ...]] = {}
    for name in features:
        column = name.partition(LEVEL_MARK)[0]
        groups[column] = (*groups.get(column, ()), name)
    return groups


def collapse(points: Floats, features: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Floats:
    """Add up the features of each group: a person has one purpose, not five indicators of it.

    Args:
        points: n × d; features: their d names; groups: group → names, each feature in exactly one.

    Returns:
        n × number of groups, in their order.
    """
    at = {name: i for i, name in enumerate(features)}
    return np.column_stack([points[:, [at[name] for name in names]].sum(axis=1) for names in groups.values()])


def principal(points: Floats, most: int = MOST_REASONS) -> NDArray[np.int64]:
    """The features that cost each person the most points, worst first; ties go to the earlier feature.

    Returns:
        n × most, positions of columns; -1 where fewer features cost any points.
    """
    order = np.argsort(points, axis=1, kind="stable")[:, :most]
    worst = np.where(np.take_along_axis(points, order, axis=1) < 0, order, -1).astype(np.int64)
    return np.pad(worst, ((0, 0), (0, most - worst.shape[1])), constant_values=-1)


def stability(points: Floats, approved: Bools, of: Bools, random: np.random.Generator, halves: int = HALVES) -> Floats:
    """How often each person's principal reasons stay the same when they are compared with half of the approved.

    The mean over a random half of m people strays from the mean of all by s²/m, which is just how far the mean of m
    people strays from that of everybody who could be approved: surviving halves is surviving the luck of the draw.

    Args:
        points: n × g; approved, of: the baseline and the people asked about (shape: n each).

    Returns:
        Share of the halves with the same reasons, in whatever order (shape: number of people in `of`).
    """
    asked, base = points[of], np.flatnonzero(approved)
    whole = _as_sets(principal(asked), points.shape[1])
    same = np.zeros(len(asked))
    for _ in range(halves):
        half = random.choice(base, size=max(1, len(base) // 2), replace=False)
        moved = asked - points[half].mean(axis=0)
        same += (_as_sets(principal(moved), points.shape[1]) == whole).all(axis=1)
    return same / halves


def _as_sets(top: NDArray[np.int64], n_groups: int) -> Bools:
    chosen = np.zeros((len(top), n_groups + 1), dtype=bool)
    np.put_along_axis(chosen, top, True, axis=1)  # -1 falls into the last column
    return chosen[:, :-1]
