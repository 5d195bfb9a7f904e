"""Cubes: small tables of counts, the only thing most checks ever see.

A cube is additive: counting two tables apart and adding gives the same as counting them together. It is kept beside
the statement computed from it, so that anybody can repeat the arithmetic without the data.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import evolve, field, frozen

from ombud.errors import Misused

Level = str | None
"""A value of an axis. None is "missing", a level of its own."""

Cell = tuple[Level, ...]


def _frozen_counts(cells: Mapping[Cell, int]) -> Mapping[Cell, int]:
    return MappingProxyType({cell: count for cell, count in cells.items() if count})


@frozen
class Cube:
    """Counts by the values of some axes.

    Attributes:
        axes: names of the axes, for example ("group", "decision", "label").
        cells: count per cell, one level an axis in the order of `axes`; empty cells are not kept.
        name: what the cube is about where several have the same axes: the protected column, "race × sex", a feature.

    Raises:
        Misused: a cell of another length than `axes`, or a negative count.
    """

    axes: tuple[str, ...]
    cells: Mapping[Cell, int] = field(converter=_frozen_counts)
    name: str = ""

    def __attrs_post_init__(self) -> None:
        for cell, count in self.cells.items():
            if len(cell) != len(self.axes) or count < 0:
                raise Misused(f"cube {self.name or self.axes}: cell of {len(cell)} levels with count {count}")

    @property
    def total(self) -> int:
        """Everything counted."""
        return sum(self.cells.values())

    def levels(self, axis: str) -> tuple[Level, ...]:
        """The levels that occur on an axis, sorted, missing last."""
        at = self._at(axis)
        return tuple(sorted({cell[at] for cell in self.cells}, key=lambda level: (level is None, level or "")))

    def count(self, **levels: Level) -> int:
        """How many have these levels, whatever the other axes say."""
        wanted = {self._at(axis): level for axis, level in levels.items()}
        return sum(n for cell, n in self.cells.items() if all(cell[at] == level for at, level in wanted.items()))

    def over(self, *axes: str) -> "Cube":
        """The coarser cube over fewer axes (roll-up)."""
        at = [self._at(axis) for axis in axes]
        summed: Counter[Cell] = Counter()
        for cell, n in self.cells.items():
            summed[tuple(cell[i] for i in at)] += n
        return Cube(tuple(axes), summed, self.name)

    def where(self, keep: Callable[[Mapping[str, Level]], bool]) -> "Cube":
        """The cells for which `keep` holds, seen as a mapping from axis to level."""
        kept = {cell: n for cell, n in self.cells.items() if keep(dict(zip(self.axes, cell, strict=True)))}
        return evolve(self, cells=kept)

    def __add__(self, other: "Cube") -> "Cube":
        if self.axes != other.axes:
            raise Misused(f"cubes over {self.axes} and {other.axes} cannot be added")
        summed = Counter(self.cells)
        summed.update(other.cells)
        return evolve(self, cells=summed)

    def to_json(self) -> dict[str, Any]:
        """A plain form with cells in one fixed order, ready for the canonical encoder."""
        ordered = sorted(self.cells.items(), key=lambda item: [(level is None, level or "") for level in item[0]])
        return {"name": self.name, "axes": list(self.axes), "cells": [[*cell, n] for cell, n in ordered]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Cube":
        """Read what `to_json` wrote."""
        rows: Iterable[list[Any]] = data["cells"]
        return cls(tuple(data["axes"]), {tuple(row[:-1]): row[-1] for row in rows}, data.get("name", ""))

    def _at(self, axis: str) -> int:
        try:
            return self.axes.index(axis)
        except ValueError:
            raise Misused(f"cube over {', '.join(self.axes)} has no axis {axis!r}") from None
