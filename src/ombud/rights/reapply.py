"""Replay the erasure list on data that came back from a backup.

Nobody's name is kept for this: every identity in the restored data is hashed with the workspace's key and held against
the hashes of the list. Whoever is on it is searched for again by what the data itself says, and erased again.

A customer number that was not the person's then is not theirs now, even if it is the only one left behind their e-mail
address: it may be the one of whoever shares the address, or has it today. Such rows are left, and said.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path

from attrs import evolve, frozen

from ombud.cases import Case, Machine, open_case, read_machine
from ombud.errors import Misused, OmbudError
from ombud.rights.desk import Desk, in_force, kept_by_decision
from ombud.rights.erase import erase_everywhere, verified
from ombud.rights.fulfil import more_to_come, told
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Outcome, Progress, Source, State
from ombud.rights.walk import Found, find
from ombud.store.identity import Identity
from ombud.store.people.listed import Listed

Open = Callable[[SourceSpec, Path], Source]


@frozen(kw_only=True)
class Replayed:
    """What a replay did.

    Attributes:
        case: its statement in the log; people: how many were found again.
        outcomes: place by place, over all of them.
        unread: places whose identities could not be read, and why: the replay says nothing of them; and places with
            rows of which a person has to say whether they are somebody else's.
    """

    case: Case
    people: int
    outcomes: tuple[Outcome, ...]
    unread: tuple[tuple[str, str], ...]

    @property
    def whole(self) -> bool:
        """Whether every place was read and nothing failed."""
        return not self.unread and all(one.state is not State.FAILED for one in self.outcomes)


@cache
def replays() -> Machine:
    """The table of replays."""
    return read_machine(Path(str(files("ombud.rights") / "replay.yaml")), {})


def reapply(desk: Desk, progress: Progress | None = None, open: Open = open_source) -> Replayed:
    """Find everybody who was erased and is back, erase them again, and say so in the log.

    Args:
        desk: map, log and key; progress: told before each place; open: opens a source.
    """
    erased = {one.alias: one for one in desk.workspace.people.lists() if one.list == "erased" and one.holds(desk.today)}
    back, unread = _back(desk, set(erased), progress, open)
    outcomes: dict[str, Outcome] = {}
    for alias, identities in back.items():
        found = find(desk.data_map, sorted(identities), base=desk.base, progress=progress, lone=False)
        unread += [(place, one.because) for one in found.ambiguities for place in one.rows]
        for outcome in _again(desk, desk.case(erased[alias].case), found, progress):
            before = outcomes.get(outcome.collection)
            outcomes[outcome.collection] = _added(before, outcome) if before else outcome
    case = open_case(desk.workspace, replays(), _said(desk, back, erased, outcomes), desk.holder)
    return Replayed(case=case, people=len(back), outcomes=tuple(outcomes.values()), unread=tuple(dict.fromkeys(unread)))


def _said(
    desk: Desk, back: dict[str, set[Identity]], erased: dict[str, Listed], outcomes: dict[str, Outcome]
) -> dict[str, object]:
    return {
        "people": len(back), "map": desk.data_map.digest or None, "cases": sorted({erased[one].case for one in back}),
        "outcomes": [told(one) for one in outcomes.values()],
    }  # fmt: skip


def _back(
    desk: Desk, erased: set[str], progress: Progress | None, open: Open
) -> tuple[dict[str, set[Identity]], list[tuple[str, str]]]:
    """Alias → identities that stand in the data again; and places that could not be read."""
    prints = {one: alias for alias, hashes in desk.workspace.people.fingerprints().items() if alias in erased
              for one in hashes}  # fmt: skip
    found: defaultdict[str, set[Identity]] = defaultdict(set)
    unread: list[tuple[str, str]] = []
    held = [
        (spec, one)
        for spec in in_force(desk.data_map, desk.today).sources
        for one in spec.collections
        if one.identities
    ]
    for done, (spec, collection) in enumerate(held if prints else ()):
        if progress:
            progress(f"looking in {collection.address}", done, len(held))
        try:
            for identity in _identities(desk, spec, collection, open):
                alias = prints.get(desk.workspace.people.fingerprint(identity))
                if alias is not None:
                    found[alias].add(identity)
        except OmbudError as error:
            unread.append((collection.address, str(error)))
    return dict(found), unread


def _identities(desk: Desk, spec: SourceSpec, collection: Collection, open: Open) -> Iterator[Identity]:
    if collection.exemption is not None or collection.on_erase == "keep":
        return
    with closing(open(spec, desk.base)) as source:
        for column, kind in collection.identities.items():
            read = (_identity(kind, value) for value in source.identities(collection, column))
            yield from (one for one in read if one is not None)


def _identity(kind: str, value: str) -> Identity | None:
    """An identity as it stands in the data; None for what can be nobody's, since no request could have named it."""
    try:
        return Identity(kind, value)
    except Misused:
        return None


def _again(desk: Desk, case: Case, found: Found, progress: Progress | None) -> tuple[Outcome, ...]:
    """Erase somebody again; what their own case decided to keep is kept again."""
    data_map = kept_by_decision(desk.data_map, case, desk.today)
    outcomes = erase_everywhere(data_map, found.selection, away=found.away, progress=progress)
    return more_to_come(verified(data_map, found.selection, outcomes), found.incomplete)


_WORST = (State.NOTHING, State.ERASED, State.KEPT, State.FAILED)


def _added(one: Outcome, other: Outcome) -> Outcome:
    """Two people's outcomes in one place, added; of the states, the one that claims less."""
    worse = max(one, other, key=lambda outcome: _WORST.index(outcome.state))
    return evolve(
        worse, found=one.found + other.found, erased=one.erased + other.erased, masked=one.masked + other.masked,
        kept=one.kept + other.kept, left=one.left + other.left,
        files=tuple(dict.fromkeys((*one.files, *other.files))),
        not_covered=tuple(dict.fromkeys((*one.not_covered, *other.not_covered))),
    )  # fmt: skip
