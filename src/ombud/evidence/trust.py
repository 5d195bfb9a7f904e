"""Which entries of a prefix of the log may be believed: keyring and revocations, folded from the entries themselves.

The fold walks `key` and `revocation` statements in the order of the log. A revocation ("mistaken", "key compromised")
takes entries away for the whole prefix, also from before; where it takes away key statements or other revocations,
everything that stood on them is settled again, the newest revocation first. So a thief's revocations end when the
theft is revoked, and nothing can take away its own ground.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

from attrs import Factory, define, frozen

from ombud.evidence.entry import Entry, Examined
from ombud.evidence.errors import Refused
from ombud.evidence.instants import is_instant
from ombud.evidence.keyring import Keyring

STRUCTURAL: Final = frozenset(("key", "revocation"))
"""Kinds that decide about other entries."""


class Standing(StrEnum):
    """Whether an entry may be believed, and if not, why."""

    TRUSTED = "trusted"
    UNREADABLE = "its bytes are not a statement of its kind"
    UNKNOWN_KIND = "of a kind that this version does not know; kept and counted"
    REPLAYED = "repeats an earlier entry"
    UNKNOWN_KEY = "signed with a key that is not in the keyring"
    FOREIGN_SIGNATURE = "the signature was not made with the key it names"
    KEY_NOT_VALID = "the key was not valid at this position"
    NOT_GRANTED = "the key may not sign this kind"
    REFUSED = "a key statement that makes no sense here"
    MISTAKEN = "revoked: mistaken"
    COMPROMISED = "revoked: key compromised"


_GONE: Final = {"mistaken": Standing.MISTAKEN, "key compromised": Standing.COMPROMISED}


@frozen
class Trust:
    """What the fold found.

    Attributes:
        keyring: the keys at the end of the prefix.
        dead: what was revoked as mistaken or because a key was compromised.
        withdrawn: entries withdrawn, and the instant from which.
        refused: key statements that make no sense where they stand, with the reason.
    """

    keyring: Keyring
    dead: "_Dead"
    withdrawn: Mapping[int, str]
    refused: Mapping[int, str]

    def standing(self, entry: Entry, seen: Examined) -> Standing:
        """Whether an entry may be believed (replays are told by the log)."""
        if seen.signed is False:
            return Standing.FOREIGN_SIGNATURE
        if seen.kind != "unreadable" and not seen.known:
            return Standing.UNKNOWN_KIND
        if seen.problem is not None:
            return Standing.UNREADABLE
        return self.dead.why(entry) or self._by_key(entry, seen)

    def _by_key(self, entry: Entry, seen: Examined) -> Standing:
        known = self.keyring.keys.get(entry.envelope.key_id)
        if known is None or seen.signed is None:
            return Standing.UNKNOWN_KEY
        span = known.at(entry.index)
        if span is None:
            return Standing.KEY_NOT_VALID
        if not span.may(seen.kind):
            return Standing.NOT_GRANTED
        return Standing.REFUSED if entry.index in self.refused else Standing.TRUSTED


def deciding(entries: Iterable[tuple[Entry, Examined]]) -> dict[int, Entry]:
    """The entries that decide about others, by position: whole `key` and `revocation` statements, well signed."""
    return {
        entry.index: entry
        for entry, seen in entries
        if seen.kind in STRUCTURAL and seen.known and seen.signed and not seen.problem
    }


def settle(deciding: Mapping[int, Entry], place: Callable[[str], int | None], root: str) -> Trust:
    """Fold the keyring and the revocations of a prefix of the log.

    Args:
        deciding: the entries that decide, by position, in the order of the log, without replays.
        place: position of the first entry with a digest; None if the prefix has none.
        root: id of the pinned root key.
    """
    fold = _Fold(root, deciding, place)
    for index in deciding:
        fold.take(index)
    return fold.result()


@frozen
class _Targets:
    """What one revoking statement takes away.

    Attributes:
        entries: positions of entries.
        key: a key id, or None.
        since: first position from which nothing that key signed counts.
    """

    standing: Standing
    entries: tuple[int, ...] = ()
    key: str | None = None
    since: int = 0


@define
class _Dead:
    """What revocations have taken away so far."""

    entries: dict[int, Standing] = Factory(dict)
    keys: dict[str, tuple[int, int, Standing]] = Factory(dict)

    def has(self, entry: Entry) -> bool:
        return self.why(entry) is not None

    def why(self, entry: Entry) -> Standing | None:
        since, before, standing = self.keys.get(entry.envelope.key_id, (0, 0, Standing.TRUSTED))
        if since <= entry.index < before:
            return standing
        return self.entries.get(entry.index)


class _Fold:
    def __init__(self, root: str, entries: Mapping[int, Entry], place: Callable[[str], int | None]) -> None:
        self.root, self.entries, self._place = root, entries, place
        self.dead, self.acts = _Dead(), list[int]()
        self.ring, self.refused = Keyring.rooted(root), dict[int, str]()

    def take(self, index: int) -> None:
        """Take one deciding entry into account."""
        if not self._allowed(self.ring, index, self.dead):
            return
        if self.entries[index].statement.kind == "key":
            self.ring = self._turned(self.ring, index)
        targets = self._targets(index, self.ring)
        if targets is not None:
            self.acts.append(index)
            if self._strike(index, targets, self.dead):
                self._settle_again(index)

    def result(self) -> Trust:
        return Trust(self.ring, self.dead, self._withdrawn(), self.refused)

    def _allowed(self, ring: Keyring, index: int, dead: _Dead) -> bool:
        entry = self.entries[index]
        return not dead.has(entry) and ring.may(entry.envelope.key_id, entry.statement.kind, index)

    def _turned(self, ring: Keyring, index: int) -> Keyring:
        """The keyring after a key statement; the same one, with a remark, if the statement makes no sense."""
        entry = self.entries[index]
        try:
            return ring.with_statement(index, entry.envelope.key_id, entry.statement.predicate)
        except Refused as refusal:
            self.refused[index] = refusal.problem
            return ring

    def _targets(self, index: int, ring: Keyring) -> _Targets | None:
        """What a statement takes away; None if it takes nothing."""
        statement = self.entries[index].statement
        standing = _GONE.get(str(statement.predicate.get("reason")))
        if standing is None or index in self.refused:
            return None
        if statement.kind == "revocation":
            return _Targets(standing, self._named(index, ring))
        key, since = str(statement.predicate.get("key_id")), statement.predicate.get("from_index") or 0
        if statement.predicate.get("action") != "revoke" or key == self.root or not isinstance(since, int):
            return None
        return _Targets(standing, key=key, since=since)

    def _named(self, index: int, ring: Keyring) -> tuple[int, ...]:
        """The earlier entries that a revocation names; only who may sign keys touches what decides."""
        entry = self.entries[index]
        names = entry.statement.predicate.get("entries")
        found = [self._place(str(name)) for name in names] if isinstance(names, list) else []
        keys_too = ring.may(entry.envelope.key_id, "key", index)
        return tuple(i for i in found if i is not None and 0 < i < index and (keys_too or i not in self.entries))

    def _strike(self, index: int, targets: _Targets, dead: _Dead) -> bool:
        """Take targets away; whether anything that decides may be among them."""
        dead.entries.update(dict.fromkeys(targets.entries, targets.standing))
        if targets.key is not None:
            dead.keys[targets.key] = (targets.since, index, targets.standing)
        return targets.key is not None or not self.entries.keys().isdisjoint(targets.entries)

    def _settle_again(self, end: int) -> None:
        """Settle the prefix up to `end` again: newest revocation first, each only if its own ground still stands."""
        dead, kept = _Dead(), list[int]()
        ring = self._ring(end, dead)
        for act in reversed(self.acts):
            targets = self._targets(act, ring)
            if targets is None or (act != end and not self._allowed(ring, act, dead)):
                continue
            kept.append(act)
            if self._strike(act, targets, dead):
                ring = self._ring(end, dead)
        self.dead, self.acts, self.ring = dead, kept[::-1], ring

    def _ring(self, end: int, dead: _Dead) -> Keyring:
        """The keyring of the prefix up to `end` without what is dead."""
        ring = Keyring.rooted(self.root)
        self.refused = {}
        for index in self.entries:
            if index <= end and self.entries[index].statement.kind == "key" and self._allowed(ring, index, dead):
                ring = self._turned(ring, index)
        return ring

    def _withdrawn(self) -> dict[int, str]:
        """Entries that are withdrawn, each from the earliest instant that a believed statement names."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for index in self.entries:
            statement = self.entries[index].statement
            if statement.kind == "revocation" and statement.predicate.get("reason") == "withdrawn":
                for target in self._named(index, self.ring) if self._allowed(self.ring, index, self.dead) else ():
                    found[target].append(_from(self.entries[index]))
        return {index: min(instants) for index, instants in found.items()}


def _from(entry: Entry) -> str:
    """The instant that a withdrawal names; without one, that of its receipt."""
    named = entry.statement.predicate.get("from")
    return named if isinstance(named, str) and is_instant(named) else entry.received_at


def replays(entries: Iterable[Entry]) -> frozenset[int]:
    """Indexes of the entries whose envelope stands in the log already."""
    seen: set[str] = set()
    found: set[int] = set()
    for entry in entries:
        if entry.digest in seen:
            found.add(entry.index)
        seen.add(entry.digest)
    return frozenset(found)
