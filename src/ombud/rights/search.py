"""Search for the person of a request: the result is a private note, and the log says how much was found where."""

from collections.abc import Iterable

from ombud.cases import Case
from ombud.errors import Misused
from ombud.rights.desk import BY_HAND, FOUND, Desk
from ombud.rights.sources.source import Progress
from ombud.rights.walk import Found, find
from ombud.store.identity import Identity

NOT_THEIRS = "not-theirs"
"""The note of a case that holds identities that somebody decided are not the person's."""

NEEDED = ("received", "identity-asked", "unverified")
"""States in which nobody has shown yet who they are, so that nobody is searched for."""


def search(
    desk: Desk,
    number: str,
    *,
    also: Iterable[Identity] = (),
    rejected: Iterable[Identity] = (),
    progress: Progress | None = None,
) -> tuple[Case, Found]:
    """Search for a person everywhere; the case after it, and what was found.

    Args:
        desk: map, log and key; number: of the case.
        also: identities that somebody decided are the person's; rejected: that are not, also where that was said
            before.
        progress: told before each source.

    Raises:
        Misused: identity was not shown yet, or the person of the case was forgotten.
        NotAllowed: the case is past searching; nobody was searched for, and nothing was kept.
    """
    case = desk.case(number)
    _searchable(desk, case)
    people, alias = desk.workspace.people, desk.alias(case)
    also, rejected = tuple(also), tuple(rejected)
    if set(also) & set(rejected):
        raise Misused("one identity is said to be the person's, and not to be", "Say one of them.")
    if set(rejected) & set(people.identities(alias)):  # said to be theirs before, and taken back now
        people.take_back(alias, rejected)
    known = (*people.identities(alias), *also)
    if not known:
        raise Misused(f"{case.id}: the link to the person was deleted", "A closed case cannot be searched for again.")
    refused = {*rejected, *(Identity(kind, value) for kind, value in desk.noted(case, NOT_THEIRS) or ())} - set(also)
    open = desk.opener(case)
    by_hand = {spec.name: open(spec, desk.base) for spec in desk.data_map.sources if spec.kind in BY_HAND}
    found = find(desk.data_map, known, base=desk.base, opened=by_hand, rejected=refused, progress=progress)
    people.add(alias, found.identities)
    desk.note(case, FOUND, found.to_json())
    desk.note(case, NOT_THEIRS, sorted((one.kind, one.value) for one in refused))
    return _say(desk, case, found), found


def _searchable(desk: Desk, case: Case) -> None:
    if case.state in NEEDED:
        raise Misused(
            f"{case.id}: nobody has shown yet that it is the person who asks", f"ombud rights verify {case.id}"
        )
    desk.may(case, "found", found=[])


def _say(desk: Desk, case: Case, found: Found) -> Case:
    counted = [{"collection": address, "rows": rows} for address, rows in sorted(found.counts.items())]
    unreached = [one.address for one in desk.data_map.collections if one.personal and one.source in found.away]
    return desk.step(case, "found", found=counted, unreached=unreached, map=desk.data_map.digest or None)
