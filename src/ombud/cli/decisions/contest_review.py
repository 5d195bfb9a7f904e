"""Verbs by which a contest is reviewed until its end: assign, review, refuse, tell, close."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ombud.cli.decisions.contest_shared import CaseNumber, Reasons, contests_of, show_after, write_file
from ombud.cli.decisions.shared import SystemFile
from ombud.cli.incidents.shared import text_in
from ombud.cli.options import AsFormat, Format, Holder, a_day
from ombud.cli.tables import show_json
from ombud.errors import Misused

if TYPE_CHECKING:
    from ombud.decisions.contest_review import Contests

app = typer.Typer()


@app.command()
def assign(
    case: CaseNumber,
    to: Annotated[str, typer.Option("--to", metavar="REVIEWER", help="Somebody named before; holder of a key.")],
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Give a contest to a reviewer: named before by somebody else, and not the one who made the decision.

    To name one: ombud decisions reviewer NAME

    Example: ombud decisions assign C-7F3A2C --to legal-team
    """
    who = contests_of(holder)
    show_after(who, who.assign(case, to), format)


@app.command()
def review(
    case: CaseNumber,
    begin: Annotated[bool, typer.Option("--begin", help="Begin: the time is measured from now on.")] = False,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="upheld, changed, or new-decision (decided afresh).")
    ] = None,
    saw: Annotated[
        list[str] | None,
        typer.Option("--saw", help="score, reasons, inputs, documents, explanation, person-statement, … Repeatable."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0, help="How long it took; default: since --begin.")
    ] = None,
    reasons: Reasons = None,
    new: Annotated[
        str | None, typer.Option("--new", metavar="ID", help="With new-decision: number of the new, recorded decision.")
    ] = None,
    system: SystemFile = Path("ombud.yaml"),
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Begin a review, or put on record what it came to. It is signed by the reviewer who was given the case.

    A changed outcome is recorded as a decision of its own; the contested one stays as it was made. In your own system
    Ombud changes nothing.

    \b
    ombud decisions review C-7F3A2C --begin
    ombud decisions review C-7F3A2C --outcome changed --saw inputs --saw documents --minutes 25 --reasons why.txt
    """
    from ombud.decisions.contest_guards import review_of, reviewer_of
    from ombud.decisions.contest_review import Review

    if begin == (outcome is not None):
        raise Misused("a review is begun, or comes to an outcome", "Give --begin, or --outcome.")
    who = contests_of(holder or _reviewer_here(case, system), system)
    if outcome is None:
        show_after(who, who.begin(case), format)
        return
    seconds = None if minutes is None else round(minutes * 60)
    made = Review(outcome=outcome, saw=tuple(saw or ()), seconds=seconds, reasons=text_in(reasons), becomes=new)
    after = who.review(case, made)
    done = review_of(after)
    if done is not None and done.details["timed"] == "not-kept":
        typer.echo(f"no time was kept: {reviewer_of(after)} was not told that reviews are timed", err=True)
    show_after(who, after, format)


@app.command()
def refuse(
    case: CaseNumber,
    ground: Annotated[str, typer.Option("--ground", help="authority-not-shown, manifestly-unfounded, excessive, …")],
    reasons: Reasons = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Refuse a review on a ground that law data lists; the person is told which, why, and where to complain.

    Example: ombud decisions refuse C-7F3A2C --ground manifestly-unfounded --reasons why.txt
    """
    who = contests_of(holder)
    show_after(who, who.refuse(case, ground, text_in(reasons)), format)


@app.command()
def close(case: CaseNumber, holder: Holder = None, format: AsFormat = Format.TEXT) -> None:
    """Close a contest whose person was told; what people wrote about it is deleted.

    Example: ombud decisions close C-7F3A2C
    """
    who = contests_of(holder)
    show_after(who, who.close(case), format)


def _reviewer_here(case: str, system: Path) -> str | None:
    """The reviewer of a case, if their key is here."""
    from ombud.decisions.contest_guards import reviewer_of

    who = contests_of(None, system, reading=True)
    name = reviewer_of(who.case(case))
    return name if name in who.workspace.holders() else None


@app.command()
def tell(
    case: CaseNumber,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the letter: .html, .pdf or .docx.")
    ] = None,
    how: Annotated[
        str | None, typer.Option("--how", help="It was sent: web, mail, phone, letter, in-person, agent.")
    ] = None,
    document: Annotated[
        list[Path] | None, typer.Option("--document", metavar="FILE", help="What was sent; its digest is kept.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="When it was sent; default: today.")] = None,
    language: Annotated[
        Path | None, typer.Option("--words", metavar="FOLDER", help="The letter's words in another language.")
    ] = None,
    organisation: Annotated[
        Path | None, typer.Option("--organisation", metavar="FILE", help="Default: organisation.yaml of the workspace.")
    ] = None,
    system: SystemFile = Path("ombud.yaml"),
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write the letter that tells the person what came of it, or put on record that it was sent. Ombud sends nothing.

    \b
    ombud decisions tell C-7F3A2C --output letter.pdf
    ombud decisions tell C-7F3A2C --how mail --document letter.pdf
    """
    if (output is None) == (how is None):
        raise Misused("a letter is written, or was sent", "Give --output FILE, or --how mail.")
    if output is not None:
        _write_letter(contests_of(None, system, reading=True), case, output, language, organisation, format)
        return
    from ombud.cli.incidents.shared import digest_of

    who = contests_of(holder, system)
    sent = [digest_of(one) for one in document or ()]
    show_after(who, who.tell(case, str(how), sent, a_day(on) if on else None), format)


def _write_letter(
    who: "Contests", case: str, output: Path, words: Path | None, organisation: Path | None, format: Format
) -> None:  # fmt: skip
    from ombud.decisions.contest_letter import outcome_letter
    from ombud.documents.contests import LETTERS
    from ombud.documents.rights.letters import load_wording
    from ombud.system.organisation import load_organisation

    beside = organisation or who.workspace.root / "organisation.yaml"
    named = load_organisation(beside) if organisation or beside.exists() else None
    kind = output.suffix.removeprefix(".").lower()
    written = outcome_letter(who, case, kind, named, load_wording(words, LETTERS))
    write_file(output, written.content)
    if format is Format.JSON:
        show_json({"file": str(output), "sha256": written.digest, "missing": written.holes})
        return
    typer.echo(f"written: {output}")
    if written.holes:
        typer.echo(f"{written.holes} things are missing in it", err=True)
