"""Explain every decision of a sample at once, and see whether model, scores and decisions belong together."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from attrs import frozen

from ombud.explain.attribution import (
    Bools,
    CannotExplain,
    Floats,
    against_approved,
    collapse,
    one_hot_groups,
    residuals,
)  # fmt: skip
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.statistics.scores import auc, auc_interval
from ombud.system.models import Model, matrix
from ombud.tables.answers import Sample
from ombud.tables.needs import Role
from ombud.tables.outcomes import outcomes

FEWEST_APPROVED: Final = 10
SAME_SCORE: Final = 1e-4
"""Largest distance at which two scores are the same number, written with few digits."""


@frozen(eq=False)
class Explained:
    """A sample with the points of each row.

    Attributes:
        names: g reason groups: features, with one-hot levels put together.
        features: the d features of the model; groups: the features in each reason group.
        points: n × g against the approved, in margin units; above 0 is in the person's favour.
        approved, refused: rows with a favourable and an unfavourable decision; undecided rows are in neither.
        residual: relative additivity residual (shape: n).
        mean, margin: what the approved average to: contributions of each reason group (shape: g), and the margin, with
            the sign by which more is better for the person. Points of anybody else are theirs minus `mean`.
        notes: how well model, scores and decisions fit.
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    groups: Mapping[str, Sequence[str]]
    points: Floats
    approved: Bools
    refused: Bools
    residual: Floats
    mean: Floats
    margin: float
    notes: tuple[str, ...]


def explain(
    model: Model,
    sample: Sample,
    *,
    score_favours: str = "high",
    one_hot: Mapping[str, Sequence[str]] | None = None,
    scores_by_this_model: bool | None = None,
) -> Explained:
    """Points of every row against the approved of the sample.

    Args:
        score_favours: "high" if a high score is good for the person, "low" if it is bad (fraud, default).
        one_hot: column → its indicator features; without it, features named "column=level" are put together.
        scores_by_this_model: whether the score column was made by this very model. Without it: yes, unless a fold
            column says that the scores are cross-fitted.

    Raises:
        CannotExplain: no decisions, nobody approved, scores that are not this model's, or a score that runs the other
            way than the decisions.
        Unreadable: the table lacks a feature of the model, or holds text in it.
    """
    if score_favours not in ("high", "low"):
        raise CannotExplain(f"score_favours is {score_favours!r}", "Set it to high or low.")
    approved, refused = decided(sample)
    score, margin, contributions = _answers(model, sample)
    sign = 1.0 if score_favours == "high" else -1.0
    notes = (*_scores(score, sample, scores_by_this_model), _direction(sign * margin, approved, refused))
    points = sign * against_approved(contributions, approved)
    groups = _groups(model.features, one_hot)
    base = sign * contributions[approved, :-1].mean(axis=0, keepdims=True)
    return Explained(
        names=tuple(groups), features=model.features, groups=groups,
        points=collapse(points, model.features, groups), approved=approved, refused=refused,
        residual=residuals(points, sign * margin, approved), mean=collapse(base, model.features, groups)[0],
        margin=float(sign * margin[approved].mean()), notes=notes,
    )  # fmt: skip


@lru_cache(maxsize=1)  # two checks ask the same of the same sample, and contributions are slow
def _answers(model: Model, sample: Sample) -> tuple[Floats, Floats, Floats]:
    rows = matrix(model.features, sample)
    return model.predict(rows), model.margin(rows), model.contributions(rows)


def decided(sample: Sample) -> tuple[Bools, Bools]:
    """Which rows hold a favourable and which an unfavourable decision (shape: n each).

    Raises:
        CannotExplain: no decision column, or fewer than ten people approved.
    """
    names = sample.columns.of(Role.DECISION)
    if not names or names[0] not in sample.table.column_names:
        raise CannotExplain(f"the {sample.what} table has no decisions to explain", "Add columns.decision.")
    found = sample.levels(names[0])
    means = outcomes(set(found), sample.columns.favourable, sample.columns.unfavourable, names[0], "columns.favourable")
    meant = [means[level] for level in found]
    approved = np.array([one == FAVOURABLE for one in meant], dtype=bool)
    if approved.sum() < FEWEST_APPROVED:
        raise CannotExplain(
            f"only {approved.sum()} people of the sample were approved: too few to compare with",
            "Name a table with more favourable decisions.",
        )
    return approved, np.array([one == UNFAVOURABLE for one in meant], dtype=bool)


def _groups(features: tuple[str, ...], one_hot: Mapping[str, Sequence[str]] | None) -> Mapping[str, Sequence[str]]:
    if one_hot is None:
        return one_hot_groups(features)
    column = {name: group for group, names in one_hot.items() for name in names}
    unknown = sorted(set(column) - set(features))
    if unknown:
        raise CannotExplain(f"one_hot names {unknown[0]!r}, which the model does not take", "Mend its spelling.")
    groups: dict[str, tuple[str, ...]] = {}
    for name in features:
        group = column.get(name, name)
        groups[group] = (*groups.get(group, ()), name)
    return groups


def _scores(score: Floats, sample: Sample, by_this_model: bool | None) -> tuple[str, ...]:
    """How far the model's scores are from those in the table.

    Raises:
        CannotExplain: they should be the same and are not.
    """
    names = sample.columns.of(Role.SCORE)
    if not names or names[0] not in sample.table.column_names:
        return ("the table holds no score, so nothing shows that this model made these decisions",)
    given = sample.numbers(names)[:, 0]
    apart = np.abs(score - given)[~np.isnan(given)]
    if not apart.size:
        return (f"column {names[0]!r} holds no score, so nothing shows that this model made these decisions",)
    cross_fitted = bool(sample.columns.of(Role.FOLD))
    if apart.max() <= SAME_SCORE:
        return ()
    far = f"{apart.mean():.3f} on average and {apart.max():.3f} at most from column {names[0]!r}"
    if by_this_model or (by_this_model is None and not cross_fitted):
        raise CannotExplain(
            f"the model's scores lie {far}: it did not make these decisions, so it cannot explain them",
            "Name the model that was in use, or the fold column if the scores are cross-fitted.",
        )
    whose = "cross-fitted, by models of the folds" if cross_fitted else "declared to be by another model"
    return (f"the scores are {whose}; those of the model explained here lie {far}",)


def _direction(merit: Floats, approved: Bools, refused: Bools) -> str:
    """How far decisions follow the model, as the share of approved–refused pairs it ranks so.

    Raises:
        CannotExplain: it ranks them the other way round, and not by chance.
    """
    if not refused.any():
        return "nobody in the sample was refused"
    _, at = np.unique(merit, return_inverse=True)
    size = int(at.max()) + 1
    ours, theirs = np.bincount(at[approved], minlength=size), np.bincount(at[refused], minlength=size)
    area = float(auc(ours.tolist(), theirs.tolist()))
    if auc_interval(area, int(approved.sum()), int(refused.sum())).high < 0.5:
        raise CannotExplain(
            f"the model ranks {1 - area:.0%} of pairs against the decisions",
            "Set score_favours (low, if a high score is bad for the person), or mend columns.favourable.",
        )
    return f"the model ranks {area:.1%} of approved–refused pairs as they were decided"
