"""Watch a system: count the windows that are new or changed, put them on record, and say what is wrong.

A run may be repeated, interrupted, or made twice at once: what it leaves behind is the same, because windows are kept
with the rows that they were counted from, and everything else follows from them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from ombud.errors import Unreadable
from ombud.evidence.instants import instant, parsed
from ombud.law import Pack
from ombud.monitor.baseline import Baseline, baseline_of
from ombud.monitor.champion import Challenger, challenger_or_why
from ombud.monitor.counted import HOURS, SALT, Counted, to_plain, without_salt
from ombud.monitor.evidence import Judge, append, pool_begins, pooled_drafts, window_drafts
from ombud.monitor.look import look
from ombud.monitor.measure import Measurer
from ombud.monitor.notify import tell
from ombud.monitor.outcome import Outcomes
from ombud.monitor.plan import Plan, is_of, planned
from ombud.monitor.pooled import Pool, measure, pooled
from ombud.monitor.raising import open_incidents, raise_alarms
from ombud.monitor.recorded import Recorded, open_recorded
from ombud.monitor.series import point_to
from ombud.monitor.source import Source, open_source
from ombud.monitor.standing import standing_alarms
from ombud.monitor.take import Questions, take
from ombud.monitor.watched import Watched, WindowSeen
from ombud.monitor.windows import Window
from ombud.store.windows import KeptWindow, Windows
from ombud.store.workspace import Workspace
from ombud.system.manifest import System
from ombud.tables.needs import Role

Progress = Callable[[str, int, int], None]
_AT_ONCE: Final = 400
"""Windows that are counted in one pass and kept in one transaction."""


def run(
    workspace: Workspace,
    system: System,
    pack: Pack,
    holder: str,
    *,
    now: datetime | None = None,
    until: datetime | None = None,
    progress: Progress | None = None,
    source: Source | None = None,
) -> Watched:
    """Count what is new, sign it, and raise what has to be raised.

    Args:
        workspace, system, pack: where, what, and by which law; holder: whose key signs.
        now: by default the workspace's clock; rows after it are left out.
        until: look as if it were this time, if it is earlier than now.
        progress: called with what is being done, and how much of it.
        source: the decisions, if they are open already.

    Raises:
        OmbudError: the decisions cannot be read, or the store or the log cannot be used. What was kept before stays,
            and the next run catches up.
    """
    at = min(one for one in (now or workspace.context.clock.now(), until) if one is not None)
    source = source or open_any(workspace, system)
    store = Windows(workspace.ledger.database)
    challenger, notes = challenger_or_why(system, source)
    baseline = baseline_of(system, source, store, challenger.key if challenger else "")
    seen = source.look(at) if isinstance(source, Recorded) else look(source, at, system.name, store)
    plan = planned(system, source, store, baseline, seen, at)
    measurer = measurer_of(system, source, baseline)
    counter = Counter(source, baseline.questions, challenger)
    windows = tuple(_counted(workspace, system, counter, store, plan, measurer, progress))
    done = Watched(
        system=system.name, windows=windows, open=plan.open, future=seen.future, undated=seen.undated,
        ancient=plan.ancient, gone=plan.gone, notes=(*notes, *injected_note(system)),
    )  # fmt: skip
    return _on_record(workspace, system, pack, holder, source, store, baseline, done)


def open_any(workspace: Workspace, system: System) -> Source:
    """The table of decisions that the manifest names, else the decisions that were recorded here.

    Raises:
        OmbudError: there are neither, or they cannot be read.
    """
    return open_source(system) if "decisions" in system.data else open_recorded(workspace, system)


def injected_note(system: System) -> tuple[str, ...]:
    """That decisions were made up or changed by hand, where the manifest says so."""
    injected = system.monitoring.injected
    return () if injected is None else (f"INJECTED since {injected.since}, by the manifest: {injected.what}",)


def measurer_of(system: System, source: Source, baseline: Baseline) -> Measurer:
    """What turns counts of a window into points."""
    return Measurer(
        baseline=baseline, outcomes=Outcomes.of(source.columns), protected=source.columns.of(Role.PROTECTED),
        minimum=system.evidence.minimum_group,
    )  # fmt: skip


# --- counting ---------------------------------------------------------------------------------------------------------


def _counted(
    workspace: Workspace, system: System, counter: "Counter", store: Windows, plan: Plan, measurer: Measurer,
    progress: Progress | None,
) -> Iterator[WindowSeen]:  # fmt: skip
    total = sum(plan.marks[one.start].rows for one in plan.changed)
    done = 0
    for some in _portions(plan, counter.source.most):
        if progress:
            progress(f"decisions, {some[0].name} to {some[-1].name}", done, total)
        found = counter.counts([one for one in some if plan.marks[one.start].rows])
        yield from _kept(workspace, system, store, plan, measurer, some, found)
        done += sum(plan.marks[one.start].rows for one in some)
    if progress and total:
        progress("decisions", total, total)


@frozen(eq=False)
class Counter:
    """What counts windows: the questions asked of all rows at once, and the challenger on a sample of each window."""

    source: Source
    questions: Questions
    challenger: Challenger | None

    def counts(self, windows: Sequence[Window]) -> Mapping[datetime, Counted]:
        """The counts of some windows, by their beginning."""
        found = take(self.source, self.questions, windows)
        if self.challenger is None:
            return found
        return {
            one.start: {**found[one.start], **self.challenger.compared(self.source, one)} for one in windows
        }  # fmt: skip


def _portions(plan: Plan, most: int | None) -> Iterator[list[Window]]:
    """Changed windows in order, as many together as are counted in one pass."""
    some: list[Window] = []
    rows = 0
    for one in plan.changed:
        more = plan.marks[one.start].rows
        if some and (len(some) == _AT_ONCE or (most is not None and rows + more > most)):
            yield some
            some, rows = [], 0
        some, rows = [*some, one], rows + more
    if some:
        yield some


def _kept(
    workspace: Workspace, system: System, store: Windows, plan: Plan, measurer: Measurer, some: Sequence[Window],
    found: Mapping[datetime, Counted],
) -> Iterator[WindowSeen]:  # fmt: skip
    """Keep what was counted; windows whose counts came out as they were only get their new fingerprint."""
    drafts = {one: _draft(workspace, one, plan, measurer, found.get(one.start, {})) for one in some}
    before = {
        parsed(one.start): one for one in store.between(system.name, instant(some[0].start), instant(some[-1].end))
    }
    same = [draft for one, draft in drafts.items() if _came_out_the_same(before.get(one.start), draft)]
    store.refresh(system.name, same)
    kept = store.keep(system.name, [draft for draft in drafts.values() if draft not in same])
    for one in kept:
        window = Window(parsed(one.start), parsed(one.end), system.name)
        points = measurer.points(window, found.get(window.start, {}), one.rows)
        series = {point.series: point for point in points}
        yield WindowSeen(window=window, rows=one.rows, late=one.late, series=series)


def _draft(workspace: Workspace, one: Window, plan: Plan, measurer: Measurer, counted: Counted) -> KeptWindow:
    mark, before = plan.marks[one.start], plan.kept.get(one.start)
    if mark.rows != (counted[HOURS].total if counted else 0):
        raise Unreadable("the table of decisions", f"it changed while {one.name} was counted", "Run it again.")
    start, end = one.about
    later = max(0, mark.rows - before.rows) if before else 0
    return KeptWindow(
        start=start, end=end, rows=mark.rows, late=(before.late if before else 0) + later,
        fingerprint=mark.fingerprint, questions=measurer.baseline.key, version=before.version if before else 0,
        signed=before.signed if before else 0, taken_at=workspace.now(),
        counts=to_plain(counted) | {SALT: f"{workspace.context.random.getrandbits(128):032x}"},
        points=[point_to(point) for point in measurer.points(one, counted, mark.rows)],
    )  # fmt: skip


def _came_out_the_same(before: KeptWindow | None, draft: KeptWindow) -> bool:
    """Whether only the fingerprint is another: a newer engine hashes otherwise, or values moved within their bins."""
    if before is None or before.questions != draft.questions or before.rows != draft.rows:
        return False
    return without_salt(before.counts) == without_salt(draft.counts)


# --- on record --------------------------------------------------------------------------------------------------------


def _on_record(
    workspace: Workspace, system: System, pack: Pack, holder: str, source: Source, store: Windows, baseline: Baseline,
    done: Watched,
) -> Watched:  # fmt: skip
    """Sign every window that is not signed yet, by this run or one before it; then the trailing period."""
    unsigned = store.unsigned(system.name)
    entries = append(workspace, holder, window_drafts(system.name, unsigned))
    store.mark_signed(system.name, unsigned)
    done = _raised(workspace, system, pack, holder, done)
    pool = _pool(workspace, system, pack, source, store, baseline)
    if pool is None:
        return evolve(done, entries=entries)
    judge = Judge.of(workspace, system, pack, pool.taken_at)
    if judge is None:
        note = "nothing was declared of this system, so nothing is judged; run `ombud check` once"
        return evolve(done, entries=entries, pool=pool, notes=(*done.notes, note))
    ran = measure(pool, source, baseline, system, judge.moment[:10])
    drafts, waiting = pooled_drafts(judge, pool, ran)
    entries += append(workspace, holder, drafts)
    return evolve(done, entries=entries, pool=pool, waiting=waiting)


def _raised(workspace: Workspace, system: System, pack: Pack, holder: str, done: Watched) -> Watched:
    """Alarms of the life of the release that is declared, and the incidents that they open."""
    judge = Judge.of(workspace, system, pack, workspace.now())
    release = judge.now.release if judge else None
    since = pool_begins(workspace.ledger.log(), system.name, release)
    alarms = raise_alarms(workspace, system, holder, release, since)
    cases, notes = open_incidents(workspace, system.name, holder, release, pack)
    telling = tell(workspace, system, standing_alarms(workspace, system.name, release))
    return evolve(done, alarms=alarms, incidents=cases, told=telling.sent, notes=(*done.notes, *notes, *telling.notes))


def _pool(
    workspace: Workspace, system: System, pack: Pack, source: Source, store: Windows, baseline: Baseline
) -> Pool | None:
    """The windows of the trailing period: of this release, counted by the same questions as the newest one."""
    brief = [one for one in store.brief(system.name) if one.questions == baseline.key and is_of(one, source.length)]
    if not brief:
        return None
    last = Window(parsed(brief[-1].start), parsed(brief[-1].end), system.name)
    first = last.end - (system.monitoring.trailing.after(last.end) - last.end)
    judge = Judge.of(workspace, system, pack, brief[-1].taken_at)
    release = judge.now.release if judge else None
    begins = max(instant(first), pool_begins(workspace.ledger.log(), system.name, release))
    between = store.between(system.name, begins, instant(last.end))
    found = [one for one in between if one.questions == baseline.key and is_of(one, source.length)]
    whole = bool(found) and brief[0].start <= instant(first) and begins == instant(first)
    return pooled(found, system.name, whole=whole)
