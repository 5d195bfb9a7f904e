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

    def may(self, case: Case, event: str, **details: Any) -> None:
        """Ask whether a step may be taken, before anything is done for it that cannot be taken back.

        Raises:
            NotAllowed: it may not; nothing was done.
        """
        problem = case.why_not(event, details) or case.machine.too_much(event, details)
        if problem:
            raise case.refused(problem)

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
        """Opens sources for a case: where people do the steps, they are those of the case; databases learn the day."""
        return lambda spec, base: for_case(open_source(self._dated(spec), base), self.workspace, case.id)

    def _dated(self, spec: SourceSpec) -> SourceSpec:
        """A database is told the day, so that it can say until when backups hold what it erases."""
        return evolve(spec, options={"today": self.today.isoformat(), **spec.options}) if spec.kind == "sql" else spec


BY_HAND: Final = ("manual", "mail")
"""Kinds of sources in which people do the steps."""


def with_steps_by_hand(data_map: DataMap, found: Found) -> tuple[Selection, Mapping[str, str]]:
    """What is acted on, and which sources are away: whoever does steps by hand is told who it is, and is never away.

    They are asked also where the person is known by nothing that they file by: that alone does not say that nothing is
    there. Only their own word does.
    """
    by_hand = {spec.name: spec for spec in data_map.sources if spec.kind in BY_HAND}
    theirs = {
        one.address: matches
        for spec in by_hand.values()
        for one in spec.collections
        if one.personal and (matches := tuple(_by_identity(one, found)) or _unnamed(one, found))
    }
    away = {name: why for name, why in found.away.items() if name not in by_hand}
    return {**found.selection, **theirs}, away


def _by_identity(collection: Collection, found: Found) -> Iterator[Match]:
    for column, kind in collection.identities.items():
        values: Any = [(one.value,) for one in found.identities if one.kind == kind]
        if values:
            yield Match((column,), values, form_of(kind))


def _unnamed(collection: Collection, found: Found) -> tuple[Match, ...]:
    """A question without a value; none where somebody looked and attested that nothing is there."""
    looked = found.counts.get(collection.address) == 0
    return () if looked else (Match((next(iter(collection.identities), "person"),), frozenset()),)


def in_force(data_map: DataMap, today: date) -> DataMap:
    """The map without exemptions whose last day is over; a legal hold has none."""
    return _each(data_map, lambda one: _expired(one, today))


def kept_by_decision(data_map: DataMap, case: Case, today: date) -> DataMap:
    """The map with what the review of a case decided to keep, and without exemptions whose last day is over."""
    review = case.last("reviewed")
    rows = list(review.details.get("kept") or ()) if review else []
    grounds = {str(row["collection"]): row for row in rows if row.get("collection") and row.get("ground")}
    return in_force(_each(data_map, lambda one: _decided(one, grounds.get(one.address))), today)


def _each(data_map: DataMap, change: Callable[[Collection], Collection]) -> DataMap:
    sources = (evolve(spec, collections=tuple(map(change, spec.collections))) for spec in data_map.sources)
    return evolve(data_map, sources=tuple(sources))


def _decided(collection: Collection, row: Any) -> Collection:
    """With the exemption of a review; what the map holds legally beats it."""
    if row is None or (collection.exemption is not None and collection.exemption.hold):
        return collection
    until = date.fromisoformat(row["until"]) if row.get("until") else None
    return evolve(collection, exemption=Exemption(ground=str(row["ground"]), until=until))


def _expired(collection: Collection, today: date) -> Collection:
    held = collection.exemption
    over = held is not None and not held.hold and held.until is not None and held.until < today
    return evolve(collection, exemption=None) if over else collection


def granted(case: Case) -> tuple[str, ...]:
    """The laws under which a request was granted, wholly or partly; all of them where nothing had to be decided."""
    review = case.last("reviewed")
    if review is None:
        return tuple(case.opened["laws"])
    return tuple(str(row["law"]) for row in review.details["decisions"] if row.get("decision") != "refuse")


def rows_found(case: Case) -> Mapping[str, int]:
    """Address → rows of the person, by the search that was acted on and those after it.

    A search after half of the work finds less, and what it does not find any more was there all the same.
    """
    begun = case.last("acting")
    searches = list(case.all("found"))
    before = [one for one in searches if begun is None or one.index < begun.index][-1:]
    after = [one for one in searches if begun is not None and one.index > begun.index]
    counts: dict[str, int] = {}
    for row in (row for one in (*before, *after) for row in one.details.get("found") or ()):
        address = str(row.get("collection"))
        counts[address] = max(counts.get(address, 0), int(row.get("rows") or 0))
    return counts


def recipients(data_map: DataMap, case: Case) -> Iterator[str]:
    """Who was given data of the person, by the map: to be told of an erasure, correction or restriction (Art. 19)."""
    places = {address for address, rows in rows_found(case).items() if rows}
    named = (name for one in data_map.collections if one.address in places for name in one.recipients)
    yield from dict.fromkeys(named)
