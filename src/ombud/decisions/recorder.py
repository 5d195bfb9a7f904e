"""Recording decisions from the program that makes them: one line around the call that predicts.

Two promises, and they differ. `record` returns when the decision is on disk: neither a crash of the program nor of the
machine takes it away again. `note` returns once the operating system has it: it outlives the program, kill -9 included,
and outlives the machine from the next `sync`, or from when the drainer has moved it into the store.
"""

import asyncio
import functools
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

from attrs import evolve, field, frozen

from ombud.decisions.decision import FAVOURABLE, UNFAVOURABLE, Decision
from ombud.decisions.plain import encode
from ombud.decisions.spool import Spool, spool_of
from ombud.errors import Misused
from ombud.store.clock import Clock, SystemClock
from ombud.store.identity import Identity
from ombud.store.settings import find_workspace

P = ParamSpec("P")
R = TypeVar("R")

Score = Callable[[Any], float | None]

_DRAIN: Final = ("-m", "ombud.cli.main", "decisions", "drain", "--watch", "--if-free", "--nice", "10")


def the_number(result: Any) -> float | None:
    """The one number of a result: a float, or an array with one value.

    Raises:
        Misused: there are several; say which with `score=`.
    """
    if result is None or isinstance(result, int | float):
        return result
    flat = getattr(result, "ravel", None)
    values = list(flat()) if callable(flat) else list(result) if isinstance(result, Sequence) else [result]
    if len(values) != 1:
        raise Misused(f"a prediction of {len(values)} numbers is no score", "Say which one: score=lambda p: p[0, 1]")
    return float(values[0])


