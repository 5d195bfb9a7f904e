"""`ombud keys`, `attest`, `ledger` and `verify`, as they are typed."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ombud.cli.main import build
from ombud.errors import Misused, NotFound, OmbudError
from ombud.evidence.errors import LedgerBroken
from ombud.store.database import HEAD


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("OMBUD_STORE", "OMBUD_ANCHOR", "OMBUD_ROOT_KEY", "OMBUD_KEY_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    run("keys", "init")
    run("keys", "add", "engineer", "--role", "ml")
    run("keys", "add", "officer", "--role", "dpo")
    return tmp_path


def run(*words: str) -> Result:
    result = CliRunner().invoke(build(words), words)
    if isinstance(result.exception, OmbudError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def said(*words: str) -> Any:
    return json.loads(run(*words, "--format", "json").stdout)


def attest(item: str = "document:dpia", *more: str) -> Result:
    return run("attest", item, "--says", "Assessed.", *more)


def test_keys_are_listed_with_what_they_may_sign(folder: Path) -> None:
    keys = {key["holder"]: key for key in said("keys", "list")["keys"]}
    assert list(keys) == ["root", "log", "engineer", "officer"]
    assert "measurement" in keys["engineer"]["grants"] and "approval" not in keys["engineer"]["grants"]
    assert "engineer" in run("keys", "list").stdout


def test_a_rotated_key_is_listed_as_such_and_the_new_one_is_here(folder: Path) -> None:
    run("keys", "rotate", "engineer")
    states = [(key["state"], key["here"]) for key in said("keys", "list")["keys"] if key["holder"] == "engineer"]
    assert states == [("rotated at entry 4", False), ("valid", True)]


def test_a_retired_holder_may_come_back_with_a_new_key(folder: Path) -> None:
    run("keys", "retire", "engineer")
    run("keys", "add", "engineer", "--role", "ml")
    states = [key["state"] for key in said("keys", "list")["keys"] if key["holder"] == "engineer"]
    assert states == ["retired at entry 4", "valid"]
    with pytest.raises(Misused, match="has a key here already"):
        run("keys", "add", "engineer", "--role", "ml")


def test_a_revoked_key_is_shown_with_its_reason(folder: Path) -> None:
    run("keys", "revoke", "engineer", "--reason", "key compromised")
    (key,) = [key for key in said("keys", "list")["keys"] if key["holder"] == "engineer"]
    assert key["state"] == "revoked: key compromised at entry 4"
    assert said("keys", "show", key["key_id"][:16])["public"] == key["public"]


def test_a_key_made_elsewhere_is_introduced_by_its_public_half(folder: Path) -> None:
    public = said("keys", "show", "engineer")["public"]
    with pytest.raises(OmbudError, match="one key under two names"):
        run("keys", "add", "other", "--role", "ci", "--public", public)
    run(
        "keys",
        "add",
        "robot",
        "--role",
        "ci",
        "--public",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    )
    assert not (folder / ".ombud/keys/robot.pem").exists()
    assert said("keys", "show", "robot")["here"] is False


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x", "--role", "king"), ("add", "x", "--role", "ml", "--grant", "everything"),
        ("add", "x", "--public", "zz"), ("revoke", "engineer", "--reason", "boredom"), ("retire", "nobody"),
        ("rotate", "Nobody"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_anything_is_written(folder: Path, words: tuple[str, ...]) -> None:
    before = sorted((folder / ".ombud/keys").iterdir())
    with pytest.raises(OmbudError):
        run("keys", *words)
    assert sorted((folder / ".ombud/keys").iterdir()) == before and said("ledger", "show")["size"] == 4


def test_an_attestation_is_signed_by_the_only_one_who_may(folder: Path) -> None:
    (folder / "dpia.pdf").write_bytes(b"%PDF")
    attest("dpia", "--document", "dpia.pdf", "--expires", "2027-06-30")
    entry = said("ledger", "show")["entries"][-1]
    told = json.loads(run("ledger", "show", str(entry["index"])).stdout)
    predicate = told["statement"]["predicate"]
    assert (entry["kind"], entry["by"], predicate["item"]) == ("attestation", "officer", "document:dpia")
    assert predicate["expires"] == "2027-06-30T23:59:59.999999Z" and predicate["organisation"] is True
    assert predicate["document"]["name"] == "dpia.pdf" and len(predicate["document"]["digest"]) == 64


def test_with_two_who_may_one_has_to_be_named(folder: Path) -> None:
    run("keys", "add", "lawyer", "--role", "legal")
    with pytest.raises(Misused) as caught:
        attest()
    assert "--as: lawyer, officer" in caught.value.next_step
    attest("document:dpia", "--as", "lawyer")
    with pytest.raises(OmbudError, match="engineer may not sign attestation"):
        attest("document:dpia", "--as", "engineer")


@pytest.mark.parametrize(("item", "near"), [("document:dpiaa", "document:dpia"), ("complaint", "process:complaints")])
def test_a_misspelt_item_names_the_nearest(folder: Path, item: str, near: str) -> None:
    with pytest.raises(Misused) as caught:
        attest(item)
    assert near in caught.value.next_step


def test_a_missing_document_is_not_attested(folder: Path) -> None:
    with pytest.raises(OmbudError, match="there-is-none"):
        attest("dpia", "--document", "there-is-none")
    assert said("ledger", "show")["size"] == 4


def test_an_entry_taken_back_is_gone_and_one_withdrawn_keeps_its_date(folder: Path) -> None:
    attest()
    attest("document:fria")
    digest = said("ledger", "show")["entries"][5]["digest"]
    run("attest", "revoke", "4", "--reason", "mistaken")
    run("attest", "revoke", digest[:12], "--reason", "withdrawn", "--from", "2027-01-01")
    entries = said("ledger", "show")["entries"]
    assert entries[4]["standing"] == "revoked: mistaken"
    assert (entries[5]["standing"], entries[5]["withdrawn_from"]) == ("trusted", "2027-01-01T00:00:00.000000Z")
    for words in (
        ("99", "--reason", "mistaken"),
        ("4", "--reason", "mistaken", "--from", "2027-01-01"),
        ("4", "--reason", "x"),
    ):
        with pytest.raises(Misused):
            run("attest", "revoke", *words)


def test_a_whole_log_verifies_and_a_changed_one_exits_with_one(folder: Path) -> None:
    attest()
    assert said("ledger", "verify")["standing"] == {"trusted": 5}
    note = (folder / "ombud.checkpoint").read_text()
    (folder / "ombud.checkpoint").write_text(note.replace("\n5\n", "\n6\n"))
    result = run("ledger", "verify", "--format", "json")
    assert result.exit_code == 1 and json.loads(result.stdout)["whole"] is False
    with pytest.raises(LedgerBroken) as caught:
        run("ledger", "show")
    assert caught.value.exit_code == 3


def test_a_lost_checkpoint_file_is_renewed_only_when_asked(folder: Path) -> None:
    (folder / "ombud.checkpoint").unlink()
    with pytest.raises(LedgerBroken):
        run("ledger", "checkpoint")
    run("ledger", "checkpoint", "--renew")
    assert run("ledger", "checkpoint").stdout == (folder / "ombud.checkpoint").read_text()


def test_a_proof_is_one_that_others_can_check(folder: Path) -> None:
    from ombud.evidence.checkpoint import Checkpoint
    from ombud.evidence.tree import extends, includes

    attest()
    proof = said("ledger", "prove", "2", "--since", "3")
    root = Checkpoint.read(proof["checkpoint"]).root
    path = [bytes.fromhex(node) for node in proof["path"]]
    assert includes(bytes.fromhex(proof["leaf_hash"]), 2, proof["size"], path, root)
    grew = [bytes.fromhex(node) for node in proof["consistency"]]
    assert extends(3, bytes.fromhex(proof["since"]["root"]), proof["size"], root, grew)
    assert proof["leaf_hash"] in run("ledger", "prove", "2").stdout


def test_a_bundle_is_exported_verified_and_anchored(folder: Path) -> None:
    attest()
    (folder / "held").write_text(run("ledger", "checkpoint").stdout)
    attest("document:fria")
    run("ledger", "export", "evidence.zip")
    root = said("keys", "list")["root_key"]
    verdict = said("verify", "evidence.zip", "--root", root, "--since", "held", "--anchored")
    assert (verdict["exit_code"], verdict["trusted"], verdict["anchored"]["size"]) == (0, 6, 5)
    text = run("verify", "evidence.zip").stdout
    assert text.startswith("sound: evidence.zip") and "cannot be known" in text
    with pytest.raises(Misused, match="there already"):
        run("ledger", "export", "evidence.zip")


def test_verification_exits_as_promised(folder: Path) -> None:
    run("ledger", "export", "evidence", "--no-law")
    assert run("verify", "evidence").exit_code == 0
    assert run("verify", "evidence", "--anchored").exit_code == 3
    assert run("verify", "evidence", "--root", "0" * 64).exit_code == 3
    lines = (folder / "evidence/entries.jsonl").read_bytes()
    (folder / "evidence/entries.jsonl").write_bytes(lines.replace(b'received_at":"2', b'received_at":"3', 1))
    tampered = run("verify", "evidence")
    assert tampered.exit_code == 1 and "entry 0 was changed" in tampered.stdout
    shutil.rmtree(folder / "evidence")
    with pytest.raises(OmbudError):
        run("verify", "evidence")


def test_a_checkpoint_that_is_none_and_a_root_that_is_none_are_told(folder: Path) -> None:
    run("ledger", "export", "evidence.zip", "--no-law")
    (folder / "held").write_text("hello")
    for words in (("--since", "held"), ("--since", "nowhere"), ("--root", "abc")):
        with pytest.raises(OmbudError):
            run("verify", "evidence.zip", *words)


def test_a_backup_is_a_copy_of_the_whole_store(folder: Path) -> None:
    assert "4 entries" in run("ledger", "backup", "copy.db").stdout
    assert (folder / "copy.db").stat().st_size > 0
    assert HEAD in run("ledger", "upgrade").stdout


def test_outside_a_workspace_the_way_in_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("keys", "list"), ("ledger", "show"), ("ledger", "verify")):
        with pytest.raises(NotFound) as caught:
            run(*words)
        assert "ombud keys init" in caught.value.next_step
