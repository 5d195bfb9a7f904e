"""The least changes that would have changed a decision: held against brute force, and against cases that are known."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from brute import least_cost
from ombud.errors import Misused
from ombud.explain.recourse import Can, Recourse, recourse
from ombud.explain.recourse.levers import spreads
from ombud.system.models import Model, open_model
from support import needs

Floats = NDArray[np.float64]
KINDS: Final = ("lightgbm", "xgboost", "linear")
NAMES: Final = ["age", "income", "debt", "rent"]


def people(seed: int, count: int = 250) -> Floats:
    """Whole numbers and tenths, a few of them missing."""
    random = np.random.default_rng(seed)
    whole, tenths = random.integers(0, 12, (count, 2)), np.round(random.normal(size=(count, 2)) * 3, 1)
    rows = np.column_stack([whole[:, 0], tenths[:, 0], whole[:, 1], tenths[:, 1]]).astype(np.float64)
    rows[random.random(rows.shape) < 0.03] = np.nan
    return rows


def trained(kind: str, rows: Floats, seed: int, folder: Path) -> Model:
    """A small model of one kind, saved and opened as any other."""
    random = np.random.default_rng(seed + 1)
    filled = np.nan_to_num(rows)
    wish = filled @ random.normal(size=4) + random.normal(size=len(rows)) + 0.3 * filled[:, 0] * filled[:, 1]
    label = (wish > np.quantile(wish, 0.6)).astype(np.float64)
    save = {"lightgbm": _lightgbm, "xgboost": _xgboost, "linear": _linear}[kind]
    return open_model(save(rows, label, folder / f"{kind}-{seed}"))


def _lightgbm(rows: Floats, label: Floats, path: Path) -> Path:
    needs("lightgbm")
    import lightgbm

    how = {"objective": "binary", "num_leaves": 6, "min_data_in_leaf": 5, "learning_rate": 0.3, "verbose": -1,
           "num_threads": 1, "seed": 1}  # fmt: skip
    model = lightgbm.train(how, lightgbm.Dataset(rows, label, feature_name=NAMES), 6)
    path.with_suffix(".txt").write_text(model.model_to_string(), encoding="utf-8")
    return path.with_suffix(".txt")


def _xgboost(rows: Floats, label: Floats, path: Path, **how: Any) -> Path:
    needs("xgboost")
    import xgboost

    settings = {"objective": "binary:logistic", "eta": 0.4, "nthread": 1, "verbosity": 0, "max_depth": 3, **how}
    model = xgboost.train(settings, xgboost.DMatrix(rows, label, feature_names=NAMES), 6)
    model.save_model(path.with_suffix(".json"))
    return path.with_suffix(".json")


def _linear(rows: Floats, label: Floats, path: Path) -> Path:
    return _xgboost(rows, label, path, booster="gblinear")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], tuple[Model, Floats]]:
    folder, made = tmp_path_factory.mktemp("models"), dict[tuple[str, int], tuple[Model, Floats]]()

    def give(kind: str, seed: int) -> tuple[Model, Floats]:
        if (kind, seed) not in made:
            rows = people(seed)
            made[kind, seed] = trained(kind, rows, seed, folder), rows
        return made[kind, seed]

    return give


@st.composite
def limits(draw: st.DrawFn) -> tuple[Can, ...]:
    """What a person can change: some features, some ways, some bounds, and one that may not exceed another."""
    free = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    return tuple(
        Can(
            feature=name,
            direction=draw(st.sampled_from(["any", "any", "up", "down", "none"])),
            low=draw(st.sampled_from([-4.0, 0.0, 3.0])),
            high=draw(st.sampled_from([6.0, 9.0, 12.0])),
            step=1.0 if name in ("age", "debt") else draw(st.sampled_from([0.3, 0.5])),
            at_most=draw(st.sampled_from([None, {"age": "debt", "income": "rent"}.get(name)])),
        )
        for name in free
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 5), can=limits(), favours=st.sampled_from(["high", "low"]),
       who=st.integers(0, 10_000), strict=st.floats(0.3, 0.9))  # fmt: skip
def test_the_least_of_up_to_two_changes_is_what_brute_force_finds(
    model: Any, kind: str, seed: int, can: tuple[Can, ...], favours: str, who: int, strict: float
) -> None:
    asked, rows = model(kind, seed)
    scores = asked.predict(rows)
    threshold = float(np.quantile(scores, strict if favours == "high" else 1 - strict))
    refused = np.flatnonzero(scores < threshold if favours == "high" else scores > threshold)
    if not len(refused):
        return
    row = rows[refused[who % len(refused)]]
    answer = recourse(asked, row, threshold=threshold, score_favours=favours, can=can, observed=rows, more_boxes=0)
    least = least_cost(asked, row, threshold, favours, can, spreads(rows, row), most=2)
    assert (answer.found[0].cost if answer.found else np.inf) == pytest.approx(least, rel=1e-6)
    assert answer.proved == ("least" if answer.found else "none exists")
    verified(answer, asked, row, threshold, favours)


def verified(answer: Recourse, asked: Model, row: Floats, threshold: float, favours: str) -> None:
    """Every option is what the model itself says, and none has another's features."""
    for one in answer.found:
        after = row.copy()
        for change in one.changes:
            assert row[asked.features.index(change.feature)] == change.before
            after[asked.features.index(change.feature)] = change.after
        score = float(asked.predict(after[None])[0])
        assert score == one.score_after
        assert score >= threshold if favours == "high" else score <= threshold
    moved = [frozenset(change.feature for change in one.changes) for one in answer.found]
    assert not any(a <= b for at, a in enumerate(moved) for b in moved[at + 1 :])


