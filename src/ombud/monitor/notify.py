"""Tell people of alarms, where the manifest says so: once each, and never at the price of an alarm.

An alarm is on record before anybody is told of it. What could not be told is said, and the next run tries again. Before
something is sent it is claimed in the store, so that of two monitors at once only one sends it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from ombud.documents.monitoring.headline import alarm_said
from ombud.errors import Misused, NotFound
from ombud.evidence.instants import instant, parsed
from ombud.monitor.standing import StandingAlarm
from ombud.monitor.told import told_as
from ombud.store.windows import Windows
from ombud.store.workspace import Workspace
from ombud.system.manifest import System

KEY: Final = "alarms told"
CLAIMED: Final = timedelta(minutes=10)
"""After so long a claim is taken for one whose monitor died."""

_QUIET: Final = ("apprise", "urllib3", "requests")
_SENT: Final = "sent"


@frozen
class Telling:
    """What became of it. sent: alarms that were told, to how many addresses; notes: what was not, and why."""

    sent: int = 0
    notes: tuple[str, ...] = ()


def tell(workspace: Workspace, system: System, standing: Sequence[StandingAlarm]) -> Telling:
    """Tell every address of the manifest of the open alarms that it was not told of.

    Args:
        workspace: store and clock; system: its manifest.
        standing: every alarm on record.
    """
    found = [one for one in standing if one.open]
    sent, notes = 0, []
    for address in system.monitoring.notify if found else ():
        wanted = _claimed(workspace, system, address, found)
        why = _sent(system, address, wanted) if wanted else ""
        if why:
            _forget(workspace, system, address, wanted)
            notes.append(
                f"{len(wanted)} alarms are on record and were not told to {address}: {why}; the next run tries again"
            )
        elif wanted:
            _keep(workspace, system, address, wanted)
            sent += len(wanted)
    return Telling(sent, tuple(notes))


# --- what was told ----------------------------------------------------------------------------------------------------


def _claimed(
    workspace: Workspace, system: System, address: str, found: Sequence[StandingAlarm]
) -> tuple[StandingAlarm, ...]:
    """The alarms that this address was not told of and that nobody else is just telling; they are claimed now."""
    now = workspace.context.clock.now()
    wanted: list[StandingAlarm] = []

    def claim(before: Mapping[str, Any]) -> Mapping[str, Any] | None:
        wanted.extend(one for one in found if _free(before.get(_id(address, one)), now))
        return {**before, **{_id(address, one): instant(now) for one in wanted}} if wanted else None

    Windows(workspace.ledger.database).change(system.name, KEY, claim)
    return tuple(wanted)


def _free(claim: Any, now: datetime) -> bool:
    return claim is None or (claim != _SENT and now - parsed(claim) > CLAIMED)


def _keep(workspace: Workspace, system: System, address: str, told: Sequence[StandingAlarm]) -> None:
    Windows(workspace.ledger.database).change(
        system.name, KEY, lambda before: {**before, **{_id(address, one): _SENT for one in told}}
    )


def _forget(workspace: Workspace, system: System, address: str, claimed: Sequence[StandingAlarm]) -> None:
    ids = {_id(address, one) for one in claimed}
    Windows(workspace.ledger.database).change(
        system.name, KEY, lambda before: {name: value for name, value in before.items() if name not in ids}
    )


def _id(address: str, one: StandingAlarm) -> str:
    """An alarm at an address; the address is a reference, and holds no secret."""
    return f"{one.alarm.digest} {address}"


# --- sending ----------------------------------------------------------------------------------------------------------


def _sent(system: System, address: str, wanted: Sequence[StandingAlarm]) -> str:
    """Send one message; "" if it was taken, else why not. No word of the library is repeated: it may hold secrets."""
    try:
        import apprise
    except ImportError:
        missing = Misused("telling of alarms needs a library", "Install it: pip install 'ombud[monitoring]'")
        return f"{missing}. {missing.next_step}"
    try:
        url = system.monitoring.address(address)
    except NotFound as error:
        return str(error)
    with _quiet():
        try:
            sender = apprise.Apprise()
            if not sender.add(url):
                return "what stands there is no address that Apprise knows"
            taken = bool(sender.notify(title=title(system, wanted), body=body(system, wanted)))
        except Exception as error:  # whatever a service's plug-in raises: the alarm is on record all the same
            return f"it failed ({type(error).__name__})"
    return "" if taken else "it was not taken there"


@contextmanager
def _quiet() -> Iterator[None]:
    """No log lines of what sends: they name the address."""
    loggers = [logging.getLogger(name) for name in _QUIET]
    levels = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def title(system: System, wanted: Sequence[StandingAlarm]) -> str:
    """The head of a message."""
    n = len(wanted)
    return f"Ombud: {n} new alarm{'' if n == 1 else 's'} in {system.name}"


def body(system: System, wanted: Sequence[StandingAlarm]) -> str:
    """A message: what is off, since when, how sure that is, and where to look; nobody is named."""
    lines = [f"{alarm_said(told_as(one))}.{f' Incident {one.case.id}.' if one.case else ''}" for one in wanted]
    if system.monitoring.injected is not None:
        lines.append("INJECTED: the manifest says that decisions were made up or changed by hand.")
    rate = float(system.monitoring.alarm_rate)
    lines.append(f"The chance of any false alarm in the life of a release is at most {rate:.2g}.")
    lines.append(f"See: ombud monitor report {system.path.name}")
    return "\n".join(lines)
