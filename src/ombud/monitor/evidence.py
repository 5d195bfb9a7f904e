"""What monitoring puts on record: a statement of each window, and the checks of the trailing period that status reads.

Every statement follows from what the store keeps, its time included. So whoever makes it again, after a crash or beside
another monitor, makes the same one, and the log takes nothing twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from ombud import __version__
from ombud.evidence.canonical import digest
from ombud.evidence.entry import Entry
from ombud.evidence.errors import Refused
from ombud.evidence.log import Log
from ombud.evidence.statement import Statement, Subject
from ombud.law import Pack
from ombud.monitor.pooled import Pool
from ombud.monitor.series import point_from, shown
from ombud.monitor.windows import Window
from ombud.release.assess import picture_of
from ombud.release.composite import Composite
from ombud.release.measure import Ran
from ombud.release.statements import Run, statement_of
from ombud.statistics.cube import Cube
from ombud.status.finding import Finding
from ombud.status.rule import Judgement, Outcome
from ombud.status.select import Declared, declared
from ombud.status.status import Picture, judgements_of
from ombud.store.windows import KeptWindow
from ombud.store.workspace import Workspace
from ombud.system.manifest import System

KIND: Final = "window"
_TRIES: Final = 5

Draft = tuple[Statement, Sequence[Cube]]
Drafts = Callable[[Log], Sequence[Draft]]
"""Given the log, the statements that it lacks."""


@frozen(kw_only=True)
class Written:
    """What came into the log, and why something did not.

    Attributes:
        entries: what was appended.
        waiting: check → why the trailing period does not replace what the release showed yet.
    """

    entries: tuple[Entry, ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()


def append(workspace: Workspace, holder: str, drafts: Drafts) -> tuple[Entry, ...]:
    """Append what the log lacks. If another monitor was quicker with some of it, the rest is appended.

    Raises:
        Refused: the log does not take it, and not because it is there already.
    """
    for attempt in range(_TRIES):
        wanted = drafts(workspace.ledger.log())
        if not wanted:
            return ()
        cubes = [cube for _, of in wanted for cube in of]
        try:
            return workspace.ledger.append([workspace.sign(one, holder) for one, _ in wanted], cubes)
        except Refused:
            if attempt == _TRIES - 1 or len(drafts(workspace.ledger.log())) == len(wanted):
                raise
    return ()


# --- windows ----------------------------------------------------------------------------------------------------------


def window_drafts(system: str, windows: Sequence[KeptWindow]) -> Drafts:
    """The statements of windows that the log lacks."""

    def lacking(log: Log) -> list[Draft]:
        there = {_identity(entry.statement.predicate) for entry in log.trusted(KIND)}
        said = [_window(system, one) for one in windows]
        return [(one, ()) for one in said if _identity(one.predicate) not in there]

    return lacking


def _window(system: str, one: KeptWindow) -> Statement:
    points = [
        point_from(plain, datetime.fromisoformat(one.start), datetime.fromisoformat(one.end))
        for plain in one.points or ()
    ]
    said = {
        "system": system,
        "about": [one.start, one.end],
        "rows": one.rows,
        "late": one.late,
        "version": one.version,
        "counts": digest(one.counts),
        "series": {point.series: shown(point) for point in points if point.value is not None},
        "observed_at": one.taken_at,
        "software": {"ombud": __version__},
    }
    return Statement(subjects=(Subject(system),), kind=KIND, predicate=said)


def _identity(said: Any) -> tuple[Any, ...]:
    return said.get("system"), tuple(said.get("about", ())), said.get("version"), said.get("counts")


# --- the trailing period ----------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Judge:
    """By what the trailing period is judged: the newest declaration and the law.

    Attributes:
        now: the declaration; moment: when what is judged was measured, never before the declaration.
    """

    workspace: Workspace
    system: System
    pack: Pack
    now: Declared
    moment: str

    @classmethod
    def of(cls, workspace: Workspace, system: System, pack: Pack, measured: str) -> "Judge | None":
        """The judge of a system; None if nothing was ever declared of it."""
        now = declared(workspace.ledger.log().trusted(), system.name, datetime.fromisoformat(workspace.now()))
        if now is None or now.release is None:
            return None
        moment = max(measured, now.entry.statement.observed_at)
        return cls(workspace=workspace, system=system, pack=pack, now=now, moment=moment)

    @property
    def release(self) -> Composite:
        """The release that was declared."""
        return Composite(**self.now.entry.statement.predicate["parts"])

    def release_showed(self, check: str) -> bool:
        """Whether what was measured at the release still shows something; what monitoring said is no such thing."""
        held = self._picture.finding(check)
        return held is not None and held.about is None and not held.stale and held.outcome is not Outcome.UNKNOWN

    @cached_property
    def _picture(self) -> Picture:
        return picture_of(self.workspace, self.pack, self.system.name)

    def judgements(self, ran: Ran) -> tuple[Judgement, ...]:
        """What was measured, held against law and policy."""
        day = datetime.fromisoformat(self.moment).date()
        applicability = self.pack.view(day, day).applicability(self.now.facts)
        return judgements_of(ran.check.name, ran.measurements, self.now.rules, applicability, self.now)


def pooled_drafts(judge: Judge, pool: Pool, ran: Sequence[Ran]) -> tuple[Drafts, tuple[tuple[str, str], ...]]:
    """The statements of a trailing period that the log lacks; and which checks wait, and why."""
    drafts: list[Draft] = []
    waiting: list[tuple[str, str]] = []
    this = Run(system=judge.system, release=judge.release, law_pack=judge.pack.digest, now=judge.moment, earlier=())
    for one in ran:
        judged = judge.judgements(one)
        why = _waits(one, judged, pool, judge)
        if why:
            waiting.append((one.check.name, why))
        else:
            drafts.append((_about(statement_of(one, judged, this), pool.period), [cube for *_, cube in one.cubes]))

    def lacking(log: Log) -> list[Draft]:
        there = {_measured(entry.statement.predicate) for entry in log.trusted("measurement")}
        return [draft for draft in drafts if _measured(draft[0].predicate) not in there]

    return lacking, tuple(waiting)


def _waits(ran: Ran, judged: Sequence[Judgement], pool: Pool, judge: Judge) -> str:
    """Why a measurement does not replace what is on record; "" if it does.

    What could not be measured at all replaces nothing: the older evidence stands until it is too old. And until the
    trailing period is full, doubt about few decisions does not take the place of what the release showed. A failure
    always does.
    """
    if ran.unmet is not None:
        return ran.unmet
    outcome = Finding(check=ran.check.name, asks="", judgements=tuple(judged)).outcome
    if outcome is Outcome.UNKNOWN and not pool.whole and judge.release_showed(ran.check.name):
        return f"{pool.rows} decisions in {pool.windows} windows do not tell yet; what the release showed stands"
    return ""


def _about(statement: Statement, period: Window) -> Statement:
    return Statement(statement.subjects, statement.kind, {**statement.predicate, "about": period.about})


def _measured(said: Any) -> tuple[Any, ...]:
    cubes = tuple(one.get("cube", "") for one in said.get("inputs", ()))
    about = tuple(said.get("about") or ())
    return said.get("system"), said.get("check"), said.get("release"), about, said.get("observed_at"), cubes


def pool_begins(log: Log, system: str, release: str | None) -> str:
    """Since when the release that is declared has been running, where another ran before it; "" for always."""
    releases = [entry.statement for entry in log.trusted("release") if entry.statement.system == system]
    others = [one for one in releases if one.predicate.get("release") != release]
    own = [one.observed_at for one in releases if one.predicate.get("release") == release]
    return max(own, default="") if others else ""
