"""Places that no program reaches: paper, a mailbox, a system of somebody else. People do the step and attest it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from attrs import evolve, frozen

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.manual_steps import Step, Steps, Verb, Waiting
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection, State, Value
from ombud.store.workspace import Workspace

DOING = {
    "find": "look for the person in {table} and tell what is held",
    "erase": "erase the person from {table}",
    "change": "correct the person's data in {table}",
}


class Asking(Protocol):
    """How whoever does the step is told of it."""

    def ask(
        self, steps: Steps, collection: Collection, verb: Verb, matches: Sequence[Match], change: Change | None
    ) -> str:
        """Tell them, once; what to add to "waits for …"."""
        ...


@frozen
class ManualSource:
    """See `Source`. Every question raises `Waiting`, and every act is "failed: waits for …", until it is attested.

    Attributes:
        spec: as the map describes it.
        asking: how people are told of a step; None: it stands in the outcome, and the case's owner passes it on.
        steps: those of the case that is worked on; None outside of one, where nothing can be done.
    """

    spec: SourceSpec
    asking: Asking | None = None
    steps: Steps | None = None

    def lookup(
        self,
        collection: Collection,
        matches: Sequence[Match],
        columns: Sequence[str] | None = None,  # noqa: ARG002
    ) -> Iterator[dict[str, Value]]:
        """No rows once somebody has looked: what they found they tell the person, or hand in as a file.

        Raises:
            Waiting: until then.
        """
        if self._step(collection, "find") is None and self._step(collection, "erase") is None:
            self._wait(collection, "find", matches)
        return iter(())

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        """What was attested last: none after erasure, else what was found.

        Raises:
            Waiting: nothing was attested yet.
        """
        erased, found = self._step(collection, "erase"), self._step(collection, "find")
        if erased is not None:
            return erased.rows if erased.says == "kept" else 0
        if found is None:
            self._wait(collection, "find", matches)
        return found.rows

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        """What would be asked of whom."""
        columns = sorted({column for one in matches for column in one.columns})
        return (f"{self._who}: {_doing(collection, 'find')}, by {', '.join(columns)}",)

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:  # noqa: ARG002
        """See `Source`."""
        here = [one for one in self.spec.collections if one.address in selection]
        return tuple(self._erase(one, selection[one.address]) for one in here)

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """See `Source`; the new values are told to whoever does the step, and to nobody else."""
        collection = {one.address: one for one in self.spec.collections}[change.collection]
        step = self._step(collection, "change")
        if step is None:
            return self._open(collection, "change", matches, change)
        said = self._attested(collection, step, masked=step.rows)
        return evolve(said, state=State.CHANGED) if said.state is State.ERASED else said

    def identities(self, collection: Collection, column: str) -> Iterator[str]:  # noqa: ARG002
        """Nobody can list everybody here.

        Raises:
            Waiting: always.
        """
        self._wait(collection, "find", ())

    def close(self) -> None:
        """Nothing is open."""

    @property
    def _who(self) -> str:
        return self.spec.owner or f"the owner of {self.spec.name}"

    def _step(self, collection: Collection, verb: Verb) -> Step | None:
        return None if self.steps is None else self.steps.step(collection.address, verb)

    def _erase(self, collection: Collection, matches: Sequence[Match]) -> Outcome:
        if collection.on_erase == "keep" or collection.exemption is not None:
            ground = collection.exemption.ground if collection.exemption else None
            because = "the map says that it is kept; whether the person is in it was not asked"
            return Outcome(collection=collection.address, state=State.KEPT, ground=ground, because=because)
        step = self._step(collection, "erase")
        if step is None:
            return self._open(collection, "erase", matches)
        return self._attested(collection, step, erased=step.rows)

    def _attested(self, collection: Collection, step: Step, erased: int = 0, masked: int = 0) -> Outcome:
        """What somebody said, and that it is they who said it."""
        state = {"done": State.ERASED, "nothing found": State.NOTHING, "kept": State.KEPT}[step.says]
        kept, done = (step.rows, 0) if step.says == "kept" else (0, 1)
        return Outcome(
            collection=collection.address, state=state, found=step.rows, erased=erased * done, masked=masked * done,
            kept=kept, left=kept, ground=step.ground, because=step.because, not_covered=(self._not_covered(),),
        )  # fmt: skip

    def _not_covered(self) -> str:
        kept = f"for {self.spec.backups}" if self.spec.backups else "for how long is not known"
        return f"whatever the person who attested did not look at; backups, {kept}"

    def _open(
        self, collection: Collection, verb: Verb, matches: Sequence[Match], change: Change | None = None
    ) -> Outcome:
        because = str(self._waiting(collection, verb, matches, change))
        return Outcome(collection=collection.address, state=State.FAILED, because=because)

    def _wait(self, collection: Collection, verb: Verb, matches: Sequence[Match]) -> NoReturn:
        raise self._waiting(collection, verb, matches)

    def _waiting(
        self, collection: Collection, verb: Verb, matches: Sequence[Match], change: Change | None = None
    ) -> Waiting:
        told = ""
        if self.asking is not None and self.steps is not None and matches:
            try:
                told = self.asking.ask(self.steps, collection, verb, matches, change)
            except OmbudError as error:
                told = f"; {error}"
        return Waiting(self._who, _doing(collection, verb) + told)


Opened = TypeVar("Opened")


def for_case(source: Opened, workspace: Workspace, case: str) -> Opened:
    """A source as it is worked with in a case: one of manual steps reads and asks for those of the case.

    Call it on every source after opening; all other kinds come back as they are.
    """
    return evolve(source, steps=Steps(workspace, case)) if isinstance(source, ManualSource) else source


def open_source(spec: SourceSpec, base: Path) -> ManualSource:
    """Open a place of manual steps; of kind "mail", its owner is written to."""
    if spec.kind != "mail":
        return ManualSource(spec)
    from ombud.rights.sources.mail import Mail

    return ManualSource(spec, Mail.of(spec, base))


def _doing(collection: Collection, verb: Verb) -> str:
    return DOING[verb].format(table=collection.table)
