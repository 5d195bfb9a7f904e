"""A request's whole way, through the front door: what is said to be done is done, and what is not is said."""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from doors import inside, obeyed
from ombud.rights.export import unlock
from petitions import ANNA, BERT, PAPER, SOURCES, ask, fill, fulfilled, grant, in_the_log, open_shop, rows, steps_of
from support import needs


@pytest.fixture(scope="session")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for part in ("typst", "pyzipper", "stamina"):
        needs(part)
    return open_shop(tmp_path_factory.mktemp("shop") / "shop")


@pytest.fixture
def shop(_shop: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_shop, tmp_path / "shop")


def visitors(shop: Path) -> list[str]:
    return sorted(
        email for path in (shop / "lake").glob("*.parquet") for email in pq.read_table(path)["email"].to_pylist()
    )


# --- erasure --------------------------------------------------------------------------------------------------------


def test_a_person_is_erased_everywhere_and_nobody_else_is_touched(shop: Path) -> None:
    untouched = (shop / "lake" / "b.parquet").read_bytes()
    became = fulfilled(shop, grant(shop, "erasure"))
    assert set(became.values()) == {"erased and verified"} and len(became) == 4
    assert rows(shop, "SELECT id FROM customers") == [("C-2",)]
    assert rows(shop, "SELECT goods FROM orders") == [("chair",)]
    assert visitors(shop) == [BERT, BERT]
    assert (shop / "lake" / "b.parquet").read_bytes() == untouched


def test_nothing_of_the_erased_person_is_left_in_any_file_once_the_case_is_closed(shop: Path) -> None:
    looked = (
        "rights",
        "scan",
        "lake",
        "shop.db",
        ".ombud",
        "--identity",
        f"email={ANNA}",
        "--identity",
        "name=Anna Unique",
    )
    assert inside(*looked, at=shop).code == 1
    case = grant(shop, "erasure")
    fulfilled(shop, case)
    obeyed("rights", "told", case, "--recipient", "parcel service", at=shop)
    obeyed("rights", "deliver", case, "--how", "mail", at=shop)
    obeyed("rights", "close", case, at=shop)
    for package in (shop / ".ombud" / "exports").glob("*.zip"):
        package.unlink()  # encrypted: handed over, and deleted here
    after = inside(*looked, at=shop)
    assert after.code == 0, after.said


def test_no_word_of_the_person_ever_reaches_the_log(shop: Path) -> None:
    case = grant(shop, "erasure")
    fulfilled(shop, case)
    said = in_the_log(shop)
    assert case in said
    for word in (ANNA, "anna.unique", "Anna Unique", '"C-1"', "Zyxwv"):
        assert word not in said


def test_what_law_wants_kept_is_kept_with_its_ground_and_the_letter_says_so(shop: Path) -> None:
    case = grant(shop, "erasure", "core.invoices=legal-obligation@2036-12-31")
    became = fulfilled(shop, case)
    assert became["core.invoices"] == "not erasable" and became["core.customers"] == "erased and verified"
    assert rows(shop, "SELECT customer FROM invoices ORDER BY 1") == [("C-1",), ("C-2",)]
    obeyed("rights", "told", case, "--recipient", "parcel service", at=shop)
    letter = delivered(shop, case)["letter.html"].decode()
    text = " ".join(re.sub(r"<[^>]*>", " ", letter).split())
    assert "A legal duty asks for the data" in text and "GDPR Art. 17(3)(b)" in text and "2036-12-31" in text
    assert "The authority made for tests" in text and "GDPR Art. 12(4), 77" in text


def test_a_source_that_is_away_is_failed_and_the_case_stays_open_until_it_is_done(shop: Path) -> None:
    case = grant(shop, "erasure")
    (shop / "shop.db").rename(shop / "away.db")
    became = fulfilled(shop, case)
    assert became["core.customers"] == "failed" and became["lake.visits"] == "erased and verified"
    assert inside("rights", "close", case, at=shop).code == 2
    assert "fulfilled" not in steps_of(shop, case)
    (shop / "away.db").rename(shop / "shop.db")
    assert set(fulfilled(shop, case).values()) <= {"erased and verified", "nothing found"}
    assert rows(shop, "SELECT id FROM customers") == [("C-2",)] and steps_of(shop, case)[-1] == "fulfilled"


def test_a_restored_backup_is_erased_again_for_whoever_was_erased_and_for_nobody_else(shop: Path) -> None:
    case = grant(shop, "erasure")
    fulfilled(shop, case)
    obeyed("rights", "told", case, "--recipient", "parcel service", at=shop)
    obeyed("rights", "deliver", case, "--how", "mail", at=shop)
    obeyed("rights", "close", case, at=shop)
    fill(shop)
    assert ANNA in visitors(shop)
    again = obeyed("rights", "reapply", "--format", "json", at=shop).json
    assert again["people"] == 1 and rows(shop, "SELECT id FROM customers") == [("C-2",)]
    assert visitors(shop) == [BERT, BERT]
    assert obeyed("rights", "reapply", "--format", "json", at=shop).json["people"] == 0


