"""The monitoring report of a system, gathered from what the store keeps of its windows and what the log says of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from ombud.cases import Case
from ombud.documents.monitoring import facts
from ombud.documents.sentence import summary_of
from ombud.evidence.entry import Entry
from ombud.evidence.instants import parsed
from ombud.incidents.clocks import Standing, incidents
from ombud.law import Pack
from ombud.monitor.alarm_plan import DRIFT, EFFECTS, kind_of
from ombud.monitor.champion import Paired, said
from ombud.monitor.coarser import readable
from ombud.monitor.counted import PAIRED, added
from ombud.monitor.points import SeriesPoint
from ombud.monitor.series import series_of
from ombud.monitor.standing import standing_alarms
from ombud.monitor.told import told_as
from ombud.monitor.unknown import estimates_against_labels, unknown
from ombud.release.assess import picture_of
from ombud.statistics.drift import psi_limit
from ombud.status.finding import Finding
from ombud.status.rule import Rule
from ombud.status.status import Picture
from ombud.store.windows import KeptWindow, Windows
from ombud.store.workspace import Workspace
from ombud.system.manifest import System
from ombud.system.spec import Injected


def report_of(workspace: Workspace, system: System, pack: Pack, *, every: bool = False) -> facts.ReportInput:
    """Gather what a monitoring report shows; nothing is counted anew, and nothing is written.

    Args:
        workspace: log, store, clock; system: its manifest; pack: the law that findings are held against.
        every: every window by itself; else so many that they could not be told apart are added up.

    Raises:
        OmbudError: the store or the log cannot be read.
    """
    store = Windows(workspace.ledger.database)
    windows = store.with_points(system.name)
    drawn, length = (windows, system.monitoring.window) if every else readable(system, store, windows)
    series = series_of(windows)
    shown = series if drawn is windows else series_of(drawn)
    picture = picture_of(workspace, pack, system.name)
    return facts.ReportInput(
        system=system.name,
        purpose=system.purpose or "",
        as_of=workspace.context.clock.now().astimezone(UTC).date(),
        series={name: tuple(map(_spot, points)) for name, points in shown.items() if name != "rows"},
        counted=len(windows),
        drawn_by=length,
        limits=dict(_limits(picture)),
        alarms=tuple(map(told_as, standing_alarms(workspace, system.name, picture.release))),
        incidents=tuple(map(_incident, incidents(workspace, ended=True, system=system.name))),
        changes=tuple(sorted(_changes(workspace, system), key=lambda one: one.at)),
        held=tuple(_held(one) for one in picture.findings if one.about is not None),
        compared=_compared(windows),
        unknown=unknown(workspace, system, picture, windows, series),
        settings=_settings(system),
        notes=tuple(filter(None, (_late(windows), estimates_against_labels(series)))),
        demonstration=injected_said(system.monitoring.injected),
    )


def _compared(windows: Sequence[KeptWindow]) -> str:
    """Champion against challenger, over all windows that were counted with the newest one's challenger."""
    newest = [one for one in windows if one.questions == windows[-1].questions]
    cube = added({PAIRED: (one.counts or {})[PAIRED]} for one in newest if PAIRED in (one.counts or {})).get(PAIRED)
    if cube is None or not cube.total:
        return ""
    words = said(Paired.of(cube))
    return f"{words[0].upper()}{words[1:]}, since {newest[0].start[:10]}."


def _late(windows: Iterable[KeptWindow]) -> str:
    late = sum(one.late for one in windows)
    return f"{late:,} decisions came after their window had been counted, and were added to it." if late else ""


def injected_said(injected: Injected | None) -> str:
    """What was made up or changed by hand, as it is said beside every figure; "" where nothing was."""
    if injected is None:
        return ""
    return f"From {injected.since} on, by the manifest: {injected.what.rstrip('.')}."


# --- series -----------------------------------------------------------------------------------------------------------


def _spot(point: SeriesPoint) -> facts.Spot:
    return facts.Spot(
        start=point.start, end=point.end, value=point.value, low=point.low, high=point.high, n=point.n,
        estimate=point.estimate, chance=_chance(point),
    )  # fmt: skip


