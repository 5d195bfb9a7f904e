"""At the end of a run: what has changed for good is put on record once, and opens an incident."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ombud.cases import Case
from ombud.evidence.errors import Refused
from ombud.evidence.instants import parsed
from ombud.incidents.opening import open_from_alarm
from ombud.law import Pack
from ombud.monitor.alarm import Alarm, Alarmed
from ombud.monitor.alarm_log import alarms_of, raise_new
from ombud.monitor.alarm_plan import AlarmPlan
from ombud.monitor.alarms import fold_all
from ombud.monitor.series import read
from ombud.store.workspace import Workspace
from ombud.system.manifest import System


def raise_alarms(
    workspace: Workspace, system: System, holder: str, release: str | None, since: str
) -> tuple[Alarm, ...]:
    """Fold every series of a release's life, and sign the alarms that are new.

    Args:
        workspace: log, store, clock; system: its manifest, which sets the promise; holder: whose key signs.
        release: digest of the release: its life is one promise; since: when it began ("" for always).
    """
    return raise_new(workspace, system.name, folded(workspace, system, since), holder, life=release or "")


def folded(workspace: Workspace, system: System, since: str) -> tuple[Alarmed, ...]:
    """What the fold of every series of a life comes to, nothing signed: also which series are not watched, and why."""
    points = read(workspace, system.name)
    began: datetime | None = parsed(since) if since else None
    plan = AlarmPlan.of(
        system.monitoring, since=began, minimum=system.evidence.minimum_group, least=dict(_limits(system, points))
    )
    return fold_all(points, plan)


def open_incidents(
    workspace: Workspace, system: str, holder: str, release: str | None, pack: Pack
) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The incidents that alarms of a release opened or joined just now, and why some were not opened.

    All its alarms are gone through, not only the new ones: a run that died in between is made good by the next.
    """
    cases: dict[str, Case] = {}
    for alarm in alarms_of(workspace.ledger.log(), system):
        if alarm.life != (release or ""):
            continue
        try:
            opened = open_from_alarm(workspace, alarm, holder, pack)
        except Refused:
            why = f"no incident was opened: the key of {holder} may not sign cases; run it with a key of platform"
            return tuple(cases.values()), (why,)
        if opened.new or opened.joined:
            cases[opened.case.id] = opened.case
    return tuple(cases.values()), ()


def _limits(system: System, points: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Series → the lowest figure that the policy allows."""
    for limit in system.policy:
        if limit.op == ">=":
            start = f"{limit.measurement}[{limit.protected}=" if limit.protected else limit.measurement
            names = [one for one in points if one == start or one.startswith(start if "[" in start else f"{start}[")]
            yield from ((name, float(limit.value)) for name in names)
