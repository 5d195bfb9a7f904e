"""The first sentence: who or what is off, by how much, since when, how sure. No figure that is not in the report."""

from collections.abc import Sequence
from typing import Final

from ombud.documents import words
from ombud.documents.monitoring.facts import Alarm, ReportInput
from ombud.documents.monitoring.names import Kind, spread, written

_PART: Final = Kind("share", "other", "share")
"""How a part of the decisions, or of the hours, is written."""


def headline(report: ReportInput) -> str:
    """One sentence that says how the system stands: the alarm that concerns people most, or that there is none."""
    alarms = by_weight(report.open_alarms)
    if not report.windows:
        return "Nothing has been monitored yet."
    if alarms:
        more = f", and {words.counted(len(alarms) - 1, 'more alarm')} below" if len(alarms) > 1 else ""
        return f"{alarm_said(alarms[0])}{more}."
    past = len(report.alarms) - len(alarms)
    closed = f"; {words.counted(past, 'earlier alarm')} closed" if past else ""
    return f"No alarm is open after {words.counted(report.windows, report.settings.window)}{closed}."


def by_weight(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Alarms in the order of reading: open ones, what happens to groups of people first, then the oldest."""
    return sorted(alarms, key=lambda one: (not one.open, not one.name.of_a_group, one.raised, one.series))


def sureness(report: ReportInput) -> str:
    """How sure an alarm is, in a sentence; what is not known is said."""
    rate = report.settings.false_alarm_rate
    if rate is None:
        return "How often an alarm would be false was not stated."
    return (
        f"If nothing ever changed by more than the smallest change that counts, the chance of any alarm in the life of "
        f"a release, over all series together, is at most {words.share(rate)}. "
        f"No alarm is no proof that nothing changed."
    )


def alarm_said(alarm: Alarm) -> str:
    """An alarm as a sentence without its full stop."""
    return f"{what_is_off(alarm)}, since about {alarm.since.date()} (alarm raised {alarm.raised.date()})"


def what_is_off(alarm: Alarm) -> str:
    """Who or what an alarm is about, and by how much; without dates and full stop.

    Its figure is the one over all windows since the change began, not that of one window.
    """
    if alarm.value is None:
        return f"The {alarm.name.called} has changed; there were too few people to show a figure"
    within = spread(_like(alarm), alarm.low, alarm.high)
    sure = f" (interval {within})" if within else ""
    guessed = ", estimated" if alarm.estimate else ""
    return f"{_figure(alarm)}{sure}{guessed}{_against(alarm)}"


def _figure(alarm: Alarm) -> str:
    name = alarm.name
    now = written(name.like, alarm.value)
    if name.kind == "selection_rate":
        return f"{_people(alarm)} are selected in {now} of decisions"
    if name.kind == "impact_ratio":
        return f"{_people(alarm)} are selected {now} times as often as the group they are compared with"
    if name.like.chapter == "drift":
        part = alarm.about or "some values"
        return (
            f"The data moved: of {name.whom or 'the features'}, {part} hold {written(_PART, alarm.value)} of decisions"
        )
    if name.like.chapter == "quality":
        return f"{_capital(name.whom or 'the data')}: {name.like.called} {now}"
    if name.kind == "override_rate":
        return f"People change {now} of decisions"
    if name.kind == "gap_hours":
        return f"{written(_PART, alarm.value)} of the hours in which decisions are usual had none"
    return f"The {name.called} is {now}"


def _people(alarm: Alarm) -> str:
    return f"People of group {alarm.name.whom}" if alarm.name.of_a_group else "People"


def _against(alarm: Alarm) -> str:
    like = _like(alarm)
    if alarm.bound is not None:
        return f", below the limit {written(like, alarm.bound)}"
    return f", usually {written(like, alarm.was)}" if alarm.was is not None else ""


def _like(alarm: Alarm) -> Kind:
    """How the figure of an alarm is written: of a distribution it is the share of some of its values."""
    return _PART if alarm.about or alarm.name.kind == "gap_hours" else alarm.name.like


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
