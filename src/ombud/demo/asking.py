"""The person of the demo, and what they do: each step taken as the organisation's data protection officer would."""

import re
import sys
from pathlib import Path
from typing import Final

from attrs import frozen

from ombud.demo.register import email_of, name_of, national_id_of
from ombud.rights.decide import Decision, review
from ombud.rights.desk import Desk
from ombud.rights.fulfil import Fulfilled, fulfil
from ombud.rights.identify import record_verification
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.receive import Received, receive
from ombud.rights.request import Request
from ombud.rights.search import search
from ombud.rights.verify import Command, attest, check_code, send_code
from ombud.rights.walk import Found
from ombud.store.identity import Identity

APPLICANT: Final = "A0042"
LIVES: Final = "DE"


@frozen(kw_only=True)
class Asked:
    """A request that was verified, searched and granted."""

    received: Received
    found: Found

    @property
    def number(self) -> str:
        """Number of the case."""
        return self.received.case.id


def identifiers() -> list[Identifier]:
    """What nobody but the person of the demo is known by."""
    values = {"email": email_of(APPLICANT), "name": name_of(APPLICANT), "national_id": national_id_of(APPLICANT)}
    return [Identifier.of(kind, value) for kind, value in values.items()]


def ask(desk: Desk, right: str, mailbox: Path | None = None) -> Asked:
    """Receive a request, have the person prove who they are, search, and grant it.

    Args:
        desk: the organisation's.
        right: what is asked for.
        mailbox: the person's, if a one-time code is to prove them; without it, staff sees them.
    """
    email, workspace = Identity("email", email_of(APPLICANT)), desk.workspace
    request = Request(
        right=right, lives=(LIVES,), identities=(email,), name=name_of(APPLICANT),
        contact=email.value, words="(fictional)",
    )  # fmt: skip
    received = receive(workspace, request, desk.holder)
    number = received.case.id
    if mailbox is not None:
        on_file = Identity("email", email_of(APPLICANT))  # as the register has it; what they wrote proves nothing
        send_code(workspace, number, email, [on_file], _into(mailbox))
        proof = check_code(workspace, number, _code_in(mailbox))
    else:
        proof = attest(workspace, number, desk.holder, "identity-card")
    record_verification(workspace, number, proof, desk.holder)
    _, found = search(desk, number)
    laws = received.case.opened["laws"]
    review(workspace, number, [Decision(law=law, decision="grant") for law in laws], (), desk.holder)
    return Asked(received=received, found=found)


def carry_out(desk: Desk, asked: Asked) -> Fulfilled:
    """Do what was granted."""
    return fulfil(desk, asked.number)


def _into(mailbox: Path) -> Command:
    """The organisation's mail command of this demo: it appends to a file, which stands for the person's mailbox."""
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    return Command((sys.executable, "-c", program, str(mailbox)))


def _code_in(mailbox: Path) -> str:
    """What the person reads in their mail."""
    found = re.search(r"\b(\d{4}) ?(\d{4})\b", mailbox.read_text(encoding="utf-8"))
    mailbox.unlink()
    assert found is not None, "the mail holds a code"
    return "".join(found.groups())
