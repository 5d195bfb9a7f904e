from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import SSlibKey

from ledgers import key, measured, statement
from ombud.errors import Misused, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.dsse import Envelope, pre_authentication_encoding, sign, sign_bytes
from ombud.evidence.keys import PublicKey, SigningKey, key_id


def test_the_signed_bytes_are_those_of_the_specification() -> None:
    # DSSE protocol v1.0.0, "Test vectors"
    assert pre_authentication_encoding("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_another_implementation_verifies_our_envelopes() -> None:
    ours, signer = measured("ml", 1), key("ml")
    theirs = TheirEnvelope.from_dict(ours.to_json())
    public = SSlibKey(signer.key_id, "ed25519", "ed25519", {"public": signer.public.hex()})
    assert set(theirs.verify([public], 1)) == {signer.key_id}


def test_an_envelope_verifies_with_its_key_and_no_other() -> None:
    assert measured("ml", 1).verify(key("ml").public)
    assert not measured("ml", 1).verify(key("dpo").public)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_bit_of_the_payload_may_change(place: int, bit: int) -> None:
    good = measured("ml", 1)
    payload = bytearray(good.payload)
    payload[place % len(payload)] ^= 1 << bit
    assert not Envelope(bytes(payload), good.key_id, good.signature).verify(key("ml").public)


def test_the_type_is_signed_too() -> None:
    good = measured("ml", 1)
    assert not Envelope(good.payload, good.key_id, good.signature, "text/plain").verify(key("ml").public)


@given(st.binary(max_size=200), st.text(st.characters(codec="ascii"), max_size=40))
def test_the_quick_encoding_of_an_envelope_is_canonical(payload: bytes, payload_type: str) -> None:
    envelope = sign_bytes(payload, payload_type, key("ml"))
    assert envelope.encode() == canonical(envelope.to_json())
    assert Envelope.from_json(parse(envelope.encode())) == envelope


def changed(**members: Any) -> dict[str, Any]:
    return measured("ml", 1).to_json() | members


@pytest.mark.parametrize(
    "data",
    [
        None, [], {}, changed(payload=1), changed(payload="not base64!"), changed(payload="YQ"),
        changed(payload="YR=="),
        changed(signatures=[]), changed(signatures=[{"keyid": "a", "sig": "YQ=="}] * 2), changed(extra=1),
        changed(signatures=[{"keyid": "a", "sig": "YQ==", "cert": ""}]), changed(signatures="ab"),
        changed(payloadType="\u00e9"), changed(signatures=[None]), changed(signatures=[{"keyid": 1, "sig": "YQ=="}]),
    ],
)  # fmt: skip
def test_what_is_no_envelope_with_one_signature_is_refused(data: Any) -> None:
    with pytest.raises(Unreadable):
        Envelope.from_json(data)


def test_a_statement_that_lacks_what_its_kind_must_say_is_not_signed() -> None:
    with pytest.raises(Misused, match="lacks item, says"):
        sign(statement("attestation"), key("dpo"))


def test_a_key_is_called_by_the_digest_of_its_public_half_and_hides_the_private_one() -> None:
    # RFC 8032, section 7.1, test 1
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signer = SigningKey.from_seed(seed)
    assert signer.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8")
    assert signer.key_id == key_id(signer.public) and seed.hex() not in repr(signer) and "private" not in repr(signer)


def test_keys_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(Misused):
        SigningKey.from_seed(b"short")
    with pytest.raises(Misused):
        PublicKey(b"short")
