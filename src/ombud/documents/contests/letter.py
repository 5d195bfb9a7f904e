"""The letter that ends a contest: what was looked at, by whom, what came of it and why, and what the person can do."""

from datetime import date
from typing import Any, Final, Literal

from attrs import field, frozen

from ombud.documents.paper import Hole, Letterhead, Paper
from ombud.documents.rights.letters.letter import Remedy
from ombud.documents.rights.letters.parts import parts_of
from ombud.documents.rights.letters.wording import Wording, english, fill
from ombud.documents.rights.letters.write import complaints

LETTERS: Final = "ombud.documents.contests"
"""The package whose folder `en/` holds the words; for another language see `wording.load_wording(folder, LETTERS)`."""


@frozen(kw_only=True)
class Outcome:
    """What the letter is made from. The caller fills it; nothing is said that is not in it.

    Attributes:
        organisation: who writes; address: its lines; contact: where the person can write back; officer: or "".
        person: how they are addressed, person_address: lines of the envelope; both may be empty.
        case: number of the contest; decision: number of the decision that was contested.
        day: of the letter; received: of the contest; decided: of the decision.
        came_to: upheld, changed, new-decision or refused.
        reasons: the reviewer's, or those of the refusal, in plain language; a hole where nobody wrote them.
        outcome: what now holds: favourable, unfavourable; None: not said.
        new: number of the decision that took its place.
        by_machine: whether nobody of the staff had a hand in the contested decision.
        saw: what the reviewer looked at, as the case has it.
        heard: whether the person gave their own view.
        ground, cite: of a refusal, in words, and its provision.
        remedies: where they can complain.
    """

    organisation: str
    address: tuple[str, ...] = ()
    contact: str
    officer: str = ""
    person: str = field(default="", repr=False)
    person_address: tuple[str, ...] = field(default=(), repr=False)
    case: str
    decision: str = field(repr=False)
    day: date
    received: date
    decided: date
    came_to: Literal["upheld", "changed", "new-decision", "refused"]
    reasons: str | Hole = field(repr=False)
    outcome: str | None = None
    new: str | None = field(default=None, repr=False)
    by_machine: bool = False
    saw: tuple[str, ...] = ()
    heard: bool = False
    ground: str = ""
    cite: str = ""
    remedies: tuple[Remedy, ...] = ()


def letter(written: Outcome, wording: Wording | None = None) -> Paper:
    """The letter as a paper, ready for a page or a PDF.

    Args:
        written: what happened; wording: the language; English by default.

    Raises:
        Invalid: the words ask for a value that this letter does not have.
    """
    words = wording or english(LETTERS)
    values = _values(written, words)
    name = "refused" if written.came_to == "refused" else "reviewed"
    title = words.word(f"title.{written.came_to}")
    parts = [
        *parts_of(words, words.letters[name]["parts"], values),
        *parts_of(words, words.letters["closing"]["parts"], values),
    ]
    subject = tuple((words.word(f"subject.{key}"), str(values[key])) for key in ("case", "decision", "received", "day"))
    sender = (written.organisation, *written.address, written.contact)
    return Paper(
        title=fill(title, values), day=written.day, author=written.organisation, parts=tuple(parts),
        language=words.language, direction=words.direction, labels=words.labels,
        letterhead=Letterhead(sender, (written.person, *written.person_address), subject),
        foot=words.word("foot", organisation=written.organisation, case=written.case),
    )  # fmt: skip


def _values(written: Outcome, words: Wording) -> dict[str, Any]:
    missing = isinstance(written.reasons, Hole)
    return {
        "organisation": written.organisation, "contact": written.contact, "officer": written.officer,
        "case": written.case, "decision": written.decision, "new": written.new or "", "cite": written.cite,
        "day": written.day.isoformat(), "received": written.received.isoformat(),
        "decided": written.decided.isoformat(), "ground": written.ground,
        "greeting": words.word("greeting" if written.person else "greeting.nameless", person=written.person),
        "came_to": words.word(f"came-to.{written.came_to}"),
        "now": words.word(f"now.{written.outcome}") if written.outcome else "",
        "reasons": "" if missing else _paragraphs(str(written.reasons)),
        "missing": [{"reasons": written.reasons}] if missing else (),
        "by_machine": _flag(written.by_machine), "by_person": _flag(not written.by_machine),
        "saw": [words.word(f"saw.{one}") for one in written.saw], "heard": _flag(written.heard),
        "remedies": [*complaints(written.remedies, words)],
    }  # fmt: skip


def _paragraphs(text: str) -> list[str]:
    return [" ".join(one.split()) for one in text.split("\n\n") if one.strip()]


def _flag(holds: bool) -> str:
    return "yes" if holds else ""
