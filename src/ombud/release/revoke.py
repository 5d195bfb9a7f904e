"""Revoke a release: say, signed, that it may not run any more.

What that stops: the gate, the registry and the cluster let nothing new of it in, and serving code that asks
(`ombud.require_release`) stops. What it cannot stop: a process that runs and does not ask.
"""

from ombud import __version__
from ombud.errors import Misused
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.living.released import Release, State
from ombud.release.standing import releases
from ombud.store.workspace import Workspace


def revoke(workspace: Workspace, system: str, release: str, reason: str, holder: str, mistaken: bool = False) -> Entry:
    """Revoke a release from now on; or, if it should never have been, as mistaken for all times.

    Args:
        release: its composite digest; the first characters are enough.
        reason: why; kept in the log, so it may name nobody.
        holder: whose key signs: an owner or a data protection officer.

    Raises:
        Misused: no reason, no such release, or it is revoked already.
        Refused: the key may not sign it.
    """
    if not reason.strip():
        raise Misused("this needs a reason: somebody will have to answer for it", "Write it after --reason.")
    found = release_called(workspace, system, release)
    if found.state(workspace.now()) is State.REVOKED:
        raise Misused(f"release {found.release[:12]} is revoked already, since {found.revoked_from}", "See the log.")
    statements = _statements(workspace, found)
    said = {
        "entries": [entry.digest for entry in statements], "reason": "mistaken" if mistaken else "withdrawn",
        "because": reason.strip(), "from": None, "system": system, "release": found.release,
        "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    subjects = (Subject("release", found.release), *(Subject(f"entry {e.index}", e.digest) for e in statements))
    return workspace.ledger.append([workspace.sign(Statement(subjects, "revocation", said), holder)])[0]


def release_called(workspace: Workspace, system: str, digest: str) -> Release:
    """The one release of a system that was declared live and that a digest, or its beginning, means.

    Raises:
        Misused: none, or several.
    """
    known = [one for one in releases(workspace).of if one.system == system and one.released_at is not None]
    found = [one for one in known if len(digest) >= 6 and one.release.startswith(digest)]
    if len(found) != 1:
        listed = ", ".join(one.release[:12] for one in known) or "none"
        problem = f"{len(found)} releases of {system} are meant by {digest[:16]!r}"
        raise Misused(problem, f"Give six characters or more of its digest. On record: {listed}.")
    return found[0]


def _statements(workspace: Workspace, release: Release) -> list[Entry]:
    """Every statement that declared it live and still counts."""
    said = workspace.ledger.log().trusted("release")
    mine = [e for e in said if e.statement.predicate.get("release") == release.release]
    return [entry for entry in mine if entry.statement.predicate.get("system") == release.system]
