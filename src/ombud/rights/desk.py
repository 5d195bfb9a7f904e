"""What whoever carries out requests works with: workspace, map, key, organisation; and the reading of a case."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from ombud.cases import Case, step, the_case
from ombud.errors import Misused, NotFound
from ombud.rights.map.model import Collection, DataMap, Exemption, SourceSpec
from ombud.rights.request import REQUESTS
from ombud.rights.sources.manual import for_case
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match, Selection, Source
from ombud.rights.walk import Found
from ombud.store.identity import form_of
from ombud.store.workspace import Workspace
from ombud.system.organisation import Organisation

Open = Callable[[SourceSpec, Path], Source]

FOUND = "found"
"""The note of a case that holds what the search came to."""


@frozen(eq=False)
class Desk:
    """A desk at which requests are carried out.

    Attributes:
        workspace: log, keys, clock, people.
        data_map: where people are, its keys and references complete.
        holder: whose key signs the steps.
        organisation: whose desk it is; None: no manifest stands beside the map.
    """

    workspace: Workspace
    data_map: DataMap
    holder: str
    organisation: Organisation | None = None

    @property
    def today(self) -> date:
        """The day by the workspace's clock (UTC)."""
        return datetime.fromisoformat(self.workspace.now()).date()

    def case(self, number: str) -> Case:
        """A request by its number.

        Raises:
            NotFound: there is none.
        """
        return the_case(self.workspace.ledger.log(), REQUESTS, number)

    def step(self, case: Case, event: str, **details: Any) -> Case:
        """Take a step in a request; the request after it."""
        return step(self.workspace, REQUESTS, case.id, event, details, self.holder)

    def note(self, case: Case, name: str, content: Any) -> None:
        """Keep a private note of a case, as JSON."""
        self.workspace.people.keep(case.id, name, json.dumps(content, ensure_ascii=False))

    def noted(self, case: Case, name: str) -> Any:
        """A private note of a case; None if there is none."""
        kept = self.workspace.people.kept(case.id).get(name)
        return None if kept is None else json.loads(kept)

    def found(self, case: Case) -> Found:
        """What the search for the person of a case came to.

        Raises:
            Misused: nobody has searched, or not with this map.
        """
        note = self.noted(case, FOUND)
        if note is None:
            raise Misused(f"{case.id}: nobody has searched for the person yet", f"Run: ombud rights find {case.id}")
        found = Found.from_json(note)
        if found.map != self.data_map.digest:
            raise Misused(
                f"{case.id}: the map of data has changed since the search", f"Search again: ombud rights find {case.id}"
            )
        return found

    def alias(self, case: Case) -> str:
        """The person of a case.

        Raises:
            NotFound: the case is about nobody.
        """
        if case.alias is None:
            raise NotFound("the person", case.id, "This case is about nobody in particular.")
        return case.alias

    @property
    def base(self) -> Path:
        """Where relative addresses of the map start."""
        return self.data_map.path.parent

    def opener(self, case: Case) -> Open:
        """Opens sources for a case, so that places where people do the steps know which case it is."""
        return lambda spec, base: for_case(open_source(spec, base), self.workspace, case.id)


BY_HAND: Final = ("manual", "mail")
"""Kinds of sources in which people do the steps."""


def with_steps_by_hand(data_map: DataMap, found: Found) -> tuple[Selection, Mapping[str, str]]:
    """What is acted on, and which sources are away: whoever does steps by hand is told who it is, and is never away."""
    by_hand = {spec.name: spec for spec in data_map.sources if spec.kind in BY_HAND}
    theirs = {
        one.address: matches
        for spec in by_hand.values()
        for one in spec.collections
        if (matches := tuple(_by_identity(one, found)))
    }
    away = {name: why for name, why in found.away.items() if name not in by_hand}
    return {**found.selection, **theirs}, away


def _by_identity(collection: Collection, found: Found) -> Iterator[Match]:
    for column, kind in collection.identities.items():
        values: Any = [(one.value,) for one in found.identities if one.kind == kind]
        if values:
            yield Match((column,), values, form_of(kind))


def kept_by_decision(data_map: DataMap, case: Case, today: date) -> DataMap:
    """The map with what the review of a case decided to keep, and without exemptions whose last day is over."""
    review = case.last("reviewed")
    rows = list(review.details.get("kept") or ()) if review else []
    grounds = {str(row["collection"]): row for row in rows if row.get("collection") and row.get("ground")}
    sources = tuple(
        evolve(spec, collections=tuple(_kept(one, grounds.get(one.address), today) for one in spec.collections))
        for spec in data_map.sources
    )
    return evolve(data_map, sources=sources)


def _kept(collection: Collection, row: Any, today: date) -> Collection:
    if row is not None:
        until = date.fromisoformat(row["until"]) if row.get("until") else None
        collection = evolve(collection, exemption=Exemption(ground=str(row["ground"]), until=until))
    held = collection.exemption
    over = held is not None and not held.hold and held.until is not None and held.until < today
    return evolve(collection, exemption=None) if over else collection


def granted(case: Case) -> tuple[str, ...]:
    """The laws under which a request was granted, wholly or partly; all of them where nothing had to be decided."""
    review = case.last("reviewed")
    if review is None:
        return tuple(case.opened["laws"])
    return tuple(str(row["law"]) for row in review.details["decisions"] if row.get("decision") != "refuse")


def recipients(data_map: DataMap, case: Case) -> Iterator[str]:
    """Who was given data of the person, by the map: to be told of an erasure, correction or restriction (Art. 19)."""
    search = case.last("found")
    rows = (search.details.get("found") or ()) if search else ()
    places = {str(row.get("collection")) for row in rows if row.get("rows")}
    named = (name for one in data_map.collections if one.address in places for name in one.recipients)
    yield from dict.fromkeys(named)
