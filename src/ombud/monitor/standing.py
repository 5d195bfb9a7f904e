"""Whether an alarm still stands: it is of the release that is declared, and nobody has closed its incident."""

from attrs import frozen

from ombud.cases import Case
from ombud.incidents.opening import told_already
from ombud.monitor.alarm import Alarm
from ombud.monitor.alarm_log import alarms_of
from ombud.store.workspace import Workspace


@frozen
class StandingAlarm:
    """An alarm on record, the incident that knows it (None if none does), and whether it still stands."""

    alarm: Alarm
    case: Case | None
    open: bool


def standing_alarms(workspace: Workspace, system: str, release: str | None) -> tuple[StandingAlarm, ...]:
    """Every alarm of a system, in the order in which they came.

    Args:
        release: digest of the release that is declared; None where none is.
    """
    return tuple(_standing(workspace, one, release) for one in alarms_of(workspace.ledger.log(), system))


def _standing(workspace: Workspace, alarm: Alarm, release: str | None) -> StandingAlarm:
    case = told_already(workspace, alarm)
    here = alarm.life in ("", release)
    return StandingAlarm(alarm, case, here and not (case is not None and case.ended))
