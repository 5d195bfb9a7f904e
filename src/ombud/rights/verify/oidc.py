"""Upstream sign-in: an ID token of the user's own OpenID provider, verified here without asking anybody."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Misused, NotFound, Unreadable
from ombud.rights.verify.once import issue, redeem
from ombud.rights.verify.points import matching
from ombud.rights.verify.proof import Level, NotProved, Proof
from ombud.store.errors import reported
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""What may be allowed: public-key signatures. With HS256 whoever knows the public key could sign; "none" is none."""

LEEWAY_SECONDS: Final = 60
_MAX_TOKEN: Final = 16_000
_MAX_KEYS: Final = 1_000_000
_PURPOSE: Final = "nonce"


def _allowed(algorithms: Iterable[str]) -> tuple[str, ...]:
    named = tuple(algorithms)
    if not named or not set(named) <= set(ALGORITHMS):
        raise Misused("an ID token is signed with a public key", f"Allow some of: {', '.join(ALGORITHMS)}.")
    return named


@frozen(kw_only=True)
class Upstream:
    """The provider that signs people in.

    Attributes:
        issuer, audience: what the token must be from, and for: our client id.
        keys: JWKS file with the provider's public keys; nothing is fetched.
        claims: claim of the token → kind of identity it holds, for example {"email": "email"}; an e-mail address
            counts only if the provider says that it is verified.
        algorithms: those that the provider signs with.
        max_age: seconds since the token was issued.
        level: how sure a sign-in there makes us.
    """

    issuer: str
    audience: str
    keys: Path
    claims: Mapping[str, str]
    algorithms: tuple[str, ...] = field(default=("RS256", "ES256", "Ed25519"), converter=_allowed)
    max_age: int = 600
    level: Level = Level.REASONABLE


def begin_oidc(workspace: Workspace, case: str) -> str:
    """A nonce for the sign-in of this case; it holds once and for 15 minutes."""
    nonce = secrets.token_urlsafe(32)
    issue(workspace, case, _PURPOSE, nonce)
    return nonce


def from_oidc(workspace: Workspace, case: str, token: str, upstream: Upstream, held: Iterable[Identity]) -> Proof:
    """Prove who is asking by an ID token that was issued for the nonce of `begin_oidc`.

    Raises:
        NotProved: the token is not from there, not for us, not for this sign-in, old, or about somebody else.
        NotFound, Unreadable: the file of keys is missing, or is none.
        Misused: joserfc is not installed.
    """
    keys = _keys(upstream.keys)
    now = int(workspace.context.clock.now().timestamp())
    claims = _claims(token, keys, upstream)
    fits = _fits(claims, upstream, now)
    nonce = claims.get("nonce")
    ours = redeem(workspace, case, _PURPOSE, nonce if isinstance(nonce, str) else "")
    same = matching(workspace, _identities(claims, upstream.claims), held)
    if not (fits & ours & (same > 0)):
        raise NotProved
    return Proof(method="oidc", points=1, level=upstream.level, at=workspace.context.clock.now())


def _keys(path: Path) -> Any:
    """The provider's public keys that are for signatures."""
    try:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
    except ImportError:
        raise Misused("ID tokens need one more package", "Install it: pip install 'ombud[rights]'") from None
    if not path.is_file():
        raise NotFound("file of public keys (JWKS)", str(path))
    with reported(str(path)):
        data = path.read_bytes()[: _MAX_KEYS + 1]
    try:
        told = json.loads(data)["keys"] if len(data) <= _MAX_KEYS else []
        public = [one for one in told if one["kty"] in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"]
        if not public or any("d" in one for one in public):
            raise ValueError
        return KeySet.import_key_set({"keys": public})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, JoseError):
        raise Unreadable(str(path), "this is no set of public keys (JWKS)") from None


def _claims(token: str, keys: Any, upstream: Upstream) -> Mapping[str, Any]:
    """What a well-signed token says; nothing of any other."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    if len(token) > _MAX_TOKEN:
        return {}
    try:
        return jwt.decode(token, keys, algorithms=upstream.algorithms).claims
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _fits(claims: Mapping[str, Any], upstream: Upstream, now: int) -> bool:
    """Whether a token is from this provider, for us, and of now."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or upstream.audience not in audiences or claims.get("iss") != upstream.issuer:
        return False
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != upstream.audience:
        return False
    expires, issued, starts = _seconds(claims, "exp"), _seconds(claims, "iat"), _seconds({"nbf": 0, **claims}, "nbf")
    if expires is None or issued is None or starts is None:
        return False
    fresh = now - upstream.max_age - LEEWAY_SECONDS <= issued <= now + LEEWAY_SECONDS
    return bool(fresh and now < expires and starts <= now + LEEWAY_SECONDS)


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    """A time of a token in seconds since 1970; None for anything else."""
    told = claims.get(name)
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) and abs(told) < 1e12 else None


def _identities(claims: Mapping[str, Any], kinds: Mapping[str, str]) -> Collection[Identity]:
    """What the token says the person is known by."""
    unverified = {"email"} if claims.get("email_verified") is not True else set()
    told = {kind: claims.get(claim) for claim, kind in kinds.items() if claim not in unverified}
    return [Identity(kind, value) for kind, value in told.items() if isinstance(value, str) and _plain(value)]


def _plain(value: str) -> bool:
    return bool(value.strip()) and len(value) <= 1000 and "\0" not in value
