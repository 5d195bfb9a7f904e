"""The requests in a ledger, without the people: the only place of the records that knows how a case is written."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from ombud.documents.rights.records import LoggedRequest
from ombud.documents.rights.records.log import Response
from ombud.evidence.entry import Entry

MATTER: Final = "rights-request"


def requests_in(entries: Iterable[Entry]) -> tuple[tuple[LoggedRequest, ...], tuple[str, ...]]:
    """The requests that trusted entries of the kind "case" tell of, the newest first, and what could not be read."""
    told: dict[str, list[Entry]] = {}
    for entry in entries:
        predicate = entry.statement.predicate
        if predicate.get("matter") == MATTER:
            told.setdefault(str(predicate["case"]), []).append(entry)
    found, problems = [], []
    for case, steps in told.items():
        try:
            found.append(_request(case, _chain(steps)))
        except (KeyError, ValueError, TypeError):
            problems.append(f"Case {case} is not written as this version writes one; it is not counted.")
    return tuple(sorted(found, key=lambda one: (one.received, one.case), reverse=True)), tuple(problems)


def _chain(steps: list[Entry]) -> list[Mapping[str, Any]]:
    """The steps that follow each other; one that follows another head lost a race and is ignored."""
    chain, head = [], None
    for entry in steps:
        if entry.statement.predicate.get("after") == head:
            chain.append(entry.statement.predicate)
            head = entry.digest
    return chain


def _request(case: str, steps: list[Mapping[str, Any]]) -> LoggedRequest:
    first = steps[0]["details"]
    answer = next((step for step in reversed(steps) if step["event"] in ("refused", "delivered", "closed")), None)
    response, denial = _response(steps)
    return LoggedRequest(
        case=case, received=date.fromisoformat(str(first["received_at"])[:10]), right=str(first["right"]),
        channel=str(first.get("channel", "not said")), laws=tuple(map(str, first.get("laws", ()))),
        responded=date.fromisoformat(str(answer["observed_at"])[:10]) if answer else None,
        response=response, denial=denial,
    )  # fmt: skip


def _response(steps: list[Mapping[str, Any]]) -> tuple[Response, tuple[str, ...]]:
    grounds = tuple(str(one) for step in steps for one in step.get("details", {}).get("grounds", ()))
    events = [step["event"] for step in steps]
    if "refused" in events:
        return "denied", grounds
    if "withdrawn" in events:
        return "withdrawn", ()
    if {"delivered", "closed"} & set(events):
        return ("complied in part", grounds) if grounds else ("complied", ())
    return "open", ()
