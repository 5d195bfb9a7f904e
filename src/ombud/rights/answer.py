"""The letter that ends a request: what was done and what was not, in the words of the person's letter."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from ombud.cases import Case
from ombud.documents.rights.access.values import in_words
from ombud.documents.rights.letters import (
    Answer,
    Attachment,
    Decided,
    Frame,
    Ground,
    Refusal,
    Remedy,
    Told,
)
from ombud.errors import Misused
from ombud.law.requests import Regime, Said, book
from ombud.rights.desk import BY_HAND, FOUND, Desk, granted, kept_by_decision, rows_found
from ombud.rights.request_guards import outcomes
from ombud.rights.sources.source import State

COPIES: Final = ("access", "portability")
"""Rights that are answered with a copy of data."""

_BECAME: Final[Mapping[str, Any]] = {
    State.ERASED: "done",
    State.CHANGED: "done",
    State.NOTHING: "nothing",
    State.KEPT: "kept",
    State.FAILED: "failed",
}


def answer(desk: Desk, case: Case, attachments: tuple[Attachment, ...] = (), passphrase: str = "") -> Answer | Refusal:
    """The letter for a case as it stands.

    Args:
        desk: whose organisation writes; case: fulfilled or refused.
        attachments: files that go with the letter; passphrase: how the person gets theirs, a sentence.

    Raises:
        Misused: the case is not decided, or the organisation's manifest does not say how people reach it.
    """
    if case.state == "refused":
        return _refusal(desk, case)
    if case.state not in ("fulfilled", "delivered", "closed"):
        raise Misused(
            f"{case.id} stands at {case.state!r}: there is nothing to tell yet", f"ombud rights show {case.id}"
        )
    told = tuple(_told(desk, case))
    return Answer(
        frame=frame(desk, case),
        outcomes=told,
        models=tuple(_models(desk, case)),
        recipients=tuple(_recipients(case, "told")),
        recipients_failed=tuple(_recipients(case, "not reached")),
        attachments=attachments,
        passphrase=passphrase,
        limits=tuple(_limits(desk, case)),
        remedies=remedies(desk, case),
    )


def frame(desk: Desk, case: Case) -> Frame:
    """The head of a letter.

    Raises:
        Misused: no manifest of the organisation stands beside the map, or it does not say how people reach it.
    """
    organisation = desk.organisation
    if organisation is None or organisation.contact is None:
        raise Misused(
            "a letter has to say who writes and where to answer",
            "Write name and contact (write_to) into organisation.yaml beside the map.",
        )
    notes = desk.workspace.people.kept(case.id)
    return Frame(
        organisation=organisation.name, address=organisation.contact.address, contact=organisation.contact.write_to,
        officer=organisation.contact.officer or "", person=notes.get("name", ""),
        person_address=tuple(notes.get("contact", "").splitlines()), case=case.id, day=desk.today,
        received=date.fromisoformat(str(case.opened["received_at"])[:10]), right=case.opened["right"],
    )  # fmt: skip


def remedies(desk: Desk, case: Case) -> tuple[Remedy, ...]:
    """Where the person can complain: the organisation's own words where it names an authority, else the law's."""
    named = desk.organisation.authorities if desk.organisation else ()
    return tuple(one for law in case.opened["laws"] for one in _remedies(book().laws[law], named))


def _remedies(regime: Regime, named: Any) -> Iterator[Remedy]:
    authority, court = regime.remedies.get("complaint-authority"), regime.remedies.get("court")
    said = f"You can also {court.text[0].lower()}{court.text[1:]}" if court else ""
    theirs = [one for one in named if not one.laws or regime.law in one.laws]
    cite = cited(authority) if authority else ""
    for one in theirs:
        yield Remedy(authority=one.name, address=one.address or "", cite=cite, court=said)
    if authority and not theirs:
        whom = authority.text.removeprefix("Complain to ").rstrip(".")
        yield Remedy(authority=whom, cite=cite, court=said)


def cited(said: Said) -> str:
    """A provision with the name of its law; ours are written short where the file is one law's: "Art. 77"."""
    return f"GDPR {said.cite}" if said.cite.startswith(("Art.", "Recital")) else said.cite


