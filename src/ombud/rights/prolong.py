"""What moves the clocks of a request: confirming it, announcing more time, waiting for something, its withdrawal."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from ombud.cases import Case, step, the_case
from ombud.errors import Misused
from ombud.law.clock import Notice
from ombud.rights.request import REQUESTS
from ombud.rights.request_clocks import answer_clock, local_day, received_at, rules
from ombud.store.workspace import Workspace

BECAUSE: Final = ("complexity", "number-of-requests")
"""Why more time may be needed; the words for the person are a private note."""


def acknowledge(workspace: Workspace, number: str, holder: str, on: date | None = None) -> Case:
    """Say that receipt was confirmed to the person, on a day that is over or today.

    Raises:
        Misused: the day is still to come, or before the receipt.
        NotAllowed: it was confirmed already.
    """
    case = _case(workspace, number)
    return step(workspace, REQUESTS, case.id, "acknowledged", {"on": _day(workspace, case, on).isoformat()}, holder)


def extend(
    workspace: Workspace, number: str, because: Iterable[str], reasons: str, holder: str, *, on: date | None = None,
    laws: Iterable[str] = (),
) -> Case:  # fmt: skip
    """Say that the person was told that it takes longer, and why. It counts only in time and with reasons.

    Args:
        workspace: log, store, keys; number: of the case; holder: whose key signs.
        because: one or both of `BECAUSE`; reasons: what the person was told, a private note.
        on: the day on which they were told; None: today.
        laws: under which; none: under every law that lets its clock be prolonged.

    Raises:
        NotAllowed: too late, or the law lets nothing be prolonged; nothing was written.
        Misused: no reasons.
    """
    case, why = _case(workspace, number), sorted(set(because))
    if not why or not set(why) <= set(BECAUSE) or not reasons.strip():
        raise Misused("more time needs reasons, and the person is told them", f"Because of: {', '.join(BECAUSE)}.")
    day, asked = _day(workspace, case, on), tuple(laws)
    unknown = set(asked) - set(case.opened["laws"])
    if unknown:
        raise Misused(f"{case.id} is made under other laws", f"They are: {', '.join(case.opened['laws'])}.")
    notice = Notice(day, ", ".join(why))
    refused = {law: said for law in asked or case.opened["laws"] if (said := _why_not(case, law, notice))}
    granted = [law for law in asked or case.opened["laws"] if law not in refused]
    if not granted or (asked and refused):
        raise case.refused("; ".join(f"{law}: {said}" for law, said in refused.items()))
    after = step(
        workspace, REQUESTS, case.id, "extended", {"laws": granted, "on": day.isoformat(), "because": why}, holder
    )
    workspace.people.keep(case.id, "extension", reasons.strip())
    return after


def pause(workspace: Workspace, number: str, ground: str, holder: str, since: date | None = None) -> Case:
    """Let the clocks that know the ground stand still, from the day on which the person was asked.

    Raises:
        NotAllowed: no clock of this case knows it; nothing was written.
    """
    case = _case(workspace, number)
    knows = {law: rule.pauses for law, rule in rules(case)}
    if not any(ground in grounds for grounds in knows.values()):
        said = "; ".join(f"{law}: {', '.join(grounds) or 'never'}" for law, grounds in knows.items())
        raise case.refused(f"no clock of it stands still on that ground ({said or 'it has no clock'})")
    day = _day(workspace, case, since).isoformat()
    return step(workspace, REQUESTS, case.id, "paused", {"ground": ground, "since": day}, holder)


def resume(workspace: Workspace, number: str, holder: str, on: date | None = None) -> Case:
    """Let the clocks go on, from the day on which what was awaited came in.

    Raises:
        NotAllowed: they do not stand still.
    """
    case = _case(workspace, number)
    last = case.last("paused")
    day = _day(workspace, case, on)
    if last and day < date.fromisoformat(str(last.details["since"])):
        raise Misused("it cannot have come in before it was asked for", "Check the date.")
    details = {"ground": last.details["ground"] if last else "identity", "on": day.isoformat()}
    return step(workspace, REQUESTS, case.id, "resumed", details, holder)


def withdraw(workspace: Workspace, number: str, holder: str, on: date | None = None) -> Case:
    """Say that the person took the request back; its private notes go.

    Raises:
        NotAllowed: it is carried out already, so that there is something to tell.
    """
    case = _case(workspace, number)
    after = step(workspace, REQUESTS, case.id, "withdrawn", {"on": _day(workspace, case, on).isoformat()}, holder)
    workspace.people.drop(case.id)
    return after


def _why_not(case: Case, law: str, notice: Notice) -> str | None:
    """Why a notice does not count under a law, in the words of its clock; None if it does."""
    clock = answer_clock(case, law, notice)
    if clock is None or clock.result is None:
        return clock.problem if clock and clock.problem else "law sets no number that could be prolonged"
    said = next((one for one in clock.result.notes if one.startswith("the extension does not count: ")), None)
    return (
        None if clock.result.extended else (said or "it does not count").removeprefix("the extension does not count: ")
    )


def _day(workspace: Workspace, case: Case, day: date | None) -> date:
    """A day between receipt and today, where the first law's days are counted."""
    law = str(case.opened["laws"][0])
    today, first = local_day(case, law, workspace.context.clock.now()), local_day(case, law, received_at(case))
    chosen = day or today
    if not first <= chosen <= today:
        raise Misused(f"{chosen} is not between the receipt ({first}) and today ({today})", "Check the date.")
    return chosen


def _case(workspace: Workspace, number: str) -> Case:
    return the_case(workspace.ledger.log(), REQUESTS, number)
