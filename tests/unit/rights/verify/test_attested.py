"""Somebody with a key saw who the person is, and signs that."""

from pathlib import Path

import pytest

from ombud.errors import Misused
from ombud.evidence.errors import Refused
from ombud.rights.verify import SEEN, Level, Proof, attest
from ombud.store.workspace import Workspace
from rooms import CASE, Watch, room


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return room(tmp_path, Watch())


def test_a_passport_that_was_seen_is_in_the_log_as_a_word(here: Workspace) -> None:
    proof = attest(here, CASE, "dpo", "passport")
    entry = here.ledger.log().trusted("attestation")[-1]
    assert (proof.level, proof.evidence_digest) == (Level.HIGH, entry.digest)
    assert entry.statement.predicate["item"] == f"identity:{CASE}"
    assert entry.statement.predicate["says"] == "passport"


def test_being_known_in_person_reaches_less_than_a_document(here: Workspace) -> None:
    assert attest(here, CASE, "dpo", "known-in-person").level is Level.REASONABLE


@pytest.mark.parametrize("seen", ["", "passport C01X00T47", "Passport", "ann looked honest"])
def test_what_was_seen_is_never_told_in_free_words(here: Workspace, seen: str) -> None:
    with pytest.raises(Misused, match="code of the list") as refused:
        attest(here, CASE, "dpo", seen)
    assert not seen or seen not in str(refused.value)


def test_whose_key_may_not_attest_does_not(here: Workspace) -> None:
    with pytest.raises(Refused):
        attest(here, CASE, "ml", "passport")


@pytest.mark.parametrize("seen", sorted(SEEN))
def test_every_code_of_the_list_is_taken(here: Workspace, seen: str) -> None:
    assert attest(here, CASE, "dpo", seen).method == "attested"


def test_a_proof_is_plain_in_the_log(here: Workspace) -> None:
    proof = Proof(method="oidc", points=1, level=Level.REASONABLE, at=here.context.clock.now())
    assert proof.to_json() == {
        "method": "oidc", "points": 1, "level": "reasonable", "at": "2026-11-23T07:00:00.000000Z",
        "evidence_digest": None,
    }  # fmt: skip