def test_what_a_review_kept_is_kept_again_after_a_restore(shop: Path) -> None:
    case = grant(shop, "erasure", "core.invoices=legal-obligation@2036-12-31")
    fulfilled(shop, case)
    fill(shop)
    obeyed("rights", "reapply", at=shop)
    assert ("C-1",) in rows(shop, "SELECT customer FROM invoices") and ("C-1",) not in rows(
        shop, "SELECT id FROM customers"
    )


def test_erased_people_are_neither_decided_about_nor_trained_on(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ombud

    monkeypatch.chdir(shop)
    assert ombud.may_decide(ANNA, kind="email")
    fulfilled(shop, grant(shop, "erasure"))
    assert not ombud.may_decide(ANNA, kind="email") and ombud.may_decide(BERT, kind="email")
    fill(shop)
    kept = ombud.exclude(pq.read_table(shop / "lake" / "a.parquet"), subject="email", kind="email")
    assert (kept.frame["email"].to_pylist(), kept.people, kept.rows) == ([BERT], 1, 2)


# --- access, correction, the rest -----------------------------------------------------------------------------------


def delivered(shop: Path, case: str) -> dict[str, bytes]:
    word = "a-long-test-passphrase"
    done = inside(
        "rights", "deliver", case, "--how", "mail", "--format", "json", at=shop, OMBUD_PACKAGE_PASSPHRASE=word
    )
    assert done.code == 0, done.said
    return unlock(shop / done.json["package"], word)


def test_a_copy_holds_what_was_found_and_goes_into_a_locked_package(shop: Path) -> None:
    case = grant(shop, "access")
    obeyed("rights", "fulfil", case, at=shop)
    files = delivered(shop, case)
    data = json.loads(files["all/data.json"])
    assert [row["name"] for row in data["collections"]["core.customers"]] == ["Anna Unique"]
    assert sorted(row["goods"] for row in data["collections"]["core.orders"]) == ["lamp", "table"]
    assert BERT.encode() not in b"".join(files.values()) and files["copy.pdf"].startswith(b"%PDF")
    obeyed("rights", "close", case, at=shop)
    assert steps_of(shop, case)[-1] == "closed"


def test_a_wrong_value_is_put_right_wherever_it_stands_and_only_there(shop: Path) -> None:
    case = grant(shop, "rectification")
    wanted = [{"collection": "core.customers", "values": {"name": "Anna Right"}, "where": {"name": "Anna Unique"}}]
    (shop / "right.json").write_text(json.dumps(wanted), encoding="utf-8")
    obeyed("rights", "correct", case, "--file", "right.json", at=shop)
    assert fulfilled(shop, case) == {"core.customers": "changed and verified"}
    assert rows(shop, "SELECT name FROM customers ORDER BY id") == [("Anna Right",), ("Bert Unique",)]
    assert "Anna Right" not in in_the_log(shop)


def test_a_correction_that_names_no_place_of_the_map_is_refused_without_repeating_it(shop: Path) -> None:
    case = grant(shop, "rectification")
    (shop / "right.json").write_text('[{"collection": "core.nowhere", "values": {"name": "Zeta"}}]', encoding="utf-8")
    done = inside("rights", "correct", case, "--file", "right.json", at=shop)
    assert done.code == 2 and "core.customers" in done.err and "Zeta" not in done.said


@pytest.mark.parametrize("right", ["objection", "restriction", "withdraw-consent"])
def test_a_right_that_stops_something_stops_it_at_once(shop: Path, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import ombud

    monkeypatch.chdir(shop)
    obeyed("rights", "fulfil", grant(shop, right), at=shop)
    assert not ombud.may_decide(ANNA, kind="email") and ombud.may_decide(BERT, kind="email")
    assert rows(shop, "SELECT count(*) FROM customers") == [(2,)]


def test_an_opt_out_of_sale_needs_no_proof_of_identity_in_california(shop: Path) -> None:
    (shop / "request.yaml").write_text(f"identities: [email={ANNA}]\n", encoding="utf-8")
    received = obeyed(
        "rights", "receive", "--right", "opt-out-sale", "--lives", "US-CA", "--file", "request.yaml",
        "--fact", "role=business", "--fact", "ccpa_threshold=yes", "--format", "json", at=shop,
    ).json  # fmt: skip
    case = received["case"]
    obeyed("rights", "verify", case, "--method", "not-required", at=shop)
    obeyed("rights", "review", case, "--decision", "grant", at=shop)
    obeyed("rights", "fulfil", case, at=shop)
    assert steps_of(shop, case)[-1] == "fulfilled"


def test_a_refusal_is_told_with_its_ground_and_its_remedies(shop: Path) -> None:
    case = ask(shop, "erasure")
    (shop / "why.txt").write_text("No document was shown.", encoding="utf-8")
    obeyed("rights", "refuse", case, "--ground", "identity-not-verified", "--reasons", "why.txt", at=shop)
    text = delivered(shop, case)["letter.html"].decode()
    assert "No document was shown." in text and "The authority made for tests" in text
    obeyed("rights", "close", case, at=shop)


# --- what is refused, each beside its allowed neighbour --------------------------------------------------------------


def test_nobody_is_searched_for_before_it_is_shown_who_asks(shop: Path) -> None:
    case = ask(shop, "erasure")
    assert inside("rights", "find", case, at=shop).code == 2
    obeyed("rights", "verify", case, "--method", "staff", "--seen", "identity-card", at=shop)
    obeyed("rights", "find", case, at=shop)


def test_whose_an_identity_is_can_be_seen_when_asked_for_and_is_then_decided(shop: Path) -> None:
    with sqlite3.connect(shop / "shop.db") as database:
        database.executescript("""
            CREATE TABLE copy AS SELECT * FROM customers; DROP TABLE customers; ALTER TABLE copy RENAME TO customers;
            INSERT INTO customers SELECT 'C-9', upper(email), 'A Second Account' FROM customers WHERE id = 'C-1';
        """)
    case = ask(shop, "erasure")
    obeyed("rights", "verify", case, "--method", "staff", "--seen", "identity-card", at=shop)
    plain = inside("rights", "find", case, at=shop)
    assert "--private" in plain.err and "C-9" not in plain.out + plain.err
    assert "in question: customer=C-9" in inside("rights", "find", case, "--private", at=shop).out
    decided = inside("rights", "find", case, "--also", "customer=C-1", "--not-theirs", "customer=C-9", at=shop)
    assert "to decide" not in decided.err and f"ombud rights review {case}" in decided.err


def test_nothing_is_done_before_it_was_granted(shop: Path) -> None:
    case = ask(shop, "erasure")
    obeyed("rights", "verify", case, "--method", "staff", "--seen", "identity-card", at=shop)
    obeyed("rights", "find", case, at=shop)
    assert inside("rights", "fulfil", case, at=shop).code == 2
    assert rows(shop, "SELECT count(*) FROM customers") == [(2,)]


def test_a_case_is_not_closed_before_recipients_were_told(shop: Path) -> None:
    case = grant(shop, "erasure")
    fulfilled(shop, case)
    obeyed("rights", "deliver", case, "--how", "mail", at=shop)
    refused = inside("rights", "close", case, at=shop)
    assert refused.code == 2 and "parcel service" in refused.err
    obeyed("rights", "told", case, "--recipient", "parcel service", "--not-reached", at=shop)
    obeyed("rights", "close", case, at=shop)


def test_a_recipient_that_the_map_does_not_know_is_not_put_on_record(shop: Path) -> None:
    case = grant(shop, "erasure")
    fulfilled(shop, case)
    assert inside("rights", "told", case, "--recipient", "Somebody Private", at=shop).code == 2


def test_a_map_that_changed_since_the_search_is_searched_again(shop: Path) -> None:
    case = grant(shop, "erasure")
    sources = shop / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert inside("rights", "fulfil", case, at=shop).code == 2
    assert rows(shop, "SELECT count(*) FROM customers") == [(2,)]


# --- where no program reaches ----------------------------------------------------------------------------------------


def test_a_step_by_hand_keeps_the_case_open_until_somebody_signs_that_it_was_done(tmp_path: Path) -> None:
    needs("typst")
    shop = open_shop(tmp_path / "shop", SOURCES + PAPER)
    case = grant(shop, "erasure")
    waiting = fulfilled(shop, case)
    assert waiting["paper.files"] == "failed" and waiting["core.customers"] == "erased and verified"
    obeyed("rights", "step", case, "paper.files", "--verb", "erase", "--says", "done", "--rows", "1", at=shop)
    assert fulfilled(shop, case)["paper.files"] == "erased and verified"
    assert steps_of(shop, case)[-1] == "fulfilled"


# --- two accounts, one address ---------------------------------------------------------------------------------------


def test_what_may_be_somebody_elses_is_left_to_a_person(shop: Path) -> None:
    with sqlite3.connect(shop / "shop.db") as database:
        database.execute("INSERT INTO customers VALUES ('C-3', 'anna.second@mail.example', 'Anna Unique')")
    database.close()
    fulfilled(shop, grant(shop, "erasure"))
    assert rows(shop, "SELECT id FROM customers ORDER BY 1") == [("C-2",), ("C-3",)], "a name is no identity"
