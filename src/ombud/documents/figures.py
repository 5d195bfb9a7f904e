"""The figures of a finding: drawings at two widths, and the numbers in them for a table."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from attrs import frozen
from markupsafe import Markup

from ombud.documents import words
from ombud.documents.charts import MOST_ROWS, NARROW, WIDE, drawable, intervals, trade_off
from ombud.documents.measures import about, measure_of
from ombud.documents.report import Alternatives
from ombud.documents.sentence import source_words
from ombud.documents.svg import drawing
from ombud.status.finding import Finding
from ombud.status.rule import Judgement, Outcome


@frozen
class Figure:
    """A drawing for a desk and one for a phone, with its caption.

    Attributes:
        judgements: what is drawn, for the table below it.
        unseen: how many more there are than the drawing shows.
    """

    caption: str
    wide: Markup
    narrow: Markup
    judgements: tuple[Judgement, ...] = ()
    unseen: int = 0


@frozen
class Line:
    """One number of a finding, every part of it written out for a table.

    Attributes:
        limit, source: "" where nobody sets one.
    """

    called: str
    whom: str
    value: str
    interval: str
    n: str
    p: str
    detectable: str
    limit: str
    source: str
    outcome: str
    because: str
    method: str
    notes: tuple[str, ...]


def figures(finding: Finding, id: str) -> Iterator[Figure]:
    """One figure for each number that is limited, or, without limits, for those that compare groups best.

    Args:
        finding: whose intervals.
        id: unique on the page; the drawings' ids begin with it.
    """
    for number, panel in enumerate(_panels(finding)):
        yield _figure(panel, f"{id}-{number}")


def _panels(finding: Finding) -> list[list[Judgement]]:
    """Judgements of one name under one limit; limited ones if there are any, else ratios, else all that are left."""
    found = sorted(drawable(finding.judgements), key=_panel) if finding.unmet is None else []
    panels = [list(panel) for _, panel in groupby(found, key=_panel)]
    limited = [panel for panel in panels if panel[0].rule]
    names = {panel[0].measurement.name for panel in limited}
    beside = [panel for panel in panels if not panel[0].rule and panel[0].measurement.name in names]
    ratios = [panel for panel in panels if panel[0].measurement.scale == "ratio"]
    return limited + beside if limited else ratios or panels


def _panel(judgement: Judgement) -> tuple[str, str, str]:
    rule = judgement.rule
    return (judgement.measurement.name, rule.op if rule else "", str(rule.value) if rule else "")


def _figure(panel: Sequence[Judgement], id: str) -> Figure:
    measure, rule = measure_of(panel[0].measurement), panel[0].rule
    called = measure.called[:1].upper() + measure.called[1:]
    against = f" against the limit of {measure.write_limit(rule.value)}" if rule else ", without a limit"
    title = f"{called} by group{against}"
    level = words.level(panel[0].measurement.level)
    said = "; ".join(_told(judgement) for judgement in panel[:MOST_ROWS])
    return Figure(
        caption=f"{called}, each with its {level} interval{against}",
        wide=drawing(intervals(panel, WIDE), f"{id}-w", title, said, "wide"),
        narrow=drawing(intervals(panel, NARROW), f"{id}-n", title, said, "narrow"),
        judgements=tuple(panel),
        unseen=max(0, len(panel) - MOST_ROWS),
    )


def _told(judgement: Judgement) -> str:
    one = line(judgement)
    return f"{one.whom}: {one.value}, interval {one.interval}, {one.outcome}"


def alternatives_figure(found: Alternatives) -> Figure | None:
    """The trade-off of thresholds; None where nothing was tried."""
    if not found.tried:
        return None
    chosen = ", ".join(dict.fromkeys(words.ratio(one, 2) for one in sorted(found.chosen)))
    title = "Agreement with the label against the impact ratio, for every threshold tried"
    said = f"present threshold {words.ratio(found.present, 2)}, chosen {chosen or 'none'}; numbers in the table below"
    return Figure(
        caption="Upwards: agreement with the label. To the right: impact ratio of "
        f"{words.name(found.protected)}. A point is one threshold for all; ◆ the present one, ● those chosen by fold",
        wide=drawing(trade_off(found, WIDE), "trade-w", title, said, "wide"),
        narrow=drawing(trade_off(found, NARROW), "trade-n", title, said, "narrow"),
    )


def line(judgement: Judgement) -> Line:
    """One number with everything needed to judge it, written out."""
    measured, rule = judgement.measurement, judgement.rule
    measure, limit = measure_of(measured), rule.value if rule else None
    write = measure.write
    against = f" against {words.quoted(measured.reference)}" if measured.reference else ""
    low, high = measured.low, measured.high
    return Line(
        called=measure.called,
        whom=(about(measured) or "–") + against,
        value=write(measured.value, limit) if measured.value is not None else "–",
        interval=measure.spread(low, high, limit) if low is not None and high is not None else "–",
        n=f"{measured.n:,}",
        p=words.p_value(measured.p_value).removeprefix("p ").removeprefix("= ")
        if measured.p_value is not None
        else "–",
        detectable=write(measured.detectable) if measured.detectable is not None else "–",
        limit=f"{'≥' if rule.op == '>=' else '≤'} {measure.write_limit(rule.value)}" if rule else "",
        source=source_words(rule) if rule else "",
        outcome=_outcome(judgement),
        because=judgement.because,
        method=measured.method,
        notes=measured.notes,
    )


def _outcome(judgement: Judgement) -> str:
    if not judgement.measurement.is_assessed:
        return "not assessed"
    unlimited = judgement.rule is None and judgement.measurement.unknown is None
    return str(Outcome.MEASURED if unlimited and judgement.measurement.value is not None else judgement.outcome)
