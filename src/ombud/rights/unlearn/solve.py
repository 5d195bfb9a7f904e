"""Solve a system whose numbers are exact: in float64, then corrected by exact residuals until nothing changes.

As long as the matrix is not too close to singular, that gives the nearest float64 to the true solution, whatever the
order in which its sums came about.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from ombud.errors import Misused
from ombud.rights.unlearn.exact import SCALE, exactly
from ombud.rights.unlearn.rows import Array

WORST_CONDITION: Final = 1e12
"""Condition number, columns brought to one length, above which 1e-9 is not promised."""

_STEPS: Final = 60
_STILL: Final = 2.0**-80
"""Corrections this small beside the largest coefficient end the work; float64 has 53 binary digits."""

Line = Sequence[int]


def solve(matrix: Sequence[Line], right: Line) -> Array:
    """The solution of a symmetric system; both sides in units of 2**-SCALE.

    Raises:
        Misused: the condition number is above WORST_CONDITION.
    """
    lengths = [_length(line[position]) for position, line in enumerate(matrix)]
    rough = _rough(matrix, lengths)
    answer = [0] * len(right)
    largest = 0.0
    for _ in range(_STEPS):
        residuals = [_residual(line, answer, one) for line, one in zip(matrix, right, strict=True)]
        correction = np.linalg.solve(rough, np.array([_times(*pair) for pair in zip(residuals, lengths, strict=True)]))
        answer = [old + _moved(*pair) for old, *pair in zip(answer, correction, lengths, strict=True)]
        step = float(np.abs(correction).max())
        largest = max(largest, step)
        if step <= _STILL * largest:
            return np.array([_kept(*pair, largest) for pair in zip(answer, lengths, strict=True)])
    raise _undetermined()


def _rough(matrix: Sequence[Line], lengths: Sequence[int]) -> Array:
    """The matrix in float64, its rows and columns brought to one length by powers of two."""
    rough = np.array([
        [_times(one << SCALE, down + right) for one, right in zip(line, lengths, strict=True)]
        for line, down in zip(matrix, lengths, strict=True)
    ])  # fmt: skip
    if not np.linalg.cond(rough) <= WORST_CONDITION:
        raise _undetermined()
    return rough


def _length(square: int) -> int:
    """The power of two by which a column's length becomes about 1."""
    if square <= 0:
        raise _undetermined()
    return (SCALE - square.bit_length()) // 2


def _residual(line: Line, answer: Line, right: int) -> int:
    """What is still missing on the right, in units of 2**-(2 SCALE)."""
    return (right << SCALE) - sum(one * two for one, two in zip(line, answer, strict=True))


def _times(amount: int, power: int) -> float:
    """An amount in units of 2**-(2 SCALE), times a power of two."""
    return float(Fraction(amount) * Fraction(2) ** (power - 2 * SCALE))


def _moved(correction: float, power: int) -> int:
    return exactly(float(np.ldexp(correction, power)))


def _kept(amount: int, power: int, largest: float) -> float:
    """A coefficient as float64; what is as small as the last corrections is zero."""
    coefficient = _times(amount << SCALE, 0)
    return coefficient if abs(np.ldexp(coefficient, -power)) > 2 * _STILL * largest else 0.0


def _undetermined() -> Misused:
    return Misused(
        "the rows do not determine the coefficients to 1e-9: columns depend on each other, or rows are too few",
        "Leave out a column that follows from others, or use ridge regression (penalty above 0).",
    )
