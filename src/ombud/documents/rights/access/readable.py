"""The copy that a person reads: what is held, why, from where, for how long, and what systems decided with it."""

from collections.abc import Iterator
from typing import Final

from ombud.documents.paper import Column, Facts, Heading, Note, Paper, Part, Points, Say, Table
from ombud.documents.rights.access.copy import NOT_SHOWN, SOMEBODY_ELSE, Copy, Field, Held, Logic
from ombud.documents.rights.access.values import as_text, in_words
from ombud.documents.rights.letters.write import complaints
from ombud.documents.words import counted, listed

SHOWN_ROWS: Final = 50
"""So many rows of a place are shown to read; the files for machines have all of them."""
SIDE_BY_SIDE: Final = 6
"""So many columns fit beside each other; with more, each row is a list of its own."""

BASES: Final = {
    "consent": "you agreed to it",
    "contract": "we need them for a contract with you",
    "legal-obligation": "the law obliges us",
    "vital-interests": "somebody's life depends on it",
    "public-task": "we do it in the public interest",
    "legitimate-interests": "we have an interest in it that the law recognises",
}
ORIGINS: Final[dict[str | None, str]] = {
    "provided": "you gave it", "observed": "we recorded it", "inferred": "we worked it out", None: "not recorded",
}  # fmt: skip
RIGHTS: Final = {
    "rectification": "Have wrong data corrected.",
    "erasure": "Have data erased.",
    "restriction": "Have us store data without using them, while something is in dispute.",
    "objection": "Object to what we do with your data.",
    "portability": "Take along what you gave us, in a form that machines read.",
    "withdraw-consent": "Take back a consent, at any time.",
    "opt-out-sale": "Tell us not to sell or share your data.",
    "opt-out-decisions": "Tell us that no automated system shall decide about you.",
    "limit-sensitive": "Limit the use of your sensitive data.",
    "contest": "Have a person look again at an automated decision, say what you think of it, and contest it.",
}


def readable_copy(copy: Copy) -> Paper:
    """A person's copy as a paper, for a page or a PDF."""
    return Paper(
        title="The data we hold about you", kicker=f"{copy.organisation} · {copy.case} · {copy.day.isoformat()}",
        day=copy.day, author=copy.organisation, parts=tuple(_parts(copy)),
        foot=f"{copy.organisation} · {copy.case} · Keep this document to yourself: it holds your data.",
    )  # fmt: skip


def _parts(copy: Copy) -> Iterator[Part]:
    yield from _opening(copy)
    for held in copy.held:
        if held.rows or held.problem or held.by_hand:
            yield from _place(held)
    yield from _empty(copy)
    for logic in copy.logics:
        yield from _logic(logic)
    yield from _closing(copy)


def _opening(copy: Copy) -> Iterator[Part]:
    found = [held for held in copy.held if held.rows or held.by_hand]
    failed = [held for held in copy.held if held.problem]
    by_hand = [held.title for held in copy.held if held.by_hand]
    searched = f"We looked in {counted(len(copy.held), 'place')} where we keep data about people."
    result = f"In {len(found)} of them there is something about you." if found else "We found nothing about you."
    yield Say(f"{searched} {result}", "lead")
    if failed:
        named = listed([held.title for held in failed])
        yield Note(
            "This copy is not complete", (f"We could not read all of {named}. There may be more there.",), "hole"
        )
    if by_hand:
        yield Note(
            "Something is not in this copy", (f"No program reads {listed(by_hand)}. Ask us for what is there.",), "hole"
        )
    hidden = {one.hidden for held in found if held.rows for one in held.fields if one.hidden}
    yield Facts(
        (
            ("Who holds the data", (copy.organisation, *copy.address)),
            ("Write to", copy.contact),
            *((("Data protection officer", copy.officer),) if copy.officer else ()),
            ("Our reference", copy.case),
            *((("Not shown", tuple(_hidden(hidden))),) if hidden else ()),
        ),
        "About this copy",
    )


def _hidden(hidden: set[str]) -> Iterator[str]:
    if SOMEBODY_ELSE in hidden:
        yield f"{SOMEBODY_ELSE}: this part of an entry is about another person, whose rights we protect too."
    if NOT_SHOWN in hidden:
        yield (
            f"{NOT_SHOWN}: we hold it, but do not send it, because it could harm you in the wrong hands "
            "(numbers of accounts and identity papers, passwords, biometric data)."
        )


