"""The letter that tells the person what came of their contest, from what the case and its notes hold."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from attrs import frozen

from ombud.cases import Case
from ombud.decisions.contest_guards import becomes, review_of
from ombud.decisions.contest_law import grounds
from ombud.decisions.contest_outcome import number_of_changed, other_outcome
from ombud.decisions.contest_review import HEARD, REASONS, Contests
from ombud.documents.contests import Outcome, letter
from ombud.documents.paper import Hole, Paper
from ombud.documents.rights.letters import Remedy, Wording
from ombud.errors import Misused
from ombud.law.requests import Said, book
from ombud.system.organisation import Organisation

FORMATS: Final = ("html", "pdf", "docx")


@frozen(kw_only=True)
class Letter:
    """A letter. content: the bytes; digest: their SHA-256; holes: how much is missing in it; paper: what it says."""

    content: bytes
    digest: str
    holes: int
    paper: Paper


def outcome_letter(
    who: Contests, number: str, format: str, organisation: Organisation | None, wording: Wording | None = None
) -> Letter:  # fmt: skip
    """Write the letter of outcome. Ombud sends nothing; that the person was told is put on record by `Contests.tell`.

    Args:
        who: log, store, clock; number: of the contest; format: html, pdf or docx.
        organisation: who writes; wording: the language, None: English.

    Raises:
        Misused: nothing was decided yet; the organisation's manifest does not say how people reach it.
    """
    if format not in FORMATS:
        raise Misused("a letter has no such format", f"One of: {', '.join(FORMATS)}.")
    paper = letter(outcome_of(who, number, organisation), wording)
    content = as_bytes(paper, format)
    digest = hashlib.sha256(content).hexdigest()
    return Letter(content=content, digest=digest, holes=len(paper.holes), paper=paper)


def as_bytes(paper: Paper, format: str) -> bytes:
    """A paper in a format."""
    from ombud.documents.typeset import pdf
    from ombud.documents.webpage import html
    from ombud.documents.wordfile import docx

    match format:
        case "html":
            return html(paper).encode()
        case "pdf":
            return pdf(paper)
    return docx(paper)


def outcome_of(who: Contests, number: str, organisation: Organisation | None) -> Outcome:
    """What there is to tell."""
    case = who.case(number)
    if case.state not in ("reviewed", "refused", "told"):
        raise case.refused("nothing was decided yet that the person could be told")
    if organisation is None or organisation.contact is None:
        raise Misused("a letter has to say who writes and where to answer",
                      "Write name and contact (write_to) into organisation.yaml.")  # fmt: skip
    notes, contested = who.workspace.people.kept(case.id), who.contested(case).decision
    return Outcome(
        organisation=organisation.name, address=organisation.contact.address, contact=organisation.contact.write_to,
        officer=organisation.contact.officer or "", person=notes.get("name", ""),
        person_address=tuple(notes.get("contact", "").splitlines()), case=case.id, decision=contested.id,
        day=who.workspace.context.clock.now().date(), decided=contested.at.date(),
        received=date.fromisoformat(str(case.opened["received_at"])[:10]),
        reasons=notes.get(REASONS) or Hole("why it was decided so", "a note of the case that is gone"),
        by_machine=bool(case.opened["by_machine"]), heard=bool(notes.get(HEARD) or notes.get("words")),
        remedies=tuple(_remedies(case, organisation)), **_came_to(case, contested),
    )  # fmt: skip


def _came_to(case: Case, contested: Any) -> dict[str, Any]:
    refused, review = case.last("refused"), review_of(case)
    if refused is not None:
        ground = grounds()[str(refused.details["ground"])]
        return {"came_to": "refused", "ground": ground.text, "cite": ground.cite}
    assert review is not None, "a case that is reviewed has a review"
    came_to = str(review.details["outcome"])
    is_changed = came_to == "changed" and becomes(case) is not None
    return {
        "came_to": came_to, "saw": tuple(review.details["saw"]),
        "outcome": other_outcome(contested) if is_changed else contested.outcome if came_to == "upheld" else None,
        "new": number_of_changed(contested.id, case.id) if is_changed else None,
    }  # fmt: skip


def _remedies(case: Case, organisation: Organisation) -> Iterator[Remedy]:
    """Where the person can complain: the organisation's own words where it names an authority, else the law's."""
    laws = {str(row["law"]) for row in case.opened["duties"] if row["applies"] in ("yes", "cannot-tell")}
    for law in sorted(laws & book().laws.keys()):
        known = book().laws[law].remedies
        authority, court = known.get("complaint-authority"), known.get("court")
        cite = _cited(authority) if authority else ""
        said = f"You can also {court.text[0].lower()}{court.text[1:]}" if court else ""
        theirs = [one for one in organisation.authorities if not one.laws or law in one.laws]
        for one in theirs:
            yield Remedy(authority=one.name, address=one.address or "", cite=cite, court=said)
        if authority and not theirs:
            yield Remedy(authority=authority.text.removeprefix("Complain to ").rstrip("."), cite=cite, court=said)


def _cited(said: Said) -> str:
    """A provision with the name of its law; ours are written short where the file is one law's: "Art. 77"."""
    return f"GDPR {said.cite}" if said.cite.startswith(("Art.", "Recital")) else said.cite
