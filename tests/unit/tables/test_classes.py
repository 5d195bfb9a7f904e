"""Classes in the engine, against the same done row by row in Python."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from ombud.tables.needs import Classes
from tabled import data, taken, unmet

ROLES = {"quasi_identifiers": ["zip", "year"], "special": ["illness"]}
random = np.random.default_rng(11)
PEOPLE: dict[str, Sequence[Any]] = {
    "zip": [None if i % 17 == 0 else str(z) for i, z in enumerate(random.integers(0, 5, 400))],
    "year": [float("nan") if i % 23 == 0 else float(y) for i, y in enumerate(random.integers(1990, 1996, 400))],
    "illness": [None if i % 29 == 0 else int(v) for i, v in enumerate(random.integers(0, 4, 400) ** 2)],
}


def classes() -> dict[tuple[Any, ...], Counter[Any]]:
    found: dict[tuple[Any, ...], Counter[Any]] = defaultdict(Counter)
    for zipcode, year, illness in zip(*PEOPLE.values(), strict=True):
        found[zipcode, None if math.isnan(year) else year][illness] += 1
    return found


def cube(*axes: str) -> dict[tuple[str | None, ...], int]:
    answer = taken(Classes(), data(roles=ROLES, training=PEOPLE)).calls[0]
    return dict(next(one for one in answer if one.axes == axes).cells)


def test_sizes_and_gaps_are_those_of_a_plain_count() -> None:
    naive = Counter((str(sum(c.values())), "yes" if None in key else "no") for key, c in classes().items())
    assert cube("size", "missing") == naive


def test_diversity_counts_missing_as_a_value() -> None:
    assert cube("size", "distinct") == Counter((str(sum(c.values())), str(len(c))) for c in classes().values())


def test_entropy_is_rounded_down_and_distance_up() -> None:
    total = Counter(PEOPLE["illness"])
    whole = {value: n / 400 for value, n in total.items()}
    entropies: Counter[tuple[str]] = Counter()
    distances: Counter[tuple[str]] = Counter()
    for counted in classes().values():
        size = sum(counted.values())
        shares = {value: counted[value] / size for value in whole}
        entropy = -sum(p * math.log(p) for p in shares.values() if p)
        distance = sum(abs(shares[value] - whole[value]) for value in whole) / 2
        entropies[(f"{math.floor(entropy * 1000 + 1e-6) / 1000:.3f}",)] += 1
        distances[(f"{math.ceil(distance * 1000 - 1e-6) / 1000:.3f}",)] += 1
    assert cube("entropy") == entropies
    assert cube("distance") == distances


def test_the_ordered_distance_is_the_earth_movers_over_ranks() -> None:
    ranks = {value: rank for rank, value in enumerate(sorted({v for v in PEOPLE["illness"] if v is not None}))}
    whole = [ranks[v] for v in PEOPLE["illness"] if v is not None]
    expected: Counter[tuple[str]] = Counter()
    for counted in classes().values():
        here = [ranks[v] for v, n in counted.items() if v is not None for _ in range(n)]
        if here:
            moved = wasserstein_distance(here, whole) / (len(ranks) - 1)
            expected[(f"{math.ceil(moved * 1000 - 1e-6) / 1000:.3f}",)] += 1
    assert cube("ordered distance") == expected


def test_a_person_with_many_rows_is_one_person() -> None:
    people = {"zip": ["1"] * 5 + ["2"] * 2, "who": [7, 7, 7, 7, 7, 8, 9]}
    roles = {"quasi_identifiers": ["zip"], "subject": ["who"]}
    (sizes,) = taken(Classes(), data(roles=roles, training=people)).calls[0]
    assert sizes.cells == {("1", "no"): 1, ("2", "no"): 1} and sizes.name == "people"
    (rows,) = taken(Classes(), data(roles={"quasi_identifiers": ["zip"]}, training=people)).calls[0]
    assert rows.cells == {("5", "no"): 1, ("2", "no"): 1} and rows.name == "rows"


def test_a_sensitive_column_that_is_a_quasi_identifier_too_has_no_diversity() -> None:
    roles = {"quasi_identifiers": ["zip"], "special": ["zip"]}
    assert len(taken(Classes(), data(roles=roles, training={"zip": ["1", "2"]})).calls[0]) == 1


@pytest.mark.parametrize("special", ["a 'b\" \\ c", "ü"])
def test_hostile_names_and_values_change_nothing(special: str) -> None:
    people = {"q'\"x": ["n", "v'", None, ";"], special: ["'", '"', None, "\\"]}
    roles = {"quasi_identifiers": ["q'\"x"], "special": [special]}
    sizes, distinct, *_ = taken(Classes(), data(roles=roles, training=people)).calls[0]
    assert sizes.cells == {("1", "no"): 3, ("1", "yes"): 1} and distinct.cells == {("1", "1"): 4}


def test_without_quasi_identifiers_there_is_a_reason() -> None:
    assert unmet(Classes(), data(training=PEOPLE)).manifest_key == "columns.quasi_identifiers"
