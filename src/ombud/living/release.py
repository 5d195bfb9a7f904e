"""What serving code asks when it starts, and may ask again while it runs: is this model file released, still?

Offline: the answer comes from the file's own bytes and the signed list of releases beside the store. Nothing else can
stop a process that runs already; so what is revoked stops where this is asked.
"""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import ClassVar, Final

from attrs import define, frozen

from ombud.errors import Misused, NotFound, OmbudError, Unreadable
from ombud.evidence.instants import instant
from ombud.living.released import Releases, Standing, State, published_at, read
from ombud.store.clock import Clock, SystemClock
from ombud.store.settings import find_workspace, load_settings

LOOK_AGAIN: Final = 0.01
"""Seconds for which the list is not looked at again; a model file is looked at every time."""


@define
class NotReleased(OmbudError):
    """A model must not be run: nobody released it, or what is known of it is too old."""

    exit_code: ClassVar[int] = 1
    what: str
    next_step: str = "Release it (ombud gate release), publish (ombud gates publish), and bring the list here."

    def __str__(self) -> str:
        return self.what


@define
class Revoked(NotReleased):
    """A model must not be run any more: its release was revoked."""

    next_step: str = "Stop serving it, and go back to a release that stands: ombud gate rollback DIGEST."


Stamp = tuple[int, int, int, int]


@frozen
class _Held:
    releases: Releases
    stamp: Stamp
    until: float


_LISTS: Final[dict[Path, _Held]] = {}
_MODELS: Final[dict[str, tuple[Stamp, str]]] = {}
_ROOTS: Final[dict[str, Path]] = {}
_CLOCK: Final = SystemClock()


def require_release(
    path: str | Path,
    *,
    system: str | None = None,
    release: str | None = None,
    at: str | Path | None = None,
    max_age: timedelta | None = None,
    strict: bool = False,
    clock: Clock = _CLOCK,
) -> Standing:
    """Go on only if a model file is released and not revoked. Asked again, it takes microseconds.

    Args:
        path: the model file that is about to be served, or is; its bytes are hashed when they changed.
        system: of which system it has to be a release; None: of any.
        release: composite digest of the very release; None: any release with this model file, which says nothing of
            the threshold.
        at: a folder of the workspace with `.ombud/releases.json`; None: the current folder.
        max_age: how old the list may be; None: as old as it is. A list from before a revocation does not know of it.
        strict: also refuse where the dated grace is over in which new law or aged evidence has to be answered.

    Raises:
        NotReleased: it is not on record, of another system or release, or (strict) its grace is over.
        Revoked: it was revoked.
        NotFound, Unreadable: there is no file, workspace or list, the list is forged, or older than one used before.
    """
    root = _root(at)
    releases, now = _list(root), instant(clock.now())
    if max_age is not None and _age(releases, now) > max_age:
        raise NotReleased(f"the list of releases is of {releases.at[:19]}Z, older than it may be", _BRING)
    model = _digest(os.fspath(path))
    standing = releases.standing(release or model, now, system)
    _hold(standing, model, path)
    if strict:
        _hold_grace(standing, now)
    return standing


_BRING: Final = "Publish it where the store is (ombud gates publish), and bring it here."


def _hold(standing: Standing, model: str, path: str | Path) -> None:
    file = Path(path).name
    if standing.release is not None and standing.release.model != model:
        raise NotReleased(f"{file} is not the model file of {standing.words}", "Serve the file that was released.")
    if standing.state is State.REVOKED:
        raise Revoked(f"{file}: {standing.words}")
    if not standing.runs:
        raise NotReleased(f"{file}: {standing.words}")


def _hold_grace(standing: Standing, now: str) -> None:
    grace = standing.release.grace if standing.release and standing.state is State.RELEASED else ()
    over = [one.words for one in grace if one.is_over(now)]
    if over:
        raise NotReleased(f"{standing.words}, but no grace is left: {'; '.join(over)}", "See: ombud law alarm MANIFEST")


def _age(releases: Releases, now: str) -> timedelta:
    return datetime.fromisoformat(now) - datetime.fromisoformat(releases.at)


def _list(root: Path) -> Releases:
    held = _LISTS.get(root)
    if held is not None and monotonic() < held.until:
        return held.releases
    path = published_at(root)
    stamp = _stamp(path, "list of releases")
    if held is None or held.stamp != stamp:
        held = _Held(_newer(path, root, held), stamp, 0)
    _LISTS[root] = _Held(held.releases, stamp, monotonic() + LOOK_AGAIN)
    return held.releases


def _newer(path: Path, root: Path, held: _Held | None) -> Releases:
    """The list that lies there now; never one from before the list in use."""
    pinned = load_settings(root, store="not opened here").root_key
    if pinned is None:
        raise Misused("this workspace names no root key", "Write root_key into .ombud/config.yaml.")
    fresh = read(path, pinned)
    if held is not None and (fresh.size, fresh.at) < (held.releases.size, held.releases.at):
        raise Unreadable(str(path), "this list is older than the one in use before", _BRING)
    return fresh


def _digest(path: str) -> str:
    """SHA-256 of a file; hashed again when anything about the file changed."""
    stamp = _stamp(path, "model file")
    known = _MODELS.get(path)
    if known is not None and known[0] == stamp:
        return known[1]
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (a text path is what is cached)
            hashed = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(path, (error.strerror or "it cannot be read").lower()) from None
    if os.path.isabs(path):  # noqa: PTH117
        _MODELS[path] = stamp, hashed
    return hashed


def _stamp(path: str | Path, what: str) -> Stamp:
    try:
        seen = os.stat(path)  # noqa: PTH116 (a microsecond faster than Path.stat)
    except OSError:
        raise NotFound(what, str(path)) from None
    return seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size


def _root(at: str | Path | None) -> Path:
    where = os.getcwd() if at is None else os.fspath(at)  # noqa: PTH109
    known = _ROOTS.get(where)
    if known is None:
        known = find_workspace(Path(where))
        if os.path.isabs(where):  # noqa: PTH117
            _ROOTS[where] = known
    return known
