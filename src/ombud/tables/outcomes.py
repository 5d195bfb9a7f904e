"""Which value of a decision or a label is good for the person, and which is not."""

from collections.abc import Collection, Iterable, Mapping

from ombud.statistics.cube import Level
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE
from ombud.tables.answers import CannotMeasure
from ombud.tables.levels import meant


def outcomes(
    found: Collection[Level], favourable: str, unfavourable: Iterable[str], column: str, key: str
) -> Mapping[Level, Level]:
    """Which level of a decision or label is favourable, which is not, and which is missing.

    Args:
        found: the levels that occur.
        favourable, unfavourable: as declared.
        column, key: for the reason: the column's name and the manifest key of the favourable value.

    Raises:
        CannotMeasure: the favourable value never occurs, or there are more than two values and nobody said what the
            others mean.
    """
    present = {one for one in found if one is not None}
    good = {one for one in present if meant(one) == meant(favourable)}
    if present and not good:
        raise CannotMeasure(
            f"column {column!r} never holds its declared favourable value {favourable!r} "
            f"(it holds {len(present)} other value{'s' if len(present) > 1 else ''})",
            key,
        )
    listed = {meant(one) for one in unfavourable}
    others = present - good
    if len(others) > 1 and not listed:
        raise CannotMeasure(
            f"column {column!r} holds {len(present)} values, and only one is declared favourable: list the values "
            "that are unfavourable, or make a column of two values; a value that is neither counts as missing",
            key.replace("favourable", "unfavourable"),
        )
    bad = others if not listed else {one for one in others if meant(one) in listed}
    named: dict[Level, Level] = dict.fromkeys([None, *(others - bad)])
    return named | dict.fromkeys(good, FAVOURABLE) | dict.fromkeys(bad, UNFAVOURABLE)
