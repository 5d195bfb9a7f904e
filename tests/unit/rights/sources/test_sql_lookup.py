"""Finding a person's rows in a database: exactly theirs, whatever the values look like, and never by way of the SQL."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ombud.errors import Misused, NotFound, OmbudError
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.source import Match
from ombud.rights.sources.sql import SqlSource, open_source

PEOPLE = """
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, phone TEXT, code TEXT, "raw" BLOB, born DATE);
INSERT INTO people VALUES
  (1, 'Anna@X.org', '+49 (30) 123-45', 'ab1', x'c3a4', '1990-01-01'),
  (2, ' anna@x.ORG ', NULL, 'AB1', NULL, NULL),
  (3, 'bob@x.org', '004930 12345', '042', NULL, 'no date'),
  (4, 'anna_@x.org', '493012345', '42', NULL, NULL),
  (42, NULL, '', 'a%', NULL, NULL);
"""

Ask = Callable[..., list[Any]]


def match(columns: str | tuple[str, ...], *values: Any, form: str = "text") -> Match:
    rows: Any = [value if isinstance(value, tuple) else (value,) for value in values]
    return Match((columns,) if isinstance(columns, str) else columns, rows, form)


def collection(table: str = "people", **more: Any) -> Collection:
    identities = {"id": "customer_id", "email": "email", "phone": "phone", "code": "code"} if table == "people" else {}
    return Collection(
        **{"source": "core", "name": table, "table": table, "key": ("id",), "identities": identities, **more}
    )


def database(folder: Path, script: str) -> Path:
    path = folder / "core.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def opened(path: Path, collections: Sequence[Collection] = (collection(),), **options: str) -> SqlSource:
    spec = SourceSpec(
        name="core", kind="sql", address=f"sqlite:///{path}", collections=tuple(collections), options=options
    )
    return open_source(spec, path.parent)


@pytest.fixture
def ids(tmp_path: Path) -> Ask:
    source = opened(database(tmp_path, PEOPLE))
    return lambda *matches: sorted(row["id"] for row in source.lookup(collection(), matches))


def test_email_is_found_without_case_and_blanks_around_it(ids: Ask) -> None:
    assert ids(match("email", "ANNA@x.org", form="email")) == [1, 2]


def test_an_email_pattern_finds_only_itself(ids: Ask) -> None:
    assert ids(match("email", "anna_@x.org", form="email")) == [4]
    assert ids(match("email", "%@x.org", form="email")) == []


def test_a_telephone_number_is_found_by_its_digits(ids: Ask) -> None:
    assert ids(match("phone", "+493012345", form="phone")) == [1, 3]
    assert ids(match("phone", "49 30 12345", form="phone")) == [4]


def test_text_is_found_to_the_letter(ids: Ask) -> None:
    assert ids(match("code", "ab1")) == [1]
    assert ids(match("code", "AB1")) == [2]


def test_a_number_as_text_finds_an_integer(ids: Ask) -> None:
    assert ids(match("id", "42")) == [42]


@pytest.mark.parametrize("value", ["042", "42.5", "forty-two", "4e1", "99999999999999999999999", "", "0x2a", "42\0"])
def test_what_is_no_number_finds_nothing_in_an_integer_column(ids: Ask, value: str) -> None:
    assert ids(match("id", value)) == []


def test_text_of_digits_is_no_number(ids: Ask) -> None:
    assert ids(match("code", "042")) == [3]
    assert ids(match("code", "42")) == [4]


def test_bytes_are_found_by_their_text(ids: Ask) -> None:
    assert ids(match("raw", "ä")) == [1]
    assert ids(match("raw", "a")) == []


@pytest.mark.parametrize(
    "value", ["x' OR '1'='1", "%", "_", "\\", "'; DROP TABLE people; --", "a\0b", "\ud800", ":id", "?"]
)
def test_hostile_values_find_nothing_and_harm_nothing(ids: Ask, value: str) -> None:
    for column, form in (("email", "email"), ("phone", "phone"), ("code", "text"), ("id", "text")):
        try:
            assert ids(match(column, value, form=form)) == []
        except OmbudError as error:  # a lone surrogate cannot be sent to any database
            assert value == "\ud800" and value not in str(error)
    assert ids(match("id", 1, 2, 3, 4, 42)) == [1, 2, 3, 4, 42]


def test_a_percent_sign_is_found_as_itself(ids: Ask) -> None:
    assert ids(match("code", "a%")) == [42]


def test_a_row_that_fits_twice_comes_once(ids: Ask) -> None:
    assert ids(match("id", 1, "1"), match("email", "anna@x.org", form="email"), match(("id", "code"), (1, "ab1"))) == [
        1,
        2,
    ]


def test_an_empty_value_finds_no_empty_column(ids: Ask) -> None:
    assert ids(match("email", None), match(("id", "email"), (42, None))) == []


def test_columns_are_as_asked_for(tmp_path: Path) -> None:
    source = opened(database(tmp_path, PEOPLE))
    assert list(source.lookup(collection(), [match("id", 3)], ["born"])) == [{"born": "no date"}]
    assert list(next(source.lookup(collection(), [match("id", 3)]))) == ["id", "email", "phone", "code", "raw", "born"]


def test_more_values_than_fit_into_one_query_find_each_row_once(tmp_path: Path) -> None:
    source = opened(database(tmp_path, PEOPLE))
    many = [match("id", *range(3000)), match("code", *(str(n) for n in range(2000)))]
    assert sorted(row["id"] for row in source.lookup(collection(), many)) == [1, 2, 3, 4, 42]
    assert source.count(collection(), many) == 5


def test_composite_keys_match_together(tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE c (a INT, b TEXT); INSERT INTO c VALUES (1,'x'),(1,'y'),(2,'x'),(NULL,'x')")
    source = opened(path, [collection("c", key=())])
    rows = source.lookup(collection("c", key=()), [match(("a", "b"), (1, "x"), (2, "y"), (2, "x"))])
    assert sorted((row["a"], row["b"]) for row in rows) == [(1, "x"), (2, "x")]


def test_equal_rows_without_a_key_are_all_found(tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE c (a INT); INSERT INTO c VALUES (1),(1),(2)")
    source = opened(path, [collection("c", key=())])
    assert source.count(collection("c", key=()), [match("a", 1)]) == 2
    assert len(list(source.lookup(collection("c", key=()), [match("a", 1)]))) == 2


def test_names_are_quoted_whatever_they_are(tmp_path: Path) -> None:
    name, column = 'we"ird; DROP TABLE people; --', "it's 100% (a:b) [c]"
    quoted = [one.replace('"', '""') for one in (name, column)]
    script = PEOPLE + 'CREATE TABLE "{0}" (id INTEGER PRIMARY KEY, "{1}" TEXT); INSERT INTO "{0}" VALUES (1, \'v\');'
    here = collection(name, identities={column: "code"})
    source = opened(database(tmp_path, script.format(*quoted)), [here])
    assert list(source.lookup(here, [match(column, "v")])) == [{"id": 1, column: "v"}]
    assert source.count(here, [match((column, "id"), ("v", 1))]) == 1
    assert source.count(collection(), [match("id", 1)]) == 1


def test_a_dry_run_shows_placeholders_and_no_value(tmp_path: Path) -> None:
    source = opened(database(tmp_path, PEOPLE))
    (query,) = source.queries(collection(), [match("email", "anna@x.org", form="email")])
    assert "SELECT" in query and '"email" IN (' in query and "?" in query
    assert "anna" not in query


def test_identities_are_streamed_each_once(tmp_path: Path) -> None:
    source = opened(database(tmp_path, PEOPLE + "INSERT INTO people (email) VALUES ('bob@x.org');"))
    assert sorted(source.identities(collection(), "email")) == [
        " anna@x.ORG ",
        "Anna@X.org",
        "anna_@x.org",
        "bob@x.org",
    ]
    assert sorted(source.identities(collection(), "id")) == ["1", "2", "3", "4", "42", "43"]


def test_a_name_with_a_dot_is_a_table_before_it_is_a_schema(tmp_path: Path) -> None:
    path = database(
        tmp_path, 'CREATE TABLE "main.x" (id INT); CREATE TABLE x (id INT); INSERT INTO "main.x" VALUES (7)'
    )
    assert opened(path, [collection("main.x")]).count(collection("main.x"), [match("id", 7)]) == 1


# --- when it cannot be answered ---------------------------------------------------------------------------------------

GONE = [("gone", "id", "gone"), ("people", "mail", "people.mail"), ("no.such", "id", "no.such")]


@pytest.mark.parametrize(("table", "column", "named"), GONE)
def test_what_is_not_there_any_more_is_named(tmp_path: Path, table: str, column: str, named: str) -> None:
    source = opened(database(tmp_path, PEOPLE))
    with pytest.raises(OmbudError, match=named) as caught:
        list(source.lookup(collection(table), [match(column, "secret value")]))
    assert "map check" in caught.value.next_step  # type: ignore[attr-defined]
    assert "secret value" not in str(caught.value)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        opened(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_starts_at_the_map(tmp_path: Path) -> None:
    database(tmp_path, PEOPLE)
    spec = SourceSpec(name="core", kind="sql", address="sqlite:///core.db", collections=(collection(),))
    assert open_source(spec, tmp_path).count(collection(), [match("id", 1)]) == 1


def test_a_secret_of_the_environment_is_put_into_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE_PATH", str(database(tmp_path, PEOPLE)))
    spec = SourceSpec(name="core", kind="sql", address="sqlite:///${env:CORE_PATH}", collections=(collection(),))
    assert open_source(spec, Path("/")).count(collection(), [match("id", 1)]) == 1
    monkeypatch.delenv("CORE_PATH")
    with pytest.raises(NotFound, match="CORE_PATH"):
        open_source(spec, Path("/"))


@pytest.mark.parametrize(
    "address", ["no url", "oraclex://h/d", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=ro"]
)
def test_an_address_that_cannot_be_meant_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises((Misused, NotFound)):
        open_source(SourceSpec(name="core", kind="sql", address=address), tmp_path)


@pytest.mark.parametrize("value", ["soon", "0", "-1", "1.5", ""])
def test_a_time_limit_is_a_number_of_seconds(tmp_path: Path, value: str) -> None:
    path = database(tmp_path, PEOPLE)
    with pytest.raises(Misused, match="timeout"):
        opened(path, timeout=value)
    opened(path, timeout="5s")


def test_a_statement_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    script = """CREATE TABLE n (id INTEGER PRIMARY KEY);
        WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000) INSERT INTO n SELECT x FROM c;
        CREATE VIEW slow AS SELECT a.id FROM n a, n b, n c, n d WHERE a.id + b.id = c.id * d.id + 0.5;"""
    source = opened(database(tmp_path, script), [collection("slow"), collection("n")], timeout="1")
    with pytest.raises(OmbudError, match="did not answer in time"):
        source.count(collection("slow"), [match("id", 1)])
    assert source.count(collection("n"), [match("id", 1)]) == 1


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "core.db"
    path.write_bytes(b"anna@x.org is in no database" * 100)
    with pytest.raises(OmbudError, match="damaged or no database") as caught:
        opened(path).count(collection(), [match("id", 1)])
    assert "anna" not in str(caught.value)


def test_a_writer_in_the_way_is_waited_for(tmp_path: Path) -> None:
    path = database(tmp_path, PEOPLE)
    source = opened(path, timeout="1")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    free = threading.Timer(1.5, lambda: other.execute("COMMIT"))
    free.start()
    assert source.count(collection(), [match("id", 1)]) == 1
    free.join()
    other.close()


def test_a_writer_that_stays_in_the_way_is_told_and_no_value_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ombud.rights.sources.sql.connect._ATTEMPTS", 2)
    path = database(tmp_path, PEOPLE)
    source = opened(path, timeout="1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other, caplog.at_level(logging.DEBUG):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OmbudError, match="other writers were in the way"):
            source.count(collection(), [match("email", "anna@x.org", form="email")])
    assert "anna" not in caplog.text.lower()
