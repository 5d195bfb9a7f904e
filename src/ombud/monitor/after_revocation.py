"""Does a revoked release go on deciding? No gate sees a process that runs and does not ask; its decisions show it."""

from datetime import datetime, timedelta
from typing import Final

from ombud.decisions.decision import Decision
from ombud.decisions.intake import between
from ombud.evidence.instants import parsed
from ombud.living.released import Release, State
from ombud.release.standing import releases
from ombud.store.workspace import Workspace

LOOKED_BACK: Final = timedelta(days=1)


def revoked_deciding(workspace: Workspace, system: str) -> int:
    """Decisions of the last day that a release made after it was revoked, of those that were recorded.

    One counts that names the release, or that names none but its model file, if no release that stands has the same.
    """
    now = workspace.context.clock.now()
    found = [one for one in releases(workspace).of if one.system == system]
    revoked = [one for one in found if one.state(workspace.now()) is State.REVOKED and one.revoked_from]
    if not revoked:
        return 0
    standing = {one.model for one in found if one not in revoked}
    since = max(now - LOOKED_BACK, min(parsed(str(one.revoked_from)) for one in revoked))
    recent = (one.decision for one in between(workspace, system, since))
    return sum(any(_made(one, release, standing) for release in revoked) for one in recent)


def _made(one: Decision, release: Release, standing: set[str | None]) -> bool:
    if one.at < _revoked(release):
        return False
    if one.release is not None:
        return one.release == release.release
    return one.model is not None and one.model == release.model and one.model not in standing


def _revoked(release: Release) -> datetime:
    return parsed(str(release.revoked_from))
