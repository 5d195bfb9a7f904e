"""The ways in which `ombud rights verify` takes a proof; each compares with what the organisation itself holds."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ombud.cases import Case
from ombud.cli.rights.private import identities, read_bytes, read_text
from ombud.errors import Misused
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace

if TYPE_CHECKING:
    from ombud.rights.verify import Proof, Upstream


@frozen
class Shown:
    """What was given on the command line; files hold what is private.

    Attributes:
        seen: what staff saw; given: what the person says of themselves; held: what our own records say.
        declaration: signed by the person; code: what they got; send, sender: how a code goes out.
        token: of a sign-in; upstream: what is known of its provider.
    """

    seen: str | None
    given: Path | None
    held: Path | None
    declaration: Path | None
    code: Path | None
    send: str | None
    sender: str
    token: Path | None
    upstream: Path | None


def prove(workspace: Workspace, case: Case, key: str, method: str, shown: Shown) -> "Proof | None":
    """Take a proof; None: a code was sent, and has to come back.

    Raises:
        Misused: there is no such way, or something is missing for it.
        NotProved: it proves nothing; which part did not fit is told to nobody.
    """
    if method not in WAYS:
        raise Misused("that is no way to show who one is", f"Give --method: {', '.join(WAYS)} or not-required.")
    return WAYS[method](workspace, case, key, shown)


def _by_staff(workspace: Workspace, case: Case, key: str, shown: Shown) -> "Proof":
    from ombud.rights.verify import SEEN, attest

    if shown.seen is None:
        raise Misused("what was seen?", f"Give --seen with one of: {', '.join(SEEN)}.")
    return attest(workspace, case.id, key, shown.seen)


def _by_points(workspace: Workspace, case: Case, _key: str, shown: Shown) -> "Proof":
    from ombud.rights.identify import need_of
    from ombud.rights.verify import Level, match_points

    need = need_of(case)
    level = need.level if need and need.level is not Level.NONE else Level.REASONABLE
    declaration = read_bytes(shown.declaration) if shown.declaration else None
    given, held = _lines(shown.given, "given"), _lines(shown.held, "held")
    return match_points(workspace, case.id, given, held, level=level, declaration=declaration)


def _by_code(workspace: Workspace, case: Case, _key: str, shown: Shown) -> "Proof | None":
    from ombud.rights.verify import Command, check_code, send_code

    if shown.send is None:
        if shown.code is None:
            raise Misused("send a code, or give the one the person got", "Use --send COMMAND, then --code -.")
        return check_code(workspace, case.id, read_text(shown.code).strip())
    held = _lines(shown.held, "held")
    contacts = [one for one in held if one.form in ("email", "phone")]
    if len(contacts) != 1:
        raise Misused(f"{len(contacts)} addresses are held", "Leave in --held the one that the code shall go to.")
    send_code(workspace, case.id, contacts[0], held, Command(tuple(shlex.split(shown.send)), sender=shown.sender))
    return None


def _by_oidc(workspace: Workspace, case: Case, _key: str, shown: Shown) -> "Proof":
    from ombud.rights.verify import from_oidc

    if shown.token is None or shown.upstream is None:
        raise Misused("a sign-in needs the token and what is known of the provider", "Give --token and --upstream.")
    token, upstream = read_text(shown.token).strip(), _upstream(shown.upstream)
    return from_oidc(workspace, case.id, token, upstream, _lines(shown.held, "held"))


WAYS: Final[Mapping[str, Callable[[Workspace, Case, str, Shown], "Proof | None"]]] = {
    "staff": _by_staff,
    "data-points": _by_points,
    "code": _by_code,
    "oidc": _by_oidc,
}


def _upstream(file: Path) -> "Upstream":
    from ombud.law.reading import fields, mapping, text
    from ombud.law.tree import read_tree
    from ombud.rights.verify import Upstream

    needed = ("issuer", "audience", "keys", "claims")
    found = fields(read_tree(file), needed, needed)
    return Upstream(
        issuer=text(found["issuer"]), audience=text(found["audience"]), keys=file.parent / text(found["keys"]),
        claims={claim: text(kind) for claim, kind in mapping(found["claims"]).items()},
    )  # fmt: skip


def _lines(file: Path | None, name: str) -> tuple[Identity, ...]:
    if file is None:
        raise Misused(f"--{name} is missing", "Give a file with one KIND=VALUE a line; - reads stdin.")
    return identities([line for line in read_text(file).splitlines() if line.strip()])
