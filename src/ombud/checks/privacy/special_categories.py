"""privacy.special_categories: does the model use, or could it infer, traits that law protects?"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from attrs import frozen

from ombud.checks.check import check
from ombud.explain.attribution import Bools, Floats
from ombud.explain.proxies import Codes, associations, coarse_levels, codes, cross_table
from ombud.statistics.association import cramers_v
from ombud.statistics.groups import ENOUGH_PEOPLE
from ombud.statistics.measurement import NOT_ASSESSED, Measurement
from ombud.statistics.predictability import predictability
from ombud.statistics.scores import auc, auc_interval
from ombud.system.models import is_numeric
from ombud.tables.answers import Sample
from ombud.tables.needs import Role, Rows

FEWEST: Final = 10
MOST_LEVELS: Final = 30


@check(
    "privacy.special_categories",
    asks="Does the model use protected or special traits, or features from which they can be told?",
    needs=Rows(),
    remedy="Take the named columns out of the features, or record the ground for using them; test without the proxy.",
)
def special_categories(sample: Sample, *, seed: int = 20_261_123) -> Iterator[Measurement]:
    """Count protected and special columns among the features, and see how well the other features give them away.

    Args:
        sample: rows with features, protected and special columns.
        seed: splits the sample in halves, and deals it to folds.

    Yields:
        `special_features`, an exact count of declared features that are protected or special columns. Then for each
        protected or special column and each of its levels (of two, the rarer): `proxy_auc`, the best single feature,
        chosen and ranked on one half of the people and measured on the other, and `predictability_auc`, all features
        together, cross-fitted. Both are 0.5 if nothing can be told and 1 if everything can, and both are floors: what a
        cleverer model would find is not seen. Levels with fewer than 30 people are not assessed, with fewer than 10 not
        named.

    Source: Newcombe (2006) for the intervals; Cramér (1946), corrected by Bergsma (2013), for the choice.
    """
    columns = _there(sample, (*sample.columns.of(Role.PROTECTED), *sample.columns.of(Role.SPECIAL)))
    features = _there(sample, sample.columns.of(Role.FEATURE))
    if not columns or not features:
        lacking = "protected or special column" if not columns else "feature"
        yield Measurement(name="special_features", value=None, unknown=f"no {lacking} is declared")
        return
    used = [name for name in features if name in columns]
    yield Measurement(
        name="special_features", value=len(used), n=len(features), notes=tuple(used),
        method="declared features that are also declared protected or special; the model's own list is not read here",
    )  # fmt: skip
    others = [name for name in features if name not in columns]
    if others:
        yield from _told_from(sample, columns, others, seed)


def _there(sample: Sample, names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name in sample.table.column_names]


def _told_from(sample: Sample, columns: Sequence[str], features: Sequence[str], seed: int) -> Iterator[Measurement]:
    bins = {name: codes(coarse_levels(sample, name)) for name in features}
    design = _design(sample, features, bins)
    strength = {(one.protected, one.feature): one.v for one in associations(sample, features, columns)}
    for column in columns:
        for trait in _traits(sample, column):
            smaller = min(int(trait.has.sum()), int(trait.known.sum() - trait.has.sum()))
            if smaller < ENOUGH_PEOPLE:
                yield _too_few(trait, smaller)
                continue
            yield _proxy(trait, bins, {name: strength[column, name] for name in features}, seed)
            yield _together(trait, design, seed)


@frozen(eq=False)
class _Trait:
    """A level of a protected column: who has it, and of whom it is known."""

    column: str
    level: str
    has: Bools
    known: Bools


def _traits(sample: Sample, column: str) -> Iterator[_Trait]:
    """The levels that may be named, most frequent first; of two, the rarer speaks for both."""
    levels = coarse_levels(sample, column)
    sizes = Counter(level for level in levels if level is not None).most_common()
    known = np.array([level is not None for level in levels], dtype=bool)
    for level, size in sizes[1:] if len(sizes) == 2 else sizes[:MOST_LEVELS]:
        if size >= FEWEST and len(sizes) > 1:
            yield _Trait(column, level, np.array([one == level for one in levels], dtype=bool), known)


def _too_few(trait: _Trait, people: int) -> Measurement:
    return Measurement(
        name="predictability_auc", value=None, protected=trait.column, group=trait.level, n=people,
        unknown=f"{NOT_ASSESSED}: {people} people, fewer than {ENOUGH_PEOPLE}",
    )  # fmt: skip


def _proxy(trait: _Trait, bins: Mapping[str, Codes], strength: Mapping[str, float], seed: int) -> Measurement:
    """The strongest single feature: chosen and ranked on one half of the people, measured on the other."""
    half = _half(trait, seed)
    chosen, other = trait.known & half, trait.known & ~half
    mark = trait.has.astype(np.int64) + 1
    best = max(bins, key=lambda name: cramers_v(cross_table(bins[name][chosen], mark[chosen])))
    area = _area(bins[best], trait.has, chosen, other)
    low, high = auc_interval(area, int((trait.has & other).sum()), int((~trait.has & other).sum()))
    return Measurement(
        name="proxy_auc", value=float(area), low=low, high=high, n=int(other.sum()),
        protected=trait.column, group=trait.level,
        method="AUC of the trait's share in each bin of the strongest feature, chosen on half of the people and "
               "measured on the other half; Newcombe (2006)",
        notes=(f"strongest feature: {best} (Cramér's V {strength[best]:.2f} with {trait.column}, all rows)",),
    )  # fmt: skip


def _half(trait: _Trait, seed: int) -> Bools:
    """Half of those with the trait and half of those without."""
    random = np.random.default_rng(seed)
    half = np.zeros(len(trait.has), dtype=bool)
    for members in (trait.known & trait.has, trait.known & ~trait.has):
        dealt = random.permutation(np.flatnonzero(members))
        half[dealt[::2]] = True
    return half


def _area(bins: Codes, has: Bools, learn: Bools, judge: Bools) -> Fraction:
    """AUC on `judge` of ranking people by the share with the trait that their bin had in `learn`."""
    size = int(bins.max(initial=0)) + 1
    inside, people = np.bincount(bins[learn & has], minlength=size), np.bincount(bins[learn], minlength=size)
    share = (inside + has[learn].mean()) / (people + 1)
    _, at = np.unique(share[bins[judge]], return_inverse=True)
    steps = int(at.max()) + 1
    ours, theirs = np.bincount(at[has[judge]], minlength=steps), np.bincount(at[~has[judge]], minlength=steps)
    return auc(ours.tolist(), theirs.tolist())


def _together(trait: _Trait, design: Floats, seed: int) -> Measurement:
    found = predictability(design[trait.known], trait.has[trait.known], seed=seed)
    assert found is not None  # both classes hold at least 30
    return Measurement(
        name="predictability_auc", value=found.auc, low=found.interval.low, high=found.interval.high, n=found.n,
        protected=trait.column, group=trait.level, counts={"positives": found.positives, "people": found.n},
        method="AUC of a ridge logistic regression on all other features, cross-fitted in five folds; Newcombe (2006)",
    )  # fmt: skip


def _design(sample: Sample, features: Sequence[str], bins: Mapping[str, Codes]) -> Floats:
    """Numbers as they are, text as an indicator of each of its more frequent levels (shape: n × d)."""
    parts: list[Floats] = []
    for name in features:
        if is_numeric(sample.table.schema.field(name).type):
            values = sample.numbers([name])
            parts.append(np.where(np.isfinite(values), values, np.nan))
        else:
            parts.append(_indicators(bins[name]))
    return np.hstack(parts)


def _indicators(coded: Codes) -> Floats:
    counted = np.bincount(coded)
    frequent = [at for at in np.argsort(-counted, kind="stable")[:MOST_LEVELS] if counted[at] >= FEWEST]
    return np.column_stack([np.zeros(len(coded)), *((coded == at).astype(float) for at in frequent)])
