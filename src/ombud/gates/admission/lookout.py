"""Somebody who keeps looking at the log, so that no request has to wait for the store, or hangs with it.

While the store is away, what was known last is known still, and every answer says so; nothing new is let in. A lookout
that starts while the store is away begins with the list that was published last, if there is one.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final

from attrs import define, evolve, field

from ombud.errors import OmbudError
from ombud.gates.lookup import Known, look
from ombud.law import Pack
from ombud.living.released import Releases, published_at, read
from ombud.store.clock import Clock
from ombud.store.workspace import Workspace

EVERY_SECONDS: Final = 0.25
"""How often the log is asked whether it has grown: a revocation counts after that time at the latest."""

AWAY_AFTER_SECONDS: Final = 5.0
"""A store that has not answered for so long is away."""

AGAIN_SECONDS: Final = 60.0
"""So often everything is judged again although the log has not grown: evidence grows old by itself."""

BESIDE_THE_POINT: Final = frozenset(("case", "decisions", "explanation", "window"))
"""Kinds of statements that no verdict on a release is made of. They come in by the thousand; judging takes 0.1 s."""

Open = Callable[[], Workspace]


@define(eq=False)
class Lookout:
    """What is known of releases, never older than it says.

    Attributes:
        open: opens the workspace; it is called until it succeeds. pack: the law; clock: for the time of day.
        listed: the list that was published last.
        every: seconds between two looks; away_after: seconds after which a silent store counts as away.
    """

    open: Open = field(repr=False)
    pack: Pack = field(repr=False)
    clock: Clock
    listed: Releases | None = None
    every: float = EVERY_SECONDS
    away_after: float = AWAY_AFTER_SECONDS
    _workspace: Workspace | None = field(default=None, init=False)
    _known: Known | None = field(default=None, init=False)
    _size: int = field(default=0, init=False)
    _looked: float = field(default=0.0, init=False)
    _judged: float = field(default=0.0, init=False)
    _why: str = field(default="it has not answered yet", init=False)
    _stop: threading.Event = field(factory=threading.Event, init=False)

    def start(self) -> threading.Thread:
        """Keep looking, beside whoever asks."""
        thread = threading.Thread(target=self._keep_looking, name="lookout", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def known(self) -> Known | None:
        """What is known now; None if nothing ever was."""
        known = self._known or (Known(self.listed) if self.listed else None)
        if known is None or (self._known and monotonic() - self._looked < self.away_after):
            return known
        return evolve(known, away=f"the store cannot be asked ({self._why})")

    def look(self) -> None:
        """Look at the log; what is wrong with it is remembered, not raised."""
        try:
            self._look()
        except Exception as error:  # whatever it is, it must not end the looking: nothing new is let in meanwhile
            self._why = type(error).__name__
            self._workspace = self._workspace if self._known else None

    def _look(self) -> None:
        if self._workspace is None:
            self._workspace = self.open()
        if self._known is None or monotonic() - self._judged > AGAIN_SECONDS or self._matters(self._workspace):
            self._known = self._judge(self._workspace)
            self._judged = monotonic()
        self._looked = monotonic()

    def _matters(self, workspace: Workspace) -> bool:
        """Whether something came into the log, or went from it, that may change an answer."""
        size, seen = workspace.ledger.size, self._size
        if size == seen:
            return False
        if size < seen:
            return True
        came = workspace.ledger.log().examined[seen:]
        if any(one.kind not in BESIDE_THE_POINT for one in came):
            return True  # and it is new until it has been judged, should the store go away meanwhile
        self._size = seen + len(came)
        return False

    def _judge(self, workspace: Workspace) -> Known:
        """Judge what runs now, so that no request waits for it."""
        fresh = look(workspace, self.pack)
        self._size = fresh.releases.size
        now = workspace.now()
        for one in fresh.releases.of:
            if one.current:
                fresh.judge(one, now)
        return fresh

    def _keep_looking(self) -> None:
        while not self._stop.is_set():
            self.look()
            self._stop.wait(self.every)


def last_published(root: Path, root_key: str | None) -> Releases | None:
    """The list that was published last in a workspace; None if there is none that can be believed."""
    try:
        return read(published_at(root), root_key) if root_key else None
    except OmbudError:
        return None
