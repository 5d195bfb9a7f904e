"""Linear and ridge regression in closed form, from sums of products that are kept without rounding.

The coefficients solve (XᵀX + λI) w = Xᵀy. Both sides are exact integers here, so that a row taken out leaves what
training without it would have added up.
Where the rows that are left do not determine the coefficients to
1e-9, nothing is answered (see solve.py).
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

import numpy as np
from attrs import evolve, field, frozen
from attrs.validators import ge
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.rights.unlearn.exact import exactly, total_of_products
from ombud.rights.unlearn.model import Arrays, Header, asked, somebody
from ombud.rights.unlearn.rows import LARGEST, Array, Rows
from ombud.rights.unlearn.solve import solve

Normal = tuple[tuple[int, ...], ...]
"""Upper rows of the matrix [X 1 y]ᵀ[X 1 y], exact, in units of 2**-SCALE."""


@frozen(eq=False, kw_only=True)
class LinearRegression:
    """Least squares, with an intercept, and with a penalty on the squares of the other coefficients if `penalty` > 0.

    Attributes:
        rows: the training rows.
        normal: their sums of products.
        penalty: λ of ridge regression; 0 for plain least squares.
        coefficients: the intercept last; empty when no row is left.
    """

    kind: ClassVar[str] = "linear-regression"
    method: ClassVar[str] = "sums of products, without rounding, solved again"

    rows: Rows
    normal: Normal = field(repr=False)
    penalty: float = field(default=0.0, validator=ge(0))
    coefficients: Array = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "coefficients", _solved(self.normal, self.penalty) if len(self.rows) else np.zeros(0))

    @classmethod
    def fit(cls, x: ArrayLike, y: ArrayLike, subjects: Iterable[Any], *, penalty: float = 0.0) -> Self:
        """Train on rows about subjects.

        Raises:
            Misused: the columns are so nearly dependent that the coefficients cannot be told to 1e-9.
        """
        rows = Rows(x, y, subjects)
        return cls(rows=rows, normal=_normal(rows), penalty=penalty)

    def forget(self, subjects: Iterable[str]) -> Self:
        """Take these people's products out of the sums, and solve again.

        Raises:
            Misused: what is left does not determine the coefficients to 1e-9; the model is as it was.
        """
        gone = self.rows.about(subjects)
        share = _normal(self.rows.where(gone))
        left = tuple(tuple(a - b for a, b in zip(*pair, strict=True)) for pair in zip(self.normal, share, strict=True))
        return evolve(self, rows=self.rows.where(~gone), normal=left)

    def touched(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """The sums are one part."""
        return ("sums of products",) if self.rows.about(subjects).any() else ()

    def predict(self, x: ArrayLike) -> Array:
        """A number for each row."""
        somebody(self.rows)
        return np.asarray(asked(x, self.rows.x.shape[1]) @ self.coefficients[:-1] + self.coefficients[-1])

    def state(self) -> tuple[Header, Arrays]:
        """Everything it is."""
        rows = self.rows
        header = {"penalty": self.penalty, "normal": [[f"{one:x}" for one in line] for line in self.normal]}
        return header, {"x": rows.x, "y": rows.y, "subjects": rows.subjects}

    @classmethod
    def from_state(cls, header: Header, arrays: Arrays) -> Self:
        """Made again from its state."""
        rows = Rows(arrays["x"], arrays["y"], arrays["subjects"])
        normal = tuple(tuple(int(one, 16) for one in line) for line in header["normal"])
        return cls(rows=rows, normal=normal, penalty=header["penalty"])


def _normal(rows: Rows) -> Normal:
    if rows.y.dtype.kind == "U":
        raise Misused("regression needs numbers as targets")
    y = rows.y.astype(np.float64)
    sizes = np.abs(y[y != 0])
    if sizes.size and (sizes.max() > LARGEST or sizes.min() < 1 / LARGEST):
        raise Misused("a target is beyond what can be added exactly")
    columns = [*rows.x.T, np.ones(len(rows)), y]
    return tuple(
        tuple(total_of_products(one, two) for two in columns[start:]) for start, one in enumerate(columns[:-1])
    )


def _solved(normal: Normal, penalty: float) -> Array:
    size = len(normal)
    matrix = [[normal[min(i, j)][abs(i - j)] for j in range(size)] for i in range(size)]
    for i in range(size - 1):
        matrix[i][i] += exactly(penalty)
    return solve(matrix, [line[-1] for line in normal])
