"""The verb that explains one decision: explain."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ombud.cli.decisions.shared import DecisionId
from ombud.cli.options import AsFormat, Format, Holder, LawFolders
from ombud.cli.tables import show_json

if TYPE_CHECKING:
    from ombud.cli.workbench import Workbench
    from ombud.decisions.explain import Explanation
    from ombud.decisions.letters import Writer
    from ombud.decisions.served import Served
    from ombud.documents.decisions import Form

app = typer.Typer()
ROLES: Final = ("dpo", "owner", "business", "platform")
"""Roles whose keys say what a person was told."""


class FormName(StrEnum):
    """The forms of a letter."""

    ADVERSE_ACTION = "adverse-action"
    GDPR = "gdpr-15-1-h"
    AI_ACT = "ai-act-86"
    PLAIN = "plain"


class Channel(StrEnum):
    """How a letter goes out."""

    POST = "post"
    EMAIL = "email"
    PORTAL = "portal"
    IN_PERSON = "in-person"


class Favours(StrEnum):
    """Which scores are good for the person."""

    HIGH = "high"
    LOW = "low"


@app.command()
def explain(
    id: DecisionId,
    system: Annotated[
        Path, typer.Option("--system", metavar="MANIFEST", help="The system's manifest; default: ombud.yaml.")
    ] = Path("ombud.yaml"),
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write the letters here, and say so in the log.")
    ] = None,
    form: Annotated[
        list[FormName] | None,
        typer.Option("--form", help="Of the letter; may be repeated. Default: what binds, else plain."),
    ] = None,
    how: Annotated[
        Channel | None, typer.Option("--how", help="The letter goes out this way; default: it is only prepared.")
    ] = None,
    person: Annotated[
        Path | None,
        typer.Option("--person", metavar="FILE", help="Name and contact of the person, private; - reads stdin."),
    ] = None,
    language: Annotated[
        Path | None,
        typer.Option("--language", metavar="FOLDER", help="Words that a native reader approved; default: English."),
    ] = None,
    score_favours: Annotated[
        Favours, typer.Option("--score-favours", help="Which scores are good for the person.")
    ] = Favours.HIGH,
    law: LawFolders = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Explain a decision: its score repeated by the exact model, its true reasons, what would have changed it.

    Nothing is explained that is not reproduced, and no true reason is left out: where one may not be sent, nothing is.
    Without --out nothing is written, and nothing is put into the log.

    Exit code: 0 explained, 1 a person has to look at it first, 3 it cannot be repeated.

    \b
    ombud decisions explain A-1007
    ombud decisions explain A-1007 --out letters/ --as data-protection-officer
    ombud decisions explain A-1007 --out letters/ --form adverse-action --how post --person person.yaml
    """
    from ombud.cli.decisions.explain_text import served_json, served_text, told
    from ombud.cli.workbench import open_workbench
    from ombud.decisions.explain import explain_decision
    from ombud.documents.decisions import wording

    bench, words = open_workbench(system, law), wording(language)
    said = explain_decision(bench.workspace, bench.system, id, words=words, score_favours=str(score_favours))
    writer = writer_of(bench, language)
    served = serve_all(bench, said, writer, form, out, how, person, holder) if out else ()
    if format is Format.JSON:
        show_json({**said.to_json(), "served": [served_json(one) for one in served]})
    else:
        typer.echo("\n".join([*told(said), *served_text(served)]))
    raise typer.Exit(0 if said.may_be_sent else 1)


def writer_of(bench: "Workbench", language: Path | None = None) -> "Writer":
    """Who writes the letters of a system: its manifests, `letters.yaml`, the law and the language, today."""
    from ombud.decisions.letterfile import read_letters
    from ombud.decisions.letters import Writer
    from ombud.documents.decisions import wording

    return Writer(
        system=bench.system, organisation=bench.organisation, file=read_letters(bench.system.path), pack=bench.pack,
        words=wording(language), day=bench.workspace.context.clock.now().date(),
    )  # fmt: skip


def serve_all(
    bench: "Workbench", said: "Explanation", writer: "Writer", form: list[FormName] | None, out: Path,
    how: Channel | None, person: Path | None, holder: str | None,
) -> "tuple[Served, ...]":  # fmt: skip
    """Write a letter in each form that was asked for, or that binds."""
    from ombud.cli.rights.private import read_private
    from ombud.cli.workbench import signer
    from ombud.decisions.served import serve

    private = read_private(person) if person else None
    signs = signer(bench.workspace, holder, ROLES)
    forms: tuple[Form, ...] = tuple(one.value for one in form) if form else writer.forms(said)
    if not said.may_be_sent:  # that nothing may be sent is said once, and in no form
        forms = forms[:1]
    name, address = (private.name, private.contact.splitlines()) if private else ("", [])
    return tuple(
        serve(bench.workspace, said, writer, one, out, signs, how=how and str(how), person=name, address=address)
        for one in forms
    )
