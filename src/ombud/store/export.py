"""Write a bundle of a workspace's log, for readers who have neither store nor data."""

from collections.abc import Mapping
from pathlib import Path

from ombud.errors import Misused
from ombud.evidence.archive import write
from ombud.evidence.bundle import cubes_named, make_bundle
from ombud.evidence.kinds import LOG
from ombud.store.workspace import Workspace


def export_bundle(workspace: Workspace, path: Path, attachments: Mapping[str, bytes]) -> Path:
    """Write the whole log with its newest checkpoint, the cubes its measurements rest on, and attachments.

    Args:
        workspace: whose log.
        path: a file that ends in .zip, or a folder; neither may exist.
        attachments: bytes by name, for example the law pack.

    Raises:
        Misused: the path exists, or the root key is not in the log.
        LedgerBroken: the store is not what was anchored.
    """
    ledger = workspace.ledger
    log = ledger.log()
    root = ledger.keyring().keys.get(ledger.root_key)
    if root is None or not root.public:
        raise Misused("the log does not show its root key", "Run: ombud keys init")
    size = len(log.entries)
    cubes = {name: ledger.cube_json(name) for name in cubes_named(log)}
    note = ledger.checkpoint_of(size).encode()
    files = make_bundle(log, root.public, [(size, note)], cubes, attachments, workspace.context.keys.load(LOG))
    write(files, path)
    return path
