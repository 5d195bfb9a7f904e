"""Matched data points: what somebody says of themselves, held against what is known of the person."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from ombud.errors import Misused
from ombud.rights.verify.levels import points_for
from ombud.rights.verify.proof import Level, NotProved, Proof
from ombud.rights.verify.tries import HOUR, attempt
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace

MOST_TRIES: Final = 5
"""Attempts an hour and case."""

_MOST_GIVEN: Final = 10


def match_points(
    workspace: Workspace, case: str, given: Iterable[Identity], held: Iterable[Identity], *,
    level: Level = Level.REASONABLE, declaration: bytes | None = None,
) -> Proof:  # fmt: skip
    """Prove who is asking by data points that match what is held.

    Two are compared as their kind is (see `store.identity.comparable`). All are compared with all, each time in the
    same time, and which of them matched is told to nobody.

    Args:
        workspace: counts the attempts; its clock is asked.
        case: the request.
        given: what the person gives.
        held: what is held of the person that the request is about.
        level: how sure we have to be; see `levels.needed`.
        declaration: bytes of a declaration signed by the person, where the level needs one.

    Raises:
        NotProved: too few matched, or too many attempts.
        Misused: the declaration is missing, or so many points are given that it is guessing.
    """
    points, declared = points_for(level)
    if declared and not declaration:
        raise Misused(
            f"the level {level} needs a declaration signed by the person beside {points} data points",
            "Have the declaration signed and hand it over with the data points.",
        )
    offered = frozenset(given)
    if len(offered) > _MOST_GIVEN:
        raise Misused(f"more than {_MOST_GIVEN} data points are no proof but a guess", "Give the few that are asked.")
    few = attempt(workspace, case, "points", MOST_TRIES, HOUR)
    matched = matching(workspace, offered, held)
    if not (few & (matched >= points)):
        raise NotProved
    digest = hashlib.sha256(declaration).hexdigest() if declaration else None
    return Proof(
        method="matched-points", points=points, level=level, at=workspace.context.clock.now(), evidence_digest=digest
    )


def matching(workspace: Workspace, given: Iterable[Identity], held: Iterable[Identity]) -> int:
    """How many different points match: a value held under two kinds is one point, and a kind counts once."""
    fingerprint = workspace.people.fingerprint
    known = [fingerprint(one) for one in held]
    hits = [one for one in given if _among(fingerprint(one), known)]
    return min(len({one.kind for one in hits}), len({one.comparable for one in hits}))


def _among(fingerprint: bytes, known: list[bytes]) -> bool:
    """Compare with every one, also after one was found equal."""
    return sum([hmac.compare_digest(fingerprint, one) for one in known]) > 0
