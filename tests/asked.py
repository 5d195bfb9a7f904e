"""Shared by tests of requests: a workspace with an officer and a clock that is set, and a request in every state."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledgers import Clock
from ombud.cases import Case, step
from ombud.rights.decide import Decision, review
from ombud.rights.receive import Received, receive
from ombud.rights.request import REQUESTS, Request
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, create_workspace

OFFICER = "officer"
ANN = Identity("email", "ann@example.org")
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BUSINESS = {"role": frozenset(("business",)), "ccpa_threshold": frozenset(("yes",))}


def office(folder: Path, at: datetime = TODAY) -> tuple[Workspace, Clock]:
    """A workspace whose officer may sign, and its clock."""
    clock = Clock(at)
    return create_workspace(folder, {OFFICER: (("dpo",), None)}, clock=clock), clock


def asked(workspace: Workspace, right: str = "erasure", lives: str = "DE", **more: Any) -> Received:
    """A request of Ann."""
    given = {"identities": (ANN,), **more}
    return receive(workspace, Request(right=right, lives=tuple(lives.split()), **given), OFFICER)


def take(workspace: Workspace, case: Case, event: str, **details: Any) -> Case:
    """A step as it is, without what the services add."""
    return step(workspace, REQUESTS, case.id, event, details, OFFICER)


def proved(workspace: Workspace, case: Case) -> Case:
    """Identity shown."""
    return take(workspace, case, "verified", method="attested", level="high", points=0)


def searched(workspace: Workspace, case: Case, **rows: int) -> Case:
    """Identity shown and found in these places of the source "core"."""
    found = [{"collection": f"core.{name}", "rows": number} for name, number in rows.items()]
    return take(workspace, proved(workspace, case), "found", found=found)


def granted(workspace: Workspace, case: Case, **rows: int) -> Case:
    """Searched, granted under every law, and begun."""
    case = searched(workspace, case, **rows)
    decisions = [Decision(law=law, decision="grant") for law in case.opened["laws"]]
    return take(workspace, review(workspace, case.id, decisions, (), OFFICER), "acting")


def outcome(place: str, state: str = "erased and verified", **more: Any) -> dict[str, Any]:
    """What became of a place."""
    return {"collection": f"core.{place}", "state": state, **more}
