"""The keyring: who may sign what, at each position of the log.

It begins with one root key, named from outside, and follows the `key` statements in the log. A key is valid by
position, never by clock; it belongs to one person or machine; what it signed while valid stays signed after it is
rotated or retired.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from ombud.errors import Misused
from ombud.evidence.entry import Signer
from ombud.evidence.errors import Refused
from ombud.evidence.keys import PUBLIC_BYTES, key_id
from ombud.evidence.kinds import DECISIONS, GRANTS, KEY_ACTIONS, REVOCATION_REASONS, ROOT

_KEY: Final = "key"


@frozen
class Span:
    """A stretch of the log in which a key may sign.

    Attributes:
        after: index of the statement that gave the right; -1 for the root key.
        until: index of the statement that ended it; None while it lasts.
    """

    after: int
    until: int | None
    roles: frozenset[str]
    grants: frozenset[str]

    def covers(self, index: int) -> bool:
        """Whether an entry at this position falls into the stretch."""
        return self.after < index and (self.until is None or index <= self.until)

    def may(self, kind: str) -> bool:
        """Whether the key may sign this kind; a machine's key never decides, whatever it was granted."""
        return kind in self.grants and not ("ci" in self.roles and kind in DECISIONS)


@frozen
class Key:
    """A public key, its one holder, and when it may sign.

    Attributes:
        ended: how it ended, if it did: "rotated", "retired", or "revoked: " and the reason.
    """

    key_id: str
    public: bytes = field(repr=False)
    holder: str
    spans: tuple[Span, ...]
    ended: str | None = None

    @property
    def now(self) -> Span | None:
        """The stretch that still lasts."""
        return self.spans[-1] if self.spans and self.spans[-1].until is None else None

    def at(self, index: int) -> Span | None:
        """The stretch that covers a position."""
        return next((span for span in reversed(self.spans) if span.covers(index)), None)

    def end(self, index: int, how: str) -> "Key":
        """The key, not valid after this position."""
        spans = tuple(evolve(span, until=index) if span.until is None else span for span in self.spans)
        return evolve(self, spans=spans, ended=how)

    def begin(self, index: int, roles: frozenset[str], grants: frozenset[str]) -> "Key":
        """The key with (other) rights after this position."""
        spans = tuple(evolve(span, until=index) if span.until is None else span for span in self.spans)
        return evolve(self, spans=(*spans, Span(index, None, roles, grants)), ended=None)


