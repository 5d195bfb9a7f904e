"""What monitoring does not know of a system, in sentences: silence is never shown as good news."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ombud.monitor.baseline import Baseline
from ombud.monitor.coarser import measurer_in_store
from ombud.monitor.estimated import meaning_of
from ombud.monitor.evidence import pool_begins
from ombud.monitor.points import SeriesPoint
from ombud.monitor.raising import folded
from ombud.status.rule import Outcome
from ombud.status.status import Picture
from ombud.store.windows import KeptWindow, Windows
from ombud.store.workspace import Workspace
from ombud.system.manifest import System
from ombud.tables.needs import Role

_NEARLY_ALL = 0.9
Series = Mapping[str, Sequence[SeriesPoint]]
_MISSED = {
    Role.PROTECTED: "No column says which group somebody belongs to (columns.protected): fairness is not seen.",
    Role.LABEL: "No column holds what became of a decision (columns.label): performance is not measured.",
    Role.HUMAN_CHANGED: "No column says whether a person changed a decision (columns.human_changed): overrides are "
    "not seen.",
}  # fmt: skip


def unknown(
    workspace: Workspace, system: System, picture: Picture, windows: Sequence[KeptWindow], series: Series
) -> tuple[str, ...]:
    """What is not known: windows without decisions or labels, groups nobody may see, series nobody watches."""
    if not windows:
        return ("Nothing was monitored yet.",)
    recorded = "decisions" not in system.data
    newest = Windows(workspace.ledger.database).baseline(system.name, windows[-1].questions)
    missed = [said for role, said in _MISSED.items() if not recorded and not system.columns.of(role)]
    watched = _unwatched(workspace, system, picture)
    return (*missed, *_empty(windows), *_labels(series), *_estimates(system, newest), *watched, *_findings(picture))


def _empty(windows: Sequence[KeptWindow]) -> Iterator[str]:
    empty = sum(not one.rows for one in windows)
    if empty:
        yield f"{empty} of {len(windows)} windows hold no decision: nothing is known of them."


def _labels(series: Series) -> Iterator[str]:
    """Windows with decisions of which no outcome is known yet, and in how many of them it is estimated."""
    measured = {point.start for point in series.get("accuracy", ()) if point.n}
    guessed = {point.start for point in series.get("cbpe_accuracy", ()) if point.value is not None}
    if not measured and "cbpe_accuracy" not in series:
        return
    decided = [point.start for point in series.get("rows", ()) if point.n]
    lacking = [start for start in decided if start not in measured]
    dark = sum(start not in guessed for start in lacking)
    if lacking:
        how = _how(dark, lacking)
        yield f"For {len(lacking)} of {len(decided)} windows no labels have come: of performance, {how}."
    if dark and "cbpe_accuracy" in series:
        yield (
            f"In {dark} of them nothing is estimated either: too many decisions have a score and an outcome that no "
            f"decision of the evaluation table had together."
        )


def _how(dark: int, lacking: Sequence[datetime]) -> str:
    if not dark:
        return "it is estimated there"
    if dark == len(lacking):
        return "it is not known there"
    return f"it is not known in {dark} of them, and estimated in the others"


def _estimates(system: System, newest: Mapping[str, Any] | None) -> Iterator[str]:
    """Why performance is not estimated before labels come."""
    if newest is None:
        return
    baseline = Baseline.from_plain(newest, "")
    if baseline.questions.score is None:
        return
    meaning = meaning_of(baseline, measurer_in_store(system, baseline).outcomes)
    if isinstance(meaning, str):
        yield f"Performance is not estimated before labels come: {meaning}."


def estimates_against_labels(series: Series) -> str:
    """How far the estimates were off in the windows whose labels have come; "" where none have."""
    measured = {point.start: point for point in series.get("accuracy", ()) if point.value is not None}
    pairs = [
        (one, measured[one.start]) for one in series.get("cbpe_accuracy", ())
        if one.value is not None and one.start in measured and measured[one.start].n >= _NEARLY_ALL * one.n
    ]  # fmt: skip
    rows = sum(seen.n for _, seen in pairs)
    if not rows:
        return ""
    off = sum(((guess.value or 0.0) - (seen.value or 0.0)) * seen.n for guess, seen in pairs) / rows
    return (
        f"In {len(pairs)} windows whose labels have come, accuracy was estimated {abs(off) * 100:.1f} points too "
        f"{'high' if off > 0 else 'low'} on average ({rows:,} decisions)."
    )


def _unwatched(workspace: Workspace, system: System, picture: Picture) -> Iterator[str]:
    since = pool_begins(workspace.ledger.log(), system.name, picture.release)
    whys = Counter(one.unwatched for one in folded(workspace, system, since) if one.unwatched)
    for why, n in whys.most_common():
        yield f"{n} series {'is' if n == 1 else 'are'} not watched for change: {why}."


def _findings(picture: Picture) -> Iterator[str]:
    for one in picture.findings:
        if one.about is not None and one.stale:
            yield f"{one.check}: measured too long ago to count."
        elif one.about is not None and one.outcome is Outcome.UNKNOWN:
            yield f"{one.check}: {one.unmet or 'the figures leave it open'}."
    if picture.declaration is None:
        yield "Nothing was declared of this system, so nothing is held against law or policy."
    elif not any(one.about for one in picture.findings):
        yield "Monitoring does not speak for any check yet; what the release showed stands."
