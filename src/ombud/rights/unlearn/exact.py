"""Sums without rounding, so that taking a number out leaves exactly what there was before it came in.

A float64 is a whole number of 2**-SCALE. Sums are kept as Python integers of that unit: they do not depend on order,
and subtraction undoes addition to the last bit. A product of two floats is carried as two floats (Dekker, 1971).
"""

from fractions import Fraction
from typing import Final

import numpy as np

from ombud.rights.unlearn.rows import Array

SCALE: Final = 1130
"""The smallest float64 is 2**-1074, and its 53 binary digits are taken as a whole number."""

_HALF: Final = 26
_SPLITTER: Final = 2.0**27 + 1
_BLOCK: Final = 2**24
"""So many halves of 27 binary digits add up below 2**53, where float64 still counts in ones."""


def total(values: Array) -> int:
    """The exact sum of floats, in units of 2**-SCALE."""
    return sum(_block(values[start : start + _BLOCK]) for start in range(0, len(values), _BLOCK))


def total_of_products(left: Array, right: Array) -> int:
    """The exact sum of products of two columns, in units of 2**-SCALE.

    Magnitudes are those that `Rows` takes, so that no product overflows and no rest of one underflows.
    """
    product = left * right
    return total(product) + total(_rest(left, right, product))


def exactly(value: float) -> int:
    """One float, in units of 2**-SCALE."""
    top, bottom = float(value).as_integer_ratio()
    return top * ((1 << SCALE) // bottom)


def rounded(numerator: int, denominator: int = 1) -> float:
    """A quotient as the nearest float64."""
    return float(Fraction(numerator, denominator))


def value(amount: int) -> float:
    """An exact sum as the nearest float64."""
    return rounded(amount, 2**SCALE)


def _block(values: Array) -> int:
    mantissas, exponents = np.frexp(values)
    whole = np.ldexp(mantissas, 53).astype(np.int64)
    kinds, which = np.unique(exponents, return_inverse=True)
    high = np.bincount(which, weights=whole >> _HALF, minlength=len(kinds))
    low = np.bincount(which, weights=whole & (2**_HALF - 1), minlength=len(kinds))
    parts = zip(kinds.tolist(), high.tolist(), low.tolist(), strict=True)
    return sum(((int(upper) << _HALF) + int(lower)) << (exponent - 53 + SCALE) for exponent, upper, lower in parts)


def _rest(left: Array, right: Array, product: Array) -> Array:
    """What rounding took from each product, itself a float (Veltkamp's splitting)."""
    left_high, right_high = _high(left), _high(right)
    left_low, right_low = left - left_high, right - right_high
    error = left_high * right_high - product
    error = error + left_high * right_low + left_low * right_high
    return np.asarray(error + left_low * right_low)


def _high(values: Array) -> Array:
    scaled = _SPLITTER * values
    return np.asarray(scaled - (scaled - values))
