"""Shared by tests of recorded decisions: small workspaces, and decisions with numbers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ombud.decisions import Decision
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, create_workspace

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PLATFORM = "platform"


def bank(folder: Path, store: str | None = None) -> Workspace:
    """A workspace whose platform team may put decisions into the log."""
    return create_workspace(folder, {PLATFORM: (["platform"], None)}, store=store)


def person(number: int) -> Identity:
    """Whom a decision is about."""
    return Identity("customer_id", f"C-{number}")


def decision(number: int, **more: Any) -> Decision:
    """One decision; the same for the same number."""
    said: dict[str, Any] = {
        "id": f"A-{number}", "system": "mortgage", "at": AT + timedelta(minutes=number), "subject": person(number % 10),
        "inputs": {"income": 1000.0 + number, "debt": 20.25}, "score": 0.25, "threshold": "0.5",
        "outcome": "unfavourable",
    }  # fmt: skip
    return Decision(**{**said, **more})


def decisions(count: int) -> list[Decision]:
    """So many decisions about ten people."""
    return [decision(number) for number in range(count)]
