"""monitoring.drift: do the people who are decided about still look like those the model learnt from?"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from attrs import frozen

from ombud.checks.check import check
from ombud.statistics.association import chi_square, cramers_v
from ombud.statistics.corrections import benjamini_hochberg
from ombud.statistics.cube import Cube, Level
from ombud.statistics.distributions import ALPHA, POWER, chi2_quantile
from ombud.statistics.drift import ks, new_and_vanished, psi, psi_limit
from ombud.statistics.groups import ENOUGH_PEOPLE
from ombud.statistics.measurement import NOT_ASSESSED, Measurement
from ombud.tables.needs import Binned

_TRAINING: Final = "training"
_MOST_NAMED: Final = 5


@frozen
class _Moved:
    """One column in the training table and in another.

    Attributes:
        column, table: which column, and which other table.
        levels: its bins or values, missing included.
        before, after: rows by level.
        ordered: whether the levels lie on a scale.
    """

    column: str
    table: str
    levels: tuple[Level, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    ordered: bool

    @property
    def sizes(self) -> tuple[int, int]:
        return sum(self.before), sum(self.after)

    @property
    def bins(self) -> int:
        return sum(a + b > 0 for a, b in zip(self.before, self.after, strict=True))

    @property
    def scale(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counts of the levels that have a place on the scale."""
        at = [i for i, level in enumerate(self.levels) if level is not None]
        return tuple(self.before[i] for i in at), tuple(self.after[i] for i in at)

    @property
    def too_few(self) -> str | None:
        if min(self.sizes) < ENOUGH_PEOPLE:
            return f"{NOT_ASSESSED}: {min(self.sizes)} rows, fewer than {ENOUGH_PEOPLE}"
        return f"{NOT_ASSESSED}: only one level of the column is counted" if self.bins < 2 else None


@check(
    "monitoring.drift",
    asks="Do the people who are decided about still look like those the model learnt from?",
    needs=Binned(),
    remedy="Look at what changed in the named columns; if it is real, measure performance again before going on.",
)
def drift(columns: Sequence[Cube]) -> Iterator[Measurement]:
    """Compare the distribution of each feature in each table with the training table.

    Args:
        columns: one cube a feature, by "table" and "bin" (numbers, on a scale) or "value"; missing is a level.

    Yields:
        For each feature and table: `psi` with an interval and the p-value that nothing moved (chi-square over all
        levels), then `ks` (numbers: largest gap between cumulated shares of the values that are there) or `cramers_v`.
        P-values are corrected over all features and tables (Benjamini and Hochberg). Fewer than 30 rows, and columns
        of which a single level is counted (free text), are not assessed.

    Source: PSI and its chance limit, Yurdakul and Naranjo (2020); KS, Kolmogorov (1933), Smirnov (1948). That 0.1 or
    0.25 means drift is a habit of the trade, no law; it is a limit only where a policy says so.
    """
    moved = [one for cube in columns for one in _moved(cube)]
    tests = [chi_square([one.before, one.after])[2] if min(one.sizes) else 1.0 for one in moved]
    corrected = benjamini_hochberg(tests)
    gaps = [ks(*one.scale) if one.ordered and all(map(sum, one.scale)) else (Fraction(0), 1.0) for one in moved]
    corrected_gaps = benjamini_hochberg([p for _, p in gaps])
    for i, one in enumerate(moved):
        yield _psi(one, tests[i], corrected[i])
        if one.ordered:
            yield _ks(one, *gaps[i], corrected_gaps[i])
        else:
            yield _cramer(one, tests[i], corrected[i])


def _moved(cube: Cube) -> Iterator[_Moved]:
    axis = cube.axes[1]
    levels = cube.levels(axis)
    for table in cube.levels("table"):
        if table is not None and table != _TRAINING:
            counted = [tuple(cube.cells.get((name, level), 0) for level in levels) for name in (_TRAINING, table)]
            yield _Moved(cube.name, table, levels, counted[0], counted[1], ordered=axis == "bin")


