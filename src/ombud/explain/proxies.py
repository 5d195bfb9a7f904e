"""Which features stand for a protected column: how strongly each goes together with it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.statistics.association import chi_square, cramers_v
from ombud.statistics.corrections import holm
from ombud.status.rule import ALPHA
from ombud.system.models import is_numeric
from ombud.tables.answers import Sample

BINS: Final = 10
STRONG: Final = 0.3
"""From which Cramér's V a feature counts as standing for a protected column: Cohen's "medium" effect (1988), a
convention of statistics, not law."""
Codes = NDArray[np.int64]


@frozen(kw_only=True)
class Association:
    """How strongly a feature goes together with a protected column.

    Attributes:
        v: Cramér's V, bias-corrected; p_value: that they have nothing to do with each other, after Holm.
        n: people whose protected value is known.
    """

    feature: str
    protected: str
    v: float
    p_value: float
    n: int

    @property
    def by_chance(self) -> bool:
        """Whether chance alone could do that."""
        return self.p_value >= ALPHA


def coarse_levels(sample: Sample, name: str) -> list[str | None]:
    """A column as levels; numbers with more than twenty values in tenths of the people ("tenth 3")."""
    if is_numeric(sample.table.schema.field(name).type):
        values = sample.numbers([name])[:, 0]
        seen = values[~np.isnan(values)]
        if np.unique(seen).size > 2 * BINS:
            edges = np.unique(np.quantile(seen, np.arange(1, BINS) / BINS, method="inverted_cdf"))
            tenth = np.searchsorted(edges, values, side="left")
            return [None if np.isnan(value) else f"tenth {at + 1}" for value, at in zip(values, tenth, strict=True)]
    return sample.levels(name)


def codes(levels: Sequence[str | None]) -> Codes:
    """Levels as whole numbers: 0 for missing, then 1, 2, … in order of name."""
    number = {level: at + 1 for at, level in enumerate(sorted({one for one in levels if one is not None}))}
    return np.array([0 if level is None else number[level] for level in levels], dtype=np.int64)


def cross_table(rows: Codes, columns: Codes) -> NDArray[np.int64]:
    """Counts of two coded columns; missing is a level of the rows, and leaves a row out of the columns."""
    known = columns > 0
    down, across = rows[known], columns[known] - 1
    width = int(across.max(initial=0)) + 1
    flat = np.bincount(down * width + across, minlength=(int(down.max(initial=0)) + 1) * width)
    return flat.reshape(-1, width)


def associations(sample: Sample, features: Sequence[str], protected: Iterable[str]) -> tuple[Association, ...]:
    """Every feature with every protected column, the strongest first; a protected column is no proxy of itself."""
    protected = tuple(protected)
    coded = {name: codes(coarse_levels(sample, name)) for name in {*features, *protected}}
    raw = [
        (feature, column, cross_table(coded[feature], coded[column]))
        for column in protected
        for feature in features
        if feature != column
    ]
    p_values = holm([chi_square(table)[2] for _, _, table in raw])
    found = (
        Association(feature=feature, protected=column, v=cramers_v(table), p_value=p, n=int(table.sum()))
        for (feature, column, table), p in zip(raw, p_values, strict=True)
    )
    return tuple(sorted(found, key=lambda one: (-one.v, one.protected, one.feature)))


def sensitive(features: Sequence[str], sample: Sample, columns: Sequence[str], limit: float = STRONG) -> dict[str, str]:
    """Feature → why it is sensitive: it is a protected column, or stands for one and not by chance.

    Args:
        features: of the model; columns: the protected ones that the sample holds.
        limit: from which Cramér's V a feature stands for a protected column.
    """
    named = {name: "a protected column" for name in features if name in columns}
    for one in associations(sample, [name for name in features if name not in named], columns):
        if one.v >= limit and not one.by_chance:
            named.setdefault(one.feature, f"stands for {one.protected}: Cramér's V {one.v:.2f}")
    return named


def by_group(groups: Mapping[str, Sequence[str]], named: Mapping[str, str]) -> dict[str, str]:
    """The same for reason groups: a group is as sensitive as its most sensitive level."""
    return {
        name: why
        for name, features in groups.items()
        for why in [next((named[one] for one in features if one in named), None)]
        if why is not None
    }
