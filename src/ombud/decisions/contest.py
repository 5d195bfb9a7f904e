"""Somebody contests a decision: what they ask, the case that it opens, and how it stands."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import field, frozen

from ombud.cases import Case, cases_of, open_case, read_machine
from ombud.cases.note import note_fits
from ombud.decisions.contest_guards import GUARDS, becomes, review_of, reviewer_of
from ombud.decisions.contest_law import built_in_law, duties
from ombud.decisions.contest_reviewers import staff_alias
from ombud.decisions.decision import Decision
from ombud.errors import Misused
from ombud.evidence.instants import instant, parsed
from ombud.law import Pack
from ombud.status.select import declared
from ombud.store.workspace import Workspace

CONTESTS: Final = read_machine(Path(str(files("ombud.decisions") / "contest.yaml")), GUARDS)
"""The table of contests: what may follow what."""

CHANNELS: Final = ("web", "mail", "phone", "letter", "in-person", "agent")
AGENTS: Final = ("agent", "lawyer", "parent", "guardian", "heir", "other")
PROOFS: Final = (
    "signed-permission", "power-of-attorney", "parental-responsibility", "court-order", "inheritance", "registration",
)  # fmt: skip
"""What shows that somebody may speak for the person."""
NOTE: Final = "decision"
"""The private note that holds which decision it is about."""


class Recorded(Protocol):
    """A decision that is on record: `decisions.kept.Kept`."""

    @property
    def decision(self) -> Decision:
        """As it was recorded."""

    @property
    def alias(self) -> str | None:
        """Of the person."""

    @property
    def commitment(self) -> str:
        """What the log knows it by."""


def _listed(words: tuple[str, ...], what: str) -> Any:
    def check(_instance: object, _attribute: object, value: str | None) -> None:
        if value is not None and value not in words:
            raise Misused(f"that is no {what}", f"One of: {', '.join(words)}.")

    return check


@frozen(kw_only=True)
class Contest:
    """What somebody asks.

    Attributes:
        lives: where the person lives: it decides which laws apply; may be unknown.
        channel: how it came in; received: when, None: now.
        agent: who asks for the person, None: the person; authority: what shows that they may, None: nothing yet.
        name, contact, words: private notes: how the person is called, where the answer goes, what they say.
    """

    lives: tuple[str, ...] = ()
    channel: str = field(default="mail", validator=_listed(CHANNELS, "channel"))
    received: datetime | None = None
    agent: str | None = field(default=None, validator=_listed(AGENTS, "kind of agent"))
    authority: str | None = field(default=None, validator=_listed(PROOFS, "proof that somebody may speak for another"))
    name: str = field(default="", repr=False, converter=note_fits)
    contact: str = field(default="", repr=False, converter=note_fits)
    words: str = field(default="", repr=False, converter=note_fits)


def receive_contest(
    workspace: Workspace, kept: Recorded, contest: Contest, holder: str, pack: Pack | None = None
) -> Case:  # fmt: skip
    """Open a case about one recorded decision; its number stays in the store, the log gets its commitment.

    Args:
        workspace: log, store, clock, keys; kept: the decision (`intake.find`).
        contest: what is asked; holder: whose key signs; pack: the law, None: what comes with Ombud.

    Raises:
        Misused: it came in in the future.
        NotAllowed: the decision is contested already, by an open case.
        Refused: the holder may not sign cases.
    """
    received = _came_in(contest, workspace.context.clock.now())
    earlier = [one for one in contests(workspace) if one.opened["decision"] == kept.commitment]
    running = next((one for one in earlier if not one.ended), None)
    if running is not None:
        raise running.refused("that decision is contested already, in this case")
    details = _details(workspace, kept, contest, received, pack or built_in_law(), tuple(one.id for one in earlier))
    alias = kept.alias
    if alias is None and kept.decision.subject is not None:
        alias = workspace.people.enrol([kept.decision.subject])
    case = open_case(workspace, CONTESTS, details, holder, alias=alias, system=kept.decision.system)
    workspace.people.keep(case.id, NOTE, json.dumps({"system": kept.decision.system, "id": kept.decision.id}))
    for name, value in (("name", contest.name), ("contact", contest.contact), ("words", contest.words)):
        if value.strip():
            workspace.people.keep(case.id, name, value)
    return case


def _came_in(contest: Contest, now: datetime) -> datetime:
    received = contest.received or now
    if received.tzinfo is None or received > now:
        raise Misused("it cannot have come in in the future, or at a time without offset", "Check --received.")
    return received


def _details(
    workspace: Workspace, kept: Recorded, contest: Contest, received: datetime, law: Pack, repeats: tuple[str, ...]
) -> Mapping[str, Any]:  # fmt: skip
    decision, human = kept.decision, kept.decision.human
    said = declared(workspace.ledger.log().trusted(), decision.system, workspace.context.clock.now())
    owed = duties(contest.lives, said.facts if said else {}, received, law)
    agent = {"agent": contest.agent, "authority": "shown" if contest.authority else "not-shown",
             "shown": contest.authority}  # fmt: skip
    return {
        "received_at": instant(received), "decision": kept.commitment, "system": decision.system,
        "channel": contest.channel, "duties": [dict(row) for row in owed], "law_pack": law.digest,
        "lives": list(contest.lives) or None, "repeats": list(repeats) or None, "by_machine": human is None,
        "decided_by": [staff_alias(workspace, human.who)] if human else None, "said": bool(contest.words.strip()),
        **(agent if contest.agent else {}),
    }  # fmt: skip


def contests(workspace: Workspace, system: str | None = None) -> tuple[Case, ...]:
    """The contests in a log, in the order in which they came in."""
    found = cases_of(workspace.ledger.log(), CONTESTS)
    return tuple(case for case in found if system in (None, case.opened["system"]))


def decided_again(workspace: Workspace, system: str) -> frozenset[str]:
    """Commitments of the decisions that reviews recorded: each stands beside the one that was contested, not for one
    more person, so nobody who counts decisions counts them."""
    cases = contests(workspace, system)
    return frozenset(str(step.details["becomes"]) for case in cases for step in case.all("carried-out"))


@frozen(kw_only=True)
class Stands:
    """A contest at a moment: the day that comes first, by which law; late: whether it is over and nobody answered."""

    case: Case
    at: datetime

    @property
    def due(self) -> Mapping[str, Any] | None:
        """The duty that runs out first, of those with a number."""
        timed = [row for row in self.case.opened["duties"] if row.get("end")]
        return min(timed, key=lambda row: str(row["end"]), default=None)

    @property
    def answered_at(self) -> datetime | None:
        """When the person was told, or took the contest back."""
        step = self.case.last("told", "withdrawn")
        return step.at if step else None

    @property
    def late(self) -> bool:
        """Whether the answer is, or was, later than the first of its days."""
        return self.due is not None and (self.answered_at or self.at) > parsed(str(self.due["end"]))

    def to_json(self) -> dict[str, Any]:
        """For programs; nothing in it names the person."""
        opened, review = self.case.opened, review_of(self.case)
        return {
            "case": self.case.id, "system": opened["system"], "decision": opened["decision"], "state": self.case.state,
            "received_at": opened["received_at"], "alias": self.case.alias, "reviewer": reviewer_of(self.case),
            "outcome": review.details["outcome"] if review else None, "becomes": becomes(self.case), "late": self.late,
            "due": str(self.due["due"]) if self.due else None, "duties": [dict(row) for row in opened["duties"]],
            "repeats": list(opened.get("repeats") or ()), "by_machine": opened["by_machine"],
        }  # fmt: skip


def stands(case: Case, at: datetime) -> Stands:
    """A contest at a moment."""
    return Stands(case=case, at=at)


def waiting(
    workspace: Workspace, at: datetime, *, ended: bool = False, system: str | None = None
) -> tuple[Stands, ...]:  # fmt: skip
    """Contests that are not over, the most urgent first; ended: those that are, too."""
    found = [stands(case, at) for case in contests(workspace, system) if ended or not case.ended]
    return tuple(sorted(found, key=lambda one: (one.due is None, str(one.due["end"]) if one.due else "", one.case.id)))