@pytest.mark.parametrize("kind", KINDS)
def test_beyond_two_changes_the_bound_lies_below_the_least_of_three_and_what_is_found_above(
    model: Any, kind: str
) -> None:
    """With a threshold that two changes do not reach for these people, and three reach for some."""
    asked, rows = model(kind, 2)
    can = tuple(Can(feature=name, low=0.0, high=9.0, step=3.0) for name in NAMES[:3])
    threshold = float(np.quantile(asked.predict(rows), 0.97))
    known = rows[np.isfinite(rows).all(axis=1) & (asked.predict(rows) < threshold)]
    looked_at = 0
    for row in known[:60]:
        answer = recourse(asked, row, threshold=threshold, can=can, observed=rows)
        if answer.found and answer.found[0].count <= 2:
            continue
        looked_at += 1
        three = least_cost(asked, row, threshold, "high", can, spreads(rows, row), most=3)
        assert answer.closed, "so small a question is answered to the end"
        assert (answer.found[0].cost if answer.found else np.inf) == pytest.approx(three, rel=1e-6)
        assert answer.bound is None or answer.bound <= three + 1e-9
    assert looked_at, "these people have somebody for whom two changes are too few"


@pytest.mark.parametrize("kind", KINDS)
def test_that_none_exists_is_proved_where_it_was_planted_and_not_beside_it(model: Any, kind: str) -> None:
    """Only features that gain nothing may move; with all of them free, there is a way."""
    asked, rows = model(kind, 1)
    threshold = float(np.quantile(asked.predict(rows), 0.7))
    row = next(row for row in rows[asked.predict(rows) < threshold] if np.isfinite(row).all())
    stuck = [Can(feature=name, low=float(at), high=float(at)) for name, at in zip(NAMES, row, strict=True)]
    none = recourse(asked, row, threshold=threshold, can=stuck, observed=rows)
    assert (none.found, none.proved, none.within, none.closed) == ((), "none exists", None, True)
    assert recourse(asked, row, threshold=threshold, can=[Can(feature=name) for name in NAMES], observed=rows).found


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_change_and_what_is_missing_stays(model: Any, kind: str) -> None:
    asked, rows = model(kind, 3)
    threshold = float(np.quantile(asked.predict(rows), 0.7))
    can = [Can(feature="age", direction="none"), *(Can(feature=name) for name in NAMES[1:])]
    for row in rows[asked.predict(rows) < threshold][:40]:
        answer = recourse(asked, row, threshold=threshold, can=can, observed=rows)
        moved = {change.feature for one in answer.found for change in one.changes}
        assert not moved & {"age", *(name for name, at in zip(NAMES, row, strict=True) if np.isnan(at))}


def test_nobody_is_told_to_go_farther_than_anybody_has_come(model: Any) -> None:
    asked, rows = model("linear", 4)
    threshold = float(np.quantile(asked.predict(rows), 0.9))
    for row in rows[asked.predict(rows) < threshold][:40]:
        answer = recourse(asked, row, threshold=threshold, can=[Can(feature=name) for name in NAMES], observed=rows)
        for change in (change for one in answer.found for change in one.changes):
            seen = rows[:, NAMES.index(change.feature)]
            assert np.nanmin(seen) <= change.after <= np.nanmax(seen)


def test_the_same_question_has_the_same_answer(model: Any) -> None:
    asked, rows = model("lightgbm", 5)
    threshold = float(np.quantile(asked.predict(rows), 0.95))
    row = rows[int(asked.predict(rows).argmin())]
    can = [Can(feature=name) for name in NAMES]
    assert recourse(asked, row, threshold=threshold, can=can, observed=rows) == recourse(
        asked, row, threshold=threshold, can=can, observed=rows
    )


def test_a_favourable_decision_is_not_asked_about(model: Any) -> None:
    asked, rows = model("xgboost", 0)
    best = rows[int(asked.predict(rows).argmax())]
    with pytest.raises(Misused, match="favourable already"):
        recourse(asked, best, threshold=0.01, can=[Can(feature="age")])


@pytest.mark.parametrize("can", [[Can(feature="height")], [Can(feature="age"), Can(feature="age")]])
def test_a_feature_that_is_not_the_models_or_is_named_twice_is_refused(model: Any, can: list[Can]) -> None:
    asked, rows = model("xgboost", 0)
    with pytest.raises(Misused):
        recourse(asked, rows[0], threshold=0.99, can=can)
