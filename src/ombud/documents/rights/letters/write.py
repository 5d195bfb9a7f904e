"""Write a letter: its values put into the words of a language."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ombud.documents.paper import Letterhead, Paper
from ombud.documents.rights.letters.letter import (
    Acknowledgement,
    Answer,
    Decided,
    Extension,
    Frame,
    Ground,
    IdentityWanted,
    Letter,
    Refusal,
    Remedy,
    Told,
)
from ombud.documents.rights.letters.parts import parts_of
from ombud.documents.rights.letters.wording import Wording, english, fill


def letter(written: Letter, wording: Wording | None = None) -> Paper:
    """A letter as a paper, ready for a page or a PDF.

    Args:
        written: what happened; wording: the language; English by default.

    Raises:
        Invalid: the words ask for a value that this letter does not have.
    """
    words = wording or english()
    values = _common(written.frame, words) | _values(written, words)
    name = _name(written)
    title = words.letters[name]["title"]
    said = title if isinstance(title, str) else title[str(values["verdict"])]
    parts = [
        *parts_of(words, words.letters[name]["parts"], values),
        *parts_of(words, words.letters["closing"]["parts"], values),
    ]
    frame = written.frame
    return Paper(
        title=fill(said, values), day=frame.day, author=frame.organisation, parts=tuple(parts), language=words.language,
        direction=words.direction, labels=words.labels,
        letterhead=Letterhead(
            (frame.organisation, *frame.address, frame.contact), (frame.person, *frame.person_address),
            tuple((words.word(f"subject.{name}"), str(values[name])) for name in ("case", "right", "received", "day")),
        ),
        foot=words.word("foot", organisation=frame.organisation, case=frame.case),
    )  # fmt: skip


def _name(written: Letter) -> str:
    match written:
        case Acknowledgement():
            return "acknowledgement"
        case IdentityWanted():
            return "identity"
        case Extension():
            return "extension"
        case Refusal():
            return "refusal"
        case Answer():
            return f"answer-{written.frame.right}"


# --- values -----------------------------------------------------------------------------------------------------------


def _common(frame: Frame, words: Wording) -> dict[str, Any]:
    return {
        "organisation": frame.organisation, "contact": frame.contact, "officer": frame.officer, "case": frame.case,
        "day": frame.day.isoformat(), "received": frame.received.isoformat(), "person": frame.person,
        "right": words.word(f"right.{frame.right}"),
        "greeting": words.word("greeting" if frame.person else "greeting.nameless", person=frame.person),
    }  # fmt: skip


def _values(written: Letter, words: Wording) -> dict[str, Any]:
    match written:
        case Acknowledgement():
            return {"due": _day(written.due), "identity_wanted": _flag(written.identity_wanted),
                    "agent": _flag(written.agent)}  # fmt: skip
        case IdentityWanted():
            return {"due": _day(written.due), "until": _day(written.until), "wanted": written.wanted,
                    "because": written.because, "paused": _flag(written.paused)}  # fmt: skip
        case Extension():
            return {"was": _day(written.was), "due": _day(written.due), "reasons": written.reasons,
                    "cite": written.cite, "remedies": _remedies(written.remedies, words)}  # fmt: skip
        case Refusal():
            return {"grounds": [_ground(one, words) for one in written.grounds],
                    "remedies": _remedies(written.remedies, words)}  # fmt: skip
        case Answer():
            return _answer(written, words)


def _answer(answer: Answer, words: Wording) -> dict[str, Any]:
    return {
        "verdict": answer.verdict,
        **{f"is_{state}": _flag(answer.verdict == state) for state in ("done", "nothing", "partly", "kept", "failed")},
        "outcomes": [{"place": told.place, "said": _told(told, answer.frame.right, words)} for told in answer.outcomes],
        "kept": [told.place for told in answer.outcomes if told.became == "kept"],
        "copies": tuple(dict.fromkeys(copy for told in answer.outcomes for copy in told.copies)),
        "models": [{"model": one.model, "said": _decided(one, words)} for one in answer.models],
        "recipients": answer.recipients,
        "recipients_failed": answer.recipients_failed,
        "attachments": [_attached(one.what, one.until, words) for one in answer.attachments],
        "passphrase": answer.passphrase,
        "limits": answer.limits,
        "remedies": _remedies(answer.remedies, words),
    }


def _told(told: Told, right: str, words: Wording) -> str:
    """One place in plain words: what was done there, and the ground or reason where it was not."""
    key = "masked" if told.became == "done" and told.masked else told.became
    usual = (f"outcome.{right}.{key}", f"outcome.{key}")
    by_hand = tuple(f"{one}.by-hand" for one in usual) if told.by_hand else ()
    said = words.word(next((one for one in (*by_hand, *usual) if one in words.words), usual[-1]))
    if told.ground is not None and told.became == "kept":
        said = f"{said} {_reason(told.ground, words)}"
    if told.because and told.became in ("failed", "nothing"):
        said = f"{said} {words.word('because', because=told.because)}"
    return said


def _reason(ground: Ground, words: Wording) -> str:
    cited = words.word("ground", words=ground.words.rstrip("."), cite=ground.cite) if ground.cite else ground.words
    until = words.word("until", day=ground.until.isoformat()) if ground.until else ""
    return " ".join(part for part in (cited, *ground.reasons, until) if part)


def _ground(ground: Ground, words: Wording) -> str:
    return _reason(ground, words)


def _decided(decided: Decided, words: Wording) -> str:
    done = "done" if decided.done else "by" if decided.by else "open"
    said = words.word(f"model.{decided.choice}.{done}", day=_day(decided.by))
    return f"{said} {words.word('because', because=decided.because)}" if decided.because else said


def _attached(what: str, until: date | None, words: Wording) -> str:
    return words.word("attached.until", what=what, day=until.isoformat()) if until else what


def complaints(remedies: Sequence[Remedy], words: Wording | None = None) -> tuple[str, ...]:
    """Where the person can complain, in sentences of a language; in English by default."""
    return tuple(_remedies(remedies, words or english()))


def _remedies(remedies: Sequence[Remedy], words: Wording) -> list[str]:
    """Each place to complain as a sentence, and once what is said of courts."""
    found = []
    for one in remedies:
        address = words.word("remedy.address", address=one.address) if one.address else ""
        cite = words.word("remedy.cite", cite=one.cite) if one.cite else ""
        found.append(" ".join(part for part in (words.word("remedy", authority=one.authority), address, cite) if part))
    return [*found, *dict.fromkeys(one.court for one in remedies if one.court)]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _flag(holds: bool) -> str:
    return "yes" if holds else ""
