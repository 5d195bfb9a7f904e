"""A model that is opened answers exactly as its library would have, and nothing but the allowed kinds is opened."""

import builtins
import json
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from ombud.errors import Unreadable
from ombud.system import models
from ombud.system.artifact import Refused
from ombud.system.models import LibraryMissing, matrix, open_model
from ombud.system.trees import NotSupported
from ombud.tables.answers import Sample
from ombud.tables.roles import Columns
from support import needs

FILES = Path(__file__).parents[2] / "cases" / "security" / "files"
NAMES = ["income", "debt", "age", "term"]


def rows(n: int = 400, seed: int = 1) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 4))
    x[random.random(x.shape) < 0.1] = np.nan
    return x


def labels(x: NDArray[np.float64]) -> NDArray[np.float64]:
    noise = np.random.default_rng(2).normal(size=len(x))
    return (np.nan_to_num(x[:, 0]) - np.nan_to_num(x[:, 1]) * np.nan_to_num(x[:, 2]) + noise > 0).astype(float)


def boosted(path: Path, rounds: int = 8, **parameters: Any) -> Any:
    xgboost = needs("xgboost")
    x = rows()
    data = xgboost.DMatrix(x, labels(x), feature_names=NAMES)
    booster = xgboost.train({"objective": "binary:logistic", "seed": 1, "nthread": 1} | parameters, data, rounds)
    booster.save_model(path)
    return booster, data


@pytest.mark.parametrize("suffix", ["json", "ubj"])
@pytest.mark.parametrize(
    "parameters",
    [
        {"max_depth": 4},
        {"max_depth": 3, "gamma": 10.0},  # pruned nodes stay in the file
        {"max_depth": 5, "gamma": 3.0, "tree_method": "exact"},
        {"max_depth": 0, "max_leaves": 20, "grow_policy": "lossguide"},
        {"max_depth": 3, "num_parallel_tree": 3, "subsample": 0.5},
        {"max_depth": 2, "base_score": 0.2},
    ],
)
def test_an_xgboost_model_answers_as_the_library_does(suffix: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    booster, data = boosted(tmp_path / f"m.{suffix}", **parameters)
    model, x = open_model(tmp_path / f"m.{suffix}"), rows()
    assert model.features == tuple(NAMES)
    assert np.array_equal(model.predict(x).astype(np.float32), booster.predict(data))
    assert np.array_equal(model.margin(x).astype(np.float32), booster.predict(data, output_margin=True))
    assert np.array_equal(model.contributions(x).astype(np.float32), booster.predict(data, pred_contribs=True))


@pytest.mark.parametrize("parameters", [{"num_leaves": 7}, {"min_gain_to_split": 5.0}, {"sigmoid": 2.0}])
def test_a_lightgbm_model_answers_as_the_library_does(parameters: dict[str, Any], tmp_path: Path) -> None:
    lightgbm, x = needs("lightgbm"), rows()
    data = lightgbm.Dataset(x, labels(x), feature_name=NAMES)
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1} | parameters, data, 8)
    booster.save_model(tmp_path / "m.txt")
    model = open_model(tmp_path / "m.txt")
    assert model.features == tuple(NAMES)
    assert np.array_equal(model.predict(x), booster.predict(x))
    assert np.array_equal(model.margin(x), booster.predict(x, raw_score=True))
    assert np.array_equal(model.contributions(x), booster.predict(x, pred_contrib=True))


def test_a_lightgbm_model_of_one_leaf_can_be_opened(tmp_path: Path) -> None:
    lightgbm = needs("lightgbm")
    data = lightgbm.Dataset(np.zeros((50, 2)), np.arange(50) % 5 == 0, feature_name=["a", "b"])
    lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 2).save_model(tmp_path / "m.txt")
    assert open_model(tmp_path / "m.txt").predict(np.zeros((1, 2))) == pytest.approx(0.2)


# --- the library's contributions against their definition ---


