"""Write a letter about one decision: its content put into the words of a language."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ombud.documents.decisions.content import CreditReport, Explained, Said, Way
from ombud.documents.paper import Hole, Letterhead, Paper
from ombud.documents.rights.letters.parts import parts_of
from ombud.documents.rights.letters.wording import Wording, english, fill, load_wording
from ombud.documents.rights.letters.write import complaints

PACKAGE: Final = "ombud.documents.decisions"

Row = Mapping[str, Said]


def wording(folder: Path | None = None) -> Wording:
    """The words of these letters: the English that ship, or those in a folder that a native reader approved.

    Raises:
        NotFound, Invalid: the folder lacks something, cannot be read, or nobody has approved it.
    """
    return load_wording(folder, PACKAGE)


def letter(written: Explained, words: Wording | None = None) -> Paper:
    """A letter as a paper, ready for a page, a PDF or a Word file.

    Args:
        written: the explanation; words: the language; English by default.

    Raises:
        Invalid: the words ask for a value that this letter does not have.
    """
    words = words or english(PACKAGE)
    values = _values(written, words)
    found, title = words.letters[written.form], words.letters[written.form]["title"]
    said = title if isinstance(title, str) else title["favourable" if written.favourable else "unfavourable"]
    frame = written.frame
    return Paper(
        title=fill(said, values), day=frame.day, author=frame.organisation or frame.number,
        parts=tuple(parts_of(words, found["parts"], values)), language=words.language, direction=words.direction,
        labels=words.labels,
        letterhead=Letterhead(
            tuple(one for one in (frame.organisation, *frame.address, frame.contact) if one),
            tuple(one for one in (frame.person, *frame.person_address) if one),
            tuple((words.word(f"subject.{name}"), str(values[name])) for name in ("number", "decided", "day")),
        ),
        foot=words.word("foot", organisation=frame.organisation, number=frame.number),
    )  # fmt: skip


def _values(written: Explained, words: Wording) -> dict[str, Any]:
    return {
        **_frame(written, words), **_decision(written, words), **_role(written, words), **_ways(written, words),
        **_right(written), **_notice(written, words),
        "reasons": written.reasons, "compared": f"{written.compared:,}",
        "inputs": [{"what": one.what, "value": one.value} for one in written.inputs],
        "contest": written.contest, "remedies": _complaints(written, words),
    }  # fmt: skip


def _frame(written: Explained, words: Wording) -> dict[str, Any]:
    frame = written.frame
    unsaid = Hole("how people reach the organisation", "organisation.yaml: contact.write_to")
    return {
        "organisation": frame.organisation, "contact": frame.contact, "officer": frame.officer,
        "number": frame.number, "day": frame.day.isoformat(), "decided": written.decided.isoformat(),
        "greeting": words.word("greeting" if frame.person else "greeting.nameless", person=frame.person),
        "contact_only": _flag(bool(frame.contact) and not frame.officer),
        "contact_officer": _flag(bool(frame.contact and frame.officer)),
        "contact_unsaid": [] if frame.contact else [{"term": words.word("contact"), "said": unsaid}],
    }  # fmt: skip


def _decision(written: Explained, words: Wording) -> dict[str, Any]:
    named = "purpose" if written.purpose else "nameless"
    came_out = "favourable" if written.favourable else "unfavourable"
    way = "score.high" if written.higher else "score.low"
    return {
        "purpose": written.purpose, f"{named}_{came_out}": "yes",
        "score_said": words.word(way, score=written.score, threshold=written.threshold),
        "meaning": [
            *_said_rows(("meaning.significance", written.significance), ("meaning.consequences", written.consequences),
                        words=words)],
        "part_played": [*_said_rows(("part.role", written.role), words=words)],
    }  # fmt: skip


def _said_rows(*rows: tuple[str, Said], words: Wording) -> Iterator[Row]:
    yield from ({"term": words.word(name), "said": said} for name, said in rows if said)


# --- who decided ------------------------------------------------------------------------------------------------------


def _role(written: Explained, words: Wording) -> dict[str, Any]:
    """Which of the sentences about the part of the machine is true, by the record."""
    saw = written.person_saw
    if saw is not None:
        which = "by_person_saw" if saw else "by_person"
    else:
        which = {"automated": "by_machine", "assisted": "by_nobody"}.get(written.mode, "by_model")
    return {which: "yes", "saw": _listed([_thing(one, words) for one in saw or ()], words)}


def _thing(name: str, words: Wording) -> str:
    return words.words.get(f"saw.{name}", name)


def _listed(things: Sequence[str], words: Wording) -> str:
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])}{_glue(words, 'list.and')}{things[-1]}"


def _glue(words: Wording, name: str) -> str:
    """A word between two others, with blanks around it whatever YAML kept of them."""
    said = words.word(name)
    return f"{'' if said[:1] in ',;' else ' '}{said} "


# --- what would have led to another decision --------------------------------------------------------------------------


def _ways(written: Explained, words: Wording) -> dict[str, Any]:
    asked = not written.favourable and written.ask != "not asked"
    none = asked and written.ask == "none"
    return {
        "asked": _flag(asked), "ways": [_way(one, words) for one in written.ways],
        "one_way": _flag(len(written.ways) == 1), "many_ways": _flag(len(written.ways) > 1),
        "proved_none": _flag(none and written.within is None), "proved_within": _flag(none and bool(written.within)),
        "within": _within(written.within, words) if written.within else "",
        "not_found": _flag(asked and written.ask == "not found"),
    }  # fmt: skip


def _way(way: Way, words: Wording) -> str:
    said = [words.word("change", what=one.what, before=one.before, after=one.after) for one in way.changes]
    return f"{_glue(words, 'and').join(said)}."


def _within(changes: int, words: Wording) -> str:
    return words.word("within.one") if changes == 1 else words.word("within.more", changes=str(changes))


# --- what entitles, and where to complain -----------------------------------------------------------------------------


def _right(written: Explained) -> dict[str, Any]:
    right = written.right
    if right is None:
        return {}
    since = right.since.isoformat() if right.since else ""
    which = "right_holds" if right.holds else "right_since" if since else "right_form"
    return {"cite": right.cite, "since": since, which: "yes"}


def _complaints(written: Explained, words: Wording) -> list[str]:
    return list(complaints(written.remedies, words))


# --- the notice to an applicant for credit ----------------------------------------------------------------------------


def _notice(written: Explained, words: Wording) -> dict[str, Any]:
    creditor = written.creditor
    if creditor is None:
        return {}
    report = creditor.report
    rows: list[tuple[str, Said]] = [
        ("notice.action", words.word("notice.declined")), ("notice.about", written.purpose),
        ("notice.decided", written.decided.isoformat()), ("notice.creditor", creditor.name),
        ("notice.address", creditor.address),
    ]  # fmt: skip
    days = creditor.free_report_days
    return {
        "notice": [*_said_rows(*rows, words=words)],
        "equal_credit": [*_said_rows(("notice.equal-credit", creditor.equal_credit),
                                     ("notice.agency", creditor.agency), words=words)],
        "report": _report(report, words) if isinstance(report, CreditReport) else [],
        "report_unsaid": [{"term": words.word("report.used"), "said": report}] if isinstance(report, Hole) else [],
        "report_days": _flag(isinstance(report, CreditReport) and days is not None),
        "free_report_days": "" if days is None else str(days),
    }  # fmt: skip


def _report(report: CreditReport, words: Wording) -> list[Row]:
    rows: list[tuple[str, Said]] = [
        ("report.agency", report.agency), ("report.address", report.agency_address), ("report.score", report.score),
        ("report.range", report.score_range), ("report.date", report.score_date),
        *(("report.factors", one) for one in report.key_factors),
    ]  # fmt: skip
    return [*_said_rows(*rows, words=words)]


def _flag(holds: bool) -> str:
    return "yes" if holds else ""
