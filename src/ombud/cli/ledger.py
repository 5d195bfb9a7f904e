"""`ombud ledger`: the log of evidence itself."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli.options import AsFormat, Format, LawFolders
from ombud.cli.tables import show_json, show_table
from ombud.evidence.bundle import LAW_PACK
from ombud.evidence.canonical import canonical
from ombud.evidence.entry import Entry
from ombud.evidence.errors import LedgerBroken
from ombud.evidence.log import Log
from ombud.evidence.trust import Standing
from ombud.store.export import export_bundle
from ombud.store.workspace import open_workspace, upgrade_store

app = typer.Typer(no_args_is_help=True, help="The log of evidence: show, prove, checkpoint, export.")


@app.command()
def show(
    index: Annotated[int | None, typer.Argument(help="One entry, counted from 0; without it, all.")] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show the log, or one entry as it was signed.

    Example: ombud ledger show 3
    """
    ledger = open_workspace().ledger
    if index is not None:
        ledger.entry(index)
    log = ledger.log()
    if index is not None:
        show_json(_told(log.entries[index], log) | {"statement": _statement(log.entries[index])})
        return
    told = [_told(entry, log) for entry in log.entries]
    if format is Format.JSON:
        show_json({"root_key": log.root_key, "size": len(told), "entries": told})
        return
    show_table(("entry", "received", "kind", "by", "standing"), [_row(one) for one in told])


@app.command()
def verify(format: AsFormat = Format.TEXT) -> None:
    """Verify the whole log: every signature, every hash, and every checkpoint that was ever written.

    Exit code: 0 whole, 1 not.

    Example: ombud ledger verify
    """
    ledger = open_workspace(anchored=False).ledger
    try:
        log = ledger.verify()
    except LedgerBroken as broken:
        _broken(broken, format)
        raise typer.Exit(1) from None
    standings = Counter(log.standing(entry.index) for entry in log.entries)
    flagged = [entry.index for entry in log.entries if entry.flags]
    if format is Format.JSON:
        counts = {str(standing): n for standing, n in standings.items()}
        show_json(
            {"whole": True, "size": len(log.entries), "root": log.root.hex(), "standing": counts, "flagged": flagged}
        )
        return
    typer.echo(f"whole: {len(log.entries)} entries, {standings[Standing.TRUSTED]} believed, root {log.root.hex()}")
    for standing, n in standings.items():
        if standing is not Standing.TRUSTED:
            typer.echo(f"  {n} not: {standing}")
    if flagged:
        typer.echo(f"  the clock stood behind when these came in: {', '.join(map(str, flagged))}")
    typer.echo(f"anchored in {ledger.anchor.path}; commit that file, so that others hold it too", err=True)


