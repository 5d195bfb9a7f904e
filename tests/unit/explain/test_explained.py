"""A sample is explained only if model, scores and decisions belong together."""

import numpy as np
import pytest

from explained import MERIT, LinearModel, applicants, sampled
from ombud.errors import OmbudError, Unreadable
from ombud.explain.attribution import CannotExplain
from ombud.explain.explained import explain
from ombud.explain.proxies import associations, coarse_levels, codes


def test_points_of_a_linear_model_are_weight_times_distance_from_the_approved() -> None:
    people = applicants()
    found = explain(MERIT, sampled(people, score=["score"]))
    approved = people["decision"] == 1
    assert found.points[:, 0] == pytest.approx(people["income"] - people["income"][approved].mean())
    assert found.points[:, 1] == pytest.approx(people["debt"][approved].mean() - people["debt"])
    assert (found.approved == approved).all() and (found.refused == ~approved).all()
    assert found.residual.max() < 1e-9


def test_scores_of_another_model_cannot_be_explained_by_this_one() -> None:
    people = applicants()
    people["score"] = np.clip(people["score"] + 0.05, 0, 1)
    with pytest.raises(CannotExplain, match=r"0\.05.*did not make these decisions"):
        explain(MERIT, sampled(people, score=["score"]))


def test_cross_fitted_scores_are_said_to_be_so_with_the_distance() -> None:
    people = applicants()
    people |= {"score": np.clip(people["score"] + 0.05, 0, 1), "fold": np.arange(400) % 5}
    notes = explain(MERIT, sampled(people, score=["score"], fold=["fold"])).notes
    assert "cross-fitted" in notes[0] and "0.050 at most" in notes[0]
    with pytest.raises(CannotExplain):
        explain(MERIT, sampled(people, score=["score"], fold=["fold"]), scores_by_this_model=True)


def test_no_score_column_is_said() -> None:
    assert "no score" in explain(MERIT, sampled(applicants())).notes[0]


def test_a_favourable_value_the_wrong_way_round_is_caught() -> None:
    people = applicants()
    people["decision"] = 1 - people["decision"]
    with pytest.raises(CannotExplain, match="against the decisions"):
        explain(MERIT, sampled(people))
    assert explain(MERIT, sampled(people), score_favours="low").refused.sum() > 0


def test_a_risk_score_turns_the_points_round() -> None:
    people = applicants()
    risk = LinearModel(("income", "debt"), np.array([-1.0, 1.0]))
    ours = explain(MERIT, sampled(people)).points
    assert explain(risk, sampled(people), score_favours="low").points == pytest.approx(ours)


def test_too_few_approved_people_are_nobody_to_compare_with() -> None:
    people = applicants()
    people["decision"] = (np.arange(400) < 9).astype(int)
    with pytest.raises(CannotExplain, match="only 9 people"):
        explain(MERIT, sampled(people))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"score_favours": "up"}, CannotExplain),
        ({"one_hot": {"money": ["incme", "debt"]}}, CannotExplain),
    ],
)
def test_a_wrong_parameter_is_named(change: dict[str, object], error: type[OmbudError]) -> None:
    with pytest.raises(error, match=r"up|incme"):
        explain(MERIT, sampled(applicants()), **change)  # type: ignore[arg-type]


def test_a_missing_feature_or_decision_is_named() -> None:
    people = applicants()
    del people["debt"]
    with pytest.raises(Unreadable, match="'debt'"):
        explain(MERIT, sampled(people))
    with pytest.raises(CannotExplain, match="no decisions"):
        explain(MERIT, sampled(applicants(), decision=()))


def test_declared_groups_are_put_together() -> None:
    found = explain(MERIT, sampled(applicants()), one_hot={"money": ["income", "debt"]})
    apart = explain(MERIT, sampled(applicants()))
    assert found.names == ("money",)
    assert found.points[:, 0] == pytest.approx(apart.points.sum(axis=1))


def test_undecided_people_are_neither_approved_nor_refused() -> None:
    people = applicants()
    people["decision"] = [None, *people["decision"][1:].tolist()]
    found = explain(MERIT, sampled(people))
    assert not found.approved[0] and not found.refused[0]


# --- proxies ---


def test_a_feature_that_gives_a_group_away_is_found_and_one_that_does_not_is_not() -> None:
    found = associations(sampled(applicants()), ["income", "street"], ["race"])
    assert found[0].feature == "street" and found[0].v > 0.7 and not found[0].by_chance
    assert found[1].feature == "income" and found[1].v < 0.3 and found[1].by_chance


def test_a_copy_of_a_column_has_an_association_of_one() -> None:
    people = applicants() | {"copy": applicants()["race"]}
    assert associations(sampled(people), ["copy"], ["race"])[0].v == pytest.approx(1.0, abs=0.01)


def test_numbers_with_many_values_fall_into_tenths_and_missing_is_a_level() -> None:
    given = sampled({"x": [*np.arange(100.0).tolist(), None], "decision": [1] * 101})
    levels = coarse_levels(given, "x")
    assert levels[0] == "tenth 1" and levels[99] == "tenth 10" and levels[100] is None
    assert sorted(set(levels[:100])) == sorted(f"tenth {i}" for i in range(1, 11))
    assert [levels.count(f"tenth {i}") for i in range(1, 11)] == [10] * 10
    assert codes(["b", None, "a", "b"]).tolist() == [2, 0, 1, 2]


def test_who_has_a_missing_value_may_give_a_group_away() -> None:
    people = applicants()
    people["gap"] = [None if race == "b" else 1.0 for race in people["race"]]
    assert associations(sampled(people), ["gap"], ["race"])[0].v > 0.95
