# ruff: noqa: E501 (tables of examples)
"""The map is pleasant to write; what cannot be meant is named with its line, its key and the nearest right word."""

from datetime import date
from pathlib import Path

import pytest

from mapped import a_map, shop
from ombud.errors import Invalid, NotFound
from ombud.rights.map.model import Reference
from ombud.rights.map.read import load_map

WHOLE = """
identities: {email: user.contact.email, customer_id: user.unique_id}
categories: {user.financial.credit_score: score that a bureau computed}
sources:
  core:
    sql: "${env:CORE_URL}"
    backups: 35d
    region: DE
    owner: lending
    security: encrypted at rest, access by role
    retention: 10y
    purposes: [lending]
    collections:
      customers:
        table: public.customers
        key: [id]
        identities: {email: email, id: customer_id}
        columns:
          name: user.name
          ssn: {category: user.government_id.national_identification_number, mask: "000"}
          score: {category: user.financial.credit_score, origin: inferred}
          password: user.authorization.password
        recipients: credit bureau
        lawful_basis: contract
        origin: the person
        exemption: {ground: legal-obligation, cite: § 147 AO, until: 2031-01-01, hold: no}
        logic: mortgage
        training_of: [mortgage]
      loans:
        columns: [amount, note]
        references: {customer_id: customers.id}
        retention: 6y
        on_erase: mask
  crm:
    http: https://crm.example.org/people
    options: {timeout: 30s, token: "${env:CRM_TOKEN}"}
"""


def test_a_map_is_read_whole() -> None:
    read = a_map(WHOLE)
    core, crm = read.sources
    assert (core.kind, core.address, core.backups, core.region, core.owner) == (
        "sql",
        "${env:CORE_URL}",
        "35d",
        "DE",
        "lending",
    )
    assert (crm.kind, crm.options["token"]) == ("http", "${env:CRM_TOKEN}")
    customers, loans = core.collections
    assert (customers.address, customers.table, customers.key) == ("core.customers", "public.customers", ("id",))
    assert (customers.purposes, customers.recipients, customers.lawful_basis) == (
        ("lending",),
        ("credit bureau",),
        ("contract",),
    )
    assert customers.exemption and (customers.exemption.until, customers.exemption.hold) == (date(2031, 1, 1), False)
    assert customers.columns["score"].origin == "inferred"
    assert (loans.table, loans.on_erase, customers.on_erase) == ("loans", "mask", "delete")


def test_a_collection_says_better_what_its_source_says_of_all() -> None:
    customers, loans = a_map(WHOLE).source("core").collections
    assert (customers.retention, loans.retention) == ("10y", "6y")


def test_identity_columns_are_personal_and_take_the_category_of_their_kind() -> None:
    customers = a_map(WHOLE).collection("core.customers")
    assert customers.columns["email"].category == "user.contact.email"
    assert customers.columns["id"].category == "user.unique_id"


def test_what_is_never_shown_raw_is_secret_without_saying_so() -> None:
    columns = a_map(WHOLE).collection("core.customers").columns
    assert [name for name, one in columns.items() if one.secret] == ["ssn", "password"]


def test_columns_of_which_nothing_is_said_may_be_a_list() -> None:
    columns = a_map(WHOLE).collection("core.loans").columns
    assert {name: one.category for name, one in columns.items()} == {"amount": None, "note": None}


def test_the_digest_is_of_the_files_bytes(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("identities: {}\n", encoding="utf-8")
    first = load_map(path).digest
    path.write_text("identities: {} \n", encoding="utf-8")
    assert len(first) == 64 != load_map(path).digest


def test_a_map_that_is_not_there_is_told_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="map of data not found") as caught:
        load_map(tmp_path / "sources.yaml")
    assert "rights map draft" in caught.value.next_step


# --- references -----------------------------------------------------------------------------------------------------

TWO = """
people: {key: id, identities: {id: customer_id}}
accounts: {key: [bank, number], columns: {number: user.financial.bank_account}}
notes:
  columns: {text: user.content}
  references:
    {%s}
"""


def reference(written: str) -> Reference:
    (found,) = shop(TWO.replace("%s", written)).collection("core.notes").references
    return found


