"""Decide a request: each law's duty for itself; refused or kept only on a ground that the law lists."""

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from attrs import frozen

from ombud.cases import Case, cases_of, step, the_case
from ombud.errors import Misused
from ombud.law.calendar import WEEKENDS_ONLY
from ombud.law.counting import add
from ombud.law.requests import Ground, Regime, book
from ombud.rights.request import REQUESTS
from ombud.rights.request_clocks import local_day, received_at
from ombud.store.workspace import Workspace

DECISIONS: Final = ("grant", "partly", "refuse")


@frozen(kw_only=True)
class Decision:
    """What was decided under one law: grant, partly (some of it is kept), or refuse (on a ground)."""

    law: str
    decision: str
    ground: str | None = None


@frozen(kw_only=True)
class Kept:
    """A collection that is kept or left out though the request is granted.

    Attributes:
        collection: its address in the map; ground: key of the law's list.
        law: under which; None: every law that is decided "partly".
        until: to that day; None: no day is known.
    """

    collection: str
    ground: str
    law: str | None = None
    until: date | None = None


def review(
    workspace: Workspace, number: str, decisions: Iterable[Decision], kept: Iterable[Kept], holder: str, *,
    reasons: str = "",
) -> Case:  # fmt: skip
    """Decide, law by law. A retention floor or a legal hold is told as kept with its ground, and is no refusal.

    Args:
        workspace: log, store, keys; number: of the case; holder: whose key signs.
        decisions: one a law; kept: what stays, and why.
        reasons: why it is refused or kept in this case; a private note. Needed where anything is.

    Raises:
        Misused: a ground that the law does not list for this right, or no reasons.
        NotAllowed: identity is not shown, nobody searched, a law is not decided, or all of it is refused.
    """
    case = the_case(workspace.ledger.log(), REQUESTS, number)
    decided = tuple(decisions)
    rows = tuple(_kept_rows(case, decided, kept))
    _places_known(case, (str(row["collection"]) for row in rows))
    _days_to_come(datetime.fromisoformat(workspace.now()).date(), rows)
    for one in decided:
        if one.decision == "refuse":
            _check_refusal(workspace, case, one.law, one.ground)
    _reasons_given(any(one.decision != "grant" for one in decided), reasons)
    grounds = sorted({*(one.ground for one in decided if one.ground), *(str(row["ground"]) for row in rows)})
    after = step(workspace, REQUESTS, case.id, "reviewed", {
        "decisions": [_row(one) for one in decided], "kept": list(rows) or None, "grounds": grounds or None,
        "reasons": bool(reasons.strip()),
    }, holder)  # fmt: skip
    _keep_reasons(workspace, case, reasons)
    return after


def refuse(workspace: Workspace, number: str, grounds: Mapping[str, str], reasons: str, holder: str) -> Case:
    """Refuse a request under every law that it is made under.

    Args:
        workspace: log, store, keys; number: of the case; holder: whose key signs.
        grounds: law → ground of its list.
        reasons: why the ground holds here; a private note that the letter tells. Where to complain goes with it.

    Raises:
        Misused: a ground that the law does not list for this right, no reasons, or not every law.
        NotAllowed: identity is not shown and the ground would tell something of the person.
    """
    case = the_case(workspace.ledger.log(), REQUESTS, number)
    laws = tuple(str(law) for law in case.opened["laws"])
    undecided = [law for law in laws if law not in grounds]
    if undecided or set(grounds) - set(laws):
        raise Misused(
            f"{case.id}: each law is decided for itself, and {', '.join(undecided) or 'another'} is not among them",
            f"Give a ground for each of {', '.join(laws)}, or use: ombud rights review {case.id}",
        )
    for law in laws:
        _check_refusal(workspace, case, law, grounds[law])
    _reasons_given(True, reasons)
    after = step(workspace, REQUESTS, case.id, "refused", {
        "decisions": [_row(Decision(law=law, decision="refuse", ground=grounds[law])) for law in laws],
        "grounds": sorted(set(grounds.values())), "reasons": True,
        "remedies": sorted({key for law in laws for key in book().laws[law].remedies}),
    }, holder)  # fmt: skip
    _keep_reasons(workspace, case, reasons)
    return after


