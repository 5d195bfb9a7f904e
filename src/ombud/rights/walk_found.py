"""What a search for a person came to: their rows, how each identity was reached, and what is left to a person."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from ombud.errors import Misused
from ombud.rights.map.model import DataMap
from ombud.rights.sources.matching import canonical
from ombud.rights.sources.source import Match, Selection, Value
from ombud.store.identity import Identity


def _frozen(selection: Selection) -> Selection:
    return MappingProxyType(dict(selection))


@frozen
class Bounds:
    """How far a search goes. Where one of them ends it, the answer says so.

    Attributes:
        rows: of one collection; identities: of the person; values: in one question; rounds: steps from what was given.
    """

    rows: int = 100_000
    identities: int = 1_000
    values: int = 10_000
    rounds: int = 200


@frozen
class Reached:
    """An identity of the person.

    Attributes:
        identity: what they are known by.
        how: the kind it began with, then collections and kinds by turns; a given one is its own kind alone.
    """

    identity: Identity
    how: tuple[str, ...]

    @property
    def given(self) -> bool:
        """Whether the search began with it."""
        return len(self.how) == 1


@frozen(kw_only=True)
class Ambiguity:
    """Identities that may be the person's or somebody else's. They were not followed; a person decides.

    To follow one, search again with it among the identities; to leave it out, with it among the rejected ones.

    Attributes:
        kind: of the identities; identities: those in question.
        rows: collection → rows that carry one of them, and are not among the person's until somebody decides.
        because: one sentence, without personal data.
    """

    kind: str
    identities: tuple[Identity, ...] = field(repr=False)
    rows: Mapping[str, int]
    because: str


@frozen(kw_only=True)
class Found:
    """The person's rows.

    Attributes:
        selection: address of a collection → matches; only of collections with personal data that hold some.
        counts: address → the person's rows; every collection with personal data that was searched is in it.
        reached: identities of the person, given ones first.
        ambiguities: what a person has to decide.
        incomplete: why more may be there than was found.
        away: source → why it could not be searched to the end.
        map: digest of the map.
    """

    selection: Selection = field(repr=False, converter=_frozen)
    counts: Mapping[str, int]
    reached: tuple[Reached, ...]
    ambiguities: tuple[Ambiguity, ...] = ()
    incomplete: tuple[str, ...] = ()
    away: Mapping[str, str] = field(factory=dict)
    map: str = ""

    @property
    def complete(self) -> bool:
        """Whether all that the map leads to was searched, and nobody has anything to decide."""
        return not (self.incomplete or self.away or self.ambiguities)

    @property
    def identities(self) -> tuple[Identity, ...]:
        """What the person is known by."""
        return tuple(one.identity for one in self.reached)

    @property
    def rows(self) -> int:
        """The person's rows in all collections."""
        return sum(self.counts.values())

    def to_json(self) -> dict[str, Any]:
        """For the private notes of a case: it holds personal data."""
        return {
            "selection": {address: [_match(one) for one in matches] for address, matches in self.selection.items()},
            "counts": dict(self.counts),
            "reached": [{**_identity(one.identity), "how": list(one.how)} for one in self.reached],
            "ambiguities": [
                {"kind": one.kind, "identities": [_identity(each) for each in one.identities],
                 "rows": dict(one.rows), "because": one.because}
                for one in self.ambiguities
            ],
            "incomplete": list(self.incomplete),
            "away": dict(self.away),
            "map": self.map,
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Found":
        """Read what `to_json` wrote.

        Raises:
            Misused: it is something else.
        """
        try:
            return cls._read(said)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Misused("the note is no result of a search", "Search again: ombud rights find CASE") from None

    @classmethod
    def _read(cls, said: Mapping[str, Any]) -> "Found":
        return cls(
            selection={address: tuple(map(_match_of, matches)) for address, matches in said["selection"].items()},
            counts={str(address): int(count) for address, count in said["counts"].items()},
            reached=tuple(Reached(_identity_of(one), tuple(one["how"])) for one in said["reached"]),
            ambiguities=tuple(
                Ambiguity(
                    kind=one["kind"],
                    identities=tuple(map(_identity_of, one["identities"])),
                    rows=one["rows"],
                    because=one["because"],
                )
                for one in said["ambiguities"]
            ),
            incomplete=tuple(said["incomplete"]),
            away=said["away"],
            map=said["map"],
        )


def _identity(one: Identity) -> dict[str, str]:
    return {"kind": one.kind, "value": one.value}


def _identity_of(said: Mapping[str, str]) -> Identity:
    return Identity(said["kind"], said["value"])


def _match(match: Match) -> dict[str, Any]:
    rows = sorted(match.values, key=lambda row: tuple(canonical(value) or "" for value in row))
    values = [[_value(value) for value in row] for row in rows]
    return {"columns": list(match.columns), "values": values, "form": match.form}


def _match_of(said: Mapping[str, Any]) -> Match:
    values: Any = [tuple(map(_value_of, row)) for row in said["values"]]
    return Match(tuple(said["columns"]), values, said["form"])


_TYPES: Final[Mapping[str, tuple[type, Any, Any]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "decimal": (Decimal, str, Decimal),
    "uuid": (UUID, str, UUID),
    "bytes": (bytes, lambda value: base64.b64encode(value).decode("ascii"), base64.b64decode),
}
"""Types that JSON lacks: name → type, how it is written, how it is read. A datetime is a date, so it comes first."""


def _value(value: Value) -> Any:
    if isinstance(value, (bytearray, memoryview)):
        value = bytes(value)
    for name, (kind, write, _) in _TYPES.items():
        if isinstance(value, kind):
            return {name: write(value)}
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _value_of(said: Any) -> Value:
    if not isinstance(said, dict):
        return said
    ((name, text),) = said.items()
    return _TYPES[name][2](text)


def sorted_identities(identities: Iterable[Identity]) -> tuple[Identity, ...]:
    """Identities in one order, whatever they came in."""
    return tuple(sorted(identities, key=lambda one: (one.kind, one.comparable)))


def check_identities(map: DataMap, given: Sequence[Identity]) -> None:
    """Refuse to search for nobody, or by a kind that the map does not know.

    Raises:
        Misused: which it is.
    """
    if not given:
        raise Misused("there is no identity to search for", "Give one, for example --identity email=a@example.org")
    for identity in given:
        if identity.kind not in map.identities:
            kinds = ", ".join(map.identities) or "none"
            raise Misused(f"the map knows no identity of kind {identity.kind}", f"It knows: {kinds}.")