@pytest.mark.parametrize(
    ("written", "columns", "to", "there", "binding"),
    [
        ("person: people.id", ("person",), "core.people", ("id",), "belongs"),
        ("person: core.people.id", ("person",), "core.people", ("id",), "belongs"),
        ("person: people", ("person",), "core.people", ("id",), "belongs"),
        ("person: mentions people.id", ("person",), "core.people", ("id",), "mentions"),
        ("person: belongs to people (id)", ("person",), "core.people", ("id",), "belongs"),
        ("person: people.address.code", ("person",), "core.people", ("address.code",), "belongs"),
        ('"bank, account": "accounts (bank, number)"', ("bank", "account"), "core.accounts", ("bank", "number"), "belongs"),
        ('"bank, account": accounts', ("bank", "account"), "core.accounts", ("bank", "number"), "belongs"),
        ('"bank, account": "mentions core.accounts(bank,number)"', ("bank", "account"), "core.accounts", ("bank", "number"), "mentions"),
        ("parent: notes.id", ("parent",), "core.notes", ("id",), "mentions"),
        ("parent: belongs to notes.id", ("parent",), "core.notes", ("id",), "belongs"),
    ],
)  # fmt: skip
def test_references_read_like_sentences(written: str, columns: object, to: str, there: object, binding: str) -> None:
    found = reference(written)
    assert (found.columns, found.to, found.to_columns, found.binding) == (columns, to, there, binding)


def test_one_column_may_point_at_two_collections() -> None:
    text = TWO.replace("%s", 'who: [people.id, "mentions accounts.number"]')
    assert [one.to for one in shop(text).collection("core.notes").references] == ["core.people", "core.accounts"]


# --- mistakes -------------------------------------------------------------------------------------------------------

COLLECTION = (
    "identities: {email: user.contact.email}\nsources:\n  core:\n    csv: .\n    collections:\n      people: {%s}\n"
)
MISTAKES = {
    "a kind of identity that is not at the top": ("identities: {mail: emial}", 6, "is not among the `identities`", "email"),
    "a misspelt category": ("columns: {name: user.nam}", 6, "is no category of the taxonomy", "user.name"),
    "a category by a string's prefix": ("columns: {name: user.contact_x}", 6, "is no category of the taxonomy", "user.contact"),
    "a misspelt key": ("colums: {a: user.name}", 6, "is not a key of a manifest", "columns"),
    "a misspelt way to erase": ("on_erase: delet", 6, "is no way to erase", "delete"),
    "a misspelt lawful basis": ("lawful_basis: contact", 6, "is no lawful basis", "contract"),
    "an origin that is none": ("columns: {a: {origin: provide}}", 6, "is no origin", "provided"),
    "a retention that is no time": ("retention: long", 6, "is not a length of time", None),
    "a reference into the dark": ("references: {a: poeple.id}", 6, "names no collection of the map", "people"),
    "a reference without a column": ("references: {a: people}", 6, "says no column of core.people", None),
    "columns that do not pair": ("references: {'a, b': people.id}", 6, "2 columns here and 1", None),
    "a third party who identifies": (
        "identities: {e: email}, columns: {e: {third_party: yes}}", 6, "is about somebody else", None,
    ),
    "a secret that is to be shown": (
        "columns: {p: {category: user.authorization.password, secret: no}}", 6, "never shown raw (11 CCR § 7024(d))", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_line_and_the_nearest_right_word(mistake: str) -> None:
    written, line, problem, nearest = MISTAKES[mistake]
    with pytest.raises(Invalid) as caught:
        a_map(COLLECTION.replace("%s", written))
    assert caught.value.line == line
    assert problem in caught.value.problem
    assert caught.value.nearest == nearest


@pytest.mark.parametrize(
    ("address", "problem"),
    [("", "says no address"), ("csv: a, sql: b", "is of two kinds, sql and csv"), ("sqll: b", "is not a key")],
)
def test_a_source_is_of_one_kind(address: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        a_map(f"identities: {{}}\nsources:\n  core: {{{address}}}")


def test_categories_of_ones_own_stand_below_known_ones() -> None:
    with pytest.raises(Invalid, match="stands below one that is known"):
        a_map("identities: {}\ncategories: {person.shoe: size}")
    with pytest.raises(Invalid, match="is in the taxonomy already"):
        a_map("identities: {}\ncategories: {user.name: name}")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('sources: {core: {sql: "postgresql://me:hunter2@db/x"}}', "sources.core.sql"),
        ("sources: {core: {http: https://x, options: {token: hunter2}}}", "sources.core.options.token"),
        ("sources: {core: {csv: ., security: 'password=hunter2'}}", "sources.core.security"),
        ('sources: {core: {csv: ., security: "${env:HUNTER2}"}}', "sources.core.security"),
        ("sources: {core: {csv: ., password: hunter2}}", "sources.core.password"),
    ],
)
def test_secrets_are_refused_and_never_repeated(text: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        a_map(f"identities: {{}}\n{text}")
    assert caught.value.key == key
    assert "hunter2" not in str(caught.value)


def test_a_column_may_be_called_token() -> None:
    text = "identities: {token: user.unique_id}\nsources: {a: {csv: ., collections: {b: {identities: {token: token}, columns: {password: user.authorization.password}}}}}"  # fmt: skip
    assert set(a_map(text).collection("a.b").columns) == {"token", "password"}