def _chance(point: SeriesPoint) -> float | None:
    """What a distance stays below by chance alone, in 95 of 100 windows of this size."""
    if kind_of(point.series) not in DRIFT or point.value is None:
        return None
    before, now = (
        [n for name, n in sorted(point.counts.items()) if name.startswith(f"{which} ")] for which in ("before", "now")
    )
    if not sum(before) or not sum(now):
        return None
    occur = sum(1 for one, other in zip(before, now, strict=True) if one or other)
    return psi_limit(sum(before), sum(now), occur)


def _limits(picture: Picture) -> Iterator[tuple[str, facts.Limit]]:
    """Kind of series → the limit of law or policy that its newest finding was held against; the strictest one."""
    found: dict[str, list[Rule]] = {}
    for finding in picture.findings:
        for judgement in finding.judgements:
            if judgement.rule is not None:
                found.setdefault(judgement.rule.measurement, []).append(judgement.rule)
    for kind, rules in found.items():
        strictest = max(rules, key=lambda rule: rule.value if rule.op == ">=" else -rule.value)
        yield kind, facts.Limit(
            op=strictest.op, value=strictest.value, origin=strictest.origin.value, source=_source(strictest),
            borrowed_from=strictest.borrowed_from or "",
        )  # fmt: skip


def _source(rule: Rule) -> str:
    """The requirement, or the beginning of the digest of the declaration that holds the policy."""
    return f"declaration {rule.source[:12]}" if rule.origin.value == "policy" else rule.source


# --- what happened ----------------------------------------------------------------------------------------------------


def _incident(one: Standing) -> facts.Incident:
    case: Case = one.case
    return facts.Incident(
        number=case.id, state=case.state, opened=case.steps[0].at,
        next_clock="" if one.next is None or case.ended else
        f"{one.next.duty.key}: by {one.next.due:%Y-%m-%d %H:%M} UTC{', late' if one.next.late(one.at) else ''}",
    )  # fmt: skip


def _changes(workspace: Workspace, system: System) -> Iterator[facts.Change]:
    log = workspace.ledger.log()
    yield from (_change(one, "release", "release {}") for one in _of(log.trusted("release"), system))
    yield from (_change(one, "release", "back to release {}") for one in _of(log.trusted("rollback"), system))
    yield from (_change(one, "revocation", "release {}") for one in _of(log.trusted("revocation"), system))
    injected = system.monitoring.injected
    if injected is not None:
        began = datetime.combine(injected.since, time(), UTC)
        yield facts.Change(at=began, what=injected.what, kind="injected")


def _of(entries: Iterable[Entry], system: System) -> Iterator[Entry]:
    return (one for one in entries if one.statement.predicate.get("system") == system.name)


def _change(entry: Entry, kind: Any, said: str) -> facts.Change:
    predicate: Mapping[str, Any] = entry.statement.predicate
    release = str(predicate.get("release") or "")[:12] or "of an unnamed digest"
    return facts.Change(at=parsed(entry.statement.observed_at), what=said.format(release), kind=kind)


def _held(finding: Finding) -> facts.Held:
    assert finding.about is not None, "only those that speak of a period are asked"
    begin, end = (parsed(one) for one in finding.about)
    last = (end - timedelta(microseconds=1)).date()
    outcome = "stale" if finding.stale else str(finding.outcome)
    return facts.Held(
        check=finding.check,
        asks=finding.asks,
        outcome=outcome,
        period=f"{begin.date()} to {last}",
        said=finding.summary or summary_of(finding),
    )


def _settings(system: System) -> facts.Settings:
    watched = system.monitoring
    practical = {**EFFECTS, **{name: float(effect) for name, effect in watched.practical.items()}}
    return facts.Settings(
        window=watched.window,
        trailing=watched.trailing.words, false_alarm_rate=float(watched.alarm_rate), practical=practical,
        minimum=system.evidence.minimum_group,
    )  # fmt: skip
