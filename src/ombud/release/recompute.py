"""Repeat every number that comes from counts, and its verdict, from a bundle alone: no database, no data."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import isclose
from typing import Any

from attrs import frozen

from ombud.checks import all_checks
from ombud.checks.check import Check
from ombud.errors import OmbudError
from ombud.evidence.entry import Entry
from ombud.release.measure import fitting
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement

CLOSE = 1e-9
"""Relative difference below which two floating-point results count as the same number."""


@frozen(kw_only=True)
class Recomputed:
    """What became of one measurement statement.

    Attributes:
        index: of the entry in the log; check: its check.
        numbers: how many numbers were repeated.
        differing: what came out otherwise: "name (group): said a, is b".
        why_not: why the numbers could not be repeated; None if they were.
    """

    index: int
    check: str
    numbers: int = 0
    differing: tuple[str, ...] = ()
    why_not: str | None = None


def recompute(entries: Sequence[Entry], cubes: Mapping[str, Cube]) -> tuple[Recomputed, ...]:
    """Repeat the arithmetic of every measurement among `entries`.

    Args:
        entries: of a bundle whose signatures were already verified.
        cubes: the counts it carries, by digest.
    """
    known = {check.name: check for check in all_checks()[0]}
    return tuple(_one(entry, known, cubes) for entry in entries if entry.statement.kind == "measurement")


def _one(entry: Entry, known: Mapping[str, Check], cubes: Mapping[str, Cube]) -> Recomputed:
    said = entry.statement.predicate
    check = known.get(said["check"])
    why_not = _why_not(said, check)
    if check is None or why_not is not None:
        return Recomputed(index=entry.index, check=said["check"], why_not=why_not)
    try:
        again = [
            m
            for call in _calls(said["inputs"], cubes)
            for m in check(*call, **fitting(check, said["parameters"], call))
        ]
    except (OmbudError, KeyError) as error:
        return Recomputed(index=entry.index, check=check.name, why_not=f"its counts are not usable: {error}")
    told = [Measurement.from_json(one) for one in said["measurements"]]
    return Recomputed(
        index=entry.index, check=check.name, numbers=len(told), differing=tuple(_differences(told, again))
    )


def _why_not(said: Mapping[str, Any], check: Check | None) -> str | None:
    if said.get("unmet"):
        return f"nothing was measured: {said['unmet']}"
    if check is None:
        return "this check is not installed here"
    if not said.get("recomputable"):
        return "its numbers need rows or a model, not only counts"
    if said.get("check_digest") != check.digest:
        return "it was measured by another version of this check"
    return None


def _calls(inputs: Sequence[Mapping[str, Any]], cubes: Mapping[str, Cube]) -> list[tuple[Any, ...]]:
    counted = [one for one in inputs if "cube" in one]
    calls = []
    for _, of_call in groupby(counted, key=lambda one: one["call"]):
        answers: list[Any] = []
        for _, of_need in groupby(of_call, key=lambda one: one["need"]):
            given = list(of_need)
            taken = [cubes[one["cube"]] for one in given]
            answers.append(tuple(taken) if given[0]["many"] else taken[0])
        calls.append(tuple(answers))
    return calls


def _differences(told: Sequence[Measurement], again: Sequence[Measurement]) -> list[str]:
    if len(told) != len(again):
        return [f"{len(told)} numbers were stated, {len(again)} come out"]
    return [_said(one, other) for one, other in zip(told, again, strict=True) if not _same(one, other)]


def _same(one: Measurement, other: Measurement) -> bool:
    left, right = one.to_json(), other.to_json()
    return all(_close(left[key], right[key]) for key in left)


def _close(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return isclose(left, right, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(left == right)


def _said(one: Measurement, other: Measurement) -> str:
    group = f" ({one.protected}: {one.group})" if one.group else ""
    return f"{one.name}{group}: said {_text(one.value)}, is {_text(other.value)}"


def _text(value: Fraction | float | int | None) -> str:
    return "nothing" if value is None else f"{float(value):.6g}"
