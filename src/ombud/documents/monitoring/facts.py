"""What a monitoring report is made from. The caller fills it; nothing is looked up here, and nothing said beyond it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, Literal

from attrs import evolve, field, frozen

from ombud.documents.monitoring.names import Name, name_of
from ombud.errors import Misused

NOBODY: Final[Mapping[str, Any]] = MappingProxyType({})


@frozen(kw_only=True)
class Spot:
    """One window of one series.

    Attributes:
        start, end: the window, half-open, with timezone.
        value: the figure; None where there is none (nobody was there, too few, labels still to come).
        low, high: its interval; None where it has none.
        n: people or rows it was taken from.
        estimate: whether it is estimated, not measured (performance before the labels are there).
        chance: what the figure stays below by chance alone, with this n; only for distances such as PSI.
    """

    start: datetime
    end: datetime
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    estimate: bool = False
    chance: float | None = None


@frozen(kw_only=True)
class Limit:
    """A limit on a kind of series, and whose it is.

    Attributes:
        op: ">=" (at least) or "<=" (at most).
        origin: who set it; source: by which text or declaration; borrowed_from: whose number a policy took.
    """

    op: Literal[">=", "<="]
    value: Fraction
    origin: Literal["law", "guidance", "policy"]
    source: str
    borrowed_from: str = ""


@frozen(kw_only=True)
class Alarm:
    """An alarm that was raised.

    Attributes:
        series: of which series; about: which values of it ("bins 1 to 3"), where it is a distribution.
        since: about when the change began, as far as the test can tell; raised: the end of the window that raised it.
        value: the figure over all windows since then; None where it is not shown. low, high: its interval, right for
            all looks together; n: people or rows in these windows.
        was: what was usual; None where the alarm is about a limit. bound: the limit, where it is about one.
        open: whether it still stands: it is of the release that runs, and no incident about it was closed.
        incident: the number of its incident; "" where it has none.
    """

    series: str
    about: str = ""
    since: datetime
    raised: datetime
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    was: float | None = None
    bound: float | None = None
    estimate: bool = False
    open: bool = True
    incident: str = ""

    @property
    def name(self) -> Name:
        """What its series is about."""
        return name_of(self.series)


@frozen(kw_only=True)
class Incident:
    """An incident that was opened; `next_clock` is the next thing the law wants and by when, in words."""

    number: str
    state: str
    opened: datetime
    next_clock: str = ""


@frozen(kw_only=True)
class Change:
    """Something that was done to the system: a release, a revocation, an injected drift of a demonstration."""

    at: datetime
    what: str
    kind: Literal["release", "revocation", "injected"] = "release"


@frozen(kw_only=True)
class Held:
    """A check held against its limits over a period.

    Attributes:
        check: its name; asks: its question. outcome: pass, fail, measured, unknown or stale.
        period: what it speaks of, in words. said: the finding in one sentence.
    """

    check: str
    asks: str
    outcome: str
    period: str = ""
    said: str = ""


@frozen(kw_only=True)
class Settings:
    """What monitoring was told.

    Attributes:
        window: length of one; trailing: over how long requirements are judged, in words.
        false_alarm_rate: for the system's whole life and all series together.
        practical: smallest change that counts, by kind of series.
        minimum: fewest people of a group that may be shown.
    """

    window: str = "week"
    trailing: str = ""
    false_alarm_rate: float | None = None
    practical: Mapping[str, float] = NOBODY
    minimum: int = 10


def _in_time(series: Mapping[str, Sequence[Spot]]) -> Mapping[str, tuple[Spot, ...]]:
    for name, spots in series.items():
        if any(later.start < one.start for one, later in pairwise(spots)):
            raise Misused(f"windows of {name} are not in the order of time", "Sort them by start.")
    return MappingProxyType({name: tuple(spots) for name, spots in series.items()})


@frozen(kw_only=True)
class ReportInput:
    """A system over a period.

    Attributes:
        system, purpose: its name, and what it decides.
        as_of: the day the report is of.
        series: name → its windows, in time order; see `names` for how series are called.
        counted: windows that were counted; 0: as many as are in the series.
        drawn_by: the length of the windows in the series; "" where it is the length that is counted by.
        limits: kind of series ("impact_ratio") → its limit.
        alarms, incidents, changes: what happened.
        held: the checks that monitoring answers, as they stand.
        compared: champion against challenger, in a sentence; "" where there is none.
        unknown: what is not known, a sentence each.
        settings: what monitoring was told.
        notes: what else a reader must know beside the figures.
        demonstration: a sentence that says that data were made or changed for show; "" where they were not.
    """

    system: str
    purpose: str
    as_of: date
    series: Mapping[str, tuple[Spot, ...]] = field(converter=_in_time)
    counted: int = 0
    drawn_by: str = ""
    limits: Mapping[str, Limit] = NOBODY
    alarms: tuple[Alarm, ...] = ()
    incidents: tuple[Incident, ...] = ()
    changes: tuple[Change, ...] = ()
    held: tuple[Held, ...] = ()
    compared: str = ""
    unknown: tuple[str, ...] = ()
    settings: Settings = Settings()
    notes: tuple[str, ...] = ()
    demonstration: str = ""

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """From the first window to the end of the last, half-open; None where there is none."""
        spots = [spot for spots in self.series.values() for spot in spots]
        return (min(spot.start for spot in spots), max(spot.end for spot in spots)) if spots else None

    @property
    def covered(self) -> str:
        """The first day and the last, in words; "" where nothing was monitored."""
        if self.period is None:
            return ""
        return f"{self.period[0].date()} to {(self.period[1] - timedelta(microseconds=1)).date()}"

    @property
    def windows(self) -> int:
        """Different windows of which anything is known."""
        return self.counted or len({spot.start for spots in self.series.values() for spot in spots})

    @property
    def open_alarms(self) -> tuple[Alarm, ...]:
        """Those that nobody closed, the oldest first."""
        return tuple(sorted((one for one in self.alarms if one.open), key=lambda one: (one.raised, one.series)))

    @property
    def point(self) -> str:
        """What one point of a drawing stands for."""
        if self.drawn_by in ("", self.settings.window):
            return f"one point a {self.settings.window}"
        return f"one point a {self.drawn_by} (windows of a {self.settings.window}, added up)"

    def named(self) -> tuple[tuple[Name, tuple[Spot, ...]], ...]:
        """Every series with what it is about."""
        return tuple((name_of(series), spots) for series, spots in self.series.items())


def without_small_groups(report: ReportInput) -> ReportInput:
    """The same report, without figures of fewer people than the minimum; a series that has none left is left out whole.

    A window that is left out is a gap, and how many are is said in the notes.
    """
    shown, hidden = {}, 0
    for series, spots in report.series.items():
        whole = not name_of(series).of_a_group
        kept = spots if whole else tuple(_fit(spot, report.settings.minimum) for spot in spots)
        hidden += sum(one.value is not None and other.value is None for one, other in zip(spots, kept, strict=True))
        if whole or any(spot.value is not None for spot in kept):
            shown[series] = kept
    said = f"{hidden} figures of fewer than {report.settings.minimum} people are left out, and shown as gaps."
    alarms = tuple(one for one in report.alarms if one.series in shown or not one.name.of_a_group)
    unknown = (*report.unknown, said) if hidden else report.unknown
    return evolve(report, series=shown, alarms=alarms, unknown=unknown)


def _fit(spot: Spot, minimum: int) -> Spot:
    return evolve(spot, value=None, low=None, high=None, n=0) if spot.n < minimum else spot