def expected(tree: dict[str, Any], x: NDArray[np.float64], known: frozenset[int], node: int = 0) -> float:
    """What a tree expects of the margin if only some features are known: both branches by weight where not."""
    left, right = tree["left_children"][node], tree["right_children"][node]
    if left < 0:
        return float(tree["split_conditions"][node])
    feature = tree["split_indices"][node]
    if feature in known:
        missing, below = np.isnan(x[feature]), np.float32(x[feature]) < np.float32(tree["split_conditions"][node])
        goes_left = tree["default_left"][node] if missing else below
        return expected(tree, x, known, left if goes_left else right)
    weight = tree["sum_hessian"]
    ours, theirs = (expected(tree, x, known, child) for child in (left, right))
    return (weight[left] * ours + weight[right] * theirs) / (weight[left] + weight[right])


def shapley(trees: list[dict[str, Any]], x: NDArray[np.float64]) -> list[float]:
    """Shapley values from their definition, over all subsets of d features."""
    d = len(x)
    value = {
        known: sum(expected(tree, x, known) for tree in trees)
        for size in range(d + 1)
        for known in map(frozenset, combinations(range(d), size))
    }
    return [
        sum(
            factorial(len(s)) * factorial(d - len(s) - 1) / factorial(d) * (value[s | {i}] - value[s])
            for s in value
            if i not in s
        )
        for i in range(d)
    ]


def test_contributions_are_shapley_values_of_tree_path_expectations(tmp_path: Path) -> None:
    boosted(tmp_path / "m.json", max_depth=4)
    trees = json.loads((tmp_path / "m.json").read_text())["learner"]["gradient_booster"]["model"]["trees"]
    model, x = open_model(tmp_path / "m.json"), rows(12, seed=5)
    for row, ours in zip(x, model.contributions(x), strict=True):
        assert ours[:-1] == pytest.approx(shapley(trees, row), abs=2e-5)


def test_contributions_and_base_add_up_to_the_margin(tmp_path: Path) -> None:
    boosted(tmp_path / "m.json", max_depth=4)
    model, x = open_model(tmp_path / "m.json"), rows()
    assert model.contributions(x).sum(axis=1) == pytest.approx(model.margin(x), abs=1e-4)
    assert model.predict(x) == pytest.approx(1 / (1 + np.exp(-model.margin(x))), abs=1e-6)


# --- what is not opened ---


@pytest.mark.parametrize("name", ["linear.onnx", "small.cbm", "logistic.skops"])
def test_a_recognised_format_that_cannot_be_opened_says_so(name: str) -> None:
    with pytest.raises(NotSupported, match="recognised and hashed") as caught:
        open_model(FILES / name)
    assert "XGBoost JSON" in caught.value.next_step


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"objective": "binary:logitraw"}, "objective"),
        ({"objective": "reg:squarederror"}, "objective"),
        ({"booster": "dart"}, "booster"),
    ],
)
def test_an_output_that_is_no_probability_of_a_decision_is_not_supported(
    parameters: dict[str, Any], what: str, tmp_path: Path
) -> None:
    boosted(tmp_path / "m.json", **parameters)
    with pytest.raises(NotSupported, match=what):
        open_model(tmp_path / "m.json")


def test_several_classes_are_not_supported(tmp_path: Path) -> None:
    xgboost, x = needs("xgboost"), rows()
    data = xgboost.DMatrix(x, np.arange(len(x)) % 3, feature_names=NAMES)
    xgboost.train({"objective": "multi:softprob", "num_class": 3}, data, 2).save_model(tmp_path / "m.json")
    with pytest.raises(NotSupported, match="objective 'multi:softprob'"):
        open_model(tmp_path / "m.json")


def test_splits_by_category_are_not_supported(tmp_path: Path) -> None:
    xgboost, x = needs("xgboost"), np.random.default_rng(0).integers(0, 9, (300, 2)).astype(float)
    kinds = {"feature_names": ["a", "b"], "feature_types": ["c", "q"], "enable_categorical": True}
    data = xgboost.DMatrix(x, np.isin(x[:, 0], (1, 4, 7)), **kinds)
    settings = {"objective": "binary:logistic", "max_cat_to_onehot": 1}
    xgboost.train(settings, data, 2).save_model(tmp_path / "m.json")
    with pytest.raises(NotSupported, match="by category"):
        open_model(tmp_path / "m.json")


