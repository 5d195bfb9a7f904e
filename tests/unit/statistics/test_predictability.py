import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ombud.errors import Misused
from ombud.statistics.predictability import predictability, ridge_logistic


def _people(n: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    features = rng.normal(size=(n, 4)) * [1, 100, 0.01, 1] + [0, 5000, 0, 1]
    has = rng.random(n) < 1 / (1 + np.exp(-strength * features[:, 0]))
    return features, has


def test_the_coefficients_agree_with_scikit_learn() -> None:
    features, has = _people(400, 1.0)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(scaled, has)
    ours = ridge_logistic(np.column_stack([np.ones(400), scaled]), has, ridge=1.0)
    assert ours == pytest.approx([*theirs.intercept_, *theirs.coef_[0]], abs=1e-5)


def test_an_attribute_that_follows_from_a_feature_is_found() -> None:
    found = predictability(*_people(800, 2.0), seed=1)
    assert found is not None
    assert found.auc > 0.8
    assert found.interval.low > 0.75


def test_an_attribute_that_has_nothing_to_do_with_the_features_is_a_coin_toss() -> None:
    aucs = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = predictability(rng.normal(size=(200, 15)), rng.random(200) < 0.3, seed=seed)
        assert found is not None
        aucs.append(found.auc)
    assert np.mean(aucs) == pytest.approx(0.5, abs=0.03)


def test_that_a_value_is_missing_can_tell_as_much_as_the_value() -> None:
    rng = np.random.default_rng(3)
    has = rng.random(500) < 0.5
    features = rng.normal(size=(500, 2))
    features[has & (rng.random(500) < 0.9), 1] = np.nan
    found = predictability(features, has, seed=0)
    assert found is not None and found.auc > 0.9


def test_columns_without_any_value_or_variation_do_no_harm() -> None:
    features, has = _people(300, 2.0)
    padded = np.column_stack([features, np.full(300, np.nan), np.full(300, 7.0)])
    ours, plain = predictability(padded, has, seed=2), predictability(features, has, seed=2)
    assert ours is not None and plain is not None
    assert ours.auc == pytest.approx(plain.auc)


def test_a_feature_that_separates_perfectly_converges() -> None:
    has = np.arange(200) % 2 == 0
    found = predictability(has[:, None] * 1e6, has, seed=0)
    assert found is not None and found.auc == 1


def test_the_same_seed_gives_the_same_number() -> None:
    assert predictability(*_people(300, 0.5), seed=4) == predictability(*_people(300, 0.5), seed=4)
    assert predictability(*_people(300, 0.5), seed=4) != predictability(*_people(300, 0.5), seed=5)


def test_fewer_people_with_it_than_folds_cannot_be_told() -> None:
    features, _ = _people(50, 1)
    assert predictability(features, np.arange(50) < 4, seed=0) is None


def test_infinite_features_and_wrong_shapes_are_refused() -> None:
    features, has = _people(50, 1)
    with pytest.raises(Misused):
        predictability(features, has[:-1], seed=0)
    features[0, 0] = np.inf
    with pytest.raises(Misused):
        predictability(features, has, seed=0)
