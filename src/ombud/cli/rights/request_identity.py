"""Verbs about who asks: verify, the nonce of a sign-in, and the authority of somebody who asks for the person."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ombud.cases import Case
from ombud.cli.options import AsFormat, Format, Holder
from ombud.cli.rights.request_proofs import Shown, prove
from ombud.cli.rights.request_shared import CaseNumber, take, the_request
from ombud.store.workspace import Workspace, open_workspace

app = typer.Typer()


@app.command()
def verify(
    case: CaseNumber,
    method: Annotated[
        str | None,
        typer.Option("--method", help="staff, data-points, code, oidc, or not-required where no law wants it."),
    ] = None,
    ask: Annotated[
        list[str] | None, typer.Option("--ask", metavar="WAY", help="Only put on record what the person was asked for.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only put on record that it was not shown.")] = False,
    seen: Annotated[str | None, typer.Option("--seen", help="staff: what was seen, for example identity-card.")] = None,
    given: Annotated[
        Path | None,
        typer.Option("--given", metavar="FILE", help="data-points: what the person gives, KIND=VALUE a line."),
    ] = None,
    held: Annotated[
        Path | None,
        typer.Option("--held", metavar="FILE", help="What your own records hold of the person, KIND=VALUE a line."),
    ] = None,
    declaration: Annotated[
        Path | None,
        typer.Option("--declaration", metavar="FILE", help="data-points: the declaration the person signed."),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option("--send", metavar="COMMAND", help="code: send one with this program, to an address in --held."),
    ] = None,
    sender: Annotated[
        str, typer.Option("--from", metavar="ADDRESS", help="code: who it comes from.")
    ] = "privacy@localhost",
    code: Annotated[
        Path | None, typer.Option("--code", metavar="FILE", help="code: what the person got; - reads stdin.")
    ] = None,
    token: Annotated[
        Path | None, typer.Option("--token", metavar="FILE", help="oidc: the ID token; - reads stdin.")
    ] = None,
    upstream: Annotated[
        Path | None, typer.Option("--upstream", metavar="FILE", help="oidc: issuer, audience, keys and claims as YAML.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Put on record that the person showed who they are. What is compared with is what YOU hold, never what they sent.

    \b
    ombud rights verify R-7F3A2C --method staff --seen identity-card
    ombud rights verify R-7F3A2C --method data-points --given given.txt --held crm.txt
    ombud rights verify R-7F3A2C --method code --held crm.txt --send "/usr/sbin/sendmail -t -i"
    ombud rights verify R-7F3A2C --method code --code -
    ombud rights verify R-7F3A2C --ask matched-points --ask declaration
    """
    if ask or failed:
        take(_asked(case, ask or [], failed), holder, format)
        return
    if method == "not-required":
        take(_waived(case), holder, format)
        return
    shown = Shown(seen, given, held, declaration, code, send, sender, token, upstream)
    then = "ombud rights verify {} --method code --code -" if send else "ombud rights find"
    take(_proved(case, method or "", shown), holder, format, then)


@app.command()
def nonce(case: CaseNumber) -> None:
    """Print a nonce for a sign-in at your own provider; it holds once, for 15 minutes.

    Example: ombud rights nonce R-7F3A2C
    """
    from ombud.rights.verify import begin_oidc

    workspace = open_workspace()
    typer.echo(begin_oidc(workspace, the_request(workspace, case).id))


@app.command()
def authority(
    case: CaseNumber,
    shown: Annotated[str, typer.Option("--shown", help="What shows it, for example power-of-attorney.")],
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Put on record that whoever asks for the person showed that they may.

    Example: ombud rights authority R-7F3A2C --shown power-of-attorney
    """
    from ombud.rights.identify import show_authority

    take(lambda workspace, key: show_authority(workspace, case, shown, key), holder, format)


def _proved(number: str, method: str, shown: Shown) -> Callable[[Workspace, str], Case]:
    def act(workspace: Workspace, key: str) -> Case:
        from ombud.rights.identify import record_verification

        case = the_request(workspace, number)
        proof = prove(workspace, case, key, method, shown)
        if proof is None:
            typer.echo("if the address is held, a code is on its way; tell the person just that", err=True)
            return case
        return record_verification(workspace, case.id, proof, key)

    return act


def _asked(number: str, ways: list[str], failed: bool) -> Callable[[Workspace, str], Case]:
    from ombud.rights.identify import ask_identity, identity_failed

    if failed:
        return lambda workspace, key: identity_failed(workspace, number, key)
    return lambda workspace, key: ask_identity(workspace, number, ways, key)


def _waived(number: str) -> Callable[[Workspace, str], Case]:
    from ombud.rights.identify import waive_identity

    return lambda workspace, key: waive_identity(workspace, number, key)