@app.command()
def prove(
    index: Annotated[int, typer.Argument(help="An entry, counted from 0.")],
    since: Annotated[
        int | None, typer.Option("--since", metavar="SIZE", help="Also prove that the log only grew since this size.")
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Prove that an entry is in the log, to somebody who holds only a checkpoint (RFC 9162).

    Example: ombud ledger prove 3
    """
    ledger = open_workspace().ledger
    size, path = ledger.inclusion(index)
    proof: dict[str, Any] = {
        "index": index,
        "size": size,
        "leaf_hash": ledger.entry(index).leaf_hash.hex(),
        "path": [node.hex() for node in path],
        "checkpoint": ledger.checkpoint_of(size).encode(),
    }
    if since is not None:
        proof["consistency"] = [node.hex() for node in ledger.consistency(since)[1]]
        proof["since"] = {"size": since, "root": ledger.root(since).hex()}
    if format is Format.JSON:
        show_json(proof)
        return
    typer.echo(f"entry {index} of {size}, leaf hash {proof['leaf_hash']}")
    for number, node in enumerate(proof["path"]):
        typer.echo(f"  {number:>2}  {node}")
    for node in proof.get("consistency", []):
        typer.echo(f"  grew  {node}")
    typer.echo(proof["checkpoint"], nl=False)


@app.command()
def checkpoint(
    renew: Annotated[
        bool, typer.Option("--renew", help="Write the checkpoint file again after it was lost. Look at Git first.")
    ] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Print a checkpoint: the log's size and root, signed. Give it to whoever should notice a later change.

    Example: ombud ledger checkpoint > held.checkpoint
    """
    workspace = open_workspace(anchored=not renew)
    ledger = workspace.ledger
    if renew:
        ledger.anchor_now()
        typer.echo(f"written: {ledger.anchor.path}", err=True)
    note = ledger.checkpoint()
    if format is Format.JSON:
        show_json({"checkpoint": note, "size": ledger.size, "root": ledger.root().hex()})
        return
    typer.echo(note, nl=False)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="A file that ends in .zip, or a folder; it must not exist.")],
    law: LawFolders = None,
    without_law: Annotated[
        bool, typer.Option("--no-law", help="Without the law that verdicts were made by; they cannot be repeated then.")
    ] = False,
) -> None:
    """Write an evidence bundle: the log, its checkpoint, the counts behind its numbers, and the law.

    Name with --law the folders of your own law that `ombud check` was given, so that its verdicts can be repeated.

    Example: ombud ledger export evidence.zip
    """
    workspace = open_workspace()
    written = export_bundle(workspace, path, {} if without_law else {LAW_PACK: law_pack(law or ())})
    typer.echo(f"written: {written}")
    typer.echo(f"next: ombud verify {written} --root {workspace.ledger.root_key}", err=True)


@app.command()
def backup(path: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the whole store into one file, as it is at one moment.

    Example: ombud ledger backup ombud-backup.db
    """
    ledger = open_workspace().ledger
    ledger.backup(path)
    typer.echo(f"written: {path} ({ledger.size} entries)")
    typer.echo("private keys are not in it: keep .ombud/keys safe in another way", err=True)


@app.command()
def upgrade() -> None:
    """Bring an older store up to this version of Ombud. Make a backup first.

    Example: ombud ledger upgrade
    """
    typer.echo(f"schema version {upgrade_store()}")


def law_pack(folders: Sequence[Path] = ()) -> bytes:
    """The built-in law, with folders of the user's own, as it goes into a bundle."""
    from ombud.law import load_pack

    return canonical(load_pack(folders).to_json())


def _told(entry: Entry, log: Log) -> dict[str, Any]:
    standing = log.standing(entry.index)
    signer = log.keyring.signer(entry.envelope.key_id, entry.index)
    return {
        "index": entry.index,
        "received_at": entry.received_at,
        "kind": log.examined[entry.index].kind,
        "by": signer.person if signer else None,
        "key_id": entry.envelope.key_id,
        "standing": str(standing),
        "flags": list(entry.flags),
        "withdrawn_from": log.trust.withdrawn.get(entry.index),
        "digest": entry.digest,
    }


def _statement(entry: Entry) -> dict[str, Any]:
    statement = entry.statement
    return {
        "subjects": [{"name": subject.name, "digest": subject.digest} for subject in statement.subjects],
        "kind": statement.kind,
        "predicate": dict(statement.predicate),
    }


def _row(told: dict[str, Any]) -> tuple[object, ...]:
    withdrawn = f"; withdrawn from {told['withdrawn_from']}" if told["withdrawn_from"] else ""
    flags = f"; {', '.join(told['flags'])}" if told["flags"] else ""
    who = told["by"] or f"key {told['key_id'][:16]}"
    return told["index"], told["received_at"], told["kind"], who, f"{told['standing']}{withdrawn}{flags}"


def _broken(broken: LedgerBroken, format: Format) -> None:
    if format is Format.JSON:
        show_json({"whole": False, "problem": broken.problem})
        return
    typer.echo(f"not whole: {broken}")
    typer.echo(f"next: {broken.next_step}", err=True)
