"""Series drawn with letters: one line each, or one series as a small plot; plain ASCII where nothing else is shown."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from ombud.documents import words
from ombud.documents.monitoring.facts import Alarm, Limit, ReportInput, Spot
from ombud.documents.monitoring.names import KINDS, Name, name_of, spread, written

HEIGHT: Final = 10
_FROM_ZERO: Final = ("drift", "quality", "people", "gaps")


@frozen
class Marks:
    """Letters of a drawing: eight heights of a line, and what a plot is made of."""

    heights: str
    gap: str
    point: str
    guess: str
    spread: str
    limit: str
    alarm: str


BLOCKS: Final = Marks("▁▂▃▄▅▆▇█", "·", "●", "○", "│", "─", "▲")
ASCII: Final = Marks("_.,-:=+#", " ", "*", "o", "|", "-", "^")


def lines(report: ReportInput, width: int, marks: Marks = BLOCKS) -> str:
    """Every series as one line: its name, its course, its latest figure.

    Args:
        report: without small groups.
        width: letters of a line of the terminal.
        marks: `ASCII` where the terminal shows no other letters.
    """
    named = sorted(report.named(), key=lambda one: list(KINDS).index(one[0].kind) if one[0].kind in KINDS else 99)
    known = [(name, spots) for name, spots in named if any(spot.value is not None for spot in spots)]
    if not known:
        return "no figures yet"
    longest = min(34, max(len(words.name(name.series, 34)) for name, _ in known))
    room = max(10, width - longest - 36)
    alarmed = {alarm.series for alarm in report.open_alarms}
    drawn = []
    for name, spots in known:
        course = _course(name, _columns(_filled(report, spots), room), marks)
        latest = next(spot for spot in reversed(spots) if spot.value is not None)
        flag = " ALARM" if name.series in alarmed else ""
        drawn.append(f"{words.name(name.series, longest):<{longest}}  {course}  {_told(name, latest)}{flag}")
    return "\n".join(drawn)


def _told(name: Name, spot: Spot) -> str:
    said = written(name.like, spot.value)
    return f"{said} (estimated)" if spot.estimate else said


def _course(name: Name, columns: Sequence[Spot | None], marks: Marks) -> str:
    values = [spot.value for spot in columns if spot is not None and spot.value is not None]
    low, high = 0.0 if name.like.chapter in _FROM_ZERO else min(values), max(values)

    def height(spot: Spot | None) -> str:
        if spot is None or spot.value is None:
            return marks.gap
        place = 0.0 if high == low else (spot.value - low) / (high - low)
        return marks.heights[min(len(marks.heights) - 1, int(place * len(marks.heights)))]

    return "".join(map(height, columns))


def _filled(report: ReportInput, spots: Sequence[Spot]) -> list[Spot | None]:
    """The figures of a series in all windows of the report, so that all series stand on one scale of time."""
    own = {spot.start: spot for spot in spots if spot.value is not None}
    return [own.get(start) for start in _starts(report)]


def _starts(report: ReportInput) -> list[datetime]:
    return sorted({spot.start for spots in report.series.values() for spot in spots})


def _columns(spots: Sequence[Spot | None], room: int) -> list[Spot | None]:
    """The windows as so many columns: of several in one column, the latest with a figure."""
    step = -(-len(spots) // room)
    groups = [spots[at : at + step] for at in range(0, len(spots), step)]
    return [next((one for one in reversed(group) if one is not None), None) for group in groups]


# --- one series -------------------------------------------------------------------------------------------------------


def plot(report: ReportInput, series: str, width: int, marks: Marks = BLOCKS) -> str:
    """One series over time, with intervals, its limit and its alarms."""
    name, spots = name_of(series), report.series[series]
    starts, room = _starts(report), max(20, width - 10)
    columns = _columns(_filled(report, spots), room)
    limit = report.limits.get(name.kind)
    known = [spot for spot in columns if spot is not None]
    if not known:
        return f"{words.name(series)}: no figures yet"
    seen = [end for spot in known for end in (spot.value, spot.low, spot.high) if end is not None]
    seen += [float(limit.value)] if limit else []
    low, high = min(seen), max(seen)
    step = (high - low) / (HEIGHT - 1) or 1.0
    rows = [_row(columns, low + step * at, step, limit, marks) for at in reversed(range(HEIGHT))]
    heads = [f"{written(name.like, low + step * at):>8}" if at % 3 == 0 else " " * 8 for at in reversed(range(HEIGHT))]
    alarms = [one for one in report.alarms if one.series == series]
    ends = f"{starts[0].date()}{' ' * max(1, len(columns) - 20)}{starts[-1].date()}"
    drawn = [f"{head} {row}".rstrip() for head, row in zip(heads, rows, strict=True)]
    return "\n".join([_title(name, known[-1]), *drawn, *_alarms(alarms, starts, columns, marks), f"{' ' * 9}{ends}"])


def _title(name: Name, latest: Spot) -> str:
    within = spread(name.like, latest.low, latest.high)
    said = f"{_told(name, latest)}{f' ({within})' if within else ''}{f', n {latest.n:,}' if latest.n else ''}"
    return f"{name.called}, latest {said}"


def _row(columns: Sequence[Spot | None], at: float, step: float, limit: Limit | None, marks: Marks) -> str:
    """The letters of one height: the point lies in it, or the interval passes, or the limit."""

    def inside(value: float | None) -> bool:
        return value is not None and at - step / 2 <= value < at + step / 2

    line = marks.limit if limit is not None and inside(float(limit.value)) else " "

    def letter(spot: Spot | None) -> str:
        if spot is None:
            return line
        if inside(spot.value):
            return marks.guess if spot.estimate else marks.point
        passes = spot.low is not None and spot.high is not None and spot.low <= at <= spot.high
        return marks.spread if passes else line

    return "".join(map(letter, columns))


def _alarms(
    alarms: Sequence[Alarm], starts: Sequence[datetime], columns: Sequence[Spot | None], marks: Marks
) -> Iterator[str]:
    """A row that points at the window which raised an alarm; none without alarms."""
    step = -(-len(starts) // len(columns))
    for one in alarms:
        at = max(0, sum(start < one.raised for start in starts) - 1) // step
        yield f"{' ' * (9 + at)}{marks.alarm} alarm {one.raised.date()}, since about {one.since.date()}"
