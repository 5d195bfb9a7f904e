"""privacy.reidentification: could somebody be singled out, or a sensitive trait be learnt, from what is not a name?"""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from ombud.checks.check import check
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Classes

_HOMOGENEITY: Final = "k says nothing of sensitive values: a class of many people who all share one is not safe"
_ALONE: Final = "no special column is declared, so diversity and closeness were not looked at"


@check(
    "privacy.reidentification",
    asks="Could somebody be singled out, or a sensitive trait be learnt, from what is not a name?",
    needs=Classes(),
    remedy="Make quasi-identifiers coarser (birth year to age band, postcode to region) or drop one; measure again.",
)
def reidentification(classes: Sequence[Cube]) -> Iterator[Measurement]:
    """Measure k-anonymity, diversity and closeness of the classes of people who share all quasi-identifiers.

    Args:
        classes: cubes that count classes (see `Classes`): by size, and for each special column by diversity and
            distance.

    Yields:
        `k_anonymity` (people in the smallest class), `sample_uniqueness` (share of people alone in their class),
        `prosecutor_risk` and `journalist_risk` (largest chance to pick the right record for a person known, or not
        known, to be in the table), `marketer_risk` (share of all records that a linkage would get right). For each
        special column: `l_diversity` (fewest different values in a class), `entropy_l_diversity` and `t_closeness`
        (largest distance of a class from the whole, in [0, 1]). All are counts of facts about this table, without an
        interval.

    Source: Sweeney (2002); Machanavajjhala et al. (2007); Li, Li and Venkatasubramanian (2007); El Emam (2013).
    """
    sizes = next((cube for cube in classes if cube.axes == ("size", "missing")), None)
    if sizes is None or not sizes.cells:
        yield Measurement(name="k_anonymity", value=None, unknown="the table holds no rows")
        return
    special = list(dict.fromkeys(cube.name for cube in classes if cube is not sizes))
    yield from _singled_out(sizes, alone=not special)
    for column in special:
        yield from _learnt(column, [cube for cube in classes if cube.name == column and cube is not sizes])


def _singled_out(sizes: Cube, *, alone: bool) -> Iterator[Measurement]:
    by_size = {int(str(size)): n for (size,), n in sizes.over("size").cells.items()}
    people = sum(size * n for size, n in by_size.items())
    k, count, unit = min(by_size), sum(by_size.values()), sizes.name or "rows"
    method = f"classes of equal quasi-identifiers; n counts {unit}"
    notes = (_HOMOGENEITY, *([_ALONE] if alone else []), *_gaps(sizes, unit), *_one_row_each(unit))
    counts = {"classes": count, "smallest classes": by_size[k]}
    yield Measurement(name="k_anonymity", value=k, n=people, method=method, counts=counts, notes=notes)
    unique = Fraction(by_size.get(1, 0), people)
    yield Measurement(name="sample_uniqueness", value=unique, n=people, method=f"share of {unit} alone in their class")
    yield Measurement(name="prosecutor_risk", value=Fraction(1, k), n=people, method="1 / people in the smallest class")
    yield Measurement(
        name="journalist_risk", value=Fraction(1, k), n=people,
        method="at most 1 / people in the smallest class of this table",
        notes=("how many people of the population share a class is not known, so this is an upper bound",),
    )  # fmt: skip
    marketer = Fraction(count, people)
    yield Measurement(name="marketer_risk", value=marketer, n=people, method=f"classes / {unit}: the mean chance")


def _gaps(sizes: Cube, unit: str) -> tuple[str, ...]:
    gap = sum(int(str(size)) * n for (size, missing), n in sizes.cells.items() if missing == "yes")
    return (f"{gap} {unit} lack a quasi-identifier; missing counts as a value of its own",) if gap else ()


def _one_row_each(unit: str) -> tuple[str, ...]:
    if unit != "rows":
        return ()
    return ("no subject column is declared: each row counts as a person, and one with many rows looks like a crowd",)


def _learnt(column: str, cubes: Sequence[Cube]) -> Iterator[Measurement]:
    by_axes = {cube.axes: cube for cube in cubes}
    distinct = by_axes.get(("size", "distinct"))
    if distinct is not None and distinct.cells:
        yield _diversity(column, distinct)
    if (entropy := by_axes.get(("entropy",))) is not None and entropy.cells:
        lowest = min(float(str(level)) for (level,) in entropy.cells)
        yield Measurement(
            name="entropy_l_diversity", protected=column, value=math.exp(lowest), n=entropy.total,
            method="exp of the smallest entropy of a class (in nats, rounded down to 0.001); n counts classes",
        )  # fmt: skip
    yield from _closeness(column, by_axes.get(("distance",)), by_axes.get(("ordered distance",)))


def _diversity(column: str, distinct: Cube) -> Measurement:
    fewest = min(int(str(values)) for _, values in distinct.cells)
    bare = [(int(str(size)), n) for (size, values), n in distinct.cells.items() if int(str(values)) == 1]
    people = sum(size * n for size, n in bare)
    told = f"unsafe: {people} people are in classes where all share one value of {column}; who finds the class knows it"
    return Measurement(
        name="l_diversity", protected=column, value=fewest, n=distinct.total,
        method="fewest different values in a class, missing counted as one; n counts classes",
        counts={"classes of one value": sum(n for _, n in bare), "people in them": people},
        notes=(told,) if bare else (),
    )  # fmt: skip


def _closeness(column: str, equal: Cube | None, ordered: Cube | None) -> Iterator[Measurement]:
    if equal is None or not equal.cells:
        return
    largest = max(Fraction(str(level)) for (level,) in equal.cells)
    notes: tuple[str, ...] = ()
    if ordered is None or not ordered.cells:
        how, value = "equal distance (total variation)", largest
    else:
        how, value = "ordered distance (earth mover's)", max(Fraction(str(level)) for (level,) in ordered.cells)
        notes = (f"by the equal distance, which no order shortens, it is {float(largest):.3f}",)
    yield Measurement(
        name="t_closeness", protected=column, value=value, n=equal.total, notes=notes,
        method=f"largest {how} between a class and the whole table, rounded up to 0.001; n counts classes",
    )  # fmt: skip
