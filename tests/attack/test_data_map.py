"""Maps written to break, fill, fool or rob the reader; identities and rows made to mislead a search."""

import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapped import HERE, a_map, ids, opened, shop
from ombud.errors import Invalid, OmbudError
from ombud.rights.map.draft import draft
from ombud.rights.map.reach import check_reach
from ombud.rights.map.read import load_map, read_map
from ombud.rights.walk import Bounds, find
from ombud.store.identity import Identity
from ombud.system.yaml_lines import parse_yaml

COLLECTION = "identities: {email: user.contact.email}\nsources: {a: {csv: ., collections: {b: %s}}}"

HOSTILE = {
    "an alias to itself": b"identities: &a [*a]",
    "a bomb of aliases": b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]",
    "a tag that would call Python": b"identities: !!python/object/apply:os.system ['touch /tmp/ombud-canary']",
    "deep mappings": b"sources: " + b"{a: " * 50_000,
    "ten megabytes": b"identities: {}\n#" + b"x" * 10_000_000,
    "very many values": b"identities: {}\nsources: {a: {csv: ., collections: {b: {key: [" + b"a, " * 60_000 + b"]}}}}",
    "a nought byte": b"identities: {}\x00",
    "half a character": b'identities: {a: "\\ud800"}',
    "UTF-16": "identities: {}".encode("utf-16"),
    "two documents": b"identities: {}\n---\nidentities: {}",
    "the same source twice": b"identities: {}\nsources: {a: {csv: .}, a: {csv: .}}",
    "nothing": b"",
    "one word": b"identities",
}

