"""Charts as Vega-Lite dictionaries: every interval against its limit, and what a less disparate threshold costs.

What comes from data is only ever a data value, never a part of an expression, a field name or a format. Colours are
CSS custom properties of the page, so that one drawing serves light, dark and print.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from attrs import frozen

from ombud.documents import words
from ombud.documents.measures import Measure, measure_of
from ombud.documents.report import Alternatives, TradeOff
from ombud.statistics.groups import TIMES
from ombud.statistics.measurement import Scale
from ombud.status.rule import Judgement

Spec = dict[str, Any]

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
FONT: Final = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
MOST_ROWS: Final = 24
"""Most rows of one drawing; the table beside it holds all."""

COLOURS: Final = {"fail": "var(--fail)", "unknown": "var(--unknown)", "pass": "var(--pass)"}
EQUAL: Final = {Scale.RATIO: (1.0, "equal"), Scale.DIFFERENCE: (0.0, "equal")}
SHAPES: Final = {"fail": "diamond", "unknown": "circle", "pass": "circle"}
INK, MUTED, LINE, CARD = "var(--ink)", "var(--muted)", "var(--line)", "var(--card)"


@frozen
class Format:
    """Where things go on a page of some width: sizes in pixels of the drawing.

    Attributes:
        plot: width of the scale; left, right: room beside it; step: height of a row.
        longest: letters of a name that fit.
        above: names and numbers stand above each interval instead of beside it.
    """

    plot: int
    left: int
    right: int
    step: int
    longest: int
    above: bool


WIDE: Final = Format(plot=440, left=236, right=150, step=34, longest=24, above=False)
LONG_NAMES: Final = Format(plot=336, left=340, right=150, step=34, longest=40, above=False)
NARROW: Final = Format(plot=296, left=14, right=14, step=66, longest=30, above=True)


def drawable(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The judgements that have an interval to draw, in their order."""
    return [j for j in judgements if j.measurement.is_estimate and j.measurement.value is not None]


def intervals(judgements: Sequence[Judgement], form: Format) -> Spec:
    """Intervals of one measured number, one a row, against the limit and against equality.

    Args:
        judgements: of one name, each with a value and an interval.
        form: how wide the page is.
    """
    shown = judgements[:MOST_ROWS]
    if form is WIDE and any(len(judgement.measurement.group or "") > form.longest for judgement in shown):
        form = LONG_NAMES
    measure, rule = measure_of(shown[0].measurement), shown[0].rule
    limit = float(rule.value) if rule else None
    nothing = measure.nothing or EQUAL.get(shown[0].measurement.scale)
    domain = _domain(shown, limit, nothing[0] if nothing else None)
    rows = [_row(number, judgement, measure, domain, form) for number, judgement in enumerate(shown)]
    layers = [*_lines(rule.value if rule else None, nothing, measure), *_marks(form), *_names(form)]
    return {
        **_frame(form.plot, len(rows) * form.step, form),
        "data": {"values": rows},
        "encoding": {
            "y": {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0, "paddingOuter": 0}}
        },
        "layer": [_on_scale(layer, domain, measure) for layer in layers],
    }


def _row(
    number: int, judgement: Judgement, measure: Measure, domain: tuple[float, float], form: Format
) -> dict[str, Any]:
    measured = judgement.measurement
    assert measured.value is not None and measured.low is not None and measured.high is not None
    limit = judgement.rule.value if judgement.rule else None
    outcome = str(judgement.outcome) if str(judgement.outcome) in COLOURS else "measured"
    low, high = max(measured.low, domain[0]), min(measured.high, domain[1])
    spread = measure.spread(measured.low, measured.high, limit)
    return {
        "row": number, "name": row_name(judgement, form.longest), "value": float(measured.value),
        "low": low, "high": high,
        "told": f"{measure.write(measured.value, limit)}  ({spread})", "outcome": outcome,
    }  # fmt: skip


def row_name(judgement: Judgement, longest: int) -> str:
    """ "black (race, n 197)", short enough for a drawing."""
    measured = judgement.measurement
    combined = TIMES in (measured.protected or "")
    beside = [words.short(measured.protected, 12)] if measured.protected and not combined else []
    beside += [f"n {measured.n:,}"] if measured.n else []
    whom = _parts(measured.group, longest) if measured.group else "everybody"
    return f"{whom} ({', '.join(beside)})" if beside else whom


