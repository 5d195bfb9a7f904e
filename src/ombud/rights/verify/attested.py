"""Attested by staff: somebody with a key saw what shows who the person is, and signs that."""

from types import MappingProxyType
from typing import Final

from ombud import __version__
from ombud.errors import Misused
from ombud.evidence.statement import Statement, Subject
from ombud.rights.verify.proof import Level, Proof
from ombud.store.workspace import Workspace

SEEN: Final = MappingProxyType({
    "identity-card": Level.HIGH,
    "passport": Level.HIGH,
    "driving-licence": Level.HIGH,
    "residence-permit": Level.HIGH,
    "electronic-identity": Level.HIGH,
    "qualified-signature": Level.HIGH,
    "power-of-attorney": Level.HIGH,
    "signed-in-account": Level.REASONABLE,
    "known-in-person": Level.REASONABLE,
    "called-back": Level.REASONABLE,
})  # fmt: skip
"""What can have been seen, as a closed list: a code tells nothing of the document's contents. The levels are ours."""


def attest(workspace: Workspace, case: str, holder: str, seen: str) -> Proof:
    """Sign, and write in the log, that one saw who the person is.

    Args:
        workspace: whose log and clock.
        case: the request.
        holder: whose key signs; it must be allowed to sign attestations.
        seen: one of `SEEN`.

    Raises:
        Misused: not on the list.
        Refused: the holder may not sign attestations.
        NotFound: the holder's key is not here.
    """
    if seen not in SEEN:
        raise Misused("what was seen is told by a code of the list", f"One of: {', '.join(SEEN)}.")
    predicate = {
        "item": f"identity:{case}", "says": seen, "organisation": True, "observed_at": workspace.now(),
        "software": {"ombud": __version__},
    }  # fmt: skip
    signed = workspace.sign(Statement((Subject(case),), "attestation", predicate), holder)
    entry = workspace.ledger.append([signed])[0]
    return Proof(
        method="attested", points=0, level=SEEN[seen], at=workspace.context.clock.now(), evidence_digest=entry.digest
    )
