"""A draft of a notice: nothing in it is invented; what nobody wrote is a hole that every format shows."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import frozen

from ombud.documents.paper import Facts, Heading, Hole, Letterhead, Note, Paper, Part, Say


@frozen
class Said:
    """One thing that the notice has to say: its heading, and the text or what is missing."""

    title: str
    text: str | Hole


@frozen(kw_only=True)
class Notice:
    """What a draft is made from.

    Attributes:
        title, cite: what it is, and the provision that asks for it.
        organisation: who writes; contact: how they are reached.
        to: whom it is for, in words.
        case: number of the incident; system: which system.
        day: of the draft.
        aware: when the organisation knew; due: until when it is in time; rule: how that was counted. Words.
        late: whether it is late; late_reasons: why, or what is missing; None while it is in time.
        phase: "first", "further" or "final".
        said: what it has to say.
        checked: how sure we are that this list is what the law asks for.
        phases: what law says of notices in phases; "" where nothing is known.
        applies: why it is uncertain whether the duty applies; "" where it does.
        drill: an exercise.
        people: written to the people themselves.
    """

    title: str
    cite: str
    organisation: str | Hole
    contact: str | Hole
    to: str
    case: str
    system: str
    day: date
    aware: str
    due: str
    rule: str
    late: bool
    late_reasons: str | Hole | None
    phase: str
    said: tuple[Said, ...]
    checked: str
    phases: str = ""
    applies: str = ""
    drill: bool = False
    people: bool = False


def notice(written: Notice) -> Paper:
    """The draft as a paper."""
    organisation = written.organisation if isinstance(written.organisation, str) else ""
    drill = "DRILL: " if written.drill else ""
    return Paper(
        title=f"{drill}{written.title}", kicker=f"Draft · {written.phase} notice · {written.case}", day=written.day,
        author=organisation, parts=tuple(_parts(written)), foot=f"{organisation or 'Draft'} · {written.case}",
        letterhead=_letterhead(written) if written.people and organisation else None,
    )  # fmt: skip


def _letterhead(written: Notice) -> Letterhead:
    sender = tuple(one for one in (written.organisation, written.contact) if isinstance(one, str))
    return Letterhead(sender, (), (("Our reference", written.case), ("Date of this letter", written.day.isoformat())))


def _parts(written: Notice) -> Iterator[Part]:
    if written.drill:
        yield Note("This is an exercise", ("Nothing here happened. It must not be sent to anybody.",), "hole")
    yield from _frame(written)
    for one in written.said:
        yield Heading(one.title)
        yield Say(one.text) if isinstance(one.text, str) else Facts((("Not written yet", one.text),), one.title)
    if written.late_reasons is not None:
        yield Heading("Why this notice is late")
        late = written.late_reasons
        yield Say(late) if isinstance(late, str) else Facts((("Not written yet", late),), "Reasons for the delay")
    yield from _about(written)


def _frame(written: Notice) -> Iterator[Part]:
    if written.people:
        return
    yield Facts(
        (
            ("To", written.to), ("From", written.organisation), ("Contact", written.contact),
            ("System", written.system), ("Known since", written.aware), ("In time until", written.due),
        ),
        "Who writes to whom, about what, and until when",
    )  # fmt: skip


def _about(written: Notice) -> Iterator[Part]:
    """For whoever sends it; a letter to people is sent without this part."""
    lines = [f"Asked for by {written.cite}. The clock: {written.rule}."]
    lines += [written.phases] if written.phases else []
    lines += [written.applies] if written.applies else []
    lines += [f"The list of what it has to say: {written.checked}. Have somebody who knows the law read it."]
    yield Note("Before it is sent: take this part out", tuple(lines))


def plain(written: Notice) -> dict[str, Any]:
    """The draft for programs; a hole is {"missing": what, "where": how to add it}."""
    holes = [_plain(hole) for hole in notice(written).holes]
    return {
        "notice": written.title, "cite": written.cite, "case": written.case, "system": written.system, "to": written.to,
        "drill": written.drill, "phase": written.phase, "day": written.day.isoformat(), "aware": written.aware,
        "due": written.due, "rule": written.rule, "late": written.late, "late_reasons": _plain(written.late_reasons),
        "organisation": _plain(written.organisation), "contact": _plain(written.contact),
        "says": [{"title": one.title, "text": _plain(one.text)} for one in written.said],
        "list_of_contents": written.checked, "applies": written.applies or None, "holes": holes,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return {"missing": value.add, "where": value.where} if isinstance(value, Hole) else value
