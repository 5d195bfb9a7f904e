"""An alarm on record, as documents and messages show it."""

from ombud.documents.monitoring import facts
from ombud.monitor.standing import StandingAlarm


def told_as(one: StandingAlarm) -> facts.Alarm:
    """The same alarm, in what documents know."""
    alarm = one.alarm
    return facts.Alarm(
        series=alarm.series, about=alarm.about, since=alarm.since, raised=alarm.window.end, value=alarm.value,
        low=alarm.low, high=alarm.high, n=alarm.n, was=alarm.was, bound=alarm.bound if alarm.limit else None,
        estimate=alarm.estimate, open=one.open, incident=one.case.id if one.case is not None else "",
    )  # fmt: skip
