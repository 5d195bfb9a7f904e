"""What a report shows of its series: chapters, figures of a few panels each, and the numbers of every figure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from attrs import frozen

from ombud.documents import words
from ombud.documents.monitoring.facts import Alarm, Change, Limit, ReportInput, Spot
from ombud.documents.monitoring.names import CHAPTERS, KINDS, Chapter, Kind, Name, spread, written

MOST_PANELS: Final = 6
"""Most series of one drawing; those left out are listed with their latest figure, and JSON holds every window."""

_FROM_ZERO: Final = ("drift", "quality", "gaps", "people")


@frozen
class Panel:
    """One series, with the estimates that stand in for it until labels are there.

    Attributes:
        name: of the measured series, or of the estimate where there is no other.
        spots: its windows; estimates: those of the series that estimates it.
    """

    name: Name
    spots: tuple[Spot, ...]
    estimates: tuple[Spot, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    @property
    def all(self) -> tuple[Spot, ...]:
        """Every window that has a figure, measured and estimated."""
        return tuple(spot for spot in (*self.spots, *self.estimates) if spot.value is not None)

    @property
    def latest(self) -> Spot | None:
        """The last window with a figure; a measured one before an estimate of the same window."""
        return max(self.all, key=lambda spot: (spot.start, not spot.estimate), default=None)

    @property
    def has_estimates(self) -> bool:
        """Whether any of its figures is an estimate."""
        return any(spot.estimate for spot in self.all)


@frozen
class Figure:
    """A drawing of series of one kind on one scale of time.

    Attributes:
        id: unique on the page. title: what it shows.
        panels: what is drawn. unseen: what is not, for a list.
        limit: for all panels; None where there is none.
        from_zero: whether the scale must show 0.
        period: of the whole report, the same for all figures.
        changes: what was done to the system meanwhile.
        point: what one point stands for.
    """

    id: str
    title: str
    like: Kind
    panels: tuple[Panel, ...]
    unseen: tuple[Panel, ...]
    limit: Limit | None
    from_zero: bool
    period: tuple[datetime, datetime]
    changes: tuple[Change, ...] = ()
    point: str = "one point a window"

    @property
    def caption(self) -> str:
        """What the marks of the drawing mean, in a sentence or more."""
        parts = [f"Line: {self.point}; band: its 95 % interval" if self._banded else f"Line: {self.point}"]
        if self.limit:
            parts.append(f"solid line: limit {limit_said(self.like, self.limit)}")
        if any(spot.chance is not None for panel in self.panels for spot in panel.all):
            parts.append("dashed line: what chance alone stays below in 95 of 100 windows of this size")
        if any(panel.has_estimates for panel in self.panels):
            parts.append("dotted line: estimated, before labels are there")
        if any(panel.alarms for panel in self.panels):
            parts.append("▲: an alarm, from about when the change began (shaded) to the window that raised it")
        return f"{'; '.join(parts)}. Where a line stops, nothing is known."

    @property
    def _banded(self) -> bool:
        return any(spot.low is not None for panel in self.panels for spot in panel.all)

    @property
    def alternative(self) -> str:
        """The drawing in words, for whoever does not see it."""
        return " ".join(_told(panel) for panel in self.panels)


@frozen
class Part:
    """A chapter of the report."""

    id: Chapter
    title: str
    figures: tuple[Figure, ...]
    always_zero: tuple[str, ...] = ()
    """Series of shares that were 0 in every window, by name."""


def parts(report: ReportInput) -> tuple[Part, ...]:
    """The chapters that have something in them, in the order of reading."""
    found = (_part(report, chapter) for chapter in CHAPTERS)
    return tuple(part for part in found if part.figures or part.always_zero)


def _part(report: ReportInput, chapter: Chapter) -> Part:
    panels = [panel for panel in _panels(report) if panel.name.like.chapter == chapter]
    idle = [panel for panel in panels if chapter == "quality" and _is_idle(panel)]
    shown = sorted((panel for panel in panels if panel not in idle), key=_of_figure)
    figures = tuple(
        _figure(report, chapter, number, tuple(group))
        for number, (_, group) in enumerate(groupby(shown, key=_of_figure), start=1)
    )
    return Part(chapter, CHAPTERS[chapter], figures, tuple(panel.name.called for panel in idle))


def _is_idle(panel: Panel) -> bool:
    return not panel.alarms and not any(spot.value for spot in panel.all)


def _panels(report: ReportInput) -> Iterator[Panel]:
    """Every series once; an estimate beside what it estimates."""
    named = report.named()
    measured = {(name.kind, name.column, name.level) for name, _ in named}
    for name, spots in named:
        stands_for = (name.like.estimates, name.column, name.level)
        if name.like.estimates and stands_for in measured:
            continue
        beside = [
            (other, guessed) for other, guessed in named
            if other.like.estimates == name.kind and (other.column, other.level) == (name.column, name.level)
        ]  # fmt: skip
        series = {name.series, *(other.series for other, _ in beside)}
        alarms = tuple(one for one in report.alarms if one.series in series)
        yield Panel(name, spots, tuple(spot for _, guessed in beside for spot in guessed), alarms)


def _of_figure(panel: Panel) -> tuple[int, str, str]:
    """What one drawing holds, in the order of reading: a kind of series, by one column where it is about people."""
    name = panel.name
    place = list(KINDS).index(name.kind) if name.kind in KINDS else len(KINDS)
    return (place, name.kind, name.column if name.like.chapter in ("selection", "comparison") else "")


def _figure(report: ReportInput, chapter: Chapter, number: int, panels: tuple[Panel, ...]) -> Figure:
    first, period = panels[0].name, report.period
    assert period is not None
    by = f" by {words.name(first.column, 40)}" if first.column and chapter in ("selection", "comparison") else ""
    title = f"{first.like.called[:1].upper()}{first.like.called[1:]}{by}"
    ranked = sorted(panels, key=_importance)
    return Figure(
        id=f"{chapter}-{number}", title=title, like=first.like, panels=tuple(ranked[:MOST_PANELS]),
        unseen=tuple(ranked[MOST_PANELS:]), limit=report.limits.get(first.kind), from_zero=chapter in _FROM_ZERO,
        period=period, changes=report.changes, point=report.point,
    )  # fmt: skip


def _importance(panel: Panel) -> tuple[bool, float, str]:
    """Alarmed series first; then those farthest off (drift beyond chance, large shares, low ratios), or largest."""
    latest, like = panel.latest, panel.name.like
    if latest is None or latest.value is None:
        return (not panel.alarms, float("inf"), panel.name.series)
    if like.chapter == "drift":
        off = -latest.value / (latest.chance or 1.0)
    elif like.chapter == "comparison":
        off = latest.value
    elif like.chapter == "selection":
        off = float(-sum(spot.n for spot in panel.spots))
    else:
        off = -latest.value
    return (not panel.alarms, off, panel.name.series)


# --- in words ---------------------------------------------------------------------------------------------------------


def limit_said(like: Kind, limit: Limit) -> str:
    """ "at least .800, set by your own policy (digest 5f0c…), number borrowed from 29 CFR 1607.4(D)"."""
    whose = {"law": "set by law", "guidance": "from official guidance", "policy": "set by policy"}[limit.origin]
    borrowed = f", number borrowed from {words.name(limit.borrowed_from)}" if limit.borrowed_from else ""
    least = "at least" if limit.op == ">=" else "at most"
    return f"{least} {written(like, float(limit.value))}, {whose} ({words.name(limit.source)}){borrowed}"


def cell(like: Kind, spot: Spot | None) -> str:
    """A figure with its interval and n for a table: "23.1 % (20.9 % to 25.4 %), n 412"."""
    if spot is None or spot.value is None:
        return "–"
    within = spread(like, spot.low, spot.high)
    said = f"{written(like, spot.value)}{f' ({within})' if within else ''}{f', n {spot.n:,}' if spot.n else ''}"
    return f"{said}, estimated" if spot.estimate else said


def _told(panel: Panel) -> str:
    alarms = "".join(f" Alarm {one.raised.date()}, change since about {one.since.date()}." for one in panel.alarms)
    guessed = f" {_course(panel, panel.estimates)}" if panel.estimates else ""
    return f"{panel.name.called}: {_course(panel, panel.spots)}{guessed}{alarms}"


def _course(panel: Panel, spots: Sequence[Spot]) -> str:
    """How a series ran: first, latest, lowest and highest figure."""
    known = [spot for spot in spots if spot.value is not None]
    if not known:
        return "no figure."
    low, high = min(known, key=_value), max(known, key=_value)
    ends = (("first", known[0]), ("latest", known[-1]), ("lowest", low), ("highest", high))
    told = ", ".join(f"{word} {written(panel.name.like, spot.value)} ({spot.start.date()})" for word, spot in ends)
    estimated = sum(spot.estimate for spot in known)
    said = "estimated in" if estimated == len(known) else f"{estimated} of them estimated, in" if estimated else "in"
    return f"{said} {words.counted(len(known), 'window')}, {told}."


def _value(spot: Spot) -> float:
    return spot.value or 0.0


@frozen
class Numbers:
    """The numbers of a drawing as a table: its heads, and a row a window, the latest first."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def numbers(figure: Figure) -> Numbers:
    """Every figure that is drawn, window by window."""
    columns = [
        (head, {spot.start: spot for spot in spots}, chance)
        for panel in figure.panels
        for head, spots, chance in _columns(panel)
    ]
    starts = sorted({start for _, spots, _ in columns for start in spots}, reverse=True)
    rows = []
    for start in starts:
        found = [(spots.get(start), chance) for _, spots, chance in columns]
        cells = [_chance(spot) if chance else cell(figure.like, spot) for spot, chance in found]
        rows.append((start.date().isoformat(), *cells))
    return Numbers(("window from", *(head for head, _, _ in columns)), tuple(rows))


def _columns(panel: Panel) -> Iterator[tuple[str, Sequence[Spot], bool]]:
    """A column for what was measured, one for estimates beside it, one for what chance allows."""
    yield panel.name.short, panel.spots, False
    if panel.estimates:
        yield f"{panel.name.short}, estimated", panel.estimates, False
    if any(spot.chance is not None for spot in panel.spots):
        yield f"{panel.name.short}: chance", panel.spots, True


def _chance(spot: Spot | None) -> str:
    return "–" if spot is None or spot.chance is None else words.plain(spot.chance)
