"""The people who were approved: with whom one refused person is compared, read once and then kept in memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ombud.decisions.exact import CannotReplay, digest_of
from ombud.errors import Unreadable
from ombud.explain.attribution import HALVES, CannotExplain, collapse, principal
from ombud.explain.explained import Explained, explain
from ombud.explain.proxies import by_group, sensitive
from ombud.explain.reasons import Reasons, reasons
from ombud.system.manifest import System
from ombud.system.models import Model
from ombud.tables.answers import Data, Sample, Unmet
from ombud.tables.needs import Role, Rows
from ombud.tables.open import open_table
from ombud.tables.take import take

Floats = NDArray[np.float64]
SEED: Final = 20_261_123
"""Draws the halves of the approved; the same as in the check of reasons."""

LIVE: Final = (
    Role.ID, Role.HUMAN, Role.HUMAN_CHANGED, Role.HUMAN_SECONDS, Role.TIME, Role.LABEL, Role.FOLD, Role.SUBJECT,
)  # fmt: skip
"""What a table of past decisions need not hold to be compared with. Protected columns are not among it."""


@frozen(eq=False)
class Explainer:
    """One model with its approved population: explains one decision after the other, in milliseconds.

    Attributes:
        model: the model that decided.
        groups: reason group → its features (one-hot levels put together), in order.
        mean: what the approved average to, a contribution a group (shape: g); margin: theirs in all.
        halves: the same for random halves of the approved (shape: 40 × g): reasons have to survive them.
        sensitive: group → why it needs a person (protected column, or stands for one).
        seen: the model's features of the sample (shape: n × d).
        approved, people: approved people in the sample, and people in it; of: rows of the table.
        table: digest of the evaluation table; "" where it has none.
        sign: 1 where a high score is good for the person, -1 where it is bad.
        notes: how well model, scores and decisions fit, and what could not be looked for.
    """

    model: Model
    groups: Mapping[str, Sequence[str]]
    mean: Floats = field(repr=False)
    margin: float = field(repr=False)
    halves: Floats = field(repr=False)
    sensitive: Mapping[str, str]
    seen: Floats = field(repr=False)
    approved: int
    people: int
    of: int
    table: str
    sign: float
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The reason groups."""
        return tuple(self.groups)

    @property
    def score_favours(self) -> str:
        """Which scores are good for the person: "high" or "low"."""
        return "high" if self.sign > 0 else "low"

    def points(self, row: Floats) -> tuple[Floats, float]:
        """Points of one person against the approved (shape: g), and how far they are from adding up, relatively."""
        raw = self.sign * self.model.contributions(row)[:, :-1]
        points = collapse(raw, self.model.features, self.groups)[0] - self.mean
        gap = abs(points.sum() - (self.sign * float(self.model.margin(row)[0]) - self.margin))
        size = max(float(np.abs(points).sum()), float(np.finfo(float).tiny))
        return points, float(gap / size) if gap else 0.0

    def reasons(self, row: Floats, wording: Mapping[str, str]) -> Reasons:
        """The principal reasons of one unfavourable decision, or why none may be sent.

        Args:
            row: the inputs (shape: 1 × d); wording: group → sentence that a person approved.
        """
        points, residual = self.points(row)
        return reasons(
            points, self.names, residual=residual, stable=self.stable(points), wording=wording,
            sensitive=self.sensitive,
        )  # fmt: skip

    def stable(self, points: Floats) -> float:
        """The share of halves of the approved against which the principal reasons are the same."""
        whole = set(principal(points[None, :])[0].tolist())
        tops = principal(points + self.mean - self.halves)
        return float(np.mean([set(top) == whole for top in tops.tolist()]))

    def facts(self) -> dict[str, Any]:
        """With whom people are compared, as evidence says it."""
        return {"approved": self.approved, "people": self.people, "rows": self.of, "table": self.table}


def explainer(system: System, model: Model, score_favours: str = "high") -> Explainer:
    """Read the approved population of a system's evaluation table.

    Args:
        system: its manifest; model: the one that decided, perhaps an earlier one than the manifest names.
        score_favours: see `ombud.explain.explained.explain`.

    Raises:
        CannotReplay: there is no evaluation table, or it is not one of this model's decisions.
    """
    sample, table = _sample(system)
    present = _is_present(system, model)
    try:
        found = explain(model, sample, score_favours=score_favours, scores_by_this_model=None if present else False)
    except (CannotExplain, Unreadable) as problem:
        raise CannotReplay(f"there is no approved population to compare with: {problem}", problem.next_step) from None
    return of_sample(model, sample, found, table, 1.0 if score_favours == "high" else -1.0)


def of_sample(model: Model, sample: Sample, found: Explained, table: str = "", sign: float = 1.0) -> Explainer:
    """An explainer from a sample that was explained."""
    protected = _protected(sample)
    named = sensitive(model.features, sample, protected) if protected else {}
    missing = () if protected else ("no protected column is on hand, so nobody could look for what stands for one",)
    return Explainer(
        model=model, groups=found.groups, mean=found.mean, margin=found.margin, halves=_halves(found),
        sensitive=by_group(found.groups, named), seen=sample.numbers(model.features),
        approved=int(found.approved.sum()), people=len(sample), of=sample.of, table=table, sign=sign,
        notes=(*found.notes, *missing),
    )  # fmt: skip


def _halves(found: Explained) -> Floats:
    """Mean contributions of random halves of the approved: the same halves as `attribution.stability` draws."""
    base, random = np.flatnonzero(found.approved), np.random.default_rng(SEED)
    size = max(1, len(base) // 2)
    means = [found.points[random.choice(base, size=size, replace=False)].mean(axis=0) for _ in range(HALVES)]
    return np.asarray(means) + found.mean


def _sample(system: System) -> tuple[Sample, str]:
    spec = system.data.get("evaluation")
    if spec is None:
        raise CannotReplay("the manifest names no evaluation table, so there is no approved population",
                           "Add data.evaluation.table: decisions with their inputs and outcomes.")  # fmt: skip
    table = open_table(spec.address(), system.path.parent)
    need = Rows(seed=SEED)
    columns = system.columns_for(table.columns, may_lack=LIVE)
    taken = take([need], Data({"evaluation": table}, columns, system.evidence.minimum_group))[need]
    if isinstance(taken, Unmet):
        raise CannotReplay(f"the evaluation table cannot be read: {taken.reason}",
                           f"Mend {taken.manifest_key or 'the table'}, and ask again.")  # fmt: skip
    return taken.calls[0], taken.tables[0].digest or ""


def _is_present(system: System, model: Model) -> bool:
    """Whether a model is the one that the manifest names now."""
    path = system.model.artifact if system.model else None
    return path is not None and path.is_file() and digest_of(path) == model.digest


def _protected(sample: Sample) -> tuple[str, ...]:
    declared = (*sample.columns.of(Role.PROTECTED), *sample.columns.of(Role.SPECIAL))
    return tuple(name for name in dict.fromkeys(declared) if name in sample.table.column_names)
