"""Decisions go: because a person asked to be erased, or because their time is over. What has to stay is told.

Of a row that goes, only the commitment is left. So the proofs of all others stay whole, and what went is counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from ombud.decisions.batch import sign_removals
from ombud.decisions.drain import ASIDE, drain
from ombud.decisions.hold import held_by, holding
from ombud.decisions.plain import decode
from ombud.decisions.retention import Retention, declared_retention
from ombud.decisions.spool import spool_of
from ombud.errors import Unreadable
from ombud.law import Pack, load_pack
from ombud.store.decided import KeptRow, Removal, micros, moment
from ombud.store.workspace import Workspace

ERASED: Final = "erased"
EXPIRED: Final = "expired"


@frozen(kw_only=True)
class Erased:
    """What became of the decisions about a person.

    Attributes:
        count: how many were erased now.
        held: ground → how many were kept for it, each ground a sentence that names a law or a hold.
        undecided: ground → how many were kept since facts are missing to tell whether a law keeps them.
        removals: on record, or waiting to be put there by whoever may sign (`signed`).
    """

    count: int
    held: Mapping[str, int] = field(factory=dict)
    undecided: Mapping[str, int] = field(factory=dict)
    removals: tuple[Removal, ...] = ()
    signed: bool = True

    @property
    def kept(self) -> int:
        """How many are still here."""
        return sum(self.held.values()) + sum(self.undecided.values())

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {"count": self.count, "held": dict(self.held), "undecided": dict(self.undecided), "signed": self.signed}


@frozen(kw_only=True)
class Purged:
    """Decisions whose time was over: how many went, and how many a hold kept; a system without a ceiling: None went."""

    count: int
    held: int
    removals: tuple[Removal, ...] = ()


def erase_person(
    workspace: Workspace,
    alias: str,
    *,
    ground: str = "erasure asked for",
    holder: str | None = None,
    pack: Pack | None = None,
    retentions: Mapping[str, Retention] | None = None,
) -> Erased:
    """Erase every decision about a person, their labels, and what lies in the spool; also after they were forgotten.

    What a legal hold or a law keeps stays, and is told with its ground. Call it again once that has ended.

    Args:
        workspace: whose store; alias: who; ground: for the record, in words that name nobody.
        holder: whose key puts it on record; None leaves that to the next `ombud decisions drain`.
        pack: the law; default: the built-in one. retentions: system → how long it keeps; default: as declared.

    Raises:
        StoreFailed: the spool could not be drained; nothing was erased.
    """
    drain(workspace)
    now = workspace.context.clock.now()
    rows = workspace.decided.of_alias(alias)
    prints = frozenset(row.person for row in rows if row.person)
    stays = _staying(workspace, alias, rows, now, retentions or _declared(workspace, rows, pack, now))
    go = [row for row in rows if row.number not in stays.get(row.system, {})]
    removals = workspace.decided.remove(go, what=ERASED, ground=ground, at=micros(now)) if go else ()
    _erase_aside(workspace, prints)
    if holder is not None:
        sign_removals(workspace, holder, removals)
    reasons = [reason for by_number in stays.values() for reason in by_number.values()]
    return Erased(
        count=len(go), held=Counter(text for text, sure in reasons if sure),
        undecided=Counter(text for text, sure in reasons if not sure), removals=removals,
        signed=holder is not None or not removals,
    )  # fmt: skip


def purge(workspace: Workspace, system: str, keep: Retention, holder: str | None) -> Purged:
    """Delete the decisions of a system whose time is over; what is held or what a law keeps stays.

    Without a ceiling nothing is ever over: somebody has to set it first.
    """
    now = workspace.context.clock.now()
    if keep.ceiling is None:
        return Purged(count=0, held=0)
    holds = holding(workspace, now.date())
    seen = workspace.decided.between(system, None, micros(now))
    over = [evolve(row, content=None, salt=None) for row in seen if _over(row, keep, now)]
    names = workspace.decided.every_alias_of(over) if holds else {}
    held = {row.number for row in over if held_by(holds, row, names)}
    gone = [row for row in over if row.number not in held]
    ground = f"kept for {keep.ceiling.words}, as declared"
    removals = workspace.decided.remove(gone, what=EXPIRED, ground=ground, at=micros(now)) if gone else ()
    if holder is not None:
        sign_removals(workspace, holder, removals)
    return Purged(count=len(gone), held=len(held), removals=removals)


def _over(row: KeptRow, keep: Retention, now: datetime) -> bool:
    return row.at is not None and keep.expired(moment(row.at), now)


def _declared(
    workspace: Workspace, rows: Iterable[KeptRow], pack: Pack | None, now: datetime
) -> Mapping[str, Retention]:
    systems = sorted({row.system for row in rows})
    if not systems:
        return {}
    log, law = workspace.ledger.log(), pack or load_pack()
    return {one: declared_retention(log, law, one, now.date()) for one in systems}


def _staying(
    workspace: Workspace, alias: str, rows: Sequence[KeptRow], now: datetime, keeps: Mapping[str, Retention]
) -> dict[str, dict[int, tuple[str, bool]]]:
    """System → number of each row that stays → (why, whether that is sure)."""
    holds = holding(workspace, now.date())
    names = {row.person: frozenset((alias,)) for row in rows if row.person}
    found: dict[str, dict[int, tuple[str, bool]]] = {}
    for row in rows:
        hold = held_by(holds, row, names)
        law = keeps.get(row.system, Retention()).keeps(moment(row.at or 0), now, erasure=True)
        if hold is not None:
            found.setdefault(row.system, {})[row.number] = (f"legal hold {hold.number}", True)
        elif law is not None and law.applies == "yes":
            because = f"{law.requirement} ({law.cite}): kept for {law.at_least.words} after the decision"
            found.setdefault(row.system, {})[row.number] = (because, True)
        elif law is not None:
            missing = ", ".join(law.missing) or "more facts"
            because = f"{law.requirement} may keep it for {law.at_least.words}; to tell, declare {missing}"
            found.setdefault(row.system, {})[row.number] = (because, False)
    return found


def _erase_aside(workspace: Workspace, prints: frozenset[bytes]) -> None:
    """What was set aside about a person goes with the rest; what cannot be read cannot be told to be theirs."""
    folder: Path = spool_of(workspace.root) / ASIDE
    people = workspace.people
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        try:
            decision = decode(path.read_bytes())
        except (Unreadable, OSError):
            continue
        if decision.subject is not None and people.fingerprint(decision.subject) in prints:
            path.unlink(missing_ok=True)
