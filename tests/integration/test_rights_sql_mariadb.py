"""A person found in and erased from MariaDB, which compares text without case and looks at its rules row by row."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, Column, Reference, SourceSpec
from ombud.rights.sources.source import Match, Outcome, State
from ombud.rights.sources.sql import SqlSource, open_source
from schemas import draw, erase_twice, wipe
from support import needs

pytestmark = pytest.mark.mariadb

Run = Callable[..., list[Any]]


def program(name: str) -> str:
    """Where a program of MariaDB is; without one the test is skipped, and fails in CI."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        assert os.environ.get("CI") != "true", f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    needs("pymysql")
    server, install = program("mariadbd"), program("mariadb-install-db")
    folder = tmp_path_factory.mktemp("maria")
    user = [f"--user={'root' if os.geteuid() == 0 else os.environ.get('USER', 'mysql')}"]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [install, "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal", *user],
        check=True, **quiet,
    )  # fmt: skip
    running = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={folder}/data", f"--socket={folder}/s", "--skip-networking",
         "--innodb-flush-log-at-trx-commit=2", *user], **quiet,
    )  # fmt: skip
    address = f"mariadb://root@localhost/core?unix_socket={folder}/s"
    try:
        ready(address)
        yield address
    finally:
        running.terminate()
        running.wait(30)


def ready(url: str) -> None:
    """Wait until the server answers, and make the database."""
    engine = create_engine(url.replace("mariadb://", "mariadb+pymysql://").replace("/core?", "/?"))
    for _ in range(100):
        try:
            with engine.begin() as connection:
                connection.execute(text("CREATE DATABASE core"))
                return
        except Exception:
            time.sleep(0.2)
    raise AssertionError("MariaDB did not start")


@pytest.fixture
def run(url: str) -> Iterator[Run]:
    """Run statements in an emptied database; answers the rows of the last."""
    engine = create_engine(url.replace("mariadb://", "mariadb+pymysql://"), isolation_level="AUTOCOMMIT")
    wipe(engine)

    def statements(*given: str) -> list[Any]:
        with engine.connect() as connection:
            for one in given:
                result = connection.exec_driver_sql(one)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield statements
    engine.dispose()


def core(url: str, *collections: Collection, **options: str) -> SqlSource:
    spec = SourceSpec(name="core", kind="sql", address=url, collections=collections, options=options)
    return open_source(spec, Path())


def people(**more: Any) -> Collection:
    columns = {name: Column(name=name, category="user") for name in ("email", "name")}
    given = {"key": ("id",), "identities": {"email": "email"}, "columns": columns}
    return Collection(**{"source": "core", "name": "people", "table": "people", **given, **more})


def orders(**more: Any) -> Collection:
    reference = Reference(columns=("person",), to="core.people", to_columns=("id",))
    given = {"identities": {}, "columns": {}, "references": (reference,)}
    return people(**{"name": "orders", "table": "orders", **given, **more})


def match(column: str, *values: Any, form: str = "text") -> Match:
    rows: Any = [(value,) for value in values]
    return Match((column,), rows, form)


def erase(source: SqlSource, **more: Sequence[Match]) -> dict[str, Outcome]:
    selection = {"people": [match("email", "anna@x.org", form="email")], **more}
    said = source.erase({f"core.{name}": tuple(matches) for name, matches in selection.items()})
    source.close()
    return {one.collection.removeprefix("core."): one for one in said}


PEOPLE = "CREATE TABLE people (id int PRIMARY KEY, email varchar(60) UNIQUE, name varchar(60))"
TWO = "INSERT INTO people VALUES (1, 'Anna@x.org', 'Anna'), (2, 'bob@x.org', 'Bob')"


def test_a_person_is_erased_from_any_database(url: str) -> None:
    engine = create_engine(url.replace("mariadb://", "mariadb+pymysql://"))
    for seed in range(30):
        wipe(engine)
        world = draw(seed)
        world.create(engine)
        try:
            erase_twice(world, engine, url)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
    engine.dispose()


def test_values_find_what_they_are_and_nothing_else(url: str, run: Run) -> None:
    run("CREATE TABLE t (id int unsigned PRIMARY KEY, code varchar(20), raw varbinary(9), mood enum('sad', 'happy'))",
        "INSERT INTO t VALUES (42, 'ab', x'c3a4', 'sad'), (43, 'AB', NULL, NULL)",
        "INSERT INTO t (id, code) VALUES (3000000000, '50%%_')")  # fmt: skip
    table = people(name="t", table="t", identities={"id": "n", "code": "code", "raw": "r", "mood": "m"}, columns={})
    source = core(url, table)

    def ids(column: str, value: Any) -> list[Any]:
        return sorted(row["id"] for row in source.lookup(table, [match(column, value)]))

    large = [3_000_000_000]
    assert (ids("id", "42"), ids("id", "042"), ids("id", "x"), ids("id", "3000000000")) == ([42], [], [], large)
    assert (ids("code", "ab"), ids("code", "AB")) == ([42], [43])  # its collation takes the two for one
    assert (ids("code", "50%_"), ids("code", "50%"), ids("code", "5___"), ids("code", "\\")) == (large, [], [], [])
    assert (ids("raw", "ä"), ids("mood", "sad"), ids("mood", "glad")) == ([42], [42], [])
    source.close()