def _psi(one: _Moved, raw: float, corrected: float) -> Measurement:
    before, after = one.sizes
    if not before or not after:
        return Measurement(name="psi", value=None, group=_group(one), reference=_TRAINING, unknown="a table is empty")
    value = psi(one.before, one.after)
    low, high = _interval(value, before, after, one.bins)
    chance = psi_limit(before, after, one.bins)
    return Measurement(
        name="psi", value=value, low=low, high=high, p_value=corrected, p_raw=raw, group=_group(one),
        reference=_TRAINING, n=before + after, detectable=_detectable(before, after, one.bins),
        counts={"training rows": before, f"{one.table} rows": after, "bins": one.bins}, unknown=one.too_few,
        method="population stability index, 0.5 added to each bin; interval: noncentral chi-square; test: chi-square, "
        "Benjamini and Hochberg (1995) over all columns",
        notes=(f"chance alone stays below {chance:.4f} in 95 of 100 tables of this size", *_named(one)),
    )  # fmt: skip


def _interval(value: float, before: int, after: int, bins: int) -> tuple[float, float]:
    """Where the true index lies: PSI / (1/N + 1/M) is about noncentral chi-square; the value is always inside."""
    from scipy.special import chdtr, chndtrinc

    unit, df = 1 / before + 1 / after, max(1, bins - 1)
    statistic = value / unit

    def true(share: float) -> float:
        return float(chndtrinc(statistic, df, share)) * unit if float(chdtr(df, statistic)) > share else 0.0

    tail = (1 - 0.95) / 2
    return min(value, true(1 - tail)), max(value, true(tail))


def _detectable(before: int, after: int, bins: int) -> float | None:
    """The smallest true index that the test would have found with the usual power."""
    if bins < 2:
        return None
    from scipy.special import chndtrinc

    return float(chndtrinc(chi2_quantile(1 - ALPHA, bins - 1), bins - 1, 1 - POWER)) * (1 / before + 1 / after)


def _named(one: _Moved) -> tuple[str, ...]:
    if one.ordered:
        return ()
    new, gone = new_and_vanished(_by_level(one, one.before), _by_level(one, one.after))
    return tuple(
        f"{words}: {', '.join(map(_said, found[:_MOST_NAMED]))}{' and more' if len(found) > _MOST_NAMED else ''}"
        for words, found in (("new", new), ("vanished", gone))
        if found
    )


def _by_level(one: _Moved, counts: Sequence[int]) -> dict[Level, int]:
    return dict(zip(one.levels, counts, strict=True))


def _said(level: Level) -> str:
    return "missing" if level is None else level


def _ks(one: _Moved, gap: Fraction, raw: float, corrected: float) -> Measurement:
    before, after = map(sum, one.scale)
    if not before or not after:
        return Measurement(name="ks", value=None, group=_group(one), reference=_TRAINING, unknown="no value is there")
    return Measurement(
        name="ks", value=gap, p_value=corrected, p_raw=raw, group=_group(one), reference=_TRAINING, n=before + after,
        counts={"training rows": before, f"{one.table} rows": after}, unknown=one.too_few,
        method="largest gap between cumulated shares over the bins, exact; missing values left out; test: Smirnov, "
        "Benjamini and Hochberg (1995) over all columns",
    )  # fmt: skip


def _cramer(one: _Moved, raw: float, corrected: float) -> Measurement:
    before, after = one.sizes
    strength = cramers_v([one.before, one.after]) if before and after else None
    return Measurement(
        name="cramers_v", value=strength, p_value=corrected, p_raw=raw, group=_group(one), reference=_TRAINING,
        n=before + after, counts={"training rows": before, f"{one.table} rows": after},
        unknown=one.too_few if strength is not None else "a table is empty",
        method="Cramér's V of table and value, corrected (Bergsma 2013); test: chi-square, "
        "Benjamini and Hochberg (1995) over all columns",
    )  # fmt: skip


def _group(one: _Moved) -> str:
    return f"{one.column} ({one.table})"
