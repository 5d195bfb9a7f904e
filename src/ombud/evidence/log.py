"""The log as it is read: an immutable prefix of entries, with keyring and revocations folded in."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import accumulate

from attrs import Factory, field, frozen

from ombud.evidence.entry import Entry, Examined, examine
from ombud.evidence.instants import instant
from ombud.evidence.keyring import Keyring, shown_key
from ombud.evidence.keys import key_id
from ombud.evidence.tree import root_of
from ombud.evidence.trust import Standing, Trust, deciding, replays, settle

Examiner = Callable[[Sequence[Entry], Mapping[str, bytes]], Sequence[Examined]]
"""Reads statements and verifies signatures, given the public keys by id; it may spread the work."""


class _Examination:
    """Entries examined once, whatever prefix of them is asked about."""

    def __init__(self, entries: Sequence[Entry], examiner: Examiner, before: Sequence[Examined] = ()) -> None:
        self.entries, self.examiner, self._before = entries, examiner, before
        self.done: tuple[Examined, ...] | None = None

    @property
    def seen(self) -> tuple[Examined, ...]:
        """What was found about each entry."""
        if self.done is None:
            self.done = tuple(self._examine())
        return self.done

    @property
    def so_far(self) -> Sequence[Examined]:
        """What is known without doing anything."""
        return self._before if self.done is None else self.done

    def _examine(self) -> list[Examined]:
        publics = self._publics()
        found = [*self._before, *self.examiner(self.entries[len(self._before) :], publics)]
        lacking = [i for i, seen in enumerate(self._before) if seen.signed is None]
        again = examine([self.entries[i] for i in lacking], publics)
        for i, seen in zip(lacking, again, strict=True):
            found[i] = seen
        return found

    def _publics(self) -> Mapping[str, bytes]:
        """Every public key that any key statement shows; whether it counts is for the keyring to say."""
        found: dict[str, bytes] = {}
        for entry in self.entries:
            if b'"https://ombud.dev/key/v1"' in entry.envelope.payload:
                public = shown_key(entry.statement.predicate)
                found.update({} if public is None else {key_id(public): public})
        return found


@frozen(eq=False)
class Log:
    """A prefix of the ledger.

    Attributes:
        entries: all entries, also those that may not be believed.
        root_key: id of the root key that the keyring starts from; pinned by the reader, never taken from the log.
        examiner: how statements are read and signatures verified; by default one after the other.
    """

    entries: tuple[Entry, ...]
    root_key: str
    examiner: Examiner = field(default=examine, repr=False)
    _examination: _Examination = field(
        repr=False, default=Factory(lambda self: _Examination(self.entries, self.examiner), takes_self=True)
    )

    @classmethod
    def examined_already(
        cls, entries: tuple[Entry, ...], root_key: str, examiner: Examiner, seen: Sequence[Examined]
    ) -> "Log":
        """A log whose entries the caller has just examined, all of them, with the keys that it knew of."""
        return cls(entries, root_key, examiner, _Examination(entries, examiner, seen))

    def until(self, known_at: str | date | datetime) -> "Log":
        """The prefix received by an instant; for a bare date, by its end in UTC."""
        return self.first(bisect_right(self._received, instant(known_at)))

    def first(self, size: int) -> "Log":
        """The prefix of so many entries."""
        if size >= len(self.entries):
            return self
        return Log(self.entries[:size], self.root_key, self.examiner, self._examination)

    def extended(self, entries: Sequence[Entry]) -> "Log":
        """The log with more entries at its end; what was examined is not examined again."""
        before = self._examination.so_far[: len(self.entries)]
        longer = (*self.entries, *entries)
        return Log(longer, self.root_key, self.examiner, _Examination(longer, self.examiner, before))

    def trusted(self, kind: str | None = None) -> tuple[Entry, ...]:
        """The entries that may be believed, each with its signer and, if so, since when it is withdrawn.

        Args:
            kind: only statements of this kind.
        """
        return self._trusted if kind is None else self._by_kind.get(kind, ())

    def standing(self, index: int) -> Standing:
        """Whether an entry may be believed, and if not, why."""
        return self.standings[index]

    def why_refused(self, index: int) -> str | None:
        """The particular reason why a key statement makes no sense, where there is one."""
        return self.trust.refused.get(index)

    @property
    def keyring(self) -> Keyring:
        """The keys at the end of this prefix."""
        return self.trust.keyring

    @cached_property
    def examined(self) -> tuple[Examined, ...]:
        """Kind, problem and signature of each entry."""
        return self._examination.seen[: len(self.entries)]

    @cached_property
    def trust(self) -> Trust:
        """Keyring and revocations, folded."""
        return settle(self._deciding, self._places.get, self.root_key)

    def standing_on_receipt(self, index: int) -> Standing:
        """Whether an entry could be believed when it came in, whatever was revoked since."""
        entry, before = self.entries[index], {i: e for i, e in self._deciding.items() if i <= index}
        if index in self._replayed:
            return Standing.REPLAYED
        return settle(before, self._places.get, self.root_key).standing(entry, self.examined[index])

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """How many statements of each kind there are, believed or not."""
        return Counter(seen.kind for seen in self.examined)

    @cached_property
    def root(self) -> bytes:
        """Root hash of the tree over these entries."""
        return root_of(entry.leaf_hash for entry in self.entries)

    @cached_property
    def _received(self) -> list[str]:
        """When each entry had been received; never falling, even in a log that was tampered with."""
        return list(accumulate((entry.received_at for entry in self.entries), max))

    @cached_property
    def _deciding(self) -> Mapping[int, Entry]:
        pairs = zip(self.entries, self.examined, strict=True)
        return deciding(pair for pair in pairs if pair[0].index not in self._replayed)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """Position of each digest; only built where a revocation asks for it."""
        asked = any(entry.statement.kind == "revocation" for entry in self._deciding.values())
        return {entry.digest: entry.index for entry in reversed(self.entries)} if asked else {}

    @cached_property
    def _replayed(self) -> frozenset[int]:
        return replays(self.entries)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The standing of every entry."""
        pairs = zip(self.entries, self.examined, strict=True)
        return tuple(
            Standing.REPLAYED if entry.index in self._replayed else self.trust.standing(entry, seen)
            for entry, seen in pairs
        )

    @cached_property
    def _trusted(self) -> tuple[Entry, ...]:
        pairs = zip(self.entries, self.standings, strict=True)
        return tuple(self._attributed(entry) for entry, standing in pairs if standing is Standing.TRUSTED)

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._trusted:
            found.setdefault(self.examined[entry.index].kind, []).append(entry)
        return {kind: tuple(entries) for kind, entries in found.items()}

    def _attributed(self, entry: Entry) -> Entry:
        signer = self.trust.keyring.signer(entry.envelope.key_id, entry.index)
        assert signer is not None
        return entry.by(signer, self.trust.withdrawn.get(entry.index))
