"""A workspace with a data protection officer and a clock that a test sets."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ombud.store.workspace import Workspace, create_workspace

CASE = "R-ABCDEF"


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def on(self, **more: float) -> None:
        """Let time pass."""
        self.time += timedelta(**more)


def room(folder: Path, watch: Watch) -> Workspace:
    """A workspace in which `dpo` may attest and `ml` may not."""
    holders = {"dpo": (("dpo",), None), "ml": (("ml",), None)}
    return create_workspace(folder / "room", holders, clock=watch, store=f"sqlite:///{folder / 'room.db'}")
