"""Publish the list of releases for serving code that has no store: signed with the log's key, beside the store."""

from pathlib import Path

from attrs import evolve

from ombud.law import Pack
from ombud.living.released import Releases, published_at, write
from ombud.release.grace import with_grace
from ombud.release.standing import releases
from ombud.store.workspace import Workspace


def publish(workspace: Workspace, pack: Pack, path: Path | None = None) -> tuple[Path, Releases]:
    """Write the list as it is now, with the grace of what runs; where it is, and what it says.

    Args:
        pack: the law by which grace is counted.
        path: where; None: `.ombud/releases.json`.

    Raises:
        NotFound: the log's key, which has to sign it, is not here.
        OmbudError: the log cannot be read, or the file not written.
    """
    key, now, log = workspace.ledger.log_key(), workspace.now(), workspace.ledger.log()
    told = evolve(with_grace(releases(workspace), log, pack, now), at=now)
    return write(path or published_at(workspace.root), told, log, key), told
