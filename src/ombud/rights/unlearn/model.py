"""What every model that can forget has in common."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.evidence.canonical import canonical
from ombud.rights.unlearn.rows import LARGEST, Array, Rows

Header = Mapping[str, Any]
Arrays = Mapping[str, Array]


class Model(Protocol):
    """A model that forgets exactly.

    It carries the rows it was trained on, or it could not take them out again: it is personal data itself, and is to
    be kept like the table it came from.
    """

    @property
    def kind(self) -> str:
        """Its name in a file."""
        ...

    @property
    def method(self) -> str:
        """How it forgets, in words."""
        ...

    @property
    def rows(self) -> Rows:
        """What it was trained on."""
        ...

    def forget(self, subjects: Iterable[str]) -> Self:
        """The model that training without these people's rows gives; this one is left as it is."""
        ...

    def touched(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """Which parts of it their rows are in."""
        ...

    def predict(self, x: ArrayLike) -> Array:
        """A class or a number for each row."""
        ...

    def state(self) -> tuple[Header, Arrays]:
        """Everything it is, as plain data and arrays."""
        ...


def digest_of(model: Model) -> str:
    """SHA-256 over everything a model is: equal digests are equal models, bit for bit."""
    header, arrays = model.state()
    told = hashlib.sha256(canonical({"kind": model.kind, **header}))
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        told.update(canonical([name, array.dtype.str, list(array.shape)]))
        told.update(array.tobytes())
    return told.hexdigest()


def asked(x: ArrayLike, width: int) -> Array:
    """Rows to be predicted.

    Raises:
        Misused: not a table of finite numbers with the model's columns.
    """
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != width or not np.isfinite(values).all():
        raise Misused(f"the rows to be predicted are not a table of {width} columns of numbers")
    if values.size and np.abs(values).max() > LARGEST:
        raise Misused("a number in the rows to be predicted is too large")
    return values


def somebody(rows: Rows) -> None:
    """Refuse to predict from nobody's rows."""
    if not len(rows):
        raise Misused("the model has no rows left: everybody was forgotten", "Train it on other rows.")
