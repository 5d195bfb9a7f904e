"""Draft a notice of an incident from what is known of it, in any format; what nobody wrote is shown as missing."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from ombud.cases import Case
from ombud.documents.incidents import Notice, Said, notice, plain
from ombud.documents.paper import Hole
from ombud.errors import Misused
from ombud.incidents.clocks import IncidentClock, clocks
from ombud.incidents.duties import Duty, Wanted, duties
from ombud.incidents.handle import Incidents
from ombud.incidents.incident_guards import assessment, is_drill
from ombud.law.model import certainty_words
from ombud.system.organisation import Organisation

FORMATS: Final = ("html", "pdf", "docx", "json")

TO: Final[Mapping[str, str]] = {
    "authority": "the supervisory authority", "market-surveillance-authority": "the market surveillance authority",
    "ai-office": "the AI Office", "controller": "the controller", "provider": "the provider of the system",
    "people": "the people concerned", "csirt": "the authority for incidents in products", "other": "another",
}  # fmt: skip
"""Code of a recipient → in words. Ombud ships no list of authorities."""


@frozen(kw_only=True)
class Draft:
    """A draft. content: the bytes; digest: their SHA-256; holes: how much is missing; notice: what it says."""

    content: bytes
    digest: str
    holes: int
    notice: Notice


def draft(
    who: Incidents, number: str, duty: str, format: str, organisation: Organisation | None = None, phase: str = ""
) -> Draft:  # fmt: skip
    """Write a draft and put on record that there is one, with its digest and how much is missing.

    Args:
        who: log, store, clock, key; number: of the incident; duty: which.
        format: html, pdf, docx or json; organisation: who writes, None: a hole.
        phase: first, further or final; "": what comes next.

    Raises:
        Misused: no such format or duty.
        NotAllowed: that is none of the duties of this incident.
    """
    if format not in FORMATS or duty not in duties():
        raise Misused(
            "there is no such format or duty", f"Formats: {', '.join(FORMATS)}. Duties: {', '.join(duties())}."
        )
    case = who.case(number)
    written = _notice(who, case, duties()[duty], organisation, phase)
    content = as_bytes(written, format)
    digest = hashlib.sha256(content).hexdigest()
    holes = len(notice(written).holes)
    who.drafted(number, duty, [digest], holes)
    return Draft(content=content, digest=digest, holes=holes, notice=written)


def as_bytes(written: Notice, format: str) -> bytes:
    """A notice in a format."""
    from ombud.documents.typeset import pdf
    from ombud.documents.webpage import html
    from ombud.documents.wordfile import docx

    match format:
        case "html":
            return html(notice(written)).encode()
        case "pdf":
            return pdf(notice(written))
        case "docx":
            return docx(notice(written))
    return (json.dumps(plain(written), indent=2, ensure_ascii=False) + "\n").encode()


def _notice(who: Incidents, case: Case, duty: Duty, organisation: Organisation | None, phase: str) -> Notice:
    now = who.workspace.context.clock.now()
    notes = who.workspace.people.kept(case.id)
    clock = next((one for one in clocks(case) if one.duty == duty), None)
    contact = organisation.contact if organisation else None
    late = clock is not None and not clock.settled and clock.late(now)
    return Notice(
        title=duty.title, cite=duty.cite, to=TO[duty.recipient], case=case.id, system=str(case.opened["system"]),
        organisation=organisation.name if organisation else _hole("who writes", "organisation.yaml: name"),
        contact=contact.write_to if contact else _hole("how you are reached", "organisation.yaml: contact.write_to"),
        day=now.date(), aware=_said(str(assessment(case)["aware_at"])), due=_due(clock),
        rule=clock.rule if clock else "", late=late, late_reasons=_late(case, notes) if late else None,
        phase=phase or _next_phase(clock), said=tuple(_contents(case, duty, notes, organisation)),
        checked=certainty_words(duty.wanted_certainty, None, None),
        phases=f"{duty.phases.text} ({duty.phases.cite}, {duty.phases.certainty_words})" if duty.phases else "",
        applies=_doubt(clock), drill=is_drill(case), people=duty.recipient == "people",
    )  # fmt: skip


def _contents(case: Case, duty: Duty, notes: Mapping[str, str], organisation: Organisation | None) -> Iterator[Said]:
    for wanted in duty.wanted:
        yield Said(wanted.title, _content(case, wanted, notes, organisation))


def _content(case: Case, wanted: Wanted, notes: Mapping[str, str], organisation: Organisation | None) -> str | Hole:
    if notes.get(wanted.key):
        return notes[wanted.key]
    if wanted.key == "people":
        return _people(case) or _hole(wanted.asks, f"ombud incidents update {case.id} --people NUMBER")
    if wanted.key == "contact" and organisation and organisation.contact:
        officer = organisation.contact.officer
        return f"Data protection officer: {officer}" if officer else organisation.contact.write_to
    return _hole(wanted.asks, f"ombud incidents update {case.id} --what {wanted.key} --file FILE")


def _people(case: Case) -> str | None:
    step = case.last("counted")
    if step is None or step.details["how"] == "unknown":
        return None
    said = step.details
    number = f"{said['people']:,}"
    if said["how"] == "stated":
        return f"About {number}, by our own estimate."
    what = said.get("filter") or "people decided about"
    return f"{number}: {what}, from {said['from'][:10]} and before {said['until'][:10]}."


def _late(case: Case, notes: Mapping[str, str]) -> str | Hole:
    return notes.get("late-reasons") or _hole(
        "the reasons for the delay", f"ombud incidents update {case.id} --what late-reasons --file FILE"
    )


def _due(clock: IncidentClock | None) -> str:
    if clock is None or clock.applies not in ("yes", "cannot-tell"):
        return "no duty on the day it was known"
    return _said(clock.due.isoformat()) if clock.due else "law sets no number: without undue delay"


def _doubt(clock: IncidentClock | None) -> str:
    if clock is None or clock.applies != "cannot-tell":
        return ""
    asks = ", ".join(clock.missing) or clock.duty.asks
    return (
        f"Whether this duty applies cannot be told: nobody declared {asks}." if asks else "Whether it applies is open."
    )


def _next_phase(clock: IncidentClock | None) -> str:
    return "further" if clock and clock.phase in ("first", "further") else "first"


def _said(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"


def _hole(add: str, where: str) -> Hole:
    return Hole(add, where)


def as_plain(one: Draft) -> dict[str, Any]:
    """A draft for programs."""
    return {**plain(one.notice), "sha256": one.digest}
