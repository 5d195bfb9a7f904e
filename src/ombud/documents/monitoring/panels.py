"""Figures over time as Vega-Lite dictionaries: a panel a series, one below the other, on one scale of time and value.

What comes from data is only ever a data value, as in `documents.charts`; colours are the page's own.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from ombud.documents import words
from ombud.documents.charts import CARD, FONT, INK, LINE, MUTED, SCHEMA
from ombud.documents.monitoring.chapters import Figure, Panel
from ombud.documents.monitoring.facts import Alarm, Spot
from ombud.documents.monitoring.names import Kind, spread, written

Spec = dict[str, Any]
Domain = tuple[float, float]

MEASURED, FAIL = "var(--measured)", "var(--fail)"
_FEW: Final = 40
"""Up to so many windows, each has a point of its own."""

_MOST_NAMED: Final = 4
"""So many changes of a system have their name in a drawing; all are listed below it."""


@frozen
class Page:
    """What a drawing is made for.

    Attributes:
        plot: width of the plot, and height of a panel, in pixels.
        longest: letters of a name that fit. ticks: of the scale of time.
        above: whether the latest figure stands below the name of a series instead of beside it.
    """

    plot: int
    height: int
    longest: int
    ticks: int
    above: bool


WIDE: Final = Page(plot=780, height=120, longest=60, ticks=9, above=False)
NARROW: Final = Page(plot=288, height=110, longest=34, ticks=3, above=True)


def over_time(figure: Figure, page: Page, like: Figure | None = None) -> Spec:
    """The drawing of a figure for a width; a piece of one has the scale of the whole (`like`)."""
    domain = _domain(like or figure)
    last = len(figure.panels) - 1
    views = [_view(figure, panel, page, domain, at == last) for at, panel in enumerate(figure.panels)]
    axis = {
        "domain": False, "ticks": False, "labelColor": MUTED, "gridColor": LINE, "labelFont": FONT, "labelFontSize": 12,
        "labelPadding": 8, "gridOpacity": 0.7,
    }  # fmt: skip
    return {
        "$schema": SCHEMA, "vconcat": views, "spacing": 52 if page.above else 38, "background": None,
        "padding": {"left": 2, "right": 10, "top": 4, "bottom": 4}, "autosize": {"type": "pad"},
        "config": {"aria": False, "font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"font": FONT},
                   "concat": {"spacing": 0}},
    }  # fmt: skip


def _view(figure: Figure, panel: Panel, page: Page, domain: Domain, last: bool) -> Spec:
    like = panel.name.like
    scales = {"x": _x(figure.period, page, last), "y": _y(like, domain)}
    events, named = _events(figure, panel)
    layers = [
        *events,
        *_limits(figure, panel, domain),
        *_track(panel.spots, domain),
        *_track(panel.estimates, domain),
        *_limit_named(figure, panel),
        *named,  # names last, so that no line runs through them
        *_head(panel, page),
    ]
    return {"width": page.plot, "height": page.height, "layer": [_scaled(layer, scales) for layer in layers]}


def _scaled(layer: Spec, scales: Spec) -> Spec:
    """A layer whose positions are on the panel's scales."""
    encoding = dict(layer["encoding"])
    for channel in ("x", "y"):
        if channel in encoding:
            encoding[channel] = scales[channel] | encoding[channel]
    return layer | {"encoding": encoding}


# --- scales -----------------------------------------------------------------------------------------------------------


def _x(period: tuple[datetime, datetime], page: Page, labels: bool) -> Spec:
    ticks, format = _ticks(*period, most=page.ticks)
    return {
        "type": "temporal", "title": None,
        "scale": {"type": "utc", "domain": [_date(period[0]), _date(period[1])], "nice": False},
        "axis": {"values": [_date(tick) for tick in ticks], "format": format, "labels": labels, "labelFlush": False},
    }  # fmt: skip


