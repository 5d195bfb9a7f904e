"""Sharded ensembles (SISA): whoever is forgotten is in one shard, and only that shard is trained again.

Bourtoule et al., "Machine Unlearning" (2021). Which shard and slice a person's rows are in follows from the seed and
the person alone, and so do the seeds of each step; so the others stay where they were, and what comes out is bit for
bit what training without the person gives, if the trainer itself depends on nothing but its arguments.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, Protocol, Self

import numpy as np
from attrs import evolve, field, frozen
from attrs.validators import ge, le
from numpy.typing import ArrayLike

from ombud.errors import Misused
from ombud.evidence.canonical import canonical
from ombud.rights.unlearn.model import Arrays, Header, asked, somebody
from ombud.rights.unlearn.rows import Array, Rows

State = Mapping[str, Array]
"""A part-trained model as named arrays of numbers; no objects, so that it is kept without code."""

_MOST: Final = 10_000


class Trainer(Protocol):
    """Trains the model of one shard, step by step. The same arguments must give the same result, always."""

    @property
    def name(self) -> str:
        """As files call it."""
        ...

    def step(self, before: State | None, x: Array, y: Array, seed: int) -> State:
        """Train on the rows of all slices so far, starting from what the slices before gave; None at first."""
        ...

    def predict(self, state: State, x: Array) -> Array:
        """Scores: one number a row, or one a row and class; those of the shards are averaged."""
        ...


@frozen(eq=False, kw_only=True)
class ShardedEnsemble:
    """Models of shards, each with what it was after every slice.

    Attributes:
        rows: the training rows.
        trainer: trains each shard; not kept in files.
        shards, slices: how many; more shards forget faster and learn less from each other.
        seed: decides where everybody is, and seeds every step.
        states: shard → what training gave after each of its slices that has rows, in order.
    """

    kind: ClassVar[str] = "sharded-ensemble"
    method: ClassVar[str] = "shards concerned trained again"

    rows: Rows
    trainer: Trainer
    shards: int = field(default=5, validator=[ge(1), le(_MOST)])
    slices: int = field(default=4, validator=[ge(1), le(_MOST)])
    seed: int = 0
    states: Mapping[int, Mapping[int, State]] = field(factory=dict, repr=False)

    @classmethod
    def fit(
        cls, trainer: Trainer, x: ArrayLike, y: ArrayLike, subjects: Iterable[Any], *,
        shards: int = 5, slices: int = 4, seed: int = 0,
    ) -> Self:  # fmt: skip
        """Train every shard on rows about subjects."""
        untrained = cls(rows=Rows(x, y, subjects), trainer=trainer, shards=shards, slices=slices, seed=seed)
        return untrained._trained(dict.fromkeys(range(shards), 0))

    def forget(self, subjects: Iterable[str]) -> Self:
        """Train the shards that these people are in again, each from the slice before their first row."""
        gone = self.rows.about(subjects)
        since = self._first_slices(self.rows.where(gone).people)
        return evolve(self, rows=self.rows.where(~gone))._trained(since)

    def touched(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """The shards that their rows are in, and from which slice they are trained again."""
        since = self._first_slices(self.rows.where(self.rows.about(subjects)).people)
        return tuple(f"shard {shard} from slice {since[shard]}" for shard in sorted(since))

    def predict_proba(self, x: ArrayLike) -> Array:
        """Mean of the scores of the shards that have rows."""
        somebody(self.rows)
        values = asked(x, self.rows.x.shape[1])
        last = [states[max(states)] for _, states in sorted(self.states.items()) if states]
        return np.asarray(np.mean([self.trainer.predict(state, values) for state in last], axis=0))

    def predict(self, x: ArrayLike) -> Array:
        """The mean score; of scores by class, the position of the highest."""
        scores = self.predict_proba(x)
        return scores if scores.ndim == 1 else np.asarray(np.argmax(scores, axis=1))

    def place_of(self, subject: str) -> tuple[int, int]:
        """Shard and slice of a person."""
        told = hashlib.sha256(canonical([self.seed, "place", subject])).digest()
        return int.from_bytes(told[:8]) % self.shards, int.from_bytes(told[8:16]) % self.slices

    def state(self) -> tuple[Header, Arrays]:
        """Everything it is, but the trainer."""
        rows, kept = self.rows, {"x": self.rows.x, "y": self.rows.y, "subjects": self.rows.subjects}
        for shard, states in self.states.items():
            for number, state in states.items():
                kept |= {f"state/{shard}/{number}/{name}": array for name, array in state.items()}
        sizes = {"shards": self.shards, "slices": self.slices, "seed": self.seed}
        return {"trainer": self.trainer.name, **sizes, "rows": len(rows)}, kept

    @classmethod
    def from_state(cls, header: Header, arrays: Arrays, trainer: Trainer) -> Self:
        """Made again from its state and its trainer."""
        states: dict[int, dict[int, dict[str, Array]]] = {shard: {} for shard in range(min(header["shards"], _MOST))}
        for key in sorted(one for one in arrays if one.startswith("state/")):
            _, shard, number, name = key.split("/", 3)
            states[int(shard)].setdefault(int(number), {})[name] = arrays[key]
        rows = Rows(arrays["x"], arrays["y"], arrays["subjects"])
        sizes = {name: int(header[name]) for name in ("shards", "slices", "seed")}
        return cls(rows=rows, trainer=trainer, states=states, **sizes)

    def _first_slices(self, people: Iterable[str]) -> dict[int, int]:
        """Shard → the first slice that any of these people is in."""
        first: dict[int, int] = {}
        for shard, number in map(self.place_of, people):
            first[shard] = min(number, first.get(shard, number))
        return first

    def _trained(self, since: Mapping[int, int]) -> Self:
        """Train these shards from these slices on, keeping what came before."""
        places = {person: self.place_of(person) for person in self.rows.people}
        where = np.array([places[str(one)] for one in self.rows.subjects], dtype=np.int64).reshape(-1, 2)
        again = {shard: self._shard(shard, first, where) for shard, first in since.items()}
        return evolve(self, states={**self.states, **again})

    def _shard(self, shard: int, first: int, where: Array) -> Mapping[int, State]:
        kept = {number: state for number, state in self.states.get(shard, {}).items() if number < first}
        for number in range(first, self.slices):
            here = (where[:, 0] == shard) & (where[:, 1] <= number)
            if (where[here, 1] == number).any():
                before = kept[max(kept)] if kept else None
                kept[number] = self._step(before, here, (shard, number))
        return kept

    def _step(self, before: State | None, here: Array, place: tuple[int, int]) -> State:
        told = hashlib.sha256(canonical([self.seed, "step", *place])).digest()
        state = self.trainer.step(before, self.rows.x[here], self.rows.y[here], int.from_bytes(told[:4]))
        if any(np.asarray(array).dtype.kind not in "biufU" for array in state.values()):
            raise Misused("the trainer's state holds something else than arrays of numbers or text")
        return {name: np.array(array) for name, array in sorted(state.items())}