def test_email_and_telephone_are_found_as_people_write_them(url: str, run: Run) -> None:
    run("CREATE TABLE people (id int PRIMARY KEY, email varchar(60) COLLATE utf8mb4_bin, phone varchar(40))",
        "INSERT INTO people VALUES (1, 'ÄNNA@X.org', '+49 (30) 12-3'), (2, 'anna@x.org', '0301 23')",
        "INSERT INTO people VALUES (3, 'x', '')")  # fmt: skip
    table = people(identities={"email": "email", "phone": "phone"}, columns={})
    source = core(url, table)
    assert [row["id"] for row in source.lookup(table, [match("email", "änna@x.ORG", form="email")])] == [1]
    assert [row["id"] for row in source.lookup(table, [match("phone", "+4930123", form="phone")])] == [1]
    source.close()


def test_names_are_quoted_whatever_they_are(url: str, run: Run) -> None:
    name, column = "we`ird%s; DROP TABLE people", "50% (of:all) it's"
    quoted, named = (f"`{one.replace('`', '``').replace('%', '%%')}`" for one in (name, column))
    run(
        PEOPLE,
        TWO,
        f"CREATE TABLE {quoted} ({named} varchar(9) PRIMARY KEY)",
        f"INSERT INTO {quoted} VALUES ('v'), ('w')",
    )
    table = people(name="weird", table=name, key=(column,), identities={column: "code"}, columns={})
    source = core(url, table, people())
    assert list(source.lookup(table, [match(column, "v")])) == [{column: "v"}]
    assert source.erase({"core.weird": (match(column, "v"),)})[0].erased == 1
    assert run("SELECT count(*) FROM people") == [(2,)]
    source.close()


def test_a_key_written_in_another_case_is_the_same_key(url: str, run: Run) -> None:
    run("CREATE TABLE people (email varchar(60) PRIMARY KEY, name varchar(60)) COLLATE utf8mb4_general_ci",
        "CREATE TABLE clicks (id int PRIMARY KEY, who varchar(60) NOT NULL, "
        "FOREIGN KEY (who) REFERENCES people (email) ON DELETE CASCADE) COLLATE utf8mb4_general_ci",
        "INSERT INTO people VALUES ('anna@x.org', 'Anna'), ('bob@x.org', 'Bob')",
        "INSERT INTO clicks VALUES (1, 'ANNA@X.ORG'), (2, 'bob@x.org')")  # fmt: skip
    said = erase(core(url, people(key=("email",))))["people"]
    assert (said.state, said.masked) == (State.ERASED, 1), said
    ((token,),) = run("SELECT email FROM people WHERE name IS NULL")
    assert token.startswith("erased-") and run("SELECT who FROM clicks ORDER BY id") == [(token,), ("bob@x.org",)]


def test_without_a_key_another_case_is_another_row(url: str, run: Run) -> None:
    run("CREATE TABLE people (email varchar(60), name varchar(60)) COLLATE utf8mb4_general_ci",
        "CREATE TABLE other (x int)",
        "INSERT INTO people VALUES ('anna@x.org', 'Anna'), ('anna@x.org', 'ANNA'), ('bob@x.org', 'x')")  # fmt: skip
    source = core(url, people(key=(), on_erase="mask"))
    said = source.erase({"core.people": (Match(("email", "name"), frozenset({("anna@x.org", "Anna")})),)})[0]
    assert said.found in (1, 2) and said.state is State.ERASED and said.masked == said.found
    source.close()


@pytest.mark.parametrize("rule", ["", "ON DELETE CASCADE", "ON DELETE RESTRICT"])
def test_rows_that_point_in_a_circle_go_together(url: str, run: Run, rule: str) -> None:
    run("CREATE TABLE people (id int PRIMARY KEY, email varchar(60), last int NOT NULL)",
        "CREATE TABLE orders (id int PRIMARY KEY, person int NOT NULL, "
        f"FOREIGN KEY (person) REFERENCES people (id) {rule})",
        "INSERT INTO people VALUES (1, 'anna@x.org', 10), (2, 'bob@x.org', 11)",
        "INSERT INTO orders VALUES (10, 1), (11, 2)",
        f"ALTER TABLE people ADD FOREIGN KEY (last) REFERENCES orders (id) {rule}")  # fmt: skip
    said = erase(core(url, people(columns={}), orders()), orders=[match("person", 1)])
    assert [one.erased for one in said.values()] == [1, 1], said
    assert run("SELECT id FROM people UNION ALL SELECT id FROM orders") == [(2,), (11,)]
    assert run("SELECT @@SESSION.foreign_key_checks") == [(1,)]


