"""Alarms on record: one signed statement each. What was raised stays raised, whatever rows come later."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import evolve

from ombud import __version__
from ombud.errors import OmbudError
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant, parsed
from ombud.evidence.log import Log
from ombud.evidence.statement import Statement, Subject
from ombud.monitor.alarm import Alarm, Alarmed
from ombud.monitor.windows import Window
from ombud.store.workspace import Workspace

KIND: Final = "alarm"
_NUMBERS: Final = ("value", "low", "high", "was", "bound", "effect", "rate", "share")
_DIGITS: Final = 6


def raise_new(
    workspace: Workspace, system: str, alarmed: Sequence[Alarmed], holder: str, life: str = ""
) -> tuple[Alarm, ...]:
    """Put on record the alarms that are not there yet; once for each series and life.

    Args:
        workspace: log, keys, clock; holder: whose key signs.
        system: whose alarms these are.
        alarmed: what `fold_all` gave.
        life: of which life they are, such as the release's digest: a new release begins anew.

    Returns:
        The alarms that this call put there. If another monitor was quicker with one, it is not among them.

    Raises:
        Refused: the holder may not sign alarms.
    """
    there = {(one.series, one.life) for one in alarms_of(workspace.ledger.log(), system)}
    found = [evolve(one.alarm, system=system, life=life) for one in alarmed if one.alarm is not None]
    wanted = [one for one in found if (one.series, life) not in there]
    if not wanted:
        return ()
    now = workspace.now()
    said = [workspace.sign(_statement(one, now), holder) for one in wanted]
    ours = {entry.digest for entry in workspace.ledger.append(said)}
    return tuple(one for one in alarms_of(workspace.ledger.log(), system) if one.digest in ours)


def alarms_of(log: Log, system: str) -> tuple[Alarm, ...]:
    """The alarms of a system, in the order in which they came in; the first of each series and life counts."""
    first: dict[tuple[str, str], Alarm] = {}
    for alarm in _read(log.trusted(KIND), system):
        first.setdefault((alarm.series, alarm.life), alarm)
    return tuple(first.values())


def _statement(alarm: Alarm, now: str) -> Statement:
    said: dict[str, Any] = {
        "system": alarm.system, "series": alarm.series, "which": alarm.about, "since": instant(alarm.since),
        "about": [instant(alarm.window.start), instant(alarm.window.end)], "n": alarm.n, "way": alarm.way,
        "limit": alarm.limit, "estimate": alarm.estimate, "life": alarm.life, "observed_at": now,
        "software": {"ombud": __version__},
        **{name: _rounded(getattr(alarm, name)) for name in _NUMBERS},
    }  # fmt: skip
    return Statement((Subject(alarm.system),), KIND, said)


def _rounded(number: float | None) -> float | None:
    """To six digits that count: no more is known of any of them."""
    return None if number is None else float(f"{number:.{_DIGITS}g}")


def _read(entries: Sequence[Entry], system: str) -> Iterator[Alarm]:
    for entry in entries:
        said = entry.statement.predicate
        if said.get("system") == system:
            try:
                yield _alarm(said, entry.digest)
            except (OmbudError, KeyError, TypeError, ValueError):
                continue  # of another version: the log keeps it, and nobody here can say what it means


def _alarm(said: Any, digest: str) -> Alarm:
    begins, ends = said["about"]
    numbers = {name: None if said[name] is None else float(said[name]) for name in _NUMBERS}
    return Alarm(
        system=said["system"], series=said["series"], about=said["which"], since=parsed(said["since"]),
        window=Window(start=parsed(begins), end=parsed(ends)), n=int(said["n"]), way=said["way"],
        limit=bool(said["limit"]), estimate=bool(said["estimate"]), life=said["life"], digest=digest,
        **numbers,  # type: ignore[arg-type]
    )  # fmt: skip