def _check_refusal(workspace: Workspace, case: Case, law: str, key: str | None) -> None:
    """Whether the law lists the ground for this right, and what the ground itself asks for is met."""
    regime = _regime(case, law)
    ground = _listed(regime.grounds_to_refuse(str(case.opened["right"])), key, regime, "refused")
    if ground.within is not None and not _denied_lately(workspace, case, law, ground):
        raise Misused(
            f"{case.id}: nothing of the kind was denied to the person within {ground.within} before this request",
            "Decide the request itself: ombud rights review.",
        )


def _listed(grounds: tuple[Ground, ...], key: str | None, regime: Regime, what: str) -> Ground:
    for ground in grounds:
        if ground.key == key:
            return ground
    named = ", ".join(ground.key for ground in grounds) or "none"
    raise Misused(
        f"on no such ground can this be {what} under the {regime.title}", f"The grounds that it lists: {named}."
    )


def _denied_lately(workspace: Workspace, case: Case, law: str, ground: Ground) -> bool:
    """Whether the same was refused to the same person so shortly before; that nothing new was shown, people judge."""
    assert ground.within is not None
    received = local_day(case, law, received_at(case))
    for other in cases_of(workspace.ledger.log(), REQUESTS):
        same = other.alias == case.alias and other.opened["right"] == case.opened["right"] and other.id != case.id
        denied = _denial(other, law) if same else None
        if denied and denied <= received <= add(denied, ground.within, WEEKENDS_ONLY):
            return True
    return False


def _denial(case: Case, law: str) -> date | None:
    """The day on which a request was denied under a law, as a whole or among others that were granted."""
    step = case.last("refused", "reviewed")
    rows = step.details["decisions"] if step else ()
    denied = any(row["law"] == law and row["decision"] == "refuse" for row in rows)
    return local_day(case, law, step.at) if step and denied else None


def _kept_rows(case: Case, decided: tuple[Decision, ...], kept: Iterable[Kept]) -> Iterable[dict[str, Any]]:
    partly = [one.law for one in decided if one.decision == "partly"]
    for one in kept:
        if not partly or (one.law is not None and one.law not in partly):
            raise Misused("what is kept belongs to a law that is decided partly", "Add --decision LAW=partly.")
        for law in [one.law] if one.law else partly:
            regime = _regime(case, law)
            _listed(regime.grounds_to_keep(str(case.opened["right"])), one.ground, regime, "kept")
            until = one.until.isoformat() if one.until else None
            yield {"law": law, "collection": one.collection, "ground": one.ground, "until": until}


def _places_known(case: Case, places: Iterable[str]) -> None:
    """A place that nobody searched is a slip of the pen, and would keep nothing from being erased."""
    search = case.last("found")
    said = search.details if search else {}
    known = {str(row["collection"]) for row in said.get("found") or ()} | set(said.get("unreached") or ())
    for place in places if search else ():
        if place not in known:
            meant = difflib.get_close_matches(place, sorted(known), n=1)
            nearest = f"Did you mean {meant[0]}? " if meant else ""
            raise Misused("a place to be kept is none of the map's", f"{nearest}They are: {', '.join(sorted(known))}.")


def _days_to_come(today: date, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        if row["until"] and date.fromisoformat(row["until"]) < today:
            raise Misused(
                f"what is kept until {row['until']} is not kept any more", "Name a later day, or leave the place out."
            )


def _regime(case: Case, law: str) -> Regime:
    if law not in case.opened["laws"]:
        raise Misused(f"{case.id} is made under other laws", f"They are: {', '.join(case.opened['laws'])}.")
    return book().laws[law]


def _reasons_given(needed: bool, reasons: str) -> None:
    if needed and not reasons.strip():
        raise Misused(
            "whoever is refused something is told why in their case",
            "Give the reasons with --reasons FILE, or - for stdin.",
        )


def _keep_reasons(workspace: Workspace, case: Case, reasons: str) -> None:
    if reasons.strip():
        workspace.people.keep(case.id, "reasons", reasons.strip())


def _row(one: Decision) -> dict[str, Any]:
    return {"law": one.law, "decision": one.decision, "ground": one.ground}
