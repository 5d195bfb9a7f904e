"""Verbs that decide a request: review and refuse, each law's duty for itself."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ombud.cases import Case
from ombud.cli.options import AsFormat, Format, Holder, a_day
from ombud.cli.rights.request_shared import CaseNumber, Reasons, reasons_in, take, the_request
from ombud.errors import Misused
from ombud.law.requests import LAWS
from ombud.store.workspace import Workspace

app = typer.Typer()


@app.command()
def review(
    case: CaseNumber,
    decision: Annotated[
        list[str],
        typer.Option(
            "--decision", metavar="[LAW=]WHAT", help="grant, partly, or LAW=refuse:GROUND; for each law. Repeatable."
        ),
    ],
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="[LAW:]PLACE=GROUND[@DATE]", help="A place of the map that stays, why, until when."
        ),
    ] = None,
    reasons: Reasons = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Decide a request, law by law. What has to be kept is told to the person with its ground; that is no refusal.

    \b
    ombud rights review R-7F3A2C --decision grant
    ombud rights review R-7F3A2C --decision partly --keep core.invoices=legal-obligation@2036-12-31 --reasons why.txt
    ombud rights review R-7F3A2C --decision gdpr=grant --decision ccpa=refuse:exempt-data --reasons -
    """
    from ombud.rights.decide import review as decide

    said = reasons_in(reasons)

    def act(workspace: Workspace, key: str) -> Case:
        decided = _decisions(the_request(workspace, case), decision)
        return decide(workspace, case, decided, [_kept(one) for one in keep or ()], key, reasons=said)

    take(act, holder, format, "ombud rights fulfil")


@app.command()
def refuse(
    case: CaseNumber,
    ground: Annotated[
        list[str],
        typer.Option("--ground", metavar="[LAW=]GROUND", help="Of the law's closed list; for each law. Repeatable."),
    ],
    reasons: Reasons = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Refuse a request under every law it is made under. The person is told the ground, the reasons and the remedies.

    \b
    ombud rights refuse R-7F3A2C --ground identity-not-verified --reasons why.txt
    ombud rights refuse R-7F3A2C --ground gdpr=excessive --ground ccpa=excessive --reasons - < why.txt
    """
    from ombud.rights.decide import refuse as decline

    said = reasons_in(reasons)

    def act(workspace: Workspace, key: str) -> Case:
        laws = [str(law) for law in the_request(workspace, case).opened["laws"]]
        return decline(workspace, case, _by_law(ground, laws), said, key)

    take(act, holder, format, "ombud rights deliver")


def _by_law(written: Sequence[str], laws: Sequence[str]) -> dict[str, str]:
    """LAW=VALUE, or VALUE for every law."""
    found: dict[str, str] = {}
    for one in written:
        law, mark, value = one.partition("=")
        if mark and law not in LAWS:
            raise Misused("that is no law that is known here", f"One of: {', '.join(LAWS)}.")
        found |= {law: value} if mark else dict.fromkeys(laws, law)
    return found


def _decisions(case: Case, written: Sequence[str]) -> list[Any]:
    from ombud.rights.decide import DECISIONS, Decision

    laws = [str(law) for law in case.opened["laws"]]
    decided = []
    for law, said in _by_law(written, laws).items():
        what, _, ground = said.partition(":")
        if what not in DECISIONS:
            raise Misused("that is no decision", f"One of: {', '.join(DECISIONS)}; a refusal names its ground.")
        decided.append(Decision(law=law, decision=what, ground=ground or None))
    return decided


def _kept(written: str) -> Any:
    """[LAW:]PLACE=GROUND[@DATE]."""
    from ombud.rights.decide import Kept

    place, mark, told = written.partition("=")
    law, colon, address = place.partition(":")
    ground, at, until = told.partition("@")
    if not mark or (colon and law not in LAWS):
        raise Misused(
            "that does not say what is kept, and why", "Write it as core.invoices=legal-obligation@2036-12-31."
        )
    return Kept(
        collection=address if colon else place, ground=ground, law=law if colon else None,
        until=a_day(until) if at else None,
    )  # fmt: skip
