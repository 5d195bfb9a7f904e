"""Who may review decisions: named in advance by somebody else, with the right to change what was decided.

A reviewer is the holder of a key. The log also gets an alias for the number that staff have in records of decisions, so
that whoever made a decision is never the one who reviews it; the number itself stays in the store.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from ombud import __version__
from ombud.cases import Case
from ombud.decisions.contest_guards import PEOPLE, may_decide
from ombud.errors import Misused
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant, parsed
from ombud.evidence.log import Log
from ombud.evidence.statement import Statement, Subject
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace

ITEM: Final = "reviewer"
NOTICE: Final = "reviewer-notice"
"""What attestations about reviewers are called. No requirement asks for them: by themselves they show no duty."""

_SAYS: Final = "May change what was decided about people, and reviews decisions that they did not make."
_TOLD: Final = "Was told that their reviews are timed, what for, and what the times are not used for."


@frozen(kw_only=True)
class Reviewer:
    """Somebody who was named as a reviewer.

    Attributes:
        name: holder of a key; staff: alias of their number in records of decisions.
        system: for which system; None: for all.
        training: digest of what shows that they can read the output of the system; None: nothing was shown.
        since, until: when that was put on record, and up to when it holds; None: no end was said.
        by: who named them; entry, index: the statement.
    """

    name: str
    staff: str
    system: str | None
    training: str | None
    since: datetime
    until: datetime | None
    by: str
    entry: str
    index: int

    def holds(self, system: str, at: datetime) -> bool:
        """Whether they may review decisions of a system at a moment."""
        return self.system in (None, system) and self.since <= at and (self.until is None or at < self.until)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "reviewer": self.name, "staff": self.staff, "system": self.system, "training": self.training,
            "since": instant(self.since), "until": instant(self.until) if self.until else None, "by": self.by,
            "entry": self.index,
        }  # fmt: skip


def appoint(
    workspace: Workspace, name: str, holder: str, *, system: str | None = None, staff: str | None = None,
    training: str | None = None, until: datetime | None = None,
) -> Reviewer:  # fmt: skip
    """Put on record that somebody may review decisions and change them.

    Args:
        workspace: log, store, clock, keys; name: holder of the key they sign with; holder: whose key signs this.
        system: for which system, None: for all; staff: their number in records of decisions, None: their name.
        training: digest of what shows that they can read the output; until: up to when it holds.

    Raises:
        Misused: they name themselves; they hold no key of a person who may decide.
        Refused: the holder may not sign this.
    """
    if name == holder:
        raise Misused("nobody names themselves as a reviewer", "Let somebody else sign: --as NAME.")
    _a_person(workspace, name)
    alias = staff_alias(workspace, staff or name)
    entry = _attest(workspace, ITEM, _SAYS, holder, system, {
        "reviewer": name, "staff": alias, "may_change": True, "training": training,
        "expires": instant(until) if until else None,
    })  # fmt: skip
    return next(one for one in reviewers(workspace.ledger.log()) if one.entry == entry.digest)


def reviewers(log: Log, system: str | None = None, at: datetime | None = None) -> tuple[Reviewer, ...]:
    """Those who were named, in the order of the log; of a system at a moment, if these are given."""
    found = tuple(_reviewers(log))
    return tuple(one for one in found if system is None or at is None or one.holds(system, at))


def _reviewers(log: Log) -> Iterator[Reviewer]:
    for entry in log.trusted("attestation"):
        said = entry.statement.predicate
        if said.get("item") != ITEM or said.get("may_change") is not True:
            continue
        if entry.holder == said.get("reviewer"):  # no door writes it, and no reader believes it
            continue
        ends = [str(one) for one in (said.get("expires"), entry.withdrawn_from) if one]
        yield Reviewer(
            name=str(said["reviewer"]), staff=str(said["staff"]), system=said.get("system"),
            training=said.get("training"), since=parsed(entry.statement.observed_at),
            until=parsed(min(ends)) if ends else None, by=entry.holder, entry=entry.digest, index=entry.index,
        )  # fmt: skip


def the_reviewer(workspace: Workspace, name: str, system: str) -> Reviewer:
    """The newest record by which somebody may review decisions of a system now.

    Raises:
        Misused: they were not named, or hold no key of a person who may decide.
    """
    _a_person(workspace, name)
    able = reviewers(workspace.ledger.log(), system, workspace.context.clock.now())
    found = [one for one in able if one.name == name]
    if not found:
        raise Misused("nobody put on record that this reviewer may change decisions of this system",
                      f"Let somebody else name them first: ombud decisions reviewer {_shown(name)}")  # fmt: skip
    return found[-1]


def authority(log: Log, case: Case) -> Reviewer | None:
    """The record on which the reviewer of a case relied, if it was there before they were given the case."""
    step = case.last("assigned")
    if step is None:
        return None
    said = step.details
    return next((
        one for one in _reviewers(log)
        if one.entry == said["appointed"] and one.index < step.index and one.name == said["reviewer"]
        and one.staff == said["staff"] and one.holds(str(case.opened["system"]), step.at)
    ), None)  # fmt: skip


def staff_alias(workspace: Workspace, number: str) -> str:
    """The alias of a member of staff, a new one if they have none yet."""
    return workspace.people.enrol([Identity("staff", number)])


def staff_number(workspace: Workspace, alias: str) -> str:
    """The number behind an alias; the alias itself once the link is deleted."""
    return next((one.value for one in workspace.people.identities(alias) if one.kind == "staff"), alias)


def known_alias(workspace: Workspace, number: str) -> str | None:
    """The alias of a member of staff; None if they have none."""
    return workspace.people.alias_of(Identity("staff", number))


# --- the notice -------------------------------------------------------------------------------------------------------


def gave_notice(
    workspace: Workspace, staff: Sequence[str], documents: Sequence[str], holder: str, system: str
) -> Entry:  # fmt: skip
    """Put on record that members of staff were told that their reviews are timed. staff: aliases.

    Raises:
        Misused: nobody was told.
    """
    if not staff:
        raise Misused("a notice is given to somebody", "Name the reviewers.")
    told = {"staff": sorted(set(staff)), "documents": list(documents)}
    return _attest(workspace, NOTICE, _TOLD, holder, system, told)


def notices(log: Log, system: str) -> Mapping[str, datetime]:
    """Alias of a member of staff → since when they know that their reviews of a system are timed."""
    since: dict[str, datetime] = {}
    for entry in log.trusted("attestation"):
        said = entry.statement.predicate
        if said.get("item") == NOTICE and said.get("system") == system and entry.withdrawn_from is None:
            for alias in said.get("staff", ()):
                since.setdefault(str(alias), parsed(entry.statement.observed_at))
    return since


def _a_person(workspace: Workspace, name: str) -> None:
    held = workspace.ledger.keyring().held_by(name)
    roles = frozenset[str]().union(*(key.now.roles for key in held if key.now and key.now.may("case")))
    if not may_decide(roles):
        raise Misused(
            "a review is made by a person with authority, and that is no holder of such a key",
            f"Give them a key with one of these roles, never ci: {', '.join(sorted(PEOPLE))}.",
        )


def _attest(
    workspace: Workspace, item: str, says: str, holder: str, system: str | None, more: Mapping[str, Any]
) -> Entry:  # fmt: skip
    scope = {"system": system} if system else {"organisation": True}
    predicate = {"item": item, "says": says, **more, **scope, "observed_at": workspace.now(),
                 "software": {"ombud": __version__}}  # fmt: skip
    return workspace.ledger.append([workspace.sign(Statement((Subject(item),), "attestation", predicate), holder)])[0]


def _shown(name: str) -> str:
    return name if name.replace("-", "").isalnum() and len(name) < 40 else "NAME"
