"""Reasons against Shapley values by their definition: all subsets of eight features, over trees as they are saved."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ombud.explain.attribution import against_approved
from ombud.system.models import Model, open_model
from support import needs

Floats = NDArray[np.float64]
NAMES = [f"x{at}" for at in range(8)]
Tree = Mapping[str, Any]
Expected = Callable[[Floats, frozenset[int]], float]


def people(seed: int = 3) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(300, 8))
    wish = rows @ np.arange(8) / 4 + rows[:, 0] * rows[:, 7] + random.normal(size=300)
    return rows, (wish > 0).astype(np.float64)


def of_xgboost(tree: Tree, row: Floats, known: frozenset[int]) -> float:
    """What a tree expects when only some features are known: a node of another asks its cover, by sums of Hessians."""
    if "leaf" in tree:
        return float(tree["leaf"])
    sides = {one["nodeid"]: one for one in tree["children"]}
    left, right = sides[tree["yes"]], sides[tree["no"]]
    feature = int(tree["split"].removeprefix("x"))
    if feature in known:
        goes = left if np.float32(row[feature]) < np.float32(tree["split_condition"]) else right
        return of_xgboost(goes, row, known)
    share = left["cover"] / (left["cover"] + right["cover"])
    return share * of_xgboost(left, row, known) + (1 - share) * of_xgboost(right, row, known)


def of_lightgbm(tree: Tree, row: Floats, known: frozenset[int]) -> float:
    """The same for LightGBM, whose cover is a number of rows."""
    if "leaf_value" in tree:
        return float(tree["leaf_value"])
    left, right, feature = tree["left_child"], tree["right_child"], tree["split_feature"]
    if feature in known:
        return of_lightgbm(left if row[feature] <= tree["threshold"] else right, row, known)
    counts = [float(one.get("internal_count", one.get("leaf_count"))) for one in (left, right)]
    share = counts[0] / sum(counts)
    return share * of_lightgbm(left, row, known) + (1 - share) * of_lightgbm(right, row, known)


def xgboost_model(rows: Floats, label: Floats, path: Path) -> tuple[Model, Expected]:
    needs("xgboost")
    import xgboost

    how = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "verbosity": 0}
    booster = xgboost.train(how, xgboost.DMatrix(rows, label, feature_names=NAMES), 8)
    booster.save_model(path / "m.json")
    trees = [json.loads(text) for text in booster.get_dump(dump_format="json", with_stats=True)]
    return open_model(path / "m.json"), lambda row, known: sum(of_xgboost(tree, row, known) for tree in trees)


def lightgbm_model(rows: Floats, label: Floats, path: Path) -> tuple[Model, Expected]:
    needs("lightgbm")
    import lightgbm

    how = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(how, lightgbm.Dataset(rows, label, feature_name=NAMES), 8)
    (path / "m.txt").write_text(booster.model_to_string(), encoding="utf-8")
    trees = [one["tree_structure"] for one in booster.dump_model()["tree_info"]]
    return open_model(path / "m.txt"), lambda row, known: sum(of_lightgbm(tree, row, known) for tree in trees)


def shapley(value: Callable[[frozenset[int]], float]) -> Iterator[float]:
    """Shapley values from the definition (Shapley 1953): a weighted mean of what a feature adds to each subset."""
    d = len(NAMES)
    known = {frozenset(some): value(frozenset(some)) for size in range(d + 1) for some in combinations(range(d), size)}
    for feature in range(d):
        yield sum(
            factorial(len(some)) * factorial(d - len(some) - 1) / factorial(d) * (known[some | {feature}] - known[some])
            for some in known
            if feature not in some
        )


@pytest.mark.parametrize("made", [xgboost_model, lightgbm_model])
def test_points_of_trees_are_shapley_values_by_their_definition(
    made: Callable[[Floats, Floats, Path], tuple[Model, Expected]], tmp_path: Path
) -> None:
    rows, label = people()
    model, expected = made(rows, label, tmp_path)
    some = rows[:6]
    approved = np.array([False, True, True, False, True, False])
    by_definition = np.array([list(shapley(lambda known, row=row: expected(row, known))) for row in some])
    wanted = by_definition - by_definition[approved].mean(axis=0)
    points = against_approved(model.contributions(some), approved)
    assert points == pytest.approx(wanted, abs=2e-5)
    margin = model.margin(some)
    assert points.sum(axis=1) == pytest.approx(margin - margin[approved].mean(), abs=2e-5)


def test_points_of_a_linear_model_from_a_file_are_weight_times_distance_from_the_approved(tmp_path: Path) -> None:
    needs("xgboost")
    import xgboost

    rows, label = people()
    how = {"objective": "binary:logistic", "booster": "gblinear", "nthread": 1, "verbosity": 0}
    booster = xgboost.train(how, xgboost.DMatrix(rows, label, feature_names=NAMES), 20)
    booster.save_model(tmp_path / "m.json")
    weights = np.array(json.loads(booster.get_dump(dump_format="json")[0])["weight"], dtype=np.float64)
    approved = label == 1
    points = against_approved(open_model(tmp_path / "m.json").contributions(rows), approved)
    assert points == pytest.approx(weights * (rows - rows[approved].mean(axis=0)), abs=1e-4)
