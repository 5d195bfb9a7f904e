from typing import Any

import pytest

from ledgers import at, key, statement
from ombud.errors import Misused, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.dsse import sign
from ombud.evidence.entry import CLOCK_BEHIND, Entry
from ombud.evidence.kinds import DECISIONS, GRANTS, KINDS, default_grants
from ombud.evidence.statement import Statement, Subject

DIGEST = "ab" * 32


def an_attestation(**more: Any) -> Statement:
    return statement("attestation", {"item": "document:dpia", "says": "done"}, **more)


def test_a_statement_is_an_in_toto_statement() -> None:
    said = parse(
        Statement((Subject("model", DIGEST), Subject("mortgage")), "attestation", an_attestation().predicate).encode()
    )
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://ombud.dev/attestation/v1"
    assert said["subject"][0] == {"name": "model", "digest": {"sha256": DIGEST}}


def test_a_thing_without_bytes_is_never_given_a_digest_of_content() -> None:
    (subject,) = parse(an_attestation().encode())["subject"]
    assert set(subject["digest"]) == {"ombudName"}
    assert Statement.read(an_attestation().encode()).subjects == (Subject("mortgage", None),)


def test_what_was_said_is_read_back() -> None:
    said = an_attestation()
    read = Statement.read(said.encode())
    assert (read.kind, read.version, read.known, read.problem) == ("attestation", 1, True, None)
    assert canonical(read.predicate) == canonical(said.predicate)
    assert (read.system, read.observed_at) == ("mortgage", at(0))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"item": None}, None),
        ({"observed_at": "2026-11-23"}, "observed_at"),
        ({"observed_at": at(0).replace("Z", "+00:00")}, "observed_at"),
        ({"system": None}, "neither a system nor the organisation"),
    ],
)
def test_a_predicate_that_lacks_what_it_must_say_is_told(wrong: dict[str, Any], why: str | None) -> None:
    said = an_attestation(**wrong)
    assert (said.problem is None) == (why is None)
    if why is not None:
        with pytest.raises(Misused, match=why):
            said.encode()


def test_a_statement_needs_a_subject_with_a_real_digest() -> None:
    with pytest.raises(Misused, match="no subject"):
        Statement((), "attestation", an_attestation().predicate).encode()
    with pytest.raises(Misused, match="hexadecimal"):
        Statement((Subject("a", "xyz"),), "attestation", an_attestation().predicate).encode()


@pytest.mark.parametrize(
    ("predicate_type", "kind", "version"),
    [
        ("https://ombud.dev/attestation/v2", "attestation", 2),
        ("https://ombud.dev/dream/v1", "dream", 1),
        ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v1", 0),
    ],
)
def test_other_kinds_and_versions_are_read_and_known_as_unknown(predicate_type: str, kind: str, version: int) -> None:
    said = parse(an_attestation().encode()) | {"predicateType": predicate_type}
    read = Statement.read(canonical(said))
    assert (read.kind, read.version, read.known) == (kind, version, False)
    with pytest.raises(Misused):
        read.encode()


@pytest.mark.parametrize(
    "change",
    [
        {"_type": "x"}, {"subject": 1}, {"subject": [1]}, {"subject": [{"name": "a"}]}, {"predicate": []},
        {"predicateType": 1}, {"subject": [{"name": "a", "digest": {"sha256": 1}}]},
    ],
)  # fmt: skip
def test_what_is_no_statement_is_unreadable(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        Statement.read(canonical(parse(an_attestation().encode()) | change))


def test_every_kind_may_be_signed_by_some_role_and_every_grant_is_a_kind() -> None:
    granted = frozenset[str]().union(*GRANTS.values())
    assert granted - {"checkpoint"} == set(KINDS)


def test_who_measures_neither_approves_nor_revokes() -> None:
    for role in ("ml", "ci"):
        assert not GRANTS[role] & (DECISIONS | {"revocation", "key", "attestation"})
    assert not set(default_grants(("ci", "owner"))) & DECISIONS


@pytest.mark.parametrize("flags", [(), (CLOCK_BEHIND,)])
def test_the_leaf_is_the_canonical_json_of_time_and_envelope(flags: tuple[str, ...]) -> None:
    entry = Entry.at(0, at(5), sign(an_attestation(), key("dpo")), flags)
    plain = {"received_at": at(5), "envelope": entry.envelope.to_json()} | ({"flags": list(flags)} if flags else {})
    assert entry.leaf == canonical(plain)
    assert Entry.read(0, entry.leaf) == entry and Entry.read(0, entry.leaf).flags == flags


@pytest.mark.parametrize(
    "spoil",
    [
        lambda leaf: leaf + b" ", lambda leaf: b"[" * 50_000, lambda leaf: b"", lambda leaf: b"{}", lambda leaf: b"[]",
        lambda leaf: leaf.replace(b"000000Z", b"Z"), lambda leaf: leaf.replace(b"2026-11", b"2026-13"),
        lambda leaf: leaf[:-1] + b',"zzz":1}', lambda leaf: leaf.replace(b'"received_at"', b'"flags":1,"received_at"'),
        lambda leaf: leaf.replace(b'"received_at"', b'"flags":[1],"received_at"'),
        lambda leaf: b"9" * 5000, lambda leaf: b"\xff",
    ],
)  # fmt: skip
def test_a_leaf_in_another_form_is_unreadable(spoil: Any) -> None:
    leaf = Entry.at(0, at(5), sign(an_attestation(), key("dpo"))).leaf
    with pytest.raises(Unreadable):
        Entry.read(0, spoil(leaf))
