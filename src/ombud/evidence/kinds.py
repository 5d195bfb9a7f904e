"""The kinds of statements that the log holds, as data: what each must say, and who may sign it by default."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "declaration": frozenset(("what", "content")),
    "measurement": frozenset(("check", "measurements")),
    "attestation": frozenset(("item", "says")),
    "release": frozenset(("release", "parts")),
    "approval": frozenset(("release",)),
    "waiver": frozenset(("target", "reason", "expires")),
    "justification": frozenset(("check", "measurement", "reason")),
    "revocation": frozenset(("entries", "reason")),
    "key": frozenset(("action", "key_id")),
    "break-glass": frozenset(("release", "reason", "until")),
    "rollback": frozenset(("release", "reason")),
    "review": frozenset(("release", "items")),
    "case": frozenset(("case", "matter", "event")),
    "decisions": frozenset(("count", "root")),
    "explanation": frozenset(("decision", "documents")),
    "alarm": frozenset(("series", "since")),
    "window": frozenset(("about", "rows")),
})  # fmt: skip
"""Every kind this version reads, with the members its predicate must have beside those that all have."""

COMMON: Final = frozenset(("observed_at", "software"))
"""Members of every predicate; also one of `system` (a name) and `organisation` (true)."""

REVOCATION_REASONS: Final = ("mistaken", "key compromised", "withdrawn")
KEY_ACTIONS: Final = ("add", "rotate", "retire", "revoke")

DECISIONS: Final = frozenset(("approval", "waiver", "break-glass", "justification"))
"""What only people do: a key with the role ci is never believed in these, whatever it was granted."""

ROOT: Final = "root"
LOG: Final = "log"
CHECKPOINT: Final = "checkpoint"
"""The grant, no kind of statement, by which a key may sign checkpoints and bundles."""

ROLES: Final = ("ml", "platform", "dpo", "ciso", "legal", "business", "owner", "auditor", "ci", ROOT, LOG)

GRANTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "ml": frozenset(("declaration", "measurement", "release", "review", "decisions", "explanation", "alarm", "window")),
    "ci": frozenset(("declaration", "measurement", "release", "review", "decisions", "alarm", "window")),
    "platform": frozenset((
        "declaration", "measurement", "review", "approval", "justification", "release", "rollback", "break-glass",
        "case", "decisions", "explanation", "alarm", "window",
    )),
    "dpo": frozenset((
        "attestation", "approval", "waiver", "justification", "revocation", "break-glass", "case", "explanation",
    )),
    "ciso": frozenset(("attestation", "approval", "justification", "break-glass", "case")),
    "legal": frozenset(("attestation", "approval", "justification", "case", "explanation")),
    "business": frozenset(("attestation", "approval", "justification", "case", "explanation")),
    "owner": frozenset((
        "declaration", "attestation", "approval", "waiver", "justification", "revocation", "review", "release",
        "rollback", "break-glass", "case", "decisions", "explanation", "alarm", "window",
    )),
    "auditor": frozenset(("attestation",)),
    ROOT: frozenset(("key", "revocation")),
    LOG: frozenset((CHECKPOINT,)),
})  # fmt: skip
"""What a role may sign unless its key statement says otherwise. Who measures may not revoke a measurement."""


def default_grants(roles: Iterable[str]) -> tuple[str, ...]:
    """The kinds that a person with these roles may sign, sorted; no decisions for a machine."""
    held = set(roles)
    granted = frozenset[str]().union(*(GRANTS.get(role, frozenset()) for role in held))
    return tuple(sorted(granted - DECISIONS if "ci" in held else granted))
