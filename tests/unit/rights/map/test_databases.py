# ruff: noqa: E501 (maps and tables on one line)
"""The map and a database: proposed from it, completed from it, held against it."""

import sqlite3
from pathlib import Path

import pytest

from mapped import a_map
from ombud.errors import Misused, OmbudError
from ombud.rights.map.draft import draft
from ombud.rights.map.live import compare, complete
from ombud.rights.map.model import DataMap
from ombud.rights.map.reach import check_reach

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, manager INTEGER REFERENCES customers(id));
CREATE TABLE orders (no INTEGER, year INTEGER, customer_id INTEGER NOT NULL REFERENCES customers(id), PRIMARY KEY (year, no));
CREATE TABLE lines (order_year INTEGER, order_no INTEGER, wish TEXT, FOREIGN KEY (order_year, order_no) REFERENCES orders(year, no));
CREATE TABLE contacts (id INTEGER PRIMARY KEY, mail TEXT, customer_id INTEGER REFERENCES customers(id));
CREATE TABLE leads (id INTEGER PRIMARY KEY, v1 TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE x (id INTEGER PRIMARY KEY, k1 TEXT);
INSERT INTO customers VALUES (1, 'zebra@example.org', 'Zebra', NULL);
INSERT INTO leads VALUES (1, 'yak@example.org');
INSERT INTO x VALUES (1, 'DE89370400440532013000');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = sqlite3.connect(tmp_path / "shop.db")
    database.executescript(SHOP)
    database.close()
    return tmp_path


def mapped(folder: Path, collections: str) -> DataMap:
    body = "\n".join(f"      {line}" for line in collections.strip().splitlines())
    text = "identities: {email: user.contact.email, customer_id: user.unique_id}\nsources:\n  core:\n    sql: sqlite:///shop.db\n    collections:\n"
    return a_map(f"{text}{body}\n", folder / "sources.yaml")


ALL = """
customers: {identities: {id: customer_id, email: email}, columns: {name: user.name}}
orders: {columns: {no: user.behavior}}
lines: {columns: {wish: user.behavior}}
contacts: {identities: {mail: email}}
"""


# --- completed ------------------------------------------------------------------------------------------------------


def test_keys_and_references_come_from_the_database(folder: Path) -> None:
    found = complete(mapped(folder, ALL))
    assert found.collection("core.orders").key == ("year", "no")
    (line,) = found.collection("core.lines").references
    assert (line.columns, line.to, line.to_columns, line.binding, line.said) == (
        ("order_year", "order_no"), "core.orders", ("year", "no"), "belongs", False,
    )  # fmt: skip
    assert found.collection("core.lines").key == ()


def test_a_row_belongs_where_it_points_unless_it_has_a_person_of_its_own_or_points_at_its_own_table(
    folder: Path,
) -> None:
    found = complete(mapped(folder, ALL))
    bindings = {one.address: [ref.binding for ref in one.references] for one in found.collections}
    assert bindings == {
        "core.customers": ["mentions"],
        "core.orders": ["belongs"],
        "core.lines": ["belongs"],
        "core.contacts": ["mentions"],
    }


def test_what_a_person_wrote_stays(folder: Path) -> None:
    by_hand = ALL.replace(
        "{mail: email}}", "{mail: email}, key: mail, references: {customer_id: belongs to customers.id}}"
    )
    contacts = complete(mapped(folder, by_hand)).collection("core.contacts")
    assert contacts.key == ("mail",)
    (reference,) = contacts.references
    assert (reference.binding, reference.said, reference.nullable) == ("belongs", True, True)


def test_references_are_told_apart_whatever_the_order_of_their_columns(folder: Path) -> None:
    by_hand = ALL.replace(
        "wish: user.behavior}", 'wish: user.behavior}, references: {"order_no, order_year": "orders (no, year)"}'
    )
    assert len(complete(mapped(folder, by_hand)).collection("core.lines").references) == 1


def test_a_completed_map_leads_where_the_written_one_did_not(folder: Path) -> None:
    before, after = mapped(folder, ALL), complete(mapped(folder, ALL))
    assert [one.where for one in check_reach(before) if one.rule == "unreached"] == ["core.orders", "core.lines"]
    assert not [one for one in check_reach(after) if one.rule == "unreached"]


def test_a_database_that_is_away_is_named_and_the_map_stays(folder: Path) -> None:
    (folder / "shop.db").unlink()
    before = mapped(folder, ALL)
    after = complete(before)
    assert set(after.unread) == {"core"}
    assert after.sources == before.sources


# --- held against ---------------------------------------------------------------------------------------------------


def rules(found: DataMap) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for one in compare(found):
        if one.hole:
            said.setdefault(one.rule, []).append(f"{one.where}: {one.says}. {one.add}")
    return said


def test_tables_that_the_map_does_not_know_are_named_by_their_columns_and_by_whom_they_point_at(folder: Path) -> None:
    said = rules(mapped(folder, "customers: {identities: {id: customer_id}}"))["unknown"]
    assert [one.split(" is not")[0] for one in said] == ["core: table contacts", "core: table orders"]


def test_a_renamed_column_and_a_missing_table_are_findings_with_a_next_step(folder: Path) -> None:
    text = "customers: {identities: {identity: customer_id, emails: email}}\norder: {columns: {x: user.name}}"
    said = rules(mapped(folder, text))
    assert said["column"][1] == "core.customers: customers has no column emails. write email, if it was renamed"
    assert said["table"] == ["core.order: table order is not there. table: orders, if that is it"]


def test_a_reference_over_a_column_that_is_gone_is_a_finding(folder: Path) -> None:
    text = "customers: {identities: {id: customer_id}}\nlines: {columns: {wish: user.name}, references: {order_no: customers.nr}}"
    assert any("customers has no column nr" in one for one in rules(mapped(folder, text))["column"])


def test_a_key_that_tells_no_rows_apart_is_a_finding(folder: Path) -> None:
    said = rules(mapped(folder, "orders: {key: no, columns: {no: user.name}}"))["key"]
    assert said == ["core.orders: no may be the same in several rows of orders. key: [year, no]"]


def test_a_table_without_a_key_is_a_remark(folder: Path) -> None:
    remarks = [one for one in compare(mapped(folder, ALL)) if one.rule == "key"]
    assert [(one.where, one.hole) for one in remarks] == [("core.lines", False)]


def test_a_database_that_is_away_is_a_finding(folder: Path) -> None:
    (folder / "shop.db").write_bytes(b"not a database" * 100)
    (said,) = rules(mapped(folder, ALL)).values()
    assert said[0].startswith("core: ")


def test_files_whose_columns_are_gone_are_findings(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,mail\n1,a@x.org\n", encoding="utf-8")
    text = "identities: {email: user.contact.email}\nsources: {f: {csv: ., collections: {people: {table: people.csv, identities: {COLUMN: email}}, gone: {table: gone.csv, identities: {mail: email}}}}}"
    good = compare(a_map(text.replace("COLUMN", "mail"), tmp_path / "s.yaml"))
    assert [one.where for one in good] == ["f.gone"]
    bad = compare(a_map(text.replace("COLUMN", "email"), tmp_path / "s.yaml"))
    assert [one.where for one in bad] == ["f.people", "f.gone"]


# --- proposed -------------------------------------------------------------------------------------------------------


def proposed(folder: Path) -> tuple[str, DataMap]:
    text = draft("sqlite:///shop.db", folder)
    return text, a_map(text, folder / "sources.yaml")


def test_a_draft_is_a_map_that_reads_back(folder: Path) -> None:
    _, read = proposed(folder)
    assert [one.name for one in read.collections] == ["contacts", "customers", "leads", "lines", "orders", "x"]
    assert set(read.identities) == {"email", "contact_id", "customer_id", "lead_id"}
    assert read.collection("core.customers").columns["name"].category == "user.name"


def test_a_draft_recognises_values_and_writes_none_of_them(folder: Path) -> None:
    text, read = proposed(folder)
    assert read.collection("core.leads").identities["v1"] == "email"
    assert read.collection("core.x").columns["k1"].category == "user.financial.bank_account"
    assert not any(value in text for value in ("zebra", "Zebra", "yak", "DE89"))


def test_a_draft_takes_what_hangs_on_people_and_leaves_out_the_rest(folder: Path) -> None:
    text, read = proposed(folder)
    assert read.collection("core.lines").references[0].to == "core.orders"
    assert "Left out, for nothing in them looks personal: products" in text


def test_holes_of_a_draft_are_what_no_database_knows(folder: Path) -> None:
    _, read = proposed(folder)
    assert [one.where for one in check_reach(read) if one.rule == "unreached"] == ["core.x"]
    assert {"purposes", "lawful_basis", "retention"} <= {one.rule for one in check_reach(read)}


def test_a_draft_never_takes_an_address_with_a_secret(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="holds a secret") as caught:
        draft("postgresql://me:hunter2@db/x", tmp_path)
    assert "hunter2" not in str(caught.value)


def test_strange_names_of_tables_and_columns_are_quoted_or_left_out(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "odd.db")
    database.executescript("""
CREATE TABLE "Kunden: ""Daten"" #1" ("e-mail: x" TEXT PRIMARY KEY, "a,b" TEXT UNIQUE, "nl\n" TEXT, "yes" TEXT);
CREATE TABLE "Kunden; 'Daten' #1" (email TEXT, "p,q" TEXT REFERENCES "Kunden: ""Daten"" #1"("a,b"));
""")
    database.close()
    read = a_map(draft("sqlite:///odd.db", tmp_path), tmp_path / "s.yaml")
    assert {one.table for one in read.collections} == {'Kunden: "Daten" #1', "Kunden; 'Daten' #1"}
    assert len({one.name for one in read.collections}) == 2


def test_an_empty_database_gives_an_empty_map(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    assert a_map(draft("sqlite:///empty.db", tmp_path), tmp_path / "s.yaml").collections == ()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(OmbudError):
        draft("sqlite:///gone.db", tmp_path)
    assert not list(tmp_path.iterdir())
