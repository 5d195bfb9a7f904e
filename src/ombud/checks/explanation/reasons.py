"""explanation.reasons: can every refusal be given its true reasons?"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ombud.checks.check import check
from ombud.explain.attribution import principal, stability
from ombud.explain.explained import Explained, explain
from ombud.explain.reasons import MAX_RESIDUAL, MIN_STABILITY
from ombud.explain.share import share
from ombud.statistics.measurement import Measurement
from ombud.system.models import Model as OpenModel
from ombud.tables.answers import Sample
from ombud.tables.needs import Model, Rows


@check(
    "explanation.reasons",
    asks="Does every unfavourable decision have reasons that add up, hold still and have approved words?",
    needs=(Model(), Rows()),
    remedy="Write wording for the named features under `reasons`, and send no notice where reasons are refused.",
)
def reasons_exist(
    model: OpenModel,
    sample: Sample,
    *,
    reasons: Mapping[str, str] | None = None,
    score_favours: str = "high",
    one_hot: Mapping[str, Sequence[str]] | None = None,
    scores_by_this_model: bool | None = None,
    seed: int = 20_261_123,
) -> Iterator[Measurement]:
    """Explain every unfavourable decision of the sample by the model's own contributions against the approved.

    Args:
        model: the model, opened; sample: rows with decisions and the model's features.
        reasons: feature → wording that a person approved; without it the share is unknown.
        score_favours, one_hot, scores_by_this_model: see `ombud.explain.explained.explain`.
        seed: draws the halves of the approved population.

    Yields:
        Shares of the unfavourable decisions: `reason_coverage` (some feature cost points), `reason_additivity`
        (relative residual at most 1e-4), `reason_stability` (the same top four in 95 % of halves of the approved: a
        convention) and `reason_wording` (approved words for each of the top four). Exact where the whole table was
        read, else with Wilson's interval.

    Source: Lundberg et al. (2020), "From local explanations to global understanding"; baseline: docs/explanation.
    """
    found = explain(
        model, sample, score_favours=score_favours, one_hot=one_hot, scores_by_this_model=scores_by_this_model
    )
    people = int(found.refused.sum())
    top = principal(found.points[found.refused])
    held = stability(found.points, found.approved, found.refused, np.random.default_rng(seed))
    for name, having, method in (
        ("reason_coverage", (top[:, 0] >= 0), "at least one feature cost points against the approved"),
        ("reason_additivity", found.residual[found.refused] <= MAX_RESIDUAL, "points add up to the margin within 1e-4"),
        ("reason_stability", held >= MIN_STABILITY, "same top four in 95 % of 40 halves of the approved"),
    ):
        yield share(name, int(having.sum()), people, sample, f"Shapley values; {method}", found.notes)
    yield _worded(found, top, reasons, sample)


def _worded(found: Explained, top: np.ndarray, reasons: Mapping[str, str] | None, sample: Sample) -> Measurement:
    method = "every principal reason has approved wording"
    if not reasons:
        why = "no approved wording is declared; add reasons to the manifest"
        return Measurement(name="reason_wording", value=None, unknown=why, method=method)
    lacking = np.array([name not in reasons for name in found.names] + [False])  # -1, no reason, is the last
    names = [found.names[at] for at in np.unique(top[top >= 0]) if lacking[at]]
    notes = (f"no wording for {', '.join(names)}",) if names else ()
    having = int((~lacking[top]).all(axis=1).sum())
    return share("reason_wording", having, len(top), sample, method, notes)
