"""Exact sums by class, from which a person's share can be taken out again."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from attrs import field, frozen

from ombud.rights.unlearn.rows import Array, Rows

Class = Any
"""A target as Python has it: an integer, a float or text."""

Sums = Mapping[str, int]
Counting = Callable[[Array], Sums]
"""What is added up over the rows of one class, by name; whole numbers, or units of 2**-SCALE."""

ROWS: Final = "rows"


def _sorted_and_still(sums: Mapping[Class, Sums]) -> Mapping[Class, Sums]:
    present = {name: {key: one for key, one in own.items() if one} for name, own in sums.items() if own.get(ROWS)}
    return MappingProxyType({name: MappingProxyType(present[name]) for name in sorted(present)})


@frozen
class Tally:
    """Sums by class; a class without rows and a sum of zero are not in it, so that equal rows give equal tallies."""

    sums: Mapping[Class, Sums] = field(converter=_sorted_and_still, repr=False)

    @classmethod
    def of(cls, rows: Rows, counting: Counting) -> "Tally":
        """Add up rows."""
        return cls({name: {ROWS: len(x), **counting(x)} for name, x in by_class(rows)})

    def __sub__(self, other: "Tally") -> "Tally":
        """What is left when some of the rows are taken out."""
        return Tally({
            name: {key: one - other.sums.get(name, {}).get(key, 0) for key, one in own.items()}
            | {key: -one for key, one in other.sums.get(name, {}).items() if key not in own}
            for name, own in self.sums.items()
        })  # fmt: skip

    @property
    def classes(self) -> tuple[Class, ...]:
        """The classes that have rows, sorted."""
        return tuple(self.sums)

    @property
    def counts(self) -> Array:
        """Rows of each class."""
        return np.array([own[ROWS] for own in self.sums.values()], dtype=np.int64)

    def get(self, name: Class, key: str) -> int:
        """One sum."""
        return self.sums[name].get(key, 0)

    def to_json(self) -> list[Any]:
        """As plain data; sums as hexadecimal text, because they are longer than JSON's numbers."""
        return [[name, {key: f"{one:x}" for key, one in own.items()}] for name, own in self.sums.items()]

    @classmethod
    def from_json(cls, plain: list[Any]) -> "Tally":
        """Read back."""
        return cls({name: {key: int(one, 16) for key, one in own.items()} for name, own in plain})


def by_class(rows: Rows) -> Iterator[tuple[Class, Array]]:
    """The features of each class."""
    for name in np.unique(rows.y):
        yield name.item(), rows.x[rows.y == name]
