"""What was counted in a window: a few cubes by name. Additive: windows counted apart and added are one period."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ombud.statistics.cube import Cell, Cube

Counted = Mapping[str, Cube]
"""Name → cube. `PEOPLE`: by the columns of groups, outcomes and strata, as they stand in the table. `SCORE`: by "bin",
"mark", "decision", "label". `HUMAN`: by "changed". `HOURS`: by "hour" ("2026-11-23 07"). `PAIRED`: see champion.py.
`feature(name)`: by "bin" or "value", and "mark" (None, "not finite", "out of range", "new level")."""

PEOPLE: Final = "people"
SCORE: Final = "score"
HUMAN: Final = "human"
HOURS: Final = "hours"
PAIRED: Final = "paired"

SALT: Final = "salt"
"""What is kept beside the counts, so that nobody can guess small ones from their digest."""


def feature(column: str) -> str:
    """What the cube of a feature is called."""
    return f"feature {column}"


def added(periods: Iterable[Mapping[str, Any]]) -> dict[str, Cube]:
    """The counts of several windows as those of one period; a cube that only some have is the sum of those.

    Args:
        periods: in the form in which the store keeps them.
    """
    cells: dict[tuple[str, tuple[str, ...]], Counter[Cell]] = {}
    for period in periods:
        for name, plain in period.items():
            counter = cells.setdefault((name, tuple(plain["axes"])), Counter())
            for *cell, n in plain["cells"]:
                counter[tuple(cell)] += n
    return {name: Cube(axes, found) for (name, axes), found in cells.items()}


def to_plain(counted: Counted) -> dict[str, Any]:
    """The form in which the store keeps it."""
    return {name: cube.to_json() for name, cube in sorted(counted.items())}


def from_plain(plain: Mapping[str, Any] | None) -> dict[str, Cube]:
    """Read what `to_plain` wrote."""
    return {name: Cube.from_json(cube) for name, cube in (plain or {}).items()}


def without_salt(plain: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the store keeps of a window's counts, without the salt that goes into their digest."""
    return {name: cube for name, cube in (plain or {}).items() if name != SALT}
