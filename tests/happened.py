"""Shared by tests of incidents: a workspace whose officer may sign, a declared system, alarms and reports."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import frozen

from ledgers import Clock
from ombud import __version__
from ombud.evidence.statement import Statement, Subject
from ombud.incidents.handle import Incidents
from ombud.incidents.incident import Assessed, Report
from ombud.incidents.opening import open_incident
from ombud.store.workspace import Workspace, create_workspace

OFFICER, ENGINEER = "officer", "platform"
TODAY = datetime(2028, 3, 3, 16, 0, tzinfo=UTC)
"""A Friday, after every staged date of the EU AI Act that these tests need."""

BANK = {
    "role": ["controller", "provider", "deployer"], "jurisdiction": ["DE", "EEA", "EU"], "establishment": ["DE"],
    "use_case": ["mortgage"], "decision": ["automated"], "significant": ["yes"], "personal_data": ["yes"],
    "about_people": ["yes"], "annex_iii": ["yes"], "annex_iii_point": ["5b"], "profiling": ["yes"],
    "exemption_claimed": ["no"], "claims_anonymity": ["no"], "in_use_since": ["2028-01-15"],
    "design_changed": ["never"],
}  # fmt: skip


@frozen
class Window:
    start: datetime
    end: datetime


@frozen(kw_only=True)
class Alarm:
    system: str = "mortgage-approval"
    series: str = "impact_ratio[race=black]"
    since: datetime = TODAY - timedelta(days=14)
    window: Window = Window(TODAY - timedelta(days=2), TODAY - timedelta(days=1))
    effect: float = 0.71


def desk(folder: Path, at: datetime = TODAY, facts: dict[str, list[str]] | None = BANK) -> tuple[Incidents, Clock]:
    """An officer's desk for incidents in a new workspace, and its clock; facts None: nothing was declared."""
    clock = Clock(at)
    keys = {OFFICER: (("dpo",), None), ENGINEER: (("platform",), None)}
    workspace = create_workspace(folder, keys, clock=clock)
    if facts is not None:
        declare(workspace, facts)
    return Incidents(workspace, OFFICER), clock


def declare(workspace: Workspace, facts: dict[str, list[str]], system: str = "mortgage-approval") -> None:
    """The facts of a system enter the log."""
    predicate = {"what": "system", "content": "0" * 64, "facts": facts, "system": system,
                 "observed_at": workspace.now(), "software": {"ombud": __version__}}  # fmt: skip
    statement = Statement((Subject(system),), "declaration", predicate)
    workspace.ledger.append([workspace.sign(statement, ENGINEER)])


def happened(who: Incidents, *categories: str, severity: str = "major", risk: str = "unknown", **more: Any) -> str:
    """The number of a new incident that a person reports."""
    assessed = Assessed(categories=categories or ("drift",), severity=severity, risk=risk)
    report = Report(system="mortgage-approval", assessed=assessed, **more)
    return open_incident(who.workspace, report, who.holder).case.id
