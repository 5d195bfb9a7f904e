"""The rows a model was trained on, each with the person it is about."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from ombud.errors import Misused

Array = NDArray[Any]
LARGEST: Final = 1e140
"""Magnitudes from 1/LARGEST to LARGEST, and zero, have products that float64 carries exactly in two parts."""

_TARGETS: Final = "biufU"


def _numbers(x: ArrayLike) -> Array:
    values = np.array(x, dtype=np.float64, order="C")
    if values.ndim != 2:
        raise Misused("features are a table of numbers: one row an example, one column a feature")
    sizes = np.abs(values[values != 0])
    if not np.isfinite(values).all() or (sizes.size and (sizes.max() > LARGEST or sizes.min() < 1 / LARGEST)):
        raise Misused(
            "a feature is missing, infinite, or beyond what can be added exactly", "Fill or leave out the row."
        )
    return _still(values + 0.0)


def _targets(y: ArrayLike) -> Array:
    values = np.array(y)
    if values.ndim != 1 or values.dtype.kind not in _TARGETS:
        raise Misused("targets are one column of numbers or of text")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise Misused("a target is missing or infinite", "Leave out the row.")
    return _still(values.astype(_plain(values)))


def _plain(values: Array) -> str:
    """One type for each kind of target, so that the same rows are the same bytes however they were given."""
    if values.dtype.kind == "U":
        return f"<U{_longest(values)}"
    return "<f8" if values.dtype.kind == "f" else "<i8"


def _people(subjects: Iterable[Any]) -> Array:
    text = isinstance(subjects, np.ndarray) and subjects.dtype.kind == "U"
    names = np.array(subjects if text else [str(subject) for subject in subjects], dtype=None if text else "U")
    return _still(names.astype(f"<U{_longest(names)}"))


def _longest(texts: Array) -> int:
    return int(np.strings.str_len(texts).max(initial=1))


def _still(values: Array) -> Array:
    values.setflags(write=False)
    return values


@frozen(eq=False)
class Rows:
    """Training rows, in order.

    Attributes:
        x: features, n × d, finite float64.
        y: targets, n: integers, floats or text.
        subjects: who each row is about, n; personal data, so never shown.
    """

    x: Array = field(repr=False, converter=_numbers)
    y: Array = field(repr=False, converter=_targets)
    subjects: Array = field(repr=False, converter=_people)

    def __attrs_post_init__(self) -> None:
        if not len(self.x) == len(self.y) == len(self.subjects):
            raise Misused("features, targets and subjects do not have one entry a row each")

    def __len__(self) -> int:
        return len(self.y)

    @property
    def people(self) -> frozenset[str]:
        """Everybody who has a row."""
        return frozenset(map(str, self.subjects))

    def about(self, subjects: Iterable[str]) -> Array:
        """Which rows are about any of these people: n booleans."""
        return np.isin(self.subjects, sorted(subjects)) if len(self) else np.zeros(0, dtype=bool)

    def where(self, chosen: Array) -> "Rows":
        """The chosen rows, in the same order."""
        return Rows(self.x[chosen], self.y[chosen], self.subjects[chosen])
