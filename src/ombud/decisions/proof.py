"""The proof that one decision is on record, unchanged, for whoever holds a checkpoint of the log and nothing else."""

from collections.abc import Mapping
from typing import Any, Final

from ombud.decisions.commit import commitment, path_of
from ombud.decisions.kept import Kept
from ombud.decisions.plain import decode
from ombud.errors import NotFound, OmbudError
from ombud.evidence.checkpoint import Checkpoint
from ombud.evidence.entry import Entry
from ombud.evidence.keys import PublicKey
from ombud.evidence.tree import includes, leaf_hash
from ombud.store.workspace import Workspace

VERSION: Final = 1
_NOT_YET: Final = "Put it there first: ombud decisions drain"


def proof_of(workspace: Workspace, kept: Kept) -> dict[str, Any]:
    """See `Kept.proof`."""
    row = kept.row
    batch = None if row is None else workspace.decided.batch_of(row)
    if row is None or row.content is None or row.salt is None or batch is None or batch.entry is None:
        raise NotFound("place of this decision in the log", workspace.ledger.where, _NOT_YET)
    beside = [one.commitment for one in workspace.decided.since(batch.system, batch.first - 1, batch.last)]
    size, path = workspace.ledger.inclusion(batch.entry)
    return {
        "version": VERSION,
        "decision": row.content.decode(),
        "received_at": row.received_at,
        "salt": row.salt.hex(),
        "commitment": row.commitment.hex(),
        "batch": {
            "index": row.number - batch.first, "size": batch.count, "root": batch.root,
            "path": [node.hex() for node in path_of(row.number - batch.first, beside)],
        },
        "entry": {
            "index": batch.entry, "size": size, "leaf": workspace.ledger.entry(batch.entry).leaf.decode(),
            "path": [node.hex() for node in path], "checkpoint": workspace.ledger.checkpoint_of(size).encode(),
        },
    }  # fmt: skip


def check_proof(proof: Mapping[str, Any], key: PublicKey | None = None) -> str | None:
    """What is wrong with a proof; None if it shows what it says. Needs no store and no network.

    Args:
        proof: as `proof_of` gave it; bytes from outside are not trusted to have its form.
        key: the log's key, by which the checkpoint has to be signed; None: compare it with one that you hold.
    """
    try:
        return _wrong(proof, key)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OmbudError):
        return "this is not a proof of a decision"


def _wrong(proof: Mapping[str, Any], key: PublicKey | None) -> str | None:
    content = str(proof["decision"]).encode()
    decision = decode(content)
    committed = commitment(bytes.fromhex(proof["salt"]), int(proof["received_at"]), content)
    if committed.hex() != proof["commitment"]:
        return "the decision is not the one that was committed to"
    batch, entry = proof["batch"], proof["entry"]
    path = [bytes.fromhex(node) for node in batch["path"]]
    root = bytes.fromhex(batch["root"])
    if not includes(leaf_hash(committed), int(batch["index"]), int(batch["size"]), path, root):
        return "the decision is not in the batch"
    return _wrong_entry(entry, decision.system, str(batch["root"]), int(batch["size"]), key)


def _wrong_entry(entry: Mapping[str, Any], system: str, root: str, size: int, key: PublicKey | None) -> str | None:
    here = Entry.read(int(entry["index"]), str(entry["leaf"]).encode())
    said = here.statement.predicate
    if (said.get("system"), said.get("root"), said.get("count")) != (system, root, size):
        return "the entry of the log is about another batch"
    note = Checkpoint.read(str(entry["checkpoint"]))
    path = [bytes.fromhex(node) for node in entry["path"]]
    if not includes(here.leaf_hash, here.index, note.size, path, note.root) or note.size != int(entry["size"]):
        return "the entry is not in the log of this checkpoint"
    if key is not None and note.signed_by([key]) is None:
        return "the checkpoint was not signed by this log"
    return None