def test_a_table_that_takes_nothing_back_is_refused(url: str, run: Run) -> None:
    run(PEOPLE + " ENGINE=MyISAM", TWO)
    said = erase(core(url, people()))["people"]
    assert said.state is State.FAILED and "no transactions" in said.because
    run("ALTER TABLE people ENGINE=InnoDB")
    assert erase(core(url, people()))["people"].state is State.ERASED


def test_tables_of_another_schema_are_seen(url: str, run: Run) -> None:
    run(PEOPLE, TWO, "DROP DATABASE IF EXISTS other", "CREATE DATABASE other",
        "CREATE TABLE other.people (id int PRIMARY KEY, person int NOT NULL, "
        "FOREIGN KEY (person) REFERENCES core.people (id) ON DELETE CASCADE)",
        "INSERT INTO other.people VALUES (1, 1)")  # fmt: skip
    assert erase(core(url, people()))["people"].masked == 1
    assert run("SELECT * FROM other.people", "SELECT * FROM other.people") == [(1, 1)]
    run("DROP DATABASE other")


def test_what_goes_on_holding_copies_is_told_and_cleaned_when_asked_for(url: str, run: Run) -> None:
    run(PEOPLE, TWO)
    told = erase(core(url, people()))["people"].not_covered
    assert any("free space inside of people" in one for one in told) and any("binary log" in one for one in told)
    run("INSERT INTO people VALUES (1, 'anna@x.org', 'Anna')")
    assert not any("free space" in one for one in erase(core(url, people(), vacuum="yes"))["people"].not_covered)


def test_a_table_that_may_not_be_read_is_told_apart_from_an_empty_one(url: str, run: Run) -> None:
    run(PEOPLE, TWO, "CREATE TABLE free (id int PRIMARY KEY)",
        "CREATE OR REPLACE USER clerk@localhost IDENTIFIED BY 'hunter2'",
        "GRANT SELECT ON core.free TO clerk@localhost")  # fmt: skip
    clerk = url.replace("root@", "clerk:hunter2@")
    source = core(clerk, people())
    with pytest.raises(OmbudError) as caught:
        source.count(people(), [match("email", "anna@x.org", form="email")])
    assert "hunter2" not in str(caught.value) and "anna" not in str(caught.value)
    assert erase(source)["people"].state is State.FAILED
    run("GRANT SELECT, UPDATE, DELETE ON core.people TO clerk@localhost")
    assert erase(core(clerk, people()))["people"].state is State.ERASED
    with pytest.raises(OmbudError, match="user or the password") as caught:
        core(clerk.replace("hunter2", "hunter3"), people()).count(people(), [match("id", 1)])
    assert "hunter3" not in str(caught.value)


def test_a_writer_in_the_way_is_waited_for(url: str, run: Run) -> None:
    run(PEOPLE, TWO, "SET GLOBAL innodb_lock_wait_timeout = 1")
    engine = create_engine(url.replace("mariadb://", "mariadb+pymysql://"))
    said: list[dict[str, Outcome]] = []
    with engine.connect() as other:
        other.execute(text("UPDATE people SET name = 'x' WHERE id = 1"))
        worker = threading.Thread(target=lambda: said.append(erase(core(url, people()))))
        worker.start()
        worker.join(1.5)  # by now the server has told it once that it waited long enough
        assert worker.is_alive()
        other.commit()
        worker.join()
    engine.dispose()
    run("SET GLOBAL innodb_lock_wait_timeout = 50")
    assert said[0]["people"].state is State.ERASED


def test_a_statement_that_takes_too_long_is_ended(url: str, run: Run) -> None:
    run("CREATE TABLE n (id int PRIMARY KEY)", "INSERT INTO n SELECT seq FROM seq_1_to_3000",
        "CREATE VIEW slow AS SELECT a.id FROM n a, n b, n c WHERE a.id + b.id * c.id = -1")  # fmt: skip
    slow = people(name="slow", table="slow", identities={}, columns={})
    source = core(url, slow, timeout="1")
    with pytest.raises(OmbudError, match="did not answer in time"):
        source.count(slow, [match("id", *range(400))])
    source.close()
