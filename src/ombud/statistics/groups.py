"""Groups of people with their rates, and the group that the others are compared with."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from attrs import field, frozen
from attrs.validators import ge

from ombud.errors import Misused
from ombud.statistics.cube import Cell, Cube, Level

ENOUGH_PEOPLE = 30
"""Groups with fewer people are shown with their count and not assessed (methods: fairness, one rate)."""

ENOUGH_SHARE = Fraction(2, 100)
"""A reference group that nobody named holds at least this share of all people (methods: fairness, reference)."""

FAVOURABLE, UNFAVOURABLE = "favourable", "unfavourable"
UNKNOWN, MISSING = "unknown", "missing"
"""What people with a missing protected value are called, and what a missing part of a combination is."""

TIMES = " × "
"""Joins the columns of a combination, and the levels of one."""


@frozen
class Group:
    """People of one group who were considered, and how many of them were selected.

    Attributes:
        name: the protected level, or levels joined by " × ".
        selected: how many were selected (for another rate: how many count towards it).
        total: how many were considered.
        undecided: people of the group with no known outcome, counted in neither.
        missing: whether this is no group but the people whose protected value is not known.
    """

    name: str
    selected: int = field(validator=ge(0))
    total: int = field(validator=ge(0))
    undecided: int = field(default=0, validator=ge(0))
    missing: bool = False

    def __attrs_post_init__(self) -> None:
        if self.selected > self.total:
            raise Misused(f"group {self.name}: {self.selected} selected of {self.total}")

    @property
    def rate(self) -> Fraction:
        """Share selected, in [0, 1], exact.

        Raises:
            Misused: nobody was considered.
        """
        if not self.total:
            raise Misused(f"group {self.name}: a rate of nobody")
        return Fraction(self.selected, self.total)


def rates(cube: Cube, outcome: str = "decision", among: tuple[str, Level] | None = None) -> tuple[Group, ...]:
    """Groups of a cube by an outcome, in order of name, people with a missing protected value last.

    Args:
        cube: people by "group" and by an outcome with the levels favourable, unfavourable and missing.
        outcome: which axis holds the outcome.
        among: count only people with this level on another axis; groups without any are kept, with nobody in them.
    """
    if among is None:
        return _groups(cube, cube.over("group", outcome).cells)
    axis, level = among
    return rates_by(cube, axis, outcome).get(level) or _groups(cube, {})


def rates_by(cube: Cube, axis: str, outcome: str = "decision") -> Mapping[Level, tuple[Group, ...]]:
    """As `rates`, once for each level of another axis; every group is there each time, if only with nobody in it."""
    split: dict[Level, dict[Cell, int]] = {level: {} for level in cube.levels(axis)}
    for (level, group, result), n in cube.over(axis, "group", outcome).cells.items():
        split[level][group, result] = n
    return {level: _groups(cube, cells) for level, cells in split.items()}


def _groups(cube: Cube, cells: Mapping[Cell, int]) -> tuple[Group, ...]:
    levels = cube.levels("group")
    counts: dict[Level, dict[Level, int]] = {level: {} for level in levels}
    for (level, result), n in cells.items():
        counts[level][result] = n
    ordered = sorted(levels, key=lambda level: (_is_missing(cube, level), level is None, level or ""))
    return tuple(_group(cube, level, counts[level], taken=level is None and UNKNOWN in counts) for level in ordered)


def _group(cube: Cube, level: Level, results: dict[Level, int], *, taken: bool) -> Group:
    name = level if level is not None else f"{UNKNOWN} (missing)" if taken else UNKNOWN
    selected = results.get(FAVOURABLE, 0)
    considered = selected + results.get(UNFAVOURABLE, 0)
    return Group(name, selected, considered, sum(results.values()) - considered, _is_missing(cube, level))


def _is_missing(cube: Cube, level: Level) -> bool:
    return level is None or (TIMES in cube.name and MISSING in level.split(TIMES))


def whole(groups: Iterable[Group]) -> Group:
    """All groups together, those with a missing protected value included; it has no name."""
    together = tuple(groups)
    return Group(
        "",
        sum(group.selected for group in together),
        sum(group.total for group in together),
        sum(group.undecided for group in together),
    )


@frozen
class Reference:
    """Which group the others are compared with.

    Attributes:
        name: the group; None if there is none.
        how: how it was chosen, or why there is none.
    """

    name: str | None
    how: str


def choose_reference(protected: str, groups: Sequence[Group], named: str | None = None) -> Reference:
    """The group that law or policy names, else the best group; a named group is never silently replaced.

    Args:
        protected: the protected set, for the reason.
        groups: every group, people with a missing protected value included.
        named: the level that law or policy names.
    """
    if named is not None:
        if any(group.name == named for group in groups):
            return Reference(named, "reference named by policy")
        return Reference(
            None, f"the reference group {named!r}, named by policy, is not among the levels of {protected}"
        )
    best = best_group(groups)
    if best is None:
        return Reference(None, f"no group of {protected} can be the reference: none has 30 people and 2 % of all")
    return Reference(best.name, "reference: the highest rate among groups with 30 people and 2 % of all")


def best_group(groups: Sequence[Group]) -> Group | None:
    """The group with the highest rate among those with at least 30 people and 2 % of all; None if none is that large.

    Ties go to the larger group, then to the first name. People with a missing protected value are part of "all" and
    are never the reference.
    """
    pool = sum(group.total for group in groups)
    large = [
        group
        for group in groups
        if not group.missing and group.total >= ENOUGH_PEOPLE and group.total >= ENOUGH_SHARE * pool
    ]
    return min(large, key=lambda group: (-group.rate, -group.total, group.name), default=None)
