"""Proving who is asking, in proportion to what a wrong person would get."""

from ombud.rights.verify.attested import SEEN, attest
from ombud.rights.verify.codes import check_code, send_code
from ombud.rights.verify.levels import Need, needed, strictest
from ombud.rights.verify.oidc import Upstream, begin_oidc, from_oidc
from ombud.rights.verify.points import match_points
from ombud.rights.verify.proof import Level, NotProved, NotSent, Proof
from ombud.rights.verify.send import Command, Message, Sender, Smtp

__all__ = [
    "SEEN", "Command", "Level", "Message", "Need", "NotProved", "NotSent", "Proof", "Sender", "Smtp", "Upstream",
    "attest", "begin_oidc", "check_code", "from_oidc", "match_points", "needed", "send_code", "strictest",
]  # fmt: skip