TWISTED = {
    "a list where a mapping stands": "[1, 2]",
    "columns within columns": "{columns: {a: {category: {category: user.name}}}}",
    "a reference that is a mapping": "{references: {a: {b: c}}}",
    "a reference to nothing": "{references: {a: ''}}",
    "a reference of commas": "{references: {',,,': 'b (,,,)'}}",
    "brackets in brackets": "{references: {a: 'b ((((a))))'}}",
    "a reference of a thousand blanks": "{references: {a: '" + "mentions " + " " * 1900 + "'}}",
    "a column without a name": "{columns: {'': user.name}}",
    "a key that is a mapping": "{key: {a: b}}",
    "the same key twice in a list": "{key: [a, a]}",
    "an exemption without a ground": "{exemption: {cite: x}}",
    "a day that is none": "{exemption: {ground: a, until: 2026-02-30}}",
    "a category of dots": "{columns: {a: ....}}",
    "a category of a thousand segments": "{columns: {a: user" + ".a" * 900 + "}}",
    "an escape sequence": '{columns: {a: "user\\e[2J"}}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason_and_quickly(name: str, tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_bytes(HOSTILE[name])
    began = time.perf_counter()
    with pytest.raises(Invalid):
        load_map(path)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("name", TWISTED)
def test_twisted_values_are_refused_with_their_line(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        a_map(COLLECTION.replace("%s", TWISTED[name]))
    assert caught.value.line == 2
    assert str(caught.value).isprintable()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_bring_down_the_reader(raw: bytes) -> None:
    with contextlib.suppress(Invalid):
        read_map(parse_yaml(raw, HERE))


WORDS = st.sampled_from(
    ["identities", "sources", "core", "sql", "csv", "collections", "key", "columns", "references", "people", "email",
     "id", "mentions people.id", "people (a, b)", "user.name", "${env:X}", "10y", "yes", "", "a, b",
     "exemption", "options"]
)  # fmt: skip
TREES: Any = st.recursive(
    WORDS | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(WORDS, TREES, max_size=3), st.dictionaries(WORDS, TREES, max_size=3))
def test_any_tree_of_our_own_words_is_a_map_or_a_mistake(sources: Any, collections: Any) -> None:
    whole = {
        "identities": {"email": "user.contact.email"},
        "sources": {"core": {"csv": ".", "collections": collections}, **sources},
    }
    try:
        check_reach(read_map(parse_yaml(json.dumps(whole).encode(), HERE)))
    except Invalid as error:
        assert "\n" not in str(error)


def test_tens_of_thousands_of_references_end_in_a_refusal_or_an_answer() -> None:
    many = ", ".join(f"c{n}: people.id" for n in range(9_000))
    text = f"{{people: {{key: id, identities: {{id: email}}}}, b: {{references: {{{many}}}}}}}"
    began = time.perf_counter()
    map_ = a_map(f"identities: {{email: user.contact.email}}\nsources: {{a: {{csv: ., collections: {text}}}}}")
    check_reach(map_)
    assert time.perf_counter() - began < 20


# --- identities -----------------------------------------------------------------------------------------------------

INJECTED = [
    "' OR '1'='1", '" OR ""="', "%", "_%", "*", "?", "; DROP TABLE people; --", "\\", "a@x.org\\", ":id", "$1", "{a}",
    "%s", "a@x.org%00", "ａ@x.org ", "а@x.org", "a@x.org\u200b", "A@X.ORG.", "a@х.org", "1e0", "0x1", "1.0.0", "NaN",
    "true", "-1", "\U0001f600" * 200, "x" * 1000,
]  # fmt: skip


@pytest.fixture
def people(tmp_path: Path) -> Path:
    database = sqlite3.connect(tmp_path / "p.db")
    database.executescript("""
        CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, code TEXT);
        INSERT INTO people VALUES (1, 'a@x.org', 'c1'), (2, 'b@x.org', 'c2');
    """)
    database.close()
    return tmp_path


SQL = """
identities: {email: user.contact.email, customer_id: user.unique_id, code: user.device}
sources:
  core:
    sql: sqlite:///p.db
    collections: {people: {key: id, identities: {id: customer_id, email: email, code: code}}}
"""


@pytest.mark.parametrize("kind", ["email", "customer_id", "code"])
@pytest.mark.parametrize("value", INJECTED, ids=lambda value: ascii(value[:12]))
def test_an_injected_identity_finds_nothing_and_changes_nothing(people: Path, kind: str, value: str) -> None:
    found = find(a_map(SQL, people / "s.yaml"), [Identity(kind, value)])
    same = kind == "email" and Identity(kind, value).comparable == "a@x.org"  # full-width letters are the same address
    assert found.rows == int(same)
    assert (found.away, found.incomplete) == ({}, ())
    assert sqlite3.connect(people / "p.db").execute("SELECT count(*) FROM people").fetchone() == (2,)


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(lambda text: text.strip() and "\0" not in text))
def test_no_text_finds_a_row_that_does_not_hold_it(text: str) -> None:
    table = shop("people: {key: id, identities: {id: customer_id, email: email}}")
    rows = {"people": [{"id": 1, "email": "a@x.org"}]}
    for kind, held in (("email", "a@x.org"), ("customer_id", "1")):
        found = find(table, [Identity(kind, text)], opened=opened(table, **rows))
        assert found.rows == (Identity(kind, text).comparable == held)


@pytest.mark.parametrize("nul", ["a\0b", "\0"])
def test_a_nought_byte_is_no_identity(nul: str) -> None:
    with pytest.raises(OmbudError):
        Identity("email", nul)


# --- rows -----------------------------------------------------------------------------------------------------------


def test_rows_with_mad_values_break_no_search() -> None:
    table = shop("people: {key: id, identities: {id: customer_id, email: email}}")
    mad: list[Any] = [
        None,
        "",
        " ",
        "\0",
        "x" * 5000,
        float("nan"),
        float("inf"),
        b"\xff",
        {"a": 1},
        [1],
        True,
        -0.0,
        10**40,
    ]
    rows = {"people": [{"id": 1, "email": "a@x.org"}, *({"id": one, "email": one} for one in mad)]}
    found = find(table, ids("email=a@x.org"), opened=opened(table, **rows))
    assert (found.rows, found.away) == (1, {})


def test_a_row_that_claims_thousands_of_addresses_is_bounded_and_said() -> None:
    table = shop("former: {key: n, identities: {email: email, who: customer_id}}")
    rows = {"former": [{"n": n, "email": f"a{n}@x.org", "who": 1} for n in range(5_000)]}
    found = find(table, ids("customer_id=1"), opened=opened(table, **rows), bounds=Bounds(identities=100))
    assert found.incomplete == ("the person has more than 100 identities",)
    assert len(found.reached) == 100


def test_names_in_a_database_cannot_write_into_the_map_that_is_proposed(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "evil.db")
    evil = 'customers\n  evil: {sql: "x"} # ${env:HOME} "quoted" \u2028 \x1b[2J'.replace('"', '""')
    database.execute(f'CREATE TABLE "{evil}" ("email\nidentities: {{}}" TEXT, "${{env:HOME}}" TEXT, "a: b" TEXT)')
    database.close()
    try:
        text = draft("sqlite:///evil.db", tmp_path)
        read = a_map(text, tmp_path / "s.yaml")
    except Invalid as error:
        assert str(error).isprintable()  # such names cannot be written: refused, not misread
    else:
        assert [one.name for one in read.sources] == ["core"]
        assert "\x1b" not in text
