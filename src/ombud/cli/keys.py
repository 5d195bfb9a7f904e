"""`ombud keys`: who may sign what."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli.options import AsFormat, Format
from ombud.cli.tables import show_json, show_table
from ombud.errors import Misused
from ombud.evidence.entry import Entry
from ombud.evidence.keyring import Key
from ombud.evidence.kinds import KINDS, REVOCATION_REASONS, ROLES
from ombud.store.workspace import Workspace, create_workspace, open_workspace

app = typer.Typer(no_args_is_help=True, help="Who may sign what.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A holder, or the first characters of a key id.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help=f"One of {', '.join(ROLES)}; may be repeated.")]
Grants = Annotated[
    list[str] | None,
    typer.Option("--grant", help="A kind of statement the key may sign; default: the usual ones of the roles."),
]


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The workspace to make.")] = Path()) -> None:
    """Make a workspace here: its log, its root key, and the key that signs checkpoints.

    The root key is where trust begins. Keep .ombud/keys/root.pem away from machines that run models, and give its id
    to whoever will verify.

    Example: ombud keys init
    """
    workspace = create_workspace(folder)
    typer.echo(f"workspace: {workspace.root}")
    typer.echo(f"root key:  {workspace.ledger.root_key}")
    typer.echo("next: ombud keys add ml-engineer --role ml", err=True)


@app.command("list")
def list_keys(format: AsFormat = Format.TEXT) -> None:
    """List every key of the log, with its holder, roles and what it may sign.

    Example: ombud keys list
    """
    workspace = open_workspace()
    keys = [_described(key, workspace) for key in workspace.ledger.keyring().keys.values()]
    if format is Format.JSON:
        show_json({"root_key": workspace.ledger.root_key, "keys": keys})
        return
    header = ("key", "holder", "roles", "since entry", "state", "here", "may sign")
    show_table(header, [_row(key) for key in keys])


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key: a role or an alias, not a full name.")],
    role: Roles = None,
    grant: Grants = None,
    public: Annotated[
        str | None, typer.Option("--public", metavar="HEX", help="A public key made elsewhere; nothing is kept here.")
    ] = None,
) -> None:
    """Make a key for a person or a machine, and introduce it in the log under the root key.

    Example: ombud keys add data-protection-officer --role dpo
    """
    roles, grants = _known(role or (), ROLES, "role"), None if grant is None else _known(grant, tuple(KINDS), "grant")
    workspace = open_workspace()
    if public is None:
        entry = workspace.add_key(name, roles, grants)
        typer.echo(f"private key: {workspace.context.keys.path(name)}", err=True)
    else:
        entry = workspace.introduce(name, _raw(public), roles, grants)
    _said(entry)


@app.command()
def rotate(name: Name) -> None:
    """Replace a holder's key by a new one with the same rights. What the old one signed stays signed.

    Example: ombud keys rotate ml-engineer
    """
    _said(open_workspace().rotate_key(name))


@app.command()
def retire(name: Name) -> None:
    """End a key in good order: from here on it signs nothing; what it signed stays.

    Example: ombud keys retire ml-engineer
    """
    workspace = open_workspace()
    _said(workspace.end_key("retire", workspace.find_key(name)))


@app.command()
def revoke(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help=f"One of: {', '.join(REVOCATION_REASONS)}.")],
    from_entry: Annotated[
        int, typer.Option("--from-entry", metavar="INDEX", min=0, help="Nothing it signed from this entry on counts.")
    ] = 0,
) -> None:
    """End a key in bad order. Mistaken or compromised: what it signed is gone from now on, for every day asked about.

    Example: ombud keys revoke ml-engineer --reason "key compromised" --from-entry 40
    """
    _known((reason,), REVOCATION_REASONS, "reason")
    workspace = open_workspace()
    _said(workspace.end_key("revoke", workspace.find_key(name), reason=reason, from_index=from_entry))


@app.command()
def show(name: Name, format: AsFormat = Format.TEXT) -> None:
    """Show one key: its public half, its holder, and the stretches of the log in which it may sign.

    Example: ombud keys show root
    """
    workspace = open_workspace()
    key = workspace.ledger.keyring().keys[workspace.find_key(name)]
    described = _described(key, workspace)
    if format is Format.JSON:
        show_json(described)
        return
    for member, value in described.items():
        typer.echo(f"{member + ':':<12}{', '.join(map(str, value)) if isinstance(value, list) else value}")


def _described(key: Key, workspace: Workspace) -> dict[str, Any]:
    last = key.spans[-1]
    return {
        "key_id": key.key_id,
        "public": key.public.hex(),
        "holder": key.holder,
        "roles": sorted(last.roles),
        "grants": sorted(last.grants),
        "since": max(last.after, 0),
        "state": "valid" if key.now else f"{key.ended or 'ended'} at entry {last.until}",
        "here": _is_here(key, workspace),
    }


def _is_here(key: Key, workspace: Workspace) -> bool:
    keys = workspace.context.keys
    return key.holder in keys.names() and key.now is not None


def _row(key: dict[str, Any]) -> tuple[object, ...]:
    roles, grants = ", ".join(key["roles"]), ", ".join(key["grants"])
    here = "yes" if key["here"] else "no"
    return key["key_id"][:16], key["holder"], roles, key["since"], key["state"], here, grants


def _known(given: list[str] | tuple[str, ...], words: tuple[str, ...], what: str) -> list[str]:
    for word in given:
        if word not in words:
            raise Misused(f"{word!r} is not a {what}", f"Choose from: {', '.join(words)}.")
    return list(given)


def _raw(public: str) -> bytes:
    try:
        return bytes.fromhex(public)
    except ValueError:
        raise Misused("a public key is written as 64 hexadecimal digits", "See: ombud keys show NAME") from None


def _said(entry: Entry) -> None:
    predicate = entry.statement.predicate
    typer.echo(f"{predicate['action']}: {predicate['holder']}, key {predicate['key_id'][:16]}, entry {entry.index}")
