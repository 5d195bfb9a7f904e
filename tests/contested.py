"""Shared by tests of contests: a bank that decided about people, an officer, and reviewers who were named before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from happened import BANK
from ledgers import Clock
from ombud import __version__
from ombud.decisions import Decision, Human
from ombud.decisions.contest import Contest, receive_contest
from ombud.decisions.contest_review import Contests, Review
from ombud.decisions.contest_reviewers import appoint, gave_notice, staff_alias
from ombud.decisions.intake import find, record
from ombud.evidence.statement import Statement, Subject
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, create_workspace

OFFICER, REVIEWER, OTHER, PLATFORM = "officer", "legal-team", "head-of-credit", "platform"
SYSTEM = "mortgage-approval"
TODAY = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
FACTS = {**BANK, "basis_decisions": ["contract"], "solely_automated": ["yes"]}
"""A German bank whose machine decides about mortgages because a contract needs it."""

ORGANISATION = """name: Example Bank
establishment: [DE]
contact: {write_to: contests@bank.example, address: [Bank street 1, 10117 Berlin], officer: dpo@bank.example}
authorities: [{name: The Berlin commissioner, address: https://authority.example, laws: [gdpr]}]
"""


def office(
    folder: Path, at: datetime = TODAY, facts: dict[str, list[str]] | None = FACTS, store: str | None = None
) -> tuple[Contests, Clock]:
    """An officer's desk for contests, with two named reviewers and three decisions; and its clock."""
    clock = Clock(at)
    keys = {OFFICER: (("dpo",), None), REVIEWER: (("legal",), None), OTHER: (("business",), None),
            PLATFORM: (("platform",), None), "robot": (("ci",), None)}  # fmt: skip
    workspace = create_workspace(folder, keys, clock=clock, store=store)
    if facts is not None:
        declare(workspace, facts)
    record(workspace, SYSTEM, [decision("A-1"), decision("A-2", human=Human(who="S-17", saw=("score",))),
                               decision("A-3", outcome=None)], PLATFORM)  # fmt: skip
    appoint(workspace, REVIEWER, OFFICER, staff="S-17", training="7" * 64)
    appoint(workspace, OTHER, OFFICER, staff="S-40")
    return Contests(workspace, OFFICER), clock


def decision(number: str, **more: Any) -> Decision:
    """One decision about one person; refused by a machine unless something else is said."""
    said: dict[str, Any] = {
        "id": number, "system": SYSTEM, "at": TODAY - timedelta(days=30), "subject": Identity("customer_id", number),
        "inputs": {"income": 1000.0, "debt": 20.25}, "score": 0.25, "threshold": "0.5", "outcome": "unfavourable",
    }  # fmt: skip
    return Decision(**{**said, **more})


def declare(workspace: Workspace, facts: dict[str, list[str]]) -> None:
    """The facts of the system enter the log."""
    predicate = {"what": "system", "content": "0" * 64, "facts": facts, "system": SYSTEM,
                 "observed_at": workspace.now(), "software": {"ombud": __version__}}  # fmt: skip
    statement = Statement((Subject(SYSTEM),), "declaration", predicate)
    workspace.ledger.append([workspace.sign(statement, PLATFORM)])


def contest(who: Contests, number: str = "A-1", **more: Any) -> str:
    """The number of a new contest."""
    asked = Contest(**{"lives": ("DE",), "name": "Ann Unique", "words": "My income is wrong.", **more})
    return receive_contest(who.workspace, find(who.workspace, SYSTEM, number), asked, who.holder).id


def told(who: Contests, *numbers: str) -> None:
    """Reviewers get the notice that times are measured."""
    aliases = [staff_alias(who.workspace, one) for one in numbers or ("S-17", "S-40")]
    gave_notice(who.workspace, aliases, ["e" * 64], who.holder, SYSTEM)


def as_(who: Contests, holder: str) -> Contests:
    """The desk of somebody else."""
    return Contests(who.workspace, holder)


def made(outcome: str = "upheld", **more: Any) -> Review:
    """A review with everything that it needs."""
    said: dict[str, Any] = {
        "outcome": outcome, "saw": ("inputs", "documents"), "seconds": 600, "reasons": "The income was read wrongly.",
    }  # fmt: skip
    return Review(**{**said, **more})


def reviewed(who: Contests, number: str, outcome: str = "upheld", **more: Any) -> None:
    """The case is given to a reviewer, who reviews it."""
    who.assign(number, REVIEWER)
    as_(who, REVIEWER).review(number, made(outcome, **more))
