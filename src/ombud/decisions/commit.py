"""Commitments: what the log knows a decision by. Without its salt, a commitment says nothing of the decision.

A commitment is SHA-256 over the salt (16 random bytes), the time of receipt (microseconds since 1970 UTC, 8 bytes,
big-endian) and the canonical bytes of the decision. The commitments of a batch are the leaves of a tree (RFC 9162)
whose root the log holds. Whoever erases a person deletes salt and decision, and leaves the commitment for the others'
proofs.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Final

from ombud.decisions.decision import Decision
from ombud.decisions.plain import encode
from ombud.evidence.tree import Peaks, grow, inclusion_proof, leaf_hash, root_of
from ombud.store.decided import New, micros
from ombud.store.people.key import fingerprint_of

SALT_BYTES: Final = 16
PART: Final = 1_024
"""Leaves under one partial root, so that a change is narrowed down to so many rows."""


def commitment(salt: bytes, received_at: int, content: bytes) -> bytes:
    """The commitment to a decision."""
    return hashlib.sha256(salt + received_at.to_bytes(8, "big") + content).digest()


def prepared(
    decisions: Sequence[Decision], received_at: int, key: bytes, contents: Sequence[bytes] | None = None
) -> list[New]:
    """Decisions ready to be kept, each with a salt of its own.

    Args:
        decisions: which; received_at: when they came in, microseconds since 1970; key: what people are hashed with.
        contents: their canonical bytes, where they are known.
    """
    salts = os.urandom(SALT_BYTES * len(decisions))
    encoded = [encode(one) for one in decisions] if contents is None else contents
    return [
        _new(decision, received_at, key, content, salts[at : at + SALT_BYTES])
        for at, decision, content in zip(range(0, len(salts), SALT_BYTES), decisions, encoded, strict=True)
    ]


def _new(decision: Decision, received_at: int, key: bytes, content: bytes, salt: bytes) -> New:
    person = None if decision.subject is None else fingerprint_of(key, decision.subject)
    committed = commitment(salt, received_at, content)
    return New(decision.system, decision.id, micros(decision.at), received_at, person, content, salt, committed)


def root_over(commitments: Iterable[bytes]) -> str:
    """The root over commitments, 64 hexadecimal digits."""
    return root_of(leaf_hash(one) for one in commitments).hex()


def parts_over(commitments: Sequence[bytes]) -> list[str]:
    """The roots over each `PART` commitments, in order; the last one over what is left."""
    return [root_over(commitments[at : at + PART]) for at in range(0, len(commitments), PART)]


def path_of(index: int, commitments: Sequence[bytes]) -> tuple[bytes, ...]:
    """The audit path of one commitment among those of its batch."""
    _, stored = grow(Peaks(), (leaf_hash(one) for one in commitments))
    return inclusion_proof(index, len(commitments), lambda places: {place: stored[place] for place in places})
