"""A Grafana dashboard of the metrics: made, not drawn by hand, so that every query names a metric that exists."""

import json
from typing import Any, Final

from attrs import frozen

_SOURCE: Final = {"type": "prometheus", "uid": "${source}"}
_OF: Final = 'system="$system"'
_SERIES: Final = "{{kind}} {{column}} {{group}}"


@frozen
class Query:
    """What is asked of Prometheus, and how its lines are called."""

    expr: str
    legend: str = ""


@frozen
class Panel:
    """One panel.

    Attributes:
        title: its head; said: what a reader has to know.
        queries: what it shows; unit: of Grafana's units.
        width: of 24; number: whether it is one number instead of lines; bad: from which number on it is red.
    """

    title: str
    queries: tuple[Query, ...]
    said: str = ""
    unit: str = "none"
    width: int = 12
    number: bool = False
    bad: float | None = None


def _values(kinds: str) -> str:
    return f'ombud_monitor_value{{{_OF}, kind=~"{kinds}"}}'


def _ends(kind: str) -> tuple[Query, ...]:
    """A kind of series with its interval and the limit of the policy."""
    return (
        Query(f'ombud_monitor_value{{{_OF}, kind="{kind}"}}', "{{group}} ({{column}})"),
        Query(f'ombud_monitor_low{{{_OF}, kind="{kind}"}}', "{{group}} ({{column}}), low"),
        Query(f'ombud_monitor_high{{{_OF}, kind="{kind}"}}', "{{group}} ({{column}}), high"),
        Query(f'ombud_monitor_limit{{{_OF}, kind="{kind}"}}', "limit {{column}}"),
    )


PANELS: Final = (
    Panel("Open alarms", (Query(f"ombud_monitor_alarms_open{{{_OF}}}"),), width=6, number=True, bad=1,
          said="The chance of any false alarm in the life of a release is stated: ombud_monitor_false_alarm_rate."),
    Panel("Open incidents", (Query(f"ombud_monitor_incidents_open{{{_OF}}}"),), width=6, number=True, bad=1),
    Panel("Late incidents", (Query(f"ombud_monitor_incidents_late{{{_OF}}}"),), width=6, number=True, bad=1,
          said="Something that is owed, such as a notice, is late."),
    Panel("Since the newest window", (Query(f"time() - ombud_monitor_last_window_end_seconds{{{_OF}}}"),), unit="s",
          width=6, number=True, said="If this grows beyond a window and its wait, nobody is looking."),
    Panel("Impact ratio", _ends("impact_ratio"), said="Against the group that others are compared with."),
    Panel("Selection rate", _ends("selection_rate"), unit="percentunit"),
    Panel("Error rates by group", (Query(_values("true_positive_rate|false_positive_rate"), _SERIES),),
          unit="percentunit", said="Of the favourable decision, among people whose label is known."),
    Panel("Drift", (Query(_values("psi"), "{{column}}"),), said="Population stability index; alarms know its chance."),
    Panel("Quality of the data", (Query(_values("missing|not_finite|out_of_range|new_level"), _SERIES),),
          unit="percentunit"),
    Panel("Performance", (Query(_values("accuracy|auc"), _SERIES), Query(_values("cbpe_.*"), f"{_SERIES}, estimated")),
          said="Series that begin with cbpe are estimates until labels come."),
    Panel("What people change", (Query(_values("override_rate"), "changed by a person"),), unit="percentunit"),
    Panel("Hours without a decision", (Query(_values("gap_hours"), "hours"),), unit="h",
          said="Of the hours in which decisions are usual."),
    Panel("Alarms by series", (Query(f"ombud_monitor_alarm{{{_OF}}} > 0", _SERIES),)),
    Panel("Decisions counted", (Query(f"ombud_monitor_decisions{{{_OF}}}", "decisions"),)),
)  # fmt: skip


def dashboard() -> str:
    """The dashboard as JSON, to be imported into Grafana; the system and the source are chosen there."""
    made: dict[str, Any] = {
        "title": "Ombud: monitored systems", "uid": "ombud-monitor", "schemaVersion": 39, "editable": True,
        "tags": ["ombud"], "time": {"from": "now-90d", "to": "now"}, "refresh": "5m", "timezone": "utc",
        "templating": {"list": [
            {"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"},
            {"name": "system", "label": "System", "type": "query", "datasource": _SOURCE, "refresh": 2, "sort": 1,
             "query": {"query": "label_values(ombud_monitor_windows, system)", "refId": "systems"}},
        ]},
        "panels": _placed(),
    }  # fmt: skip
    return json.dumps(made, indent=2)


def _placed() -> list[dict[str, Any]]:
    """The panels from left to right and from top to bottom."""
    placed: list[dict[str, Any]] = []
    x, y = 0, 0
    for number, panel in enumerate(PANELS, start=1):
        height = 5 if panel.number else 9
        if x + panel.width > 24:
            x, y = 0, y + placed[-1]["gridPos"]["h"]
        placed.append(_panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": height}))
        x += panel.width
    return placed


def _panel(panel: Panel, number: int, at: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "text", "value": None}]
    if panel.bad is not None:
        steps.append({"color": "red", "value": panel.bad})
    targets = [
        {"refId": chr(ord("A") + i), "datasource": _SOURCE, "expr": one.expr, "legendFormat": one.legend or "__auto"}
        for i, one in enumerate(panel.queries)
    ]
    return {
        "id": number, "type": "stat" if panel.number else "timeseries", "title": panel.title,
        "description": panel.said, "datasource": _SOURCE, "gridPos": at, "targets": targets,
        "fieldConfig": {"defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}},
                        "overrides": []},
    }  # fmt: skip
