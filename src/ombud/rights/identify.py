"""Say in the log that somebody showed who they are, was asked to, or could not; never who they are."""

from collections.abc import Iterable

from ombud.cases import Case, NotAllowed, step, the_case
from ombud.errors import Misused
from ombud.rights.request import REQUESTS, SHOWN
from ombud.rights.verify.levels import Need, needed, strictest
from ombud.rights.verify.proof import Proof
from ombud.store.workspace import Workspace

WANTED = ("matched-points", "one-time-code", "attested", "oidc", "declaration")


def need_of(case: Case) -> Need | None:
    """How sure one has to be of who asks: the strictest of the laws of the case; None if none of them says."""
    right, scope = str(case.opened["right"]), case.opened.get("scope") or "pieces"
    laws = (str(law) for law in case.opened["laws"])
    return strictest(tuple(needed(law, right, scope="categories" if scope == "categories" else "pieces")
                           for law in laws))  # fmt: skip


def record_verification(workspace: Workspace, number: str, proof: Proof, holder: str) -> Case:
    """Write down that the person showed who they are.

    Args:
        workspace: log and keys; number: of the case; holder: whose key signs.
        proof: what was shown; see `rights.verify`.

    Raises:
        NotAllowed: the proof is not as sure as the law wants it for this request; nothing was written.
    """
    case = _case(workspace, number)
    need = need_of(case)
    if need is not None and not proof.level.reaches(need.level):
        raise NotAllowed(
            case.id,
            f"the proof makes us sure to the level {proof.level}, and {need.level} is needed ({need.because})",
            "Ask for more: matched data points with a signed declaration, or a document that staff has seen.",
        )
    return step(workspace, REQUESTS, case.id, "verified", {
        "method": proof.method, "points": proof.points, "level": str(proof.level), "evidence": proof.evidence_digest,
    }, holder)  # fmt: skip


def waive_identity(workspace: Workspace, number: str, holder: str) -> Case:
    """Go on without a proof of identity, where no law of the case wants one.

    Raises:
        NotAllowed: a law does.
    """
    return step(workspace, REQUESTS, number, "verified", {"method": "not-required"}, holder)


def ask_identity(
    workspace: Workspace, number: str, wanted: Iterable[str], holder: str, until: str | None = None
) -> Case:
    """Write down that the person was asked to show who they are, and how.

    Raises:
        Misused: that is no way to show it.
    """
    asked = sorted(set(wanted))
    if not asked or not set(asked) <= set(WANTED):
        raise Misused("that is no way to show who one is", f"One or several of: {', '.join(WANTED)}.")
    return step(workspace, REQUESTS, number, "identity-asked", {"wanted": asked, "until": until}, holder)


def identity_failed(workspace: Workspace, number: str, holder: str) -> Case:
    """Write down that what was shown does not prove who asks; the person may try again."""
    return step(workspace, REQUESTS, number, "identity-failed", {}, holder)


def show_authority(workspace: Workspace, number: str, shown: str, holder: str) -> Case:
    """Write down that an agent showed that they may speak for the person.

    Raises:
        Misused: that shows nothing, or nobody speaks for the person.
    """
    case = _case(workspace, number)
    if shown not in SHOWN:
        raise Misused("that does not show that somebody may speak for the person", f"One of: {', '.join(SHOWN)}.")
    if "agent" not in case.opened:
        raise Misused(f"{case.id}: the person asks for themselves", "There is nothing to show.")
    return step(workspace, REQUESTS, case.id, "authority-shown", {"shown": shown}, holder)


def _case(workspace: Workspace, number: str) -> Case:
    return the_case(workspace.ledger.log(), REQUESTS, number)