def _parts(group: str, longest: int) -> str:
    """The levels of a combination, each cut as far as it takes for all of them to fit."""
    parts = group.split(TIMES)
    if len(group) <= longest:
        return words.short(group, longest)
    each = max(4, (longest - len(TIMES) * (len(parts) - 1)) // len(parts))
    return words.short(TIMES.join(words.short(part, each) for part in parts), longest + 4)


def _domain(judgements: Sequence[Judgement], limit: float | None, equal: float | None) -> tuple[float, float]:
    """From the lowest to the highest thing drawn, with a margin; what is infinite is cut off."""
    seen = [x for x in (limit, equal) if x is not None]
    for judgement in judgements:
        measured = judgement.measurement
        seen += [float(x) for x in (measured.low, measured.high, measured.value) if x is not None and math.isfinite(x)]
    low, high = min(seen), max(seen)
    margin = (high - low) * 0.04 or 0.05
    return low - margin, high + margin


def _lines(limit: Fraction | None, nothing: tuple[float, str] | None, measure: Measure) -> list[Spec]:
    """Equality as a dotted line, the limit as a solid one with its number on top."""
    lines: list[Spec] = []
    if nothing is not None:
        lines += _upright(*nothing, {"color": MUTED, "strokeDash": [2, 4], "strokeWidth": 1}, MUTED)
    if limit is not None:
        lines += _upright(float(limit), f"limit {measure.write_limit(limit)}", {"color": INK, "strokeWidth": 1.5}, INK)
    return lines


def _upright(at: float, said: str, look: Spec, colour: str) -> list[Spec]:
    alone = {"values": [{"at": at, "said": said}]}
    x: Spec = {"field": "at", "type": "quantitative"}
    label = {"type": "text", "y": -9, "baseline": "bottom", "fontSize": 12, "color": colour}
    return [
        {"data": alone, "mark": {"type": "rule", "y": -6, "y2": "height", **look}, "encoding": {"x": x, "y": None}},
        {"data": alone, "mark": label, "encoding": {"x": x, "y": None, "text": {"field": "said", "type": "nominal"}}},
    ]


def _marks(form: Format) -> list[Spec]:
    colour = {
        "field": "outcome", "type": "nominal", "legend": None,
        "scale": {"domain": [*COLOURS, "measured"], "range": [*COLOURS.values(), "var(--measured)"]},
    }  # fmt: skip
    shape = {
        "field": "outcome", "type": "nominal", "legend": None,
        "scale": {"domain": [*SHAPES, "measured"], "range": [*SHAPES.values(), "square"]},
    }  # fmt: skip
    low, high = {"field": "low", "type": "quantitative"}, {"field": "high"}
    down: Spec = {"yOffset": 16} if form.above else {}
    line = {"type": "rule", "strokeWidth": 3, "strokeCap": "round"} | down
    if form.above:
        line["y2Offset"] = 16
    point = {"type": "point", "filled": True, "size": 90, "opacity": 1, "stroke": CARD, "strokeWidth": 1.5} | down
    return [
        {"mark": line, "encoding": {"x": low, "x2": high, "color": colour}},
        {"mark": point, "encoding": {"x": {"field": "value", "type": "quantitative"}, "color": colour, "shape": shape}},
    ]  # fmt: skip


def _names(form: Format) -> list[Spec]:
    """What each row is, and its number: beside the scale, or above each interval with a halo over the lines."""
    name: Spec = {"type": "text", "fontSize": 13, "align": "left", "x": 8 - form.left}
    told: Spec = {"type": "text", "fontSize": 12.5, "align": "right", "x": form.plot + form.right - 4}
    if not form.above:
        return [_text(name, "name", INK), _text(told, "told", MUTED)]
    name |= {"x": 0, "yOffset": -17}
    told |= {"x": 0, "yOffset": 0, "align": "left"}
    halo = {"stroke": CARD, "strokeWidth": 5, "strokeJoin": "round"}
    return [
        _text(name | halo, "name", CARD), _text(name, "name", INK),
        _text(told | halo, "told", CARD), _text(told, "told", MUTED),
    ]  # fmt: skip


def _text(mark: Spec, field: str, colour: str) -> Spec:
    return {"mark": mark | {"color": colour}, "encoding": {"text": {"field": field, "type": "nominal"}}}


def _on_scale(layer: Spec, domain: tuple[float, float], measure: Measure) -> Spec:
    """Every layer with an x on the one scale, and its axis once."""
    x = layer["encoding"].get("x")
    if x is None:
        return layer
    format = {"share": ".0%", "ratio": ".2f", "points": "+.0%", "plain": "~g"}[measure.kind]
    scaled = x | {"scale": {"domain": list(domain), "nice": False, "zero": False}, "title": None}
    scaled["axis"] = {"format": format, "tickCount": 5}
    return layer | {"encoding": layer["encoding"] | {"x": scaled}}


def trade_off(found: Alternatives, form: Format) -> Spec:
    """Agreement with the label against the ratio, one point a threshold, with the present and the chosen ones named."""
    tried = [one for one in found.tried if math.isfinite(one.ratio) and math.isfinite(one.agreement)]
    width = form.plot if form.above else form.left + form.plot
    points = [
        {"at": at, "ratio": one.ratio, "agreement": one.agreement, "said": words.ratio(one.threshold, 2),
         "role": _role(one, found)}
        for at, one in enumerate(tried)
    ]  # fmt: skip
    x: Spec = {"field": "ratio", "type": "quantitative", "title": "impact ratio →", "scale": {"zero": False}}
    y: Spec = {"field": "agreement", "type": "quantitative", "title": None, "scale": _tall(tried)}
    x["axis"], y["axis"] = {"format": ".2f", "tickCount": 6}, {"format": ".1%", "tickCount": 5, "grid": True}
    layers = [*_limit_of(found, x), *_path(x, y), *_named_points(x, y)]
    frame = _frame(width, 250, form)
    frame["padding"] = {"left": 48, "right": 34, "top": 28, "bottom": 48}
    return {**frame, "data": {"values": points}, "layer": layers}


def _tall(tried: Sequence[TradeOff]) -> Spec:
    """A scale with head room for the names of points."""
    low, high = min(one.agreement for one in tried), max(one.agreement for one in tried)
    margin = (high - low) or 0.01
    return {"domain": [low - margin * 0.05, high + margin * 0.18], "nice": False, "zero": False}


def _role(one: TradeOff, found: Alternatives) -> str:
    if math.isclose(one.threshold, found.present):
        return "present"
    return "chosen" if any(math.isclose(one.threshold, chosen) for chosen in found.chosen) else "tried"


def _limit_of(found: Alternatives, x: Spec) -> list[Spec]:
    if found.limit is None:
        return []
    at = {"values": [{"ratio": found.limit, "said": f"limit {words.ratio(found.limit, 2)}"}]}
    label = {"type": "text", "y": -9, "baseline": "bottom", "fontSize": 12, "color": INK}
    return [
        {"data": at, "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5, "y": -6, "y2": "height"},
         "encoding": {"x": x}},
        {"data": at, "mark": label, "encoding": {"x": x, "text": {"field": "said", "type": "nominal"}}},
    ]  # fmt: skip


def _path(x: Spec, y: Spec) -> list[Spec]:
    order = {"field": "at", "type": "quantitative"}
    return [
        {"mark": {"type": "line", "color": MUTED, "strokeWidth": 1.5, "opacity": 0.55},
         "encoding": {"x": x, "y": y, "order": order}},
        {"mark": {"type": "point", "filled": True, "color": MUTED, "size": 26, "opacity": 1},
         "encoding": {"x": x, "y": y}},
    ]  # fmt: skip


def _named_points(x: Spec, y: Spec) -> list[Spec]:
    only = {"field": "role", "oneOf": ["present", "chosen"]}
    where = [{"filter": only}]
    look = {"field": "role", "type": "nominal", "legend": None}
    colour = look | {"scale": {"domain": ["present", "chosen"], "range": ["var(--fail)", "var(--accent)"]}}
    shape = look | {"scale": {"domain": ["present", "chosen"], "range": ["diamond", "circle"]}}
    point = {"type": "point", "filled": True, "size": 120, "opacity": 1, "stroke": CARD, "strokeWidth": 1.5}
    text = {"type": "text", "dy": -14, "fontSize": 12.5, "fontWeight": 600}
    said = {"field": "said", "type": "nominal"}
    return [
        {"transform": where, "mark": point, "encoding": {"x": x, "y": y, "color": colour, "shape": shape}},
        {"transform": where, "mark": text, "encoding": {"x": x, "y": y, "text": said, "color": colour}},
    ]


def _frame(width: int, height: int, form: Format) -> Spec:
    axis = {
        "domain": False, "ticks": False, "labelColor": MUTED, "titleColor": MUTED, "gridColor": LINE, "labelFont": FONT,
        "titleFont": FONT, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 8,
        "gridOpacity": 0.7, "titlePadding": 8,
    }  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "autosize": {"type": "none"},
        "padding": {"left": form.left, "right": form.right, "top": 30, "bottom": 30},
        "background": None,
        "config": {"aria": False, "font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"font": FONT}},
    }
