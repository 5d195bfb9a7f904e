"""What must hold before a step of a request counts: functions of the case's own steps, so that every reader agrees."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from ombud.cases import Case, Guard

SEARCHED: Final = frozenset(("access", "portability", "erasure", "rectification"))
"""Rights that cannot be decided before it is known what is held."""

TELLS_NOTHING: Final = frozenset((
    "identity-not-verified", "not-identifiable", "authority-not-shown", "manifestly-unfounded", "excessive",
))  # fmt: skip
"""Grounds that may be told to somebody who has not shown who they are; any other would tell what is held."""

Details = Mapping[str, Any]


def outcomes(case: Case, details: Details) -> Mapping[str, Mapping[str, Any]]:
    """What became of each place: of several outcomes of one place, the newest."""
    told = [*(step.details for step in case.all("acted", "fulfilled")), details]
    return {str(one.get("collection")): one for said in told for one in said.get("outcomes") or ()}


def paused_on(case: Case) -> str | None:
    """The ground on which the clocks stand still; None once they go on, also by the proof that they wait for."""
    ground = None
    for step in case.all("paused", "resumed", "verified"):
        if step.event == "paused":
            ground = str(step.details["ground"])
        elif step.event == "resumed" or ground == "identity":
            ground = None
    return ground


def _first_time(case: Case, _details: Details) -> str | None:
    return "it was acknowledged already" if case.last("acknowledged") else None


def _extended_once(case: Case, details: Details) -> str | None:
    before = {law for step in case.all("extended") for law in step.details["laws"]}
    again = before.intersection(details["laws"]) or set(details["laws"]) - set(case.opened["laws"])
    return f"it cannot be prolonged (again) under {', '.join(sorted(again))}" if again or not details["laws"] else None


def _running(case: Case, _details: Details) -> str | None:
    return "its clocks stand still already" if paused_on(case) else None


def _standing_still(case: Case, details: Details) -> str | None:
    return None if paused_on(case) == details["ground"] else "its clocks do not stand still on that ground"


def _verified(case: Case, _details: Details) -> str | None:
    return None if case.last("verified") else "nobody has shown yet that it is the person who asks"


def _method_fits(case: Case, details: Details) -> str | None:
    waived, needed = details["method"] == "not-required", case.opened["identity"] != "not-required"
    return "the law that applies wants to know who asks" if waived and needed else None


def _may_speak(case: Case, _details: Details) -> str | None:
    opened = case.opened
    speaks = "agent" not in opened or opened.get("authority") == "shown" or case.last("authority-shown")
    return None if speaks else "nobody has shown yet that the agent may speak for the person"


def _searched(case: Case, _details: Details) -> str | None:
    lacking = case.opened["right"] in SEARCHED and case.last("found") is None
    return "nobody has looked yet at what is held of the person" if lacking else None


def _decided(case: Case, details: Details) -> str | None:
    """Each law's duty is decided for itself, and what is kept is kept on a ground."""
    problem = _each_law_once(case, details)
    if problem:
        return problem
    rows = {row["law"]: row for row in details["decisions"]}
    if all(row["decision"] == "refuse" for row in rows.values()):
        return "everything is refused: that is a refusal, with its remedies"
    keeps = {row["law"] for row in details.get("kept") or () if row.get("ground") and row.get("collection")}
    bare = [law for law, row in rows.items() if not _grounded_decision(row, keeps)]
    return f"the decision under {', '.join(bare)} names no ground" if bare else None


def _grounded_decision(row: Details, keeps: set[str]) -> bool:
    match row["decision"]:
        case "refuse":
            return bool(row.get("ground"))
        case "partly":
            return row["law"] in keeps
    return True


def _refused_whole(case: Case, details: Details) -> str | None:
    problem = _each_law_once(case, details)
    if problem:
        return problem
    bare = [row for row in details["decisions"] if row["decision"] != "refuse" or not row.get("ground")]
    if bare or not details["grounds"]:
        return "a refusal names a ground under each law"
    if details["reasons"] is not True or not details["remedies"]:
        return "a refusal gives its reasons, and says where to complain"
    return None


def _each_law_once(case: Case, details: Details) -> str | None:
    laws = sorted(str(row.get("law")) for row in details["decisions"])
    open_laws = sorted(case.opened["laws"])
    whole = all(row.get("decision") for row in details["decisions"])
    return None if laws == open_laws and whole else f"each law is decided for itself, once: {', '.join(open_laws)}"


def _tells_nothing(_case: Case, details: Details) -> str | None:
    named = {*details["grounds"], *(row.get("ground") for row in details["decisions"])}
    tells = named - TELLS_NOTHING
    return "before identity is shown, a refusal must not tell anything of the person" if tells else None


def _grounded(_case: Case, details: Details) -> str | None:
    told = details.get("outcomes") or ()
    if any(not one.get("collection") or not one.get("state") for one in told):
        return "an outcome names its place and what became of it"
    bare = [one["collection"] for one in told if one["state"] == "not erasable" and not one.get("ground")]
    return f"{bare[0]} is kept, and no ground is named" if bare else None


def _nothing_failed(case: Case, details: Details) -> str | None:
    failed = [place for place, one in outcomes(case, details).items() if one["state"] == "failed"]
    return f"{len(failed)} of its places failed or still wait: {', '.join(sorted(failed)[:5])}" if failed else None


def _everywhere(case: Case, details: Details) -> str | None:
    """Every place where something is held, and every place that could not be searched, has an outcome of its own."""
    done = outcomes(case, details)
    open_places = sorted(set(_owed(case)) - done.keys())
    if open_places:
        return f"nothing is known yet of {', '.join(open_places[:5])}"
    empty = case.opened["right"] == "erasure" and not done
    return "nothing was erased, and no place says that nothing was there" if empty else None


def _owed(case: Case) -> Iterator[str]:
    search = case.last("found")
    if search is None:
        return
    yield from search.details.get("unreached") or ()
    if case.opened["right"] == "erasure":
        yield from (str(row.get("collection")) for row in search.details["found"] if row.get("rows"))


def _told(case: Case, details: Details) -> str | None:
    return None if case.last("delivered") or details.get("untold") else "the person was not told yet"


GUARDS: Final[Mapping[str, Guard]] = MappingProxyType(
    {
        "first-time": _first_time,
        "extended-once": _extended_once,
        "running": _running,
        "standing-still": _standing_still,
        "verified": _verified,
        "method-fits": _method_fits,
        "may-speak": _may_speak,
        "searched": _searched,
        "decided": _decided,
        "refused-whole": _refused_whole,
        "tells-nothing": _tells_nothing,
        "grounded": _grounded,
        "nothing-failed": _nothing_failed,
        "everywhere": _everywhere,
        "told": _told,
    }
)
"""Name in request.yaml → what must hold."""