@frozen
class Keyring:
    """All keys of a log, at the end of a prefix of it."""

    keys: Mapping[str, Key]

    @classmethod
    def rooted(cls, root: str) -> "Keyring":
        """The keyring of an empty log: the root key alone, which may sign keys and revocations."""
        span = Span(-1, None, frozenset((ROOT,)), GRANTS[ROOT])
        return cls({root: Key(root, b"", ROOT, (span,))})

    def signer(self, key: str, index: int) -> Signer | None:
        """Who signed with this key at a position; None if the key was not valid there."""
        known = self.keys.get(key)
        span = known.at(index) if known else None
        return Signer(known.holder, key, span.roles) if known and span else None

    def may(self, key: str, kind: str, index: int) -> bool:
        """Whether this key may sign this kind (or `CHECKPOINT`) at a position."""
        known = self.keys.get(key)
        span = known.at(index) if known else None
        return span is not None and span.may(kind)

    def held_by(self, person: str) -> tuple[Key, ...]:
        """The keys with which a person may sign now."""
        return tuple(key for key in self.keys.values() if key.holder == person and key.now)

    def with_statement(self, index: int, by: str, predicate: Mapping[str, Any]) -> "Keyring":
        """The keyring after a `key` statement.

        Args:
            index: its position.
            by: the key id that signed it.
            predicate: what it says.

        Raises:
            Refused: it makes no sense here; the keyring stays as it was.
        """
        action, key = predicate.get("action"), self._change(index, predicate)
        author = self.signer(by, index)
        by_root = author is not None and author.person == ROOT
        if not by_root and (key.holder == ROOT or (key.now is not None and _KEY in key.now.grants)):
            raise Refused("only the root key speaks about the root key, and about keys that may add keys")
        keys = {**self.keys, key.key_id: key}
        if action == "rotate":
            old = str(predicate["replaces"])
            keys[old] = self.keys[old].end(index, "rotated")
        return Keyring(keys)

    def _change(self, index: int, predicate: Mapping[str, Any]) -> Key:
        match predicate.get("action"):
            case "add":
                return self._added(index, predicate)
            case "rotate":
                return self._rotated(index, predicate)
            case "retire":
                return self._known(predicate).end(index, "retired")
            case "revoke":
                return self._known(predicate).end(index, f"revoked: {_reason(predicate)}")
        raise Refused(f"a key statement's action is one of {', '.join(KEY_ACTIONS)}")

    def _added(self, index: int, predicate: Mapping[str, Any]) -> Key:
        public, holder = _public(predicate), predicate.get("holder")
        if not isinstance(holder, str) or not holder.strip():
            raise Refused("a key needs a holder: the one person or machine it belongs to")
        known = self.keys.get(key_id(public))
        if known and known.holder != holder:
            raise Refused(f"one key under two names: {known.key_id[:16]} belongs to {known.holder}, not to {holder}")
        if known and (known.ended or "").startswith("revoked"):
            raise Refused(f"key {known.key_id[:16]} was revoked and cannot come back", "Make a new key.")
        key = known or Key(key_id(public), public, holder, ())
        roles, grants = _texts(predicate, "roles"), _texts(predicate, "grants")
        return evolve(
            key.begin(index, roles, grants | (GRANTS[ROOT] if holder == ROOT else frozenset())), public=public
        )

    def _rotated(self, index: int, predicate: Mapping[str, Any]) -> Key:
        old = self.keys.get(str(predicate.get("replaces")))
        if old is None or old.now is None:
            raise Refused("the key to be replaced is not one that may sign now")
        if predicate.get("key_id") in self.keys:
            raise Refused(f"key {str(predicate.get('key_id'))[:16]} is known already; a rotation brings a new one")
        same = {"roles": sorted(old.now.roles), "grants": sorted(old.now.grants), "holder": old.holder}
        new = self._added(index, {**same, **predicate})
        if new.holder != old.holder:
            raise Refused(f"a rotated key stays with its holder {old.holder}")
        return new

    def _known(self, predicate: Mapping[str, Any]) -> Key:
        key = self.keys.get(str(predicate.get("key_id")))
        if key is None:
            raise Refused(f"there is no key {str(predicate.get('key_id'))[:16]} to {predicate.get('action')}")
        return key


def shown_key(predicate: Mapping[str, Any]) -> bytes | None:
    """The public key that a `key` statement shows, if it shows one that fits its id."""
    try:
        return _public(predicate)
    except Refused:
        return None


def _public(predicate: Mapping[str, Any]) -> bytes:
    try:
        public = bytes.fromhex(predicate["public"])
    except (KeyError, TypeError, ValueError):
        raise Refused("a key statement shows the public key as 64 hexadecimal digits") from None
    if len(public) != PUBLIC_BYTES or key_id(public) != predicate.get("key_id"):
        raise Refused("the key id is not the SHA-256 of the public key")
    return public


def _texts(predicate: Mapping[str, Any], name: str) -> frozenset[str]:
    value = predicate.get(name, [])
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise Refused(f"{name} of a key is a list of words")
    return frozenset(value)


def _reason(predicate: Mapping[str, Any]) -> str:
    reason = predicate.get("reason")
    if reason not in REVOCATION_REASONS:
        raise Refused(f"a key is revoked as one of {', '.join(REVOCATION_REASONS)}")
    return str(reason)


def key_statement(action: str, key: str, holder: str, *, public: bytes | None = None, **more: Any) -> dict[str, Any]:
    """The predicate of a `key` statement, without the members all statements have.

    Raises:
        Misused: an action that there is not.
    """
    if action not in KEY_ACTIONS:
        raise Misused(f"{action!r} is nothing one does with a key; it is one of {', '.join(KEY_ACTIONS)}")
    shown = {} if public is None else {"public": public.hex()}
    return {"action": action, "key_id": key, "holder": holder} | shown | more
