"""Corrections for many comparisons."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Step-down corrected p-values, in the order given: the chance of any false alarm stays below alpha.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, at in enumerate(_ascending(p_values)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        corrected[at] = highest
    return tuple(corrected)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Step-up corrected p-values, in the order given: of the alarms, the share expected to be false stays below alpha.

    Source: Benjamini and Hochberg (1995), "Controlling the false discovery rate".
    """
    corrected = [0.0] * len(p_values)
    lowest = 1.0
    for before, at in reversed(list(enumerate(_ascending(p_values)))):
        lowest = min(lowest, p_values[at] * (len(p_values) / (before + 1)))
        corrected[at] = lowest
    return tuple(corrected)


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=lambda at: p_values[at])
