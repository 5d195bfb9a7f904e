"""A small shop that people ask things of: a database, files, a map, keys; and the way of a request through it."""

import base64
import json
import re
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from doors import Done, inside, obeyed

ORGANISATION = """\
name: A shop made for tests
establishment: [DE]
contact: {write_to: privacy@shop.example, address: 1 Test Street}
authorities: [{name: The authority made for tests, laws: [gdpr]}]
facts: {public_body: no}
"""

SOURCES = """\
identities: {email: user.contact.email, customer: user.unique_id}
sources:
  core:
    sql: sqlite:///shop.db
    backups: 35d
    region: DE
    security: access by role
    owner: it
    collections:
      customers:
        identities: {email: email, id: customer}
        columns: {name: user.name}
        purposes: [selling]
        lawful_basis: [contract]
        origin: the person
        retention: 3y
      orders:
        columns: {goods: user.behavior.purchase_history}
        purposes: [selling]
        lawful_basis: [contract]
        recipients: [parcel service]
        origin: the person
        retention: 3y
      invoices:
        identities: {customer: customer}
        columns: {total: user.financial}
        purposes: [bookkeeping]
        lawful_basis: [legal-obligation]
        origin: the shop
        retention: 10y
  lake:
    parquet: lake
    backups: 35d
    region: DE
    security: access by role
    owner: it
    collections:
      visits:
        table: "*.parquet"
        identities: {email: email}
        columns: {page: {category: user.behavior.browsing_history, origin: observed}}
        purposes: [improving the site]
        lawful_basis: [legitimate-interests]
        origin: observed
        retention: 1y
"""

PAPER = """\
  paper:
    manual: the cabinet
    backups: 1d
    region: DE
    security: locked
    owner: front-desk
    collections:
      files:
        identities: {email: email}
        columns: {note: user.content.private}
        purposes: [selling]
        lawful_basis: [contract]
        origin: the person
        retention: 3y
"""

ANNA, BERT = "anna.unique@mail.example", "bert.unique@mail.example"
TABLES = """
CREATE TABLE customers (id TEXT PRIMARY KEY, email TEXT UNIQUE, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT REFERENCES customers(id), goods TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, total INTEGER);
INSERT INTO customers VALUES ('C-1', 'anna.unique@mail.example', 'Anna Unique'),
                             ('C-2', 'bert.unique@mail.example', 'Bert Unique');
INSERT INTO orders VALUES (1, 'C-1', 'lamp'), (2, 'C-2', 'chair'), (3, 'C-1', 'table');
INSERT INTO invoices VALUES (1, 'C-1', 40), (2, 'C-2', 70);
"""


def open_shop(folder: Path, sources: str = SOURCES) -> Path:
    """Make the shop with its workspace and an officer's key."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")
    fill(folder)
    obeyed("keys", "init", at=folder)
    obeyed("keys", "add", "officer", "--role", "dpo", at=folder)
    return folder


def fill(folder: Path) -> None:
    """Write database and files anew, as a restored backup would."""
    (folder / "shop.db").unlink(missing_ok=True)
    with sqlite3.connect(folder / "shop.db") as database:
        database.executescript(TABLES)
    database.close()
    (folder / "lake").mkdir(exist_ok=True)
    for name, people in {"a": [ANNA, BERT, ANNA], "b": [BERT]}.items():
        table = pa.table({"email": people, "page": [f"/{number}" for number in range(len(people))]})
        pq.write_table(table, folder / "lake" / f"{name}.parquet")


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What stands in the database."""
    with sqlite3.connect(folder / "shop.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def ask(folder: Path, right: str, *more: object, email: str = ANNA) -> str:
    """Receive a request by e-mail address; the number of its case."""
    private = folder / "request.yaml"
    private.write_text(f"identities: [email={email}]\nname: Zyxwv Qrstu\ncontact: {email}\n", encoding="utf-8")
    done = obeyed("rights", "receive", "--right", right, "--lives", "DE", "--file", private, "--format", "json", *more,
                  at=folder)  # fmt: skip
    private.unlink()
    return str(done.json["case"])


def grant(folder: Path, right: str, *keep: str, email: str = ANNA) -> str:
    """A request that was proved, searched and granted."""
    case = ask(folder, right, email=email)
    obeyed("rights", "verify", case, "--method", "staff", "--seen", "identity-card", at=folder)
    assert inside("rights", "find", case, at=folder).code in (0, 3)
    if keep:
        (folder / "why.txt").write_text("The tax law wants it.", encoding="utf-8")
        words = [word for one in keep for word in ("--keep", one)]
        obeyed("rights", "review", case, "--decision", "partly", *words, "--reasons", "why.txt", at=folder)
    else:
        obeyed("rights", "review", case, "--decision", "grant", at=folder)
    return case


def fulfilled(folder: Path, case: str) -> dict[str, str]:
    """Carry a request out; place → what became of it."""
    done = inside("rights", "fulfil", case, "--format", "json", at=folder)
    return {one["collection"]: one["state"] for one in done.json["outcomes"]}


def steps_of(folder: Path, case: str) -> list[str]:
    """The events of a case, as the log holds them."""
    return [step["event"] for step in obeyed("rights", "show", case, "--format", "json", at=folder).json["steps"]]


def in_the_log(folder: Path) -> str:
    """Everything that the exported log says, as text, and the signed statements decoded."""
    bundle = folder / "bundle"
    obeyed("ledger", "export", "bundle", at=folder)
    files = "".join(one.read_text(encoding="utf-8", errors="replace") for one in bundle.rglob("*") if one.is_file())
    payloads = re.findall(r'"payload":"([A-Za-z0-9+/=]+)"', files)
    assert payloads
    return files + "".join(base64.b64decode(one).decode("utf-8") for one in payloads)


__all__ = [
    "ANNA", "BERT", "PAPER", "SOURCES", "Done", "ask", "fill", "fulfilled", "grant", "in_the_log", "json", "open_shop",
    "rows", "steps_of",
]  # fmt: skip
