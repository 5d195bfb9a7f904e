"""Secrets that hold once: kept only as a keyed hash, for minutes, for a few tries."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from ombud.evidence.canonical import canonical, parse
from ombud.evidence.instants import instant, parsed
from ombud.rights.verify.tries import attempt
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace

LIFETIME: Final = timedelta(minutes=15)
MOST_TRIES: Final = 5
_KIND: Final = "one_time_secret"
_LONGEST: Final = 200


@frozen
class _Issued:
    """What is kept of a secret."""

    number: str
    hash: str
    expires: datetime


def issue(workspace: Workspace, case: str, purpose: str, secret: str) -> None:
    """Keep a secret's keyed hash in the case's private notes; one issued before is void."""
    number, now = secrets.token_hex(8), workspace.context.clock.now()
    told = {"number": number, "hash": _hash(workspace, case, number, secret), "expires": instant(now + LIFETIME)}
    until = (now + timedelta(days=1)).date()
    workspace.people.keep(case, f"once/{purpose}", canonical(told).decode(), until)


def redeem(workspace: Workspace, case: str, purpose: str, given: str) -> bool:
    """Whether what is given is the secret, in time and not tried too often; it then holds no more.

    The same is done whether there is a secret or none, and whether it is right, wrong, old or used.
    """
    now = workspace.context.clock.now()
    issued, real = _issued(workspace, case, purpose)
    in_time = now < issued.expires
    few = attempt(workspace, case, f"try/{purpose}/{issued.number}", MOST_TRIES, LIFETIME)
    same = hmac.compare_digest(_hash(workspace, case, issued.number, given), issued.hash)
    if not (real & in_time & few & same):
        return False
    workspace.people.drop(case, f"once/{purpose}")
    return True


def _issued(workspace: Workspace, case: str, purpose: str) -> tuple[_Issued, bool]:
    """What was issued, or something in its place that nothing equals."""
    written = workspace.people.kept(case).get(f"once/{purpose}")
    if written is None:
        return _Issued("none", secrets.token_hex(16), workspace.context.clock.now() + LIFETIME), False
    told = parse(written.encode(), "private note")
    return _Issued(told["number"], told["hash"], parsed(told["expires"])), True


def _hash(workspace: Workspace, case: str, number: str, secret: str) -> str:
    """Keyed by the store, and bound to the case and to this one secret."""
    plain = secret[:_LONGEST].encode("ascii", "replace").decode()
    told = Identity(_KIND, canonical([case, number, plain]).decode())
    return bytes(workspace.people.fingerprint(told)).hex()
