"""Small cubes of people for tests, and the one measurement a test is about."""

from collections.abc import Iterable

from ombud.statistics.cube import Cell, Cube
from ombud.statistics.groups import FAVOURABLE, UNFAVOURABLE, Group
from ombud.statistics.measurement import Measurement


def cube(_name: str = "race", **groups: tuple[int, int]) -> Cube:
    """Selected and considered people by group; the group `missing` is people whose protected value is not known."""
    cells: dict[Cell, int] = {}
    for name, (selected, total) in groups.items():
        level = None if name == "missing" else name
        cells |= {(level, FAVOURABLE): selected, (level, UNFAVOURABLE): total - selected}
    return Cube(("group", "decision"), cells, _name)


def groups_cube(groups: Iterable[Group], name: str = "race") -> Cube:
    """The cube that these groups come from."""
    return cube(name, **{group.name: (group.selected, group.total) for group in groups})


def confusion(_name: str = "race", **groups: tuple[int, int, int, int]) -> Cube:
    """True positives, false negatives, false positives, true negatives by group."""
    outcomes = [(d, label) for label in (FAVOURABLE, UNFAVOURABLE) for d in (FAVOURABLE, UNFAVOURABLE)]
    cells: dict[Cell, int] = {
        (None if name == "missing" else name, *outcome): n
        for name, counts in groups.items()
        for outcome, n in zip(outcomes, counts, strict=True)
    }
    return Cube(("group", "decision", "label"), cells, _name)


def stratified(_name: str = "sex", **strata: dict[str, tuple[int, int]]) -> Cube:
    """Selected and considered people by stratum and group."""
    cells: dict[Cell, int] = {}
    for stratum, groups in strata.items():
        for group, (selected, total) in groups.items():
            cells |= {(group, FAVOURABLE, stratum): selected, (group, UNFAVOURABLE, stratum): total - selected}
    return Cube(("group", "decision", "stratum"), cells, _name)


def named(measured: Iterable[Measurement], name: str, group: str | None = None) -> Measurement:
    """The one measurement with this name, of this group if one is given."""
    found = [m for m in measured if m.name == name and (group is None or m.group == group)]
    assert len(found) == 1, f"{len(found)} measurements {name} of {group}"
    return found[0]
