"""`ombud rights models`: which models learned from a person, and what is decided about them; `rights lists`."""

import sys
from typing import Annotated, Any

import typer

from ombud.cli.options import AsFormat, Format, Holder, a_day
from ombud.cli.tables import show_json, show_table
from ombud.cli.workbench import signer
from ombud.errors import Misused
from ombud.rights.models import KIND_OF, Affected, affected, record_decision, told
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, open_workspace

app = typer.Typer()

DECIDING: tuple[str, ...] = ("dpo", "owner", "legal")
_DECIDE = "decide"

Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help=f"One of: {', '.join(KIND_OF)}.")]


@app.command()
def models(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[decide CASE MODEL]", help="Record a decision about a model.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="KIND=VALUE", help="Whose; - reads it from stdin.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="CASE", help="Whose: the person of a request.")] = None,
    kind: Kind = None,
    by: Annotated[str | None, typer.Option("--by", metavar="DATE", help="retrain-by: until this day (ISO).")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept beside the log, not in it.")] = "",
    ground: Annotated[str | None, typer.Option("--ground", metavar="KEY", help="kept: on which ground.")] = None,
    becomes: Annotated[
        str | None, typer.Option("--becomes", metavar="DIGEST", help="unlearned: the model that came of it.")
    ] = None,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show the models that learned from a person, or record what is decided about one.

    What you type stays in your shell's history: pipe the identity in, with --subject -.

    \b
    Examples:
    echo customer_id=C-1007 | ombud rights models --subject -
    ombud rights models --case R-7F3A2C
    ombud rights models decide R-7F3A2C 3f8a91c2 --kind retrain-by --by 2027-01-31 --reason "..." --as dpo
    """
    workspace = open_workspace()
    if words:
        number, model = _deciding(words)
        one = record_decision(
            workspace, number, model, _choice(kind), reason=reason, holder=signer(workspace, holder, DECIDING),
            until=a_day(by) if by else None, ground=ground, becomes=becomes,
        )  # fmt: skip
        show_json(told(one)) if format is Format.JSON else typer.echo(f"{one.case}: {kind} for model {one.model[:12]}")
        return
    _show(_affected(workspace, subject, case), format)


def _deciding(words: list[str]) -> tuple[str, str]:
    if words[0] != _DECIDE or len(words) != 3:
        raise Misused("that is no question", "Write: ombud rights models decide CASE MODEL --kind …")
    return words[1], words[2]


def _choice(kind: str | None) -> str:
    if kind not in KIND_OF:
        raise Misused("a decision has a kind", f"Give --kind: {', '.join(KIND_OF)}.")
    return KIND_OF[kind]


def _affected(workspace: Workspace, subject: str | None, case: str | None) -> tuple[Affected, ...]:
    if (subject is None) == (case is None):
        raise Misused("say whose models are meant", "Give one of --subject KIND=VALUE (or -) and --case CASE.")
    if subject is not None:
        written = sys.stdin.read().splitlines() if subject == "-" else [subject]
        return affected(workspace, [Identity.parse(line) for line in written if line.strip()])
    from ombud.cases import the_case
    from ombud.rights.request import REQUESTS

    return affected(workspace, alias=the_case(workspace.ledger.log(), REQUESTS, str(case)).alias)


def _show(found: tuple[Affected, ...], format: Format) -> None:
    if format is Format.JSON:
        show_json({"models": [one.to_json() for one in found]})
        return
    if not found:
        typer.echo("no model that was checked here learned from this person")
        return
    show_table(("system", "model", "tables", "last checked", "decision"), [_row(one) for one in found])
    if any(one.owed for one in found):
        typer.echo("next: ombud rights models decide CASE MODEL --kind …", err=True)


def _row(one: Affected) -> tuple[Any, ...]:
    roles = [table.table.role for table in one.tables]
    told_roles = ", ".join(f"{roles.count(role)} {role}" for role in dict.fromkeys(roles))
    decision = one.decision
    said = "none" if decision is None else next(name for name, choice in KIND_OF.items() if choice == decision.choice)
    day = f" {decision.until}" if decision is not None and decision.until else ""
    owed = "; one is owed" if one.owed else ""
    return one.system, one.model[:12], told_roles, one.tables[-1].table.taken_at[:10], f"{said}{day}{owed}"


@app.command()
def lists(
    publish: Annotated[
        bool, typer.Option("--publish", help="Write .ombud/lists.bin again, from the store, for `ombud.may_decide`.")
    ] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show how many people are on each list, by system and law; nobody's name.

    Example: ombud rights lists --publish
    """
    from collections import Counter

    people = open_workspace().people
    if publish:
        typer.echo(f"published: {people.publish()}", err=True)
    counted = Counter((one.list, one.system or "every system", one.law) for one in people.lists())
    rows = [(*named, n) for named, n in sorted(counted.items())]
    if format is Format.JSON:
        show_json({"lists": [dict(zip(("list", "system", "law", "entries"), row, strict=True)) for row in rows]})
    elif rows:
        show_table(("list", "system", "law", "entries"), rows)
    else:
        typer.echo("nobody is on a list")
