"""explanation.protected_reasons: is anybody refused for a protected trait, or for what stands for one?"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from attrs import evolve

from ombud.checks.check import check
from ombud.explain.attribution import principal
from ombud.explain.explained import Explained, explain
from ombud.explain.proxies import by_group, sensitive
from ombud.explain.share import share
from ombud.statistics.measurement import Measurement
from ombud.system.models import Model as OpenModel
from ombud.tables.answers import Sample
from ombud.tables.needs import Model, Role, Rows


@check(
    "explanation.protected_reasons",
    asks="Is a protected trait, or a feature that stands for one, among the true reasons for a refusal?",
    needs=(Model(), Rows()),
    remedy="Take the named feature out and retrain, or hand each such case to a person; never drop a reason.",
)
def protected_reasons(
    model: OpenModel,
    sample: Sample,
    *,
    proxy_association: float = 0.3,
    score_favours: str = "high",
    one_hot: Mapping[str, Sequence[str]] | None = None,
    scores_by_this_model: bool | None = None,
) -> Iterator[Measurement]:
    """Look for protected columns and strong proxies among the four principal reasons of each unfavourable decision.

    Args:
        model: the model, opened; sample: rows with decisions, protected columns and the model's features.
        proxy_association: from which Cramér's V (and not by chance) a feature counts as standing for a protected
            column. 0.3 is Cohen's "medium" effect (1988): a convention of statistics, not law.
        score_favours, one_hot, scores_by_this_model: see `ombud.explain.explained.explain`.

    Yields:
        `protected_features`, an exact count of the model's inputs that are protected or special columns, and
        `protected_reason_share`, the share of unfavourable decisions with a protected column or strong proxy among
        their top four: over all, then for each such feature (`group`) that is anybody's reason.

    Source: Regulation B, 12 CFR 1002.9(b)(2) and its commentary (principal reasons); methods, explanation.
    """
    columns = _protected(sample)
    if not columns:
        yield Measurement(name="protected_reason_share", value=None, unknown="no protected column is declared")
        return
    found = explain(
        model, sample, score_favours=score_favours, one_hot=one_hot, scores_by_this_model=scores_by_this_model
    )
    inputs = [name for name in found.features if name in columns]
    yield Measurement(
        name="protected_features", value=len(inputs), n=len(found.features), notes=tuple(inputs),
        method="names of the model's inputs against the declared protected and special columns",
    )  # fmt: skip
    named = sensitive(model.features, sample, columns, proxy_association)
    yield from _shares(found, by_group(found.groups, named), sample, proxy_association)


def _protected(sample: Sample) -> tuple[str, ...]:
    declared = (*sample.columns.of(Role.PROTECTED), *sample.columns.of(Role.SPECIAL))
    return tuple(name for name in dict.fromkeys(declared) if name in sample.table.column_names)


def _shares(found: Explained, groups: Mapping[str, str], sample: Sample, limit: float) -> Iterator[Measurement]:
    """groups: reason group → why it is sensitive."""
    top = principal(found.points[found.refused])
    method = f"protected column, or feature with Cramér's V of {limit} or more (a convention), among the top four"
    notes = (*(f"{name}: {why}" for name, why in groups.items()), *found.notes)
    at = [found.names.index(name) for name in groups]
    yield share("protected_reason_share", int(np.isin(top, at).any(axis=1).sum()), len(top), sample, method, notes)
    for name in groups:
        having = int((top == found.names.index(name)).any(axis=1).sum())
        if having:
            yield evolve(share("protected_reason_share", having, len(top), sample, method), group=name)
