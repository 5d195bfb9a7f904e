"""The monitoring report in words for a terminal, and as JSON for programs."""

import json
from collections.abc import Iterator
from typing import Any

from ombud.documents import words
from ombud.documents.monitoring.facts import Alarm, ReportInput, Spot, without_small_groups
from ombud.documents.monitoring.headline import alarm_said, by_weight, headline, sureness


def text(report: ReportInput) -> str:
    """What stands, what changed and what is not known, without the figures over time."""
    return "\n".join(_lines(without_small_groups(report)))


def _lines(report: ReportInput) -> Iterator[str]:
    yield f"{words.name(report.system)}: {headline(report)}"
    yield sureness(report)
    if report.demonstration:
        yield f"INJECTED {words.clean(report.demonstration)}"
    yield "what changed:"
    yield from (f"  {_state(one)}: {alarm_said(one)}" for one in by_weight(report.alarms))
    yield from (f"  {one.at.date()} {one.kind}: {words.clean(one.what)}" for one in report.changes)
    if not report.alarms and not report.changes:
        yield "  nothing on record"
    yield "what stands:"
    yield from (f"  {one.check}: {one.outcome} ({one.period})" for one in report.held)
    if report.compared:
        yield f"  {report.compared}"
    if not report.held:
        yield "  nothing that monitoring answers yet"
    yield "what is not known:"
    yield from (f"  {words.clean(one)}" for one in report.unknown or ("nothing is known to be missing",))


def _state(alarm: Alarm) -> str:
    return f"ALARM {alarm.incident}".strip() if alarm.open else "closed alarm"


def machine(report: ReportInput) -> str:
    """The whole report as JSON: every window of every series."""
    shown = without_small_groups(report)
    plain: dict[str, Any] = {
        "system": shown.system,
        "as_of": shown.as_of.isoformat(),
        "headline": headline(shown),
        "demonstration": shown.demonstration,
        "alarms": [_alarm(one) for one in by_weight(shown.alarms)],
        "incidents": [
            {"number": one.number, "state": one.state, "opened": one.opened.isoformat(), "next": one.next_clock}
            for one in shown.incidents
        ],
        "changes": [{"at": one.at.isoformat(), "kind": one.kind, "what": one.what} for one in shown.changes],
        "held": [{"check": one.check, "outcome": one.outcome, "period": one.period, "said": one.said}
                 for one in shown.held],
        "compared": shown.compared,
        "unknown": list(shown.unknown),
        "limits": {kind: {"op": one.op, "value": str(one.value), "origin": one.origin, "source": one.source}
                   for kind, one in shown.limits.items()},
        "series": {name: [_spot(spot) for spot in spots] for name, spots in shown.series.items()},
        "false_alarm_rate": shown.settings.false_alarm_rate,
    }  # fmt: skip
    return json.dumps(plain, indent=2, ensure_ascii=False)


def _alarm(one: Alarm) -> dict[str, Any]:
    return {
        "series": one.series, "which": one.about, "since": one.since.isoformat(), "raised": one.raised.isoformat(),
        "value": one.value, "low": one.low, "high": one.high, "n": one.n, "was": one.was, "limit": one.bound,
        "estimate": one.estimate, "open": one.open, "incident": one.incident,
    }  # fmt: skip


def _spot(spot: Spot) -> dict[str, Any]:
    return {
        "from": spot.start.isoformat(), "to": spot.end.isoformat(), "value": spot.value, "low": spot.low,
        "high": spot.high, "n": spot.n if spot.value is not None else None, "estimate": spot.estimate,
        "chance": spot.chance,
    }  # fmt: skip
