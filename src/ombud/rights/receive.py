"""Receive a request: which laws hold, who it is about, whether they asked before; a case is opened, its clocks run."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from ombud.cases import Case, cases_of, open_case
from ombud.errors import Misused
from ombud.evidence.instants import instant
from ombud.law.calendar import calendar
from ombud.law.clock import zone
from ombud.law.clockrules import clock_rule
from ombud.law.requests import Regime, book, regimes
from ombud.rights.request import REQUESTS, Request
from ombud.rights.request_clocks import NO_HOLIDAYS
from ombud.store.workspace import Workspace

_STRICT: Final = ("not-required", "if-doubted", "required")


@frozen(kw_only=True)
class Received:
    """What came of a receipt.

    Attributes:
        case: the new case.
        regimes: the laws that hold, each with what is not known of it.
        repeats: earlier cases of the same person with the same wish; whether that is too much, a person decides.
        beside: other cases of the person that are open.
        remarks: what whoever takes it up has to know, sentences.
    """

    case: Case
    regimes: tuple[Regime, ...]
    repeats: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def receive(workspace: Workspace, request: Request, holder: str) -> Received:
    """Open a case for a request.

    The person's identities, contact and words go into the store; the log gets a random alias and closed codes.

    Args:
        workspace: log, store, clock, keys.
        request: what was asked.
        holder: whose key signs.

    Raises:
        Misused: no law that is known here gives this right to somebody who lives there; it came in the future; the
            identities belong to several people.
        Refused: the holder may not sign cases.
    """
    now = workspace.context.clock.now()
    received = request.received or now
    _past(received, now)
    holding = _holding(request, received)
    strangers = all(workspace.people.alias_of(one) is None for one in request.identities)
    alias = workspace.people.enrol(request.identities)
    earlier = [one for one in cases_of(workspace.ledger.log(), REQUESTS) if one.alias == alias]
    repeats = tuple(one.id for one in earlier if one.opened["right"] == request.right)
    try:
        case = open_case(workspace, REQUESTS, _details(request, received, holding, repeats), holder, alias=alias)
    except BaseException:
        if strangers:  # nobody's identities stay here without a case that they are needed for
            workspace.people.forget(alias)
        raise
    for name, value in request.notes.items():
        workspace.people.keep(case.id, name, value)
    beside = tuple(one.id for one in earlier if not one.ended)
    remarks = tuple(_remarks(request, holding, repeats, beside))
    return Received(case=case, regimes=holding, repeats=repeats, beside=beside, remarks=remarks)


def _past(received: datetime, now: datetime) -> None:
    if received.tzinfo is None:
        raise Misused("the time of receipt has no offset from UTC", "Write it as 2026-11-23T10:00+01:00.")
    if received > now:
        raise Misused(
            f"it cannot have been received on {received.date()}: that is still to come", "Check the date of receipt."
        )


def _holding(request: Request, received: datetime) -> tuple[Regime, ...]:
    """The laws that give the person this right, each with the time and the holidays that its clocks count by."""
    if not request.lives:
        raise Misused("where does the person live?", "Give --lives DE, GB, US-CA or several.")
    found: dict[str, Regime] = {}
    for place in request.lives:
        for regime in regimes(place, request.facts, received.date()):
            if regime.law not in found or regime.because.startswith("the person"):
                found[regime.law] = _zoned(regime, request)
    giving = tuple(found[law] for law in book().laws if law in found and found[law].duty(request.right))
    if not giving:
        raise _no_right(request, tuple(found.values()))
    return giving


def _zoned(regime: Regime, request: Request) -> Regime:
    timezone, days = request.timezone or regime.timezone, request.calendar or regime.calendar or NO_HOLIDAYS
    zone(timezone)
    if days != NO_HOLIDAYS:
        calendar(days)
    return evolve(regime, timezone=timezone, calendar=days)


def _no_right(request: Request, holding: tuple[Regime, ...]) -> Misused:
    where = " and ".join(request.lives)
    later = [f"{one.title} from {day}" for one in holding if (day := one.not_yet(request.right))]
    if later:
        return Misused(f"{request.right} is not owed yet there: {', '.join(later)}", "Ask again from that day on.")
    given = sorted({right for one in holding for right in one.duties if one.duty(right)})
    known = f"Rights there: {', '.join(given)}." if given else "Answer the person as your own policy says."
    return Misused(f"no law known here gives {request.right} to somebody who lives in {where}", known)


def _details(
    request: Request, received: datetime, holding: tuple[Regime, ...], repeats: tuple[str, ...]
) -> Mapping[str, Any]:
    unsure = [{"law": one.law, "missing": sorted(one.missing)} for one in holding if one.missing]
    agent = {"agent": request.agent, "authority": "shown" if request.authority else "not-shown"}
    return {
        "received_at": instant(received), "right": request.right, "laws": [one.law for one in holding],
        "channel": request.channel, "identity": _identity(request, holding), "lives": list(request.lives),
        "scope": request.scope or ("pieces" if request.right == "access" else None), "minor": request.minor or None,
        "deceased": request.deceased or None, "repeats": list(repeats) or None, "unsure": unsure or None,
        "zones": [_zone(one, request.right, received) for one in holding], "law_data": book().digest,
        **(agent if request.agent else {}),
    }  # fmt: skip


def _identity(request: Request, holding: tuple[Regime, ...]) -> str:
    """The strictest of the laws decides whether identity has to be shown."""
    asked = [duty.identity for one in holding if (duty := one.duty(request.right))]
    return max(asked, key=_STRICT.index)


def _zone(regime: Regime, right: str, received: datetime) -> Mapping[str, Any]:
    duty, days = regime.duties[right], regime.calendar
    local = received.astimezone(zone(regime.timezone)).date()
    return {
        "law": regime.law, "timezone": regime.timezone, "calendar": days,
        "calendar_version": None if days in (None, NO_HOLIDAYS) else calendar(str(days)).version,
        "rule": clock_rule(duty.clock, local).version if duty.clock else None,
    }  # fmt: skip


def _remarks(
    request: Request, holding: tuple[Regime, ...], repeats: tuple[str, ...], beside: tuple[str, ...]
) -> Iterator[str]:
    """What has to be known, in the order in which it matters."""
    for one in holding:
        if one.missing:
            yield f"{one.title} is taken as applying: nobody declared {', '.join(sorted(one.missing))}."
    if repeats:
        yield f"The person asked for the same before: {', '.join(repeats)}. Whether that is excessive, you decide."
    if beside:
        yield f"Other requests of the person are open: {', '.join(beside)}."
    for rule, holds in (("agents", request.agent), ("minors", request.minor), ("deceased", request.deceased)):
        for one in holding if holds else ():
            said = one.rules[rule]
            yield f"{one.title}: {said.text} ({said.cite}; {said.certainty_words})"
    if request.agent and not request.authority:
        yield "Nobody has shown yet that the agent may speak for the person; nothing is decided before that."
    for one in holding:
        duty = one.duties[request.right]
        yield from (f"{one.title}: {note}" for note in duty.notes)