def test_a_model_without_feature_names_is_not_supported(tmp_path: Path) -> None:
    xgboost, x = needs("xgboost"), rows()
    xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, labels(x)), 2).save_model(tmp_path / "m.json")
    with pytest.raises(NotSupported, match="no feature names"):
        open_model(tmp_path / "m.json")


def test_a_lightgbm_model_without_feature_names_is_not_supported(tmp_path: Path) -> None:
    lightgbm, x = needs("lightgbm"), rows()
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1}
    lightgbm.train(settings, lightgbm.Dataset(x, labels(x)), 2).save_model(tmp_path / "m.txt")
    with pytest.raises(NotSupported, match="no feature names"):
        open_model(tmp_path / "m.txt")


@pytest.mark.parametrize(
    ("library", "error", "says"),
    [
        ("lightgbm", OSError("libgomp.so.1: cannot open shared object file"), "libgomp.so.1"),
        ("lightgbm", ModuleNotFoundError("No module named 'lightgbm'"), "is not installed"),
        ("xgboost", ModuleNotFoundError("No module named 'xgboost'"), "is not installed"),
    ],
)
def test_a_library_that_cannot_start_is_named(
    library: str, error: Exception, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, file = rows(), tmp_path / "m"
    if library == "xgboost":
        file = tmp_path / "m.json"
        boosted(file)
    else:
        lightgbm = needs("lightgbm")
        settings = {"objective": "binary", "verbose": -1, "num_threads": 1}
        lightgbm.train(settings, lightgbm.Dataset(x, labels(x), feature_name=NAMES), 2).save_model(file)
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == library:
            raise error
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LibraryMissing, match=says) as caught:
        open_model(file)
    assert f"ombud[{library}]" in caught.value.next_step


def test_the_bytes_that_were_hashed_are_the_bytes_that_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.json"
    booster, data = boosted(file)
    digest = models.inspect_bytes("m", file.read_bytes())[0].digest
    once = models.read_once

    def then_swapped(path: Path) -> bytes:
        found = once(path)
        file.write_bytes(b"cposix\nsystem\n(S'true'\ntR.")
        return found

    monkeypatch.setattr(models, "read_once", then_swapped)
    model = open_model(file)
    assert model.digest == digest
    assert np.array_equal(model.predict(rows()).astype(np.float32), booster.predict(data))
    with pytest.raises(Refused, match="pickle"):
        open_model(file)


# --- input ---


def sample(**columns: Any) -> Sample:
    table = pa.table(columns)
    return Sample(table, len(table), "evaluation", Columns({}, "1", "1"))


def test_the_model_decides_the_order_of_columns() -> None:
    given = sample(debt=[1.0, None], other=["x", "y"], income=[3, 4], flag=[True, False])
    assert np.array_equal(
        matrix(("income", "debt", "flag"), given), [[3.0, 1.0, 1.0], [4.0, np.nan, 0.0]], equal_nan=True
    )


def test_missing_columns_are_all_named_and_none_is_guessed() -> None:
    with pytest.raises(Unreadable, match=r"'incme', 'age'.*the model takes"):
        matrix(("incme", "debt", "age"), sample(income=[1.0], debt=[1.0]))


def test_text_is_not_silently_read_as_missing() -> None:
    with pytest.raises(Unreadable, match="'debt' holds no numbers"):
        matrix(("debt",), sample(debt=["12", "13"]))


def test_infinite_values_are_named_by_column(tmp_path: Path) -> None:
    boosted(tmp_path / "m.json")
    x = rows()
    x[3, 1] = np.inf
    with pytest.raises(Unreadable, match="infinite values in debt"):
        open_model(tmp_path / "m.json").predict(x)


def test_rows_of_another_width_are_an_error(tmp_path: Path) -> None:
    boosted(tmp_path / "m.json")
    with pytest.raises(Unreadable, match="does not fit 4 features"):
        open_model(tmp_path / "m.json").margin(np.zeros((2, 3)))
