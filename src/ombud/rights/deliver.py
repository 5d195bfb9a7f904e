"""Deliver the answer: the letter, and with a copy of data its locked package; then close the case and forget."""

from pathlib import Path

from attrs import frozen

from ombud.cases import Case
from ombud.documents.rights.access import Copy
from ombud.documents.rights.letters import Attachment, letter, load_wording
from ombud.errors import Misused
from ombud.rights.answer import COPIES, answer, remedies
from ombud.rights.desk import Desk, recipients
from ombud.rights.export import Package, copy_files, letter_files, new_passphrase, package
from ombud.rights.fulfil import TOLD_ON, cases_of_person
from ombud.rights.gather import copy_of


@frozen(kw_only=True)
class Delivered:
    """What was made for the person.

    Attributes:
        case: as it stands now.
        package: the locked package, with the letter in it.
        passphrase: of the package; shown once, kept nowhere.
        files: names of what is in it.
    """

    case: Case
    package: Package
    passphrase: str
    files: tuple[str, ...]


def deliver(
    desk: Desk, number: str, how: str, *, passphrase: str | None = None, language: Path | None = None
) -> Delivered:
    """Write the answer and lock it into a package that is deleted by age; the case is then delivered.

    Args:
        desk: map, log, key and organisation; number: of the case, fulfilled or refused.
        how: by which channel it goes out.
        passphrase: of the package, at least 12 characters; None: one is made.
        language: folder with the words of letters; None: English.

    Raises:
        Misused: the case is not decided yet, or the organisation does not say how people reach it.
        NotAllowed: it was delivered already, or there is no such channel; nothing was made.
    """
    case = desk.case(number)
    if case.state in ("fulfilled", "refused", "delivered", "closed"):
        desk.may(case, "delivered", how=how)
    word, wording = passphrase or new_passphrase(), load_wording(language)
    right = str(case.opened["right"])
    with_copy = right in COPIES and case.state == "fulfilled"
    attached = (Attachment(what="the package with your data"),) if with_copy else ()
    sentence = "You get the passphrase of the package by another way than this letter."
    paper = letter(answer(desk, case, attached, sentence), wording)
    files = list(letter_files("letter", paper))
    if with_copy:
        files += copy_files(_copy(desk, case), portable_only=right == "portability")
    made = package(desk.workspace, case.id, files, word, desk.today)
    case = desk.step(case, "delivered", how=how, documents=[made.digest], until=made.until.isoformat())
    return Delivered(case=case, package=made, passphrase=word, files=tuple(name for name, _ in files))


def _copy(desk: Desk, case: Case) -> Copy:
    found = desk.found(case)
    assert desk.organisation is not None, "a letter could not have been written without it"
    return copy_of(
        desk.data_map, found.selection, organisation=desk.organisation, case=case.id, today=desk.today,
        log=desk.workspace.ledger.log(), away=found.away, remedies=remedies(desk, case), limits=found.incomplete,
        counts=found.counts, open=desk.opener(case),
    )  # fmt: skip


def tell_recipients(desk: Desk, number: str, names: list[str], *, reached: bool = True) -> Case:
    """Say that recipients were told of what was done, or could not be (GDPR Art. 19).

    Raises:
        Misused: the map knows no such recipient of the person's data.
    """
    case = desk.case(number)
    owed = tuple(recipients(desk.data_map, case))
    unknown = [name for name in names if name not in owed]
    if unknown or not names:
        raise Misused(f"{case.id}: the map names other recipients", f"They are: {', '.join(owed) or 'none'}.")
    state = "told" if reached else "not reached"
    return desk.step(case, "recipients-told", recipients=[{"recipient": name, "state": state} for name in names])


def untold(desk: Desk, case: Case) -> tuple[str, ...]:
    """Recipients of whom nobody has said yet whether they were told."""
    if case.opened["right"] not in TOLD_ON or case.state == "refused":
        return ()
    said = {str(row["recipient"]) for step in case.all("recipients-told") for row in step.details["recipients"]}
    return tuple(name for name in recipients(desk.data_map, case) if name not in said)


def close(desk: Desk, number: str, *, untold_because: str | None = None) -> Case:
    """Close a case: private notes go; after an erasure the link between alias and person goes too.

    Where another request of the same person is still open, the link goes when that is closed. Called again after a
    crash, it completes what was left.

    Args:
        desk: map, log and key; number: of the case.
        untold_because: why the person could not be told ("no-contact", "signal-only"); None: they were.

    Raises:
        Misused: a recipient was not told yet. NotAllowed: something failed, or the person was not told.
    """
    case = desk.case(number)
    waiting = untold(desk, case)
    if waiting and case.state != "refused":
        raise Misused(
            f"{case.id}: nobody has said yet whether {', '.join(waiting)} was told",
            f'Run: ombud rights told {case.id} --recipient "{waiting[0]}"   (or add --not-reached)',
        )
    if case.state != "closed":
        case = desk.step(case, "closed", untold=untold_because)
    people = desk.workspace.people
    people.drop(case.id)
    theirs = cases_of_person(desk, case)
    if any(map(_erased, theirs)) and all(one.ended for one in theirs):
        people.forget(desk.alias(case))
    return case


def _erased(case: Case) -> bool:
    return case.opened["right"] == "erasure" and case.last("fulfilled") is not None
