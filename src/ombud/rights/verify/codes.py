"""One-time codes: sent to an address that is already held for the person, and asked back."""

import secrets
from collections.abc import Iterable
from typing import Final

from ombud.errors import Misused
from ombud.rights.verify.once import LIFETIME, issue, redeem
from ombud.rights.verify.proof import Level, NotProved, Proof
from ombud.rights.verify.send import Message, Sender
from ombud.rights.verify.tries import HOUR, attempt
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace

MOST_CODES: Final = 3
"""Codes an hour, for each case and for each contact."""

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DIGITS: Final = "0123456789"
_PURPOSE: Final = "code"
_LENGTH: Final = 8


def send_code(
    workspace: Workspace, case: str, contact: Identity, held: Iterable[Identity], sender: Sender, *,
    letters: bool = False,
) -> None:  # fmt: skip
    """Send a code to a contact of the person; one sent before is void then.

    It goes to the address as it is held, never as it was typed: two that compare alike can be two mailboxes. If the
    contact is not held, nothing is sent and nothing else is different; tell the person in both cases "if we know this
    address, a code is on its way".

    Args:
        workspace: keeps the code's keyed hash for 15 minutes.
        case: the request.
        contact: an e-mail address or telephone number.
        held: what is held of the person that the request is about.
        sender: the user's own mail or SMS.
        letters: 8 characters of base32 instead of 8 digits.

    Raises:
        Misused: the contact is neither, or three codes were asked for within the hour.
        NotSent: the message could not be handed over.
    """
    if contact.form not in ("email", "phone"):
        raise Misused("a code is sent to an e-mail address or a telephone number")
    _hold_back(workspace, case, contact)
    code = "".join(secrets.choice(_LETTERS if letters else _DIGITS) for _ in range(_LENGTH))
    issue(workspace, case, _PURPOSE, code)
    for address in sorted(one for one in held if _alike(one, contact))[:1]:
        sender.send(_message(workspace, address, code))


def check_code(workspace: Workspace, case: str, code: str) -> Proof:
    """Prove who is asking by the code that was sent to their address.

    Blanks, hyphens and case do not matter; only ASCII counts, so that no look-alike is taken for a digit.

    Raises:
        NotProved: wrong, more than 15 minutes old, used, void, or tried five times.
    """
    typed = code[:64].replace(" ", "").replace("-", "").upper()
    if not redeem(workspace, case, _PURPOSE, typed):
        raise NotProved
    return Proof(method="one-time-code", points=1, level=Level.REASONABLE, at=workspace.context.clock.now())


def _hold_back(workspace: Workspace, case: str, contact: Identity) -> None:
    """No more than three codes an hour, neither for a case nor for a contact, whatever the case."""
    of_contact = f"contact-{workspace.people.fingerprint(contact).hex()}"
    few = [attempt(workspace, place, "sent", MOST_CODES, HOUR) for place in (case, of_contact)]
    if not all(few):
        raise Misused("three codes were asked for within the hour", "Wait an hour, or prove it in another way.")


def _alike(one: Identity, other: Identity) -> bool:
    return (one.kind, one.comparable) == (other.kind, other.comparable)


def _message(workspace: Workspace, address: Identity, code: str) -> Message:
    minutes = int(LIFETIME.total_seconds()) // 60
    text = (
        f"Your code: {code[:4]} {code[4:]}\n\n"
        f"It holds for {minutes} minutes and once. Give it only where you asked for it, and to nobody who calls you.\n"
        "If you did not ask for a code, you need not do anything.\n"
    )
    to = address.comparable if address.form == "phone" else address.value
    return Message(to, "Your code", text, workspace.context.clock.now())
