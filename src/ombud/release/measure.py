"""Answer what checks need, and run them: the only place that knows tables, models and checks at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from ombud.checks.check import Check
from ombud.errors import OmbudError
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.system.artifact import inspect_artifact
from ombud.system.manifest import System
from ombud.system.models import open_model
from ombud.tables.answers import Data, Taken, Unmet
from ombud.tables.needs import Artifact, Model, Need, People, Records
from ombud.tables.table import Snapshot
from ombud.tables.take import take

UNLISTED: Final = Unmet("nobody looked at the lists of people", "")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


@frozen
class Answers:
    """What the needs came to: a `Taken` with one answer a call, or an `Unmet` with the manifest key that is missing."""

    by_need: Mapping[Need, Taken | Unmet]

    def unmet(self, check: Check) -> Unmet | None:
        """The first need of a check that nothing could answer."""
        missing = (self.by_need[need] for need in check.needs)
        return next((answer for answer in missing if isinstance(answer, Unmet)), None)


@frozen(kw_only=True)
class Ran:
    """What one check gave.

    Attributes:
        check: the check.
        parameters: what the policy and the manifest set for it.
        measurements: what it measured, over all calls.
        cubes: every cube it was given: need, call, whether the need gives many, and the cube.
        tables: the tables behind it.
        left_out: people in groups too small to publish, left out before anything was computed.
        unmet: why it could not be measured; None if it was.
    """

    check: Check
    parameters: Mapping[str, Any] = field(factory=dict)
    measurements: tuple[Measurement, ...] = ()
    cubes: tuple[tuple[str, int, bool, Cube], ...] = ()
    tables: tuple[Snapshot, ...] = ()
    left_out: int = 0
    unmet: str | None = None


def answer(
    checks: Sequence[Check], data: Data | Unmet, system: System, records: Mapping[str, Any], progress: Progress | None,
    people: Taken | Unmet = UNLISTED,
) -> Answers:  # fmt: skip
    """Answer every need of the checks once; equal needs share one answer.

    Args:
        checks, data, system, progress: as they are called; records: what the log holds, by kind.
        people: the answer to `People`, which needs the store.
    """
    needs = dict.fromkeys(need for check in checks for need in check.needs)
    of_tables = [need for need in needs if not isinstance(need, Artifact | Model | Records | People)]
    if isinstance(data, Unmet):
        answers: dict[Need, Taken | Unmet] = dict.fromkeys(of_tables, data)
    else:
        answers = dict(take(of_tables, data, progress))
    for need in needs:
        if need not in answers:
            answers[need] = people if isinstance(need, People) else _of_model(need, system, records)
    return Answers(answers)


def _of_model(need: Need, system: System, records: Mapping[str, Any]) -> Taken | Unmet:
    if isinstance(need, Records):
        found = records.get(need.kind)
        return Unmet("no release of this system is on record yet", "") if found is None else _one(found)
    if system.model is None:
        return Unmet("the manifest names no model", "model.artifact")
    try:
        path = system.model.artifact
        return _one(inspect_artifact(path) if isinstance(need, Artifact) else open_model(path))
    except OmbudError as error:
        return Unmet(str(error), "model.artifact")


def _one(answer: Any) -> Taken:
    return Taken(calls=(answer,), tables=(), left_out=0)


def run(check: Check, answers: Answers, parameters: Mapping[str, Any]) -> Ran:
    """Run one check on its answers; what goes wrong inside it is a reason to be unknown, never silence."""
    unmet = answers.unmet(check)
    if unmet is not None:
        add = f"; add {unmet.manifest_key} to the manifest" if unmet.manifest_key else ""
        return Ran(check=check, parameters=parameters, unmet=f"{unmet.reason}{add}")
    taken = [answers.by_need[need] for need in check.needs]
    calls = list(_calls([one for one in taken if isinstance(one, Taken)]))
    try:
        measured = tuple(m for call in calls for m in check(*call, **fitting(check, parameters, call)))
        measured, unmet_why = _only_measurements(measured)
    except OmbudError as error:
        measured, unmet_why = (), str(error)
    except (Exception, SystemExit) as error:  # it must not stop the others; its text may quote data
        measured, unmet_why = (), f"the check broke ({type(error).__name__})"
    return Ran(
        check=check,
        parameters=parameters,
        measurements=measured,
        cubes=tuple(_cubes(check, calls)),
        tables=_tables(taken),
        left_out=max((one.left_out for one in taken if isinstance(one, Taken)), default=0),
        unmet=unmet_why,
    )


def _only_measurements(given: tuple[Any, ...]) -> tuple[tuple[Measurement, ...], str | None]:
    if not given:
        return (), "the check gave no number"
    if not all(isinstance(one, Measurement) for one in given):
        return (), "the check broke: it gave something that is no measurement"
    return given, None


def _calls(taken: Sequence[Taken]) -> Iterable[tuple[Any, ...]]:
    """One tuple of answers a call; a need with one answer gives it to every call."""
    times = max((len(one.calls) for one in taken), default=0)
    for i in range(times):
        yield tuple(one.calls[i if len(one.calls) > 1 else 0] for one in taken)


def fitting(check: Check, parameters: Mapping[str, Any], call: Sequence[Any]) -> dict[str, Any]:
    """The keyword arguments of one call: those that the check takes, and of a reference by column, this column's."""
    wanted = {name: value for name, value in parameters.items() if name in check.parameters}
    by_column = wanted.get("reference")
    if isinstance(by_column, Mapping):
        name = next((answer.name for answer in call if isinstance(answer, Cube)), "")
        wanted["reference"] = by_column.get(name)
    return wanted


def _cubes(check: Check, calls: Sequence[tuple[Any, ...]]) -> Iterable[tuple[str, int, bool, Cube]]:
    for number, call in enumerate(calls):
        for need, given in zip(check.needs, call, strict=True):
            kind = type(need).__name__
            if isinstance(given, Cube):
                yield kind, number, False, given
            elif isinstance(given, tuple) and all(isinstance(one, Cube) for one in given):
                yield from ((kind, number, True, one) for one in given)


def _tables(taken: Iterable[Taken | Unmet]) -> tuple[Snapshot, ...]:
    seen = {snapshot.name: snapshot for one in taken if isinstance(one, Taken) for snapshot in one.tables}
    return tuple(seen.values())
