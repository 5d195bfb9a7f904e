"""What the ledger takes: whole statements, well signed, by keys that may sign them, and each only once."""

from collections.abc import Callable, Mapping

from attrs import define

from ombud.evidence.entry import Entry
from ombud.evidence.errors import Refused
from ombud.evidence.keyring import shown_key
from ombud.evidence.keys import PublicKey, key_id
from ombud.evidence.kinds import ROOT
from ombud.evidence.trust import STRUCTURAL, Trust, settle

Place = Callable[[str], int | None]


@define
class Intake:
    """The ledger's doorkeeper: the keyring as it stands, entry by entry.

    Attributes:
        root_key: id of the pinned root key.
        deciding: `key` and `revocation` entries by position, in order.
        place: position of an entry by its digest, before the batch.
    """

    root_key: str
    deciding: dict[int, Entry]
    place: Place
    trust: Trust
    publics: dict[str, PublicKey]

    @classmethod
    def after(cls, root_key: str, deciding: Mapping[int, Entry], place: Place) -> "Intake":
        """The doorkeeper of a log with these deciding entries, all well signed."""
        shown = [shown_key(entry.statement.predicate) for entry in deciding.values()]
        publics = {key_id(raw): PublicKey(raw) for raw in shown if raw is not None}
        return cls(root_key, dict(deciding), place, settle(deciding, place, root_key), publics)

    def check(self, entry: Entry) -> None:
        """Let an entry in, or say why not; what it changes in the keyring holds for the next one.

        Raises:
            Refused: the entry, if it came in, would not be believed.
        """
        statement, name = entry.statement, entry.envelope.key_id
        if entry.problem or not statement.known:
            raise Refused(f"statement of kind {statement.kind!r}: {entry.problem or 'this version does not know it'}")
        self._check_signature(entry)
        if not self.trust.keyring.may(name, statement.kind, entry.index):
            raise Refused(self._why_not(name, statement.kind, entry.index))
        if statement.kind in STRUCTURAL:
            self._decide(entry)

    def _check_signature(self, entry: Entry) -> None:
        name, shown = entry.envelope.key_id, shown_key(entry.statement.predicate)
        if entry.index == 0 and shown is not None and key_id(shown) == self.root_key:
            self.publics[self.root_key] = PublicKey(shown)
        public = self.publics.get(name)
        if public is None:
            raise Refused(f"key {name[:16]} is not in the keyring")
        if not entry.envelope.made_here and not entry.envelope.verify(public):
            raise Refused(f"the signature was not made with key {name[:16]}, which it names")

    def _decide(self, entry: Entry) -> None:
        longer = {**self.deciding, entry.index: entry}
        trust = settle(longer, self.place, self.root_key)
        if entry.index in trust.refused:
            raise Refused(trust.refused[entry.index])
        self.deciding, self.trust = longer, trust
        public = shown_key(entry.statement.predicate)
        if public is not None:
            self.publics[key_id(public)] = PublicKey(public)

    def _why_not(self, name: str, kind: str, index: int) -> str:
        signer = self.trust.keyring.signer(name, index)
        if signer is None:
            known = self.trust.keyring.keys.get(name)
            how = known.ended or "revoked" if known else "not in the keyring"
            return f"key {name[:16]}{f' of {known.holder}' if known else ''} may not sign any more: {how}"
        if signer.person == ROOT:
            return f"the root key signs keys and revocations only, not {kind}"
        return f"{signer.person} may not sign {kind} statements (roles: {', '.join(sorted(signer.roles)) or 'none'})"
