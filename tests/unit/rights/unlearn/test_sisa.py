"""Only the shards of whoever is forgotten are trained again, from the slice before their first row."""

from typing import Any

import numpy as np
import pytest

from ombud.errors import Misused
from ombud.rights.unlearn import ShardedEnsemble, digest_of, forget
from trainers import Logistic

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(120, 2))
Y = (X[:, 0] > 0).astype(int)
WHO = [f"p{number % 30}" for number in range(120)]


def trained(log: Any = None, **more: Any) -> ShardedEnsemble:
    return ShardedEnsemble.fit(Logistic(log), X, Y, WHO, shards=4, slices=3, seed=11, **more)


def test_it_learns() -> None:
    assert (trained().predict(X) == Y).mean() > 0.9


def test_the_other_shards_are_not_trained_again() -> None:
    log: list[tuple[int, int]] = []
    model = trained(log)
    shard, first = model.place_of("p4")
    log.clear()
    done = forget(model, ["p4"])
    assert len(log) == 3 - first
    assert done.touched == (f"shard {shard} from slice {first}",)
    for other in set(range(4)) - {shard}:
        assert done.model.states[other] is model.states[other]


def test_slices_before_the_persons_first_row_are_kept() -> None:
    model = trained()
    late = next(who for who in sorted(set(WHO)) if model.place_of(who)[1] == 2)
    shard, _ = model.place_of(late)
    after, before = forget(model, [late]).model.states[shard], model.states[shard]
    assert all(after[number] is before[number] for number in before if number < 2)
    assert len(before) > 1
    assert not np.array_equal(after[2]["weights"], before[2]["weights"])


def test_rows_of_one_person_are_all_in_one_place_and_places_do_not_move() -> None:
    model, after = trained(), forget(trained(), ["p1", "p2"]).model
    assert all(model.place_of(who) == after.place_of(who) for who in WHO)


def test_another_seed_is_another_ensemble() -> None:
    other = ShardedEnsemble.fit(Logistic(), X, Y, WHO, shards=4, slices=3, seed=12)
    assert digest_of(other) != digest_of(trained()) == digest_of(trained())


def test_a_trainer_that_keeps_objects_is_refused() -> None:
    class Objects(Logistic):
        def step(self, before: Any, x: Any, y: Any, seed: int) -> dict[str, Any]:
            return {"weights": np.array([object()])}

    with pytest.raises(Misused, match="something else than arrays"):
        ShardedEnsemble.fit(Objects(), X, Y, WHO)