def _refusal(desk: Desk, case: Case) -> Refusal:
    refused = case.last("refused")
    assert refused is not None, "a refused case has a step that says so"
    reasons = desk.workspace.people.kept(case.id).get("reasons", "")
    grounds = [
        Ground(words=ground.text, cite=cited(ground), reasons=tuple(filter(None, [reasons])))
        for row in refused.details["decisions"]
        if (ground := book().laws[str(row["law"])].refuse.get(str(row.get("ground"))))
    ]
    return Refusal(frame=frame(desk, case), grounds=tuple(dict.fromkeys(grounds)), remedies=remedies(desk, case))


# --- what became of it, place by place --------------------------------------------------------------------------------


def _told(desk: Desk, case: Case) -> Iterator[Told]:
    done = outcomes(case, {})
    if done:
        yield from (_place(desk, case, one) for one in done.values())
    elif case.opened["right"] in COPIES:
        rows = rows_found(case).items()
        for place, found in rows:
            by_hand = _by_hand(desk, place)
            yield Told(place=_called(place), became="done" if found else "nothing", by_hand=by_hand)


def _place(desk: Desk, case: Case, one: Mapping[str, Any]) -> Told:
    state = State(one["state"])
    return Told(
        place=_called(str(one["collection"])),
        became=_BECAME[state],
        ground=_ground(desk, case, one) if state is State.KEPT else None,
        because=str(one.get("because") or "") if state is State.FAILED else "",
        copies=tuple(one.get("not_covered") or ()),
        masked=bool(one.get("masked")) and state is not State.CHANGED,
        by_hand=_by_hand(desk, str(one["collection"])),
    )


def _by_hand(desk: Desk, address: str) -> bool:
    """Whether people do the steps in a place: then nobody can say that a program searched it."""
    return any(spec.kind in BY_HAND for spec in desk.data_map.sources if spec.name == address.partition(".")[0])


def _ground(desk: Desk, case: Case, one: Mapping[str, Any]) -> Ground:
    """The ground in the words of law; where law has none of that name, what the outcome itself says."""
    key, address = str(one.get("ground") or ""), str(one["collection"])
    decided = kept_by_decision(desk.data_map, case, desk.today)
    known = {collection.address: collection for collection in decided.collections}
    exemption = known[address].exemption if address in known else None
    words = next((book().laws[law].keep[key] for law in granted(case) if key in book().laws[law].keep), None)
    until = exemption.until if exemption and exemption.ground == key else None
    because = str(one.get("because") or "It has to be kept.")
    return Ground(words=words.text if words else because, cite=cited(words) if words else "", until=until)


def _called(address: str) -> str:
    """A collection in words: "core.people" → "people (core)"."""
    source, _, name = address.partition(".")
    return f"{name.replace('_', ' ')} ({source.replace('_', ' ')})"


# --- models, recipients, limits ---------------------------------------------------------------------------------------


def _models(desk: Desk, case: Case) -> Iterator[Decided]:
    """What was decided about models, the newest word on each; called by the system that they serve."""
    serves = {one.table.model: one.table.system for one in desk.workspace.people.tables() if one.table.model}
    newest = {str(step.details["model"]): step.details for step in case.all("model-decided")}
    for model, said in newest.items():
        until = said.get("until")
        yield Decided(
            model=f"the model of {serves.get(model, 'a system')} ({model[:8]})",
            choice=said["choice"],
            by=date.fromisoformat(until) if until else None,
            done=said["choice"] in ("unlearn", "suppress"),
        )


def _recipients(case: Case, state: str) -> Iterator[str]:
    for step in case.all("recipients-told"):
        yield from (str(row["recipient"]) for row in step.details["recipients"] if row.get("state") == state)


def _limits(desk: Desk, case: Case) -> Iterator[str]:
    if case.opened["right"] not in COPIES:
        return
    yield from (f"{one[:1].upper()}{one[1:]}." for one in (desk.noted(case, FOUND) or {}).get("incomplete", ()))
    backups = sorted({in_words(one.backups) for one in desk.data_map.sources if one.backups})
    if backups:
        yield f"Backups were not searched; they are kept for up to {', '.join(backups)}."
