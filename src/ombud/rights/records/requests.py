"""The requests in a ledger, without the people: the only place of the records that knows how a case is written."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ombud.cases import Case, fold
from ombud.documents.rights.records import LoggedRequest
from ombud.documents.rights.records.log import Response
from ombud.evidence.entry import Entry
from ombud.evidence.instants import parsed
from ombud.rights.gpc import MATTER as SIGNAL
from ombud.rights.request import REQUESTS

STAYED: Final = frozenset(("not erasable", "failed"))
"""States of a place after which a request was not complied with in whole."""


def requests_in(entries: Iterable[Entry]) -> tuple[tuple[LoggedRequest, ...], tuple[str, ...]]:
    """The requests that trusted entries of the kind "case" tell of, the newest first, and what could not be read.

    A signal of Global Privacy Control that was honoured counts as an opt-out that was complied with on that day.
    """
    told = tuple(entries)
    found, problems = list(_signals(told)), []
    for case in fold(REQUESTS, told):
        try:
            found.append(_request(case))
        except (KeyError, ValueError, TypeError):
            problems.append(f"Case {case.id} is not written as this version writes one; it is not counted.")
    return tuple(sorted(found, key=lambda one: (one.received, one.case), reverse=True)), tuple(problems)


def _signals(entries: Iterable[Entry]) -> Iterator[LoggedRequest]:
    for entry in entries:
        said = entry.statement.predicate
        if said.get("matter") == SIGNAL and isinstance(said.get("details"), Mapping):
            day = parsed(entry.statement.observed_at).date()
            yield LoggedRequest(
                case=str(said["case"]), received=day, right=str(said["details"].get("type")), channel="gpc",
                laws=tuple(map(str, said["details"].get("laws") or ())), responded=day, response="complied",
            )  # fmt: skip


def _request(case: Case) -> LoggedRequest:
    opened, here = case.opened, _zone(case.opened)
    response, denial = _response(case)
    return LoggedRequest(
        case=case.id, received=parsed(str(opened["received_at"])).astimezone(here).date(), right=str(opened["right"]),
        channel=f"{opened['channel']}, by {opened['agent']}" if opened.get("agent") else str(opened["channel"]),
        laws=tuple(map(str, opened["laws"])), responded=_answered(case, here) if response != "open" else None,
        response=response, denial=denial,
    )  # fmt: skip


def _zone(opened: Mapping[str, Any]) -> tzinfo:
    """The time zone whose days count: that of the first law of the case; UTC where none is written."""
    names = [str(row.get("timezone")) for row in opened.get("zones") or ()]
    try:
        return ZoneInfo(names[0]) if names else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _answered(case: Case, here: tzinfo) -> date | None:
    """The day on which the person was told; where nobody could be told, the day on which the case was closed."""
    step = case.last("delivered") or case.last("withdrawn", "closed")
    at: datetime | None = step.at if step else None
    return at.astimezone(here).date() if at else None


def _response(case: Case) -> tuple[Response, tuple[str, ...]]:
    """What the answer was. A case in which nobody was told of the answer yet is open, whatever was decided."""
    if case.state == "withdrawn":
        return "withdrawn", ()
    if not (case.last("delivered") or case.state == "closed"):
        return "open", ()
    grounds = tuple(dict.fromkeys(ground.replace("-", " ") for ground in _grounds(case)))
    if case.last("refused"):
        return "denied", grounds
    return ("complied in part", grounds) if grounds or any(_kept(case)) else ("complied", ())


def _grounds(case: Case) -> Iterator[str]:
    """Every ground on which something was refused or kept."""
    step = case.last("refused", "reviewed")
    said = step.details if step else {}
    yield from (str(one) for one in said.get("grounds") or ())
    for row in (*(said.get("decisions") or ()), *(said.get("kept") or ())):
        if row.get("ground"):
            yield str(row["ground"])
    yield from (str(one["ground"]) for one in _kept(case) if one.get("ground"))


def _kept(case: Case) -> Iterator[Mapping[str, Any]]:
    """The places, by their newest outcome, in which something of the person stayed."""
    newest = {
        one.get("collection"): one
        for step in case.all("acted", "fulfilled") for one in step.details.get("outcomes") or ()
    }  # fmt: skip
    yield from (one for one in newest.values() if one.get("state") in STAYED)