def _y(like: Kind, domain: Domain) -> Spec:
    format = {"share": ".0%" if domain[1] - domain[0] > 0.03 else ".1%", "points": "+.0%"}.get(like.unit, ".6~g")
    return {
        "type": "quantitative", "title": None, "scale": {"domain": list(domain), "nice": False, "zero": False},
        "axis": {"tickCount": 3, "format": format, "minExtent": 44, "maxExtent": 44},
    }  # fmt: skip


def _ticks(start: datetime, end: datetime, most: int) -> tuple[list[datetime], str]:
    """Beginnings of months, or days where the period is short, at most `most`."""
    days = (end - start).days
    if days < 30 * most:
        step = max(1, -(-days // most))
        return [start + timedelta(days=step * at) for at in range(days // step + 1)][:most], "%m-%d"
    months = [datetime(y, m, 1, tzinfo=start.tzinfo) for y in range(start.year, end.year + 1) for m in range(1, 13)]
    inside = [month for month in months if start <= month <= end]
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 600) if len(inside) / step <= most)
    kept = [month for month in inside if (month.year * 12 + month.month - 1) % step == 0]
    return kept, "%Y-%m"


def _date(at: datetime) -> Spec:
    return {"year": at.year, "month": at.month, "date": at.day, "hours": at.hour, "minutes": at.minute, "utc": True}


def _domain(figure: Figure) -> Domain:
    """All figures, the limit, and the intervals but for their widest twentieth, with a margin."""
    spots = [spot for panel in figure.panels for spot in panel.all]
    seen = [spot.value for spot in spots if spot.value is not None]
    seen += [spot.chance for spot in spots if spot.chance is not None]
    seen += _inner([spot.low for spot in spots if spot.low is not None], low=True)
    seen += _inner([spot.high for spot in spots if spot.high is not None], low=False)
    seen += [float(figure.limit.value)] if figure.limit else []
    seen += [0.0] if figure.from_zero else []
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    margin = (high - low) * 0.06 or 0.05
    return (low if figure.from_zero and low == 0 else low - margin, high + margin)


def _inner(ends: list[float], *, low: bool) -> list[float]:
    ends = sorted(ends, reverse=low)
    return ends[: max(1, -(-len(ends) * 19 // 20))][-1:] if ends else []


# --- what is drawn ----------------------------------------------------------------------------------------------------


def _track(spots: Sequence[Spot], domain: Domain) -> list[Spec]:
    """Band, line and points of a series; it stops where nothing is known, and estimates look different throughout."""
    rows = _rows(spots, domain)
    measured, estimated = ([row for row in rows if row["estimate"] is which] for which in (False, True))
    return [*_drawn(measured, estimate=False), *_drawn(estimated, estimate=True)]


def _drawn(rows: list[Spec], *, estimate: bool) -> list[Spec]:
    if not rows:
        return []
    windows = Counter(row["run"] for row in rows)
    lonely = [row for row in rows if windows[row["run"]] == 1]
    x, y, run = {"field": "at"}, {"field": "value"}, {"field": "run", "type": "nominal"}
    band: Spec = {"x": x, "y": {"field": "low"}, "y2": {"field": "high"}}
    area = {"type": "area", "color": MEASURED, "opacity": 0.1 if estimate else 0.2}
    bar = {"type": "rule", "color": MEASURED, "strokeWidth": 2, "opacity": 0.45}
    line = {"type": "line", "color": MEASURED, "strokeWidth": 1.6} | _dash(estimate)
    pointed = rows if len(rows) <= _FEW else lonely
    return [
        {"data": {"values": [row for row in rows if "low" in row]}, "mark": area, "encoding": band | {"detail": run}},
        {"data": {"values": rows}, "mark": line, "encoding": {"x": x, "y": y, "detail": run}},
        {"data": {"values": pointed}, "mark": _point(estimate), "encoding": {"x": x, "y": y}},
        {"data": {"values": [row for row in lonely if "low" in row]}, "mark": bar, "encoding": band},
    ]


def _dash(estimate: bool) -> Spec:
    return {"strokeDash": [1.5, 3], "strokeCap": "round"} if estimate else {}


def _point(estimate: bool) -> Spec:
    look = {"fill": CARD, "stroke": MEASURED, "strokeWidth": 1.2} if estimate else {"fill": MEASURED, "stroke": None}
    return {"type": "point", "filled": True, "opacity": 1, "size": 16 if estimate else 22} | look


def _rows(spots: Sequence[Spot], domain: Domain) -> list[Spec]:
    """A row a window with a figure; `run` counts up where a window is missing or the kind of figure changes."""
    rows: list[Spec] = []
    run, before = 0, None
    for spot in spots:
        if spot.value is None:
            before = None
            continue
        joined = before is not None and before.end == spot.start and before.estimate == spot.estimate
        run, before = run if joined else run + 1, spot
        value = _within(spot.value, domain)
        row: Spec = {"at": _middle(spot), "value": value, "run": f"{run}", "estimate": spot.estimate}
        if spot.low is not None and spot.high is not None:
            row |= {"low": _within(spot.low, domain), "high": _within(spot.high, domain)}
        rows.append(row)
    return rows


def _within(value: float, domain: Domain) -> float:
    return min(max(value, domain[0]), domain[1])


def _middle(spot: Spot) -> str:
    return (spot.start + (spot.end - spot.start) / 2).isoformat()


def _limits(figure: Figure, panel: Panel, domain: Domain) -> list[Spec]:
    """The limit as a solid line with its number, equality as a dotted one, and what chance allows as a dashed one."""
    layers: list[Spec] = []
    equal, limit = panel.name.like.equal, figure.limit
    if equal is not None and domain[0] < equal < domain[1]:
        layers.append(_level(equal, {"color": MUTED, "strokeDash": [2, 4], "strokeWidth": 1}))
    chance = [{"at": _middle(spot), "chance": spot.chance} for spot in panel.spots if spot.chance is not None]
    if chance:
        look = {"type": "line", "color": INK, "strokeWidth": 1, "strokeDash": [6, 3], "opacity": 0.8}
        y = {"field": "chance"}
        layers.append({"data": {"values": chance}, "mark": look, "encoding": {"x": {"field": "at"}, "y": y}})
    if limit:
        layers.append(_level(float(limit.value), {"color": INK, "strokeWidth": 1.4}))
    return layers


def _limit_named(figure: Figure, panel: Panel) -> list[Spec]:
    if figure.limit is None:
        return []
    at = float(figure.limit.value)
    said = [{"value": at, "said": f"limit {written(panel.name.like, at)}"}]
    below = {"dy": 9} if figure.limit.op == ">=" else {"dy": -8}
    return _haloed({"type": "text", "x": 4, "align": "left", "fontSize": 12} | below, said, INK, y=True)


def _level(at: float, look: Spec) -> Spec:
    y = {"field": "value"}
    return {"data": {"values": [{"value": at}]}, "mark": {"type": "rule"} | look, "encoding": {"y": y}}


def _events(figure: Figure, panel: Panel) -> tuple[list[Spec], list[Spec]]:
    """What was done to the system, and the alarms, as upright lines; and the names of these lines."""
    lines: list[Spec] = []
    names: list[Spec] = []
    seen = [change for change in figure.changes if figure.period[0] <= change.at <= figure.period[1]]
    for change in seen:
        lines.append(_upright(change.at, {"color": MUTED, "strokeWidth": 1.2, "strokeDash": [3, 3]}))
    for at, change in enumerate(seen[-_MOST_NAMED:]):
        names += _named(change.at, change.kind, MUTED, figure, 8 if at % 2 else 22)
    for alarm in panel.alarms:
        lines += _alarm(alarm, figure)
        names += _named(_raised(alarm, figure), f"▲ alarm {alarm.raised.date()}", FAIL, figure, 37)
    return lines, names


def _raised(alarm: Alarm, figure: Figure) -> datetime:
    return min(max(alarm.raised, figure.period[0]), figure.period[1])


def _alarm(alarm: Alarm, figure: Figure) -> list[Spec]:
    begun, raised = max(alarm.since, figure.period[0]), _raised(alarm, figure)
    shade = [{"at": begun.isoformat(), "until": raised.isoformat()}]
    look = {"type": "rect", "color": FAIL, "opacity": 0.13, "y": 0, "y2": "height"}
    x2 = {"field": "until"}
    return [
        {"data": {"values": shade}, "mark": look, "encoding": {"x": {"field": "at"}, "x2": x2}},
        _upright(raised, {"color": FAIL, "strokeWidth": 1.6}),
    ]


def _upright(at: datetime, look: Spec) -> Spec:
    rule = {"type": "rule", "y": 0, "y2": "height"} | look
    return {"data": {"values": [{"at": at.isoformat()}]}, "mark": rule, "encoding": {"x": {"field": "at"}}}


def _named(at: datetime, said: str, colour: str, figure: Figure, y: int) -> list[Spec]:
    """The name of an upright line, on the side that has room."""
    begin, end = figure.period
    late = (at - begin) > (end - begin) / 2
    label = {"type": "text", "y": y, "dx": -5 if late else 5, "align": "right" if late else "left", "fontSize": 12}
    return _haloed(label, [{"at": at.isoformat(), "said": said}], colour, y=False)


def _haloed(mark: Spec, rows: list[Spec], colour: str, *, y: bool) -> list[Spec]:
    """A label with a rim in the colour of the page, so that lines do not run through it."""
    place = {"y": {"field": "value"}} if y else {"x": {"field": "at"}}
    text = {"text": {"field": "said", "type": "nominal"}}
    rim = {"stroke": CARD, "strokeWidth": 4, "strokeJoin": "round", "color": CARD}
    return [
        {"data": {"values": rows}, "mark": mark | rim, "encoding": place | text},
        {"data": {"values": rows}, "mark": mark | {"color": colour}, "encoding": place | text},
    ]


def _head(panel: Panel, page: Page) -> list[Spec]:
    """The name of the series above its panel, and its latest figure."""
    row = [{"name": words.short(_whom(panel), page.longest), "told": _latest(panel)}]
    name: Spec = {"type": "text", "x": 0, "y": -28 if page.above else -11, "align": "left", "fontSize": 13}
    beside: Spec = {"type": "text", "align": "right", "x": "width", "y": -11, "fontSize": 12.5}
    if page.above:
        beside |= {"align": "left", "x": 0}
    return [
        {"data": {"values": row}, "mark": name | {"fontWeight": 600, "color": INK},
         "encoding": {"text": {"field": "name", "type": "nominal"}}},
        {"data": {"values": row}, "mark": beside | {"color": MUTED},
         "encoding": {"text": {"field": "told", "type": "nominal"}}},
    ]  # fmt: skip


def _whom(panel: Panel) -> str:
    """What a panel is about beside what its drawing is about."""
    if panel.name.whom:
        return panel.name.whom
    return "everybody" if panel.name.like.chapter in ("selection", "comparison") else "all decisions"


def _latest(panel: Panel) -> str:
    """The latest figure with its interval; beside estimates, the latest measured one with its date."""
    latest, like = panel.latest, panel.name.like
    measured = next((spot for spot in reversed(panel.spots) if spot.value is not None), None)
    if latest is None:
        return "no figure"
    if latest.estimate and measured is not None and not measured.estimate:
        seen = f"measured {written(like, measured.value)} ({measured.start.date()})"
        return f"{seen}, estimated {written(like, latest.value)}"
    within = spread(like, latest.low, latest.high)
    said = f"{written(like, latest.value)}{f' ({within})' if within else ''}{f', n {latest.n:,}' if latest.n else ''}"
    return f"{'estimated' if latest.estimate else 'latest'} {said}"