# --- one place --------------------------------------------------------------------------------------------------------


def _place(held: Held) -> Iterator[Part]:
    yield Heading(held.title)
    if held.problem:
        title = "Not all of it is in this copy" if held.rows else "We could not read this place"
        yield Note(title, (held.problem, "There may be more about you here."), "hole")
    if held.by_hand:
        says = f"Here {'is' if held.by_hand == 1 else 'are'} {counted(held.by_hand, 'entry', 'entries')} about you."
        yield Note("Not in this copy", (says, "No program reads this place. Ask us for what is there."), "hole")
    yield Facts(tuple(_why(held)), f"About {held.title}")
    if not held.rows:
        return
    yield from _rows(held)
    if len(held.rows) > SHOWN_ROWS:
        yield Say(
            f"{SHOWN_ROWS} of {counted(len(held.rows), 'entry', 'entries')} are shown here. "
            "The files for machines have all of them.", "quiet",
        )  # fmt: skip
    if held.other_columns:
        yield Say(
            f"These columns of the same table hold no data about people by our record: {listed(held.other_columns)}.",
            "quiet",
        )


def _why(held: Held) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    not_said = "we have not recorded this yet; ask us"
    yield "What we use them for", held.purposes or not_said
    yield "Why we may", tuple(BASES.get(basis, basis) for basis in held.lawful_basis) or not_said
    yield "Where they come from", held.origin or not_said
    yield "Who gets them", held.recipients or "nobody outside, by our record"
    if held.transfers:
        yield "Sent to other countries", held.transfers
    yield "How long they stay", in_words(held.retention) if held.retention else not_said


def _rows(held: Held) -> Iterator[Part]:
    rows = held.rows[:SHOWN_ROWS]
    if len(held.fields) <= SIDE_BY_SIDE and len(rows) > 1:
        yield Table(
            f"{counted(len(held.rows), 'entry', 'entries')} about you in {held.title}",
            tuple(Column(_head(one)) for one in held.fields),
            tuple(tuple(as_text(held.value(row, one)) for one in held.fields) for row in rows),
        )
        return
    for number, row in enumerate(rows, start=1):
        if len(rows) > 1:
            yield Heading(f"Entry {number} of {len(held.rows):,}", 3)
        yield Table(
            f"What {held.title} holds about you" + (f", entry {number}" if len(rows) > 1 else ""),
            (Column("What", weight=2), Column("Content", weight=4), Column("From", "short")),
            tuple((one.called or one.name, as_text(held.value(row, one)), ORIGINS[one.origin]) for one in held.fields),
        )


def _head(one: Field) -> str:
    name = one.called or one.name
    return name if one.origin in ("provided", None) else f"{name} ({ORIGINS[one.origin]})"


def _empty(copy: Copy) -> Iterator[Part]:
    nothing = tuple(held.title for held in copy.held if not (held.rows or held.problem or held.by_hand))
    if nothing:
        yield Heading("Where we found nothing about you")
        yield Points(nothing)


# --- decisions and rights ---------------------------------------------------------------------------------------------


def _logic(logic: Logic) -> Iterator[Part]:
    """Meaningful information on a decision: what it looked at, how it decides, what mattered, who can change it."""
    yield Heading(f"How {logic.system} decides")
    not_said = "we have not recorded this yet; ask us"
    yield Facts(
        (
            ("What it decides on", logic.purpose or not_said),
            *((("What it decided about you", logic.outcome),) if logic.outcome else ()),
            ("What it looks at", logic.features or not_said),
            ("From number to decision", logic.threshold or not_said),
            ("What mattered most for you", logic.factors or "nobody has approved a wording for this yet; ask us"),
            ("What follows for you", logic.consequences or not_said),
            ("What people do", logic.human or not_said),
        ),
        f"About {logic.system}",
    )


def _closing(copy: Copy) -> Iterator[Part]:
    if copy.limits:
        yield Heading("What we did not look at")
        yield Points(copy.limits)
    yield Heading("What you can do")
    yield Say(f"Write to {copy.contact} and give our reference, {copy.case}. You can:")
    rights = (*copy.rights, "contest") if copy.logics and "contest" not in copy.rights else copy.rights
    yield Points(tuple(RIGHTS[right] for right in rights if right in RIGHTS))
    told = complaints(copy.remedies)
    if told:
        yield Say("If you think that we break the law with your data:")
        yield Points(told)
