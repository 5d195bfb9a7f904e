"""Whoever pretends to be somebody else: guesses, replays, forged tokens, and letters that only look alike."""

import hmac
import json
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ombud.errors import Misused, Unreadable
from ombud.rights.verify import (
    Command,
    Level,
    Message,
    NotProved,
    Proof,
    Upstream,
    begin_oidc,
    check_code,
    from_oidc,
    match_points,
    send_code,
)
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace
from rooms import CASE, Watch, room
from support import needs

MAIL = Identity("email", "ann@example.org")
PHONE = Identity("phone", "+49 731 1234567")
BORN = Identity("birth_date", "1980-02-29")
HELD = (MAIL, PHONE, BORN, Identity("customer_id", "C-77"))


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def here(tmp_path: Path, watch: Watch) -> Workspace:
    return room(tmp_path, watch)


class Inbox:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.got: list[Message] = []

    def send(self, message: Message) -> None:
        self.got.append(message)

    @property
    def code(self) -> str:
        return self.got[-1].text.split("\n")[0].removeprefix("Your code: ").replace(" ", "")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


# --- one-time codes -----------------------------------------------------------------------------------------------


def test_the_right_code_proves_it(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    proof = check_code(here, CASE, f" {inbox.code[:4]}-{inbox.code[4:]} ")
    assert (proof.method, proof.level, proof.points) == ("one-time-code", Level.REASONABLE, 1)


def test_brute_force_ends_after_five_tries_even_with_the_right_code(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    for _ in range(5):
        with pytest.raises(NotProved):
            check_code(here, CASE, wrong(inbox.code))
    with pytest.raises(NotProved):
        check_code(here, CASE, inbox.code)


def test_the_fifth_try_is_still_allowed(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    for _ in range(4):
        with pytest.raises(NotProved):
            check_code(here, CASE, wrong(inbox.code))
    assert check_code(here, CASE, inbox.code).points == 1


def test_forty_guesses_at_once_are_no_more_than_five(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)

    def guess(_: int) -> bool:
        try:
            check_code(here, CASE, inbox.code)
        except NotProved:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(guess, range(40)))
    assert 1 <= passed <= 5


def test_a_code_is_used_once(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    check_code(here, CASE, inbox.code)
    with pytest.raises(NotProved):
        check_code(here, CASE, inbox.code)


def test_a_code_ends_after_fifteen_minutes_and_holds_until_then(here: Workspace, inbox: Inbox, watch: Watch) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    watch.on(minutes=15)
    with pytest.raises(NotProved):
        check_code(here, CASE, inbox.code)
    send_code(here, CASE, MAIL, HELD, inbox)
    watch.on(minutes=14, seconds=59)
    assert check_code(here, CASE, inbox.code).at == watch.now()


def test_a_new_code_voids_the_one_before(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    first = inbox.code
    send_code(here, CASE, MAIL, HELD, inbox)
    with pytest.raises(NotProved):
        check_code(here, CASE, first)
    assert check_code(here, CASE, inbox.code).points == 1


def test_a_code_is_of_one_case(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    with pytest.raises(NotProved):
        check_code(here, "R-GHIJKL", inbox.code)


def test_three_codes_an_hour_and_then_none(here: Workspace, inbox: Inbox, watch: Watch) -> None:
    for _ in range(3):
        send_code(here, CASE, MAIL, HELD, inbox)
    with pytest.raises(Misused, match="within the hour"):
        send_code(here, CASE, MAIL, HELD, inbox)
    assert len(inbox.got) == 3
    watch.on(minutes=61)
    send_code(here, CASE, MAIL, HELD, inbox)
    assert len(inbox.got) == 4


def test_one_contact_is_not_flooded_through_many_cases(here: Workspace, inbox: Inbox) -> None:
    for number in range(3):
        send_code(here, f"R-AAAAA{number}", MAIL, HELD, inbox)
    with pytest.raises(Misused, match="within the hour"):
        send_code(here, "R-AAAAA9", Identity("email", "ANN@example.org"), HELD, inbox)
    send_code(here, "R-AAAAA9", PHONE, HELD, inbox)
    assert len(inbox.got) == 4


def test_an_address_that_is_not_held_gets_nothing_and_is_not_told(here: Workspace, inbox: Inbox) -> None:
    assert send_code(here, CASE, Identity("email", "mallory@example.org"), HELD, inbox) is None
    assert inbox.got == []
    with pytest.raises(NotProved):
        check_code(here, CASE, "00000000")


def test_a_code_goes_to_the_mailbox_that_is_held_not_to_the_one_that_was_typed(here: Workspace, inbox: Inbox) -> None:
    typed = Identity("email", "\uff41nn@example.org")
    send_code(here, CASE, typed, HELD, inbox)
    assert [message.to for message in inbox.got] == ["ann@example.org"]


@pytest.mark.parametrize("look", ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"])
def test_digits_that_only_look_alike_are_wrong(here: Workspace, inbox: Inbox, look: str) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    with pytest.raises(NotProved):
        check_code(here, CASE, "".join(look[int(digit)] for digit in inbox.code))
    assert check_code(here, CASE, inbox.code).points == 1


@pytest.mark.parametrize("typed", ["", " ", "\0", "\ud800", "9" * 100_000, "' OR 1=1 --", "None", "none"])
def test_rubbish_is_a_wrong_code_and_nothing_else(here: Workspace, inbox: Inbox, typed: str) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    with pytest.raises(NotProved):
        check_code(here, CASE, typed)


def test_letters_are_eight_of_base32(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox, letters=True)
    assert len(inbox.code) == 8
    assert set(inbox.code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert check_code(here, CASE, inbox.code.lower()).points == 1


def test_the_code_stands_nowhere_in_the_store(here: Workspace, inbox: Inbox, tmp_path: Path) -> None:
    send_code(here, CASE, MAIL, HELD, inbox, letters=True)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or inbox.code.encode() not in path.read_bytes()
    assert inbox.code not in str(here.people.kept(CASE))


def test_the_message_does_not_say_what_it_is_for(here: Workspace, inbox: Inbox) -> None:
    send_code(here, CASE, MAIL, HELD, inbox)
    told = inbox.got[0].subject + inbox.got[0].text
    assert not any(word in told.lower() for word in ("erase", "ann", CASE.lower(), "privacy", "request"))


def calls(work: Callable[[], Any]) -> Counter[str]:
    """How often each function of this package is called, whatever comes of it."""
    seen: Counter[str] = Counter()

    def note(frame: Any, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and "/ombud/rights/verify/" in code.co_filename and not code.co_name.startswith("<"):
            seen[code.co_name] += 1

    sys.setprofile(note)
    try:
        work()
    except NotProved:
        pass
    finally:
        sys.setprofile(None)
    return seen


def test_a_wrong_code_takes_the_same_way_as_one_that_never_was_an_old_and_a_used_one(
    here: Workspace, inbox: Inbox, watch: Watch
) -> None:
    never = calls(lambda: check_code(here, "R-NEVERS", "12345678"))
    send_code(here, CASE, MAIL, HELD, inbox)
    code = inbox.code
    ways = [calls(lambda: check_code(here, CASE, wrong(code)))]
    ways.append(calls(lambda: check_code(here, CASE, code[:4] + "0000")))
    assert check_code(here, CASE, code).points == 1
    used = calls(lambda: check_code(here, CASE, code))
    send_code(here, CASE, MAIL, HELD, inbox)
    watch.on(hours=1)
    ways.append(calls(lambda: check_code(here, CASE, inbox.code)))
    assert ways[0] == ways[1] == ways[2]
    assert never == used == ways[0]


def test_all_refusals_say_the_same(here: Workspace, inbox: Inbox) -> None:
    said = set()
    send_code(here, CASE, MAIL, HELD, inbox)
    for attempt in (
        lambda: check_code(here, CASE, wrong(inbox.code)),
        lambda: check_code(here, "R-NEVERS", "12345678"),
        lambda: match_points(here, CASE, [MAIL], HELD),
        lambda: match_points(here, CASE, [Identity("email", "no@example.org"), Identity("phone", "1")], HELD),
    ):
        with pytest.raises(NotProved) as refused:
            attempt()
        said.add((str(refused.value), refused.value.next_step))
    assert len(said) == 1


# --- matched data points ------------------------------------------------------------------------------------------


def test_two_points_that_match_prove_it_reasonably(here: Workspace) -> None:
    proof = match_points(
        here, CASE, [Identity("email", "ANN@EXAMPLE.ORG"), Identity("phone", "+49-731-123 45 67")], HELD
    )
    assert proof == Proof(
        method="matched-points", points=2, level=Level.REASONABLE, at=here.context.clock.now(), evidence_digest=None
    )


def test_two_points_do_not_reach_the_high_level_and_three_do(here: Workspace) -> None:
    with pytest.raises(NotProved):
        match_points(here, CASE, [MAIL, PHONE], HELD, level=Level.HIGH, declaration=b"signed")
    proof = match_points(here, CASE, [MAIL, PHONE, BORN], HELD, level=Level.HIGH, declaration=b"signed")
    assert (proof.points, proof.level, len(proof.evidence_digest or "")) == (3, Level.HIGH, 64)


def test_the_high_level_needs_a_declaration(here: Workspace) -> None:
    with pytest.raises(Misused, match="declaration"):
        match_points(here, CASE, [MAIL, PHONE, BORN], HELD, level=Level.HIGH)


def test_one_address_under_two_kinds_is_one_point(here: Workspace) -> None:
    held = (*HELD, Identity("work_email", "ann@example.org"))
    with pytest.raises(NotProved):
        match_points(here, CASE, [MAIL, Identity("work_email", "ann@example.org")], held)


def test_two_addresses_of_one_kind_are_one_point(here: Workspace) -> None:
    held = (*HELD, Identity("email", "second@example.org"))
    with pytest.raises(NotProved):
        match_points(here, CASE, [MAIL, Identity("email", "second@example.org")], held)
    assert match_points(here, CASE, [MAIL, BORN], held).points == 2


def test_a_value_under_another_kind_does_not_match(here: Workspace) -> None:
    with pytest.raises(NotProved):
        match_points(here, CASE, [MAIL, Identity("customer_id", BORN.value)], HELD)


def test_an_address_with_a_cyrillic_letter_is_another_address(here: Workspace) -> None:
    with pytest.raises(NotProved):
        match_points(here, CASE, [Identity("email", "\u0430nn@example.org"), PHONE], HELD)


def test_points_are_tried_five_times_an_hour(here: Workspace, watch: Watch) -> None:
    for year in range(5):
        with pytest.raises(NotProved):
            match_points(here, CASE, [MAIL, Identity("birth_date", f"198{year}-03-01")], HELD)
    with pytest.raises(NotProved):
        match_points(here, CASE, [MAIL, BORN], HELD)
    watch.on(minutes=61)
    assert match_points(here, CASE, [MAIL, BORN], HELD).points == 2


def test_many_guesses_in_one_attempt_are_refused(here: Workspace) -> None:
    years = [Identity("birth_date", f"{year}-02-29") for year in range(1970, 1980)]
    with pytest.raises(Misused, match="guess"):
        match_points(here, CASE, [MAIL, *years], HELD)
    with pytest.raises(NotProved):
        match_points(here, CASE, [MAIL, *years[:9]], HELD)


def test_points_take_the_same_way_whether_none_or_all_match(here: Workspace) -> None:
    none = calls(lambda: match_points(here, CASE, [Identity("email", "x@example.org"), Identity("phone", "1")], HELD))
    one = calls(lambda: match_points(here, CASE, [MAIL, Identity("phone", "1")], HELD))
    assert none == one


def test_nobody_held_is_matched_by_nobody_given(here: Workspace) -> None:
    with pytest.raises(NotProved):
        match_points(here, CASE, [], [])


# --- tokens of another provider -----------------------------------------------------------------------------------

ISSUER, AUDIENCE = "https://login.example.org", "ombud"


@pytest.fixture(scope="module")
def keys() -> Any:
    """The provider's keys: RSA and elliptic, and a thief's."""
    needs("joserfc")
    from joserfc.jwk import ECKey, RSAKey

    return {
        "rsa": RSAKey.generate_key(2048, {"kid": "r1"}),
        "ec": ECKey.generate_key("P-256", {"kid": "e1"}),
        "thief": RSAKey.generate_key(2048, {"kid": "r1"}),
    }


@pytest.fixture
def upstream(keys: Any, tmp_path: Path) -> Upstream:
    path = tmp_path / "jwks.json"
    public = [keys[name].as_dict(private=False) for name in ("rsa", "ec")]
    path.write_text(json.dumps({"keys": public}), encoding="utf-8")
    return Upstream(issuer=ISSUER, audience=AUDIENCE, keys=path, claims={"email": "email", "sub": "customer_id"})


def claims(watch: Watch, issued_for: str, **more: Any) -> dict[str, Any]:
    now = int(watch.now().timestamp())
    told = {
        "iss": ISSUER, "aud": AUDIENCE, "exp": now + 300, "iat": now, "nonce": issued_for, "sub": "s",
        "email": "ann@example.org", "email_verified": True,
    } | more  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def token(key: Any, told: dict[str, Any], **header: Any) -> str:
    from joserfc import jwt

    algorithm = {"RSA": "RS256", "EC": "ES256"}[key.key_type]
    return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, told, key)


@pytest.mark.parametrize("name", ["rsa", "ec"])
def test_a_good_token_proves_it(here: Workspace, watch: Watch, keys: Any, upstream: Upstream, name: str) -> None:
    nonce = begin_oidc(here, CASE)
    proof = from_oidc(here, CASE, token(keys[name], claims(watch, nonce)), upstream, HELD)
    assert (proof.method, proof.level) == ("oidc", Level.REASONABLE)


def test_a_token_by_the_persons_number_proves_it(here: Workspace, watch: Watch, keys: Any, upstream: Upstream) -> None:
    told = claims(watch, begin_oidc(here, CASE), email=None, sub="C-77")
    assert from_oidc(here, CASE, token(keys["rsa"], told), upstream, HELD).points == 1


BAD = {
    "another audience": {"aud": "another"},
    "an audience like ours": {"aud": "ombud2"},
    "no audience": {"aud": None},
    "many audiences, made for another": {"aud": [AUDIENCE, "another"], "azp": "another"},
    "many audiences, made for nobody": {"aud": [AUDIENCE, "another"]},
    "another issuer": {"iss": "https://login.example.org.evil.example"},
    "the issuer with a slash": {"iss": ISSUER + "/"},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": 7},
    "another person": {"email": "mallory@example.org"},
    "an unverified address": {"email_verified": False},
    "an address verified in words": {"email_verified": "true"},
    "an address of look-alike letters": {"email": "\u0430nn@example.org"},
    "no expiry": {"exp": None},
    "an expiry that is text": {"exp": "9999999999"},
    "an expiry that is true": {"exp": True},
}


@pytest.mark.parametrize("name", BAD)
def test_a_token_with(here: Workspace, watch: Watch, keys: Any, upstream: Upstream, name: str) -> None:
    told = claims(watch, begin_oidc(here, CASE), **BAD[name])
    with pytest.raises(NotProved):
        from_oidc(here, CASE, token(keys["rsa"], told), upstream, HELD)


@pytest.mark.parametrize(("fine", "bad"), [
    ({"exp": 1}, {"exp": 0}), ({"iat": 60}, {"iat": 61}), ({"iat": -660}, {"iat": -661}), ({"nbf": 60}, {"nbf": 61}),
])  # fmt: skip
def test_times_hold_to_the_second(
    here: Workspace, watch: Watch, keys: Any, upstream: Upstream, fine: dict[str, int], bad: dict[str, int]
) -> None:
    now = int(watch.now().timestamp())
    for times, holds in ((fine, True), (bad, False)):
        told = claims(watch, begin_oidc(here, CASE), **{name: now + more for name, more in times.items()})
        if holds:
            assert from_oidc(here, CASE, token(keys["rsa"], told), upstream, HELD).points == 1
        else:
            with pytest.raises(NotProved):
                from_oidc(here, CASE, token(keys["rsa"], told), upstream, HELD)


def test_a_token_is_used_once(here: Workspace, watch: Watch, keys: Any, upstream: Upstream) -> None:
    signed = token(keys["rsa"], claims(watch, begin_oidc(here, CASE)))
    from_oidc(here, CASE, signed, upstream, HELD)
    with pytest.raises(NotProved):
        from_oidc(here, CASE, signed, upstream, HELD)


def test_a_nonce_is_of_one_case(here: Workspace, watch: Watch, keys: Any, upstream: Upstream) -> None:
    signed = token(keys["rsa"], claims(watch, begin_oidc(here, CASE)))
    begin_oidc(here, "R-GHIJKL")
    with pytest.raises(NotProved):
        from_oidc(here, "R-GHIJKL", signed, upstream, HELD)


def forged(keys: Any, told: dict[str, Any], how: str) -> str:
    """Tokens that were not signed by the provider."""
    import base64

    def part(data: Any) -> str:
        raw = data if isinstance(data, bytes) else json.dumps(data).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    if how == "another key":
        return token(keys["thief"], told)
    if how == "its own key in the header":
        return token(keys["thief"], told, jwk=keys["thief"].as_dict(private=False))
    if how in ("none", "None", "nOnE"):
        return f"{part({'alg': how})}.{part(told)}."
    if how == "the public key as a shared secret":
        signed = f"{part({'alg': 'HS256', 'kid': 'r1'})}.{part(told)}"
        return f"{signed}.{part(hmac.digest(keys['rsa'].as_pem(private=False), signed.encode(), 'sha256'))}"
    good = token(keys["rsa"], {**told, "email": "mallory@example.org"})
    header, _, signature = good.split(".")
    if how == "changed claims":
        return f"{header}.{part(told)}.{signature}"
    if how == "an unknown critical header":
        return f"{part({'alg': 'RS256', 'kid': 'r1', 'crit': ['x'], 'x': 1})}.{part(told)}.{signature}"
    return {"no signature": f"{header}.{part(told)}.", "rubbish": "a.b.c", "nothing": "", "huge": "a" * 20_000}[how]


@pytest.mark.parametrize("how", [
    "another key", "its own key in the header", "none", "None", "nOnE", "the public key as a shared secret",
    "changed claims", "an unknown critical header", "no signature", "rubbish", "nothing", "huge",
])  # fmt: skip
def test_a_forged_token_proves_nothing(here: Workspace, watch: Watch, keys: Any, upstream: Upstream, how: str) -> None:
    nonce = begin_oidc(here, CASE)
    with pytest.raises(NotProved):
        from_oidc(here, CASE, forged(keys, claims(watch, nonce), how), upstream, HELD)


def test_an_algorithm_that_is_not_allowed_is_refused_though_the_key_is_right(
    here: Workspace, watch: Watch, keys: Any, upstream: Upstream
) -> None:
    from attrs import evolve

    strict = evolve(upstream, algorithms=("ES256",))
    with pytest.raises(NotProved):
        from_oidc(here, CASE, token(keys["rsa"], claims(watch, begin_oidc(here, CASE))), strict, HELD)
    assert from_oidc(here, CASE, token(keys["ec"], claims(watch, begin_oidc(here, CASE))), strict, HELD).points == 1


@pytest.mark.parametrize("algorithms", [("HS256",), ("none",), ("RS256", "HS512"), ()])
def test_shared_secrets_and_none_cannot_even_be_allowed(tmp_path: Path, algorithms: tuple[str, ...]) -> None:
    with pytest.raises(Misused, match="public key"):
        Upstream(issuer=ISSUER, audience=AUDIENCE, keys=tmp_path, claims={}, algorithms=algorithms)
    assert Upstream(issuer=ISSUER, audience=AUDIENCE, keys=tmp_path, claims={}, algorithms=("PS256",)).max_age == 600


@pytest.mark.parametrize("content", [
    "", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', '{"keys": [7]}', "[" * 100_000,
])  # fmt: skip
def test_a_file_without_public_keys_is_said(here: Workspace, upstream: Upstream, content: str) -> None:
    upstream.keys.write_text(content, encoding="utf-8")
    with pytest.raises(Unreadable, match="no set of public keys"):
        from_oidc(here, CASE, "a.b.c", upstream, HELD)


def test_a_private_key_in_the_file_is_refused(here: Workspace, keys: Any, upstream: Upstream) -> None:
    upstream.keys.write_text(json.dumps({"keys": [keys["rsa"].as_dict(private=True)]}), encoding="utf-8")
    with pytest.raises(Unreadable, match="no set of public keys"):
        from_oidc(here, CASE, "a.b.c", upstream, HELD)


# --- what is sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to",
    [
        "ann@example.org\nBcc: all@example.org", "ann@example.org\r\n.", "ann@example.org, eve@example.org",
        "-oQ/tmp@x", "ann@example.org;rm -rf", "<ann@example.org>", "ann", "@", "a@b@c", "ann@exam ple.org", "-49731",
    ],
)  # fmt: skip
def test_an_address_that_would_become_something_else_is_refused(watch: Watch, to: str) -> None:
    with pytest.raises(Misused):
        Message(to, "Your code", "text", watch.now())


@pytest.mark.parametrize("to", ["ann@example.org", "o'neil+x@example.org", "+497311234567", "jörg@example.org"])
def test_addresses_beside_them_are_taken(watch: Watch, to: str) -> None:
    assert Message(to, "Your code", "text", watch.now()).to == to


@pytest.mark.parametrize("argv", [
    (), ("sendmail", "{to}"), ("sh", "-c", "mail {to}"), ("sms", "--to={to}"), ("sms", "--", "{to}", "x"), ("a\0b",),
])  # fmt: skip
def test_commands_that_would_take_the_address_for_an_option_are_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(Misused):
        Command(argv)


@pytest.mark.parametrize("argv", [("sendmail", "-t", "-i"), ("sms", "--", "{to}")])
def test_commands_beside_them_are_taken(argv: tuple[str, ...]) -> None:
    assert Command(argv).argv == argv
