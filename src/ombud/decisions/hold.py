"""Legal holds: what is held is deleted by nobody, whatever asks for it, until the hold ends.

The log gets the hold's number and a root over what it covered when it began and ended. The ground stays in the store:
people write it, and the log must name nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from ombud import __version__
from ombud.decisions.batch import KIND
from ombud.decisions.commit import root_over
from ombud.errors import Misused, NotFound
from ombud.evidence.statement import Statement, Subject
from ombud.store.decided import Hold, KeptRow
from ombud.store.workspace import Workspace

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def add_hold(
    workspace: Workspace, holder: str, *, ground: str, system: str | None = None, alias: str | None = None,
    commitment: str | None = None, until: date | None = None,
) -> Hold:  # fmt: skip
    """Hold decisions back from deletion: of a system, about a person, or one; several narrow it down together.

    Args:
        workspace, holder: whose store and log, and whose key signs.
        ground: why; kept in the store, never in the log. until: the last day, None: until it is ended.

    Raises:
        Misused: it would hold everything, or says no ground.
    """
    if not ground.strip():
        raise Misused("a hold needs a ground", "Say why, for example --ground 'claim before the district court'.")
    if system is None and alias is None and commitment is None:
        raise Misused("what is to be held?", "Name a system, a person's alias, or a decision.")
    today = workspace.context.clock.now().date()
    number = "H-" + "".join(workspace.context.random.choice(_DIGITS) for _ in range(6))
    hold = Hold(
        number=number, system=system, alias=alias, commitment=commitment, ground=ground.strip(), since=today,
        until=until,
    )  # fmt: skip
    workspace.decided.hold(hold)
    _say(workspace, holder, hold, "hold")
    return hold


def end_hold(workspace: Workspace, holder: str, number: str) -> Hold:
    """End a hold.

    Raises:
        NotFound: there is none of that number that still holds.
    """
    found = next((one for one in workspace.decided.holds() if one.number == number and one.ended is None), None)
    if found is None:
        raise NotFound("hold that could be ended", number, "See: ombud decisions hold list")
    _say(workspace, holder, found, "hold-ended")
    workspace.decided.end_hold(number, workspace.context.clock.now().date())
    return found


def holding(workspace: Workspace, today: date) -> tuple[Hold, ...]:
    """The holds in force on a day."""
    return tuple(one for one in workspace.decided.holds() if one.holds(today))


def held_by(holds: Iterable[Hold], row: KeptRow, aliases: Mapping[bytes, frozenset[str]]) -> Hold | None:
    """The first hold that covers a row; None if none does.

    Args:
        aliases: keyed hash → aliases under which the person is known.
    """
    names = aliases.get(row.person, frozenset()) if row.person else frozenset()
    return next((one for one in holds if _covers(one, row, names)), None)


def covered(workspace: Workspace, hold: Hold) -> tuple[KeptRow, ...]:
    """The rows that a hold covers now, in order of their systems and numbers."""
    if hold.alias is not None:
        rows: Sequence[KeptRow] = workspace.decided.of_alias(hold.alias)
        names = frozenset((hold.alias,))
    else:
        systems = [hold.system] if hold.system is not None else list(workspace.decided.systems())
        rows = [row for one in systems for row in workspace.decided.since(one) if row.removal is None]
        names = frozenset()
    found = [row for row in rows if _covers(hold, row, names)]
    return tuple(sorted(found, key=lambda row: (row.system, row.number)))


def _covers(hold: Hold, row: KeptRow, aliases: frozenset[str]) -> bool:
    return (
        (hold.system is None or hold.system == row.system)
        and (hold.alias is None or hold.alias in aliases)
        and (hold.commitment is None or hold.commitment == row.commitment.hex())
    )


def _say(workspace: Workspace, holder: str, hold: Hold, what: str) -> None:
    rows = covered(workspace, hold)
    said: dict[str, Any] = {
        "what": what, "hold": hold.number, "count": len(rows), "root": root_over(row.commitment for row in rows),
        "first": None, "last": None, "until": hold.until.isoformat() if hold.until else None,
        "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    said |= {"organisation": True} if hold.system is None else {"system": hold.system}
    statement = Statement((Subject(f"hold {hold.number}"),), KIND, said)
    workspace.ledger.append([workspace.sign(statement, holder)])