@frozen(eq=False)
class Recorder:
    """Records the decisions of one system. Threads may share it, and so may processes that fork.

    Attributes:
        system: its name.
        spool: where decisions go first.
        clock: when a decision was made, if nobody says.
        release, model: digests of the release and of the model file that decide.
        threshold: the score from which a decision is favourable, as text; None: the caller says the outcome.
        favours: whether a "high" or a "low" score is good for the person.
        subject_kind: what kind of identity a subject is, where it is given as a value alone.
    """

    system: str
    spool: Spool
    clock: Clock = field(factory=SystemClock)
    release: str | None = None
    model: str | None = None
    threshold: str | None = None
    favours: str = "high"
    subject_kind: str | None = None

    @classmethod
    def at(cls, folder: str | Path | None, system: str, **more: Any) -> "Recorder":
        """A recorder in the workspace that holds a folder (None: the current one); more: attributes of the recorder.

        Raises:
            NotFound: there is no workspace. SpoolFailed: its spool cannot be made.
        """
        root = find_workspace(Path(folder or Path.cwd()))
        return cls(system, Spool(spool_of(root)), **more)

    @classmethod
    def of(cls, manifest: str | Path, release: str | None = None) -> "Recorder":
        """The recorder of a system as its manifest describes it, with the digest of the model file that is there now.

        Raises:
            NotFound, Invalid: the manifest cannot be read, or there is no workspace above it.
        """
        from ombud.decisions.setup import settings_of

        path = Path(manifest)
        return cls.at(path.resolve().parent, **settings_of(path), release=release)

    # --- record and note ----------------------------------------------------------------------------------------------

    def record(self, decision: Decision | None = None, **said: Any) -> Decision:
        """Record a decision; on return it is on disk. Threads that record at once share one write.

        Args:
            decision: it, or what `decide` takes.

        Raises:
            SpoolFailed: it could not be written, and is not recorded.
            Misused: it is no decision.
        """
        made = decision or self.decide(**said)
        self.spool.sync(self.spool.append(encode(made)))
        return made

    def note(self, decision: Decision | None = None, **said: Any) -> Decision:
        """Note a decision without waiting for the disk: it outlives this program, not yet the machine. See `sync`."""
        made = decision or self.decide(**said)
        self.spool.append(encode(made))
        return made

    def record_all(self, decisions: Sequence[Decision]) -> None:
        """Record many decisions with one write; on return all are on disk."""
        step = 2_000
        for start in range(0, len(decisions), step):
            self.spool.append(*map(encode, decisions[start : start + step]))
        self.spool.sync()

    async def record_soon(self, decision: Decision | None = None, **said: Any) -> Decision:
        """`record` for a coroutine: the loop goes on while the disk writes."""
        made = decision or self.decide(**said)
        number = self.spool.append(encode(made))
        await asyncio.to_thread(self.spool.sync, number)
        return made

    def sync(self) -> None:
        """Return when everything that was noted is on disk."""
        self.spool.sync()

    @contextmanager
    def together(self) -> Iterator["Recorder"]:
        """Note several decisions, and wait for the disk once, at the end."""
        yield self
        self.sync()

    def decide(self, **said: Any) -> Decision:
        """A decision of this system, with what the recorder knows filled in: when, by which model, and the outcome.

        Args:
            id: its number; subject: an `Identity`, or its value where the recorder knows the kind.
            Others: as for `Decision`.
        """
        filled = {"at": self.clock.now(), "release": self.release, "model": self.model, "threshold": self.threshold}
        known = {name: value for name, value in filled.items() if name not in said}
        made = {**said, **known, "subject": self._subject(said.get("subject"))}
        if "outcome" not in said:
            made["outcome"] = self._outcome(said.get("score"), made["threshold"])
        return Decision(system=self.system, **made)

    # --- around a call ------------------------------------------------------------------------------------------------

    def around(
        self, predict: Callable[..., R], features: Sequence[str] = (), *, score: Score = the_number, wait: bool = False
    ) -> Callable[..., R]:
        """The call that predicts, with a record of each call: `predict(row, id="A-17", subject="C-4")`.

        Args:
            predict: takes one row, as a mapping or as values in the order of `features`; returns its score.
            features: names of the values. score: which number of the result is the score.
            wait: whether a call returns only when its decision is on disk (see `record` and `note`).
        """
        keep = self.record if wait else self.note

        @functools.wraps(predict)
        def recorded(row: Any, *, id: str, subject: Any = None, **more: Any) -> R:
            result = predict(row)
            keep(id=id, subject=subject, inputs=_named(row, features), score=score(result), **more)
            return result

        return recorded

    def recorded(
        self, *, id: str, inputs: str | None = None, subject: str | None = None, score: Score = the_number,
        wait: bool = False,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:  # fmt: skip
        """Decorate a function, or a coroutine function, that returns a score.

        Args:
            id, inputs, subject: names of its parameters that hold the decision's number, its inputs (a mapping), and
                whom it is about.
            score, wait: as for `around`.
        """

        def decorate(function: Callable[P, R]) -> Callable[P, R]:
            signature = inspect.signature(function)
            named = {"id": id, "inputs": inputs, "subject": subject}

            def said(*args: Any, **kwargs: Any) -> dict[str, Any]:
                given = signature.bind(*args, **kwargs)
                given.apply_defaults()
                return {name: given.arguments[where] for name, where in named.items() if where is not None}

            if inspect.iscoroutinefunction(function):

                @functools.wraps(function)
                async def later(*args: P.args, **kwargs: P.kwargs) -> Any:
                    result = await function(*args, **kwargs)
                    made = self.decide(**said(*args, **kwargs), score=score(result))
                    _ = await self.record_soon(made) if wait else self.note(made)
                    return result

                return cast("Callable[P, R]", later)

            @functools.wraps(function)
            def now(*args: P.args, **kwargs: P.kwargs) -> R:
                result = function(*args, **kwargs)
                made = self.decide(**said(*args, **kwargs), score=score(result))
                _ = self.record(made) if wait else self.note(made)
                return result

            return now

        return decorate

    # --- the drainer --------------------------------------------------------------------------------------------------

    def start_drainer(self) -> subprocess.Popen[bytes]:
        """Start a drainer as a process of its own, behind whatever decides; it ends at once if one is at work.

        It goes on when this program ends. Where a service manager runs `ombud decisions drain --watch`, leave this out.
        """
        log = os.open(self.spool.folder / "drain.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            return subprocess.Popen(  # noqa: S603 (our own program)
                [sys.executable, *_DRAIN], cwd=self.spool.folder.parents[1], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(log)

    def for_release(self, release: str, model: str | None = None) -> "Recorder":
        """The same recorder for another release, and its model."""
        return evolve(self, release=release, model=model or self.model)

    def _subject(self, subject: Any) -> Identity | None:
        if subject is None or isinstance(subject, Identity):
            return subject
        if self.subject_kind is None:
            raise Misused("what kind of identity is the subject?", "Give an Identity, or set subject_kind.")
        return Identity(self.subject_kind, str(subject))

    def _outcome(self, score: float | None, threshold: str | None) -> str | None:
        if score is None or threshold is None:
            return None
        reached = score >= float(threshold) if self.favours == "high" else score <= float(threshold)
        return FAVOURABLE if reached else UNFAVOURABLE


def _named(row: Any, features: Sequence[str]) -> Mapping[str, Any]:
    """The values of one row by their names."""
    if isinstance(row, Mapping):
        return row
    flat = getattr(row, "ravel", None)
    values = list(flat()) if callable(flat) else list(row)
    if len(values) != len(features):
        raise Misused(f"{len(values)} values for {len(features)} names of features", "Give one row, and its names.")
    return dict(zip(features, values, strict=True))
