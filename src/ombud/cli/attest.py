"""`ombud attest`: put a document, a statement or a process on record, signed."""

import difflib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud import __version__
from ombud.cli.options import Holder, a_day, end_of
from ombud.errors import Misused, Unreadable
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant
from ombud.evidence.kinds import REVOCATION_REASONS
from ombud.evidence.statement import Statement, Subject
from ombud.law.vocabulary import PARTS
from ombud.store.workspace import Workspace, open_workspace

app = typer.Typer(help="Put a document, a statement or a process on record, signed.")

KINDS = ("document", "attestation", "process")
_CHUNK = 1 << 20


def command(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="For example document:dpia or process:complaints.")],
    says: Annotated[str, typer.Option("--says", help="What is stated, in one or two sentences.")],
    document: Annotated[
        Path | None, typer.Option("--document", metavar="FILE", help="The file; its digest is kept, not its content.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="DATE", help="Holds to the end of this day (ISO).")
    ] = None,
    system: Annotated[
        Path | None, typer.Option("--system", metavar="MANIFEST", help="For one system; default: the organisation.")
    ] = None,
    holder: Holder = None,
) -> None:
    """Put a document, a statement or a process on record under your key.

    Without --system it speaks for the whole organisation, and every system inherits it.

    To take an entry back: ombud attest revoke ENTRY

    Example: ombud attest document:dpia --says "Assessed on 2 November" --document dpia.pdf --as dpo
    """
    workspace = open_workspace(system.resolve().parent if system else None)
    named = _item(item)
    attached = _document(document) if document else None
    predicate = {
        "item": named,
        "says": _said(says),
        "document": attached and {"name": attached.name, "digest": attached.digest},
        "expires": instant(end_of(a_day(expires))) if expires else None,
        **_scope(system),
    }
    subjects = (Subject(named), *([attached] if attached else []))
    entry = _append(workspace, "attestation", subjects, predicate, holder)
    typer.echo(f"signed and kept: {named}, entry {entry.index}")


@app.command()
def revoke(
    entries: Annotated[
        list[str], typer.Argument(metavar="ENTRY...", help="Index, or the first characters of the digest.")
    ],
    reason: Annotated[str, typer.Option("--reason", help=f"One of: {', '.join(REVOCATION_REASONS)}.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="For withdrawn: the first moment of this day (ISO).")
    ] = None,
    holder: Holder = None,
) -> None:
    """Take entries back. Mistaken, key compromised: gone for every day asked about. Withdrawn: from its date.

    Nothing is erased: what was believed before can still be replayed.

    Example: ombud attest revoke 12 --reason mistaken --as data-protection-officer
    """
    if reason not in REVOCATION_REASONS:
        raise Misused(f"{reason!r} is not a reason", f"Choose from: {', '.join(REVOCATION_REASONS)}.")
    if since and reason != "withdrawn":
        raise Misused("--from belongs to --reason withdrawn", "The other reasons hold for every day.")
    workspace = open_workspace()
    found = [_entry(workspace, name) for name in entries]
    predicate = {
        "entries": [entry.digest for entry in found],
        "reason": reason,
        "from": f"{a_day(since).isoformat()}T00:00:00.000000Z" if since else None,
        "organisation": True,
    }
    subjects = tuple(Subject(f"entry {entry.index}", entry.digest) for entry in found)
    entry = _append(workspace, "revocation", subjects, predicate, holder)
    typer.echo(f"{reason}: entries {', '.join(str(one.index) for one in found)}, by entry {entry.index}")


def _append(
    workspace: Workspace, kind: str, subjects: tuple[Subject, ...], said: Mapping[str, Any], holder: str | None
) -> Entry:
    predicate = {**said, "observed_at": workspace.now(), "software": {"ombud": __version__}}
    person = holder or _only_one(workspace, kind)
    return workspace.ledger.append([workspace.sign(Statement(subjects, kind, predicate), person)])[0]


def _only_one(workspace: Workspace, kind: str) -> str:
    """The one holder here who may sign this kind.

    Raises:
        Misused: there is none, or a choice.
    """
    ring, here = workspace.ledger.keyring(), workspace.context.keys.names()
    able = sorted({k.holder for k in ring.keys.values() if k.now and k.now.may(kind) and k.holder in here})
    people = [name for name in able if name != "root"] or able
    if len(people) != 1:
        choice = f"Name one with --as: {', '.join(people)}." if people else "Make a key: ombud keys add NAME --role dpo"
        raise Misused(f"{len(people)} keys here may sign a statement of kind {kind}", choice)
    return people[0]


def _item(item: str) -> str:
    kind, _, name = item.rpartition(":")
    if kind and kind not in KINDS:
        raise Misused(f"{kind!r} is nothing that can be attested", f"Choose from: {', '.join(KINDS)}.")
    found = [f"{one}:{name}" for one in ([kind] if kind else KINDS) if name in PARTS[one]]
    if len(found) == 1:
        return found[0]
    every = [f"{one}:{each}" for one in KINDS for each in PARTS[one]]
    near = (
        found or difflib.get_close_matches(item, every, 3, 0.4) or difflib.get_close_matches(f"document:{name}", every)
    )
    raise Misused(
        f"no requirement asks for {item!r}", f"Did you mean {' or '.join(near)}?" if near else "See: ombud law"
    )


def _said(text: str) -> str:
    if not text.strip():
        raise Misused("an attestation has to say something", "Write --says with one sentence.")
    return text.strip()


def _document(path: Path) -> Subject:
    hashed = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
    except OSError as error:
        raise Unreadable(str(path), (error.strerror or "it cannot be read").lower()) from None
    return Subject(path.name, hashed.hexdigest())


def _scope(manifest: Path | None) -> dict[str, Any]:
    if manifest is None:
        return {"organisation": True}
    from ombud.system.manifest import load_system

    return {"system": load_system(manifest).name}


def _entry(workspace: Workspace, name: str) -> Entry:
    log = workspace.ledger.log()
    by_index = name.isdigit() and len(name) < 16 and int(name) < len(log.entries)
    found = (
        [log.entries[int(name)]]
        if by_index
        else [e for e in log.entries if len(name) >= 8 and e.digest.startswith(name)]
    )
    if len(found) != 1:
        raise Misused(f"{len(found)} entries are meant by {name!r}", "Name one by its index: ombud ledger show")
    return found[0]
